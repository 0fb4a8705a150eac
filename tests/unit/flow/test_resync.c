/* SPDX-License-Identifier: MIT */
/* The full resync: what it looks at, what it writes and when not, and what follows from it. */
#include "story.h"

#include "teamsync/text.h"

static const struct ts_directory_user everybody[] = {
    {.id = "107",
     .primary_email = "ada@acme.example",
     .is_suspended = TS_NO,
     .is_archived = TS_NO,
     .team = "Engineering"},
    {.id = "108",
     .primary_email = "bob@acme.example",
     .is_suspended = TS_NO,
     .is_archived = TS_NO,
     .team = "Sales"},
    {.id = "109",
     .primary_email = "eve@acme.example",
     .is_suspended = TS_NO,
     .is_archived = TS_NO,
     .team = "Sales"},
};

#define BEGUN     "connection acme;lease;probe acme;"
#define TIME      "begin acme ;"
#define SURVEYED  BEGUN TIME "page -;compare 107 108 109;"
#define SUCCEEDED "done then timer schedule;"
#define UNCHANGED SURVEYED "links -;end done;" SUCCEEDED

static struct story *resync_story(const char *cause)
{
    struct story *story = story_new();

    story->job = (struct ts_job){.id = "5-0", .type = TS_JOB_RESYNC, .org = "acme", .cause = cause};
    story->ports->listed = everybody;
    story->ports->listed_count = TS_COUNT_OF(everybody);
    return story;
}

/* Ada's record was read so long ago that a listing is newer for sure; her team has changed. */
static struct story *changed_story(void)
{
    struct story *story = resync_story("manual");

    story->ports->listed_count = 1;
    story->ports->difference.comparison = TS_COMPARED_CHANGED;
    story->ports->begun.observed_us = ts_wall_us();
    story->ada.observed_us = us_ago(86400);
    story->ada.team = "Sales";
    return story;
}

static void test_when_nothing_differs_nothing_is_read_or_written(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_UNCHANGED, UNCHANGED);
    assert_int_equal(story->ports->run.users, 3);
    assert_int_equal(story->ports->run.pages, 1);
    assert_int_equal(story->ports->run.reads, 0);
    story_free(story);
}

static void test_the_next_page_is_fetched_while_this_one_is_worked_on(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story->ports->page_size = 2;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_UNCHANGED,
                 BEGUN TIME "page -;" TIME
                            "compare 107 108;page 2;compare 109;links -;end done;" SUCCEEDED);
    assert_int_equal(story->ports->run.pages, 2);
    story_free(story);
}

static void test_who_differs_is_planned_from_the_listing_and_written_under_the_lease(void **state)
{
    struct story *story = changed_story();

    (void)state;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_CHANGED,
                 BEGUN TIME "page -;compare 107;view 107 ada@acme.example;"
                            "fence 7 commit m_1 107 team;links -;end done;" SUCCEEDED);
    assert_int_equal(story->ports->run.changed, 1);
    assert_int_equal(story->ports->run.corrections, 1);
    assert_int_equal(story->ports->observed_us, story->ports->begun.observed_us);
    assert_int_equal(strlen(story->ports->digest), 16);
    story_free(story);
}

/* Rule 2.6, and GOOGLE.md §D.8: a listing may be behind. */
static void test_whatever_a_listing_is_no_proof_of_is_read_again_by_id(void **state)
{
    static const char *const cases[] = {"suspended",     "archived",     "reinstated",
                                        "recently read", "to be linked", "incomplete"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = changed_story();
        struct ts_directory_user listed = everybody[0];

        if (strcmp(cases[i], "suspended") == 0)
            listed.is_suspended = TS_YES;
        if (strcmp(cases[i], "archived") == 0)
            listed.is_archived = TS_YES;
        if (strcmp(cases[i], "incomplete") == 0)
            listed.is_suspended = TS_UNKNOWN;
        if (strcmp(cases[i], "recently read") == 0)
            story->ada.observed_us = us_ago(60);
        if (strcmp(cases[i], "to be linked") == 0) {
            story->ports->view.linked = NULL;
            story->ada.directory_id = NULL;
        }
        if (strcmp(cases[i], "reinstated") == 0) {
            story->ada.status = TS_MEMBER_SUSPENDED;
            story->ada.suspended_by = TS_SUSPENDED_BY_DIRECTORY;
            story->ada.suspended_reason = TS_REASON_SUSPENDED;
        }
        story->ports->listed = &listed;
        story_begin(story, ts_resync_start);
        assert_true(fake_run_to(story->ports, "get"));
        fake_run(story->ports); /* which says: active */
        assert_int_equal(story->ports->suspensions, 0);
        assert_int_equal(story->ports->run.reads, 1);
        assert_int_equal(story->ports->run.suspended, 0);
        story_free(story);
    }
}

static void test_an_import_of_many_is_linked_from_the_listing(void **state)
{
    enum { MANY = 1200 };
    struct story *story = changed_story();
    struct ts_directory_user *many = ts_alloc(MANY * sizeof(*many));

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        many[i] = everybody[0];
    story->ports->listed = many;
    story->ports->listed_count = MANY;
    story->ports->difference.comparison = TS_COMPARED_NEW;
    story->ports->view.linked = NULL;
    story->ada.directory_id = NULL;
    story_run(story, ts_resync_start);
    assert_int_equal(story->ports->run.linked, MANY);
    assert_int_equal(story->ports->run.reads, 0);
    story_free(story);
    free(many);
}

/* Rule 2.6. */
static void test_absence_is_proven_one_by_one(void **state)
{
    static const char *const gone[] = {"666"};
    struct ts_directory_user deleted = {.id = "666", .is_deleted = true};
    struct story *story = resync_story("schedule");

    (void)state;
    story->ports->links = gone;
    story->ports->link_count = 1;
    story->ports->user = &deleted;
    story->ada.directory_id = "666";
    story_begin(story, ts_resync_start);
    assert_true(fake_run_to(story->ports, "links"));
    story->ports->difference.comparison = TS_COMPARED_CHANGED;
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_CHANGED,
                 SURVEYED
                 "links -;compare 666;begin acme 666;get 666;view 666;"
                 "fence 7 commit m_1 666 status;end done;enqueue channels corrections;" SUCCEEDED);
    assert_int_equal(story->ports->run.suspended, 1);
    assert_int_equal(story->ports->run.absent, 1);
    story_free(story);
}

static void test_a_plain_404_is_asked_twice(void **state)
{
    static const char *const gone[] = {"107"};
    struct story *story = resync_story("manual");

    (void)state;
    story->ports->listed++;
    story->ports->listed_count--;
    story->ports->links = gone;
    story->ports->link_count = 1;
    story->ports->user = NULL;
    story_begin(story, ts_resync_start);
    assert_true(fake_run_to(story->ports, "links"));
    story->ports->difference.comparison = TS_COMPARED_CHANGED;
    assert_true(fake_run_to(story->ports, "pause"));
    assert_int_equal(story->ports->suspensions, 0);
    assert_int_equal(story->ports->pause_ms, 2000);
    fake_run(story->ports);
    assert_int_equal(story->ports->suspensions, 1);
    assert_int_equal(story->ports->run.reads, 2);
    story_free(story);
}

static void test_absence_is_not_concluded_from_any_error(void **state)
{
    static const char *const gone[] = {"107"};

    (void)state;
    for (enum ts_class cls = TS_RETRY; cls <= TS_INTERNAL; cls++) {
        struct story *story = resync_story("manual");

        story->ports->listed++;
        story->ports->listed_count--;
        story->ports->links = gone;
        story->ports->link_count = 1;
        story_begin(story, ts_resync_start);
        assert_true(fake_run_to(story->ports, "links"));
        story->ports->difference.comparison = TS_COMPARED_CHANGED;
        assert_true(fake_run_to(story->ports, "get"));
        fake_fire_error(story->ports, cls, "trouble");
        fake_run(story->ports);
        assert_int_equal(story->ports->commits, 0);
        assert_int_equal(story->ports->run.failed, 1);
        story_free(story);
    }
}

static void test_who_is_no_admin_looks_for_nobody(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story->ports->connection.may_suspend = false;
    story->ports->probe.is_admin = false;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_UNCHANGED, SURVEYED "end done;" SUCCEEDED);
    story_free(story);
}

static void test_an_admin_who_is_none_any_more_fails_the_run(void **state)
{
    struct story *story = resync_story("schedule");

    (void)state;
    story->ports->probe.is_admin = false;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_RETRIED,
                 BEGUN "end failed;refused admin@acme.example is not an admin of the directory any "
                       "more; make them one, or connect anew;retry;");
    assert_delay(story->ports->delay_ms, 60000, 75000);
    assert_string_equal(story->ports->trouble_code, "subject_not_admin");
    story_free(story);
}

/* From the same run on it may suspend; and the channel is opened anew, by an admin. */
static void test_who_became_an_admin_is_noted(void **state)
{
    static const char *const gone[] = {"107"};
    struct story *story = resync_story("schedule");

    (void)state;
    story->ports->connection.may_suspend = false;
    story->ports->listed++;
    story->ports->listed_count--;
    story->ports->links = gone;
    story->ports->link_count = 1;
    story_begin(story, ts_resync_start);
    assert_true(fake_run_to(story->ports, "links"));
    story->ports->difference.comparison = TS_COMPARED_CHANGED;
    story->user.is_deleted = true;
    fake_run(story->ports);
    assert_int_equal(story->ports->suspensions, 1);
    assert_true(ts_text_starts_with(fake_transcript(story->ports),
                                    BEGUN "account admin@acme.example admin;" TIME));
    assert_non_null(strstr(fake_transcript(story->ports), "enqueue channels admin;"));
    story_free(story);
}

static void test_an_admin_who_cannot_be_noted_is_one_next_time(void **state)
{
    (void)state;
    for (enum ts_class cls = TS_RETRY; cls <= TS_INTERNAL; cls++) {
        struct story *story = resync_story("schedule");

        story->ports->connection.may_suspend = false;
        story_begin(story, ts_resync_start);
        assert_true(fake_run_to(story->ports, "account"));
        fake_fire_error(story->ports, cls, "redis: no connection");
        fake_run(story->ports);
        assert_ended(story, TS_OUTCOME_UNCHANGED,
                     BEGUN "account admin@acme.example admin;" TIME
                           "page -;compare 107 108 109;end done;" SUCCEEDED);
        story_free(story);
    }
}

static void test_a_preview_notes_no_admin(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story->job.is_preview = true;
    story->ports->connection.may_suspend = false;
    story_run(story, ts_resync_start);
    assert_null(strstr(fake_transcript(story->ports), "account"));
    story_free(story);
}

/* The domain may have moved: not one of the ids that are linked is there any more. */
static void test_another_directory_fails_the_run(void **state)
{
    static const struct {
        const char *stored;
        const char *told;
        bool is_another;
    } cases[] = {{"C1", "C2", true}, {"C1", "C1", false}, {"C1", NULL, false}, {NULL, "C2", false}};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = resync_story("schedule");

        story->ports->connection.customer = cases[i].stored;
        story->ports->probe.customer = cases[i].told;
        story_run(story, ts_resync_start);
        assert_int_equal(story->outcome,
                         cases[i].is_another ? TS_OUTCOME_RETRIED : TS_OUTCOME_UNCHANGED);
        if (cases[i].is_another) {
            assert_string_equal(story->ports->trouble_code, "other_directory");
            assert_null(strstr(fake_transcript(story->ports), "page"));
        }
        story_free(story);
    }
}

static void test_a_page_that_fails_is_asked_again_and_then_fails_the_run(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story_begin(story, ts_resync_start);
    for (int i = 0; i < 4; i++) {
        assert_true(fake_run_to(story->ports, "page"));
        fake_fire_error(story->ports, TS_RETRY, "503");
    }
    assert_true(fake_run_to(story->ports, "page"));
    fake_fire_error(story->ports, TS_RETRY, "503");
    fake_run(story->ports);
    assert_int_equal(story->outcome, TS_OUTCOME_RETRIED);
    assert_int_equal(story->ports->run.state, TS_RUN_FAILED);
    assert_int_equal(story->ports->commits, 0);
    story_free(story);
}

/* Rule 2.7. */
static void test_a_page_without_users_is_implausible(void **state)
{
    static const struct {
        size_t listed;
        uint64_t before;
        enum ts_run_state state;
    } cases[] = {{0, 0, TS_RUN_FAILED}, {0, 900, TS_RUN_FAILED}, {3, 6, TS_RUN_DONE}};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = resync_story("manual");

        story->ports->listed_count = cases[i].listed;
        story->ports->connection.directory_users = cases[i].before;
        story_run(story, ts_resync_start);
        assert_int_equal(story->ports->run.state, cases[i].state);
        assert_int_equal(story->ports->commits, 0);
        story_free(story);
    }
}

static void test_a_page_token_that_expires_begins_the_walk_anew(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story->ports->page_size = 2;
    story_begin(story, ts_resync_start);
    assert_true(fake_run_to(story->ports, "compare"));
    assert_true(fake_run_to(story->ports, "page"));
    fake_fire_error(story->ports, TS_REJECTED, "the page token is not valid any more");
    fake_run(story->ports);
    assert_int_equal(story->outcome, TS_OUTCOME_UNCHANGED);
    assert_int_equal(story->ports->run.users, 3);
    assert_int_equal(story->ports->run.pages, 3);
    story_free(story);
}

/* Rule 2.7: more than 10 %, and at least 5. */
static void test_a_run_that_would_empty_a_field_of_too_many_writes_nothing(void **state)
{
    enum { COUNT = 60 };
    static const struct {
        unsigned without_team;
        bool is_held;
    } cases[] = {{4, false}, {6, false}, {7, true}, {60, true}};
    struct ts_directory_user users[COUNT];

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = changed_story();

        for (size_t u = 0; u < COUNT; u++) {
            users[u] = everybody[0];
            users[u].team = u < cases[i].without_team ? NULL : "Sales";
        }
        story->ada.observed_us = 0;
        story->ports->listed = users;
        story->ports->listed_count = COUNT;
        story->ports->difference.has_team = true;
        story_run(story, ts_resync_start);
        assert_int_equal(story->ports->run.state, cases[i].is_held ? TS_RUN_HELD : TS_RUN_DONE);
        assert_int_equal(story->ports->commits > 0, !cases[i].is_held);
        if (cases[i].is_held)
            assert_non_null(strstr(fake_transcript(story->ports), "hold team"));
        story_free(story);
    }
}

static void test_a_loss_is_not_held_by_a_run_that_was_cut_off(void **state)
{
    struct ts_directory_user users[6];
    struct story *story = changed_story();

    (void)state;
    for (size_t u = 0; u < TS_COUNT_OF(users); u++) {
        users[u] = everybody[0];
        users[u].team = NULL;
    }
    story->ada.observed_us = 0;
    story->ports->listed = users;
    story->ports->listed_count = TS_COUNT_OF(users);
    story->ports->difference.has_team = true;
    story_begin(story, ts_resync_start);
    assert_true(fake_run_to(story->ports, "hold"));
    fake_fire_error(story->ports, TS_NOT_FOUND, "the lease is not this run's any more");
    fake_run(story->ports);
    assert_int_equal(story->outcome, TS_OUTCOME_LOST);
    assert_null(strstr(fake_transcript(story->ports), "done"));
    story_free(story);
}

static void test_whoever_cannot_be_read_is_neither_absent_nor_in_the_way(void **state)
{
    static const char *const unread[] = {"666"};
    static const char *const links[] = {"666"};
    struct story *story = resync_story("manual");

    (void)state;
    story->ports->unread = unread;
    story->ports->unread_count = 1;
    story->ports->links = links;
    story->ports->link_count = 1;
    story_run(story, ts_resync_start);
    assert_int_equal(story->ports->run.state, TS_RUN_DONE);
    assert_int_equal(story->ports->run.failed, 1);
    assert_int_equal(story->ports->run.absent, 0);
    story_free(story);
}

static void test_one_person_who_fails_does_not_stop_the_rest_but_twenty_do(void **state)
{
    enum { MANY = 200 };
    struct ts_directory_user many[MANY];
    unsigned tolerated[] = {19, 20};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(tolerated); i++) {
        struct story *story = changed_story();

        for (size_t u = 0; u < MANY; u++)
            many[u] = everybody[0];
        story->ports->listed = many;
        story->ports->listed_count = MANY;
        story_begin(story, ts_resync_start);
        for (unsigned failures = 0; failures < tolerated[i]; failures++) {
            assert_true(fake_run_to(story->ports, "view"));
            fake_fire_error(story->ports, TS_RETRY, "redis: lost");
        }
        fake_run(story->ports);
        assert_int_equal(story->ports->run.state, tolerated[i] < 20 ? TS_RUN_DONE : TS_RUN_FAILED);
        story_free(story);
    }
}

static void test_the_beat_finds_out_that_the_run_is_lost(void **state)
{
    struct story *story = resync_story("schedule");

    (void)state;
    story_begin(story, ts_resync_start);
    assert_true(fake_run_to(story->ports, "page"));
    fake_beat(story->ports);
    while (strcmp(fake_next(story->ports), "alive") != 0)
        fake_fire(story->ports);
    fake_fire_error(story->ports, TS_NOT_FOUND, "another has the lease");
    assert_int_equal(story->ended, 1);
    assert_int_equal(story->outcome, TS_OUTCOME_LOST);
    assert_int_equal(fake_held(story->ports), 0);
    story_free(story);
}

static void test_a_second_run_waits_for_the_first(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story_begin(story, ts_resync_start);
    assert_true(fake_run_to(story->ports, "lease"));
    fake_fire_error(story->ports, TS_RETRY, "another resync of this org is running");
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_RETRIED, "connection acme;lease;retry;");
    assert_null(story->ports->text); /* no failure */
    story_free(story);
}

static void test_the_next_one_comes_sooner_when_no_push_does(void **state)
{
    static const struct {
        const char *cause;
        const char *deaf;
        uint64_t least_ms, most_ms;
    } cases[] = {{"schedule", NULL, 14400000, 15840000},
                 {"manual", NULL, 14400000, 15840000},
                 {"schedule", "no channel", 900000, 990000},
                 {"backlog", NULL, 60000, 66000}}; /* rules 2.11, 2.13 */

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = resync_story(cases[i].cause);

        story->ports->connection.deaf = cases[i].deaf;
        story_run(story, ts_resync_start);
        assert_ended(story, TS_OUTCOME_UNCHANGED, UNCHANGED);
        assert_true(story->ports->later->is_timer);
        assert_delay(story->ports->later_ms, cases[i].least_ms, cases[i].most_ms);
        assert_delay(story->ports->run.next_us,
                     ts_wall_us() + story->ports->later_ms * 1000 - 5000000,
                     ts_wall_us() + story->ports->later_ms * 1000);
        story_free(story);
    }
}

static void test_without_a_channel_one_is_asked_for(void **state)
{
    struct story *story = resync_story("manual");

    (void)state;
    story->ports->connection.channel_until_us = us_ago(3600);
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_UNCHANGED,
                 SURVEYED "links -;end done;enqueue channels no-channel;" SUCCEEDED);
    story_free(story);
}

static void test_a_failing_connection_that_answers_is_no_longer_refused(void **state)
{
    struct story *story = resync_story("schedule");

    (void)state;
    story->ports->connection.state = TS_CONNECTION_FAILING;
    story->ports->connection.refused = "scope not granted";
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_UNCHANGED,
                 BEGUN "refused no more;" TIME
                       "page -;compare 107 108 109;links -;end done;" SUCCEEDED);
    story_free(story);
}

static void test_a_resync_is_never_given_up(void **state)
{
    static const struct {
        enum ts_class cls;
        unsigned attempt;
        enum ts_outcome outcome;
    } cases[] = {{TS_RETRY, 0, TS_OUTCOME_RETRIED},   {TS_RETRY, 5, TS_OUTCOME_FAILED},
                 {TS_AUTH, 0, TS_OUTCOME_RETRIED},    {TS_AUTH, 900, TS_OUTCOME_RETRIED},
                 {TS_INTERNAL, 0, TS_OUTCOME_FAILED}, {TS_REJECTED, 0, TS_OUTCOME_FAILED}};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = resync_story("schedule");

        story->job.attempt = cases[i].attempt;
        story->job.first_us = us_before(30 * 86400);
        story_begin(story, ts_resync_start);
        assert_true(fake_run_to(story->ports, "probe"));
        fake_fire_error(story->ports, cases[i].cls, "trouble");
        fake_run(story->ports);
        assert_int_equal(story->outcome, cases[i].outcome);
        if (cases[i].outcome == TS_OUTCOME_RETRIED)
            assert_in_range(story->ports->delay_ms, 1000, 15 * 60 * 1000);
        else
            assert_true(story->ports->later->is_timer);
        story_free(story);
    }
}

static void test_switched_off_nothing_runs_but_a_preview(void **state)
{
    struct story *story = resync_story("schedule");

    (void)state;
    story->ports->connection.state = TS_CONNECTION_CONNECTED;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_DISABLED, "connection acme;done;");
    story_free(story);

    story = changed_story();
    story->job.is_preview = true;
    story->ports->connection.state = TS_CONNECTION_CONNECTED;
    story_run(story, ts_resync_start);
    assert_ended(story, TS_OUTCOME_CHANGED,
                 "connection acme;lease preview;probe acme;" TIME
                 "page -;compare 107;view 107 ada@acme.example;links -;end done;done;");
    assert_int_equal(story->ports->commits, 0);
    assert_int_equal(story->ports->run.changed, 1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_when_nothing_differs_nothing_is_read_or_written),
        cmocka_unit_test(test_the_next_page_is_fetched_while_this_one_is_worked_on),
        cmocka_unit_test(test_who_differs_is_planned_from_the_listing_and_written_under_the_lease),
        cmocka_unit_test(test_whatever_a_listing_is_no_proof_of_is_read_again_by_id),
        cmocka_unit_test(test_an_import_of_many_is_linked_from_the_listing),
        cmocka_unit_test(test_absence_is_proven_one_by_one),
        cmocka_unit_test(test_a_plain_404_is_asked_twice),
        cmocka_unit_test(test_absence_is_not_concluded_from_any_error),
        cmocka_unit_test(test_who_is_no_admin_looks_for_nobody),
        cmocka_unit_test(test_an_admin_who_is_none_any_more_fails_the_run),
        cmocka_unit_test(test_who_became_an_admin_is_noted),
        cmocka_unit_test(test_an_admin_who_cannot_be_noted_is_one_next_time),
        cmocka_unit_test(test_a_preview_notes_no_admin),
        cmocka_unit_test(test_another_directory_fails_the_run),
        cmocka_unit_test(test_a_page_that_fails_is_asked_again_and_then_fails_the_run),
        cmocka_unit_test(test_a_page_without_users_is_implausible),
        cmocka_unit_test(test_a_page_token_that_expires_begins_the_walk_anew),
        cmocka_unit_test(test_a_run_that_would_empty_a_field_of_too_many_writes_nothing),
        cmocka_unit_test(test_a_loss_is_not_held_by_a_run_that_was_cut_off),
        cmocka_unit_test(test_whoever_cannot_be_read_is_neither_absent_nor_in_the_way),
        cmocka_unit_test(test_one_person_who_fails_does_not_stop_the_rest_but_twenty_do),
        cmocka_unit_test(test_the_beat_finds_out_that_the_run_is_lost),
        cmocka_unit_test(test_a_second_run_waits_for_the_first),
        cmocka_unit_test(test_the_next_one_comes_sooner_when_no_push_does),
        cmocka_unit_test(test_without_a_channel_one_is_asked_for),
        cmocka_unit_test(test_a_failing_connection_that_answers_is_no_longer_refused),
        cmocka_unit_test(test_a_resync_is_never_given_up),
        cmocka_unit_test(test_switched_off_nothing_runs_but_a_preview),
        cmocka_unit_test(test_an_unknown_org_is_buried),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
