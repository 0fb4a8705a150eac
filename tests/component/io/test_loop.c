/* SPDX-License-Identifier: MIT */
/* Timers, signals, and calls on the next turn. */
#include "io/io_internal.h"
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/mem.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

struct bench {
    struct ts_loop *loop;
    struct ts_timer *timer;
    struct ts_turn first;
    struct ts_turn second;
    unsigned calls;
    uint64_t called_ms;
    char order[16];
};

static int setup(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));

    b->loop = ts_loop_new();
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    ts_timer_free(b->timer);
    ts_loop_free(b->loop);
    free(b);
    return 0;
}

static void on_call(void *arg)
{
    struct bench *b = arg;

    b->calls++;
    b->called_ms = ts_now_ms();
}

static void on_call_stop(void *arg)
{
    struct bench *b = arg;

    b->calls++;
    ts_loop_stop(b->loop);
}

enum { TICK_MS = 10 }; /* libevent reads a clock that moves in ticks, 4 or 10 ms each */

static void test_a_timer_fires_once_when_its_time_has_come(void **state)
{
    struct bench *b = *state;
    uint64_t began = ts_now_ms();

    b->timer = ts_timer_new(b->loop, on_call, b);
    assert_false(ts_timer_is_set(b->timer));
    ts_timer_set(b->timer, 30);
    assert_true(ts_timer_is_set(b->timer));
    assert_true(TEST_WAIT(b->loop, b->calls == 1));
    assert_in_range(b->called_ms - began, 30 - TICK_MS, 5000);
    assert_false(ts_timer_is_set(b->timer));
    ts_loop_turn(b->loop, 50);
    assert_int_equal(b->calls, 1);
}

static void test_a_timer_is_moved_cleared_and_forgotten(void **state)
{
    struct bench *b = *state;
    struct ts_timer *other = ts_timer_new(b->loop, on_call, b);
    uint64_t began = ts_now_ms();

    b->timer = ts_timer_new(b->loop, on_call, b);
    ts_timer_set(b->timer, 60000);
    ts_timer_set(b->timer, 40); /* moved, not doubled */
    ts_timer_set(other, 0);
    ts_timer_clear(other);
    ts_timer_clear(other);
    assert_false(ts_timer_is_set(other));
    assert_true(TEST_WAIT(b->loop, b->calls == 1));
    assert_in_range(b->called_ms - began, 40 - TICK_MS, 5000);
    ts_timer_set(other, 0);
    ts_timer_free(other);
    ts_timer_free(NULL);
    ts_loop_turn(b->loop, 20);
    assert_int_equal(b->calls, 1);
}

static void test_no_delay_means_the_next_turn(void **state)
{
    struct bench *b = *state;

    b->timer = ts_timer_new(b->loop, on_call, b);
    ts_timer_set(b->timer, 0);
    assert_int_equal(b->calls, 0);
    ts_loop_turn(b->loop, 10000);
    assert_int_equal(b->calls, 1);
}

static void on_call_free(void *arg)
{
    struct bench *b = arg;

    b->calls++;
    ts_timer_free(TS_STEAL(b->timer));
}

static void test_a_timer_may_be_freed_by_what_it_calls(void **state)
{
    struct bench *b = *state;

    b->timer = ts_timer_new(b->loop, on_call_free, b);
    ts_timer_set(b->timer, 1);
    assert_true(TEST_WAIT(b->loop, b->calls == 1));
}

static void test_the_loop_runs_until_it_is_stopped(void **state)
{
    struct bench *b = *state;

    b->timer = ts_timer_new(b->loop, on_call_stop, b);
    ts_timer_set(b->timer, 20);
    ts_loop_run(b->loop);
    assert_int_equal(b->calls, 1);
    ts_timer_set(b->timer, 1);
    ts_loop_run(b->loop); /* and again */
    assert_int_equal(b->calls, 2);
}

static void test_a_turn_waits_no_longer_than_it_may(void **state)
{
    struct bench *b = *state;
    uint64_t began = ts_now_ms();

    ts_loop_turn(b->loop, 0);
    assert_true(ts_now_ms() - began < 1000);
    ts_loop_turn(b->loop, 30);
    assert_in_range(ts_now_ms() - began, 29, 5000);
}

static void test_every_signal_calls(void **state)
{
    struct bench *b = *state;

    ts_loop_on_signal(b->loop, SIGUSR1, on_call, b);
    ts_loop_on_signal(b->loop, SIGUSR2, on_call_stop, b);
    for (unsigned i = 1; i <= 3; i++) {
        assert_int_equal(raise(SIGUSR1), 0);
        assert_true(TEST_WAIT(b->loop, b->calls == i));
    }
    assert_int_equal(raise(SIGUSR2), 0);
    ts_loop_run(b->loop);
    assert_int_equal(b->calls, 4);
}

static void test_a_lost_peer_does_not_end_the_process(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    (void)close(ends[0]);
    assert_int_equal(write(ends[1], "x", 1), -1); /* would be SIGPIPE */
    (void)close(ends[1]);
}

static void note(struct bench *b, const char *what)
{
    size_t length = strlen(b->order);

    assert_true(length + 1 < sizeof(b->order));
    b->order[length] = *what;
}

static void on_second(void *arg)
{
    note(arg, "2");
}

static void on_first(void *arg)
{
    struct bench *b = arg;

    note(b, "1");
    assert_false(b->first.is_waiting);
    if (strlen(b->order) < 4)
        ts_turn_plan(b->loop, &b->first, on_first, b); /* behind what is already planned */
}

static void test_turns_run_in_order_and_not_from_within_the_plan(void **state)
{
    struct bench *b = *state;

    ts_turn_plan(b->loop, &b->first, on_first, b);
    ts_turn_plan(b->loop, &b->second, on_second, b);
    assert_string_equal(b->order, "");
    assert_true(TEST_WAIT(b->loop, strlen(b->order) == 4));
    assert_string_equal(b->order, "1211");
}

static void on_cancel_second(void *arg)
{
    struct bench *b = arg;

    note(b, "x");
    ts_turn_cancel(b->loop, &b->second);
}

static void test_a_turn_is_cancelled_even_by_the_one_before_it(void **state)
{
    struct bench *b = *state;

    ts_turn_cancel(b->loop, &b->second); /* never planned */
    ts_turn_plan(b->loop, &b->first, on_cancel_second, b);
    ts_turn_plan(b->loop, &b->second, on_second, b);
    ts_loop_turn(b->loop, 20);
    ts_loop_turn(b->loop, 20);
    assert_string_equal(b->order, "x");
    ts_turn_plan(b->loop, &b->second, on_second, b);
    assert_true(TEST_WAIT(b->loop, b->order[1] == '2'));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_timer_fires_once_when_its_time_has_come),
        TEST(test_a_timer_is_moved_cleared_and_forgotten),
        TEST(test_no_delay_means_the_next_turn),
        TEST(test_a_timer_may_be_freed_by_what_it_calls),
        TEST(test_the_loop_runs_until_it_is_stopped),
        TEST(test_a_turn_waits_no_longer_than_it_may),
        TEST(test_every_signal_calls),
        TEST(test_a_lost_peer_does_not_end_the_process),
        TEST(test_turns_run_in_order_and_not_from_within_the_plan),
        TEST(test_a_turn_is_cancelled_even_by_the_one_before_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
