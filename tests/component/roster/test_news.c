/* SPDX-License-Identifier: MIT */
/* What is new behind a place of the history, and how the org stands. */
#include "component/roster/roster_world.h"

static char *newest; /* of the last answer */
static char *runs;
static uint64_t hold_size; /* that is asked with */

/* "1 2 more active d1e5 2": the texts of the entries, and how the org stands, with its hold. */
static void on_news(const struct ts_error *err, const struct ts_news *news, void *arg)
{
    struct ts_buf text;

    (void)arg;
    note(err);
    assert_int_equal(err->cls, TS_OK);
    ts_buf_init(&text, 1 << 20);
    for (size_t i = 0; i < news->count; i++)
        (void)ts_buf_addf(&text, "%s ", news->entries[i].after);
    (void)ts_buf_addf(&text, "%s%s%s", news->has_more ? "more " : "", news->is_lost ? "lost " : "",
                      ts_connection_state_name(news->state));
    if (!news->has_hold)
        (void)ts_buf_add_text(&text, " same hold");
    if (news->hold)
        (void)ts_buf_addf(&text, " %.4s %u", news->hold, (unsigned)news->held);
    say(text.data);
    if (news->count > 0)
        assert_string_equal(news->newest, news->entries[news->count - 1].id);
    free(newest);
    free(runs);
    newest = ts_strdup(news->newest);
    runs = ts_strdup(news->runs);
}

static const char *news_behind(const char *after, size_t limit)
{
    TS_AUTOFREE char *place = ts_strdup(after);
    const struct ts_news_query query = {
        .org = "acme", .after = place, .limit = limit, .hold_size = hold_size};

    await_answer(w.roster->ops->news(w.roster, &query, on_news, NULL));
    return w.text;
}

/* The ids are 1-0, 2-0, … */
static void remember(unsigned first, unsigned last)
{
    free(test_redis_cli(server,
                        "EVAL \"for i = %u, %u do redis.call('XADD', 'teamsync:history:acme', i .. "
                        "'-0', 'member', 'm_1', 'field', 'team', 'after', i, 'at_us', 1) end\" 0",
                        first, last));
}

static void test_an_org_without_a_history_has_a_place_all_the_same(void **state)
{
    (void)state;
    assert_string_equal(news_behind(NULL, 5), "disconnected");
    assert_string_equal(newest, "0-0");
    assert_string_equal(news_behind(newest, 5), "disconnected");
    assert_string_equal(newest, "0-0");
    remember(1, 2);
    assert_string_equal(news_behind(newest, 5), "1 2 disconnected");
}

static void test_what_follows_is_told_page_by_page_oldest_first(void **state)
{
    (void)state;
    remember(1, 7);
    assert_string_equal(news_behind(NULL, 3), "disconnected");
    assert_string_equal(newest, "7-0");
    assert_string_equal(news_behind("1-0", 3), "2 3 4 more disconnected");
    assert_string_equal(news_behind(newest, 3), "5 6 7 disconnected");
    assert_string_equal(news_behind(newest, 3), "disconnected");
    assert_string_equal(newest, "7-0");
}

static void test_a_place_that_is_not_there_is_lost(void **state)
{
    static const char *const places[] = {"3-1", "9-0", "0-1",
                                         "18446744073709551615-18446744073709551615"};

    (void)state;
    remember(1, 7);
    for (size_t i = 0; i < TS_COUNT_OF(places); i++) {
        assert_string_equal(news_behind(places[i], 3), "lost disconnected");
        assert_string_equal(newest, "7-0");
    }
}

static void test_a_place_is_lost_when_too_much_has_followed(void **state)
{
    (void)state;
    remember(1, TS_NEWS_MAX_BEHIND + 2);
    assert_string_equal(news_behind("1-0", 3), "lost disconnected");
    assert_string_equal(news_behind("2-0", 1), "3 more disconnected");
    assert_string_equal(news_behind("0-0", 3), "lost disconnected");
}

static void test_the_connection_and_the_hold_stand_as_they_do(void **state)
{
    TS_AUTOFREE char *digest = NULL;

    (void)state;
    free(test_redis_cli(server, "HSET teamsync:connection:acme state failing"));
    assert_string_equal(news_behind(NULL, 1), "failing");
    free(test_redis_cli(server, "HSET teamsync:hold:acme opened_us 1 member:m_1 "
                                "'{\"reason\":\"deleted\",\"since_us\":\"1\"}' member:m_2 "
                                "'{\"reason\":\"deleted\",\"since_us\":\"1\"}'"));
    digest = ts_strdup(news_behind(NULL, 1));
    assert_true(ts_text_starts_with(digest, "failing ") && strstr(digest, " 2"));
    free(test_redis_cli(server, "HSET teamsync:hold:acme member:m_2 "
                                "'{\"reason\":\"archived\",\"since_us\":\"1\"}'"));
    assert_string_not_equal(news_behind(NULL, 1), digest);
    free(test_redis_cli(server, "DEL teamsync:hold:acme"));
    assert_string_equal(news_behind(NULL, 1), "failing");
}

static void test_a_hold_that_is_as_large_as_before_is_not_read(void **state)
{
    (void)state;
    free(test_redis_cli(server, "HSET teamsync:hold:acme opened_us 1 member:m_1 "
                                "'{\"reason\":\"deleted\",\"since_us\":\"1\"}'"));
    hold_size = 1;
    assert_non_null(strstr(news_behind(NULL, 1), " 1"));
    hold_size = 2;
    assert_string_equal(news_behind(NULL, 1), "disconnected same hold");
    free(test_redis_cli(server, "DEL teamsync:hold:acme"));
    assert_string_equal(news_behind(NULL, 1), "disconnected");
    hold_size = 0;
    assert_string_equal(news_behind(NULL, 1), "disconnected same hold");
}

static void begin_run(unsigned number)
{
    free(test_redis_cli(server, "HSET teamsync:run:acme:run_%u id run_%u state running", number,
                        number));
    free(test_redis_cli(server, "ZADD teamsync:runs:acme %u run_%u", number, number));
}

/* Whether the runs have moved since the last time. */
static bool runs_have_moved(void)
{
    TS_AUTOFREE char *before = ts_strdup(runs);

    (void)news_behind(NULL, 1);
    return !ts_text_equal(runs, before);
}

static void test_each_move_of_the_last_runs_is_seen(void **state)
{
    (void)state;
    (void)runs_have_moved();
    assert_false(runs_have_moved());
    for (unsigned i = 1; i <= TS_NEWS_RUNS + 1; i++) {
        begin_run(i);
        assert_true(runs_have_moved());
        assert_false(runs_have_moved());
    }
    for (unsigned i = 1; i <= TS_NEWS_RUNS + 1; i++) {
        free(test_redis_cli(server, "HSET teamsync:run:acme:run_%u users 5", i));
        assert_int_equal(runs_have_moved(), i > 1); /* the first is none of the last any more */
    }
}

static int begin(void **state)
{
    hold_size = TS_ANY_SIZE;
    return set_up(state);
}

static int forget(void **state)
{
    free(TS_STEAL(newest));
    free(TS_STEAL(runs));
    return tear_down(state);
}

#define NEWS(test) cmocka_unit_test_setup_teardown(test, begin, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NEWS(test_an_org_without_a_history_has_a_place_all_the_same),
        NEWS(test_what_follows_is_told_page_by_page_oldest_first),
        NEWS(test_a_place_that_is_not_there_is_lost),
        NEWS(test_a_place_is_lost_when_too_much_has_followed),
        NEWS(test_the_connection_and_the_hold_stand_as_they_do),
        NEWS(test_a_hold_that_is_as_large_as_before_is_not_read),
        NEWS(test_each_move_of_the_last_runs_is_seen),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
