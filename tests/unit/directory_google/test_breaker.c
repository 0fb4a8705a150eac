/* SPDX-License-Identifier: MIT */
/* The breaker, with time and chance as numbers. */
#include "directory/google/breaker.h"
#include "support/test.h"

#include "teamsync/mem.h"

#include <string.h>

static struct ts_google_verdict failure(uint32_t retry_after_ms)
{
    struct ts_google_verdict verdict = {
        .err = ts_error_make(TS_RETRY, "google: 503 the service is unavailable"),
        .health = TS_GOOGLE_FAILS,
    };

    verdict.err.retry_after_ms = retry_after_ms;
    return verdict;
}

static struct ts_google_verdict throttled(uint32_t retry_after_ms)
{
    struct ts_google_verdict verdict = failure(retry_after_ms);

    verdict.health = TS_GOOGLE_THROTTLES;
    return verdict;
}

static void tell(struct ts_google_breaker *breaker, struct ts_google_verdict verdict, uint64_t now)
{
    ts_google_breaker_tell(breaker, ts_google_breaker_enter(breaker), &verdict, now, 0);
}

/* By five failures. */
static struct ts_google_breaker opened_at(uint64_t now)
{
    struct ts_google_breaker breaker;

    ts_google_breaker_init(&breaker);
    for (int i = 0; i < 5; i++)
        tell(&breaker, failure(0), now);
    return breaker;
}

static void test_the_story_of_an_outage(void **state)
{
    static const struct {
        uint64_t at_ms;
        bool is_refused;
        char event; /* of a request made then: f: fails, t: is throttled, w: works, 0: none */
        uint32_t retry_after_ms;
    } steps[] = {
        {0, false, 'f', 0},      {0, false, 'f', 0},
        {0, false, 'f', 0},      {0, false, 'f', 0},
        {10, false, 'w', 0}, /* no five in a row */
        {20, false, 'f', 0},     {20, false, 'f', 0},
        {20, false, 'f', 0},     {20, false, 'f', 0},
        {20, false, 'f', 0},     {20, true, 0, 0},      /* for 1 s */
        {1019, true, 0, 0},      {1020, false, 'f', 0}, /* the probe; 2 s */
        {3019, true, 0, 0},      {3020, false, 'f', 0},
        {7019, true, 0, 0},      {7020, false, 'f', 0},
        {15019, true, 0, 0},     {15020, false, 'f', 20000}, /* 16 s, but 20 are asked for */
        {35019, true, 0, 0},     {35020, false, 'f', 0},
        {67020, false, 'f', 0}, /* 60 s from now on */
        {127019, true, 0, 0},    {127020, false, 'f', 0},
        {187019, true, 0, 0},    {187020, false, 'f', 3600000}, /* believed for ten minutes */
        {787019, true, 0, 0},    {787020, false, 'w', 0},
        {787020, false, 'f', 0}, /* as if nothing had been */
        {787020, false, 't', 0}, /* once is enough */
        {788019, true, 0, 0},    {788020, false, 't', 7000},
        {795019, true, 0, 0},    {795020, false, 'w', 0},
        {795020, false, 0, 0},
    };
    struct ts_google_breaker breaker;

    (void)state;
    ts_google_breaker_init(&breaker);
    for (size_t i = 0; i < TS_COUNT_OF(steps); i++) {
        print_message("step %zu\n", i);
        assert_int_equal(ts_google_breaker_refuses(&breaker, steps[i].at_ms), steps[i].is_refused);
        if (steps[i].event == 'f')
            tell(&breaker, failure(steps[i].retry_after_ms), steps[i].at_ms);
        else if (steps[i].event == 't')
            tell(&breaker, throttled(steps[i].retry_after_ms), steps[i].at_ms);
        else if (steps[i].event == 'w')
            tell(&breaker, (struct ts_google_verdict){0}, steps[i].at_ms);
    }
}

static void test_only_one_probe_goes(void **state)
{
    struct ts_google_breaker breaker = opened_at(0);
    struct ts_google_verdict works = {0};
    unsigned probe;

    (void)state;
    assert_false(ts_google_breaker_refuses(&breaker, 1000));
    probe = ts_google_breaker_enter(&breaker);
    assert_true(ts_google_breaker_refuses(&breaker, 1000));
    assert_true(ts_google_breaker_refuses(&breaker, 100000));
    ts_google_breaker_tell(&breaker, probe, &works, 100000, 0);
    assert_false(ts_google_breaker_refuses(&breaker, 100000));
    ts_google_breaker_leave(&breaker, probe);
    assert_false(ts_google_breaker_refuses(&breaker, 100000));
}

static void test_a_probe_that_was_given_up_makes_room(void **state)
{
    struct ts_google_breaker breaker = opened_at(0);
    unsigned probe = ts_google_breaker_enter(&breaker);

    (void)state;
    ts_google_breaker_leave(&breaker, probe);
    assert_false(ts_google_breaker_refuses(&breaker, 1000));
    (void)ts_google_breaker_enter(&breaker);
    assert_true(ts_google_breaker_refuses(&breaker, 1000));
}

static void test_late_answers_change_nothing(void **state)
{
    struct ts_google_breaker breaker;
    struct ts_google_verdict works = {0};
    struct ts_google_verdict fails = failure(0);
    unsigned early;
    unsigned probe;

    (void)state;
    ts_google_breaker_init(&breaker);
    early = ts_google_breaker_enter(&breaker);
    tell(&breaker, throttled(0), 0);
    ts_google_breaker_tell(&breaker, early, &works, 10, 0);
    assert_true(ts_google_breaker_refuses(&breaker, 999));
    for (int i = 0; i < 16; i++)
        ts_google_breaker_tell(&breaker, early, &fails, 900, 0);
    assert_false(ts_google_breaker_refuses(&breaker, 1000));
    probe = ts_google_breaker_enter(&breaker);
    ts_google_breaker_leave(&breaker, early); /* not the probe */
    assert_true(ts_google_breaker_refuses(&breaker, 1000));
    ts_google_breaker_tell(&breaker, probe, &works, 1000, 0);
    for (int i = 0; i < 16; i++)
        ts_google_breaker_tell(&breaker, early, &fails, 1000, 0);
    assert_false(ts_google_breaker_refuses(&breaker, 1000));
}

static void test_a_refusal_names_the_last_failure_and_when_to_come_back(void **state)
{
    struct ts_google_breaker breaker = opened_at(0);
    struct ts_error err = ts_google_breaker_refusal(&breaker, 300, 0);
    struct ts_google_verdict verdict;

    (void)state;
    assert_int_equal(err.cls, TS_RETRY);
    assert_string_equal(err.text, "google: not asked, for the last 5 requests failed (503 the "
                                  "service is unavailable)");
    assert_int_equal(err.retry_after_ms, 700);

    ts_google_breaker_init(&breaker);
    verdict = throttled(0);
    verdict.err = ts_error_make(TS_RETRY, "http: it broke");
    tell(&breaker, verdict, 0);
    err = ts_google_breaker_refusal(&breaker, 300, 0);
    assert_string_equal(err.text, "google: not asked, for the last request failed (http: it "
                                  "broke)");
}

static void test_chance_spreads_those_who_come_back(void **state)
{
    struct ts_google_breaker breaker;
    struct ts_google_verdict verdict = throttled(0);

    (void)state;
    ts_google_breaker_init(&breaker);
    ts_google_breaker_tell(&breaker, ts_google_breaker_enter(&breaker), &verdict, 0, 999);
    assert_true(ts_google_breaker_refuses(&breaker, 1248)); /* a quarter more */
    assert_false(ts_google_breaker_refuses(&breaker, 1249));
    assert_int_equal(ts_google_breaker_refusal(&breaker, 249, 0).retry_after_ms, 1000);
    assert_int_equal(ts_google_breaker_refusal(&breaker, 249, 500).retry_after_ms, 1500);
    assert_int_equal(ts_google_breaker_refusal(&breaker, 2000, 500).retry_after_ms, 500);

    verdict = throttled(3600000); /* over a minute, not over ten */
    ts_google_breaker_tell(&breaker, ts_google_breaker_enter(&breaker), &verdict, 2000, 0);
    assert_int_equal(ts_google_breaker_refusal(&breaker, 2000, 999).retry_after_ms, 659940);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_story_of_an_outage),
        cmocka_unit_test(test_only_one_probe_goes),
        cmocka_unit_test(test_a_probe_that_was_given_up_makes_room),
        cmocka_unit_test(test_late_answers_change_nothing),
        cmocka_unit_test(test_a_refusal_names_the_last_failure_and_when_to_come_back),
        cmocka_unit_test(test_chance_spreads_those_who_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
