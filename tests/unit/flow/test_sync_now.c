/* SPDX-License-Identifier: MIT */
/* A member synced on demand: what is told of each step, for every way it can go. */
#include "story.h"

#include "teamsync/text.h"

#define HEAD   "member m_1;connection acme;"
#define TAIL   "member m_1;"
#define BY_ID  "begin acme 107;get 107;view 107 ada@acme.example;"
#define COMMIT "sync-now by ops: commit m_1 107"
#define CONNECTED                                                                                  \
    "connected+ Google Workspace, connected by Grace on 1970-01-01T00:00:01.000Z; auto-sync is "   \
    "on.\n"
#define FOUND                                                                                      \
    "read+ Found as ada@acme.example (account 107): active; department: Engineering; manager: "    \
    "none.\n"
#define GONE                                                                                       \
    "read+ The directory does not know the account 107. It was asked twice, two seconds apart.\n"
#define LINKED "matched+ By the link to this account that was made before.\n"

static struct told {
    unsigned count;
    struct ts_error err;
    char member[16];
    struct ts_buf steps; /* "read+ Found …\n", with - for one that is not ok */
} told;

static void on_told(const struct ts_error *err, const struct ts_sync_step *steps, size_t count,
                    const struct ts_member *member, void *arg)
{
    (void)arg;
    told.count++;
    told.err = *err;
    assert_int_equal(err->cls == TS_OK, member != NULL);
    assert_true(count <= TS_SYNC_STEPS);
    (void)ts_text_copy(told.member, sizeof(told.member), member ? member->id : "");
    for (size_t i = 0; i < count; i++) {
        (void)ts_buf_addf(&told.steps, "%s%s %s\n", steps[i].name, steps[i].is_ok ? "+" : "-",
                          steps[i].text);
        assert_true(steps[i].is_ok || i + 1 == count); /* the first that is not ok is the last */
    }
}

static struct story *world(void)
{
    struct story *story = story_new();

    ts_buf_done(&told.steps);
    told = (struct told){0};
    ts_buf_init(&told.steps, 1 << 16);
    story->ports->member = &story->ada;
    story->ports->connection.connected_by = "Grace";
    story->ports->connection.connected_us = 1000000;
    story->ports->connection.team_from = "department";
    story->ports->connection.provider = "google-workspace";
    return story;
}

static struct ts_op *start(struct story *story)
{
    return ts_sync_now_start(&story->ports->env, "acme", "m_1", "ops", on_told, NULL);
}

static void end(struct story *story)
{
    assert_int_equal(told.count, 1);
    assert_int_equal(fake_held(story->ports), 0);
    story_free(story);
    ts_buf_done(&told.steps);
}

static void run(struct story *story, const char *transcript, const char *steps)
{
    (void)start(story);
    assert_int_equal(told.count, 0);
    fake_run(story->ports);
    assert_string_equal(told.steps.data, steps);
    assert_string_equal(fake_transcript(story->ports), transcript);
    assert_int_equal(told.err.cls, TS_OK);
    assert_string_equal(told.member, "m_1");
    end(story);
}

/* --- all goes well --- */

static void test_one_who_is_in_step_has_nothing_to_change(void **state)
{
    (void)state;
    run(world(), HEAD BY_ID COMMIT ";" TAIL,
        CONNECTED FOUND LINKED "decided+ Nothing to change.\napplied+ Nothing to write.\n");
}

static void test_changes_are_told_from_what_to_what(void **state)
{
    static const struct ts_member boss = {.id = "m_2", .email = "grace@acme.example"};
    struct story *story = world();

    (void)state;
    story->user.team = "Sales";
    story->user.manager_email = "grace@acme.example";
    story->ports->view.manager = &boss;
    run(story,
        HEAD "begin acme 107;get 107;view 107 ada@acme.example manager grace@acme.example;" COMMIT
             " manager+team+state;" TAIL,
        CONNECTED "read+ Found as ada@acme.example (account 107): active; department: Sales; "
                  "manager: grace@acme.example.\n" LINKED
                  "decided+ The manager changes from none to grace@acme.example. The team changes "
                  "from Engineering to Sales.\napplied+ Written.\n");
}

static void test_a_manager_who_is_no_member_yet_is_told(void **state)
{
    struct story *story = world();

    (void)state;
    story->user.manager_email = "Grace@acme.example";
    run(story,
        HEAD "begin acme 107;get 107;view 107 ada@acme.example manager Grace@acme.example;" COMMIT
             " state;" TAIL,
        CONNECTED "read+ Found as ada@acme.example (account 107): active; department: Engineering; "
                  "manager: Grace@acme.example.\n" LINKED
                  "decided+ The manager grace@acme.example is "
                  "not a member yet, and is set when they are.\napplied+ Written.\n");
}

/* Who is found by an address is read again by the id, before a link is made. */
static void test_one_without_a_link_is_found_by_address(void **state)
{
    static const char *const how[] = {
        "matched+ By the address ada@acme.example, the primary one of the account.\n",
        "matched+ By the address ada@acme.example, an alias of the account.\n"};

    (void)state;
    for (unsigned by_alias = 0; by_alias < 2; by_alias++) {
        struct story *story = world();
        struct ts_view *view = &story->ports->view;
        TS_AUTOFREE char *steps = ts_format(
            CONNECTED FOUND "%sdecided+ Is linked to the account 107.\napplied+ Written.\n",
            how[by_alias]);

        story->ada.directory_id = NULL;
        story->ada.sync_state = TS_SYNC_UNMATCHED;
        *view = (struct ts_view){.by_primary = by_alias ? NULL : &story->ada,
                                 .by_alias = by_alias ? &story->ada : NULL,
                                 .alias_matches = by_alias};
        run(story,
            HEAD "begin acme ada@acme.example;get ada@acme.example;view 107 ada@acme.example;" BY_ID
                COMMIT " link+state;" TAIL,
            steps);
    }
}

static void test_suspension_and_return_are_told_with_the_reason(void **state)
{
    struct story *story = world();

    (void)state;
    story->user.is_suspended = TS_YES;
    run(story, HEAD BY_ID COMMIT " status;" TAIL,
        CONNECTED "read+ Found as ada@acme.example (account 107): suspended; department: "
                  "Engineering; manager: none.\n" LINKED
                  "decided+ Is suspended (suspended).\napplied+ Written.\n");

    story = world();
    story->ada.status = TS_MEMBER_SUSPENDED;
    story->ada.status_before = TS_MEMBER_ACTIVE;
    story->ada.suspended_by = TS_SUSPENDED_BY_DIRECTORY;
    story->ada.suspended_reason = TS_REASON_SUSPENDED;
    run(story, HEAD BY_ID COMMIT " status;" TAIL,
        CONNECTED FOUND LINKED "decided+ Is reinstated: active again.\napplied+ Written.\n");
}

/* A plain "not found" is asked twice, within the request. */
static void test_absence_is_confirmed_before_anybody_is_suspended(void **state)
{
    struct story *story = world();

    (void)state;
    story->ports->user = NULL;
    run(story,
        HEAD "begin acme 107;get 107;view 107;pause;begin acme 107;get 107;view 107;" COMMIT
             " status;" TAIL,
        CONNECTED GONE LINKED "decided+ Is suspended (deleted).\napplied+ Written.\n");
}

static void test_who_was_only_absent_for_a_moment_is_not_suspended(void **state)
{
    struct story *story = world();

    (void)state;
    story->ports->user = NULL;
    (void)start(story);
    assert_true(fake_run_to(story->ports, "pause"));
    assert_int_equal(story->ports->pause_ms, 2000);
    story->ports->user = &story->user;
    fake_run(story->ports);
    assert_string_equal(told.steps.data, CONNECTED FOUND LINKED
                        "decided+ Nothing to change.\napplied+ Nothing to write.\n");
    end(story);
}

static void test_the_owner_stays_and_why_is_told(void **state)
{
    static const struct ts_directory_user deleted = {.id = "107", .is_deleted = true};
    struct story *story = world();

    (void)state;
    story->ada.role = "owner";
    story->ports->user = &deleted;
    run(story, HEAD "begin acme 107;get 107;view 107;" COMMIT " state;" TAIL,
        CONNECTED "read+ The directory says that the account 107 is deleted.\n" LINKED
                  "decided+ Stays: deleted in the directory; the "
                  "owner is never suspended.\napplied+ Written.\n");
}

static void test_a_failing_connection_is_told_and_mended_by_an_answer(void **state)
{
    struct story *story = world();

    (void)state;
    story->ports->connection.state = TS_CONNECTION_FAILING;
    story->ports->connection.refused = "the scope is not granted";
    (void)start(story);
    fake_run(story->ports);
    assert_string_equal(fake_transcript(story->ports), HEAD
                        "begin acme 107;get 107;refused no more;view 107 ada@acme.example;" COMMIT
                        ";" TAIL);
    assert_true(ts_text_starts_with(
        told.steps.data,
        "connected+ Google Workspace, connected by Grace on 1970-01-01T00:00:01.000Z; "
        "auto-sync is on, but the connection is failing: the scope is not granted.\n"));
    end(story);
}

/* --- a step fails --- */

static void test_nothing_moves_where_auto_sync_is_off(void **state)
{
    static const enum ts_connection_state off[] = {TS_CONNECTION_NONE, TS_CONNECTION_CONNECTED};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(off); i++) {
        struct story *story = world();

        story->ports->connection.state = off[i];
        (void)start(story);
        fake_run(story->ports);
        assert_string_equal(fake_transcript(story->ports), HEAD);
        assert_int_equal(told.err.cls, TS_REJECTED);
        end(story);
    }
}

static void test_whom_nobody_knows_cannot_be_synced(void **state)
{
    struct story *story = world();

    (void)state;
    story->ports->member = NULL;
    (void)start(story);
    fake_run(story->ports);
    assert_string_equal(fake_transcript(story->ports), "member m_1;");
    assert_int_equal(told.err.cls, TS_NOT_FOUND);
    end(story);
}

static void test_a_directory_that_does_not_answer_decides_nothing(void **state)
{
    (void)state;
    for (enum ts_class cls = TS_RETRY; cls <= TS_INTERNAL; cls++) {
        struct story *story = world();

        (void)start(story);
        assert_true(fake_run_to(story->ports, "get"));
        fake_fire_error(story->ports, cls, "the directory is not well");
        fake_run(story->ports);
        assert_string_equal(told.steps.data, CONNECTED
                            "read- The directory gave no answer: the directory is not well.\n");
        assert_string_equal(fake_transcript(story->ports),
                            cls == TS_AUTH ? HEAD
                                "begin acme 107;get 107;refused the directory is not well;" TAIL
                                           : HEAD "begin acme 107;get 107;" TAIL);
        assert_int_equal(told.err.cls, TS_OK);
        end(story);
    }
}

static void test_an_address_without_an_account_ends_at_reading(void **state)
{
    struct story *story = world();

    (void)state;
    story->ada.directory_id = NULL;
    story->ports->user = NULL;
    run(story, HEAD "begin acme ada@acme.example;get ada@acme.example;" TAIL,
        CONNECTED "read- The directory has no account with the address ada@acme.example.\n");
}

/* A link is for good: what the address led to has to be there by its id, too. */
static void test_an_account_that_is_only_there_by_address_is_not_linked(void **state)
{
    struct story *story = world();

    (void)state;
    story->ada.directory_id = NULL;
    story->ports->view = (struct ts_view){.by_primary = &story->ada};
    (void)start(story);
    assert_true(fake_run_to(story->ports, "view"));
    fake_fire(story->ports);
    story->ports->user = NULL;
    fake_run(story->ports);
    assert_int_equal(told.err.cls, TS_OK);
    assert_string_equal(told.steps.data, CONNECTED
                        "read- The directory gave no answer: the directory finds a user by "
                        "address, but not by id.\n");
    end(story);
}

static void test_an_account_of_nobody_ends_at_matching(void **state)
{
    struct story *story = world();

    (void)state;
    story->ada.directory_id = NULL;
    story->ports->view = (struct ts_view){.alias_matches = 2};
    run(story,
        HEAD "begin acme ada@acme.example;get ada@acme.example;view 107 ada@acme.example;" TAIL,
        CONNECTED FOUND
        "matched- No member has an address of this account, or several have one.\n");
}

/* A job would sync that other member; who asks for this one is told, and nobody is touched. */
static void test_an_account_of_another_member_is_left_alone(void **state)
{
    static const struct ts_member other = {
        .id = "m_2", .email = "grace@acme.example", .role = "member", .directory_id = "107"};
    struct story *story = world();

    (void)state;
    story->ada.directory_id = NULL;
    story->ports->view = (struct ts_view){.linked = &other, .by_primary = &story->ada};
    run(story,
        HEAD "begin acme ada@acme.example;get ada@acme.example;view 107 ada@acme.example;" TAIL,
        CONNECTED FOUND "matched- The account is that of another member, grace@acme.example.\n");
}

static void test_a_recycled_address_is_a_conflict(void **state)
{
    struct story *story = world();
    struct ts_member linked_meanwhile = story->ada;

    (void)state;
    story->ada.directory_id = NULL;
    linked_meanwhile.directory_id = "999";
    story->ports->view = (struct ts_view){.by_primary = &linked_meanwhile};
    run(story,
        HEAD
        "begin acme ada@acme.example;get ada@acme.example;view 107 ada@acme.example;" BY_ID COMMIT
        " state;" TAIL,
        CONNECTED FOUND "matched- ada@acme.example belongs to this account now, but the member is "
                        "linked to another one. A person has to decide who it is.\n");
}

static void test_a_flag_that_is_left_out_decides_nothing(void **state)
{
    struct story *story = world();

    (void)state;
    story->user.is_suspended = TS_UNKNOWN;
    run(story, HEAD BY_ID TAIL,
        CONNECTED
        "read+ Found as ada@acme.example (account 107): whether it is suspended is not "
        "shown; department: Engineering; manager: none.\n" LINKED
        "decided- The directory left out whether the account is suspended, so nothing can "
        "be decided. Try again in a while.\n");
}

static void test_something_newer_wins(void **state)
{
    struct story *story = world();

    (void)state;
    story->user.team = "Sales";
    story->ports->committed = TS_COMMIT_STALE;
    (void)start(story);
    fake_run(story->ports);
    assert_non_null(strstr(told.steps.data,
                           "applied- Nothing is written: something newer has been meanwhile.\n"));
    end(story);
}

static void test_a_member_who_changes_all_the_time_is_left(void **state)
{
    struct story *story = world();

    (void)state;
    story->ports->overtaken = 99;
    (void)start(story);
    fake_run(story->ports);
    assert_int_equal(story->ports->commits, 6);
    assert_non_null(strstr(told.steps.data, "applied- Nothing is written: the member was changed "
                                            "again and again meanwhile. Try again.\n"));
    end(story);
}

static void test_what_the_guard_holds_waits_for_a_person(void **state)
{
    struct story *story = world();

    (void)state;
    story->user.is_archived = TS_YES;
    story->ports->committed = TS_COMMIT_HELD;
    (void)start(story);
    assert_true(fake_run_to(story->ports, "commit"));
    fake_fire(story->ports);
    story->ports->committed = TS_COMMITTED;
    fake_run(story->ports);
    assert_string_equal(fake_transcript(story->ports), HEAD BY_ID COMMIT
                        " status;view 107 ada@acme.example;" COMMIT " state;" TAIL);
    assert_non_null(strstr(
        told.steps.data,
        "decided+ Would be suspended: archived in the "
        "directory; "
        "the suspension waits, for too many happened in a day.\n"
        "applied- The suspension waits in the hold, for a person to approve or reject it.\n"));
    end(story);
}

/* --- Redis, and whoever asked --- */

static void test_trouble_with_redis_is_an_error_at_any_step(void **state)
{
    static const char *const words[] = {"member", "connection", "begin", "view", "commit"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(words); i++) {
        struct story *story = world();

        (void)start(story);
        assert_true(fake_run_to(story->ports, words[i]));
        fake_fire_error(story->ports, TS_RETRY, "redis: no connection");
        assert_int_equal(told.err.cls, TS_RETRY);
        assert_int_equal(told.steps.len, 0);
        end(story);
    }
}

static void test_it_can_be_cancelled_at_any_step(void **state)
{
    (void)state;
    for (unsigned at = 0; at < 9; at++) {
        struct story *story = world();
        struct ts_op *op;

        story->ports->user = NULL;
        op = start(story);
        for (unsigned i = 0; i < at; i++)
            fake_fire(story->ports);
        assert_int_equal(fake_held(story->ports), 1);
        ts_op_cancel(&op);
        assert_int_equal(told.count, 0);
        told.count = 1;
        end(story);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_who_is_in_step_has_nothing_to_change),
        cmocka_unit_test(test_changes_are_told_from_what_to_what),
        cmocka_unit_test(test_a_manager_who_is_no_member_yet_is_told),
        cmocka_unit_test(test_one_without_a_link_is_found_by_address),
        cmocka_unit_test(test_suspension_and_return_are_told_with_the_reason),
        cmocka_unit_test(test_absence_is_confirmed_before_anybody_is_suspended),
        cmocka_unit_test(test_who_was_only_absent_for_a_moment_is_not_suspended),
        cmocka_unit_test(test_the_owner_stays_and_why_is_told),
        cmocka_unit_test(test_a_failing_connection_is_told_and_mended_by_an_answer),
        cmocka_unit_test(test_nothing_moves_where_auto_sync_is_off),
        cmocka_unit_test(test_whom_nobody_knows_cannot_be_synced),
        cmocka_unit_test(test_a_directory_that_does_not_answer_decides_nothing),
        cmocka_unit_test(test_an_address_without_an_account_ends_at_reading),
        cmocka_unit_test(test_an_account_that_is_only_there_by_address_is_not_linked),
        cmocka_unit_test(test_an_account_of_nobody_ends_at_matching),
        cmocka_unit_test(test_an_account_of_another_member_is_left_alone),
        cmocka_unit_test(test_a_recycled_address_is_a_conflict),
        cmocka_unit_test(test_a_flag_that_is_left_out_decides_nothing),
        cmocka_unit_test(test_something_newer_wins),
        cmocka_unit_test(test_a_member_who_changes_all_the_time_is_left),
        cmocka_unit_test(test_what_the_guard_holds_waits_for_a_person),
        cmocka_unit_test(test_trouble_with_redis_is_an_error_at_any_step),
        cmocka_unit_test(test_it_can_be_cancelled_at_any_step),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
