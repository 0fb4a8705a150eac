/* SPDX-License-Identifier: MIT */
/* What becomes of a job that ran into an error: a table. */
#include "flow/job_flow.h"
#include "story.h"

static void no_cancel(struct ts_op *op)
{
    (void)op;
}

static void test_the_class_of_an_error_decides_the_end(void **state)
{
    static const struct {
        enum ts_class cls;
        unsigned attempt;
        uint32_t asked_ms;
        uint64_t age_s;
        enum ts_outcome outcome;
        uint64_t low_ms, high_ms;
        bool is_refused;
    } cases[] = {
        {TS_RETRY, 0, 0, 0, TS_OUTCOME_RETRIED, 1000, 1250, false},
        {TS_RETRY, 3, 0, 100, TS_OUTCOME_RETRIED, 8000, 10000, false},
        {TS_RETRY, 0, 30000, 0, TS_OUTCOME_RETRIED, 30000, 37500, false},
        {TS_RETRY, 9, 0, 259300, TS_OUTCOME_BURIED, 0, UINT64_MAX, false},
        {TS_INTERNAL, 1, 0, 0, TS_OUTCOME_RETRIED, 2000, 2500, false},
        {TS_INTERNAL, 1, 0, 259300, TS_OUTCOME_BURIED, 0, UINT64_MAX, false},
        {TS_NOT_FOUND, 0, 0, 0, TS_OUTCOME_RETRIED, 1000, 1250, false},
        {TS_AUTH, 0, 0, 0, TS_OUTCOME_RETRIED, 60000, 75000, true},
        {TS_AUTH, 8, 0, 0, TS_OUTCOME_RETRIED, 60001, 21600000, true},
        {TS_AUTH, 8, 0, 259300, TS_OUTCOME_BURIED, 0, UINT64_MAX, true},
        {TS_REJECTED, 0, 0, 0, TS_OUTCOME_BURIED, 0, UINT64_MAX, false},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = story_new();
        struct ts_job_flow flow = {0};
        struct ts_error err = ts_error_make(cases[i].cls, "what happened");
        struct ts_ending ending;

        story->job.attempt = cases[i].attempt;
        story->job.first_us = cases[i].age_s ? us_before(cases[i].age_s) : 0;
        ts_job_flow_init(&flow, "test", &story->ports->env, &story->job, no_cancel);
        flow.connection = ts_connection_dup(&story->ports->connection);
        err.retry_after_ms = cases[i].asked_ms;
        ending = ts_ending_of_error(&flow, &err);
        assert_int_equal(ending.outcome, cases[i].outcome);
        assert_delay(ending.delay_ms, cases[i].low_ms, cases[i].high_ms);
        assert_int_equal(ending.is_refused, cases[i].is_refused);
        assert_string_equal(ending.text, "what happened");
        ts_job_flow_done(&flow);
        story_free(story);
    }
}

/* However often it was tried before: as soon as the other side is asked again, so is for this job.
 */
static void test_what_was_not_tried_is_put_back_and_counts_as_no_attempt(void **state)
{
    struct story *story = story_new();
    struct ts_error err = ts_error_make(TS_RETRY, "not asked");

    (void)state;
    err.is_untried = true;
    err.retry_after_ms = 9000;
    story->job.attempt = 12;
    story_begin(story, ts_sync_user_start);
    assert_true(fake_run_to(story->ports, "get"));
    fake_fire_with(story->ports, &err);
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_RETRIED,
                 "connection acme;begin acme 107;get 107;put back 17-0;");
    assert_delay(story->ports->delay_ms, 9000, 11250);
    story_free(story);
}

static void test_it_is_buried_all_the_same_when_it_is_too_old(void **state)
{
    struct story *story = story_new();
    struct ts_error err = ts_error_make(TS_RETRY, "not asked");

    (void)state;
    err.is_untried = true;
    story->job.first_us = us_before(259300);
    story_begin(story, ts_sync_user_start);
    assert_true(fake_run_to(story->ports, "get"));
    fake_fire_with(story->ports, &err);
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_BURIED,
                 "connection acme;begin acme 107;get 107;bury not asked;");
    story_free(story);
}

static void test_every_outcome_has_its_word(void **state)
{
    static const char *const words[] = {"changed", "unchanged", "nobody",  "disabled",
                                        "stale",   "held",      "failed",  "retried",
                                        "buried",  "lost",      "deferred"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(words); i++)
        assert_string_equal(ts_outcome_name((enum ts_outcome)i), words[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_class_of_an_error_decides_the_end),
        cmocka_unit_test(test_what_was_not_tried_is_put_back_and_counts_as_no_attempt),
        cmocka_unit_test(test_it_is_buried_all_the_same_when_it_is_too_old),
        cmocka_unit_test(test_every_outcome_has_its_word),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
