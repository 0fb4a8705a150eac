/* SPDX-License-Identifier: MIT */
/* Sessions in a real Redis: opened by a token or a login link, found, listed, ended; and nothing
 * without the token that opened them. */
#include "registry_bench.h"

#include "teamsync/time.h"

static const uint64_t second_us = 1000000;

static void on_token(const struct ts_error *err, const struct ts_token *token, void *arg)
{
    (void)arg;
    answered(err);
    if (token)
        ANSWER("%s%s %s %s %u", token->is_session ? "session " : "", token->id, token->org,
               token->name ? token->name : "-", token->permissions);
}

static void on_tokens(const struct ts_error *err, const struct ts_token *tokens, size_t count,
                      const char *next_cursor, void *arg)
{
    (void)arg;
    answered(err);
    for (size_t i = 0; i < count; i++)
        ANSWER("%s%s by %s;", tokens[i].is_session ? "session " : "", tokens[i].id,
               tokens[i].created_by);
    if (next_cursor)
        ANSWER("next %s", next_cursor);
}

static void create(const char *id, const char *org, const char *secret, uint64_t expires_us)
{
    struct ts_registry *registry = bench.one.registry;
    struct ts_token token = {.id = id,
                             .org = org,
                             .name = "Ada",
                             .permissions = TS_MEMBERS_READ | TS_MEMBERS_MANAGE,
                             .created_by = "admin socket",
                             .created_us = ts_wall_us(),
                             .expires_us = expires_us};

    await_answer(registry->ops->create_token(registry, &token, secret, on_done, NULL));
    assert_int_equal(bench.err.cls, TS_OK);
}

static void put_login(const char *org, const char *secret)
{
    struct ts_registry *registry = bench.one.registry;
    struct ts_token login = {.org = org,
                             .name = "Grace",
                             .permissions = TS_MEMBERS_READ | TS_OPERATE,
                             .created_by = "admin socket"};

    await_answer(registry->ops->put_login(registry, &login, secret, on_done, NULL));
}

static const char *sign_in(struct bench_daemon *daemon, const struct ts_sign_in *how)
{
    struct ts_registry *registry = daemon->registry;

    await_answer(registry->ops->open_session(registry, how, on_token, NULL));
    return bench.text.data;
}

static const char *sign_in_by_token(const char *token, const char *id, const char *secret)
{
    return sign_in(&bench.one, &(struct ts_sign_in){.token = token, .id = id, .secret = secret});
}

static const char *sign_in_by_link(const char *link, const char *id, const char *secret)
{
    return sign_in(&bench.two, &(struct ts_sign_in){.link = link, .id = id, .secret = secret});
}

static const char *find(const char *secret)
{
    struct ts_registry *registry = bench.two.registry;

    await_answer(registry->ops->find_token(registry, secret, on_token, NULL));
    return bench.text.data;
}

static const char *list(const char *org, const char *cursor, size_t limit)
{
    struct ts_registry *registry = bench.two.registry;

    await_answer(registry->ops->list_tokens(registry, org, cursor, limit, on_tokens, NULL));
    assert_int_equal(bench.err.cls, TS_OK);
    return bench.text.data;
}

static void revoke_id(const char *id)
{
    await_answer(bench.one.registry->ops->revoke_token(bench.one.registry, id, on_done, NULL));
    assert_int_equal(bench.err.cls, TS_OK);
}

static char *key_of(const char *id)
{
    TS_AUTOFREE char *digest = test_redis_cli(server, "HGET teamsync:tokens %s", id);

    return ts_format("teamsync:token:%s", digest);
}

static uint64_t field_of(const char *id, const char *field)
{
    TS_AUTOFREE char *key = key_of(id);
    TS_AUTOFREE char *value = test_redis_cli(server, "HGET %s %s", key, field);

    return strtoull(value, NULL, 10);
}

static uint64_t life_ms_of(const char *id)
{
    TS_AUTOFREE char *key = key_of(id);
    TS_AUTOFREE char *life = test_redis_cli(server, "PTTL %s", key);

    return strtoull(life, NULL, 10);
}

static void assert_unknown(void)
{
    assert_int_equal(bench.err.cls, TS_NOT_FOUND);
    assert_string_equal(bench.text.data, "");
}

/* --- by a token --- */

static void test_a_token_opens_sessions_that_are_found_by_their_own_secrets(void **state)
{
    TS_AUTOFREE char *key = NULL;
    TS_AUTOFREE char *hash = NULL;

    (void)state;
    create_org("acme");
    create("t_1", "acme", "ts_one", 0);
    assert_string_equal(sign_in_by_token("ts_one", "web_1", "first"), "session web_1 acme Ada 3");
    assert_string_equal(sign_in_by_token("ts_one", "web_2", "second"), "session web_2 acme Ada 3");
    assert_string_equal(find("first"), "session web_1 acme Ada 3");
    assert_string_equal(find("ts_one"), "t_1 acme Ada 3");
    key = key_of("web_1");
    hash = test_redis_cli(server, "HGETALL %s", key);
    assert_null(strstr(hash, "first"));
    assert_null(strstr(hash, "ts_one"));
    assert_true(life_ms_of("web_1") > 0 && life_ms_of("web_1") <= TS_SESSION_LIFE_S * 1000ull);
    assert_int_equal(field_of("web_1", "expires_us") - field_of("web_1", "created_us"),
                     TS_SESSION_LIFE_S * second_us);
    assert_true(field_of("t_1", "last_used_us") > 0); /* to sign in is to use it */
}

static void test_what_is_no_token_opens_nothing(void **state)
{
    TS_AUTOFREE char *key = NULL;

    (void)state;
    create("t_1", "*", "ts_one", 0);
    put_login("*", "link");
    (void)sign_in_by_token("ts_one", "web_1", "session");
    (void)sign_in_by_token("ts_two", "web_2", "s");
    assert_unknown();
    (void)sign_in_by_token("session", "web_2", "s"); /* no session opens another one */
    assert_unknown();
    (void)sign_in_by_token("link", "web_2", "s");
    assert_unknown();
    (void)sign_in_by_link("ts_one", "web_2", "s");
    assert_unknown();
    key = key_of("t_1");
    free(test_redis_cli(server, "HSET %s expires_us 1000", key)); /* made by hand: it has no TTL */
    (void)sign_in_by_token("ts_one", "web_2", "s");
    assert_unknown();
    ASSERT_REDIS("2", "HLEN teamsync:tokens");
}

static void test_it_ends_with_its_token(void **state)
{
    (void)state;
    create("t_1", "*", "ts_one", 0);
    create("t_2", "*", "ts_two", ts_wall_us() + 60 * second_us);
    (void)sign_in_by_token("ts_one", "web_1", "first");
    (void)sign_in_by_token("ts_two", "web_2", "second");
    assert_true(life_ms_of("web_2") <= 60000);
    assert_int_equal(field_of("web_2", "expires_us"), field_of("t_2", "expires_us"));
    revoke_id("t_1");
    (void)find("first");
    assert_unknown();
    assert_string_equal(list(NULL, NULL, 10), "t_2 by admin socket;session web_2 by Ada;");
    ASSERT_REDIS("", "HGET teamsync:tokens web_1"); /* the list has forgotten it */
    {
        TS_AUTOFREE char *key = key_of("t_2");

        free(test_redis_cli(server, "HSET %s expires_us 1000", key));
        (void)find("second");
        assert_unknown();
    }
}

static void test_it_permits_nothing_that_its_token_does_not(void **state)
{
    TS_AUTOFREE char *key = NULL;

    (void)state;
    create_org("acme");
    create_org("other");
    create("t_1", "acme", "ts_one", 0);
    (void)sign_in_by_token("ts_one", "web_1", "first");
    key = key_of("t_1");
    free(test_redis_cli(server, "HSET %s permissions 'members:manage operate'", key));
    assert_string_equal(find("first"), "session web_1 acme Ada 2");
    free(test_redis_cli(server, "HSET %s org other", key));
    (void)find("first");
    assert_unknown();
}

/* --- by a link --- */

static void test_a_link_opens_one_session(void **state)
{
    (void)state;
    create_org("acme");
    put_login("acme", "link");
    assert_int_equal(bench.err.cls, TS_OK);
    {
        TS_AUTOFREE char *key = test_redis_cli(server, "KEYS 'teamsync:login:*'");
        TS_AUTOFREE char *life = test_redis_cli(server, "PTTL %s", key);
        TS_AUTOFREE char *hash = test_redis_cli(server, "HGETALL %s", key);

        assert_true(strtoull(life, NULL, 10) - 1 < TS_LOGIN_LIFE_S * 1000ull);
        assert_null(strstr(hash, "link"));
    }
    assert_string_equal(sign_in_by_link("link", "web_1", "first"), "session web_1 acme Grace 9");
    (void)sign_in_by_link("link", "web_2", "second");
    assert_unknown();
    (void)find("second");
    assert_unknown();
    assert_string_equal(find("first"), "session web_1 acme Grace 9");
    assert_string_equal(list("acme", NULL, 10), "session web_1 by admin socket;");
    ASSERT_REDIS("", "KEYS 'teamsync:login:*'");
    revoke_id("web_1");
    (void)find("first");
    assert_unknown();
}

static void test_of_two_who_follow_a_link_at_once_one_is_in(void **state)
{
    struct ts_registry *one = bench.one.registry;
    struct ts_registry *two = bench.two.registry;
    const struct ts_sign_in first = {.link = "link", .id = "web_1", .secret = "first"};
    const struct ts_sign_in second = {.link = "link", .id = "web_2", .secret = "second"};

    (void)state;
    put_login("*", "link");
    bench.answers = 0;
    (void)one->ops->open_session(one, &first, on_token, NULL);
    (void)two->ops->open_session(two, &second, on_token, NULL);
    assert_true(TEST_WAIT(bench.loop, bench.answers == 2));
    ASSERT_REDIS("1", "HLEN teamsync:tokens");
}

static void test_a_link_is_for_an_org_that_exists_or_for_all_and_expires(void **state)
{
    (void)state;
    put_login("nowhere", "link");
    assert_int_equal(bench.err.cls, TS_NOT_FOUND);
    ASSERT_REDIS("0", "DBSIZE");
    put_login("*", "link");
    {
        TS_AUTOFREE char *key = test_redis_cli(server, "KEYS 'teamsync:login:*'");

        free(test_redis_cli(server, "PEXPIRE %s 0", key));
    }
    (void)sign_in_by_link("link", "web_1", "first");
    assert_unknown();
    ASSERT_REDIS("0", "DBSIZE");
}

/* --- the index --- */

static void test_they_come_behind_the_tokens_in_pages(void **state)
{
    (void)state;
    create("t_1", "*", "ts_one", 0);
    create("t_2", "*", "ts_two", 0);
    (void)sign_in_by_token("ts_one", "web_1", "first");
    (void)sign_in_by_token("ts_two", "web_2", "second");
    assert_string_equal(list("*", NULL, 3),
                        "t_1 by admin socket;t_2 by admin socket;session web_1 by Ada;next web_1");
    assert_string_equal(list("*", "web_1", 3), "session web_2 by Ada;");
}

/* One page holds nothing but what has ended without a trace: the list goes on all the same. */
static void test_a_page_may_be_empty_and_not_the_last(void **state)
{
    (void)state;
    create("t_1", "*", "ts_one", 0);
    create("t_2", "*", "ts_two", 0);
    {
        TS_AUTOFREE char *key = key_of("t_1");

        free(test_redis_cli(server, "HSET %s expires_us 1000", key));
    }
    assert_string_equal(list(NULL, NULL, 1), "next t_1");
    assert_string_equal(list(NULL, "t_1", 1), "t_2 by admin socket;");
}

static void test_the_index_does_not_grow_with_sessions_that_ended(void **state)
{
    (void)state;
    create("t_1", "*", "ts_one", 0);
    for (unsigned i = 0; i < 200; i++) {
        TS_AUTOFREE char *id = ts_format("web_%u", i);
        TS_AUTOFREE char *secret = ts_format("secret %u", i);
        TS_AUTOFREE char *key = NULL;

        (void)sign_in_by_token("ts_one", id, secret);
        key = key_of(id);
        free(test_redis_cli(server, "PEXPIRE %s 0", key));
    }
    {
        TS_AUTOFREE char *length = test_redis_cli(server, "HLEN teamsync:tokens");

        assert_true(strtoull(length, NULL, 10) < 50);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_a_token_opens_sessions_that_are_found_by_their_own_secrets),
        BENCH_TEST(test_what_is_no_token_opens_nothing),
        BENCH_TEST(test_it_ends_with_its_token),
        BENCH_TEST(test_it_permits_nothing_that_its_token_does_not),
        BENCH_TEST(test_a_link_opens_one_session),
        BENCH_TEST(test_of_two_who_follow_a_link_at_once_one_is_in),
        BENCH_TEST(test_a_link_is_for_an_org_that_exists_or_for_all_and_expires),
        BENCH_TEST(test_they_come_behind_the_tokens_in_pages),
        BENCH_TEST(test_a_page_may_be_empty_and_not_the_last),
        BENCH_TEST(test_the_index_does_not_grow_with_sessions_that_ended),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
