/* SPDX-License-Identifier: MIT */
/* Commits: what they write, and when they write nothing. */
#include "component/roster/roster_run.h"

/* --- what is written --- */

static void test_a_first_sync_writes_everything_and_ends_the_job(void **state)
{
    static const char *const aliases[] = {"A.Lovelace@x.io", "ada@x.io"};
    TS_AUTOFREE struct ts_member *grace = make("grace@x.io");
    TS_AUTOFREE struct ts_member *made = make("Ada@x.io");
    struct ts_directory_user user = user_of("1001", "ADA@x.io");
    AUTORUN run = {0};

    (void)state;
    user.aliases = aliases;
    user.alias_count = 2;
    user.manager_email = "GRACE@x.io";
    user.team = "Engineering";
    start(&run, user);
    assert_int_equal(commit(&run), TS_COMMITTED);

    TS_AUTOFREE struct ts_member *ada = again(made);

    assert_string_equal(ada->directory_id, "1001");
    assert_string_equal(ada->directory_addresses, "ada@x.io a.lovelace@x.io");
    assert_string_equal(ada->manager_id, grace->id);
    assert_string_equal(ada->manager_email, "grace@x.io");
    assert_string_equal(ada->team, "Engineering");
    assert_int_equal(ada->manager_source, TS_SOURCE_DIRECTORY);
    assert_int_equal(ada->team_source, TS_SOURCE_DIRECTORY);
    assert_int_equal(ada->sync_state, TS_SYNC_SYNCED);
    assert_int_equal(ada->status, TS_MEMBER_ACTIVE);
    assert_int_equal(ada->observed_us, run.observed_us);
    assert_true(ada->last_synced_us > run.observed_us);
    assert_int_equal(ada->updated_us, ada->last_synced_us);
    assert_int_equal(ada->version, 2);
    assert_string_equal(ada->email, "Ada@x.io"); /* not a synced field */

    assert_string_equal(history(made->id, NULL, 9),
                        "team ->Engineering push; manager ->grace@x.io push; link ->1001 push; "
                        "member ->Ada@x.io api");
    ASSERT_REDIS(made->id, "HGET teamsync:link:acme 1001");
    ASSERT_REDIS(made->id, "HGET teamsync:address:acme a.lovelace@x.io");
    ASSERT_REDIS("2", "HLEN teamsync:address:acme");
    ASSERT_REDIS("0", "XLEN teamsync:jobs");
    ASSERT_REDIS("0", "EVAL \"return redis.call('XPENDING', 'teamsync:jobs', 'workers')[1]\" 0");
    TS_AUTOFREE char *entry = test_redis_cli(server, "XREVRANGE teamsync:history:acme + - COUNT 1");

    assert_non_null(strstr(entry, run.job_id));
}

/* What a person asks for is done within their request: there is no job to own, or to end. */
static void test_what_is_nobodys_job_is_written_and_ends_none(void **state)
{
    TS_AUTOFREE struct ts_member *made = make("ada@x.io");
    AUTORUN run = {0};

    (void)state;
    start(&run, user_of("1001", "ada@x.io"));
    run.job.id = NULL;
    run.job.cause = "sync-now";
    run.job.by = "grace";
    assert_int_equal(commit(&run), TS_COMMITTED);
    assert_string_equal(history(made->id, NULL, 1), "link ->1001 sync-now by grace");
    ASSERT_REDIS("", "EVAL \"local e = redis.call('XREVRANGE', 'teamsync:history:acme', '+', '-', "
                     "'COUNT', 1) return e[1][2][12]\" 0");
    ASSERT_REDIS("1", "XLEN teamsync:jobs");             /* of whoever has it */
    assert_int_equal(commit(&run), TS_COMMIT_OVERTAKEN); /* all else is checked as ever */
    run.observed_us = 1;
    assert_int_equal(commit(&run), TS_COMMIT_STALE);
    ASSERT_REDIS("1", "XLEN teamsync:jobs");
}

static void test_a_user_as_before_is_only_noted(void **state)
{
    TS_AUTOFREE struct ts_member *made = make("ada@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    TS_AUTOFREE struct ts_member *before = again(made);

    sync_plain("1001", "ada@x.io", NULL, NULL);
    TS_AUTOFREE struct ts_member *after = again(made);

    assert_true(after->last_synced_us > before->last_synced_us);
    assert_true(after->observed_us > before->observed_us);
    assert_int_equal(after->updated_us, before->updated_us);
    assert_int_equal(after->version, before->version + 1);
    assert_string_equal(history(made->id, NULL, 9), "link ->1001 push; member ->ada@x.io api");
}

static void test_what_follows_is_queued_for_its_time(void **state)
{
    struct ts_job next = {.type = TS_JOB_USER, .org = "acme", .user = "1001", .cause = "reread"};
    struct ts_later later = {.job = &next, .delay_ms = 5000};
    TS_AUTOFREE struct ts_member *made = make("ada@x.io");
    AUTORUN run = {0};

    (void)state;
    start(&run, user_of("1001", "ada@x.io"));
    assert_int_equal(commit_then(&run, &later), TS_COMMITTED);

    TS_AUTOFREE char *text = test_redis_cli(server, "ZRANGE teamsync:jobs:delayed 0 -1");
    TS_AUTOFREE char *due = test_redis_cli(server, "ZSCORE teamsync:jobs:delayed '%s'", text);
    TS_AUTOFREE struct ts_member *ada = again(made);
    uint64_t due_ms = 0;

    assert_non_null(strstr(text, "\"reread\""));
    assert_true(ts_text_to_u64(due, &due_ms));
    /* The script asks for the time twice. */
    assert_in_range(due_ms, ada->last_synced_us / 1000 + 5000, ada->last_synced_us / 1000 + 6000);
}

static void test_texts_arrive_as_they_are(void **state)
{
    static const char odd[] = "\"R&D\" \\ O'Hara / Łódź 🦊 {\"a\": [1]} %s </script>\n\t\x7f";
    TS_AUTOFREE struct ts_member *made = create(
        &(struct ts_new_member){.org = "acme", .email = "o'h\"a\\ra@x.io", .team = "a\nb\"\\"});
    AUTORUN run = {0};

    (void)state;
    start(&run, user_of("1001", "o'h\"a\\ra@x.io"));
    run.plan.after.team = odd;
    run.plan.after.detail = odd;
    run.plan.changed |= TS_CHANGED_TEAM;
    assert_int_equal(commit(&run), TS_COMMITTED);

    TS_AUTOFREE struct ts_member *read = again(made);
    TS_AUTOFREE char *expected = ts_format("team a\nb\"\\>%s push", odd);

    assert_string_equal(read->team, odd);
    assert_string_equal(read->detail, odd);
    assert_string_equal(read->directory_addresses, "o'h\"a\\ra@x.io");
    assert_string_equal(history(made->id, NULL, 1), expected);
}

static void test_orgs_do_not_mix(void **state)
{
    TS_AUTOFREE struct ts_member *ours = make("ada@x.io");

    (void)state;
    free(test_redis_cli(server, "HSET teamsync:org:other name Other"));
    TS_AUTOFREE struct ts_member *theirs =
        create(&(struct ts_new_member){.org = "other", .email = "ada@x.io"});

    sync_plain("1001", "ada@x.io", NULL, NULL);
    TS_AUTOFREE struct ts_member *after = get("other", theirs->id);

    assert_null(after->directory_id);
    assert_int_equal(after->version, 1);
    ASSERT_REDIS("0", "EXISTS teamsync:link:other teamsync:address:other");
}

/* --- what is not --- */

/* It was switched off, ended or made anew since the user was read. */
static void test_what_was_read_through_another_connection_is_not_written(void **state)
{
    static const struct {
        const char *state;
        const char *revision;
        bool is_written;
    } cases[] = {
        {"disconnected", "", false}, {"disconnected", "r1", false}, {"connected", "r1", false},
        {"active", "r2", false},     {"failing", "r2", false},      {"failing", "r1", true},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *email = ts_format("p%zu@x.io", i);
        TS_AUTOFREE char *id = ts_format("100%zu", i);
        TS_AUTOFREE struct ts_member *made = make(email);
        AUTORUN run = {0};

        start(&run, user_of(id, email));
        free(test_redis_cli(server, "HSET teamsync:lease:acme fence 7"));
        set_connection(cases[i].state, cases[i].revision);
        if (!cases[i].is_written) /* a run's part leaves its job to the run */
            assert_int_equal(commit_under(&run, 7, NULL), TS_COMMIT_LOST);
        assert_int_equal(commit_under(&run, 0, NULL),
                         cases[i].is_written ? TS_COMMITTED : TS_COMMIT_STALE);
        TS_AUTOFREE struct ts_member *after = again(made);

        assert_int_equal(after->version, cases[i].is_written ? 2 : 1);
        assert_int_equal(after->directory_id != NULL, cases[i].is_written);
        ASSERT_REDIS("0", "XLEN teamsync:jobs");
        free(test_redis_cli(server, "DEL teamsync:connection:acme"));
    }
}

static void test_a_job_that_another_worker_took_over_writes_nothing(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    AUTORUN run = {0};

    (void)state;
    start(&run, user_of("1001", "ada@x.io"));
    free(test_redis_cli(server, "XCLAIM teamsync:jobs workers worker-2 0 %s", run.job_id));
    TS_AUTOFREE char *before = test_redis_cli(server, "DEBUG DIGEST");

    assert_int_equal(commit(&run), TS_COMMIT_LOST);
    ASSERT_REDIS(before, "DEBUG DIGEST");
}

static void test_a_job_that_is_gone_writes_nothing(void **state)
{
    static const char *const ways[] = {"XACK teamsync:jobs workers", "DEL teamsync:jobs"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(ways); i++) {
        TS_AUTOFREE char *email = ts_format("ada%zu@x.io", i);
        TS_AUTOFREE struct ts_member *ada = make(email);
        AUTORUN run = {0};

        start(&run, user_of("1001", email));
        free(test_redis_cli(server, "%s %s", ways[i], run.job_id));
        TS_AUTOFREE char *before = test_redis_cli(server, "DEBUG DIGEST");

        assert_int_equal(commit(&run), TS_COMMIT_LOST);
        ASSERT_REDIS(before, "DEBUG DIGEST");
    }
}

static void test_a_commit_made_twice_is_written_once(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    AUTORUN run = {0};

    (void)state;
    start(&run, user_of("1001", "ada@x.io"));
    assert_int_equal(commit(&run), TS_COMMITTED);
    assert_int_equal(commit(&run), TS_COMMIT_LOST);
    assert_string_equal(history(ada->id, NULL, 9), "link ->1001 push; member ->ada@x.io api");
}

static void test_an_older_read_never_wins(void **state)
{
    struct ts_directory_user user = user_of("1001", "ada@x.io");
    TS_AUTOFREE struct ts_member *made = make("ada@x.io");
    AUTORUN old = {0};

    (void)state;
    user.team = "Old";
    start(&old, user);
    user.team = "New";
    sync_user(user);

    assert_int_equal(commit(&old), TS_COMMIT_STALE);
    TS_AUTOFREE struct ts_member *ada = again(made);

    assert_string_equal(ada->team, "New");
    assert_int_equal(ada->version, 2);
    ASSERT_REDIS("0", "XLEN teamsync:jobs");
    assert_string_equal(history(made->id, NULL, 1), "team ->New push");
}

static void test_a_member_who_changed_meanwhile_is_planned_again(void **state)
{
    TS_AUTOFREE struct ts_member *made = make("ada@x.io");
    AUTORUN run = {0};

    (void)state;
    start(&run, user_of("1001", "ada@x.io"));
    free(test_redis_cli(server, "HINCRBY teamsync:member:acme:%s version 1", made->id));
    assert_nothing_written(&run, TS_COMMIT_OVERTAKEN);
    look(&run);
    assert_int_equal(commit(&run), TS_COMMITTED);
}

static void test_a_member_who_went_away_meanwhile_is_not_written(void **state)
{
    TS_AUTOFREE struct ts_member *made = make("ada@x.io");
    AUTORUN run = {0};

    (void)state;
    start(&run, user_of("1001", "ada@x.io"));
    free(test_redis_cli(server, "DEL teamsync:member:acme:%s", made->id));
    assert_nothing_written(&run, TS_COMMIT_OVERTAKEN);
}

static void test_a_user_who_was_linked_elsewhere_meanwhile_is_planned_again(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *old = make("old@x.io");
    AUTORUN run = {0};

    (void)state;
    start(&run, user_of("1001", "ada@x.io"));
    sync_plain("1001", "old@x.io", NULL, NULL);
    assert_nothing_written(&run, TS_COMMIT_OVERTAKEN);
    look(&run);
    assert_string_equal(run.plan.before->id, old->id); /* the link counts, not the address */
}

static void test_a_circle_that_closed_meanwhile_is_planned_again(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");
    TS_AUTOFREE struct ts_member *cy = make("cy@x.io");
    struct ts_directory_user user = user_of("1001", "ada@x.io");
    AUTORUN run = {0};

    (void)state;
    user.manager_email = "bob@x.io";
    start(&run, user); /* ada -> bob, while … */
    sync_plain("1002", "bob@x.io", NULL, "cy@x.io");
    sync_plain("1003", "cy@x.io", NULL, "ada@x.io");
    assert_nothing_written(&run, TS_COMMIT_OVERTAKEN);

    look(&run);
    assert_int_equal(commit(&run), TS_COMMITTED);
    TS_AUTOFREE struct ts_member *after = again(ada);

    assert_int_equal(after->sync_state, TS_SYNC_ERROR);
    assert_null(after->manager_id);
}

static void test_a_manager_who_went_away_meanwhile_is_planned_again(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");
    struct ts_directory_user user = user_of("1001", "ada@x.io");
    AUTORUN run = {0};

    (void)state;
    user.manager_email = "bob@x.io";
    start(&run, user);
    free(test_redis_cli(server, "DEL teamsync:member:acme:%s", bob->id));
    assert_nothing_written(&run, TS_COMMIT_OVERTAKEN);
}

/* --- managers who are not there yet --- */

/* The jobs that wait, "user cause", in order. */
static void assert_waiting(const char *expected)
{
    ASSERT_REDIS(expected,
                 "EVAL \"local out = {} for _, e in ipairs(redis.call('XRANGE', 'teamsync:jobs', "
                 "'-', '+')) do local f = {} for i = 1, #e[2], 2 do f[e[2][i]] = e[2][i + 1] end "
                 "out[#out + 1] = f.user .. ' ' .. (f.cause or '-') end "
                 "return table.concat(out, ', ')\" 0");
}

static void test_who_waits_for_a_new_member_is_synced_again(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, "Grace@x.io");
    TS_AUTOFREE struct ts_member *pending = again(ada);

    assert_int_equal(pending->sync_state, TS_SYNC_PENDING);
    assert_string_equal(pending->pending_manager, "grace@x.io");
    ASSERT_REDIS(ada->id, "SMEMBERS teamsync:waiting:acme:grace@x.io");

    free(make("bob@x.io"));
    assert_waiting("");
    TS_AUTOFREE struct ts_member *grace = make("GRACE@x.io");

    assert_waiting("1001 manager-appeared");
    sync_plain("1001", "ada@x.io", NULL, "Grace@x.io");
    TS_AUTOFREE struct ts_member *after = again(ada);

    assert_string_equal(after->manager_id, grace->id);
    assert_null(after->pending_manager);
    ASSERT_REDIS("0", "EXISTS teamsync:waiting:acme:grace@x.io");
    assert_string_equal(history(ada->id, NULL, 1), "manager ->GRACE@x.io push");
}

static void test_who_waits_for_an_address_is_synced_when_a_link_brings_it(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");
    TS_AUTOFREE struct ts_member *grace = make("grace@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, "the.boss@x.io");
    sync_plain("1002", "bob@x.io", NULL, "chief@x.io");
    sync_plain("1003", "grace@x.io", "the.boss@x.io", NULL); /* linked */
    assert_waiting("1001 manager-appeared");
    sync_plain("1003", "grace@x.io", "chief@x.io", NULL); /* another address */
    assert_waiting("1001 manager-appeared, 1002 manager-appeared");
    sync_plain("1003", "grace@x.io", "chief@x.io", NULL); /* nothing new */
    assert_waiting("1001 manager-appeared, 1002 manager-appeared");
}

static void test_who_waits_is_synced_when_the_manager_is_linked_again(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *grace = make("grace@x.io");

    (void)state;
    sync_plain("1003", "grace@x.io", "boss@x.io", NULL);
    free(test_redis_cli(server, "DEL teamsync:link:acme teamsync:address:acme"));
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s directory_id ''", grace->id));
    sync_plain("1001", "ada@x.io", NULL, "boss@x.io");
    assert_waiting("");
    sync_plain("1003", "grace@x.io", "boss@x.io",
               NULL); /* the addresses are no news, the link is */
    assert_waiting("1001 manager-appeared");
    ASSERT_REDIS(grace->id, "HGET teamsync:address:acme boss@x.io");
}

static void test_who_waits_is_not_queued_twice(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE char *id = NULL;

    (void)state;
    sync_plain("AbC", "ada@x.io", NULL, "grace@x.io");
    id = test_redis_cli(server, "XADD teamsync:jobs '*' type user org acme user AbC cause manual");
    free(test_redis_cli(server, "HSET teamsync:jobs:pending user:acme:abc %s", id));
    free(make("grace@x.io"));
    assert_waiting("AbC manual");

    free(
        test_redis_cli(server, "XDEL teamsync:jobs %s", id)); /* the name is left of another time */
    free(test_redis_cli(server, "HDEL teamsync:email:acme grace@x.io"));
    free(make("grace@x.io"));
    assert_waiting("AbC manager-appeared");
}

static void test_who_waits_for_somebody_else_now_is_left_alone(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, "grace@x.io");
    sync_plain("1001", "ada@x.io", NULL, "edsger@x.io");
    free(make("grace@x.io"));
    assert_waiting("");
    free(make("edsger@x.io"));
    assert_waiting("1001 manager-appeared");
}

static void test_a_manager_who_appeared_meanwhile_is_not_waited_for(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    struct ts_directory_user user = user_of("1001", "ada@x.io");
    AUTORUN run = {0};

    (void)state;
    user.manager_email = "grace@x.io";
    start(&run, user);
    TS_AUTOFREE struct ts_member *grace = make("grace@x.io"); /* nobody waits yet */

    assert_nothing_written(&run, TS_COMMIT_OVERTAKEN);
    look(&run);
    assert_int_equal(commit(&run), TS_COMMITTED);
    TS_AUTOFREE struct ts_member *after = again(ada);

    assert_string_equal(after->manager_id, grace->id);
}

static void test_an_address_that_appeared_meanwhile_is_not_waited_for(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *grace = make("grace@x.io");
    struct ts_directory_user user = user_of("1001", "ada@x.io");
    AUTORUN run = {0};

    (void)state;
    user.manager_email = "boss@x.io";
    start(&run, user);
    sync_plain("1002", "grace@x.io", "boss@x.io", NULL);
    assert_nothing_written(&run, TS_COMMIT_OVERTAKEN);
}

static void test_who_waited_before_is_suspended_although_the_manager_came(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, "grace@x.io");
    free(make("grace@x.io"));
    sync_gone("1001");
    TS_AUTOFREE struct ts_member *after = again(ada);

    assert_int_equal(after->status, TS_MEMBER_SUSPENDED);
}

/* --- addresses --- */

static void test_a_rename_keeps_the_link_and_moves_the_addresses(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", "a@x.io", NULL);
    sync_plain("1001", "ada.king@x.io", "a@x.io", NULL);
    TS_AUTOFREE struct ts_member *after = again(ada);

    assert_string_equal(after->directory_id, "1001");
    assert_string_equal(after->directory_addresses, "ada.king@x.io a@x.io");
    ASSERT_REDIS(ada->id, "HGET teamsync:address:acme ada.king@x.io");
    ASSERT_REDIS(ada->id, "HGET teamsync:address:acme a@x.io");
    ASSERT_REDIS("2", "HLEN teamsync:address:acme");
    assert_string_equal(history(ada->id, NULL, 9), "link ->1001 push; member ->ada@x.io api");
}

static void test_an_address_that_went_to_somebody_else_stays_theirs(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", "sales@x.io", NULL);
    sync_plain("1002", "bob@x.io", "sales@x.io", NULL);
    ASSERT_REDIS(bob->id, "HGET teamsync:address:acme sales@x.io");
    sync_plain("1001", "ada@x.io", NULL, NULL);
    ASSERT_REDIS(bob->id, "HGET teamsync:address:acme sales@x.io");
}

static void test_who_is_gone_takes_no_address_back(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    sync_gone("1001");
    sync_plain("1002", "bob@x.io", "ada@x.io", NULL); /* the mail of who left goes to bob */
    ASSERT_REDIS(bob->id, "HGET teamsync:address:acme ada@x.io");
    sync_gone("1001");
    ASSERT_REDIS(bob->id, "HGET teamsync:address:acme ada@x.io");
}

/* --- suspensions --- */

static void test_a_suspension_and_its_end_are_told(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    struct ts_directory_user user = user_of("1001", "ada@x.io");

    (void)state;
    sync_user(user);
    sync_gone("1001");
    TS_AUTOFREE struct ts_member *gone = again(ada);
    TS_AUTOFREE char *at = test_redis_cli(server, "ZSCORE teamsync:suspended:acme %s", ada->id);
    TS_AUTOFREE char *expected = ts_format("%llu", (unsigned long long)gone->suspended_us);

    assert_int_equal(gone->status, TS_MEMBER_SUSPENDED);
    assert_int_equal(gone->suspended_by, TS_SUSPENDED_BY_DIRECTORY);
    assert_int_equal(gone->suspended_reason, TS_REASON_DELETED);
    assert_int_equal(gone->status_before, TS_MEMBER_ACTIVE);
    assert_int_equal(gone->suspended_us, gone->last_synced_us);
    assert_string_equal(at, expected);
    assert_string_equal(history(ada->id, NULL, 1), "status active>suspended (deleted) push");

    user.is_suspended = TS_YES; /* restored, but suspended there */
    sync_user(user);
    TS_AUTOFREE struct ts_member *asleep = again(ada);

    assert_int_equal(asleep->suspended_reason, TS_REASON_SUSPENDED);
    assert_int_equal(asleep->suspended_us, gone->suspended_us); /* since then */
    assert_string_equal(history(ada->id, NULL, 1),
                        "status suspended (deleted)>suspended (suspended) push");

    user.is_suspended = TS_NO;
    sync_user(user);
    TS_AUTOFREE struct ts_member *back = again(ada);

    assert_int_equal(back->status, TS_MEMBER_ACTIVE);
    assert_int_equal(back->suspended_by, TS_SUSPENDED_BY_NONE);
    assert_int_equal(back->suspended_us, 0);
    assert_string_equal(history(ada->id, NULL, 1), "status suspended (suspended)>active push");
}

static void link_some(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TS_AUTOFREE char *email = ts_format("u%zu@x.io", i);
        TS_AUTOFREE char *id = ts_format("u%zu", i);

        free(make(email));
        sync_plain(id, email, NULL, NULL);
    }
}

static enum ts_committed suspend(size_t number, struct ts_guard guard)
{
    TS_AUTOFREE char *id = ts_format("u%zu", number);
    AUTORUN run = {.is_gone = true, .guard = guard};

    start(&run, (struct ts_directory_user){.id = id});
    return commit(&run);
}

static void test_the_guard_holds_what_is_beyond_its_number(void **state)
{
    static const struct {
        struct ts_guard guard;
        size_t linked;
        size_t pass;
    } cases[] = {
        {{.min = 2, .percent = 5}, 10, 2},  /* the least that may go */
        {{.min = 1, .percent = 40}, 10, 4}, /* a share, when that is more */
        {{.min = 9, .percent = 90}, 10, 5}, /* never more than half */
        {{.min = 9, .percent = 90}, 3, 1},  {{.min = 5, .percent = 5}, 1, 1}, /* but one may */
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        free(test_redis_cli(server, "FLUSHALL"));
        free(test_redis_cli(server, "HSET teamsync:org:acme name Acme"));
        free(test_redis_cli(server, "XGROUP CREATE teamsync:jobs workers 0 MKSTREAM"));
        link_some(cases[i].linked);
        for (size_t n = 0; n < cases[i].linked; n++)
            assert_int_equal(suspend(n, cases[i].guard),
                             n < cases[i].pass ? TS_COMMITTED : TS_COMMIT_HELD);
    }
}

static void test_a_held_suspension_leaves_the_job_and_is_planned_again(void **state)
{
    struct ts_guard guard = {.min = 1, .percent = 1};
    AUTORUN run = {.is_gone = true, .guard = guard};

    (void)state;
    link_some(4);
    assert_int_equal(suspend(0, guard), TS_COMMITTED);
    start(&run, (struct ts_directory_user){.id = "u1"});
    assert_nothing_written(&run, TS_COMMIT_HELD);
    run.rules.hold_suspensions = true;
    look(&run);
    assert_int_equal(commit(&run), TS_COMMITTED);
    TS_AUTOFREE struct ts_member *held = again(run.plan.before);

    assert_int_equal(held->sync_state, TS_SYNC_HELD);
    assert_int_equal(held->status, TS_MEMBER_ACTIVE);
    ASSERT_REDIS("1", "ZCARD teamsync:suspended:acme");
}

/* Else the next who is held would inherit its beginning, and so its end. */
static void test_a_hold_ends_with_the_last_who_waits(void **state)
{
    AUTORUN run = {.is_gone = true};

    (void)state;
    link_some(1);
    start(&run, (struct ts_directory_user){.id = "u0"});
    run.rules.hold_suspensions = true;
    look(&run);
    assert_int_equal(commit(&run), TS_COMMITTED);
    ASSERT_REDIS("2", "HLEN teamsync:hold:acme");
    sync_user(user_of("u0", run.plan.before->email));
    ASSERT_REDIS("0", "EXISTS teamsync:hold:acme");
}

/* --- as a part of a run --- */

static void test_a_run_writes_under_its_lease_and_its_job_goes_on(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    AUTORUN run = {.digest = "d1"};

    (void)state;
    free(test_redis_cli(server, "HSET teamsync:lease:acme fence 7"));
    start(&run, user_of("1001", "ada@x.io"));
    assert_int_equal(commit_through(&run, 7, NULL), TS_COMMITTED);
    ASSERT_REDIS("1", "XLEN teamsync:jobs");
    ASSERT_REDIS("d1", "HGET teamsync:member:acme:%s digest", ada->id);
}

static void test_whose_lease_is_another_ones_by_now_writes_nothing(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    AUTORUN run = {0};
    TS_AUTOFREE char *before = NULL;

    (void)state;
    free(test_redis_cli(server, "HSET teamsync:lease:acme fence 8"));
    start(&run, user_of("1001", "ada@x.io"));
    before = test_redis_cli(server, "DEBUG DIGEST");
    assert_int_equal(commit_through(&run, 7, NULL), TS_COMMIT_LOST);
    ASSERT_REDIS(before, "DEBUG DIGEST");
    free(test_redis_cli(server, "DEL teamsync:lease:acme"));
    assert_int_equal(commit_through(&run, 7, NULL), TS_COMMIT_LOST);
}

static void test_what_a_run_suspends_is_kept_so_that_it_can_be_undone(void **state)
{
    AUTORUN run = {.is_gone = true};

    (void)state;
    link_some(4);
    free(test_redis_cli(server, "HSET teamsync:lease:acme fence 7"));
    start(&run, (struct ts_directory_user){.id = "u1"});
    assert_int_equal(commit_through(&run, 7, NULL), TS_COMMITTED);
    ASSERT_REDIS("1", "ZCARD teamsync:undo:acme:run_1");
}

/* --- what a person decided --- */

static void test_the_approved_pass_the_guard_uncounted(void **state)
{
    struct ts_guard guard = {.min = 1, .percent = 1};
    AUTORUN run = {.is_gone = true, .guard = guard};
    TS_AUTOFREE char *member = NULL;
    TS_AUTOFREE char *now = NULL;

    (void)state;
    link_some(4);
    assert_int_equal(suspend(0, guard), TS_COMMITTED);
    member = test_redis_cli(server, "HGET teamsync:link:acme u1");
    now = test_redis_cli(server, "EVAL \"return redis.call('TIME')[1] .. '000000'\" 0");
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s approved_reason %s approved_us %s",
                        member, "archived", now));
    assert_int_equal(suspend(1, guard), TS_COMMIT_HELD); /* for another reason */
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s approved_reason %s approved_us %s",
                        member, "deleted", "1000000"));
    assert_int_equal(suspend(1, guard), TS_COMMIT_HELD); /* long ago */
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s approved_us %s", member, now));
    assert_int_equal(suspend(1, guard), TS_COMMITTED);
    ASSERT_REDIS("1", "ZCARD teamsync:suspended:acme");
    ASSERT_REDIS("", "HGET teamsync:member:acme:%s approved_reason", member);
}

static void test_whom_a_person_keeps_is_not_suspended_for_the_same_reason(void **state)
{
    TS_AUTOFREE char *member = NULL;

    (void)state;
    link_some(4);
    member = test_redis_cli(server, "HGET teamsync:link:acme u1");
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s kept_reason deleted", member));
    sync_gone("u1");
    ASSERT_REDIS("active", "HGET teamsync:member:acme:%s status", member);

    struct ts_directory_user archived = user_of("u1", "u1@x.io");

    archived.is_archived = TS_YES;
    sync_user(archived);
    ASSERT_REDIS("suspended", "HGET teamsync:member:acme:%s status", member);
}

static void test_the_guard_counts_a_member_once_and_a_day_long(void **state)
{
    struct ts_guard guard = {.min = 1, .percent = 1};

    (void)state;
    link_some(4);
    assert_int_equal(suspend(0, guard), TS_COMMITTED);
    sync_plain("u0", "u0@x.io", NULL, NULL);
    assert_int_equal(suspend(1, guard), TS_COMMIT_HELD); /* whoever is back still counts */
    assert_int_equal(suspend(0, guard), TS_COMMITTED);   /* but once */
    ASSERT_REDIS("1", "ZCARD teamsync:suspended:acme");

    free(test_redis_cli(server, "EVAL \"local t = redis.call('TIME')[1] - 86401 "
                                "redis.call('ZADD', 'teamsync:suspended:acme', "
                                "string.format('%%.0f', t * 1000000), "
                                "redis.call('ZRANGE', 'teamsync:suspended:acme', 0, 0)[1])\" 0"));
    assert_int_equal(suspend(1, guard), TS_COMMITTED);
}

/* --- conflicts --- */

static void test_a_recycled_address_changes_no_link(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    sync_plain("2002", "ada@x.io", "new@x.io", NULL);
    TS_AUTOFREE struct ts_member *after = again(ada);

    assert_int_equal(after->sync_state, TS_SYNC_CONFLICT);
    assert_string_equal(after->directory_id, "1001");
    assert_string_equal(after->directory_addresses, "ada@x.io");
    assert_non_null(strstr(after->detail, "2002"));
    ASSERT_REDIS(ada->id, "HGET teamsync:link:acme 1001");
    ASSERT_REDIS("1", "HLEN teamsync:link:acme");
    ASSERT_REDIS("1", "HLEN teamsync:address:acme");
    assert_string_equal(history(ada->id, NULL, 1), "link ->1001 push");
}

static void test_a_conflict_does_not_outdate_the_news_of_the_linked_user(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    AUTORUN gone = {.is_gone = true};

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    start(&gone, (struct ts_directory_user){.id = "1001"});
    sync_plain("2002", "ada@x.io", NULL, NULL); /* read later, about somebody else */

    assert_int_equal(commit(&gone), TS_COMMIT_OVERTAKEN);
    look(&gone);
    assert_int_equal(commit(&gone), TS_COMMITTED);
    TS_AUTOFREE struct ts_member *after = again(ada);

    assert_int_equal(after->status, TS_MEMBER_SUSPENDED);
    assert_int_equal(after->sync_state, TS_SYNC_CONFLICT);
}

/* --- the operation contract --- */

static void test_a_commit_that_is_cancelled_never_answers(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    AUTORUN run = {0};
    struct ts_commit commit = {.job = &run.job, .org = "acme", .plan = &run.plan};
    struct ts_op *op;

    (void)state;
    start(&run, user_of("1001", "ada@x.io"));
    commit.directory_id = "1001";
    commit.observed_us = run.observed_us;
    committed = TS_COMMIT_HELD;
    op = w.roster->ops->commit(w.roster, &commit, on_committed, NULL);
    ts_op_cancel(&op);
    free(again(ada));
    assert_int_equal(committed, TS_COMMIT_HELD);
}

static void test_a_redis_that_is_away_commits_nothing(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    AUTORUN run = {0};
    struct ts_commit commit = {.job = &run.job, .org = "acme", .plan = &run.plan};

    (void)state;
    start(&run, user_of("1001", "ada@x.io"));
    commit.directory_id = "1001";
    close_redis();
    test_redis_kill(server);
    open_redis(/* command_timeout_ms= */ 100);
    await_answer(w.roster->ops->commit(w.roster, &commit, on_committed, NULL));
    assert_int_equal(w.err.cls, TS_RETRY);
    test_redis_restart(server);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_first_sync_writes_everything_and_ends_the_job),
        TEST(test_what_is_nobodys_job_is_written_and_ends_none),
        TEST(test_a_user_as_before_is_only_noted),
        TEST(test_what_follows_is_queued_for_its_time),
        TEST(test_texts_arrive_as_they_are),
        TEST(test_orgs_do_not_mix),
        TEST(test_what_was_read_through_another_connection_is_not_written),
        TEST(test_a_job_that_another_worker_took_over_writes_nothing),
        TEST(test_a_job_that_is_gone_writes_nothing),
        TEST(test_a_commit_made_twice_is_written_once),
        TEST(test_an_older_read_never_wins),
        TEST(test_a_member_who_changed_meanwhile_is_planned_again),
        TEST(test_a_member_who_went_away_meanwhile_is_not_written),
        TEST(test_a_user_who_was_linked_elsewhere_meanwhile_is_planned_again),
        TEST(test_a_circle_that_closed_meanwhile_is_planned_again),
        TEST(test_a_manager_who_went_away_meanwhile_is_planned_again),
        TEST(test_who_waits_for_a_new_member_is_synced_again),
        TEST(test_who_waits_for_an_address_is_synced_when_a_link_brings_it),
        TEST(test_who_waits_is_synced_when_the_manager_is_linked_again),
        TEST(test_who_waits_is_not_queued_twice),
        TEST(test_who_waits_for_somebody_else_now_is_left_alone),
        TEST(test_a_manager_who_appeared_meanwhile_is_not_waited_for),
        TEST(test_an_address_that_appeared_meanwhile_is_not_waited_for),
        TEST(test_who_waited_before_is_suspended_although_the_manager_came),
        TEST(test_a_rename_keeps_the_link_and_moves_the_addresses),
        TEST(test_an_address_that_went_to_somebody_else_stays_theirs),
        TEST(test_who_is_gone_takes_no_address_back),
        TEST(test_a_suspension_and_its_end_are_told),
        TEST(test_the_guard_holds_what_is_beyond_its_number),
        TEST(test_a_held_suspension_leaves_the_job_and_is_planned_again),
        TEST(test_a_hold_ends_with_the_last_who_waits),
        TEST(test_the_guard_counts_a_member_once_and_a_day_long),
        TEST(test_a_run_writes_under_its_lease_and_its_job_goes_on),
        TEST(test_whose_lease_is_another_ones_by_now_writes_nothing),
        TEST(test_what_a_run_suspends_is_kept_so_that_it_can_be_undone),
        TEST(test_the_approved_pass_the_guard_uncounted),
        TEST(test_whom_a_person_keeps_is_not_suspended_for_the_same_reason),
        TEST(test_a_recycled_address_changes_no_link),
        TEST(test_a_conflict_does_not_outdate_the_news_of_the_linked_user),
        TEST(test_a_commit_that_is_cancelled_never_answers),
        TEST(test_a_redis_that_is_away_commits_nothing),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
