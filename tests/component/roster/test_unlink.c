/* SPDX-License-Identifier: MIT */
/* The end of an org's links: everybody unmatched, nothing else of anybody touched. */
#include "component/roster/roster_world.h"

static void on_unlinked(const struct ts_error *err, const char *next_cursor, void *arg)
{
    (void)arg;
    note(err);
    keep_cursor(next_cursor);
}

static const char *unlink_part(const char *cursor)
{
    TS_AUTOFREE char *from = ts_strdup(cursor);

    await_answer(w.roster->ops->unlink(w.roster, "acme", from, on_unlinked, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    return w.cursor;
}

static void leave(void)
{
    free(test_redis_cli(server, "HSET teamsync:connection:acme state disconnected leaving 1"));
}

/* Many, who are all linked, with a script of the test's own. */
static void link_many(size_t count)
{
    free(test_redis_cli(
        server,
        "EVAL \"for i = 1, %zu do local id = 'm_' .. i "
        "redis.call('HSET', 'teamsync:member:acme:' .. id, 'id', id, 'directory_id', 'd' .. i, "
        "'version', '1', 'status', 'active', 'role', 'member', 'sync_state', 'synced') "
        "redis.call('ZADD', 'teamsync:order:acme', i, id) "
        "redis.call('HSET', 'teamsync:link:acme', 'd' .. i, id) end\" 0",
        count));
}

static void test_everything_that_a_link_brought_goes_and_the_rest_stays(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *grace = make("grace@x.io");
    TS_AUTOFREE struct ts_member *nobody = make("nobody@x.io");

    (void)state;
    free(test_redis_cli(
        server,
        "HSET teamsync:member:acme:%s directory_id 7 directory_addresses ada@x.io digest d "
        "observed_us 5 "
        "sync_state held team Sales team_source directory manager %s manager_source directory "
        "approved_reason deleted kept_reason archived detail why",
        ada->id, grace->id));
    free(test_redis_cli(
        server,
        "HSET teamsync:member:acme:%s directory_id 8 sync_state pending pending_manager boss@x.io "
        "status suspended suspended_by directory suspended_reason deleted",
        grace->id));
    free(test_redis_cli(server, "HSET teamsync:link:acme 7 %s 8 %s", ada->id, grace->id));
    free(test_redis_cli(server, "HSET teamsync:address:acme ada@x.io %s", ada->id));
    free(test_redis_cli(server, "SADD teamsync:waiting:acme:boss@x.io %s", grace->id));
    free(test_redis_cli(server, "HSET teamsync:hold:acme opened_us 1"));
    leave();
    assert_null(unlink_part(NULL));

    TS_AUTOFREE struct ts_member *now = get("acme", ada->id);

    assert_null(now->directory_id);
    assert_null(now->directory_addresses);
    assert_null(now->detail);
    assert_int_equal(now->sync_state, TS_SYNC_UNMATCHED);
    assert_int_equal(now->version, ada->version + 1);
    assert_string_equal(now->team, "Sales");
    assert_string_equal(now->manager_id, grace->id);
    ASSERT_REDIS("", "HGET teamsync:member:acme:%s digest", ada->id);
    ASSERT_REDIS("", "HGET teamsync:member:acme:%s observed_us", ada->id);
    ASSERT_REDIS("", "HGET teamsync:member:acme:%s approved_reason", ada->id);
    ASSERT_REDIS("", "HGET teamsync:member:acme:%s kept_reason", ada->id);

    TS_AUTOFREE struct ts_member *boss = get("acme", grace->id);

    assert_int_equal(boss->status, TS_MEMBER_SUSPENDED);
    assert_int_equal(boss->suspended_by, TS_SUSPENDED_BY_DIRECTORY);
    assert_null(boss->pending_manager);

    TS_AUTOFREE struct ts_member *same = get("acme", nobody->id);

    assert_int_equal(same->version, nobody->version);
    ASSERT_REDIS("0", "EXISTS teamsync:link:acme teamsync:address:acme teamsync:hold:acme "
                      "teamsync:waiting:acme:boss@x.io");
    ASSERT_REDIS("0", "HEXISTS teamsync:connection:acme leaving");
}

static void test_it_goes_in_parts_and_may_be_cut_off_anywhere(void **state)
{
    size_t parts = 1;

    (void)state;
    link_many(2500);
    leave();
    assert_non_null(unlink_part(NULL)); /* then it is cut off */
    ASSERT_REDIS("1", "HGET teamsync:connection:acme leaving");
    ASSERT_REDIS("", "HGET teamsync:member:acme:m_1000 directory_id");
    ASSERT_REDIS("d1001", "HGET teamsync:member:acme:m_1001 directory_id");
    for (const char *cursor = unlink_part(NULL); cursor; cursor = unlink_part(cursor))
        parts++;
    assert_int_equal(parts, 3);
    ASSERT_REDIS("", "HGET teamsync:member:acme:m_2500 directory_id");
    ASSERT_REDIS("2", "HGET teamsync:member:acme:m_1 version"); /* not written twice */
    ASSERT_REDIS("0", "EXISTS teamsync:link:acme");
    ASSERT_REDIS("0", "HEXISTS teamsync:connection:acme leaving");
}

static void test_whole_parts_end_with_an_empty_one(void **state)
{
    (void)state;
    link_many(1000);
    leave();
    assert_non_null(unlink_part(NULL));
    assert_null(unlink_part(w.cursor));
    ASSERT_REDIS("0", "HEXISTS teamsync:connection:acme leaving");
}

/* Somebody connected again: these links are his. */
static void test_nothing_goes_once_it_has_left(void **state)
{
    (void)state;
    link_many(3);
    free(test_redis_cli(server, "HSET teamsync:connection:acme state active revision r1"));
    assert_null(unlink_part(NULL));
    ASSERT_REDIS("d1", "HGET teamsync:member:acme:m_1 directory_id");
    ASSERT_REDIS("3", "HLEN teamsync:link:acme");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_everything_that_a_link_brought_goes_and_the_rest_stays),
        TEST(test_it_goes_in_parts_and_may_be_cut_off_anywhere),
        TEST(test_whole_parts_end_with_an_empty_one),
        TEST(test_nothing_goes_once_it_has_left),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
