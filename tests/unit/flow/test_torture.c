/* SPDX-License-Identifier: MIT */
/* Every step of every flow, failed in every way and cancelled: each flow ends exactly once, leaves
 * nothing behind, and never acts on a read that failed. */
#include "worlds.h"

/* Fires `count` calls that go well; false when the flow had ended before. */
static bool fire_well(struct story *story, unsigned count)
{
    while (count-- > 0 && fake_held(story->ports) > 0)
        fake_fire(story->ports);
    return fake_held(story->ports) > 0;
}

static void assert_over(const struct story *story)
{
    assert_int_equal(story->ended, 1);
    assert_null(story->flow);
    assert_int_equal(fake_held(story->ports), 0);
}

static void test_an_error_of_any_class_at_any_step_ends_the_flow_once(void **state)
{
    unsigned tried = 0;

    (void)state;
    for (size_t world = 0; world < TS_COUNT_OF(worlds); world++) {
        for (unsigned at = 0, steps = 1; at < steps; at++) {
            for (enum ts_class cls = TS_NOT_FOUND; cls <= TS_INTERNAL; cls++) {
                struct story *story = worlds[world].make();
                bool is_failed_read;

                story_begin(story, worlds[world].start);
                if (fire_well(story, at)) {
                    steps = at + 2;
                    is_failed_read =
                        strcmp(fake_next(story->ports), "get") == 0 && cls != TS_NOT_FOUND;
                    fake_fire_error(story->ports, cls, "trouble");
                    fake_run(story->ports);
                    if (is_failed_read)
                        assert_int_equal(story->ports->commits, 0);
                    tried++;
                }
                assert_over(story);
                story_free(story);
            }
        }
    }
    assert_in_range(tried, 100, 1000);
}

static void test_when_everything_fails_from_some_step_on_the_flow_still_ends(void **state)
{
    (void)state;
    for (size_t world = 0; world < TS_COUNT_OF(worlds); world++) {
        for (unsigned at = 0; at < 12; at++) {
            for (enum ts_class cls = TS_NOT_FOUND; cls <= TS_INTERNAL; cls++) {
                struct story *story = worlds[world].make();

                story_begin(story, worlds[world].start);
                (void)fire_well(story, at);
                while (fake_held(story->ports) > 0)
                    fake_fire_error(story->ports, cls, "trouble");
                assert_over(story);
                story_free(story);
            }
        }
    }
}

static void test_a_flow_can_be_cancelled_at_any_step(void **state)
{
    (void)state;
    for (size_t world = 0; world < TS_COUNT_OF(worlds); world++) {
        for (unsigned at = 0; at < 12; at++) {
            struct story *story = worlds[world].make();

            story_begin(story, worlds[world].start);
            if (fire_well(story, at)) {
                ts_op_cancel(&story->flow);
                assert_int_equal(story->ended, 0);
            }
            assert_int_equal(fake_held(story->ports), 0);
            story_free(story);
        }
    }
}

/* One attempt whose read is answered with the error; what the next attempt knows is carried on. */
static void attempt(struct ts_job *job, enum ts_class cls, unsigned *commits, unsigned *suspensions)
{
    struct story *story = story_new();

    story->ports->user = NULL;
    story->job = *job;
    story_begin(story, ts_sync_user_start);
    assert_true(fake_run_to(story->ports, "get"));
    fake_fire_error(story->ports, cls, "trouble");
    fake_run(story->ports);
    assert_int_equal(story->ended, 1);
    job->seen_absent = story->outcome == TS_OUTCOME_RETRIED && story->ports->is_absent;
    job->attempt++;
    *commits += story->ports->commits;
    *suspensions += story->ports->suspensions;
    story_free(story);
}

static void test_no_sequence_of_read_errors_leads_to_a_commit(void **state)
{
    static const enum ts_class errors[] = {TS_RETRY, TS_AUTH, TS_REJECTED, TS_INTERNAL};
    enum { TRIES = 4, SEQUENCES = 4 * 4 * 4 * 4 };

    (void)state;
    for (unsigned sequence = 0; sequence < SEQUENCES; sequence++) {
        struct ts_job job = {.id = "1-0", .org = "acme", .user = "107", .cause = "push"};
        unsigned commits = 0;
        unsigned suspensions = 0;

        for (unsigned i = 0, rest = sequence; i < TRIES; i++, rest /= 4)
            attempt(&job, errors[rest % 4], &commits, &suspensions);
        assert_int_equal(commits, 0);
    }
}

static void test_one_absence_among_read_errors_is_no_proof_but_two_are(void **state)
{
    static const enum ts_class errors[] = {TS_RETRY, TS_AUTH, TS_INTERNAL};
    enum { TRIES = 5 };

    (void)state;
    for (unsigned first = 0; first < TRIES; first++) {
        for (unsigned second = first; second < TRIES; second++) {
            struct ts_job job = {.id = "1-0", .org = "acme", .user = "107", .cause = "push"};
            unsigned commits = 0;
            unsigned suspensions = 0;

            for (unsigned i = 0; i < TRIES; i++)
                attempt(&job, i == first || i == second ? TS_NOT_FOUND : errors[i % 3], &commits,
                        &suspensions);
            assert_int_equal(suspensions, first == second ? 0 : 1);
            assert_int_equal(commits, suspensions);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_error_of_any_class_at_any_step_ends_the_flow_once),
        cmocka_unit_test(test_when_everything_fails_from_some_step_on_the_flow_still_ends),
        cmocka_unit_test(test_a_flow_can_be_cancelled_at_any_step),
        cmocka_unit_test(test_no_sequence_of_read_errors_leads_to_a_commit),
        cmocka_unit_test(test_one_absence_among_read_errors_is_no_proof_but_two_are),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
