/* SPDX-License-Identifier: MIT */
/* The worker: how many flows at once, which flow for which job, and draining. */
#include "story.h"

#include "teamsync/metrics.h"

#include <stdio.h>
#include <string.h>

static const struct ts_job jobs[] = {
    {.id = "1-0", .type = TS_JOB_USER, .org = "acme", .user = "107"},
    {.id = "2-0", .type = TS_JOB_RESYNC, .org = "beta"},
    {.id = "3-0", .type = TS_JOB_CHANNELS, .org = "gamma"},
};

/* Every job is disabled: connection, done. */
static struct fake_ports *quiet_ports(size_t job_count)
{
    struct fake_ports *ports = fake_ports_new();

    ports->connection.state = TS_CONNECTION_CONNECTED;
    ports->jobs = jobs;
    ports->job_count = job_count;
    return ports;
}

static void count(void *arg)
{
    ++*(unsigned *)arg;
}

static void test_it_takes_as_many_as_there_is_room_for(void **state)
{
    struct fake_ports *ports = quiet_ports(3);
    struct ts_worker *worker = ts_worker_new(&ports->env, 2);

    (void)state;
    ts_worker_start(worker);
    fake_fire(ports); /* the take: two of the three */
    assert_int_equal(ts_worker_running(worker), 2);
    assert_string_equal(fake_transcript(ports), "take 2;connection acme;connection beta;");
    for (unsigned i = 0; i < 3; i++)
        fake_fire(ports); /* both connections, and the first one's end */
    assert_int_equal(ts_worker_running(worker), 1);
    assert_string_equal(fake_transcript(ports),
                        "take 2;connection acme;connection beta;done;done;let go 1-0;take 1;");
    ts_worker_free(worker);
    fake_ports_free(ports);
}

static void test_each_type_has_its_flow_and_is_counted(void **state)
{
    struct fake_ports *ports = quiet_ports(3);
    struct ts_worker *worker = ts_worker_new(&ports->env, 8);
    struct ts_buf text;

    (void)state;
    ts_metrics_reset();
    ts_worker_start(worker);
    fake_run(ports);
    assert_int_equal(ts_worker_running(worker), 0);
    ts_buf_init(&text, 1 << 16);
    ts_metrics_write(&text);
    for (size_t i = 0; i < TS_COUNT_OF(jobs); i++) {
        const char *type = ts_job_type_name(jobs[i].type);
        TS_AUTOFREE char *total =
            ts_format("teamsync_jobs_total{type=\"%s\",outcome=\"disabled\"} 1\n", type);
        TS_AUTOFREE char *seconds = ts_format("teamsync_job_seconds_count{type=\"%s\"} 1\n", type);

        assert_non_null(strstr(text.data, total));
        assert_non_null(strstr(text.data, seconds));
    }
    ts_buf_done(&text);
    ts_metrics_reset();
    ts_worker_free(worker);
    fake_ports_free(ports);
}

static void test_only_one_request_for_jobs_is_open(void **state)
{
    struct fake_ports *ports = quiet_ports(2);
    struct ts_worker *worker = ts_worker_new(&ports->env, 8);

    (void)state;
    ts_worker_start(worker);
    ts_worker_start(worker);
    fake_run(ports);
    assert_int_equal(fake_held(ports), 1);
    assert_string_equal(fake_next(ports), "take");
    ts_worker_free(worker);
    fake_ports_free(ports);
}

static void test_draining_waits_for_what_runs_and_takes_no_more(void **state)
{
    struct fake_ports *ports = quiet_ports(2);
    struct ts_worker *worker = ts_worker_new(&ports->env, 8);
    unsigned drained = 0;

    (void)state;
    ts_worker_start(worker);
    fake_fire(ports);
    ports->jobs = jobs;
    ports->job_count = 1;
    ts_worker_drain(worker, count, &drained);
    assert_int_equal(drained, 0);
    assert_int_equal(ts_worker_running(worker), 2);
    fake_run(ports);
    assert_int_equal(drained, 1);
    assert_int_equal(fake_held(ports), 0);
    assert_int_equal(ports->job_count, 1);
    ts_worker_free(worker);
    fake_ports_free(ports);
}

static void test_an_idle_worker_is_drained_when_it_has_left_the_queue(void **state)
{
    struct fake_ports *ports = quiet_ports(0);
    struct ts_worker *worker = ts_worker_new(&ports->env, 8);
    unsigned drained = 0;

    (void)state;
    ts_worker_start(worker);
    ts_worker_drain(worker, count, &drained);
    assert_int_equal(drained, 0);
    assert_string_equal(fake_transcript(ports), "take 8;leave;");
    fake_fire(ports);
    assert_int_equal(drained, 1);
    assert_int_equal(fake_held(ports), 0);
    ts_worker_free(worker);
    fake_ports_free(ports);
}

static void free_worker(void *arg)
{
    ts_worker_free(*(struct ts_worker **)arg);
}

static void test_the_drained_callback_may_free_the_worker(void **state)
{
    struct fake_ports *ports = quiet_ports(1);
    struct ts_worker *worker = ts_worker_new(&ports->env, 1);

    (void)state;
    ts_worker_start(worker);
    fake_fire(ports);
    ts_worker_drain(worker, free_worker, &worker);
    fake_run(ports);
    assert_int_equal(fake_held(ports), 0);
    fake_ports_free(ports);
}

static void test_freeing_cancels_what_runs(void **state)
{
    struct fake_ports *ports = quiet_ports(3);
    struct ts_worker *worker = ts_worker_new(&ports->env, 8);

    (void)state;
    ts_worker_start(worker);
    fake_fire(ports);
    assert_int_equal(fake_held(ports), 4);
    ts_worker_free(worker);
    assert_int_equal(fake_held(ports), 0);
    ts_worker_free(NULL);
    fake_ports_free(ports);
}

enum { MANY = 64, HEALTHY = 50, PLACES = 32 };

/* The crowd: `hanging` orgs with ten jobs each, then one job of each of fifty others. */
static size_t crowd(struct ts_job *ret_jobs, char texts[][2][16], size_t hanging)
{
    size_t count = 0;

    for (size_t i = 0; i < hanging * 10 + HEALTHY; i++) {
        bool hangs = i < hanging * 10;

        (void)snprintf(texts[i][0], sizeof(texts[i][0]), "%zu-0", i);
        (void)snprintf(texts[i][1], sizeof(texts[i][1]), "%s-%zu", hangs ? "stuck" : "org",
                       hangs ? i / 10 : i);
        ret_jobs[count++] =
            (struct ts_job){.id = texts[i][0], .type = TS_JOB_CHANNELS, .org = texts[i][1]};
    }
    return count;
}

static unsigned count_words(const struct fake_ports *ports, const char *word)
{
    unsigned found = 0;

    for (const char *at = fake_transcript(ports); (at = strstr(at, word)); at++)
        found++;
    return found;
}

static void test_an_org_that_hangs_takes_no_more_places_than_it_leaves_free(void **state)
{
    static struct ts_job many[MANY];
    struct fake_ports *ports = quiet_ports(0);
    struct ts_worker *worker = ts_worker_new(&ports->env, PLACES);
    char ids[MANY][16];

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "%zu-0", i);
        many[i] = (struct ts_job){.id = ids[i], .type = TS_JOB_CHANNELS, .org = "acme"};
    }
    ports->jobs = many;
    ports->job_count = MANY;
    ts_worker_start(worker);
    fake_fire(ports); /* nobody answers but the queue */
    assert_int_equal(ts_worker_running(worker), PLACES / 2);
    assert_int_equal(count_words(ports, "put back"), PLACES / 2);
    assert_in_range(ports->delay_ms, 1000, 2000);
    ts_worker_free(worker);
    fake_ports_free(ports);
}

/* Calls of the stuck are never answered; everybody else's are. */
static void test_three_orgs_that_hang_delay_none_of_fifty_others(void **state)
{
    static struct ts_job jobs_of_all[30 + HEALTHY];
    static char texts[30 + HEALTHY][2][16];
    struct fake_ports *ports = quiet_ports(0);
    struct ts_worker *worker = ts_worker_new(&ports->env, PLACES);

    (void)state;
    ports->jobs = jobs_of_all;
    ports->job_count = crowd(jobs_of_all, texts, 3);
    ports->stuck = "stuck";
    ts_worker_start(worker);
    fake_run(ports);
    assert_int_equal(ports->job_count, 0);
    assert_int_equal(count_words(ports, "done;"), HEALTHY);
    /* 10 of 32, 10 of 22, and of the last 12 half. */
    assert_int_equal(ts_worker_running(worker), 26);
    assert_int_equal(count_words(ports, "put back"), 4);
    ts_worker_free(worker);
    fake_ports_free(ports);
}

static void test_the_number_of_places_can_be_changed_while_running(void **state)
{
    struct fake_ports *ports = quiet_ports(3);
    struct ts_worker *worker = ts_worker_new(&ports->env, 1);

    (void)state;
    ts_worker_start(worker);
    fake_fire(ports);
    assert_int_equal(ts_worker_running(worker), 1);
    ts_worker_set_concurrency(worker, 8);
    assert_string_equal(fake_transcript(ports), "take 1;connection acme;take 7;");
    ts_worker_set_concurrency(worker, 1);
    fake_run(ports);
    assert_int_equal(ts_worker_running(worker), 0);
    assert_string_equal(fake_next(ports), "take");
    ts_worker_free(worker);
    fake_ports_free(ports);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_takes_as_many_as_there_is_room_for),
        cmocka_unit_test(test_each_type_has_its_flow_and_is_counted),
        cmocka_unit_test(test_only_one_request_for_jobs_is_open),
        cmocka_unit_test(test_draining_waits_for_what_runs_and_takes_no_more),
        cmocka_unit_test(test_an_idle_worker_is_drained_when_it_has_left_the_queue),
        cmocka_unit_test(test_the_drained_callback_may_free_the_worker),
        cmocka_unit_test(test_freeing_cancels_what_runs),
        cmocka_unit_test(test_an_org_that_hangs_takes_no_more_places_than_it_leaves_free),
        cmocka_unit_test(test_three_orgs_that_hang_delay_none_of_fifty_others),
        cmocka_unit_test(test_the_number_of_places_can_be_changed_while_running),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
