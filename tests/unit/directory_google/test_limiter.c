/* SPDX-License-Identifier: MIT */
/* The token bucket, with the time as a number. */
#include "directory/google/limiter.h"
#include "support/test.h"

static void test_a_full_bucket_serves_a_minutes_worth_at_once(void **state)
{
    struct ts_google_limiter limiter = {0};
    uint64_t wait = 0;

    (void)state;
    for (int i = 0; i < 60; i++)
        assert_true(ts_google_limiter_take(&limiter, 60, 5000, &wait));
    assert_false(ts_google_limiter_take(&limiter, 60, 5000, &wait));
    assert_int_equal(wait, 1000);
}

static void test_it_refills_evenly(void **state)
{
    static const struct {
        uint64_t at_ms;
        int taken;
        uint64_t wait_ms;
    } steps[] = {
        {0, 1, 0},     /* one a minute: the first is there */
        {0, 0, 60000}, /* the next is not */
        {59999, 0, 1},      {60000, 1, 0},  {60000, 0, 60000},
        {118000, 0, 2000},  {500000, 1, 0}, /* never more than full */
        {500000, 0, 60000},
    };
    struct ts_google_limiter limiter = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        uint64_t wait = 0;

        print_message("step %zu\n", i);
        assert_int_equal(ts_google_limiter_take(&limiter, 1, steps[i].at_ms, &wait),
                         steps[i].taken);
        assert_int_equal(wait, steps[i].wait_ms);
    }
}

static void test_no_minute_sees_more_than_the_bucket_and_its_refill(void **state)
{
    struct ts_google_limiter limiter = {0};
    unsigned taken = 0;
    uint64_t wait;

    (void)state;
    for (uint64_t now = 0; now < 60000; now += 10) {
        while (ts_google_limiter_take(&limiter, 1200, now, &wait))
            taken++;
    }
    assert_in_range(taken, 2390, 2400); /* Google's own limit for a user */
}

static unsigned count_left(struct ts_google_limiter limiter, unsigned requests_per_minute)
{
    unsigned left = 0;
    uint64_t wait;

    while (ts_google_limiter_take(&limiter, requests_per_minute, 0, &wait))
        left++;
    return left;
}

static void test_another_rate_finds_the_bucket_as_full_as_it_was(void **state)
{
    struct ts_google_limiter limiter = {0};
    uint64_t wait;

    (void)state;
    for (int i = 0; i < 300; i++)
        assert_true(ts_google_limiter_take(&limiter, 1200, 0, &wait));
    assert_int_equal(count_left(limiter, 1200), 900);
    assert_int_equal(count_left(limiter, 60), 45);
    assert_int_equal(count_left(limiter, 6000), 4500);
}

static void test_odd_rates_do_no_harm(void **state)
{
    static const unsigned rates[] = {0, 1, 7, 4294967295u};
    uint64_t wait;

    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct ts_google_limiter limiter = {0};

        assert_true(ts_google_limiter_take(&limiter, rates[i], 0, &wait));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_full_bucket_serves_a_minutes_worth_at_once),
        cmocka_unit_test(test_it_refills_evenly),
        cmocka_unit_test(test_no_minute_sees_more_than_the_bucket_and_its_refill),
        cmocka_unit_test(test_another_rate_finds_the_bucket_as_full_as_it_was),
        cmocka_unit_test(test_odd_rates_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
