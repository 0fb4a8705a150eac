/* SPDX-License-Identifier: MIT */
/* One person's sync, branch by branch, read off the transcript. */
#include "story.h"

#include "teamsync/metrics.h"
#include "teamsync/text.h"

#include <unistd.h>

#define LOOKED "connection acme;begin acme 107;get 107;view 107 ada@acme.example;"

static void run_and_expect(struct story *story, enum ts_outcome outcome, const char *transcript)
{
    story_run(story, ts_sync_user_start);
    assert_ended(story, outcome, transcript);
}

static void test_a_change_is_committed_and_the_job_with_it(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->user.team = "Sales";
    run_and_expect(story, TS_OUTCOME_CHANGED, LOOKED "commit m_1 107 team;");
    assert_int_equal(story->ports->observed_us, 1000);
    story_free(story);
}

static void test_an_address_is_read_by_the_id_it_is_linked_to(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->job.user = "ada@acme.example";
    story->ports->begun.directory_id = "107";
    story->user.team = "Sales";
    run_and_expect(story, TS_OUTCOME_CHANGED,
                   "connection acme;begin acme ada@acme.example;get 107;"
                   "view 107 ada@acme.example;commit m_1 107 team;");
    story_free(story);
}

/* Ada has no link yet, and the job names her address. */
static struct story *unlinked_story(void)
{
    struct story *story = story_new();

    story->job.user = "ada@acme.example";
    story->ada.directory_id = NULL;
    story->ada.directory_addresses = NULL;
    story->ada.sync_state = TS_SYNC_UNMATCHED;
    story->ports->view.linked = NULL;
    return story;
}

#define FOUND                                                                                      \
    "connection acme;begin acme ada@acme.example;get ada@acme.example;"                            \
    "view 107 ada@acme.example;begin acme 107;get 107;"

static void test_a_link_is_made_only_after_a_read_by_the_id_itself(void **state)
{
    struct story *story = unlinked_story();

    (void)state;
    story_run(story, ts_sync_user_start);
    assert_int_equal(story->outcome, TS_OUTCOME_CHANGED);
    assert_true(ts_text_starts_with(fake_transcript(story->ports),
                                    FOUND "view 107 ada@acme.example;commit m_1 107 link"));
    story_free(story);
}

static void test_one_who_is_found_by_address_but_not_by_id_is_looked_for_again(void **state)
{
    struct story *story = unlinked_story();

    (void)state;
    story_begin(story, ts_sync_user_start);
    assert_true(fake_run_to(story->ports, "view"));
    story->ports->user = NULL;
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_RETRIED, FOUND "retry;");
    assert_non_null(strstr(story->ports->text, "by address, but not by id"));
    story_free(story);
}

static void test_the_view_asks_for_aliases_and_the_manager_too(void **state)
{
    static const char *const aliases[] = {"countess@acme.example", "al@acme.example"};
    struct story *story = story_new();

    (void)state;
    story->user.aliases = aliases;
    story->user.alias_count = 2;
    story->user.manager_email = "grace@acme.example";
    story_begin(story, ts_sync_user_start);
    assert_true(fake_run_to(story->ports, "commit"));
    assert_non_null(strstr(fake_transcript(story->ports),
                           "view 107 ada@acme.example countess@acme.example al@acme.example "
                           "manager grace@acme.example;"));
    ts_op_cancel(&story->flow);
    story_free(story);
}

static void test_an_address_the_directory_does_not_know_concerns_nobody(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->job.user = "ghost@acme.example";
    story->ports->user = NULL;
    run_and_expect(
        story, TS_OUTCOME_NOBODY,
        "connection acme;begin acme ghost@acme.example;get ghost@acme.example;done then reread;");
    story_free(story);
}

static void test_a_user_without_a_member_concerns_nobody(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->job.cause = "resync";
    story->ports->view = (struct ts_view){0};
    run_and_expect(story, TS_OUTCOME_NOBODY, LOOKED "done;");
    story_free(story);
}

static void test_a_job_of_an_unknown_org_is_buried(void **state)
{
    struct story *story = story_new();

    (void)state;
    story_begin(story, ts_sync_user_start);
    fake_fire_error(story->ports, TS_NOT_FOUND, "no such org");
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_BURIED, "connection acme;bury unknown org;");
    story_free(story);
}

static void test_nothing_moves_while_auto_sync_is_off(void **state)
{
    static const enum ts_connection_state off[] = {TS_CONNECTION_NONE, TS_CONNECTION_CONNECTED};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(off); i++) {
        struct story *story = story_new();

        story->ports->connection.state = off[i];
        run_and_expect(story, TS_OUTCOME_DISABLED, "connection acme;done;");
        story_free(story);
    }
}

static void test_an_absence_is_looked_at_twice_before_it_suspends(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->ports->user = NULL;
    run_and_expect(story, TS_OUTCOME_RETRIED,
                   "connection acme;begin acme 107;get 107;view 107;retry;");
    assert_true(story->ports->is_absent);
    assert_null(story->ports->text); /* it is no error */
    assert_int_equal(story->ports->delay_ms, 2000);
    assert_int_equal(story->ports->commits, 0);
    story_free(story);

    story = story_new();
    story->ports->user = NULL;
    story->job.seen_absent = true;
    story_run(story, ts_sync_user_start);
    assert_int_equal(story->outcome, TS_OUTCOME_CHANGED);
    assert_int_equal(story->ports->suspensions, 1);
    story_free(story);
}

static void test_a_user_who_is_there_again_ends_the_absence(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->job.seen_absent = true;
    story->user.is_suspended = TS_UNKNOWN;
    run_and_expect(story, TS_OUTCOME_RETRIED, LOOKED "retry;");
    assert_false(story->ports->is_absent);
    story_free(story);
}

static void test_an_absence_is_confirmed_even_for_a_very_old_job(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->ports->user = NULL;
    story->job.first_us = us_before(300000);
    run_and_expect(story, TS_OUTCOME_RETRIED,
                   "connection acme;begin acme 107;get 107;view 107;retry;");
    story_free(story);
}

static void test_a_suspended_user_is_suspended_by_an_admins_connection_only(void **state)
{
    (void)state;
    for (unsigned may = 0; may < 2; may++) {
        struct story *story = story_new();

        story->user.is_suspended = TS_YES;
        story->ports->connection.may_suspend = may;
        story_run(story, ts_sync_user_start);
        assert_int_equal(story->ended, 1);
        assert_int_equal(story->ports->suspensions, may);
        story_free(story);
    }
}

static void test_missing_values_clear_a_persons_own_only_when_an_admin_set_it_so(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 4; bits++) {
        struct story *story = story_new();
        bool is_cleared = bits == 3;

        story->ada.team_source = TS_SOURCE_MANUAL;
        story->user.team = NULL;
        story->ports->connection.clear_missing = bits & 1;
        story->ports->connection.may_suspend = bits & 2;
        story_run(story, ts_sync_user_start);
        assert_int_equal(strstr(fake_transcript(story->ports), "team") != NULL, is_cleared);
        story_free(story);
    }
}

static void test_an_incomplete_answer_is_never_acted_on(void **state)
{
    static const struct {
        uint64_t age_s;
        enum ts_outcome outcome;
        uint64_t low_ms, high_ms;
    } cases[] = {
        {0, TS_OUTCOME_RETRIED, 10000, 10000},
        {299, TS_OUTCOME_RETRIED, 10000, 10000},
        {600, TS_OUTCOME_RETRIED, 120000, 121000},
        {6000, TS_OUTCOME_RETRIED, 1200000, 1201000},
        {200000, TS_OUTCOME_RETRIED, 21600000, 21600000},
        {260000, TS_OUTCOME_BURIED, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = story_new();

        story->user.is_archived = TS_UNKNOWN;
        story->job.attempt = 40;
        story->job.first_us = us_before(cases[i].age_s);
        story_run(story, ts_sync_user_start);
        assert_int_equal(story->outcome, cases[i].outcome);
        assert_delay(story->ports->delay_ms, cases[i].low_ms, cases[i].high_ms);
        assert_int_equal(story->ports->commits, 0);
        story_free(story);
    }
}

static void test_a_push_that_shows_nothing_new_is_read_again(void **state)
{
    static const struct {
        const char *cause;
        unsigned reread;
        uint64_t later_ms; /* 0: none */
    } cases[] = {
        {"push", 0, 5000}, {"reread", 1, 15000}, {"reread", 2, 60000},       {"reread", 3, 0},
        {"resync", 0, 0},  {"manual", 0, 0},     {"reread", 4000000000u, 0}, {NULL, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = story_new();
        const struct ts_job *later;

        story->job.cause = cases[i].cause;
        story->job.reread = cases[i].reread;
        story->job.attempt = 2;
        story->job.received_us = us_ago(1);
        story->job.first_error = "timeout";
        run_and_expect(story, TS_OUTCOME_UNCHANGED,
                       cases[i].later_ms ? LOOKED "commit m_1 107 then reread;"
                                         : LOOKED "commit m_1 107;");
        later = story->ports->later;
        assert_int_equal(story->ports->later_ms, cases[i].later_ms);
        assert_int_equal(later != NULL, cases[i].later_ms != 0);
        if (later) {
            assert_int_equal(later->type, TS_JOB_USER);
            assert_string_equal(later->org, "acme");
            assert_string_equal(later->user, "107");
            assert_int_equal(later->reread, cases[i].reread + 1);
            assert_int_equal(later->attempt + later->received_us + later->first_us, 0);
            assert_false(later->seen_absent);
            assert_null(later->first_error);
        }
        story_free(story);
    }
}

static void test_a_change_needs_no_second_look(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->user.team = "Sales";
    story_run(story, ts_sync_user_start);
    assert_null(story->ports->later);
    story_free(story);
}

static void test_a_newer_read_wins(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->ports->committed = TS_COMMIT_STALE;
    story->user.team = "Sales";
    run_and_expect(story, TS_OUTCOME_STALE, LOOKED "commit m_1 107 team;");
    story_free(story);
}

static void test_a_job_that_another_worker_took_is_lost(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->ports->committed = TS_COMMIT_LOST;
    story->user.team = "Sales";
    run_and_expect(story, TS_OUTCOME_LOST, LOOKED "commit m_1 107 team;");
    story_free(story);
}

#define AGAIN "view 107 ada@acme.example;commit m_1 107 team;"

static void test_an_overtaken_commit_is_planned_again_with_the_same_read(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->ports->overtaken = 5;
    story->user.team = "Sales";
    run_and_expect(story, TS_OUTCOME_CHANGED,
                   LOOKED "commit m_1 107 team;" AGAIN AGAIN AGAIN AGAIN AGAIN);
    story_free(story);
}

static void test_a_commit_overtaken_too_often_waits_a_second(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->ports->overtaken = 6;
    story->user.team = "Sales";
    run_and_expect(story, TS_OUTCOME_RETRIED,
                   LOOKED "commit m_1 107 team;" AGAIN AGAIN AGAIN AGAIN AGAIN "retry;");
    assert_int_equal(story->ports->delay_ms, 1000);
    story_free(story);
}

static void test_a_failing_connection_that_answers_is_active_again(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->ports->connection.state = TS_CONNECTION_FAILING;
    story->ports->connection.refused = "scope not granted";
    story->user.team = "Sales";
    run_and_expect(story, TS_OUTCOME_CHANGED,
                   "connection acme;begin acme 107;get 107;refused no more;"
                   "view 107 ada@acme.example;commit m_1 107 team;");
    story_free(story);
}

static void test_a_recovery_that_cannot_be_noted_stops_nothing(void **state)
{
    struct story *story = story_new();

    (void)state;
    story->ports->connection.state = TS_CONNECTION_FAILING;
    story->ports->connection.refused = "scope not granted";
    story->user.team = "Sales";
    story_begin(story, ts_sync_user_start);
    assert_true(fake_run_to(story->ports, "trouble"));
    fake_fire_error(story->ports, TS_RETRY, "redis is away");
    fake_run(story->ports);
    assert_int_equal(story->outcome, TS_OUTCOME_CHANGED);
    story_free(story);
}

static void test_refused_credentials_mark_the_connection_and_wait_a_minute(void **state)
{
    struct story *story = story_new();

    (void)state;
    story_begin(story, ts_sync_user_start);
    assert_true(fake_run_to(story->ports, "get"));
    fake_fire_error(story->ports, TS_AUTH, "invalid_grant");
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_RETRIED,
                 "connection acme;begin acme 107;get 107;refused invalid_grant;retry;");
    assert_delay(story->ports->delay_ms, 60000, 75000);
    assert_string_equal(story->ports->text, "invalid_grant");
    story_free(story);
}

static void test_a_job_that_cannot_be_finished_is_left_to_be_taken_over(void **state)
{
    static const enum ts_class classes[] = {TS_NOT_FOUND, TS_RETRY, TS_INTERNAL, TS_REJECTED};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(classes); i++) {
        struct story *story = story_new();

        story->ports->view = (struct ts_view){0};
        story_begin(story, ts_sync_user_start);
        assert_true(fake_run_to(story->ports, "done"));
        fake_fire_error(story->ports, classes[i], "no");
        assert_ended(story, TS_OUTCOME_LOST, LOOKED "done then reread;");
        story_free(story);
    }
}

static void test_the_time_from_push_to_effect_is_measured_on_changes_only(void **state)
{
    (void)state;
    ts_metrics_reset();
    for (unsigned round = 0; round < 3; round++) {
        struct story *story = story_new();

        story->user.team = round == 0 ? "Engineering" : "Sales";
        story->job.received_us = round == 2 ? us_ago(2) : round == 1 ? 0 : us_ago(2);
        story_run(story, ts_sync_user_start);
        story_free(story);
    }
    {
        struct ts_buf text;

        ts_buf_init(&text, 1 << 16);
        ts_metrics_write(&text);
        assert_non_null(strstr(text.data, "teamsync_push_to_effect_seconds_count 1\n"));
        assert_non_null(strstr(text.data, "teamsync_push_to_effect_seconds_sum 2"));
        ts_buf_done(&text);
    }
    ts_metrics_reset();
}

/* What the flow logs, at level info, with a line of others while it waits and when it is over. */
static char *log_of(struct story *story)
{
    FILE *file = tmpfile();
    int kept = dup(STDERR_FILENO);
    char *text = ts_alloc(4096);

    assert_non_null(file);
    ts_log_setup(TS_LOG_INFO, TS_LOG_LOGFMT);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    story_begin(story, ts_sync_user_start);
    ts_log(TS_LOG_INFO, "meanwhile", NULL);
    fake_run(story->ports);
    ts_log(TS_LOG_INFO, "afterwards", NULL);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)story_quiet(NULL);
    (void)close(kept);
    rewind(file);
    assert_true(fread(text, 1, 4095, file) > 0);
    (void)fclose(file);
    return text;
}

static void test_one_line_tells_how_the_job_ended(void **state)
{
    struct story *story = story_new();
    TS_AUTOFREE char *text = NULL;
    unsigned lines = 0;

    (void)state;
    story->user.team = "Sales";
    text = log_of(story);
    assert_non_null(strstr(text, "level=info msg=\"member synced\" job=17-0 type=user org=acme "
                                 "user=107 member=m_1 outcome=changed changed=team cause=push\n"));
    assert_non_null(strstr(text, "msg=meanwhile\n"));
    assert_non_null(strstr(text, "msg=afterwards\n"));
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 3);
    story_free(story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_change_is_committed_and_the_job_with_it),
        cmocka_unit_test(test_an_address_is_read_by_the_id_it_is_linked_to),
        cmocka_unit_test(test_a_link_is_made_only_after_a_read_by_the_id_itself),
        cmocka_unit_test(test_one_who_is_found_by_address_but_not_by_id_is_looked_for_again),
        cmocka_unit_test(test_the_view_asks_for_aliases_and_the_manager_too),
        cmocka_unit_test(test_an_address_the_directory_does_not_know_concerns_nobody),
        cmocka_unit_test(test_a_user_without_a_member_concerns_nobody),
        cmocka_unit_test(test_a_job_of_an_unknown_org_is_buried),
        cmocka_unit_test(test_nothing_moves_while_auto_sync_is_off),
        cmocka_unit_test(test_an_absence_is_looked_at_twice_before_it_suspends),
        cmocka_unit_test(test_a_user_who_is_there_again_ends_the_absence),
        cmocka_unit_test(test_an_absence_is_confirmed_even_for_a_very_old_job),
        cmocka_unit_test(test_a_suspended_user_is_suspended_by_an_admins_connection_only),
        cmocka_unit_test(test_missing_values_clear_a_persons_own_only_when_an_admin_set_it_so),
        cmocka_unit_test(test_an_incomplete_answer_is_never_acted_on),
        cmocka_unit_test(test_a_push_that_shows_nothing_new_is_read_again),
        cmocka_unit_test(test_a_change_needs_no_second_look),
        cmocka_unit_test(test_a_newer_read_wins),
        cmocka_unit_test(test_a_job_that_another_worker_took_is_lost),
        cmocka_unit_test(test_an_overtaken_commit_is_planned_again_with_the_same_read),
        cmocka_unit_test(test_a_commit_overtaken_too_often_waits_a_second),
        cmocka_unit_test(test_a_failing_connection_that_answers_is_active_again),
        cmocka_unit_test(test_a_recovery_that_cannot_be_noted_stops_nothing),
        cmocka_unit_test(test_refused_credentials_mark_the_connection_and_wait_a_minute),
        cmocka_unit_test(test_a_job_that_cannot_be_finished_is_left_to_be_taken_over),
        cmocka_unit_test(test_one_line_tells_how_the_job_ended),
        cmocka_unit_test(test_the_time_from_push_to_effect_is_measured_on_changes_only),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
