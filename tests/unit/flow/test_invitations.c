/* SPDX-License-Identifier: MIT */
/* Who is invited: by themselves, by a person, and by mail. */
#include "worlds.h"

#include "teamsync/text.h"

#define LOOKED "connection acme;begin acme 107;get 107;view 107 ada@acme.example;"
#define CREATE "create ada@acme.example Ada Marlowe guest automatic mailed;"

/* --- newcomers --- */

static void test_a_newcomer_is_invited_by_the_job_that_hears_of_them(void **state)
{
    struct story *story = world_newcomer();

    (void)state;
    story_run(story, ts_sync_user_start);
    assert_ended(story, TS_OUTCOME_CHANGED, LOOKED "profile 107;" CREATE "done then reread;");
    story_free(story);
}

static void set_off(struct story *story)
{
    story->ports->connection.invites_since_us = 0;
}

static void set_public(struct story *story)
{
    story->ports->connection.may_suspend = false;
    story->ports->probe.is_admin = false;
}

static void set_old(struct story *story)
{
    story->user.created_us = 999999999;
}

static void set_undated(struct story *story)
{
    story->user.created_us = 0;
}

static void set_suspended(struct story *story)
{
    story->user.is_suspended = TS_YES;
}

static void set_archived(struct story *story)
{
    story->user.is_archived = TS_YES;
}

static void set_unknown(struct story *story)
{
    story->user.is_suspended = TS_UNKNOWN;
}

static void set_ambiguous(struct story *story)
{
    story->ports->view.alias_matches = 2;
}

static void set_deleted(struct story *story)
{
    story->user.is_deleted = true;
}

static void (*const no_newcomers[])(struct story *story) = {
    set_off,      set_public,  set_old,       set_undated, set_suspended,
    set_archived, set_unknown, set_ambiguous, set_deleted,
};

static void test_nobody_else_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(no_newcomers); i++) {
        struct story *story = world_newcomer();

        no_newcomers[i](story);
        story_run(story, ts_sync_user_start);
        assert_int_equal(story->outcome, TS_OUTCOME_NOBODY);
        assert_null(strstr(fake_transcript(story->ports), "profile"));
        assert_int_equal(story->ports->automatic, 0);
        story_free(story);
    }
}

static void test_what_the_profile_says_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(no_newcomers); i++) {
        struct story *story = world_newcomer();
        bool is_of_the_user = no_newcomers[i] != set_off && no_newcomers[i] != set_public &&
                              no_newcomers[i] != set_ambiguous;

        story_begin(story, ts_sync_user_start);
        assert_true(fake_run_to(story->ports, "profile"));
        no_newcomers[i](story);
        fake_run(story->ports);
        assert_int_equal(story->ports->automatic, is_of_the_user ? 0 : 1);
        story_free(story);
    }
}

static void test_two_who_invite_the_same_person_end_well(void **state)
{
    struct story *story = world_newcomer();

    (void)state;
    story->ports->created.id = NULL;
    story_run(story, ts_sync_user_start);
    assert_ended(story, TS_OUTCOME_NOBODY, LOOKED "profile 107;" CREATE "done then reread;");
    story_free(story);
}

static struct story *listed(bool is_preview)
{
    struct story *story = world_newcomer();

    story->job.type = TS_JOB_RESYNC;
    story->job.user = NULL;
    story->job.cause = "schedule";
    story->job.is_preview = is_preview;
    story->ports->listed = &story->user;
    story->ports->listed_count = 1;
    story->ports->difference.comparison = TS_COMPARED_NOBODY;
    return story;
}

static void test_a_resync_invites_whom_its_listing_shows_as_new(void **state)
{
    struct story *story = listed(/* is_preview= */ false);

    (void)state;
    story_run(story, ts_resync_start);
    assert_int_equal(story->outcome, TS_OUTCOME_UNCHANGED);
    assert_non_null(
        strstr(fake_transcript(story->ports), "view 107 ada@acme.example;profile 107;" CREATE));
    assert_int_equal(story->ports->run.failed, 0);
    assert_int_equal(story->ports->run.invited, 1);
    story_free(story);
}

static void test_a_resync_looks_at_nobody_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(no_newcomers); i++) {
        struct story *story = listed(/* is_preview= */ false);

        if (no_newcomers[i] == set_ambiguous)
            story->ports->difference.comparison = TS_COMPARED_SAME;
        else
            no_newcomers[i](story);
        story_run(story, ts_resync_start);
        assert_null(strstr(fake_transcript(story->ports), "view"));
        assert_int_equal(story->ports->automatic, 0);
        story_free(story);
    }
}

static void test_a_preview_invites_nobody(void **state)
{
    struct story *story = listed(/* is_preview= */ true);

    (void)state;
    story_run(story, ts_resync_start);
    assert_null(strstr(fake_transcript(story->ports), "view 107"));
    assert_int_equal(story->ports->automatic, 0);
    story_free(story);
}

/* --- the mail --- */

static void test_an_invited_member_gets_their_link(void **state)
{
    struct story *story = world_mail();
    TS_AUTOFREE char *link = NULL;

    (void)state;
    story_run(story, ts_send_invitation_start);
    assert_ended(story, TS_OUTCOME_CHANGED, "open acme m_1;mail ada@acme.example;done;");
    link = ts_format("\n\nhttps://sync.example/invitations/%s\n\n", story->ports->token);
    assert_true(ts_text_starts_with(story->ports->mail, "Join the team of Acme\nHello Ada,\n"));
    assert_non_null(strstr(story->ports->mail, link));
    assert_non_null(strstr(story->ports->mail, "until 2023-11-14 22:13 UTC"));
    story_free(story);
}

static void test_each_attempt_has_a_link_of_its_own(void **state)
{
    struct story *story = world_mail();
    TS_AUTOFREE char *first = NULL;

    (void)state;
    story_run(story, ts_send_invitation_start);
    first = ts_strdup(story->ports->token);
    story->ended = 0;
    story_run(story, ts_send_invitation_start);
    assert_string_not_equal(first, story->ports->token);
    story_free(story);
}

static void test_a_daemon_without_mail_leaves_the_job_to_others(void **state)
{
    struct story *story = world_mail();

    (void)state;
    story->ports->env.mailer = NULL;
    story_run(story, ts_send_invitation_start);
    assert_ended(story, TS_OUTCOME_RETRIED, "retry;");
    assert_string_equal(story->ports->text, "mail is not set up here");
    story_free(story);
}

static void test_who_is_not_invited_any_more_gets_no_mail(void **state)
{
    (void)state;
    for (unsigned is_gone = 0; is_gone < 2; is_gone++) {
        struct story *story = world_mail();

        story_begin(story, ts_send_invitation_start);
        fake_fire_error(story->ports, is_gone ? TS_NOT_FOUND : TS_REJECTED, "not invited");
        fake_run(story->ports);
        assert_ended(story, TS_OUTCOME_NOBODY, "open acme m_1;done;");
        story_free(story);
    }
}

static void test_a_mail_that_did_not_go_is_tried_again_or_buried(void **state)
{
    static const struct {
        enum ts_class cls;
        bool is_untried;
        enum ts_outcome outcome;
        const char *end;
        uint64_t least_ms;
    } cases[] = {
        {TS_RETRY, false, TS_OUTCOME_RETRIED, "retry;", 1000},
        {TS_RETRY, true, TS_OUTCOME_RETRIED, "put back 17-0;", 1000},
        {TS_AUTH, false, TS_OUTCOME_RETRIED, "retry;", 60000},
        {TS_REJECTED, false, TS_OUTCOME_BURIED, "bury 550 no;", 0},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = world_mail();
        struct ts_error err = ts_error_make(cases[i].cls, "550 no");
        TS_AUTOFREE char *transcript =
            ts_format("open acme m_1;mail ada@acme.example;%s", cases[i].end);

        err.is_untried = cases[i].is_untried;
        story_begin(story, ts_send_invitation_start);
        assert_true(fake_run_to(story->ports, "mail"));
        fake_fire_with(story->ports, &err);
        fake_run(story->ports);
        assert_ended(story, cases[i].outcome, transcript);
        assert_true(story->ports->delay_ms >= cases[i].least_ms);
        story_free(story);
    }
}

/* --- people --- */

struct answer {
    unsigned count;
    struct ts_error err;
    size_t found;
    char *cursor;
    char words[200]; /* "107 member m_1;" or "107 invited;" */
};

static void on_people(const struct ts_error *err, const struct ts_found_person *people,
                      size_t count, const char *next_cursor, void *arg)
{
    struct answer *answer = arg;

    answer->count++;
    answer->err = *err;
    answer->found = count;
    answer->cursor = ts_strdup(next_cursor);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(answer->words);

        (void)snprintf(answer->words + length, sizeof(answer->words) - length, "%s %s;",
                       people[i].user->id, people[i].member_id ? people[i].member_id : "-");
    }
}

static const struct ts_directory_user crowd[] = {
    {.id = "1", .primary_email = "Ada@x.io"},
    {.id = "2", .primary_email = "grace@x.io"},
    {.id = "3", .primary_email = "linus@x.io"},
};

static struct fake_ports *crowded(void)
{
    static const char *const matches[] = {"m_1", NULL};
    struct fake_ports *ports = fake_ports_new();

    ports->listed = crowd;
    ports->listed_count = 3;
    ports->page_size = 1;
    ports->matches = matches;
    return ports;
}

static void test_pages_of_nothing_but_members_are_passed_over(void **state)
{
    struct fake_ports *ports = crowded();
    struct ts_people_query query = {
        .org = "acme", .text = "x", .limit = 2, .leaves_members_out = true};
    struct answer answer = {0};

    (void)state;
    (void)ts_people_start(&ports->env, &query, on_people, &answer);
    fake_run(ports);
    assert_string_equal(fake_transcript(ports),
                        "connection acme;search x 2;match ada@x.io;search x 2 from 1;"
                        "match grace@x.io;search x 2 from 2;match linus@x.io;");
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.err.cls, TS_OK);
    assert_int_equal(answer.found, 0);
    assert_null(answer.cursor);
    fake_ports_free(ports);
}

static void test_but_not_for_ever(void **state)
{
    static struct ts_directory_user many[30];
    struct fake_ports *ports = crowded();
    struct ts_people_query query = {.org = "acme", .limit = 1, .leaves_members_out = true};
    struct answer answer = {0};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(many); i++)
        many[i] = crowd[0];
    ports->listed = many;
    ports->listed_count = TS_COUNT_OF(many);
    (void)ts_people_start(&ports->env, &query, on_people, &answer);
    fake_run(ports);
    assert_int_equal(answer.found, 0);
    assert_string_equal(answer.cursor, "10");
    free(answer.cursor);
    fake_ports_free(ports);
}

static void test_members_are_named_where_they_are_not_left_out(void **state)
{
    struct fake_ports *ports = crowded();
    struct ts_people_query query = {.org = "acme", .cursor = "1", .limit = 2};
    struct answer answer = {0};

    (void)state;
    ports->page_size = 2;
    (void)ts_people_start(&ports->env, &query, on_people, &answer);
    fake_run(ports);
    assert_string_equal(answer.words, "2 m_1;3 -;");
    assert_null(answer.cursor);
    fake_ports_free(ports);
}

static struct ts_op *start_people(struct fake_ports *ports, struct answer *answer)
{
    struct ts_people_query query = {.org = "acme", .limit = 2};

    return ts_people_start(&ports->env, &query, on_people, answer);
}

/* --- invited by a person --- */

static void on_invitations(const struct ts_error *err, const struct ts_invite_result *results,
                           size_t count, void *arg)
{
    static const char *const ends[] = {"invited", "member", "not found", "not active", "failed"};
    struct answer *answer = arg;

    answer->count++;
    answer->err = *err;
    answer->found = count;
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(answer->words);

        assert_int_equal(results[i].end == TS_INVITE_INVITED, results[i].member != NULL);
        (void)snprintf(answer->words + length, sizeof(answer->words) - length, "%s %s;",
                       results[i].directory_id, ends[results[i].end]);
    }
}

static struct ts_op *start_invitations(struct fake_ports *ports, struct answer *answer)
{
    static const char *const ids[] = {"107", "108", "109"};

    ports->created.id = "m_9";
    return ts_invitations_start(&ports->env,
                                &(struct ts_invitees){.org = "acme",
                                                      .directory_ids = ids,
                                                      .count = TS_COUNT_OF(ids),
                                                      .role = "guest",
                                                      .by = "ops"},
                                on_invitations, answer);
}

static void test_one_who_cannot_be_invited_stops_nobody(void **state)
{
    struct story *story = story_new();
    struct fake_ports *ports = story->ports;
    struct answer answer = {0};

    (void)state;
    story->user.is_suspended = TS_UNKNOWN; /* a person may, where the directory does not tell */
    (void)start_invitations(ports, &answer);
    fake_fire(ports);
    assert_int_equal(fake_held(ports), 3); /* at once */
    fake_fire_error(ports, TS_RETRY, "too many requests");
    fake_fire_error(ports, TS_NOT_FOUND, "no such user");
    fake_run(ports);
    assert_string_equal(answer.words, "107 failed;108 not found;109 invited;");
    assert_string_equal(fake_transcript(ports), "connection acme;profile 107;profile 108;"
                                                "profile 109;create ada@acme.example - guest;");
    story_free(story);
}

static void test_the_end_of_each_is_told(void **state)
{
    (void)state;
    for (unsigned which = 0; which < 4; which++) {
        static const char *const words[] = {"member", "not active", "not active", "not found"};
        struct story *story = story_new();
        struct answer answer = {0};
        TS_AUTOFREE char *expected =
            ts_format("107 %s;108 %s;109 %s;", words[which], words[which], words[which]);

        (void)start_invitations(story->ports, &answer);
        if (which == 0)
            story->ports->created.id = NULL;
        else if (which == 3)
            story->user.is_deleted = true;
        else
            *(which == 1 ? &story->user.is_suspended : &story->user.is_archived) = TS_YES;
        fake_run(story->ports);
        assert_string_equal(answer.words, expected);
        story_free(story);
    }
}

static void test_no_more_than_eight_are_read_at_once(void **state)
{
    const char *ids[20];
    struct story *story = story_new();
    struct answer answer = {0};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(ids); i++)
        ids[i] = "107";
    story->ports->created.id = "m_9";
    (void)ts_invitations_start(&story->ports->env,
                               &(struct ts_invitees){.org = "acme",
                                                     .directory_ids = ids,
                                                     .count = TS_COUNT_OF(ids),
                                                     .role = "guest",
                                                     .by = "ops"},
                               on_invitations, &answer);
    fake_fire(story->ports);
    while (fake_held(story->ports) > 0) {
        assert_true(fake_held(story->ports) <= 8);
        fake_fire(story->ports);
    }
    assert_int_equal(answer.found, TS_COUNT_OF(ids));
    story_free(story);
}

/* --- both --- */

static struct ts_op *(*const starts[])(struct fake_ports *ports,
                                       struct answer *answer) = {start_people, start_invitations};

static void test_without_auto_sync_nothing_is_read(void **state)
{
    static const enum ts_connection_state off[] = {TS_CONNECTION_NONE, TS_CONNECTION_CONNECTED};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct fake_ports *ports = crowded();
        struct answer answer = {0};

        ports->connection.state = off[i % 2];
        (void)starts[i / 2](ports, &answer);
        fake_run(ports);
        assert_string_equal(fake_transcript(ports), "connection acme;");
        assert_int_equal(answer.err.cls, TS_REJECTED);
        assert_non_null(strstr(answer.err.text, "auto-sync"));
        fake_ports_free(ports);
    }
}

static void test_trouble_and_cancelling_at_any_step_leave_nothing(void **state)
{
    (void)state;
    for (size_t which = 0; which < TS_COUNT_OF(starts); which++) {
        for (unsigned at = 0; at < 8; at++) {
            for (unsigned cancels = 0; cancels < 2; cancels++) {
                struct story *story = story_new();
                struct answer answer = {0};
                struct ts_op *op = starts[which](story->ports, &answer);

                for (unsigned i = 0; i < at && fake_held(story->ports) > 0; i++)
                    fake_fire(story->ports);
                if (answer.count > 0)
                    op = NULL;
                if (cancels)
                    ts_op_cancel(&op);
                else if (fake_held(story->ports) > 0)
                    fake_fire_error(story->ports, TS_RETRY, "trouble");
                fake_run(story->ports);
                assert_int_equal(answer.count, cancels && at == 0 ? 0 : answer.count);
                if (!cancels)
                    assert_int_equal(answer.count, 1);
                free(answer.cursor);
                story_free(story);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_newcomer_is_invited_by_the_job_that_hears_of_them),
        cmocka_unit_test(test_nobody_else_is),
        cmocka_unit_test(test_what_the_profile_says_counts),
        cmocka_unit_test(test_two_who_invite_the_same_person_end_well),
        cmocka_unit_test(test_a_resync_invites_whom_its_listing_shows_as_new),
        cmocka_unit_test(test_a_resync_looks_at_nobody_else),
        cmocka_unit_test(test_a_preview_invites_nobody),
        cmocka_unit_test(test_an_invited_member_gets_their_link),
        cmocka_unit_test(test_each_attempt_has_a_link_of_its_own),
        cmocka_unit_test(test_a_daemon_without_mail_leaves_the_job_to_others),
        cmocka_unit_test(test_who_is_not_invited_any_more_gets_no_mail),
        cmocka_unit_test(test_a_mail_that_did_not_go_is_tried_again_or_buried),
        cmocka_unit_test(test_pages_of_nothing_but_members_are_passed_over),
        cmocka_unit_test(test_but_not_for_ever),
        cmocka_unit_test(test_members_are_named_where_they_are_not_left_out),
        cmocka_unit_test(test_one_who_cannot_be_invited_stops_nobody),
        cmocka_unit_test(test_the_end_of_each_is_told),
        cmocka_unit_test(test_no_more_than_eight_are_read_at_once),
        cmocka_unit_test(test_without_auto_sync_nothing_is_read),
        cmocka_unit_test(test_trouble_and_cancelling_at_any_step_leave_nothing),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
