/* SPDX-License-Identifier: MIT */
/* The resync of an org: whom it queues, and what follows from it. */
#include "story.h"

static const struct ts_member people[] = {
    {.id = "m_1", .email = "ada@acme.example", .directory_id = "107"},
    {.id = "m_2", .email = "bob@acme.example"},
    {.id = "m_3"}, /* nothing to look up */
    {.id = "m_4", .email = "eve@acme.example", .directory_id = "109"},
};

#define ALL                                                                                        \
    "connection acme;list acme - 500;enqueue user 107 resync;"                                     \
    "enqueue user bob@acme.example resync;enqueue user 109 resync;"

static struct story *resync_story(const char *cause)
{
    struct story *story = story_new();

    story->job = (struct ts_job){.id = "5-0", .type = TS_JOB_RESYNC, .org = "acme", .cause = cause};
    story->ports->members = people;
    story->ports->member_count = TS_COUNT_OF(people);
    story->ports->connection.next_resync_us = ts_wall_us() + 3600 * 1000000ull;
    return story;
}

static void test_every_member_is_queued_by_id_or_else_by_address(void **state)
{
    struct story *story = resync_story("manual");
    uint64_t next_us = story->ports->connection.next_resync_us;

    (void)state;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_UNCHANGED, ALL "done;note;");
    assert_int_equal(story->ports->next_resync_us, next_us); /* as it was */
    story_free(story);
}

static void test_members_come_page_by_page(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story->ports->page_size = 2;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_UNCHANGED,
                 "connection acme;list acme - 500;enqueue user 107 resync;"
                 "enqueue user bob@acme.example resync;list acme 2 500;"
                 "enqueue user 109 resync;done;note;");
    story_free(story);
}

static void test_an_org_without_members_is_done_at_once(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story->ports->member_count = 0;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_NOBODY, "connection acme;list acme - 500;done;note;");
    story_free(story);
}

static void test_only_the_chain_has_a_successor(void **state)
{
    static const struct {
        const char *cause;
        bool has_successor;
    } cases[] = {{"enabled", true}, {"schedule", true}, {"manual", false},
                 {"api", false},    {"push", false},    {NULL, false}};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = resync_story(cases[i].cause);
        uint64_t before = ts_wall_us();

        story_run(story, ts_resync_start);
        assert_ended(story, TS_OUTCOME_UNCHANGED,
                     cases[i].has_successor ? ALL "done then schedule;note;" : ALL "done;note;");
        if (cases[i].has_successor) {
            assert_int_equal(story->ports->later->type, TS_JOB_RESYNC);
            assert_string_equal(story->ports->later->org, "acme");
            assert_delay(story->ports->later_ms, 14400000, 15840000);
            assert_delay(story->ports->next_resync_us, before + story->ports->later_ms * 1000,
                         ts_wall_us() + story->ports->later_ms * 1000);
        }
        story_free(story);
    }
}

static void test_whoever_runs_when_the_chain_is_overdue_carries_it_on(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story->ports->connection.next_resync_us = ts_wall_us() - 1;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_UNCHANGED, ALL "done then schedule;note;");
    story_free(story);
}

static void test_a_second_chain_ends_itself(void **state)
{
    static const struct {
        const char *cause;
        int64_t next_in_s;
        bool is_ended;
    } cases[] = {
        {"schedule", -5, false},  {"schedule", 60, false},  {"schedule", 7100, false},
        {"schedule", 7300, true}, {"schedule", 9000, true}, {"enabled", 9000, false},
        {"manual", 9000, false},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = resync_story(cases[i].cause);

        story->ports->connection.next_resync_us =
            (uint64_t)((int64_t)ts_wall_us() + cases[i].next_in_s * 1000000);
        story_run(story, ts_resync_start);
        assert_int_equal(story->outcome,
                         cases[i].is_ended ? TS_OUTCOME_STALE : TS_OUTCOME_UNCHANGED);
        if (cases[i].is_ended)
            assert_string_equal(fake_transcript(story->ports), "connection acme;done;");
        story_free(story);
    }
}

static void test_the_chain_ends_when_auto_sync_is_off(void **state)
{
    struct story *story = resync_story("schedule");

    (void)state;
    story->ports->connection.state = TS_CONNECTION_CONNECTED;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_DISABLED, "connection acme;done;");
    story_free(story);
}

static void test_an_unknown_org_is_buried(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story_begin(story, ts_resync_start);
    fake_fire_error(story->ports, TS_NOT_FOUND, "no such org");
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_BURIED, "connection acme;bury unknown org;");
    story_free(story);
}

static void test_a_member_that_the_queue_refuses_does_not_stop_the_rest(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story_begin(story, ts_resync_start);
    assert_true(fake_run_to(story->ports, "enqueue"));
    fake_fire_error(story->ports, TS_REJECTED, "makes no sense");
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_UNCHANGED, ALL "done;note;");
    story_free(story);
}

static void test_a_full_queue_puts_the_resync_off_and_keeps_its_chain(void **state)
{
    struct story *story = resync_story("schedule");

    (void)state;
    story_begin(story, ts_resync_start);
    assert_true(fake_run_to(story->ports, "enqueue"));
    fake_fire_error(story->ports, TS_RETRY, "the queue is full");
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_RETRIED,
                 "connection acme;list acme - 500;enqueue user 107 resync;retry;");
    story_free(story);
}

static void test_a_lost_job_notes_nothing(void **state)
{
    struct story *story = resync_story("schedule");

    (void)state;
    story_begin(story, ts_resync_start);
    assert_true(fake_run_to(story->ports, "done"));
    fake_fire_error(story->ports, TS_NOT_FOUND, "taken over");
    assert_ended(story, TS_OUTCOME_LOST, ALL "done then schedule;");
    story_free(story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_member_is_queued_by_id_or_else_by_address),
        cmocka_unit_test(test_members_come_page_by_page),
        cmocka_unit_test(test_an_org_without_members_is_done_at_once),
        cmocka_unit_test(test_only_the_chain_has_a_successor),
        cmocka_unit_test(test_whoever_runs_when_the_chain_is_overdue_carries_it_on),
        cmocka_unit_test(test_a_second_chain_ends_itself),
        cmocka_unit_test(test_the_chain_ends_when_auto_sync_is_off),
        cmocka_unit_test(test_an_unknown_org_is_buried),
        cmocka_unit_test(test_a_member_that_the_queue_refuses_does_not_stop_the_rest),
        cmocka_unit_test(test_a_full_queue_puts_the_resync_off_and_keeps_its_chain),
        cmocka_unit_test(test_a_lost_job_notes_nothing),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
