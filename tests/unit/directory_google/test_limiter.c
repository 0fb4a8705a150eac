/* SPDX-License-Identifier: MIT */
/* The token bucket, with the time as a number. */
#include "directory/google/limiter.h"
#include "support/test.h"

static void test_a_full_bucket_serves_a_minutes_worth_at_once(void **state)
{
    struct ts_google_limiter limiter;
    uint64_t wait = 1;

    (void)state;
    ts_google_limiter_init(&limiter, 60);
    for (int i = 0; i < 60; i++) {
        assert_true(ts_google_limiter_take(&limiter, 5000, 0, &wait));
        assert_int_equal(wait, 0);
    }
    assert_false(ts_google_limiter_take(&limiter, 5000, 0, &wait));
    assert_int_equal(wait, 1000);
}

static void test_it_refills_evenly(void **state)
{
    static const struct {
        uint64_t at_ms;
        uint64_t patience_ms;
        int taken;
        uint64_t wait_ms;
    } steps[] = {
        {0, 0, 1, 0},     /* one a minute: the first is there */
        {0, 0, 0, 60000}, /* the next is not */
        {59999, 0, 0, 1},
        {60000, 0, 1, 0},
        {60000, 5000, 0, 60000},
        {118000, 5000, 1, 2000},  /* booked */
        {118000, 5000, 0, 62000}, /* behind the booked one */
        {500000, 0, 1, 0},        /* never more than full */
        {500000, 0, 0, 60000},
    };
    struct ts_google_limiter limiter;
    uint64_t wait;

    (void)state;
    ts_google_limiter_init(&limiter, 1);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        print_message("step %zu\n", i);
        assert_int_equal(
            ts_google_limiter_take(&limiter, steps[i].at_ms, steps[i].patience_ms, &wait),
            steps[i].taken);
        assert_int_equal(wait, steps[i].wait_ms);
    }
}

static void test_no_minute_sees_more_than_the_bucket_and_its_refill(void **state)
{
    struct ts_google_limiter limiter;
    unsigned taken = 0;
    uint64_t wait;

    (void)state;
    ts_google_limiter_init(&limiter, 1200);
    for (uint64_t now = 0; now < 60000; now += 10) {
        while (ts_google_limiter_take(&limiter, now, 0, &wait))
            taken++;
    }
    assert_in_range(taken, 2390, 2400); /* Google's own limit for a user */
}

static void test_a_pause_holds_everybody(void **state)
{
    struct ts_google_limiter limiter;
    uint64_t wait;

    (void)state;
    ts_google_limiter_init(&limiter, 600);
    ts_google_limiter_pause(&limiter, 1000, 3000);
    ts_google_limiter_pause(&limiter, 1000, 500); /* the longer one counts */
    assert_int_equal(ts_google_limiter_pause_left_ms(&limiter, 2000), 2000);
    assert_false(ts_google_limiter_take(&limiter, 2000, 1999, &wait));
    assert_int_equal(wait, 2000);
    assert_true(ts_google_limiter_take(&limiter, 2000, 2000, &wait));
    assert_int_equal(wait, 2000);
    assert_int_equal(ts_google_limiter_pause_left_ms(&limiter, 4000), 0);
    assert_true(ts_google_limiter_take(&limiter, 4000, 0, &wait));
}

static void test_odd_rates_do_no_harm(void **state)
{
    static const unsigned rates[] = {0, 1, 7, 4294967295u};
    uint64_t wait;

    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct ts_google_limiter limiter;

        ts_google_limiter_init(&limiter, rates[i]);
        assert_true(ts_google_limiter_take(&limiter, 0, 0, &wait));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_full_bucket_serves_a_minutes_worth_at_once),
        cmocka_unit_test(test_it_refills_evenly),
        cmocka_unit_test(test_no_minute_sees_more_than_the_bucket_and_its_refill),
        cmocka_unit_test(test_a_pause_holds_everybody),
        cmocka_unit_test(test_odd_rates_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
