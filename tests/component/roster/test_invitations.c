/* SPDX-License-Identifier: MIT */
/* Invitations in Redis: who is made a member and who is not, the mail that is queued with them, and
 * the links. */
#include "component/roster/roster_world.h"

#include "teamsync/time.h"

static struct invitation {
    enum ts_invitation_state state;
    char text[200]; /* "Acme m_… ada@x.io Ada" */
    uint64_t expires_us;
} seen;

static void on_invitation(const struct ts_error *err, const struct ts_invitation *invitation,
                          void *arg)
{
    (void)arg;
    note(err);
    assert_int_equal(err->cls == TS_OK, invitation != NULL);
    seen = (struct invitation){0};
    if (!invitation)
        return;
    seen.state = invitation->state;
    seen.expires_us = invitation->expires_us;
    (void)snprintf(seen.text, sizeof(seen.text), "%s %s %s %s", invitation->org,
                   invitation->org_name, invitation->email,
                   invitation->name ? invitation->name : "-");
}

static void assert_opens(const struct ts_member *member, const char *token, enum ts_class cls)
{
    await_answer(
        w.roster->ops->open_invitation(w.roster, "acme", member->id, token, on_invitation, NULL));
    assert_int_equal(w.err.cls, cls);
}

static void assert_found(const char *token, enum ts_invitation_state state)
{
    await_answer(w.roster->ops->find_invitation(w.roster, token, on_invitation, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    assert_int_equal(seen.state, state);
}

static void assert_lost(const char *token)
{
    await_answer(w.roster->ops->find_invitation(w.roster, token, on_invitation, NULL));
    assert_int_equal(w.err.cls, TS_NOT_FOUND);
    await_answer(w.roster->ops->accept_invitation(w.roster, token, on_invitation, NULL));
    assert_int_equal(w.err.cls, TS_NOT_FOUND);
}

static void assert_accepted(const char *token, enum ts_invitation_state state)
{
    await_answer(w.roster->ops->accept_invitation(w.roster, token, on_invitation, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    assert_int_equal(seen.state, state);
}

static struct ts_member *invite(const char *email)
{
    struct ts_member *member =
        create(&(struct ts_new_member){.org = "acme", .email = email, .name = "Ada"});

    assert_non_null(member);
    return member;
}

/* --- links --- */

static void test_a_link_makes_a_member_active_once(void **state)
{
    TS_AUTOFREE struct ts_member *ada = invite("ada@x.io");
    TS_AUTOFREE struct ts_member *after = NULL;
    uint64_t day_us = 86400000000ull;

    (void)state;
    assert_opens(ada, "token", TS_OK);
    assert_string_equal(seen.text, "acme Acme ada@x.io Ada");
    assert_in_range(seen.expires_us, ts_wall_us() + 13 * day_us, ts_wall_us() + 14 * day_us);
    assert_found("token", TS_INVITATION_OPEN);
    assert_found("token", TS_INVITATION_OPEN);
    assert_string_equal(seen.text, "acme Acme ada@x.io Ada");
    assert_accepted("token", TS_INVITATION_ACCEPTED);
    after = get("acme", ada->id);
    assert_int_equal(after->status, TS_MEMBER_ACTIVE);
    assert_int_equal(after->version, ada->version + 1);
    assert_true(after->updated_us > ada->updated_us);
    assert_string_equal(history(ada->id, NULL, 10),
                        "status invited>active accepted the invitation; member ->ada@x.io api");
    ASSERT_REDIS("1", "HGET teamsync:counts:acme active");
    ASSERT_REDIS("0", "HGET teamsync:counts:acme invited");
    assert_accepted("token", TS_INVITATION_ACCEPTED);
    assert_found("token", TS_INVITATION_ACCEPTED);
    ASSERT_REDIS("1", "HGET teamsync:counts:acme active");
    assert_opens(ada, "another", TS_REJECTED);
}

static void test_redis_knows_no_token(void **state)
{
    TS_AUTOFREE struct ts_member *ada = invite("ada@x.io");
    TS_AUTOFREE char *keys = NULL;

    (void)state;
    assert_opens(ada, "a-very-secret-token", TS_OK);
    keys = test_redis_cli(server, "KEYS *secret*");
    assert_string_equal(keys, "");
    ASSERT_REDIS("acme", "HGET teamsync:invitation:"
                         "85a3dacdf7d6a1b936bf1053656b40dff9d498982df559c005e12e376242c580 org");
}

static void test_a_newer_link_takes_the_place_of_an_older_one(void **state)
{
    TS_AUTOFREE struct ts_member *ada = invite("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = invite("bob@x.io");

    (void)state;
    assert_opens(ada, "old", TS_OK);
    assert_opens(bob, "bobs", TS_OK);
    assert_opens(ada, "new", TS_OK);
    assert_lost("old");
    assert_found("new", TS_INVITATION_OPEN);
    assert_found("bobs", TS_INVITATION_OPEN);
}

static void test_a_link_leads_to_nobody_who_is_gone(void **state)
{
    TS_AUTOFREE struct ts_member *ada = invite("ada@x.io");
    TS_AUTOFREE char *forget = ts_format("DEL teamsync:member:acme:%s", ada->id);

    (void)state;
    assert_lost("never");
    assert_opens(ada, "token", TS_OK);
    free(test_redis_cli(server, "%s", forget));
    assert_lost("token");
    assert_opens(ada, "token", TS_NOT_FOUND);
}

static void test_who_is_suspended_stays_so(void **state)
{
    TS_AUTOFREE struct ts_member *ada = invite("ada@x.io");
    TS_AUTOFREE char *suspend = ts_format("HSET teamsync:member:acme:%s status suspended", ada->id);
    TS_AUTOFREE struct ts_member *after = NULL;

    (void)state;
    assert_opens(ada, "token", TS_OK);
    free(test_redis_cli(server, "%s", suspend));
    assert_found("token", TS_INVITATION_SUSPENDED);
    assert_accepted("token", TS_INVITATION_SUSPENDED);
    after = get("acme", ada->id);
    assert_int_equal(after->status, TS_MEMBER_SUSPENDED);
    assert_opens(ada, "another", TS_REJECTED);
}

/* --- who is made a member --- */

static const struct ts_new_member newcomer = {.org = "acme",
                                              .email = "Ada@x.io",
                                              .directory_id = "107",
                                              .cause = "auto-invite",
                                              .job = "7-0",
                                              .is_automatic = true,
                                              .is_mailed = true};

static void test_the_mail_is_queued_with_the_member(void **state)
{
    TS_AUTOFREE struct ts_member *ada = create(&newcomer);
    TS_AUTOFREE struct ts_member *bob = NULL;
    TS_AUTOFREE char *job = NULL;

    (void)state;
    assert_non_null(ada);
    job = test_redis_cli(server, "XREVRANGE teamsync:jobs + - COUNT 1");
    assert_non_null(strstr(job, "mail"));
    assert_non_null(strstr(job, ada->id));
    assert_string_equal(history(ada->id, NULL, 10), "member ->Ada@x.io auto-invite");
    bob = create(&(struct ts_new_member){
        .org = "acme", .email = "bob@x.io", .is_active = true, .is_mailed = true});
    ASSERT_REDIS("1", "XLEN teamsync:jobs");
    free(TS_STEAL(bob));
    bob = invite("eve@x.io"); /* mail is not set up */
    ASSERT_REDIS("1", "XLEN teamsync:jobs");
}

static void test_whoever_was_removed_is_not_invited_but_by_a_person(void **state)
{
    static const char *const removed[] = {"SADD teamsync:uninvited:acme 107",
                                          "SADD teamsync:uninvited:acme ada@x.io"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(removed); i++) {
        struct ts_new_member by_hand = newcomer;
        TS_AUTOFREE struct ts_member *ada = NULL;

        free(test_redis_cli(server, "%s", removed[i]));
        ada = create(&newcomer);
        assert_null(ada);
        assert_int_equal(w.err.cls, TS_REJECTED);
        ASSERT_REDIS("0", "XLEN teamsync:jobs");
        if (i == 0) {
            ASSERT_REDIS("1", "SREM teamsync:uninvited:acme 107");
            continue;
        }
        by_hand.is_automatic = false;
        ada = create(&by_hand);
        assert_non_null(ada);
        ASSERT_REDIS("0", "EXISTS teamsync:uninvited:acme");
    }
}

static void test_nobody_is_invited_through_a_connection_that_is_off(void **state)
{
    static const struct {
        const char *state;
        const char *revision;
        const char *since_us; /* auto-invite is on */
        bool is_automatic;
        bool is_made;
    } cases[] = {
        {"connected", "r1", "7", false, false}, {"disconnected", "", "7", false, false},
        {"active", "r2", "7", false, false},    {"active", "r1", "0", true, false},
        {"connected", "r1", "7", true, false},  {"active", "r1", "0", false, true},
        {"failing", "r1", "7", true, true},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *email = ts_format("person%zu@x.io", i);
        struct ts_new_member wanted = newcomer;
        TS_AUTOFREE struct ts_member *made = NULL;

        wanted.email = email;
        wanted.revision = "r1";
        wanted.is_automatic = cases[i].is_automatic;
        free(test_redis_cli(server, "HSET teamsync:connection:acme state %s revision '%s'",
                            cases[i].state, cases[i].revision));
        free(test_redis_cli(server, "HSET teamsync:org:acme invites_since_us %s",
                            cases[i].since_us));
        made = create(&wanted);
        assert_int_equal(made != NULL, cases[i].is_made);
        assert_int_equal(w.err.cls, cases[i].is_made ? TS_OK : TS_RETRY);
    }
}

static void test_one_account_is_one_member(void **state)
{
    TS_AUTOFREE struct ts_member *ada = create(&newcomer);
    struct ts_new_member renamed = newcomer;
    TS_AUTOFREE struct ts_member *again = create(&newcomer);

    (void)state;
    assert_null(again);
    assert_int_equal(w.err.cls, TS_REJECTED);
    free(test_redis_cli(server, "HSET teamsync:link:acme 107 m_whoever"));
    renamed.email = "countess@x.io";
    again = create(&renamed);
    assert_null(again);
    assert_int_equal(w.err.cls, TS_REJECTED);
    ASSERT_REDIS("1", "HLEN teamsync:members:acme");
}

/* --- who they are --- */

static void on_matched(const struct ts_error *err, const char *const *ids, size_t count, void *arg)
{
    struct ts_buf list;

    (void)arg;
    note(err);
    ts_buf_init(&list, 1 << 10);
    for (size_t i = 0; i < count; i++)
        (void)ts_buf_addf(&list, "%s%s", i ? " " : "", ids[i] ? ids[i] : "-");
    say(list.data);
}

static void test_members_are_known_by_link_and_address(void **state)
{
    TS_AUTOFREE struct ts_member *ada = invite("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = invite("bob@x.io");
    TS_AUTOFREE char *link = ts_format("HSET teamsync:link:acme 107 %s", ada->id);
    TS_AUTOFREE char *expected = ts_format("%s - %s %s", ada->id, bob->id, ada->id);
    const struct ts_compared users[] = {
        {.directory_id = "107", .addresses = "renamed@x.io"},
        {.directory_id = "108", .addresses = "eve@x.io e@x.io"},
        {.directory_id = "109", .addresses = "robert@x.io bob@x.io"},
        {.directory_id = "107", .addresses = "bob@x.io"},
    };

    (void)state;
    free(test_redis_cli(server, "%s", link));
    await_answer(
        w.roster->ops->match(w.roster, "acme", users, TS_COUNT_OF(users), on_matched, NULL));
    assert_string_equal(w.text, expected);
    await_answer(w.roster->ops->match(w.roster, "acme", users, 0, on_matched, NULL));
    assert_string_equal(w.text, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_link_makes_a_member_active_once),
        TEST(test_redis_knows_no_token),
        TEST(test_a_newer_link_takes_the_place_of_an_older_one),
        TEST(test_a_link_leads_to_nobody_who_is_gone),
        TEST(test_who_is_suspended_stays_so),
        TEST(test_the_mail_is_queued_with_the_member),
        TEST(test_whoever_was_removed_is_not_invited_but_by_a_person),
        TEST(test_nobody_is_invited_through_a_connection_that_is_off),
        TEST(test_one_account_is_one_member),
        TEST(test_members_are_known_by_link_and_address),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
