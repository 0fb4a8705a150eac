/* SPDX-License-Identifier: MIT */
/* The queue on a real Redis. */
#include "queue_bench.h"

/* --- the tests --- */

static void test_a_user_who_waits_is_not_queued_again(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *first = NULL;

    enqueue(b, "107");
    assert_int_equal(b->how, TS_ENQUEUED);
    first = ts_strdup(b->id);
    enqueue(b, "107");
    assert_int_equal(b->how, TS_COALESCED);
    assert_string_equal(b->id, first);
    assert_cli(b, "XLEN teamsync:jobs", "1");
}

static void enqueue_mail(struct bench *b, const char *member)
{
    struct ts_job job = {.type = TS_JOB_MAIL, .org = "acme", .member = member, .cause = "api"};

    (void)b->one.queue->ops->enqueue(b->one.queue, &job, on_enqueued, b);
    wait_answer(b);
}

static void test_mails_are_queued_by_member(void **state)
{
    struct bench *b = *state;

    enqueue_mail(b, "m_1");
    enqueue_mail(b, "m_1");
    assert_int_equal(b->how, TS_COALESCED);
    take(b, &b->one);
    assert_int_equal(b->job->type, TS_JOB_MAIL);
    assert_string_equal(b->job->member, "m_1");
    enqueue_mail(b, "m_1"); /* while it runs: once more */
    assert_int_equal(b->how, TS_ENQUEUED);
    enqueue_mail(b, "m_2");
    assert_int_equal(b->how, TS_ENQUEUED);
    assert_cli(b, "XLEN teamsync:jobs", "3");
    assert_cli(b, "HLEN teamsync:jobs:pending", "3"); /* two names, and the time */
    (void)b->one.queue->ops->retry(b->one.queue, b->job, 0, "not now", on_done, b);
    wait_answer(b);
    assert_cli(b, "ZCARD teamsync:jobs:delayed", "1");
}

static void test_a_user_who_runs_is_queued_once_more(void **state)
{
    struct bench *b = *state;

    enqueue(b, "Ada@acme.example");
    take(b, &b->one);
    enqueue(b, "ada@acme.example");
    assert_int_equal(b->how, TS_ENQUEUED);
    enqueue(b, "ADA@acme.example");
    assert_int_equal(b->how, TS_COALESCED);
    finish(b, &b->one);
    assert_cli(b, "XLEN teamsync:jobs", "1");
}

static void test_a_full_queue_says_so_and_loses_nothing(void **state)
{
    struct bench *b = *state;

    for (int i = 0; i < MAX_WAITING; i++) {
        TS_AUTOFREE char *org = ts_format("org-%d", i);

        enqueue_of(b, org, "107");
        assert_int_equal(b->err.cls, TS_OK);
    }
    enqueue(b, "107");
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_cli(b, "XLEN teamsync:jobs", "50");
}

static void test_a_done_job_is_gone_and_what_follows_comes_later(void **state)
{
    struct bench *b = *state;
    struct ts_job next = {
        .type = TS_JOB_USER, .org = "acme", .user = "107", .cause = "reread", .reread = 2};
    struct ts_later later = {.job = &next, .delay_ms = 30};

    enqueue(b, "107");
    take(b, &b->one);
    (void)b->one.queue->ops->done(b->one.queue, b->job, &later, on_done, b);
    wait_answer(b);
    assert_int_equal(b->err.cls, TS_OK);
    take(b, &b->two);
    assert_string_equal(b->job->cause, "reread");
    assert_int_equal(b->job->reread, 2);
    finish(b, &b->two);
    assert_cli(b, "XLEN teamsync:jobs", "0");
    assert_cli(b, "ZCARD teamsync:jobs:delayed", "0");
}

static void test_a_job_put_off_comes_back_and_remembers(void **state)
{
    struct bench *b = *state;
    struct ts_job absent;

    enqueue(b, "107");
    take(b, &b->one);
    absent = *b->job;
    absent.seen_absent = true;
    (void)b->one.queue->ops->retry(b->one.queue, &absent, 20, "it was \"down\"", on_done, b);
    wait_answer(b);
    assert_cli(b, "XLEN teamsync:jobs", "0");
    take(b, &b->one);
    assert_int_equal(b->job->attempt, 1);
    assert_true(b->job->seen_absent);
    assert_true(b->job->first_us > 0);
    assert_string_equal(b->job->first_error, "it was \"down\"");
    finish(b, &b->one);
}

static void test_a_buried_job_is_among_the_dead_with_the_reason(void **state)
{
    struct bench *b = *state;

    enqueue(b, "107");
    take(b, &b->one);
    (void)b->one.queue->ops->bury(b->one.queue, b->job, "it cannot be done", on_done, b);
    wait_answer(b);
    assert_cli(b, "XLEN teamsync:jobs", "0");
    {
        TS_AUTOFREE char *dead = test_redis_cli(b->server, "XRANGE teamsync:jobs:dead - +");

        assert_non_null(strstr(dead, "it cannot be done"));
        assert_non_null(strstr(dead, "107"));
    }
}

static void test_nonsense_is_buried_and_the_next_job_is_given(void **state)
{
    struct bench *b = *state;

    free(test_redis_cli(b->server, "XADD teamsync:jobs '*' type wedding org acme"));
    free(test_redis_cli(b->server,
                        "XADD teamsync:jobs '*' type user org acme user ada@acme.example"));
    take(b, &b->one);
    assert_int_equal(b->taken, 1);
    assert_string_equal(b->job->user, "ada@acme.example");
    assert_string_equal(b->job->cause, "manual");
    finish(b, &b->one);
    assert_true(TEST_WAIT(b->loop, is_count(b, "XLEN teamsync:jobs:dead", 1)));
    {
        TS_AUTOFREE char *dead = test_redis_cli(b->server, "XRANGE teamsync:jobs:dead - +");

        assert_non_null(strstr(dead, "unknown type"));
    }
    assert_cli(b, "XLEN teamsync:jobs", "0");
}

static void test_the_job_of_a_dead_worker_is_taken_over_and_lost_to_it(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE struct ts_job *first = NULL;

    enqueue(b, "107");
    take(b, &b->one);
    first = ts_job_dup(b->job);
    take(b, &b->two); /* after claim_after */
    assert_string_equal(b->job->id, first->id);
    (void)b->one.queue->ops->done(b->one.queue, first, NULL, on_done, b);
    wait_answer(b);
    assert_int_equal(b->err.cls, TS_NOT_FOUND);
    assert_cli(b, "XLEN teamsync:jobs", "1");
    finish(b, &b->two);
    assert_int_equal(b->err.cls, TS_OK);
    finish(b, &b->two);
    assert_int_equal(b->err.cls, TS_NOT_FOUND);
}

static void test_a_cancelled_take_loses_nothing(void **state)
{
    struct bench *b = *state;
    struct ts_op *op = b->one.queue->ops->take(b->one.queue, 4, on_taken, b);

    for (int i = 0; i < 20; i++)
        ts_loop_turn(b->loop, 5);
    enqueue(b, "107");
    ts_op_cancel(&op);
    take(b, &b->one);
    assert_string_equal(b->job->user, "107");
    assert_int_equal(b->taken, 1);
    finish(b, &b->one);
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_it_works_on_when_redis_was_away_or_emptied(void **state)
{
    struct bench *b = *state;

    (void)b->one.queue->ops->take(b->one.queue, 4, on_taken, b);
    for (int i = 0; i < 20; i++)
        ts_loop_turn(b->loop, 5);
    test_redis_kill(b->server);
    test_redis_restart(b->server);
    assert_true(
        TEST_WAIT(b->loop, ts_redis_is_up(b->one.redis) && ts_redis_is_up(b->one.blocking)));
    free(test_redis_cli(b->server, "XADD teamsync:jobs '*' type resync org acme"));
    wait_answer(b);
    assert_int_equal(b->job->type, TS_JOB_RESYNC);
    free(test_redis_cli(b->server, "FLUSHALL"));
    finish(b, &b->one);
    assert_int_equal(b->err.cls, TS_NOT_FOUND);
    enqueue(b, "108");
    take(b, &b->one);
    assert_string_equal(b->job->user, "108");
}

static void enqueue_users(struct bench *b, int count)
{
    for (int i = 0; i < count; i++) {
        TS_AUTOFREE char *user = ts_format("u%d", i);

        enqueue(b, user);
        assert_int_equal(b->err.cls, TS_OK);
    }
}

static uint64_t depth(struct bench *b)
{
    (void)b->one.queue->ops->stats(b->one.queue, on_stats, b);
    wait_answer(b);
    return b->stats.depth;
}

static void test_a_backlog_of_users_turns_into_one_resync(void **state)
{
    struct bench *b = *state;

    enqueue_users(b, 20);
    assert_int_equal(depth(b), 20);
    enqueue_users(b, 24); /* 20 of them wait already */
    assert_int_equal(depth(b), 25);
    take(b, &b->one);
    assert_int_equal(b->job->type, TS_JOB_RESYNC);
    assert_string_equal(b->job->cause, "backlog");
    enqueue(b, "late"); /* later than the listing's beginning: not covered by it */
    take(b, &b->two);
    assert_string_equal(b->job->user, "late");
    assert_int_equal(depth(b), 2);
}

static void test_a_large_directory_bears_a_larger_backlog(void **state)
{
    struct bench *b = *state;

    free(test_redis_cli(b->server, "HSET teamsync:connection:acme directory_users 6001"));
    enqueue_users(b, 26);
    assert_int_equal(depth(b), 26);
    enqueue(b, "one more");
    assert_int_equal(depth(b), 28);
}

static void keep_timer(struct bench *b, const struct ts_later *later)
{
    (void)b->one.queue->ops->keep_timer(b->one.queue, later, on_done, b);
    wait_answer(b);
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_timer_that_waits_keeps_its_time(void **state)
{
    struct bench *b = *state;
    struct ts_job job = {
        .type = TS_JOB_RESYNC, .org = "acme", .cause = "schedule", .is_timer = true};
    struct ts_later soon = {.job = &job, .delay_ms = 10};
    struct ts_later late = {.job = &job, .delay_ms = 3600000};

    keep_timer(b, &soon);
    keep_timer(b, &late);
    take(b, &b->one);
    assert_int_equal(b->job->type, TS_JOB_RESYNC);
    assert_string_equal(b->job->cause, "schedule");
}

static void test_the_figures_tell_how_it_stands(void **state)
{
    struct bench *b = *state;
    struct ts_job job = {.type = TS_JOB_RESYNC, .org = "acme", .is_timer = true};
    struct ts_later later = {.job = &job, .delay_ms = 60000};

    enqueue(b, "107");
    take(b, &b->one);
    enqueue(b, "108");
    keep_timer(b, &later);
    keep_timer(b, &later);
    (void)b->one.queue->ops->stats(b->one.queue, on_stats, b);
    wait_answer(b);
    assert_int_equal(b->stats.depth, 2);
    assert_int_equal(b->stats.running, 1);
    assert_int_equal(b->stats.delayed, 1);
    assert_int_equal(b->stats.dead, 0);
    assert_int_equal(b->stats.max_waiting, MAX_WAITING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_backlog_of_users_turns_into_one_resync),
        TEST(test_a_large_directory_bears_a_larger_backlog),
        TEST(test_a_timer_that_waits_keeps_its_time),
        TEST(test_a_user_who_waits_is_not_queued_again),
        TEST(test_mails_are_queued_by_member),
        TEST(test_a_user_who_runs_is_queued_once_more),
        TEST(test_a_full_queue_says_so_and_loses_nothing),
        TEST(test_a_done_job_is_gone_and_what_follows_comes_later),
        TEST(test_a_job_put_off_comes_back_and_remembers),
        TEST(test_a_buried_job_is_among_the_dead_with_the_reason),
        TEST(test_nonsense_is_buried_and_the_next_job_is_given),
        TEST(test_the_job_of_a_dead_worker_is_taken_over_and_lost_to_it),
        TEST(test_a_cancelled_take_loses_nothing),
        TEST(test_it_works_on_when_redis_was_away_or_emptied),
        TEST(test_the_figures_tell_how_it_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
