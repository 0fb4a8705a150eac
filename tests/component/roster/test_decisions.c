/* SPDX-License-Identifier: MIT */
/* What a person decides about one member, and what the sync makes of it. */
#include "component/roster/roster_run.h"

static char *told; /* the last answer: "ok", or why not; then its warnings, each behind a "; " */

static void on_decided(const struct ts_error *err, const struct ts_member *member,
                       const char *const *warnings, size_t count, void *arg)
{
    struct ts_buf text;

    on_member(err, member, arg);
    ts_buf_init(&text, 1 << 12);
    (void)ts_buf_addf(&text, "%s", err->cls == TS_OK ? "ok" : err->text);
    for (size_t i = 0; i < count; i++)
        (void)ts_buf_addf(&text, "; %s", warnings[i]);
    free(told);
    told = text.data;
}

static void on_done(const struct ts_error *err, void *arg)
{
    (void)arg;
    note(err);
}

static struct ts_decision about(const char *member_id)
{
    return (struct ts_decision){.org = "acme", .member_id = member_id, .by = "ops"};
}

static const char *edit(const char *member_id, const struct ts_member_edit *wanted)
{
    struct ts_decision decision = about(member_id);

    await_answer(w.roster->ops->edit(w.roster, &decision, wanted, on_decided, NULL));
    return told;
}

static const char *suspend(const struct ts_member *member)
{
    struct ts_decision decision = about(member->id);

    await_answer(w.roster->ops->suspend(w.roster, &decision, on_decided, NULL));
    return told;
}

static const char *unsuspend(const struct ts_member *member)
{
    struct ts_decision decision = about(member->id);

    await_answer(w.roster->ops->unsuspend(w.roster, &decision, on_decided, NULL));
    return told;
}

static const char *drop(const struct ts_member *member)
{
    struct ts_decision decision = about(member->id);

    await_answer(w.roster->ops->remove(w.roster, &decision, on_done, NULL));
    free(told);
    told = ts_strdup(w.err.cls == TS_OK ? "ok" : w.err.text);
    return told;
}

static struct ts_member *make_owner(const char *email)
{
    return create(
        &(struct ts_new_member){.org = "acme", .email = email, .role = "owner", .is_active = true});
}

static void put(const struct ts_member *member, const char *fields)
{
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s %s", member->id, fields));
}

static void link_to(const struct ts_member *member, const char *directory_id)
{
    free(test_redis_cli(server,
                        "HSET teamsync:member:acme:%s directory_id %s digest d sync_state synced",
                        member->id, directory_id));
    free(test_redis_cli(server, "HSET teamsync:link:acme %s %s", directory_id, member->id));
}

static void list_as_held(const struct ts_member *member)
{
    free(test_redis_cli(server,
                        "HSET teamsync:hold:acme opened_us 5 member:%s "
                        "'{\"reason\":\"deleted\",\"since_us\":\"7\"}'",
                        member->id));
}

static void hold(const struct ts_member *member)
{
    put(member, "sync_state held detail waits");
    list_as_held(member);
}

static const char *or_dash(const char *text)
{
    return ts_text_is_empty(text) ? "-" : text;
}

/* "member active Sales/directory grace@x.io/manual synced": role, status, team, manager and state,
 * then who is waited for, the suspension, and the protection, where there are any. */
static char *describe(const struct ts_member *member)
{
    TS_AUTOFREE struct ts_member *m = again(member);
    struct ts_buf text;

    ts_buf_init(&text, 1 << 12);
    (void)ts_buf_addf(&text, "%s %s %s/%s %s/%s %s", m->role, ts_member_status_name(m->status),
                      or_dash(m->team), or_dash(ts_source_name(m->team_source)),
                      or_dash(m->manager_email), or_dash(ts_source_name(m->manager_source)),
                      ts_sync_state_name(m->sync_state));
    if (m->pending_manager)
        (void)ts_buf_addf(&text, " waits for %s", m->pending_manager);
    if (m->suspended_by || m->suspended_reason)
        (void)ts_buf_addf(&text, " by %s (%s)", ts_suspended_by_name(m->suspended_by),
                          ts_suspend_reason_name(m->suspended_reason));
    if (m->is_protected)
        (void)ts_buf_addf(&text, " protected");
    return text.data;
}

#define ASSERT_MEMBER(member, expected)                                                            \
    do {                                                                                           \
        TS_AUTOFREE char *got_ = describe(member);                                                 \
        assert_string_equal(got_, expected);                                                       \
    } while (0)

/* The last `count` entries of one member, newest first. */
#define ASSERT_HISTORY(member, count, expected)                                                    \
    assert_string_equal(history((member)->id, NULL, count), expected)

/* --- an edit: Ada, who reports to Bob, and to whom Eve reports --- */

static const bool yes = true, no = false;

static const struct edit_case {
    const char *sentence;
    const char *before;         /* fields of Ada's */
    struct ts_member_edit edit; /* `manager_id` is an address, "self" or "nobody" */
    const char *answer;
    const char *after;
    const char *history; /* NULL: nothing is written at all */
} edit_cases[] = {
    {"a name",
     NULL,
     {.name = "Ada \"L\""},
     "ok",
     "member active -/- bob@x.io/manual unmatched",
     "name ->Ada \"L\" edited by ops"},
    {"a role in the business's own word",
     NULL,
     {.role = "card holder"},
     "ok",
     "card holder active -/- bob@x.io/manual unmatched",
     "role member>card holder edited by ops"},
    {"a team is set by hand from then on",
     "team Sales team_source directory",
     {.team = "R&D"},
     "ok",
     "member active R&D/manual bob@x.io/manual unmatched",
     "team Sales>R&D edited by ops"},
    {"a team is taken away",
     "team Sales team_source directory",
     {.team = ""},
     "ok",
     "member active -/- bob@x.io/manual unmatched",
     "team Sales>- edited by ops"},
    {"a manager is set by hand from then on",
     "manager_source directory",
     {.manager_id = "olga@x.io"},
     "ok",
     "member active -/- olga@x.io/manual unmatched",
     "manager bob@x.io>olga@x.io edited by ops"},
    {"a manager is taken away",
     NULL,
     {.manager_id = ""},
     "ok",
     "member active -/- -/- unmatched",
     "manager bob@x.io>- edited by ops"},
    {"who has a manager waits for none",
     "sync_state pending pending_manager late@x.io",
     {.manager_id = "olga@x.io"},
     "ok",
     "member active -/- olga@x.io/manual synced",
     "manager bob@x.io>olga@x.io edited by ops"},
    {"the protected wait for their manager still",
     "sync_state held pending_manager late@x.io",
     {.is_protected = &yes},
     "ok",
     "member active -/- bob@x.io/manual pending waits for late@x.io protected",
     "protected false>true edited by ops"},
    {"unless they get one",
     "sync_state held pending_manager late@x.io",
     {.manager_id = "", .is_protected = &yes},
     "ok",
     "member active -/- -/- synced protected",
     "protected false>true edited by ops; manager bob@x.io>- edited by ops"},
    {"another edit leaves whom they wait for",
     "sync_state pending pending_manager late@x.io",
     {.name = "Ada"},
     "ok",
     "member active -/- bob@x.io/manual pending waits for late@x.io",
     "name ->Ada edited by ops"},
    {"a protection",
     NULL,
     {.is_protected = &yes},
     "ok",
     "member active -/- bob@x.io/manual unmatched protected",
     "protected false>true edited by ops"},
    {"its end",
     "protected 1",
     {.is_protected = &no},
     "ok",
     "member active -/- bob@x.io/manual unmatched",
     "protected true>false edited by ops"},
    {"a protection of who is suspended already",
     "status suspended suspended_by directory suspended_reason deleted",
     {.is_protected = &yes},
     "ok; this member stays suspended: the protection counts once they are unsuspended",
     "member suspended -/- bob@x.io/manual unmatched by directory (deleted) protected",
     "protected false>true edited by ops"},
    {"a protection of whom a person suspended",
     "status suspended suspended_by manual suspended_reason manual",
     {.is_protected = &yes},
     "ok",
     "member suspended -/- bob@x.io/manual unmatched by manual (manual) protected",
     "protected false>true edited by ops"},
    {"each change is told",
     NULL,
     {.name = "Ada", .role = "admin", .team = "T", .manager_id = "", .is_protected = &yes},
     "ok",
     "admin active T/manual -/- unmatched protected",
     "protected false>true edited by ops; manager bob@x.io>- edited by ops; "
     "team ->T edited by ops; role member>admin edited by ops; name ->Ada edited by ops"},
    {"only what differs is a change",
     "team Sales team_source directory",
     {.name = "Ada", .team = "Sales", .manager_id = "bob@x.io", .is_protected = &no},
     "ok",
     "member active Sales/directory bob@x.io/manual unmatched",
     "name ->Ada edited by ops"},

    {"the same again writes nothing",
     "name Ada team Sales team_source directory",
     {.name = "Ada",
      .role = "member",
      .team = "Sales",
      .manager_id = "bob@x.io",
      .is_protected = &no},
     "ok",
     "member active Sales/directory bob@x.io/manual unmatched",
     NULL},
    {"nothing writes nothing",
     NULL,
     {0},
     "ok",
     "member active -/- bob@x.io/manual unmatched",
     NULL},
    {"a manager is a member",
     NULL,
     {.name = "Ada", .manager_id = "nobody"},
     "manager_id names nobody in this org",
     "member active -/- bob@x.io/manual unmatched",
     NULL},
    {"nobody reports to themselves",
     NULL,
     {.manager_id = "self"},
     "nobody is their own manager",
     "member active -/- bob@x.io/manual unmatched",
     NULL},
    {"managers make no circle",
     NULL,
     {.team = "T", .manager_id = "eve@x.io"},
     "that would make a circle of managers",
     "member active -/- bob@x.io/manual unmatched",
     NULL},
    {"who is invited only is no owner",
     "status invited",
     {.role = "owner"},
     "only an active member can become the owner",
     "member invited -/- bob@x.io/manual unmatched",
     NULL},
    {"nor who is suspended",
     "status suspended suspended_by manual suspended_reason manual",
     {.role = "owner"},
     "only an active member can become the owner",
     "member suspended -/- bob@x.io/manual unmatched by manual (manual)",
     NULL},
};

/* Whom a case means. */
static char *id_of(const char *who, const struct ts_member *self)
{
    if (!who || *who == '\0')
        return ts_strdup(who);
    if (strcmp(who, "self") == 0)
        return ts_strdup(self->id);
    if (strcmp(who, "nobody") == 0)
        return ts_strdup("m_nobody");
    return test_redis_cli(server, "HGET teamsync:email:acme %s", who);
}

static void check_edit(const struct edit_case *it, const struct ts_member *ada)
{
    TS_AUTOFREE char *manager_id = id_of(it->edit.manager_id, ada);
    TS_AUTOFREE char *digest = test_redis_cli(server, "DEBUG DIGEST");
    TS_AUTOFREE struct ts_member *before = again(ada);
    struct ts_member_edit wanted = it->edit;
    struct ts_member *after;

    wanted.manager_id = manager_id;
    assert_string_equal(edit(ada->id, &wanted), it->answer);
    after = TS_STEAL(w.member);
    ASSERT_MEMBER(ada, it->after);
    if (it->history) {
        size_t changes = 1;

        for (const char *c = it->history; *c; c++)
            changes += *c == ';';
        ASSERT_HISTORY(ada, changes, it->history);
        assert_int_equal(after->version, before->version + 1);
        assert_true(after->updated_us > before->updated_us);
    } else {
        ASSERT_REDIS(digest, "DEBUG DIGEST");
    }
    free(after);
}

static void test_edits(void **state)
{
    for (size_t i = 0; i < TS_COUNT_OF(edit_cases); i++) {
        print_message("%s\n", edit_cases[i].sentence);
        if (i > 0)
            assert_int_equal(set_up(state), 0);

        TS_AUTOFREE struct ts_member *olga = make_owner("olga@x.io");
        TS_AUTOFREE struct ts_member *bob = make("bob@x.io");
        TS_AUTOFREE struct ts_member *ada = make_under("ada@x.io", bob);
        TS_AUTOFREE struct ts_member *eve = make_under("eve@x.io", ada);

        if (edit_cases[i].before)
            put(ada, edit_cases[i].before);
        check_edit(&edit_cases[i], ada);
        if (i + 1 < TS_COUNT_OF(edit_cases))
            assert_int_equal(tear_down(state), 0);
    }
}

static void test_who_waits_no_more_is_not_woken(void **state)
{
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, "late@x.io");
    ASSERT_REDIS(ada->id, "SMEMBERS teamsync:waiting:acme:late@x.io");
    assert_string_equal(edit(ada->id, &(struct ts_member_edit){.manager_id = bob->id}), "ok");
    ASSERT_REDIS("0", "EXISTS teamsync:waiting:acme:late@x.io");
}

static void test_nobody_can_be_decided_about(void **state)
{
    const struct ts_member nobody = {.id = "m_nobody"};
    TS_AUTOFREE char *digest = test_redis_cli(server, "DEBUG DIGEST");

    (void)state;
    assert_string_equal(edit("m_nobody", &(struct ts_member_edit){.name = "x"}),
                        "there is no such member");
    assert_int_equal(w.err.cls, TS_NOT_FOUND);
    assert_string_equal(suspend(&nobody), "there is no such member");
    assert_string_equal(unsuspend(&nobody), "there is no such member");
    assert_string_equal(drop(&nobody), "there is no such member");
    assert_int_equal(w.err.cls, TS_NOT_FOUND);
    ASSERT_REDIS(digest, "DEBUG DIGEST");
}

/* --- what the directory has to say --- */

#define KEPT(field, what, when)                                                                    \
    "ok; " field " is kept by the directory: if that names " what                                  \
    ", the sync overwrites this edit " when

static const struct {
    const char *sentence;
    const char *state;
    const char *directory_id; /* NULL: not linked */
    const char *org;          /* fields of the org's */
    struct ts_member_edit edit;
    const char *answer;
    const char *jobs;
    const char *digest; /* "" means that the sync looks again */
} warning_cases[] = {
    {"where auto-sync is on, it is overwritten at once",
     "active",
     "1001",
     NULL,
     {.team = "T"},
     KEPT("team", "one", "within seconds"),
     "1",
     ""},
    {"and a manager, too",
     "active",
     "1001",
     NULL,
     {.manager_id = "bob@x.io"},
     KEPT("manager", "one who is a member", "within seconds"),
     "1",
     ""},
    {"both are told, and one job does it",
     "active",
     "1001",
     NULL,
     {.team = "T", .manager_id = "bob@x.io"},
     KEPT("team", "one",
          "within seconds; manager is kept by the directory: if that names one who "
          "is a member, the sync overwrites this edit within seconds"),
     "1",
     ""},
    {"an empty field overwrites where the org wants that",
     "active",
     "1001",
     "clear_missing 1",
     {.team = "T"},
     KEPT("team", "one, or none at all", "within seconds"),
     "1",
     ""},
    {"while the directory fails, it is overwritten later",
     "failing",
     "1001",
     NULL,
     {.team = "T"},
     KEPT("team", "one", "as soon as the directory answers again"),
     "1",
     ""},
    {"where auto-sync is off, once it is enabled",
     "connected",
     "1001",
     NULL,
     {.team = "T"},
     KEPT("team", "one", "once auto-sync is enabled"),
     "0",
     ""},
    {"whoever is not linked yet may be then",
     "connected",
     NULL,
     NULL,
     {.team = "T"},
     KEPT("team", "one", "once auto-sync is enabled"),
     "0",
     ""},
    {"without a directory nothing is overwritten",
     "disconnected",
     NULL,
     NULL,
     {.team = "T"},
     "ok",
     "0",
     ""},
    {"nor of who is not in it", "active", NULL, NULL, {.team = "T"}, "ok", "0", ""},
    {"nor what the directory does not know",
     "active",
     "1001",
     NULL,
     {.name = "Ada", .role = "admin"},
     "ok",
     "0",
     "d"},
    {"a protection is looked at anew",
     "active",
     "1001",
     NULL,
     {.is_protected = &yes},
     "ok",
     "1",
     ""},
    {"an ownership, too", "active", "1001", NULL, {.role = "owner"}, "ok", "1", ""},
};

static void test_edits_of_what_the_directory_keeps(void **state)
{
    for (size_t i = 0; i < TS_COUNT_OF(warning_cases); i++) {
        struct ts_member_edit wanted = warning_cases[i].edit;

        print_message("%s\n", warning_cases[i].sentence);
        if (i > 0)
            assert_int_equal(set_up(state), 0);

        TS_AUTOFREE struct ts_member *bob = make("bob@x.io");
        TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
        TS_AUTOFREE char *manager_id = id_of(wanted.manager_id, ada);

        put(ada, "digest d");
        if (warning_cases[i].directory_id)
            link_to(ada, warning_cases[i].directory_id);
        free(test_redis_cli(server, "HSET teamsync:connection:acme may_suspend 1 state %s",
                            warning_cases[i].state));
        if (warning_cases[i].org)
            free(test_redis_cli(server, "HSET teamsync:org:acme %s", warning_cases[i].org));
        wanted.manager_id = manager_id;
        assert_string_equal(edit(ada->id, &wanted), warning_cases[i].answer);
        ASSERT_REDIS(warning_cases[i].jobs, "XLEN teamsync:jobs");
        ASSERT_REDIS(warning_cases[i].digest, "HGET teamsync:member:acme:%s digest", ada->id);
        if (i + 1 < TS_COUNT_OF(warning_cases))
            assert_int_equal(tear_down(state), 0);
    }
}

static void test_what_the_sync_writes_because_of_an_edit_is_not_by_who_edited(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    link_to(ada, "1001");
    free(test_redis_cli(server, "HSET teamsync:connection:acme state active"));
    (void)edit(ada->id, &(struct ts_member_edit){.team = "T"});

    TS_AUTOFREE char *job = test_redis_cli(server, "XRANGE teamsync:jobs - +");

    assert_non_null(strstr(job, "user\n1001"));
    assert_non_null(strstr(job, "cause\nedited"));
    assert_null(strstr(job, "ops"));
}

static struct ts_directory_user in_team(const char *team)
{
    struct ts_directory_user user = user_of("1001", "ada@x.io");

    user.team = team;
    return user;
}

static void test_what_the_directory_names_overwrites_an_edit(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    sync_user(in_team("Sales"));
    (void)edit(ada->id, &(struct ts_member_edit){.team = "Mine"});
    ASSERT_MEMBER(ada, "member active Mine/manual -/- synced");
    sync_user(in_team("Sales"));
    ASSERT_MEMBER(ada, "member active Sales/directory -/- synced");
}

static void test_what_the_directory_leaves_empty_leaves_an_edit(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    sync_user(in_team("Sales"));
    (void)edit(ada->id, &(struct ts_member_edit){.team = "Mine"});
    sync_user(in_team(NULL));
    ASSERT_MEMBER(ada, "member active Mine/manual -/- synced");
}

static void test_an_edit_overtakes_the_sync_that_did_not_see_it(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    AUTORUN run = {0};

    (void)state;
    start(&run, in_team("Sales"));
    (void)edit(ada->id, &(struct ts_member_edit){.team = "Mine", .name = "Ada"});
    assert_nothing_written(&run, TS_COMMIT_OVERTAKEN);
    look(&run);
    assert_int_equal(commit(&run), TS_COMMITTED);
    ASSERT_MEMBER(ada, "member active Sales/directory -/- synced");
    ASSERT_HISTORY(ada, 2, "team Mine>Sales push; link ->1001 push");
}

static void test_a_protection_overtakes_a_suspension_that_did_not_see_it(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    AUTORUN run = {.is_gone = true};

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    start(&run, (struct ts_directory_user){.id = "1001"});
    (void)edit(ada->id, &(struct ts_member_edit){.is_protected = &yes});
    assert_nothing_written(&run, TS_COMMIT_OVERTAKEN);
    look(&run);
    assert_int_equal(commit(&run), TS_COMMITTED);
    ASSERT_MEMBER(ada, "member active -/- -/- error protected");
}

/* --- the owner --- */

static void assert_owner(const struct ts_member *member)
{
    ASSERT_REDIS(member->id, "HGET teamsync:org:acme owner");
    ASSERT_REDIS("owner", "HGET teamsync:member:acme:%s role", member->id);
    ASSERT_REDIS("1", "EVAL \"local n = 0 for _, k in ipairs(redis.call('KEYS', "
                      "'teamsync:member:acme:*')) do if redis.call('HGET', k, 'role') == 'owner' "
                      "then n = n + 1 end end return n\" 0");
}

static void test_the_ownership_is_handed_over(void **state)
{
    TS_AUTOFREE struct ts_member *olga = make_owner("olga@x.io");
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    assert_string_equal(edit(ada->id, &(struct ts_member_edit){.role = "owner"}), "ok");
    assert_owner(ada);
    ASSERT_MEMBER(olga, "admin active -/- -/- unmatched");
    ASSERT_HISTORY(ada, 1, "role member>owner edited by ops");
    ASSERT_HISTORY(olga, 1, "role owner>admin edited by ops");

    TS_AUTOFREE struct ts_member *before = again(olga);

    assert_int_equal(before->version, 2);
    assert_true(before->updated_us > olga->updated_us);
}

static void test_an_org_without_an_owner_gets_one(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    assert_string_equal(edit(ada->id, &(struct ts_member_edit){.role = "owner"}), "ok");
    assert_owner(ada);
}

static void test_two_who_are_made_owner_at_once_leave_one(void **state)
{
    TS_AUTOFREE struct ts_member *olga = make_owner("olga@x.io");
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");
    const struct ts_member_edit owner = {.role = "owner"};
    struct ts_decision first = about(ada->id);
    struct ts_decision second = about(bob->id);
    size_t before = w.answers;

    (void)state;
    (void)w.roster->ops->edit(w.roster, &first, &owner, on_decided, NULL);
    (void)w.roster->ops->edit(w.roster, &second, &owner, on_decided, NULL);
    assert_true(TEST_WAIT(w.loop, w.answers == before + 2));
    assert_owner(bob);
    ASSERT_MEMBER(ada, "admin active -/- -/- unmatched");
    ASSERT_MEMBER(olga, "admin active -/- -/- unmatched");
}

static void test_what_may_not_be_done_to_the_owner(void **state)
{
    TS_AUTOFREE struct ts_member *olga = make_owner("olga@x.io");
    TS_AUTOFREE char *digest = test_redis_cli(server, "DEBUG DIGEST");

    (void)state;
    assert_string_equal(edit(olga->id, &(struct ts_member_edit){.role = "admin", .name = "O"}),
                        "this is the owner: hand the ownership over first");
    assert_int_equal(w.err.cls, TS_REJECTED);
    assert_string_equal(suspend(olga),
                        "the owner is never suspended: hand the ownership over first");
    assert_int_equal(w.err.cls, TS_REJECTED);
    assert_string_equal(drop(olga), "the owner cannot be deleted: hand the ownership over first");
    assert_int_equal(w.err.cls, TS_REJECTED);
    assert_string_equal(edit(olga->id, &(struct ts_member_edit){.role = "owner"}), "ok");
    ASSERT_REDIS(digest, "DEBUG DIGEST");
}

/* --- suspended by a person --- */

static const struct {
    const char *sentence;
    const char *before;
    const char *after;
    const char *history; /* NULL: nothing is written at all */
} suspend_cases[] = {
    {"who is active", "status active", "member suspended -/- -/- unmatched by manual (manual)",
     "status active>suspended (manual) suspended by ops"},
    {"who is invited", "status invited", "member suspended -/- -/- unmatched by manual (manual)",
     "status invited>suspended (manual) suspended by ops"},
    {"whom the directory suspended",
     "status suspended suspended_by directory suspended_reason archived suspended_us 5",
     "member suspended -/- -/- unmatched by manual (manual)",
     "status suspended (archived)>suspended (manual) suspended by ops"},
    {"whom a person suspended", "status suspended suspended_by manual suspended_reason manual",
     "member suspended -/- -/- unmatched by manual (manual)", NULL},
    {"who became a person's to decide about",
     "status suspended suspended_by manual suspended_reason deleted",
     "member suspended -/- -/- unmatched by manual (deleted)", NULL},
};

static void test_suspensions(void **state)
{
    for (size_t i = 0; i < TS_COUNT_OF(suspend_cases); i++) {
        print_message("%s\n", suspend_cases[i].sentence);
        if (i > 0)
            assert_int_equal(set_up(state), 0);

        TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

        put(ada, suspend_cases[i].before);
        TS_AUTOFREE struct ts_member *before = again(ada);
        TS_AUTOFREE char *digest = NULL;

        free(test_redis_cli(server, "DEL teamsync:counts:acme"));
        free(test_redis_cli(server, "HSET teamsync:counts:acme invited 0 active 0 suspended 0 %s 1",
                            ts_member_status_name(before->status)));
        digest = test_redis_cli(server, "DEBUG DIGEST");
        assert_string_equal(suspend(ada), "ok");
        ASSERT_MEMBER(ada, suspend_cases[i].after);
        TS_AUTOFREE struct ts_member *after = again(ada);

        if (suspend_cases[i].history) {
            ASSERT_HISTORY(ada, 1, suspend_cases[i].history);
            assert_int_equal(after->version, before->version + 1);
        } else {
            ASSERT_REDIS(digest, "DEBUG DIGEST");
        }
        if (before->status != TS_MEMBER_SUSPENDED) {
            assert_int_equal(after->status_before, before->status);
            assert_int_equal(after->suspended_us, after->updated_us);
        } else {
            assert_int_equal(after->suspended_us, before->suspended_us);
        }
        ASSERT_REDIS("0\n0\n1", "HMGET teamsync:counts:acme invited active suspended");
        if (i + 1 < TS_COUNT_OF(suspend_cases))
            assert_int_equal(tear_down(state), 0);
    }
}

static void test_the_sync_never_lifts_a_persons_suspension(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    sync_plain("1002", "bob@x.io", NULL, NULL);
    (void)suspend(ada);
    sync_gone("1002");
    (void)suspend(bob);
    sync_plain("1001", "ada@x.io", NULL, NULL);
    sync_plain("1002", "bob@x.io", NULL, NULL);
    ASSERT_MEMBER(ada, "member suspended -/- -/- synced by manual (manual)");
    ASSERT_MEMBER(bob, "member suspended -/- -/- synced by manual (manual)");
}

static void test_a_suspension_overtakes_a_return_that_did_not_see_it(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    AUTORUN run = {0};

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    sync_gone("1001");
    start(&run, user_of("1001", "ada@x.io"));
    assert_int_equal(run.plan.after.status, TS_MEMBER_ACTIVE);
    (void)suspend(ada);
    assert_nothing_written(&run, TS_COMMIT_OVERTAKEN);
    look(&run);
    assert_int_equal(commit(&run), TS_COMMITTED);
    ASSERT_MEMBER(ada, "member suspended -/- -/- synced by manual (manual)");
}

/* --- and back --- */

static const struct {
    const char *sentence;
    const char *before;
    const char *answer;
    const char *after;
    const char *history; /* NULL: nothing is written at all */
    const char *kept;
} unsuspend_cases[] = {
    {"whom a person suspended is as before",
     "status suspended suspended_by manual suspended_reason manual status_before active", "ok",
     "member active -/- -/- synced", "status suspended (manual)>active unsuspended by ops", ""},
    {"who was invited is invited again",
     "status suspended suspended_by manual suspended_reason manual status_before invited", "ok",
     "member invited -/- -/- synced", "status suspended (manual)>invited unsuspended by ops", ""},
    {"whom the directory suspended is kept",
     "status suspended suspended_by directory suspended_reason deleted status_before active",
     "ok; deleted in the directory, when that was last asked: the sync keeps this member until the "
     "directory gives another reason",
     "member active -/- -/- synced", "status suspended (deleted)>active unsuspended by ops",
     "deleted"},
    {"a conflict is not decided with that",
     "status suspended suspended_by directory suspended_reason deleted status_before active "
     "sync_state conflict",
     "ok; deleted in the directory, when that was last asked: the sync keeps this member until the "
     "directory gives another reason",
     "member active -/- -/- conflict", "status suspended (deleted)>active unsuspended by ops",
     "deleted"},
    {"who is not suspended stays as they are", "status active", "ok",
     "member active -/- -/- synced", NULL, ""},
};

static void test_suspensions_lifted(void **state)
{
    for (size_t i = 0; i < TS_COUNT_OF(unsuspend_cases); i++) {
        print_message("%s\n", unsuspend_cases[i].sentence);
        if (i > 0)
            assert_int_equal(set_up(state), 0);

        TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
        TS_AUTOFREE char *digest = NULL;

        link_to(ada, "1001");
        put(ada, unsuspend_cases[i].before);
        free(test_redis_cli(server, "HSET teamsync:connection:acme state active"));
        free(test_redis_cli(server, "HSET teamsync:counts:acme invited 0 active 0 suspended 1"));
        digest = test_redis_cli(server, "DEBUG DIGEST");
        assert_string_equal(unsuspend(ada), unsuspend_cases[i].answer);
        ASSERT_MEMBER(ada, unsuspend_cases[i].after);
        ASSERT_REDIS(unsuspend_cases[i].kept, "HGET teamsync:member:acme:%s kept_reason", ada->id);
        TS_AUTOFREE struct ts_member *after = again(ada);

        if (unsuspend_cases[i].history) {
            ASSERT_HISTORY(ada, 1, unsuspend_cases[i].history);
            assert_int_equal(after->version, ada->version + 1);
            assert_int_equal(after->suspended_us, 0);
            ASSERT_REDIS("1", "XLEN teamsync:jobs"); /* the directory is asked again */
            ASSERT_REDIS("", "HGET teamsync:member:acme:%s digest", ada->id);
            ASSERT_REDIS("0", "HGET teamsync:counts:acme suspended");
            ASSERT_REDIS("1", "HGET teamsync:counts:acme %s", ts_member_status_name(after->status));
        } else {
            ASSERT_REDIS(digest, "DEBUG DIGEST");
        }
        if (i + 1 < TS_COUNT_OF(unsuspend_cases))
            assert_int_equal(tear_down(state), 0);
    }
}

static void test_who_has_no_link_any_more_is_unsuspended_and_stays_unmatched(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    put(ada,
        "status suspended suspended_by directory suspended_reason deleted status_before active");
    (void)unsuspend(ada);
    ASSERT_MEMBER(ada, "member active -/- -/- unmatched");
    ASSERT_REDIS("deleted", "HGET teamsync:member:acme:%s kept_reason", ada->id);
    ASSERT_REDIS("0", "XLEN teamsync:jobs");
}

static void test_whom_a_person_unsuspends_stays_until_there_is_another_reason(void **state)
{
    struct ts_directory_user archived = user_of("1001", "ada@x.io");
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    archived.is_archived = TS_YES;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    sync_gone("1001");
    (void)unsuspend(ada);
    sync_gone("1001");
    ASSERT_MEMBER(ada, "member active -/- -/- synced");
    sync_user(archived);
    ASSERT_MEMBER(ada, "member suspended -/- -/- synced by directory (archived)");
}

/* --- what waits for a person --- */

static void test_who_is_suspended_by_a_person_waits_no_more(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    link_to(ada, "1001");
    hold(ada);
    (void)suspend(ada);
    ASSERT_REDIS("0", "EXISTS teamsync:hold:acme");
    ASSERT_MEMBER(ada, "member suspended -/- -/- synced by manual (manual)");
    sync_gone("1001");
    ASSERT_REDIS("0", "EXISTS teamsync:hold:acme");
}

static void test_who_is_protected_waits_no_more_and_the_others_do(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");

    (void)state;
    link_to(ada, "1001");
    hold(ada);
    hold(bob);
    put(ada, "approved_reason deleted"); /* at the very moment, too */
    (void)edit(ada->id, &(struct ts_member_edit){.is_protected = &yes});
    ASSERT_REDIS("1", "HEXISTS teamsync:hold:acme member:%s", bob->id);
    ASSERT_REDIS("0", "HEXISTS teamsync:hold:acme member:%s", ada->id);
    ASSERT_REDIS("", "HGET teamsync:member:acme:%s approved_reason", ada->id);
    sync_gone("1001");
    ASSERT_MEMBER(ada, "member active -/- -/- error protected");
    ASSERT_REDIS("0", "HEXISTS teamsync:hold:acme member:%s", ada->id);
}

static void test_who_becomes_the_owner_waits_no_more(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    link_to(ada, "1001");
    hold(ada);
    (void)edit(ada->id, &(struct ts_member_edit){.role = "owner"});
    ASSERT_REDIS("0", "EXISTS teamsync:hold:acme");
    sync_gone("1001");
    ASSERT_MEMBER(ada, "owner active -/- -/- error");
}

static void test_another_edit_leaves_who_is_held_held(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    link_to(ada, "1001");
    hold(ada);
    (void)edit(ada->id, &(struct ts_member_edit){.name = "Ada", .team = "T"});
    ASSERT_REDIS("1", "HEXISTS teamsync:hold:acme member:%s", ada->id);
    ASSERT_MEMBER(ada, "member active T/manual -/- held");
}

/* --- deleted --- */

static void test_who_is_deleted_is_gone_but_for_the_history(void **state)
{
    static const char trace[] =
        "EVAL \"local found = {} for _, key in ipairs(redis.call('KEYS', '*')) do "
        "local dump = redis.call('TYPE', key).ok == 'stream' and '' or redis.call('DUMP', key) "
        "if string.find(dump, ARGV[1], 1, true) or string.find(key, ARGV[1], 1, true) then "
        "found[#found + 1] = key end end return table.concat(found, ' ')\" 0 %s";
    TS_AUTOFREE struct ts_member *ada = make("Ada@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", "lovelace@x.io", "late@x.io");
    list_as_held(ada);
    assert_string_equal(drop(ada), "ok");
    ASSERT_REDIS("", trace, ada->id);
    ASSERT_REDIS("0", "EXISTS teamsync:address:acme teamsync:email:acme teamsync:link:acme "
                      "teamsync:order:acme teamsync:waiting:acme:late@x.io teamsync:hold:acme");
    ASSERT_REDIS("active\n0", "HGETALL teamsync:counts:acme");
    assert_null(get("acme", ada->id));
    assert_int_equal(w.err.cls, TS_NOT_FOUND);
    ASSERT_HISTORY(ada, 9,
                   "member Ada@x.io>- deleted by ops; link ->1001 push; member ->Ada@x.io api");
}

static void on_addresses(const struct ts_error *err, const struct ts_history_entry *entries,
                         size_t count, const char *next_cursor, void *arg)
{
    (void)next_cursor;
    note(err);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(entries[i].email, (const char *)arg);
}

static void test_the_history_names_who_is_gone(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("Ada@x.io");
    const struct ts_history_query query = {.org = "acme", .member_id = ada->id, .limit = 10};
    char email[] = "Ada@x.io";

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    (void)drop(ada);
    await_answer(w.roster->ops->history(w.roster, &query, on_addresses, email));
}

static void test_a_deleted_members_address_is_free(void **state)
{
    TS_AUTOFREE struct ts_member *first = make("ada@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    (void)drop(first);
    TS_AUTOFREE struct ts_member *second = make("ADA@x.io");

    assert_string_not_equal(second->id, first->id);
    sync_plain("1001", "ada@x.io", NULL, NULL);
    ASSERT_MEMBER(second, "member active -/- -/- synced");
    ASSERT_REDIS(second->id, "HGET teamsync:link:acme 1001");
}

static void test_who_was_deleted_is_invited_again_only_by_a_person(void **state)
{
    static const struct {
        const char *email;
        const char *id;
    } again[] = {{"other@x.io", "1001"}, {"Ada@x.io", "1009"}};
    TS_AUTOFREE struct ts_member *ada = make("Ada@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    (void)drop(ada);
    for (size_t i = 0; i < TS_COUNT_OF(again); i++) {
        struct ts_new_member wanted = {.org = "acme",
                                       .email = again[i].email,
                                       .directory_id = again[i].id,
                                       .is_automatic = true};
        TS_AUTOFREE struct ts_member *invited = create(&wanted);

        assert_null(invited);
        assert_int_equal(w.err.cls, TS_REJECTED);
    }
}

static void test_an_address_that_is_somebody_elses_by_now_stays_theirs(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");

    (void)state;
    sync_plain("1001", "ada@x.io", "shared@x.io", NULL);
    free(test_redis_cli(server, "HSET teamsync:address:acme shared@x.io m_other"));
    (void)drop(ada);
    ASSERT_REDIS("shared@x.io\nm_other", "HGETALL teamsync:address:acme");
}

static void test_who_reported_to_a_deleted_member_has_no_manager(void **state)
{
    TS_AUTOFREE struct ts_member *boss = make("boss@x.io");
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make_under("bob@x.io", boss);
    TS_AUTOFREE struct ts_member *eve = make_under("eve@x.io", bob);

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, "boss@x.io");
    ASSERT_MEMBER(ada, "member active -/- boss@x.io/directory synced");
    free(test_redis_cli(server, "HSET teamsync:connection:acme state active"));
    (void)drop(boss);
    ASSERT_MEMBER(ada, "member active -/- -/- synced");
    ASSERT_MEMBER(bob, "member active -/- -/- unmatched");
    ASSERT_MEMBER(eve, "member active -/- bob@x.io/manual unmatched");
    ASSERT_HISTORY(ada, 1, "manager boss@x.io>- manager deleted by ops");
    ASSERT_HISTORY(bob, 1, "manager boss@x.io>- manager deleted by ops");
    ASSERT_REDIS("1", "XLEN teamsync:jobs"); /* for Ada */
    ASSERT_REDIS("", "HGET teamsync:member:acme:%s digest", ada->id);

    /* The directory names them still: Ada waits, until they are invited anew. */
    sync_plain("1001", "ada@x.io", NULL, "boss@x.io");
    ASSERT_MEMBER(ada, "member active -/- -/- pending waits for boss@x.io");
    free(make("boss@x.io"));
    sync_plain("1001", "ada@x.io", NULL, "boss@x.io");
    ASSERT_MEMBER(ada, "member active -/- boss@x.io/directory synced");
}

static void test_a_sync_that_is_under_way_brings_nobody_back(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    AUTORUN first = {0};
    AUTORUN again = {0};

    (void)state;
    start(&first, user_of("1001", "ada@x.io")); /* that would link them */
    sync_plain("1001", "ada@x.io", NULL, NULL);
    start(&again, in_team("Sales")); /* that would move them */
    (void)drop(ada);
    assert_nothing_written(&first, TS_COMMIT_OVERTAKEN);
    assert_nothing_written(&again, TS_COMMIT_OVERTAKEN);
    ASSERT_REDIS("0", "EXISTS teamsync:member:acme:%s teamsync:link:acme", ada->id);
}

static void test_a_sync_that_is_under_way_gives_nobody_a_deleted_manager(void **state)
{
    TS_AUTOFREE struct ts_member *boss = make("boss@x.io");
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");
    struct ts_directory_user user = user_of("1001", "ada@x.io");
    struct ts_directory_user other = user_of("1002", "bob@x.io");
    AUTORUN newly = {0};
    AUTORUN still = {0};

    (void)state;
    sync_plain("1002", "bob@x.io", NULL, "boss@x.io");
    user.manager_email = other.manager_email = "boss@x.io";
    start(&newly, user);
    start(&still, other);
    (void)drop(boss);
    assert_nothing_written(&newly, TS_COMMIT_OVERTAKEN);
    assert_nothing_written(&still, TS_COMMIT_OVERTAKEN);
    look(&newly);
    look(&still);
    assert_int_equal(commit(&newly), TS_COMMITTED);
    assert_int_equal(commit(&still), TS_COMMITTED);
    ASSERT_MEMBER(ada, "member active -/- -/- pending waits for boss@x.io");
    ASSERT_MEMBER(bob, "member active -/- -/- pending waits for boss@x.io");
}

static void test_deleting_the_suspended_gives_the_guard_no_room(void **state)
{
    static const struct ts_guard narrow = {.min = 1, .percent = 0};
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");
    TS_AUTOFREE struct ts_member *eve = make("eve@x.io");
    AUTORUN first = {.is_gone = true, .guard = narrow};
    AUTORUN second = {.is_gone = true, .guard = narrow};

    (void)state;
    sync_plain("1001", "ada@x.io", NULL, NULL);
    sync_plain("1002", "bob@x.io", NULL, NULL);
    sync_plain("1003", "eve@x.io", NULL, NULL);
    start(&first, (struct ts_directory_user){.id = "1001"});
    assert_int_equal(commit(&first), TS_COMMITTED);
    (void)drop(ada);
    start(&second, (struct ts_directory_user){.id = "1002"});
    assert_int_equal(commit(&second), TS_COMMIT_HELD);
}

static void on_count(const struct ts_error *err, uint64_t many, void *arg)
{
    note(err);
    *(uint64_t *)arg = many;
}

static void test_a_run_is_undone_without_who_was_deleted(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    uint64_t undone = 9;

    (void)state;
    put(ada, "status suspended suspended_by directory suspended_us 100 suspended_reason deleted");
    free(test_redis_cli(server, "HSET teamsync:run:acme:run_1 id run_1"));
    free(test_redis_cli(server, "ZADD teamsync:undo:acme:run_1 100 %s", ada->id));
    (void)drop(ada);
    await_answer(w.roster->ops->undo_run(w.roster, "acme", "run_1", "ops", on_count, &undone));
    assert_int_equal(w.err.cls, TS_OK);
    assert_int_equal(undone, 0);
    ASSERT_REDIS("0", "EXISTS teamsync:member:acme:%s", ada->id);
}

static int forget(void **state)
{
    free(told);
    told = NULL;
    return tear_down(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_edits),
        TEST(test_who_waits_no_more_is_not_woken),
        TEST(test_nobody_can_be_decided_about),
        TEST(test_edits_of_what_the_directory_keeps),
        TEST(test_what_the_sync_writes_because_of_an_edit_is_not_by_who_edited),
        TEST(test_what_the_directory_names_overwrites_an_edit),
        TEST(test_what_the_directory_leaves_empty_leaves_an_edit),
        TEST(test_an_edit_overtakes_the_sync_that_did_not_see_it),
        TEST(test_a_protection_overtakes_a_suspension_that_did_not_see_it),
        TEST(test_the_ownership_is_handed_over),
        TEST(test_an_org_without_an_owner_gets_one),
        TEST(test_two_who_are_made_owner_at_once_leave_one),
        TEST(test_what_may_not_be_done_to_the_owner),
        TEST(test_suspensions),
        TEST(test_the_sync_never_lifts_a_persons_suspension),
        TEST(test_a_suspension_overtakes_a_return_that_did_not_see_it),
        TEST(test_suspensions_lifted),
        TEST(test_who_has_no_link_any_more_is_unsuspended_and_stays_unmatched),
        TEST(test_whom_a_person_unsuspends_stays_until_there_is_another_reason),
        TEST(test_who_is_suspended_by_a_person_waits_no_more),
        TEST(test_who_is_protected_waits_no_more_and_the_others_do),
        TEST(test_who_becomes_the_owner_waits_no_more),
        TEST(test_another_edit_leaves_who_is_held_held),
        TEST(test_who_is_deleted_is_gone_but_for_the_history),
        TEST(test_the_history_names_who_is_gone),
        TEST(test_a_deleted_members_address_is_free),
        TEST(test_who_was_deleted_is_invited_again_only_by_a_person),
        TEST(test_an_address_that_is_somebody_elses_by_now_stays_theirs),
        TEST(test_who_reported_to_a_deleted_member_has_no_manager),
        TEST(test_a_sync_that_is_under_way_brings_nobody_back),
        TEST(test_a_sync_that_is_under_way_gives_nobody_a_deleted_manager),
        TEST(test_deleting_the_suspended_gives_the_guard_no_room),
        TEST(test_a_run_is_undone_without_who_was_deleted),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
