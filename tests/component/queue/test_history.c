/* SPDX-License-Identifier: MIT */
/* How the queue stood, minute by minute, on a real Redis. */
#include "queue_bench.h"

enum { MINUTE_MS = 60000, DAY_MINUTES = 1440 };

struct seen {
    struct bench *bench;
    struct ts_queue_sample samples[8]; /* the first ones */
    size_t count;
};

static void on_history(const struct ts_error *err, const struct ts_queue_sample *samples,
                       size_t count, void *arg)
{
    struct seen *seen = arg;

    assert_int_equal(err->cls, TS_OK);
    for (size_t i = 0; i < count && i < TS_COUNT_OF(seen->samples); i++)
        seen->samples[i] = samples[i];
    seen->count = count;
    seen->bench->answered = true;
}

static void look(struct bench *b, struct seen *seen)
{
    *seen = (struct seen){.bench = b};
    (void)b->two.queue->ops->history(b->two.queue, on_history, seen);
    wait_answer(b);
}

/* From now on this daemon writes; what it wrote first is there. */
static void begin(struct bench *b, struct peer *peer)
{
    struct ts_op *taking = peer->queue->ops->take(peer->queue, 1, on_taken, b);

    (void)ts_loop_turn(b->loop, 0);
    (void)peer->queue->ops->stats(peer->queue, on_stats, b);
    wait_answer(b);
    ts_op_cancel(&taking);
}

static uint64_t minute_ms(struct bench *b)
{
    TS_AUTOFREE char *out = test_redis_cli(b->server, "TIME | head -n 1");
    uint64_t seconds = 0;

    assert_true(ts_text_to_u64(out, &seconds));
    return seconds / 60 * MINUTE_MS;
}

static void note(struct bench *b, uint64_t at_ms, unsigned depth)
{
    free(test_redis_cli(b->server, "XADD teamsync:queue:history %llu depth %u oldest_ms 1500",
                        (unsigned long long)at_ms, depth));
}

static void test_a_minute_is_noted_once_by_whoever_comes_first(void **state)
{
    struct bench *b = *state;
    uint64_t before_ms = minute_ms(b);
    struct seen seen;

    enqueue(b, "107");
    enqueue(b, "108");
    free(test_redis_cli(b->server, "ZADD teamsync:jobs:delayed 99999999999999 later"));
    free(test_redis_cli(b->server, "XADD teamsync:jobs:dead '*' reason none"));
    begin(b, &b->one);
    begin(b, &b->two);
    look(b, &seen);
    assert_in_range(seen.count, 1, 1 + (minute_ms(b) - before_ms) / MINUTE_MS);
    assert_in_range(seen.samples[0].at_us / 1000, before_ms, minute_ms(b));
    assert_int_equal(seen.samples[0].at_us / 1000 % MINUTE_MS, 0);
    assert_int_equal(seen.samples[0].depth, 2);
    assert_int_equal(seen.samples[0].delayed, 1);
    assert_int_equal(seen.samples[0].dead, 1);
    assert_true(seen.samples[0].is_counted);
    assert_int_equal(seen.samples[0].enqueued, 2);
}

static void test_a_day_is_kept_and_told_from_the_oldest_on(void **state)
{
    struct bench *b = *state;
    uint64_t now_ms = minute_ms(b);
    struct seen seen;

    note(b, now_ms - (DAY_MINUTES + 5) * MINUTE_MS, 1);
    note(b, now_ms - (DAY_MINUTES - 5) * MINUTE_MS, 2);
    note(b, now_ms - MINUTE_MS, 3);
    begin(b, &b->one);
    look(b, &seen);
    assert_true(seen.count >= 3);
    assert_int_equal(seen.samples[0].depth, 2);
    assert_int_equal(seen.samples[0].oldest_ms, 1500);
    assert_false(seen.samples[0].is_counted);
    assert_int_equal(seen.samples[1].depth, 3);
    assert_int_equal(seen.samples[1].at_us / 1000, now_ms - MINUTE_MS);
    assert_int_equal(seen.samples[2].depth, 0);
    assert_true(seen.samples[2].is_counted); /* though there has never been a job */
    assert_int_equal(seen.samples[2].enqueued, 0);
}

static void test_a_clock_that_was_wrong_costs_the_history_and_no_more(void **state)
{
    struct bench *b = *state;
    uint64_t now_ms = minute_ms(b);
    struct seen seen;

    note(b, now_ms + 400 * MINUTE_MS, 7);
    begin(b, &b->one);
    look(b, &seen);
    assert_in_range(seen.count, 1, 2);
    assert_int_equal(seen.samples[0].depth, 0);
}

static void test_a_minute_ahead_is_waited_for(void **state)
{
    struct bench *b = *state;
    struct seen seen;

    note(b, minute_ms(b) + 3 * MINUTE_MS, 7);
    begin(b, &b->one);
    look(b, &seen);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.samples[0].depth, 7);
}

static void test_what_cannot_be_written_is_missing_and_the_next_is_not(void **state)
{
    struct bench *b = *state;

    free(test_redis_cli(b->server, "SET teamsync:queue:history broken"));
    begin(b, &b->one);
    assert_cli(b, "GET teamsync:queue:history", "broken");
    free(test_redis_cli(b->server, "DEL teamsync:queue:history"));
    assert_true(TEST_WAIT(b->loop, !is_count(b, "XLEN teamsync:queue:history", 0)));
}

extern const char ts_lua_queue_sample[];

static void on_rest(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct bench *b = arg;

    assert_int_equal(err->cls, TS_OK);
    b->taken = (size_t)ts_reply_number(reply);
    b->answered = true;
}

static void test_the_next_one_is_due_when_the_minute_is_over(void **state)
{
    static struct ts_redis_script script = {.source = ts_lua_queue_sample};
    struct bench *b = *state;
    const char *keys[] = {"teamsync:jobs", "teamsync:jobs:delayed", "teamsync:jobs:dead",
                          "teamsync:queue:history", NULL};
    uint64_t before_ms = minute_ms(b);
    TS_AUTOFREE char *out = NULL;

    (void)ts_redis_eval(b->one.redis, &script, keys, NULL, on_rest, b);
    wait_answer(b);
    assert_in_range(b->taken, 1, MINUTE_MS);
    out = test_redis_cli(b->server, "EVAL \"local t = redis.call('TIME') return 60000 - "
                                    "(t[1] %% 60) * 1000 - math.floor(t[2] / 1000)\" 0");
    if (minute_ms(b) == before_ms) /* and not the next one by now */
        assert_in_range(b->taken, strtoull(out, NULL, 10), MINUTE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_minute_is_noted_once_by_whoever_comes_first),
        TEST(test_a_day_is_kept_and_told_from_the_oldest_on),
        TEST(test_a_clock_that_was_wrong_costs_the_history_and_no_more),
        TEST(test_a_minute_ahead_is_waited_for),
        TEST(test_what_cannot_be_written_is_missing_and_the_next_is_not),
        TEST(test_the_next_one_is_due_when_the_minute_is_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
