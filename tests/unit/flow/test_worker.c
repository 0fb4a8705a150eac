/* SPDX-License-Identifier: MIT */
/* The worker: how many flows at once, which flow for which job, and draining. */
#include "story.h"

#include "teamsync/metrics.h"

static const struct ts_job jobs[] = {
    {.id = "1-0", .type = TS_JOB_USER, .org = "acme", .user = "107"},
    {.id = "2-0", .type = TS_JOB_RESYNC, .org = "acme"},
    {.id = "3-0", .type = TS_JOB_CHANNELS, .org = "acme"},
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
    assert_string_equal(fake_transcript(ports), "take 2;connection acme;connection acme;");
    for (unsigned i = 0; i < 3; i++)
        fake_fire(ports); /* both connections, and the first one's end */
    assert_int_equal(ts_worker_running(worker), 1);
    assert_string_equal(fake_transcript(ports),
                        "take 2;connection acme;connection acme;done;done;take 1;");
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

static void test_an_idle_worker_is_drained_at_once(void **state)
{
    struct fake_ports *ports = quiet_ports(0);
    struct ts_worker *worker = ts_worker_new(&ports->env, 8);
    unsigned drained = 0;

    (void)state;
    ts_worker_start(worker);
    ts_worker_drain(worker, count, &drained);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_takes_as_many_as_there_is_room_for),
        cmocka_unit_test(test_each_type_has_its_flow_and_is_counted),
        cmocka_unit_test(test_only_one_request_for_jobs_is_open),
        cmocka_unit_test(test_draining_waits_for_what_runs_and_takes_no_more),
        cmocka_unit_test(test_an_idle_worker_is_drained_at_once),
        cmocka_unit_test(test_the_drained_callback_may_free_the_worker),
        cmocka_unit_test(test_freeing_cancels_what_runs),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
