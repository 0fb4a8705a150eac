/* SPDX-License-Identifier: MIT */
/* The runs of full resyncs: one at a time for an org, whoever is silent loses it, and what is
 * written down. */
#include "support/own_redis.h"
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/redis.h"
#include "teamsync/runs.h"
#include "teamsync/text.h"

#include <stdio.h>
#include <string.h>

enum { LEASE_MS = 400 };

/* Two daemons, and the last answer. */
static struct world {
    struct ts_loop *loop;
    struct ts_redis *redis;
    struct ts_runs *one;
    struct ts_runs *two;
    size_t answers;
    struct ts_error err;
    uint64_t fence;
    char *run_id;
    char *text;
} w;

/* --- questions and answers --- */

static void await_answer(struct ts_op *op)
{
    size_t before = w.answers;

    assert_non_null(op);
    assert_true(TEST_WAIT(w.loop, w.answers > before));
}

static void on_lease(const struct ts_error *err, const struct ts_lease *lease, void *arg)
{
    (void)arg;
    w.answers++;
    w.err = *err;
    free(w.run_id);
    w.run_id = lease ? ts_strdup(lease->run_id) : NULL;
    w.fence = lease ? lease->fence : 0;
}

static void on_done(const struct ts_error *err, void *arg)
{
    (void)arg;
    w.answers++;
    w.err = *err;
}

/* "done schedule 3 users 1 changed; lost …", newest first */
static void on_runs(const struct ts_error *err, const struct ts_run *runs, size_t count, void *arg)
{
    struct ts_buf list;

    (void)arg;
    w.answers++;
    w.err = *err;
    ts_buf_init(&list, 1 << 16);
    for (size_t i = 0; i < count; i++)
        (void)ts_buf_addf(&list, "%s%s %s %d users %d changed", i ? "; " : "",
                          ts_run_state_name(runs[i].state), runs[i].cause, (int)runs[i].users,
                          (int)runs[i].changed);
    free(w.text);
    w.text = list.data ? list.data : ts_strdup("");
}

/* A resync job of acme that `consumer` holds. */
static struct ts_job *take(const char *consumer, const char *cause)
{
    TS_AUTOFREE char *id =
        test_redis_cli(server, "XADD teamsync:jobs '*' type resync org acme cause %s", cause);
    struct ts_job job = {.id = id, .type = TS_JOB_RESYNC, .org = "acme", .cause = cause};

    free(test_redis_cli(server, "XREADGROUP GROUP workers %s STREAMS teamsync:jobs '>'", consumer));
    return ts_job_dup(&job);
}

static void begin(struct ts_runs *runs, const struct ts_job *job)
{
    await_answer(runs->ops->begin(runs, job, on_lease, NULL));
}

static void end(struct ts_runs *runs, const struct ts_job *job, const struct ts_run *run)
{
    TS_AUTOFREE char *run_id = ts_strdup(w.run_id);
    struct ts_lease lease = {.run_id = run_id, .fence = w.fence};

    await_answer(runs->ops->end(runs, job, &lease, run, on_done, NULL));
}

static void report(struct ts_runs *runs, const struct ts_job *job, const struct ts_run *run)
{
    TS_AUTOFREE char *run_id = ts_strdup(w.run_id);
    struct ts_lease lease = {.run_id = run_id, .fence = w.fence};

    await_answer(runs->ops->report(runs, job, &lease, run, on_done, NULL));
}

static const char *list(void)
{
    await_answer(w.one->ops->list(w.one, "acme", 10, on_runs, NULL));
    return w.text;
}

static bool lease_is_over(void)
{
    TS_AUTOFREE char *there = test_redis_cli(server, "EXISTS teamsync:lease:acme");

    return strcmp(there, "0") == 0;
}

/* --- tests --- */

static void test_an_org_has_one_run_at_a_time(void **state)
{
    TS_AUTOFREE struct ts_job *first = take("one", "schedule");
    TS_AUTOFREE struct ts_job *second = take("two", "api");

    (void)state;
    begin(w.one, first);
    assert_int_equal(w.err.cls, TS_OK);
    assert_int_equal(w.fence, 1);
    end(w.one, first, &(struct ts_run){.state = TS_RUN_DONE, .users = 3, .changed = 1});
    assert_int_equal(w.err.cls, TS_OK);
    begin(w.two, second);
    assert_int_equal(w.err.cls, TS_OK);
    assert_int_equal(w.fence, 2);
    assert_string_equal(list(), "running api 0 users 0 changed; done schedule 3 users 1 changed");
}

static void test_the_second_waits_for_the_first(void **state)
{
    TS_AUTOFREE struct ts_job *first = take("one", "schedule");
    TS_AUTOFREE struct ts_job *second = take("two", "api");

    (void)state;
    begin(w.one, first);
    begin(w.two, second);
    assert_int_equal(w.err.cls, TS_RETRY);
    assert_in_range(w.err.retry_after_ms, 1, 5000);
    assert_string_equal(list(), "running schedule 0 users 0 changed");
}

static void test_a_run_that_is_silent_loses_its_right(void **state)
{
    TS_AUTOFREE struct ts_job *first = take("one", "schedule");
    TS_AUTOFREE struct ts_job *second = take("two", "api");
    TS_AUTOFREE char *silent = NULL;

    (void)state;
    begin(w.one, first);
    silent = ts_strdup(w.run_id);
    assert_true(TEST_WAIT(w.loop, lease_is_over()));
    begin(w.two, second);
    assert_int_equal(w.err.cls, TS_OK);
    assert_string_equal(list(), "running api 0 users 0 changed; lost schedule 0 users 0 changed");
    free(w.run_id);
    w.run_id = TS_STEAL(silent);
    w.fence = 1;
    report(w.one, first, &(struct ts_run){.users = 5});
    assert_int_equal(w.err.cls, TS_NOT_FOUND);
    end(w.one, first, &(struct ts_run){.state = TS_RUN_DONE, .users = 5});
    assert_int_equal(w.err.cls, TS_NOT_FOUND);
    ASSERT_REDIS("2", "HGET teamsync:lease:acme fence");
}

static void test_a_sign_of_life_keeps_job_and_lease(void **state)
{
    TS_AUTOFREE struct ts_job *job = take("one", "schedule");

    (void)state;
    begin(w.one, job);
    free(test_redis_cli(server, "PEXPIRE teamsync:lease:acme 50000"));
    free(
        test_redis_cli(server, "XCLAIM teamsync:jobs workers one 0 %s IDLE 99000 JUSTID", job->id));
    report(w.one, job, &(struct ts_run){.users = 7});
    assert_int_equal(w.err.cls, TS_OK);

    TS_AUTOFREE char *idle = test_redis_cli(
        server, "EVAL \"return redis.call('XPENDING', KEYS[1], 'workers', '-', '+', 1)[1][3]\" 1 "
                "teamsync:jobs");
    TS_AUTOFREE char *left = test_redis_cli(server, "PTTL teamsync:lease:acme");

    assert_in_range(strtol(idle, NULL, 10), 0, 90000);
    assert_in_range(strtol(left, NULL, 10), 0, LEASE_MS);
    assert_string_equal(list(), "running schedule 7 users 0 changed");
}

static void test_a_job_that_is_not_ours_begins_nothing(void **state)
{
    TS_AUTOFREE struct ts_job *job = take("two", "schedule");

    (void)state;
    begin(w.one, job);
    assert_int_equal(w.err.cls, TS_NOT_FOUND);
    assert_string_equal(list(), "");
}

static void test_the_job_of_a_dead_daemon_is_begun_anew_and_its_run_is_lost(void **state)
{
    TS_AUTOFREE struct ts_job *job = take("one", "schedule");

    (void)state;
    begin(w.one, job);
    free(test_redis_cli(server, "XCLAIM teamsync:jobs workers two 0 %s", job->id));
    begin(w.two, job);
    assert_int_equal(w.err.cls, TS_OK);
    assert_int_equal(w.fence, 2);
    assert_string_equal(list(),
                        "running schedule 0 users 0 changed; lost schedule 0 users 0 changed");
}

static void test_a_preview_takes_nobodys_place(void **state)
{
    TS_AUTOFREE struct ts_job *job = take("one", "schedule");
    TS_AUTOFREE struct ts_job *preview = take("two", "api");

    (void)state;
    preview->is_preview = true;
    begin(w.one, job);
    begin(w.two, preview);
    assert_int_equal(w.err.cls, TS_OK);
    assert_string_equal(list(),
                        "running api 0 users 0 changed; running schedule 0 users 0 changed");
    begin(w.two, preview); /* as after a crash */
    assert_string_equal(list(), "running api 0 users 0 changed; lost api 0 users 0 changed; "
                                "running schedule 0 users 0 changed");
}

static void test_only_a_run_that_is_done_is_the_last_resync(void **state)
{
    static const struct {
        enum ts_run_state state;
        bool is_preview;
        const char *users;
    } cases[] = {
        {TS_RUN_FAILED, false, ""},
        {TS_RUN_HELD, false, ""},
        {TS_RUN_DONE, true, ""},
        {TS_RUN_DONE, false, "11"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE struct ts_job *job = take("one", "schedule");

        job->is_preview = cases[i].is_preview;
        begin(w.one, job);
        assert_int_equal(w.err.cls, TS_OK);
        end(w.one, job, &(struct ts_run){.state = cases[i].state, .users = 11});
        assert_int_equal(w.err.cls, TS_OK);
        ASSERT_REDIS(cases[i].users, "HGET teamsync:connection:acme directory_users");
    }
}

static void test_a_hundred_runs_are_kept(void **state)
{
    (void)state;
    for (int i = 0; i < 105; i++) {
        TS_AUTOFREE struct ts_job *job = take("one", "schedule");

        begin(w.one, job);
        end(w.one, job, &(struct ts_run){.state = TS_RUN_DONE});
    }
    ASSERT_REDIS("100", "ZCARD teamsync:runs:acme");
    ASSERT_REDIS("100", "EVAL \"return #redis.call('KEYS', 'teamsync:run:acme:*')\" 0");
}

/* --- its life --- */

static int set_up(void **state)
{
    struct ts_redis_options options = {.url = test_redis_url(server), .key_prefix = "teamsync:"};
    const char *reason = NULL;

    (void)state;
    w = (struct world){.loop = ts_loop_new()};
    free(test_redis_cli(server, "FLUSHALL"));
    free(test_redis_cli(server, "XGROUP CREATE teamsync:jobs workers 0 MKSTREAM"));
    assert_int_equal(ts_redis_new(w.loop, &options, &w.redis, &reason), 0);
    w.one = ts_runs_redis_new(w.redis, "one", LEASE_MS);
    w.two = ts_runs_redis_new(w.redis, "two", LEASE_MS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ts_runs_redis_free(w.one);
    ts_runs_redis_free(w.two);
    ts_redis_free(w.redis);
    ts_loop_free(w.loop);
    free(w.run_id);
    free(w.text);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_org_has_one_run_at_a_time),
        TEST(test_the_second_waits_for_the_first),
        TEST(test_a_run_that_is_silent_loses_its_right),
        TEST(test_a_sign_of_life_keeps_job_and_lease),
        TEST(test_a_job_that_is_not_ours_begins_nothing),
        TEST(test_the_job_of_a_dead_daemon_is_begun_anew_and_its_run_is_lost),
        TEST(test_a_preview_takes_nobodys_place),
        TEST(test_only_a_run_that_is_done_is_the_last_resync),
        TEST(test_a_hundred_runs_are_kept),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
