/* SPDX-License-Identifier: MIT */
/* The queue when Redis does not hear, does not answer, or has no memory left; and when a worker
 * leaves, or dies of a job. Taking over takes a minute here: nothing below waits for that. */
#include "queue/queue_internal.h"
#include "queue_bench.h"

enum { LONG_MS = 60000 };

extern const char ts_lua_queue_tidy[];

static int setup_patient(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));

    b->server = test_redis_start();
    b->loop = ts_loop_new();
    open_peer(b, &b->one, "one", LONG_MS);
    open_peer(b, &b->two, "two", LONG_MS);
    *state = b;
    return 0;
}

static void let_go(struct bench *b, struct peer *peer)
{
    peer->queue->ops->let_go(peer->queue, b->job->id);
}

static void turn(struct bench *b, uint64_t ms)
{
    uint64_t until = ts_now_ms() + ms;

    while (ts_now_ms() < until)
        ts_loop_turn(b->loop, 10);
}

static struct ts_op *start_take(struct bench *b, struct peer *peer)
{
    return peer->queue->ops->take(peer->queue, 4, on_taken, b);
}

static void begin_to_take(struct bench *b)
{
    (void)start_take(b, &b->one);
    assert_true(TEST_WAIT(b->loop, is_count(b, "EXISTS teamsync:jobs", 1)));
    turn(b, 50); /* now it waits for a job */
}

static void test_a_job_whose_delivery_was_lost_on_the_way_is_found_at_once(void **state)
{
    struct bench *b = *state;

    begin_to_take(b);
    free(test_redis_cli(b->server, "CLIENT PAUSE 600 WRITE"));
    free(test_redis_cli(b->server, "CLIENT KILL TYPE normal SKIPME yes"));
    {
        /* What the dead connection had still asked for. */
        TS_AUTOFREE char *out = test_redis_cli(
            b->server,
            "EVAL \"redis.call('XADD', 'teamsync:jobs', '*', 'type', 'resync', 'org', "
            "'acme') return redis.call('XREADGROUP', 'GROUP', 'workers', 'one', 'STREAMS', "
            "'teamsync:jobs', '>')[1][1]\" 0");

        assert_string_equal(out, "teamsync:jobs");
    }
    wait_answer(b);
    assert_int_equal(b->job->type, TS_JOB_RESYNC);
    assert_true(b->job->first_us > 0);
    finish(b, &b->one);
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_job_whose_end_redis_did_not_hear_is_given_again(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *id = NULL;

    enqueue(b, "107");
    take(b, &b->one);
    id = ts_strdup(b->job->id);
    free(test_redis_cli(b->server, "CLIENT PAUSE 100000 WRITE"));
    finish(b, &b->one);
    assert_int_equal(b->err.cls, TS_RETRY);
    let_go(b, &b->one);
    free(test_redis_cli(b->server,
                        "CLIENT KILL TYPE normal SKIPME yes")); /* what was sent is void */
    free(test_redis_cli(b->server, "CLIENT UNPAUSE"));
    take(b, &b->one);
    assert_string_equal(b->job->id, id);
    finish(b, &b->one);
    assert_int_equal(b->err.cls, TS_OK);
    assert_cli(b, "HLEN teamsync:jobs:pending", "1"); /* taken_us: nothing is remembered of it */
}

static void test_a_job_that_still_runs_is_not_given_twice(void **state)
{
    struct bench *b = *state;

    enqueue(b, "107");
    take(b, &b->one);
    assert_int_equal(b->taken, 1);
    begin_to_take(b);
    free(test_redis_cli(b->server, "CLIENT KILL TYPE normal SKIPME yes"));
    turn(b, 500);
    assert_int_equal(b->taken, 1);
    free(test_redis_cli(b->server, "XADD teamsync:jobs '*' type resync org acme"));
    wait_answer(b);
    assert_int_equal(b->job->type, TS_JOB_RESYNC);
    assert_int_equal(b->taken, 2);
}

static void test_a_running_job_that_somebody_deleted_leaves_no_trace(void **state)
{
    struct bench *b = *state;

    enqueue(b, "107");
    take(b, &b->one);
    let_go(b, &b->one);
    free(test_redis_cli(b->server, "XDEL teamsync:jobs %s", b->job->id));
    begin_to_take(b);
    free(test_redis_cli(b->server, "CLIENT KILL TYPE normal SKIPME yes"));
    assert_true(TEST_WAIT(
        b->loop,
        is_count(b, "EVAL \"return redis.call('XPENDING', KEYS[1], 'workers')[1]\" 1 teamsync:jobs",
                 0)));
    assert_cli(b, "XLEN teamsync:jobs:dead", "0");
    assert_int_equal(b->taken, 1);
}

static void test_without_memory_nothing_is_accepted_and_no_job_begins(void **state)
{
    struct bench *b = *state;

    enqueue(b, "107");
    free(test_redis_cli(b->server, "CONFIG SET maxmemory 1"));
    enqueue(b, "108");
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_non_null(strstr(b->err.text, "OOM"));
    (void)start_take(b, &b->one);
    turn(b, 500);
    assert_int_equal(b->taken, 0);
    free(test_redis_cli(b->server, "CONFIG SET maxmemory 0"));
    wait_answer(b);
    assert_string_equal(b->job->user, "107");
    finish(b, &b->one);
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_whoever_leaves_gives_back_what_was_not_begun(void **state)
{
    struct bench *b = *state;
    struct ts_op *op;

    begin_to_take(b);
    enqueue(b, "107"); /* and taken */
    wait_answer(b);
    finish(b, &b->one);
    op = start_take(b, &b->one);
    turn(b, 50);
    ts_op_cancel(&op);
    enqueue(b, "108"); /* comes in behind the cancelled take's back */
    (void)b->one.queue->ops->leave(b->one.queue, on_done, b);
    wait_answer(b);
    take(b, &b->two);
    assert_string_equal(b->job->user, "108");
    assert_int_equal(b->job->attempt, 0);
    finish(b, &b->two);
    assert_int_equal(b->err.cls, TS_OK);
    assert_cli(b, "XLEN teamsync:jobs", "0");
}

static void test_a_job_put_back_comes_again_as_if_it_had_not_been_taken(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE struct ts_job *first = NULL;

    enqueue(b, "107");
    take(b, &b->one);
    first = ts_job_dup(b->job);
    (void)b->one.queue->ops->put_back(b->one.queue, first, 10, on_done, b);
    wait_answer(b);
    take(b, &b->two);
    assert_string_equal(b->job->user, "107");
    assert_int_equal(b->job->attempt, 0);
    assert_int_equal(b->job->first_us, first->first_us);
    assert_true(b->job->taken_us > b->job->first_us);
}

/* Each worker takes it over from the one before, which has died of it, in effect. */
static void test_a_job_that_ended_ten_workers_is_buried(void **state)
{
    struct bench *b = *state;

    enqueue(b, "107");
    take(b, &b->one);
    free(test_redis_cli(b->server, "HSET teamsync:jobs:pending taken:%s 9", b->job->id));
    take(b, &b->two); /* the tenth time */
    assert_string_equal(b->job->user, "107");
    let_go(b, &b->one);
    (void)start_take(b, &b->one);
    assert_true(TEST_WAIT(b->loop, is_count(b, "XLEN teamsync:jobs:dead", 1)));
    assert_cli(b, "XLEN teamsync:jobs", "0");
    assert_cli(b, "HLEN teamsync:jobs:pending", "1");
    assert_int_equal(b->taken, 2);
}

/* Redis was in trouble, not the worker. */
static void test_a_job_whose_end_is_not_heard_again_and_again_is_not_buried(void **state)
{
    struct bench *b = *state;

    enqueue(b, "107");
    for (int i = 0; i < 12; i++) {
        take(b, &b->one);
        assert_string_equal(b->job->user, "107");
        let_go(b, &b->one);
        ts_queue_expect_strays(TS_CONTAINER_OF(b->one.queue, struct redis_queue, port));
    }
    assert_cli(b, "XLEN teamsync:jobs:dead", "0");
}

static void on_tidied(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    (void)reply;
    on_done(err, arg);
}

static void test_workers_that_are_gone_are_forgotten_unless_they_hold_a_job(void **state)
{
    struct bench *b = *state;
    struct ts_redis_script script = {.source = ts_lua_queue_tidy};
    const char *keys[] = {"teamsync:jobs", NULL};
    const char *words[] = {"100", NULL};

    enqueue(b, "107");
    take(b, &b->two); /* and never heard of again */
    free(test_redis_cli(b->server, "XGROUP CREATECONSUMER teamsync:jobs workers ghost"));
    turn(b, 150);
    (void)ts_redis_eval(b->one.redis, &script, keys, words, on_tidied, b);
    wait_answer(b);
    assert_int_equal(b->err.cls, TS_OK);
    {
        TS_AUTOFREE char *left = test_redis_cli(b->server, "XINFO CONSUMERS teamsync:jobs workers");

        assert_null(strstr(left, "ghost"));
        assert_non_null(strstr(left, "two"));
    }
    assert_cli(b, "XLEN teamsync:jobs", "1");
}

#define PATIENT(name) cmocka_unit_test_setup_teardown(name, setup_patient, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PATIENT(test_a_job_whose_delivery_was_lost_on_the_way_is_found_at_once),
        PATIENT(test_a_job_whose_end_redis_did_not_hear_is_given_again),
        PATIENT(test_a_job_that_still_runs_is_not_given_twice),
        PATIENT(test_a_running_job_that_somebody_deleted_leaves_no_trace),
        PATIENT(test_without_memory_nothing_is_accepted_and_no_job_begins),
        PATIENT(test_whoever_leaves_gives_back_what_was_not_begun),
        PATIENT(test_a_job_put_back_comes_again_as_if_it_had_not_been_taken),
        TEST(test_a_job_that_ended_ten_workers_is_buried),
        PATIENT(test_a_job_whose_end_is_not_heard_again_and_again_is_not_buried),
        PATIENT(test_workers_that_are_gone_are_forgotten_unless_they_hold_a_job),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
