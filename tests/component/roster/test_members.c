/* SPDX-License-Identifier: MIT */
/* Members made, read, listed and remembered; and what a sync sees before it decides. */
#include "component/roster/roster_world.h"

#include "teamsync/time.h"

#include <inttypes.h>

/* --- new members --- */

static void test_a_new_member_is_read_back_as_it_was_made(void **state)
{
    TS_AUTOFREE struct ts_member *boss = make("grace@x.io");
    TS_AUTOFREE struct ts_member *made = create(&(struct ts_new_member){
        .org = "acme",
        .email = "Ada@X.io",
        .name = "Ada \"Łovelace\" 🦊 \\ 'x'\nline",
        .role = "card holder",
        .team = "R&D {\"a\":1}\t%d",
        .manager_id = boss->id,
        .is_protected = true,
    });
    TS_AUTOFREE struct ts_member *read = get("acme", made->id);

    (void)state;
    assert_true(ts_text_starts_with(read->id, "m_"));
    assert_string_equal(read->id, made->id);
    assert_string_equal(read->email, "Ada@X.io");
    assert_string_equal(read->name, "Ada \"Łovelace\" 🦊 \\ 'x'\nline");
    assert_string_equal(read->role, "card holder");
    assert_string_equal(read->team, "R&D {\"a\":1}\t%d");
    assert_string_equal(read->manager_id, boss->id);
    assert_string_equal(read->manager_email, "grace@x.io");
    assert_int_equal(read->status, TS_MEMBER_INVITED);
    assert_int_equal(read->team_source, TS_SOURCE_MANUAL);
    assert_int_equal(read->manager_source, TS_SOURCE_MANUAL);
    assert_int_equal(read->sync_state, TS_SYNC_UNMATCHED);
    assert_true(read->is_protected);
    assert_true(read->created_us > 1600000000000000 && read->created_us == read->updated_us);
    assert_int_equal(read->version, 1);
    assert_null(read->directory_id);
    assert_string_equal(history(made->id, NULL, 10), "member ->Ada@X.io api");
}

static void test_what_is_not_given_is_nothing(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    assert_int_equal(ada->status, TS_MEMBER_ACTIVE);
    assert_string_equal(ada->role, "member");
    assert_null(ada->name);
    assert_null(ada->team);
    assert_null(ada->manager_id);
    assert_null(ada->manager_email);
    assert_int_equal(ada->team_source, TS_SOURCE_NONE);
    assert_int_equal(ada->manager_source, TS_SOURCE_NONE);
    assert_false(ada->is_protected);
}

/* Asks for a member that may not be; checks that nothing was written. */
static void assert_refused(const struct ts_new_member *wanted, enum ts_class cls, const char *why)
{
    TS_AUTOFREE char *before = test_redis_cli(server, "DEBUG DIGEST");
    TS_AUTOFREE struct ts_member *member = create(wanted);

    assert_null(member);
    assert_int_equal(w.err.cls, cls);
    assert_non_null(strstr(w.err.text, why));
    ASSERT_REDIS(before, "DEBUG DIGEST");
}

static void test_an_address_is_one_members(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("Ada@x.io");

    (void)state;
    assert_refused(&(struct ts_new_member){.org = "acme", .email = "aDA@X.IO"}, TS_REJECTED,
                   "address");
}

static void test_an_org_has_one_owner(void **state)
{
    struct ts_new_member owner = {.org = "acme", .email = "ada@x.io", .role = "owner"};
    TS_AUTOFREE struct ts_member *ada = create(&owner);

    (void)state;
    assert_true(ts_member_is_owner(ada));
    owner.email = "grace@x.io";
    assert_refused(&owner, TS_REJECTED, "owner");

    owner.org = "other";
    free(test_redis_cli(server, "HSET teamsync:org:other name Other"));
    TS_AUTOFREE struct ts_member *other = create(&owner);

    assert_true(ts_member_is_owner(other));
}

static void test_a_manager_is_a_member_of_the_same_org(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    free(test_redis_cli(server, "HSET teamsync:org:other name Other"));
    assert_refused(
        &(struct ts_new_member){.org = "other", .email = "b@x.io", .manager_id = ada->id},
        TS_REJECTED, "manager_id");
    assert_refused(&(struct ts_new_member){.org = "acme", .email = "b@x.io", .manager_id = "m_no"},
                   TS_REJECTED, "manager_id");
}

static void test_an_org_that_is_not_there_gets_no_members(void **state)
{
    (void)state;
    assert_refused(&(struct ts_new_member){.org = "nowhere", .email = "ada@x.io"}, TS_NOT_FOUND,
                   "org");
    assert_string_equal(list("nowhere", NULL, 10), "");
    assert_int_equal(w.err.cls, TS_OK);
    assert_null(w.cursor);
}

static void test_a_new_member_is_synced_where_auto_sync_is_on(void **state)
{
    static const struct {
        const char *state;
        const char *jobs;
    } cases[] = {
        {"disconnected", "0"}, {"connected", "0"}, {"active", "1"}, {"failing", "1"}, {"", "0"}};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *email = ts_format("ada%zu@x.io", i);

        free(test_redis_cli(server, "XTRIM teamsync:jobs MAXLEN 0"));
        free(test_redis_cli(server, "HSET teamsync:connection:acme state '%s'", cases[i].state));
        free(make(email));
        ASSERT_REDIS(cases[i].jobs, "XLEN teamsync:jobs");
    }
    free(test_redis_cli(server, "HSET teamsync:connection:acme state active"));
    free(make("Grace@x.io"));
    free(test_redis_cli(server, "XREADGROUP GROUP workers a COUNT 9 STREAMS teamsync:jobs '>'"));
    TS_AUTOFREE char *job = test_redis_cli(server, "XREVRANGE teamsync:jobs + - COUNT 1");

    assert_non_null(strstr(job, "user\nGrace@x.io"));
    assert_non_null(strstr(job, "cause\nmember-created"));
    assert_non_null(strstr(job, "org\nacme"));
    TS_AUTOFREE char *id = test_redis_cli(server, "HGET teamsync:jobs:pending "
                                                  "user:acme:grace@x.io");

    assert_true(ts_text_starts_with(job, id) && *id);
}

/* --- reading --- */

static void test_a_member_of_another_org_is_not_found(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    assert_null(get("other", ada->id));
    assert_int_equal(w.err.cls, TS_NOT_FOUND);
    assert_null(get("acme", "m_nobody"));
    assert_int_equal(w.err.cls, TS_NOT_FOUND);
}

static void test_a_broken_record_is_named(void **state)
{
    static const char *const fields[] = {"status",          "sync_state",   "manager_source",
                                         "team_source",     "suspended_by", "status_before",
                                         "suspended_reason"};
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(fields); i++) {
        TS_AUTOFREE char *key = ts_format("teamsync:member:acme:%s", ada->id);
        TS_AUTOFREE char *kept = test_redis_cli(server, "HGET %s %s", key, fields[i]);

        free(test_redis_cli(server, "HSET %s %s nonsense", key, fields[i]));
        assert_null(get("acme", ada->id));
        assert_int_equal(w.err.cls, TS_INTERNAL);
        assert_non_null(strstr(w.err.text, ada->id));
        (void)list("acme", NULL, 10);
        assert_int_equal(w.err.cls, TS_INTERNAL);
        free(test_redis_cli(server, "HSET %s %s '%s'", key, fields[i], kept));
    }
    free(get("acme", ada->id));
    assert_int_equal(w.err.cls, TS_OK);
}

static void test_a_list_is_paged_in_the_order_of_making(void **state)
{
    (void)state;
    free(make("d@x.io"));
    free(make("c@x.io"));
    free(make("b@x.io"));
    free(make("a@x.io"));

    assert_string_equal(list("acme", NULL, 10), "d@x.io c@x.io b@x.io a@x.io");
    assert_null(w.cursor);
    assert_string_equal(list("acme", NULL, 4), "d@x.io c@x.io b@x.io a@x.io");
    assert_null(w.cursor);
    assert_string_equal(list("acme", NULL, 3), "d@x.io c@x.io b@x.io");
    free(make("e@x.io")); /* a page is not shifted by what comes later */
    assert_string_equal(list("acme", w.cursor, 1), "a@x.io");
    assert_string_equal(list("acme", w.cursor, 1), "e@x.io");
    assert_null(w.cursor);
    assert_string_equal(list("other", NULL, 10), "");
}

static void test_a_full_page_of_members_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < 501; i++) {
        TS_AUTOFREE char *email = ts_format("u%03zu@x.io", i);

        free(make(email));
    }
    assert_int_equal(strlen(list("acme", NULL, 500)), 500 * 10 - 9 + 8);
    assert_string_equal(list("acme", w.cursor, 500), "u500@x.io");
    assert_null(w.cursor);
}

/* --- chosen by filters --- */

static void store(const char *id, uint64_t order, const char *fields)
{
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s id %s %s", id, id, fields));
    free(test_redis_cli(server, "ZADD teamsync:order:acme %" PRIu64 " %s", order, id));
}

static void store_a_few(void)
{
    store("m_1", 1, "email ada@x.io name 'Ada L' status active sync_state synced team 'R&D'");
    store("m_2", 2,
          "email b@x.io name 'Łukasz Świerk' status active sync_state conflict team 'R&D'");
    store("m_3", 3, "email c@x.io name '' status suspended sync_state synced team ''");
    store("m_4", 4, "email d-100%@x.io name ПЁТР status invited sync_state unmatched team ''");
}

static void test_members_are_chosen_by_status_sync_and_team(void **state)
{
    (void)state;
    store_a_few();
    assert_string_equal(LIST_THOSE(.status = "active"), "ada@x.io b@x.io");
    assert_string_equal(LIST_THOSE(.sync = "synced"), "ada@x.io c@x.io");
    assert_string_equal(LIST_THOSE(.team = "R&D"), "ada@x.io b@x.io");
    assert_string_equal(LIST_THOSE(.team = "r&d"), "");
    assert_string_equal(LIST_THOSE(.status = "active", .sync = "synced", .team = "R&D"),
                        "ada@x.io");
    assert_null(w.cursor);
}

static void test_members_are_searched_in_whatever_case_and_language(void **state)
{
    (void)state;
    store_a_few();
    assert_string_equal(LIST_THOSE(.text = "aDA l"), "ada@x.io");
    assert_string_equal(LIST_THOSE(.text = "@X.IO"), "ada@x.io b@x.io c@x.io d-100%@x.io");
    assert_string_equal(LIST_THOSE(.text = "łUKASZ ś"), "b@x.io");
    assert_string_equal(LIST_THOSE(.text = "пётр"), "d-100%@x.io");
    assert_string_equal(LIST_THOSE(.text = "D-100%"), "d-100%@x.io");
    assert_string_equal(LIST_THOSE(.text = "x.i."), ""); /* no pattern of theirs */
    assert_string_equal(LIST_THOSE(.text = "[a-z]"), "");
    assert_string_equal(LIST_THOSE(.text = "x", .status = "suspended"), "c@x.io");
}

static void test_a_large_team_is_searched_piece_by_piece_and_nobody_is_missed(void **state)
{
    TS_AUTOFREE char *found = ts_strdup("");
    size_t pages = 0;

    (void)state;
    free(test_redis_cli(
        server, "EVAL \"for i = 1, 12000 do local id = 'm_' .. i; "
                "redis.call('HSET', 'teamsync:member:acme:' .. id, 'id', id, 'email', "
                "'u' .. i .. '@x.io', 'status', i %% 4000 == 1 and 'suspended' or 'active', "
                "'sync_state', 'synced'); "
                "redis.call('ZADD', 'teamsync:order:acme', 1700000000000000 + i, id) end\" 0"));
    do {
        TS_AUTOFREE char *before = found;
        const char *page = list_those(&(struct ts_members_query){
            .org = "acme", .status = "suspended", .cursor = w.cursor, .limit = 2});

        found = ts_format("%s%s%s", before, *before && *page ? " " : "", page);
        pages++;
    } while (w.cursor);
    assert_string_equal(found, "u1@x.io u4001@x.io u8001@x.io");
    assert_int_equal(pages, 3);                            /* of at most 5010 that are looked at */
    assert_string_equal(LIST_THOSE(.text = "u12000"), ""); /* not within the first ones: */
    assert_non_null(w.cursor);
}

/* --- history --- */

static void remember(const char *member, const char *after, size_t times)
{
    free(test_redis_cli(server,
                        "EVAL \"for i = 1, %zu do redis.call('XADD', 'teamsync:history:acme', '*', "
                        "'member', '%s', 'field', 'team', 'before', '', 'after', '%s', 'cause', "
                        "'push', 'job', '1-1', 'at_us', '1700000000000000') end\" 0",
                        times, member, after));
}

static void test_history_is_paged_newest_first(void **state)
{
    (void)state;
    remember("m_a", "1", 1);
    remember("m_b", "2", 1);
    remember("m_a", "3", 1);
    remember("m_a", "4", 1);

    assert_string_equal(history(NULL, NULL, 9),
                        "team ->4 push; team ->3 push; team ->2 push; team ->1 push");
    assert_null(w.cursor);
    assert_string_equal(history("m_a", NULL, 2), "team ->4 push; team ->3 push");
    assert_string_equal(history("m_a", w.cursor, 2), "team ->1 push");
    assert_null(w.cursor);
    assert_string_equal(history("m_a", NULL, 3), "team ->4 push; team ->3 push; team ->1 push");
    assert_string_equal(history(NULL, NULL, 2), "team ->4 push; team ->3 push");
    assert_string_equal(history(NULL, w.cursor, 1), "team ->2 push");
    assert_string_equal(history("m_nobody", NULL, 5), "");
    assert_null(w.cursor);
}

static void test_a_members_old_history_is_found_behind_much_of_others(void **state)
{
    (void)state;
    remember("m_a", "old", 2);
    remember("m_b", "new", 700);
    assert_string_equal(history("m_a", NULL, 5), "team ->old push; team ->old push");
    assert_null(w.cursor);

    remember("m_b", "new", 11000); /* more than one call looks at */
    assert_string_equal(history("m_a", NULL, 5), "");
    assert_non_null(w.cursor);
    assert_string_equal(history("m_a", w.cursor, 5), "team ->old push; team ->old push");
    assert_null(w.cursor);
}

/* At a time of its own, in ms from now. */
static void remember_at(const char *member, const char *field, const char *after,
                        int64_t ms_from_now)
{
    free(test_redis_cli(server,
                        "XADD teamsync:history:acme %" PRIu64 "-5 member '%s' field %s before '' "
                        "after %s cause push job '' at_us 1",
                        ts_wall_us() / 1000 + (uint64_t)ms_from_now, member, field, after));
}

static void test_history_is_filtered_by_member_field_and_time(void **state)
{
    uint64_t now_us = ts_wall_us() / 1000 * 1000;
    TS_AUTOFREE char *exact = ts_format("%" PRIu64 "-5", (now_us - 3000000) / 1000);

    (void)state;
    remember_at("m_a", "team", "1", -5000);
    remember_at("m_b", "status", "2", -4000);
    free(
        test_redis_cli(server,
                       "XADD teamsync:history:acme %s member '' field connection before '' after 3 "
                       "cause push job '' at_us 1",
                       exact));
    remember_at("m_a", "status", "4", -2000);

#define FILTERED(...) history_of(&(struct ts_history_query){__VA_ARGS__, .limit = 9})
    assert_string_equal(FILTERED(.field = "status"), "status ->4 push; status ->2 push");
    assert_string_equal(FILTERED(.member_id = "m_a", .field = "status"), "status ->4 push");
    assert_string_equal(FILTERED(.since_us = now_us - 3000000),
                        "status ->4 push; connection ->3 push");
    assert_string_equal(FILTERED(.since_us = now_us - 2999000), "status ->4 push");
    assert_string_equal(FILTERED(.until_us = now_us - 3000000), "status ->2 push; team ->1 push");
    assert_string_equal(FILTERED(.until_us = now_us - 2999000),
                        "connection ->3 push; status ->2 push; team ->1 push");
    assert_string_equal(
        FILTERED(.since_us = now_us - 4500000, .until_us = now_us - 2500000, .field = "connection"),
        "connection ->3 push");
    assert_string_equal(FILTERED(.until_us = 1), "");
    assert_string_equal(FILTERED(.cursor = "0-0"), "");
    assert_string_equal(FILTERED(.since_us = now_us + 3600000000), "");

    /* A cursor goes on below `until`, and never above it. */
    assert_string_equal(FILTERED(.cursor = exact, .until_us = now_us),
                        "status ->2 push; team ->1 push");
    assert_string_equal(FILTERED(.cursor = exact, .until_us = now_us - 4500000), "team ->1 push");
}

static void test_many_pages_with_a_filter_miss_nothing(void **state)
{
    enum { WANTED = 1200, BETWEEN = 20 };
    size_t seen = 0;
    size_t pages = 0;

    (void)state;
    free(test_redis_cli(server,
                        "EVAL \"for i = 1, %d do redis.call('XADD', 'teamsync:history:acme', '*', "
                        "'member', i %% %d == 0 and 'm_a' or 'm_b', 'field', 'team', 'before', '', "
                        "'after', i, 'cause', 'push', 'job', '', 'at_us', '1') end\" 0",
                        WANTED * BETWEEN, BETWEEN));
    do {
        const char *page = history_of(&(struct ts_history_query){
            .member_id = "m_a", .cursor = pages ? w.cursor : NULL, .limit = 500});

        for (const char *at = strstr(page, "team ->"); at; at = strstr(at + 1, "team ->")) {
            assert_int_equal(strtoul(at + strlen("team ->"), NULL, 10), (WANTED - seen) * BETWEEN);
            seen++;
        }
        pages++;
    } while (w.cursor);
    assert_int_equal(seen, WANTED);
    assert_in_range(pages, 3, 4);
}

/* Where nothing is written any more, nothing is trimmed. */
static void test_what_is_older_than_400_days_is_not_shown(void **state)
{
    const int64_t day_ms = 86400 * 1000;

    (void)state;
    remember_at("m_a", "team", "old", -400 * day_ms - 5000);
    remember_at("m_a", "team", "new", -400 * day_ms + 60000);
    assert_string_equal(history(NULL, NULL, 9), "team ->new push");
    assert_null(w.cursor);
    assert_string_equal(history_of(&(struct ts_history_query){.since_us = 1, .limit = 9}),
                        "team ->new push");
    ASSERT_REDIS("2", "XLEN teamsync:history:acme");
}

static void on_remembered(const struct ts_error *err, void *arg)
{
    (void)arg;
    note(err);
}

static void test_what_concerns_the_org_is_remembered_too(void **state)
{
    const struct ts_history_entry entry = {
        .field = "connection", .after = "connected", .cause = "connected by grace"};

    (void)state;
    await_answer(w.roster->ops->remember(w.roster, "acme", &entry, on_remembered, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    assert_string_equal(history(NULL, NULL, 9), "connection ->connected connected by grace");
    ASSERT_REDIS(
        "", "EVAL \"return redis.call('XRANGE', 'teamsync:history:acme', '-', '+')[1][2][2]\" 0");
}

static void test_history_is_forgotten_after_400_days(void **state)
{
    (void)state;
    free(test_redis_cli(server, "EVAL \"for i = 1, 300 do redis.call('XADD', "
                                "'teamsync:history:acme', i .. '-1', 'member', 'm_a') end\" 0"));
    free(make("ada@x.io"));
    TS_AUTOFREE char *left = test_redis_cli(server, "XLEN teamsync:history:acme");

    assert_true(strlen(left) < 3); /* '~' may keep a part of a node */
}

/* --- the beginning of a sync --- */

static uint64_t begun_us;
static char *begun_id;

static void on_begun(const struct ts_error *err, const struct ts_begun *begun, void *arg)
{
    (void)arg;
    note(err);
    free(begun_id);
    begun_id = ts_strdup(begun ? begun->directory_id : NULL);
    begun_us = begun ? begun->observed_us : 0;
}

static const char *begin(const char *org, const char *user)
{
    await_answer(w.roster->ops->begin(w.roster, org, user, on_begun, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    return begun_id ? begun_id : "-";
}

/* Links by hand; `addresses` are folded and separated by blanks. */
static void link_to(const struct ts_member *member, const char *directory_id, const char *addresses)
{
    TS_AUTOFREE char *rest = ts_strdup(addresses);
    char *state = NULL;

    free(test_redis_cli(server, "HSET teamsync:member:acme:%s directory_id %s", member->id,
                        directory_id));
    free(test_redis_cli(server, "HSET teamsync:link:acme %s %s", directory_id, member->id));
    for (char *at = strtok_r(rest, " ", &state); at; at = strtok_r(NULL, " ", &state))
        free(test_redis_cli(server, "HSET teamsync:address:acme %s %s", at, member->id));
}

/* As when the server's clock is set back, or another server takes over. */
static void test_every_beginning_is_later_than_the_last_whatever_the_clock_says(void **state)
{
    uint64_t ahead = ts_wall_us() + 86400ull * 1000000;

    (void)state;
    free(test_redis_cli(server, "SET teamsync:clock %" PRIu64, ahead));
    (void)begin("acme", "1001");
    assert_int_equal(begun_us, ahead + 1);
    (void)begin("other", "1001");
    assert_int_equal(begun_us, ahead + 2);
    free(test_redis_cli(server, "SET teamsync:clock 5"));
    (void)begin("acme", "1001");
    assert_in_range(begun_us, ahead - 86400ull * 1000000, ahead);
    free(TS_STEAL(begun_id));
}

static void test_a_sync_begins_with_the_time_and_the_link(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("Ada@x.io");
    TS_AUTOFREE struct ts_member *grace = make("grace@x.io");
    uint64_t first_us;

    (void)state;
    link_to(ada, "1001", "");
    assert_string_equal(begin("acme", "aDA@x.io"), "1001");
    first_us = begun_us;
    assert_true(first_us > ada->created_us);
    assert_string_equal(begin("acme", "grace@x.io"), "-"); /* a member, not linked */
    assert_true(begun_us > first_us);
    assert_string_equal(begin("acme", "nobody@x.io"), "-");
    assert_string_equal(begin("acme", "1001"), "-"); /* an id needs no translation */
    assert_string_equal(begin("nowhere", "ada@x.io"), "-");
    assert_true(begun_us > first_us);
    free(TS_STEAL(begun_id));
}

/* --- the view --- */

static char *view_words(const struct ts_view *view)
{
    const struct ts_member *found[] = {view->linked, view->by_primary, view->by_alias,
                                       view->manager};
    const char *words[4];

    for (size_t i = 0; i < TS_COUNT_OF(found); i++)
        words[i] = found[i] ? found[i]->email : "-";
    return ts_format("%s %s %s/%zu %s%s", words[0], words[1], words[2], view->alias_matches,
                     words[3], view->manager_would_loop ? " loop" : "");
}

static void on_view(const struct ts_error *err, const struct ts_view *view, void *arg)
{
    (void)arg;
    note(err);
    assert_int_equal(err->cls == TS_OK, view != NULL);
    say(view ? view_words(view) : ts_strdup(""));
    if (view && view->linked && view->linked->manager_id)
        assert_non_null(view->linked->manager_email);
}

/* linked, by primary, by alias / how many, manager. */
static const char *view(const char *directory_id, const char *primary, const char *aliases,
                        const char *manager)
{
    struct ts_view_query query = {.org = "acme",
                                  .directory_id = directory_id,
                                  .primary_email = primary,
                                  .manager_email = manager};
    TS_AUTOFREE char *rest = ts_strdup(aliases);
    const char *words[8];
    char *state = NULL;

    for (char *at = strtok_r(rest, " ", &state); at; at = strtok_r(NULL, " ", &state))
        words[query.alias_count++] = at;
    query.aliases = words;
    await_answer(w.roster->ops->view(w.roster, &query, on_view, NULL));
    return w.text;
}

static void test_a_view_shows_whom_a_user_may_concern(void **state)
{
    static const struct {
        const char *id, *primary, *aliases, *manager;
        const char *seen;
    } cases[] = {
        {NULL, NULL, "", NULL, "- - -/0 -"},
        {"1", NULL, "", NULL, "ada@x.io - -/0 -"},
        {"9", NULL, "", NULL, "- - -/0 -"},
        {"9", "Bob@X.io", "", NULL, "- Bob@x.io -/0 -"},
        {"1", "bob@x.io", "", NULL, "ada@x.io Bob@x.io -/0 -"},
        {"1", "ada@x.io", "", NULL, "ada@x.io ada@x.io -/0 -"},
        {"9", "n@x.io", "BOB@x.io", NULL, "- - Bob@x.io/1 -"},
        {"9", "n@x.io", "bob@x.io BOB@x.io n2@x.io", NULL, "- - Bob@x.io/1 -"},
        {"9", "n@x.io", "bob@x.io cy@x.io", NULL, "- - -/2 -"},
        {"9", "ada@x.io", "bob@x.io", NULL, "- ada@x.io Bob@x.io/1 -"},
        {"9", NULL, "", "CY@x.io", "- - -/0 cy@x.io"},       /* by the e-mail of the member */
        {"9", NULL, "", "A.Alias@x.io", "- - -/0 ada@x.io"}, /* by a linked user's address */
        {"9", NULL, "", "moved@x.io", "- - -/0 ada@x.io"},   /* which comes first */
        {"9", NULL, "", "nobody@x.io", "- - -/0 -"},
    };
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("Bob@x.io");
    TS_AUTOFREE struct ts_member *cy = make("cy@x.io");
    TS_AUTOFREE struct ts_member *moved = make("moved@x.io");

    (void)state;
    link_to(ada, "1", "ada@x.io a.alias@x.io moved@x.io");
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++)
        assert_string_equal(view(cases[i].id, cases[i].primary, cases[i].aliases, cases[i].manager),
                            cases[i].seen);
}

static void test_a_view_warns_of_circles_of_managers(void **state)
{
    static const struct {
        const char *id, *primary, *aliases, *manager;
        const char *seen;
    } cases[] = {
        {"1", NULL, "", "bob@x.io", "top@x.io - -/0 bob@x.io loop"},
        {"1", NULL, "", "cy@x.io", "top@x.io - -/0 cy@x.io loop"}, /* over a step */
        {"1", NULL, "", "top@x.io", "top@x.io - -/0 top@x.io loop"},
        {"1", NULL, "", "dan@x.io", "top@x.io - -/0 dan@x.io"},
        {"9", "top@x.io", "", "cy@x.io", "- top@x.io -/0 cy@x.io loop"},
        {"9", "n@x.io", "top@x.io", "cy@x.io", "- - top@x.io/1 cy@x.io loop"},
        {"9", "n@x.io", "top@x.io dan@x.io", "cy@x.io", "- - -/2 cy@x.io"}, /* nobody concerned */
        {"9", "cy@x.io", "", "bob@x.io", "- cy@x.io -/0 bob@x.io"},
        {"1", "dan@x.io", "", "cy@x.io", "top@x.io dan@x.io -/0 cy@x.io loop"}, /* the linked */
    };
    TS_AUTOFREE struct ts_member *top = make("top@x.io");
    TS_AUTOFREE struct ts_member *bob = make_under("bob@x.io", top);
    TS_AUTOFREE struct ts_member *cy = make_under("cy@x.io", bob);
    TS_AUTOFREE struct ts_member *dan = make("dan@x.io");

    (void)state;
    link_to(top, "1", "");
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++)
        assert_string_equal(view(cases[i].id, cases[i].primary, cases[i].aliases, cases[i].manager),
                            cases[i].seen);

    /* A circle that somebody else made is no place to hang anybody. */
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s manager %s", top->id, cy->id));
    assert_string_equal(view("9", "dan@x.io", "", "cy@x.io"), "- dan@x.io -/0 cy@x.io loop");
}

static void test_a_view_passes_over_members_who_are_gone(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    link_to(ada, "1", "ada@x.io");
    free(test_redis_cli(server, "DEL teamsync:member:acme:%s", ada->id));
    assert_string_equal(view("1", "ada@x.io", "", "ada@x.io"), "- - -/0 - loop");
    assert_int_equal(w.err.cls, TS_OK);
}

static void test_a_view_of_a_broken_record_fails(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s status asleep", ada->id));
    (void)view("9", "ada@x.io", "", NULL);
    assert_int_equal(w.err.cls, TS_INTERNAL);
    assert_non_null(strstr(w.err.text, ada->id));
}

/* --- the operation contract --- */

/* One of each; `which` counts. NULL when there are no more. */
static struct ts_op *start_one(size_t which)
{
    static const struct ts_new_member wanted = {.org = "acme", .email = "ada@x.io"};
    static const struct ts_view_query query = {.org = "acme", .directory_id = "1"};
    const struct ts_roster_ops *ops = w.roster->ops;

    switch (which) {
    case 0:
        return ops->begin(w.roster, "acme", "ada@x.io", on_begun, NULL);
    case 1:
        return ops->view(w.roster, &query, on_view, NULL);
    case 2:
        return ops->get(w.roster, "acme", "m_1", on_member, NULL);
    case 3:
        return ops->list(w.roster, &(struct ts_members_query){.org = "acme", .limit = 9},
                         on_members, NULL);
    case 4:
        return ops->create(w.roster, &wanted, on_member, NULL);
    case 5:
        return ops->history(w.roster, &(struct ts_history_query){.org = "acme", .limit = 9},
                            on_history, NULL);
    case 6:
        return ops->remember(w.roster, "acme",
                             &(struct ts_history_entry){.field = "hold", .cause = "api"},
                             on_remembered, NULL);
    default:
        return NULL;
    }
}

static void test_what_is_cancelled_never_answers(void **state)
{
    struct ts_op *op;

    (void)state;
    for (size_t which = 0; (op = start_one(which)); which++) {
        ts_op_cancel(&op);
        op = start_one(which);
        ts_loop_turn(w.loop, 20); /* some are on their way now */
        if (w.answers == 0)
            ts_op_cancel(&op);
        assert_string_equal(list("acme", NULL, 0), ""); /* whatever was sent has been answered */
        w.answers = 0;
    }
}

static bool is_made(void)
{
    TS_AUTOFREE char *count = test_redis_cli(server, "HLEN teamsync:members:acme");

    return *count != '0';
}

static void test_a_creation_is_cancelled_while_it_is_read_back(void **state)
{
    struct ts_op *op;

    (void)state;
    (void)get("acme", "m_1"); /* the connection stands */
    w.answers = 0;
    op = start_one(4);
    assert_true(TEST_WAIT(w.loop, is_made()));
    ts_loop_turn(w.loop, 20); /* the script's answer, and on to the reading */
    assert_int_equal(w.answers, 0);
    ts_op_cancel(&op);
    assert_string_equal(list("acme", NULL, 9), "ada@x.io");
    assert_int_equal(w.answers, 1);
}

static void test_a_redis_that_is_away_may_be_there_later(void **state)
{
    struct ts_op *op;

    (void)state;
    close_redis();
    test_redis_kill(server);
    open_redis(/* command_timeout_ms= */ 100);
    for (size_t which = 0; (op = start_one(which)); which++) {
        await_answer(op);
        assert_int_equal(w.err.cls, TS_RETRY);
    }
    test_redis_restart(server);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_new_member_is_read_back_as_it_was_made),
        TEST(test_what_is_not_given_is_nothing),
        TEST(test_an_address_is_one_members),
        TEST(test_an_org_has_one_owner),
        TEST(test_a_manager_is_a_member_of_the_same_org),
        TEST(test_an_org_that_is_not_there_gets_no_members),
        TEST(test_a_new_member_is_synced_where_auto_sync_is_on),
        TEST(test_a_member_of_another_org_is_not_found),
        TEST(test_a_broken_record_is_named),
        TEST(test_a_list_is_paged_in_the_order_of_making),
        TEST(test_a_full_page_of_members_is_read),
        TEST(test_members_are_chosen_by_status_sync_and_team),
        TEST(test_members_are_searched_in_whatever_case_and_language),
        TEST(test_a_large_team_is_searched_piece_by_piece_and_nobody_is_missed),
        TEST(test_history_is_paged_newest_first),
        TEST(test_a_members_old_history_is_found_behind_much_of_others),
        TEST(test_history_is_filtered_by_member_field_and_time),
        TEST(test_many_pages_with_a_filter_miss_nothing),
        TEST(test_what_is_older_than_400_days_is_not_shown),
        TEST(test_what_concerns_the_org_is_remembered_too),
        TEST(test_history_is_forgotten_after_400_days),
        TEST(test_every_beginning_is_later_than_the_last_whatever_the_clock_says),
        TEST(test_a_sync_begins_with_the_time_and_the_link),
        TEST(test_a_view_shows_whom_a_user_may_concern),
        TEST(test_a_view_warns_of_circles_of_managers),
        TEST(test_a_view_passes_over_members_who_are_gone),
        TEST(test_a_view_of_a_broken_record_fails),
        TEST(test_what_is_cancelled_never_answers),
        TEST(test_a_creation_is_cancelled_while_it_is_read_back),
        TEST(test_a_redis_that_is_away_may_be_there_later),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
