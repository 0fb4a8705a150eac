/* SPDX-License-Identifier: MIT */
/* API tokens in a real Redis: made, found, listed, expired, revoked, and when they were used. */
#include "registry_bench.h"

#include "teamsync/time.h"

static void on_token(const struct ts_error *err, const struct ts_token *token, void *arg)
{
    (void)arg;
    answered(err);
    if (token)
        ANSWER("%s %s %s %u", token->id ? token->id : "-", token->org,
               token->name ? token->name : "-", token->permissions);
}

static void on_tokens(const struct ts_error *err, const struct ts_token *tokens, size_t count,
                      const char *next_cursor, void *arg)
{
    (void)arg;
    answered(err);
    for (size_t i = 0; i < count; i++)
        ANSWER("%s %s%s;", tokens[i].id, tokens[i].org, tokens[i].last_used_us ? " used" : "");
    if (next_cursor)
        ANSWER("next %s", next_cursor);
}

static void create(const char *id, const char *org, const char *secret, uint64_t expires_us)
{
    struct ts_registry *registry = bench.one.registry;
    struct ts_token token = {.id = id,
                             .org = org,
                             .name = "ops",
                             .permissions = TS_MEMBERS_READ | TS_OPERATE,
                             .created_by = "admin socket",
                             .created_us = ts_wall_us(),
                             .expires_us = expires_us};

    await_answer(registry->ops->create_token(registry, &token, secret, on_done, NULL));
}

static const char *find(struct bench_daemon *daemon, const char *secret)
{
    struct ts_registry *registry = daemon->registry;

    await_answer(registry->ops->find_token(registry, secret, on_token, NULL));
    return bench.text.data;
}

static const char *list(const char *org, const char *cursor, size_t limit)
{
    struct ts_registry *registry = bench.one.registry;

    await_answer(registry->ops->list_tokens(registry, org, cursor, limit, on_tokens, NULL));
    assert_int_equal(bench.err.cls, TS_OK);
    return bench.text.data;
}

static void revoke_id(const char *id)
{
    struct ts_registry *registry = bench.one.registry;

    await_answer(registry->ops->revoke_token(registry, id, on_done, NULL));
}

/* token:<digest>, of the only one. */
static char *key_of_one(void)
{
    return test_redis_cli(server, "KEYS 'teamsync:token:*'");
}

/* --- tests --- */

static void test_a_token_is_found_by_its_secret_which_is_not_kept(void **state)
{
    TS_AUTOFREE char *key = NULL;
    TS_AUTOFREE char *hash = NULL;

    (void)state;
    create_org("acme");
    create("t_1", "acme", "ts_one", 0);
    assert_int_equal(bench.err.cls, TS_OK);
    assert_string_equal(find(&bench.two, "ts_one"), "t_1 acme ops 9");
    (void)find(&bench.two, "ts_two");
    assert_int_equal(bench.err.cls, TS_NOT_FOUND);
    key = key_of_one();
    hash = test_redis_cli(server, "HGETALL %s", key);
    assert_null(strstr(hash, "ts_one"));
    ASSERT_REDIS("-1", "PTTL %s", key);
}

static void test_only_for_an_org_that_exists_or_for_all(void **state)
{
    (void)state;
    create("t_1", "nowhere", "ts_one", 0);
    assert_int_equal(bench.err.cls, TS_NOT_FOUND);
    ASSERT_REDIS("0", "DBSIZE");
    create("t_2", "*", "ts_two", 0);
    assert_int_equal(bench.err.cls, TS_OK);
    assert_string_equal(find(&bench.one, "ts_two"), "t_2 * ops 9");
}

static void test_lists_by_org_and_in_pages(void **state)
{
    (void)state;
    create_org("acme");
    create("t_3", "*", "ts_three", 0);
    create("t_1", "acme", "ts_one", 0);
    create("t_2", "*", "ts_two", 0);
    assert_string_equal(list(NULL, NULL, 10), "t_1 acme;t_2 *;t_3 *;");
    assert_string_equal(list("acme", NULL, 10), "t_1 acme;");
    assert_string_equal(list("*", NULL, 1), "t_2 *;next t_2");
    assert_string_equal(list("*", "t_2", 1), "t_3 *;");
    assert_string_equal(list("other", NULL, 10), "");
    assert_string_equal(list(NULL, "t_3", 10), "");
}

static void test_what_has_expired_is_neither_found_nor_listed_nor_kept(void **state)
{
    (void)state;
    create("t_1", "*", "ts_one", ts_wall_us() + 200000);
    create("t_2", "*", "ts_two", ts_wall_us() + 3600000000);
    assert_true(TEST_WAIT(bench.loop, strcmp(list(NULL, NULL, 10), "t_2 *;") == 0));
    ASSERT_REDIS("1", "HLEN teamsync:tokens");
    ASSERT_REDIS("", "HGET teamsync:tokens t_1");
    (void)find(&bench.one, "ts_one");
    assert_int_equal(bench.err.cls, TS_NOT_FOUND);
    assert_string_equal(find(&bench.one, "ts_two"), "t_2 * ops 9");
    revoke_id("t_1");
    assert_int_equal(bench.err.cls, TS_NOT_FOUND);
}

static void test_a_revoked_token_is_unknown_at_once_everywhere(void **state)
{
    (void)state;
    create("t_1", "*", "ts_one", 0);
    assert_string_equal(find(&bench.two, "ts_one"), "t_1 * ops 9");
    revoke_id("t_1");
    assert_int_equal(bench.err.cls, TS_OK);
    (void)find(&bench.two, "ts_one");
    assert_int_equal(bench.err.cls, TS_NOT_FOUND);
    assert_string_equal(list(NULL, NULL, 10), "");
    ASSERT_REDIS("0", "DBSIZE"); /* a late note of its use makes no ghost of it */
    revoke_id("t_1");
    assert_int_equal(bench.err.cls, TS_NOT_FOUND);
}

static void test_a_use_is_noted_once_a_minute(void **state)
{
    TS_AUTOFREE char *key = NULL;

    (void)state;
    create("t_1", "*", "ts_one", 0);
    assert_string_equal(list(NULL, NULL, 10), "t_1 *;");
    (void)find(&bench.one, "ts_one");
    assert_string_equal(list(NULL, NULL, 10), "t_1 * used;");
    key = key_of_one();
    {
        TS_AUTOFREE char *first = test_redis_cli(server, "HGET %s last_used_us", key);

        (void)find(&bench.one, "ts_one");
        ASSERT_REDIS(first, "HGET %s last_used_us", key);
        free(test_redis_cli(server, "HINCRBY %s last_used_us -61000000", key));
        (void)find(&bench.two, "ts_one");
        {
            TS_AUTOFREE char *second = test_redis_cli(server, "HGET %s last_used_us", key);

            assert_true(strtoull(second, NULL, 10) >= strtoull(first, NULL, 10));
        }
    }
}

/* Neither a replica nor a full Redis keeps anybody out. */
static void test_a_redis_that_takes_no_writes_still_knows_the_tokens(void **state)
{
    (void)state;
    create("t_1", "*", "ts_one", 0);
    redis_does("REPLICAOF 127.0.0.1 1");
    assert_string_equal(find(&bench.one, "ts_one"), "t_1 * ops 9");
    assert_true(ts_redis_is_up(bench.one.redis)); /* and is not left for it */
    redis_does("REPLICAOF NO ONE");
    redis_does("CONFIG SET maxmemory 1");
    assert_string_equal(find(&bench.one, "ts_one"), "t_1 * ops 9");
    redis_does("CONFIG SET maxmemory 0");
    assert_string_equal(list(NULL, NULL, 10), "t_1 *;");
}

/* As DESIGN.md has it: anybody may write the hash. */
static void test_a_token_made_by_hand_works(void **state)
{
    (void)state;
    create("t_1", "*", "ts_one", 0);
    {
        TS_AUTOFREE char *key = key_of_one();

        free(test_redis_cli(server, "DEL %s", key));
        free(test_redis_cli(
            server, "HSET %s org acme permissions 'members:read, members:manage nonsense'", key));
        assert_string_equal(find(&bench.one, "ts_one"), "- acme - 3");
        free(test_redis_cli(server, "HSET %s expires_us 1000", key));
        (void)find(&bench.one, "ts_one");
        assert_int_equal(bench.err.cls, TS_NOT_FOUND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_a_token_is_found_by_its_secret_which_is_not_kept),
        BENCH_TEST(test_only_for_an_org_that_exists_or_for_all),
        BENCH_TEST(test_lists_by_org_and_in_pages),
        BENCH_TEST(test_what_has_expired_is_neither_found_nor_listed_nor_kept),
        BENCH_TEST(test_a_revoked_token_is_unknown_at_once_everywhere),
        BENCH_TEST(test_a_use_is_noted_once_a_minute),
        BENCH_TEST(test_a_redis_that_takes_no_writes_still_knows_the_tokens),
        BENCH_TEST(test_a_token_made_by_hand_works),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
