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
        cmocka_unit_test(test_every_outcome_has_its_word),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
