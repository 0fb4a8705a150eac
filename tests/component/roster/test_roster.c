/* SPDX-License-Identifier: MIT */
/* The roster on a real Redis: members, what the view finds, and the commit with all that can come
 * in its way. */
#include "support/redis_server.h"
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/redis.h"
#include "teamsync/roster.h"
#include "teamsync/text.h"

#include <string.h>

struct bench {
    struct test_redis *server;
    struct ts_loop *loop;
    struct ts_redis *redis;
    struct ts_roster *roster;

    bool answered;
    struct ts_error err;
    struct ts_member *member; /* of the last answer with one */
    size_t count;
    char *cursor;
    enum ts_committed how;
    char *told; /* the last history, newest first: "team:Ops>Sales;" */
    struct ts_begun begun;

    struct ts_view_query query; /* for the view before a commit */
    struct ts_directory_user user;
    bool is_gone;
    struct ts_rules rules;
    struct ts_commit commit;
    struct ts_job job;
    enum ts_verdict verdict;
};

static int setup(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));
    struct ts_redis_options options = {.key_prefix = "teamsync:"};
    const char *reason = NULL;

    b->server = test_redis_start();
    b->loop = ts_loop_new();
    options.url = test_redis_url(b->server);
    assert_int_equal(ts_redis_new(b->loop, &options, &b->redis, &reason), 0);
    b->roster = ts_roster_redis_new(b->redis, "one");
    free(test_redis_cli(b->server, "HSET teamsync:org:acme id acme name Acme"));
    free(test_redis_cli(b->server, "XGROUP CREATE teamsync:jobs workers 0 MKSTREAM"));
    b->rules = (struct ts_rules){.may_suspend = true};
    b->user = (struct ts_directory_user){.id = "107",
                                         .primary_email = "ada@acme.example",
                                         .is_suspended = TS_NO,
                                         .is_archived = TS_NO,
                                         .team = "Ops"};
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    ts_roster_redis_free(b->roster);
    ts_redis_free(b->redis);
    ts_loop_free(b->loop);
    test_redis_stop(b->server);
    free((char *)(uintptr_t)b->job.id);
    free(b->member);
    free(b->cursor);
    free(b->told);
    free(b);
    return 0;
}

/* --- calls that wait for their answer --- */

static void note(struct bench *b, const struct ts_error *err)
{
    b->answered = true;
    b->err = *err;
}

static void wait_answer(struct bench *b)
{
    assert_true(TEST_WAIT(b->loop, b->answered));
    b->answered = false;
}

static void keep(struct bench *b, const struct ts_member *member)
{
    struct ts_member *copy = ts_member_dup(member);

    free(b->member);
    b->member = copy;
}

static void on_member(const struct ts_error *err, const struct ts_member *member, void *arg)
{
    keep(arg, member);
    note(arg, err);
}

static void on_members(const struct ts_error *err, const struct ts_member *members, size_t count,
                       const char *next_cursor, void *arg)
{
    struct bench *b = arg;

    keep(b, count ? &members[count - 1] : NULL);
    b->count = count;
    free(b->cursor);
    b->cursor = ts_strdup(next_cursor);
    note(b, err);
}

static void on_history(const struct ts_error *err, const struct ts_history_entry *entries,
                       size_t count, const char *next_cursor, void *arg)
{
    struct bench *b = arg;
    struct ts_buf told;

    (void)next_cursor;
    ts_buf_init(&told, 10000);
    for (size_t i = 0; i < count; i++)
        (void)ts_buf_addf(&told, "%s:%s>%s;", entries[i].field,
                          entries[i].before ? entries[i].before : "",
                          entries[i].after ? entries[i].after : "");
    free(b->told);
    b->told = told.data;
    b->count = count;
    note(b, err);
}

static void on_committed(const struct ts_error *err, enum ts_committed how, void *arg)
{
    struct bench *b = arg;

    b->how = how;
    note(b, err);
}

static void on_begun(const struct ts_error *err, const struct ts_begun *begun, void *arg)
{
    struct bench *b = arg;

    assert_int_equal(err->cls, TS_OK);
    b->begun.observed_us = begun->observed_us;
    b->begun.directory_id = begun->directory_id ? "107" : NULL;
    assert_true(ts_text_equal(begun->directory_id, b->begun.directory_id));
    note(b, err);
}

static void create(struct bench *b, const char *email, const char *role)
{
    struct ts_new_member wanted = {.org = "acme", .email = email, .role = role, .is_active = true};

    (void)b->roster->ops->create(b->roster, &wanted, on_member, b);
    wait_answer(b);
}

static void get(struct bench *b, const char *id)
{
    (void)b->roster->ops->get(b->roster, "acme", id, on_member, b);
    wait_answer(b);
}

static void history(struct bench *b, const char *id)
{
    (void)b->roster->ops->history(b->roster, "acme", id, NULL, 100, on_history, b);
    wait_answer(b);
}

static void assert_cli(struct bench *b, const char *words, const char *expected)
{
    TS_AUTOFREE char *out = test_redis_cli(b->server, "%s", words);

    assert_string_equal(out, expected);
}

/* A job that is held by "one", as if it had been taken. */
static void hold_job(struct bench *b)
{
    free((char *)(uintptr_t)b->job.id);
    b->job = (struct ts_job){.type = TS_JOB_USER, .org = "acme", .user = "107", .cause = "push"};
    b->job.id = test_redis_cli(b->server, "XADD teamsync:jobs '*' type user org acme user 107");
    free(test_redis_cli(b->server,
                        "XREADGROUP GROUP workers one COUNT 10 STREAMS teamsync:jobs '>'"));
}

static void on_view(const struct ts_error *err, const struct ts_view *view, void *arg)
{
    struct bench *b = arg;
    struct ts_plan plan;

    assert_int_equal(err->cls, TS_OK);
    plan = ts_plan_make(b->is_gone ? NULL : &b->user, true, view, &b->rules);
    b->verdict = plan.verdict;
    if (plan.verdict == TS_VERDICT_CHANGED || plan.verdict == TS_VERDICT_UNCHANGED) {
        b->commit.job = &b->job;
        b->commit.org = "acme";
        b->commit.plan = &plan;
        b->commit.directory_id = "107";
        if (!b->commit.guard.min)
            b->commit.guard = (struct ts_guard){.min = 5, .percent = 5};
        (void)b->roster->ops->commit(b->roster, &b->commit, on_committed, b);
    } else {
        b->answered = true;
    }
    ts_plan_done(&plan);
}

static void view(struct bench *b)
{
    b->query = (struct ts_view_query){
        .org = "acme",
        .directory_id = "107",
        .primary_email = b->is_gone ? NULL : b->user.primary_email,
        .aliases = b->user.aliases,
        .alias_count = b->user.alias_count,
        .manager_email = b->user.manager_email,
    };
    (void)b->roster->ops->view(b->roster, &b->query, on_view, b);
    wait_answer(b);
}

static void begin(struct bench *b)
{
    (void)b->roster->ops->begin(b->roster, "acme", "ADA@acme.example", on_begun, b);
    wait_answer(b);
    b->commit.observed_us = b->begun.observed_us;
}

/* One whole sync of 107: begin, view, plan, commit. */
static void sync_ada(struct bench *b)
{
    hold_job(b);
    begin(b);
    view(b);
    assert_int_equal(b->err.cls, TS_OK);
}

/* --- members --- */

static void test_a_member_is_made_once_and_read_back(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *id = NULL;

    create(b, "Ada@acme.example", NULL);
    assert_int_equal(b->err.cls, TS_OK);
    assert_string_equal(b->member->email, "Ada@acme.example");
    assert_int_equal(b->member->sync_state, TS_SYNC_UNMATCHED);
    id = ts_strdup(b->member->id);
    create(b, "ada@ACME.example", NULL);
    assert_int_equal(b->err.cls, TS_REJECTED);
    get(b, id);
    assert_string_equal(b->member->role, "member");
    get(b, "m_nobody");
    assert_int_equal(b->err.cls, TS_NOT_FOUND);
    history(b, id);
    assert_string_equal(b->told, "member:>Ada@acme.example;");
}

static void test_an_org_has_one_owner_and_must_exist(void **state)
{
    struct bench *b = *state;
    struct ts_new_member elsewhere = {.org = "nowhere", .email = "x@acme.example"};

    create(b, "boss@acme.example", "owner");
    assert_int_equal(b->err.cls, TS_OK);
    create(b, "other@acme.example", "owner");
    assert_int_equal(b->err.cls, TS_REJECTED);
    (void)b->roster->ops->create(b->roster, &elsewhere, on_member, b);
    wait_answer(b);
    assert_int_equal(b->err.cls, TS_NOT_FOUND);
}

static void test_the_list_comes_in_pages(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *cursor = NULL;

    for (int i = 0; i < 5; i++) {
        TS_AUTOFREE char *email = ts_format("p%d@acme.example", i);

        create(b, email, NULL);
    }
    for (int page = 0; page < 3; page++) {
        (void)b->roster->ops->list(b->roster, "acme", cursor, 2, on_members, b);
        wait_answer(b);
        assert_int_equal(b->count, page < 2 ? 2 : 1);
        assert_int_equal(b->cursor != NULL, page < 2);
        free(cursor);
        cursor = ts_strdup(b->cursor);
    }
    assert_string_equal(b->member->email, "p4@acme.example");
}

/* --- commits --- */

static void test_a_commit_writes_the_member_the_links_the_history_and_ends_the_job(void **state)
{
    struct bench *b = *state;

    create(b, "ada@acme.example", NULL);
    sync_ada(b);
    assert_int_equal(b->how, TS_COMMITTED);
    get(b, b->member->id);
    assert_string_equal(b->member->directory_id, "107");
    assert_string_equal(b->member->team, "Ops");
    assert_int_equal(b->member->sync_state, TS_SYNC_SYNCED);
    assert_int_equal(b->member->version, 2);
    assert_int_equal(b->member->observed_us, b->begun.observed_us);
    assert_true(b->member->last_synced_us >= b->begun.observed_us);
    history(b, b->member->id);
    assert_string_equal(b->told, "team:>Ops;link:>107;member:>ada@acme.example;");
    assert_cli(b, "XLEN teamsync:jobs", "0");
    assert_cli(b, "HGET teamsync:address:acme ada@acme.example", b->member->id);
    begin(b);
    assert_string_equal(b->begun.directory_id, "107");
}

static void test_the_same_job_counts_once(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *id = NULL;

    create(b, "ada@acme.example", NULL);
    id = ts_strdup(b->member->id);
    sync_ada(b);
    b->user.team = "Sales";
    view(b); /* with the job that is done already */
    assert_int_equal(b->how, TS_COMMIT_LOST);
    history(b, id);
    assert_int_equal(b->count, 3);
    get(b, id);
    assert_string_equal(b->member->team, "Ops");
}

static void test_a_job_that_another_worker_took_writes_nothing(void **state)
{
    struct bench *b = *state;

    create(b, "ada@acme.example", NULL);
    hold_job(b);
    free(test_redis_cli(b->server, "XCLAIM teamsync:jobs workers two 0 %s", b->job.id));
    begin(b);
    view(b);
    assert_int_equal(b->how, TS_COMMIT_LOST);
    assert_cli(b, "HLEN teamsync:link:acme", "0");
    assert_cli(b, "XLEN teamsync:jobs", "1");
}

static void test_an_older_read_never_overwrites_a_newer_one(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *id = NULL;
    uint64_t early;

    create(b, "ada@acme.example", NULL);
    id = ts_strdup(b->member->id);
    begin(b);
    early = b->begun.observed_us;
    sync_ada(b);
    hold_job(b);
    b->commit.observed_us = early;
    b->user.team = "Yesterday";
    view(b);
    assert_int_equal(b->how, TS_COMMIT_STALE);
    get(b, id);
    assert_string_equal(b->member->team, "Ops");
    assert_cli(b, "XLEN teamsync:jobs", "0");
}

/* What happens between the view and the commit. */
static const char *meanwhile;

static void on_view_then_meanwhile(const struct ts_error *err, const struct ts_view *found,
                                   void *arg)
{
    struct bench *b = arg;

    free(test_redis_cli(b->server, "%s", meanwhile));
    on_view(err, found, b);
}

static void test_whoever_was_quicker_is_not_overwritten(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *bump = NULL;
    const char *const overtakers[] = {NULL, "HSET teamsync:link:acme 107 m_other"};

    create(b, "ada@acme.example", NULL);
    bump = ts_format("HINCRBY teamsync:member:acme:%s version 1", b->member->id);
    for (size_t i = 0; i < TS_COUNT_OF(overtakers); i++) {
        meanwhile = overtakers[i] ? overtakers[i] : bump;
        hold_job(b);
        begin(b);
        b->query = (struct ts_view_query){
            .org = "acme", .directory_id = "107", .primary_email = "ada@acme.example"};
        (void)b->roster->ops->view(b->roster, &b->query, on_view_then_meanwhile, b);
        wait_answer(b);
        assert_int_equal(b->how, TS_COMMIT_OVERTAKEN);
        get(b, b->member->id);
        assert_null(b->member->directory_id);
    }
    assert_cli(b, "XLEN teamsync:jobs", "2"); /* still ours */
}

static void test_a_manager_is_found_by_address_and_circles_are_seen(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *boss = NULL;
    TS_AUTOFREE char *ada = NULL;

    create(b, "boss@acme.example", NULL);
    boss = ts_strdup(b->member->id);
    create(b, "ada@acme.example", NULL);
    ada = ts_strdup(b->member->id);
    b->user.manager_email = "Boss@acme.example";
    sync_ada(b);
    get(b, ada);
    assert_string_equal(b->member->manager_id, boss);
    assert_string_equal(b->member->manager_email, "boss@acme.example");

    /* The boss now reports to Ada: the next look sees the circle. */
    free(test_redis_cli(b->server, "HSET teamsync:member:acme:%s manager %s", boss, ada));
    sync_ada(b);
    get(b, ada);
    assert_int_equal(b->member->sync_state, TS_SYNC_ERROR);
    assert_string_equal(b->member->manager_id, boss);
}

static void test_a_circle_that_closes_meanwhile_is_refused_by_the_commit(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *close_it = NULL;
    TS_AUTOFREE char *boss = NULL;

    create(b, "boss@acme.example", NULL);
    boss = ts_strdup(b->member->id);
    create(b, "ada@acme.example", NULL);
    close_it = ts_format("HSET teamsync:member:acme:%s manager %s", boss, b->member->id);
    meanwhile = close_it;
    b->user.manager_email = "boss@acme.example";
    hold_job(b);
    begin(b);
    b->query = (struct ts_view_query){.org = "acme",
                                      .directory_id = "107",
                                      .primary_email = "ada@acme.example",
                                      .manager_email = "boss@acme.example"};
    (void)b->roster->ops->view(b->roster, &b->query, on_view_then_meanwhile, b);
    wait_answer(b);
    assert_int_equal(b->how, TS_COMMIT_OVERTAKEN);
}

static void test_who_waits_for_a_manager_is_synced_when_they_appear(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *ada = NULL;

    create(b, "ada@acme.example", NULL);
    ada = ts_strdup(b->member->id);
    b->user.manager_email = "Boss@acme.example";
    sync_ada(b);
    get(b, ada);
    assert_string_equal(b->member->pending_manager, "boss@acme.example");
    assert_int_equal(b->member->sync_state, TS_SYNC_PENDING);
    assert_cli(b, "XLEN teamsync:jobs", "0");
    create(b, "boss@acme.example", NULL);
    {
        TS_AUTOFREE char *jobs = test_redis_cli(b->server, "XRANGE teamsync:jobs - +");

        assert_non_null(strstr(jobs, "manager-appeared"));
        assert_non_null(strstr(jobs, "107"));
    }
    free(test_redis_cli(b->server, "XTRIM teamsync:jobs MAXLEN 0"));
    sync_ada(b);
    get(b, ada);
    assert_string_equal(b->member->manager_email, "boss@acme.example");
    assert_null(b->member->pending_manager);
    assert_cli(b, "EXISTS teamsync:waiting:acme:boss@acme.example", "0");
}

static void test_a_rename_moves_the_addresses(void **state)
{
    struct bench *b = *state;
    static const char *const aliases[] = {"ada@acme.example"};

    create(b, "ada@acme.example", NULL);
    sync_ada(b);
    b->user.primary_email = "Countess@acme.example";
    b->user.aliases = aliases;
    b->user.alias_count = 1;
    sync_ada(b);
    assert_cli(b, "HLEN teamsync:address:acme", "2");
    b->user.alias_count = 0;
    sync_ada(b);
    assert_cli(b, "HKEYS teamsync:address:acme", "countess@acme.example");
}

static void test_odd_texts_survive(void **state)
{
    struct bench *b = *state;
    const char *odd = "Zoë's \"R&D\" \\ 研究 {x} %s";

    create(b, "ada@acme.example", NULL);
    b->user.team = odd;
    sync_ada(b);
    get(b, b->member->id);
    assert_string_equal(b->member->team, odd);
}

/* --- suspension --- */

static void test_a_suspension_and_the_way_back_are_told(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *ada = NULL;

    create(b, "ada@acme.example", NULL);
    ada = ts_strdup(b->member->id);
    create(b, "bob@acme.example", NULL);
    sync_ada(b);
    b->is_gone = true;
    sync_ada(b);
    get(b, ada);
    assert_int_equal(b->member->status, TS_MEMBER_SUSPENDED);
    assert_true(b->member->suspended_us > 0);
    b->is_gone = false;
    sync_ada(b);
    get(b, ada);
    assert_int_equal(b->member->status, TS_MEMBER_ACTIVE);
    assert_int_equal(b->member->suspended_us, 0);
    history(b, ada);
    assert_non_null(
        strstr(b->told, "status:suspended (deleted)>active;status:active>suspended (deleted);"));
}

static void test_the_guard_counts_the_suspensions_of_a_day(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *ada = NULL;

    create(b, "ada@acme.example", NULL);
    ada = ts_strdup(b->member->id);
    sync_ada(b);
    /* Of 21 linked members one may go, and has gone an hour ago. */
    for (int i = 0; i < 20; i++)
        free(test_redis_cli(b->server, "HSET teamsync:link:acme %d m_%d", i, i));
    free(test_redis_cli(b->server, "ZADD teamsync:suspended:acme %llu m_1",
                        (unsigned long long)(b->begun.observed_us - 3600 * 1000000ull)));
    b->commit.guard = (struct ts_guard){.min = 1, .percent = 5};
    b->is_gone = true;
    sync_ada(b);
    assert_int_equal(b->how, TS_COMMIT_HELD);
    assert_cli(b, "XLEN teamsync:jobs", "1");
    b->rules.hold_suspensions = true;
    view(b);
    assert_int_equal(b->how, TS_COMMITTED);
    get(b, ada);
    assert_int_equal(b->member->status, TS_MEMBER_ACTIVE);
    assert_int_equal(b->member->sync_state, TS_SYNC_HELD);

    /* A day later there is room again. */
    free(test_redis_cli(b->server, "ZADD teamsync:suspended:acme 5 m_1"));
    b->rules.hold_suspensions = false;
    sync_ada(b);
    assert_int_equal(b->how, TS_COMMITTED);
    get(b, ada);
    assert_int_equal(b->member->status, TS_MEMBER_SUSPENDED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_member_is_made_once_and_read_back),
        TEST(test_an_org_has_one_owner_and_must_exist),
        TEST(test_the_list_comes_in_pages),
        TEST(test_a_commit_writes_the_member_the_links_the_history_and_ends_the_job),
        TEST(test_the_same_job_counts_once),
        TEST(test_a_job_that_another_worker_took_writes_nothing),
        TEST(test_an_older_read_never_overwrites_a_newer_one),
        TEST(test_whoever_was_quicker_is_not_overwritten),
        TEST(test_a_manager_is_found_by_address_and_circles_are_seen),
        TEST(test_a_circle_that_closes_meanwhile_is_refused_by_the_commit),
        TEST(test_who_waits_for_a_manager_is_synced_when_they_appear),
        TEST(test_a_rename_moves_the_addresses),
        TEST(test_odd_texts_survive),
        TEST(test_a_suspension_and_the_way_back_are_told),
        TEST(test_the_guard_counts_the_suspensions_of_a_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
