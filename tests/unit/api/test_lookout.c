/* SPDX-License-Identifier: MIT */
/* Who listens hears what happens: on ports worked by hand, each call held until the test answers
 * it. */
#include "api/event_text.h"
#include "api/lookout.h"
#include "support/test.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <stdio.h>
#include <string.h>

/* The one call that a lookout has under way. */
struct held {
    struct ts_op op; /* first */
    struct world *world;
    const char *word; /* "news", "runs", "rest" */
    char *after;      /* of the news */
    void (*cb)(void);
    void *arg;
};

struct world {
    struct ts_roster roster;
    struct ts_runs runs;
    struct ts_clock clock;
    struct ts_flow_env env;
    struct ts_lookouts *lookouts;
    struct held *held;
    unsigned looks;
    uint64_t hold_size; /* as the last look had it */
};

struct ear {
    struct ts_listener listener; /* first */
    struct ts_buf heard;
    unsigned ends;
    bool is_slow; /* has to be told that it is ready */
};

/* --- the ports --- */

static void cancel(struct ts_op *op)
{
    struct held *held = (struct held *)(void *)op;

    held->world->held = NULL;
    free(held->after);
    free(held);
}

static struct ts_op *hold(struct world *world, const char *word, const char *after,
                          void (*cb)(void), void *arg)
{
    struct held *held = ts_alloc(sizeof(*held));

    assert_null(world->held);
    *held = (struct held){.op.cancel = cancel,
                          .world = world,
                          .word = word,
                          .after = ts_strdup(after),
                          .cb = cb,
                          .arg = arg};
    world->held = held;
    return &held->op;
}

static struct ts_op *news(struct ts_roster *port, const struct ts_news_query *query, ts_news_cb *cb,
                          void *arg)
{
    struct world *world = TS_CONTAINER_OF(port, struct world, roster);

    assert_string_equal(query->org, "acme");
    world->looks++;
    world->hold_size = query->hold_size;
    return hold(world, "news", query->after ? query->after : "now", (void (*)(void))cb, arg);
}

static struct ts_op *list_runs(struct ts_runs *port, const char *org, size_t limit, ts_runs_cb *cb,
                               void *arg)
{
    assert_string_equal(org, "acme");
    assert_int_equal(limit, TS_NEWS_RUNS);
    return hold(TS_CONTAINER_OF(port, struct world, runs), "runs", NULL, (void (*)(void))cb, arg);
}

static struct ts_op *pause_for(struct ts_clock *port, uint64_t delay_ms, ts_done_cb *cb, void *arg)
{
    assert_int_equal(delay_ms, 500);
    return hold(TS_CONTAINER_OF(port, struct world, clock), "rest", NULL, (void (*)(void))cb, arg);
}

static struct held take(struct world *world, const char *word)
{
    struct held held = {0};

    assert_non_null(world->held);
    assert_string_equal(world->held->word, word);
    held = *world->held;
    free(world->held);
    free(held.after);
    world->held = NULL;
    return held;
}

static void assert_looks_behind(const struct world *world, const char *after)
{
    assert_non_null(world->held);
    assert_string_equal(world->held->word, "news");
    assert_string_equal(world->held->after, after);
}

static void answer(struct world *world, struct ts_news what)
{
    struct held held = take(world, "news");

    what.state = what.state ? what.state : TS_CONNECTION_ACTIVE;
    what.runs = what.runs ? what.runs : "";
    what.has_hold = what.hold_size != world->hold_size || world->hold_size == TS_ANY_SIZE;
    ((ts_news_cb *)held.cb)(&ts_no_error, &what, held.arg);
}

static void fail_to_answer(struct world *world)
{
    struct ts_error away = ts_error_make(TS_RETRY, "redis: no connection");
    struct held held = take(world, "news");

    ((ts_news_cb *)held.cb)(&away, NULL, held.arg);
}

static void answer_runs(struct world *world, const struct ts_run *runs, size_t count)
{
    struct held held = take(world, "runs");

    ((ts_runs_cb *)held.cb)(&ts_no_error, runs, count, held.arg);
}

static void rest(struct world *world)
{
    struct held held = take(world, "rest");

    ((ts_done_cb *)held.cb)(&ts_no_error, held.arg);
}

/* Nothing new behind `place`. */
static void answer_nothing(struct world *world, const char *place)
{
    answer(world, (struct ts_news){.newest = place});
}

static void answer_entry(struct world *world, const char *id)
{
    const struct ts_history_entry entry = {.id = id, .field = "team", .after = "R&D\nWest"};

    answer(world, (struct ts_news){.entries = &entry, .count = 1, .newest = id});
}

/* --- who listens --- */

static void on_tell(struct ts_listener *listener, const char *text, size_t length)
{
    struct ear *ear = (struct ear *)(void *)listener;

    assert_false(listener->is_ready);
    (void)ts_buf_add(&ear->heard, text, length);
    if (!ear->is_slow)
        listener->is_ready = true;
}

static void on_end(struct ts_listener *listener)
{
    ((struct ear *)(void *)listener)->ends++;
    ts_listener_leave(listener);
}

static const struct ts_listener_ops ear_ops = {.tell = on_tell, .end = on_end};

static void join(struct world *world, struct ear *ear, const char *place)
{
    *ear = (struct ear){.listener.ops = &ear_ops};
    ts_buf_init(&ear->heard, 16 << 20);
    ts_listener_join(&ear->listener, world->lookouts, "acme", place);
    ts_listener_is_ready(&ear->listener);
}

static void leave(struct ear *ear)
{
    ts_listener_leave(&ear->listener);
    ts_buf_done(&ear->heard);
}

#define STANDS                                                                                     \
    "data: {\"state\":\"active\"}\n\n"                                                             \
    "event: hold\ndata: {\"open\":false,\"digest\":null,\"suspensions\":0}\n\n"
#define ENTRY(number)                                                                              \
    "event: member\nid: " number "\ndata: {\"id\":\"" number                                       \
    "\",\"member\":null,\"email\":null,\"field\":\"team\",\"before\":null,\"after\":\"R&D\\nWest"  \
    "\",\"cause\":null,\"job\":null,\"at\":null}\n\n"

static void assert_heard(struct ear *ear, const char *expected)
{
    assert_string_equal(ear->heard.data, expected);
    ts_buf_clear(&ear->heard);
}

static int set_up(void **state)
{
    static const struct ts_roster_ops roster_ops = {.news = news};
    static const struct ts_runs_ops runs_ops = {.list = list_runs};
    static const struct ts_clock_ops clock_ops = {.pause = pause_for};
    struct world *world = ts_alloc(sizeof(*world));

    world->roster.ops = &roster_ops;
    world->runs.ops = &runs_ops;
    world->clock.ops = &clock_ops;
    world->env = (struct ts_flow_env){
        .roster = &world->roster, .runs = &world->runs, .clock = &world->clock};
    world->lookouts = ts_lookouts_new(&world->env);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    assert_null(world->held);
    ts_lookouts_free(world->lookouts);
    free(world);
    return 0;
}

/* --- the text --- */

static void test_an_event_is_lines_and_an_empty_one(void **state)
{
    static const struct {
        const char *id;
        const char *data;
        const char *text;
    } cases[] = {
        {"5-0", "{}", "event: e\nid: 5-0\ndata: {}\n\n"},
        {NULL, "a\nb", "event: e\ndata: a\ndata: b\n\n"},
        {NULL, "a\r\nb\rc\n", "event: e\ndata: a\ndata: b\ndata: c\ndata: \n\n"},
        {NULL, "\n\n", "event: e\ndata: \ndata: \ndata: \n\n"},
        {NULL, "", "event: e\ndata: \n\n"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_buf out;

        ts_buf_init(&out, 1 << 16);
        ts_event_add(&out, "e", cases[i].id, cases[i].data);
        assert_string_equal(out.data, cases[i].text);
        ts_buf_done(&out);
    }
}

/* --- listening --- */

static void test_it_begins_with_how_things_stand_and_goes_on_with_what_follows(void **state)
{
    struct world *world = *state;
    struct ear ear;

    join(world, &ear, NULL);
    assert_looks_behind(world, "now");
    answer_nothing(world, "5-0");
    assert_heard(&ear, "event: connection\nid: 5-0\n" STANDS);
    rest(world);
    assert_looks_behind(world, "5-0");
    answer_entry(world, "6-0");
    assert_heard(&ear, ENTRY("6-0"));
    rest(world);
    assert_looks_behind(world, "6-0");
    answer_nothing(world, "6-0");
    assert_heard(&ear, "");
    leave(&ear);
}

static void test_who_comes_back_hears_what_they_missed_first(void **state)
{
    struct world *world = *state;
    struct ear ear;

    join(world, &ear, "4-0");
    assert_looks_behind(world, "4-0");
    answer_entry(world, "5-0");
    assert_heard(&ear, ENTRY("5-0") "event: connection\nid: 5-0\n" STANDS);
    leave(&ear);
}

static void test_all_listeners_share_one_look_and_the_last_one_ends_it(void **state)
{
    struct world *world = *state;
    struct ear first;
    struct ear second;
    struct ear third;

    join(world, &first, NULL);
    join(world, &second, NULL);
    answer_nothing(world, "5-0");
    assert_int_equal(world->looks, 1);
    join(world, &third, "3-0"); /* is elsewhere, and does not wait for the rest to be over */
    assert_looks_behind(world, "5-0");
    answer_nothing(world, "5-0");
    assert_looks_behind(world, "3-0");
    answer_entry(world, "5-0");
    rest(world);
    answer_entry(world, "6-0");
    assert_int_equal(world->looks, 4);
    assert_heard(&first, "event: connection\nid: 5-0\n" STANDS ENTRY("6-0"));
    assert_heard(&second, "event: connection\nid: 5-0\n" STANDS ENTRY("6-0"));
    assert_heard(&third, ENTRY("5-0") "event: connection\nid: 5-0\n" STANDS ENTRY("6-0"));
    leave(&first);
    leave(&third);
    rest(world);
    answer_entry(world, "7-0");
    assert_heard(&second, ENTRY("7-0"));
    leave(&second);
    assert_null(world->held);
}

static void test_a_change_of_how_things_stand_is_told_once(void **state)
{
    struct world *world = *state;
    struct ear ear;

    join(world, &ear, NULL);
    answer_nothing(world, "5-0");
    ts_buf_clear(&ear.heard);
    for (int i = 0; i < 2; i++) {
        rest(world);
        answer(world, (struct ts_news){.newest = "5-0",
                                       .state = TS_CONNECTION_FAILING,
                                       .hold = "d",
                                       .hold_size = 4,
                                       .held = 3});
    }
    assert_heard(&ear, "event: connection\ndata: {\"state\":\"failing\"}\n\n"
                       "event: hold\ndata: {\"open\":true,\"digest\":\"d\",\"suspensions\":3}\n\n");
    leave(&ear);
}

static void test_a_hold_that_is_as_large_as_before_is_read_now_and_then(void **state)
{
    struct world *world = *state;
    struct ear ear;
    unsigned rounds = 0;

    join(world, &ear, NULL);
    answer(world, (struct ts_news){.newest = "5-0", .hold = "d", .hold_size = 2, .held = 1});
    ts_buf_clear(&ear.heard);
    do {
        rest(world);
        answer(world, (struct ts_news){.newest = "5-0", .hold = "e", .hold_size = 2, .held = 1});
    } while (ear.heard.len == 0 && ++rounds < 100);
    assert_in_range(rounds, 10, 30);
    assert_heard(&ear, "event: hold\ndata: {\"open\":true,\"digest\":\"e\",\"suspensions\":1}\n\n");
    rest(world);
    answer(world, (struct ts_news){.newest = "5-0", .hold_size = 0});
    assert_heard(&ear, "event: hold\ndata: {\"open\":false,\"digest\":null,\"suspensions\":0}\n\n");
    leave(&ear);
}

static void test_runs_are_told_when_they_move_and_not_more_often_than_that(void **state)
{
    struct world *world = *state;
    const struct ts_run runs[] = {{.id = "run_2", .users = 3}, {.id = "run_1"}};
    struct ear ear;
    size_t length;

    join(world, &ear, NULL);
    answer(world, (struct ts_news){.newest = "5-0", .runs = "digest"});
    answer_runs(world, runs, 2);
    rest(world);
    answer(world, (struct ts_news){.newest = "5-0", .runs = "digest"});
    assert_non_null(
        strstr(ear.heard.data, "event: run\ndata: {\"id\":\"run_1\",\"state\":\"running\""));
    assert_true(strstr(ear.heard.data, "run_2") > strstr(ear.heard.data, "run_1"));
    length = ear.heard.len;
    rest(world); /* they have not moved */
    answer(world, (struct ts_news){.newest = "5-0", .runs = "another"});
    rest(world); /* they have, but were listed less than a second ago */
    answer_nothing(world, "5-0");
    assert_int_equal(ear.heard.len, length);
    leave(&ear);
}

static void test_while_nothing_can_be_seen_it_goes_on_trying_and_misses_nothing(void **state)
{
    struct world *world = *state;
    struct ear ear;

    join(world, &ear, "4-0");
    fail_to_answer(world);
    rest(world);
    fail_to_answer(world);
    rest(world);
    assert_looks_behind(world, "4-0");
    answer_entry(world, "5-0");
    assert_heard(&ear, ENTRY("5-0") "event: connection\nid: 5-0\n" STANDS);
    leave(&ear);
}

static void test_who_is_lost_is_told_to_begin_anew(void **state)
{
    struct world *world = *state;
    struct ear ear;

    join(world, &ear, NULL);
    answer_nothing(world, "5-0");
    ts_buf_clear(&ear.heard);
    rest(world);
    answer(world, (struct ts_news){.newest = "9-0", .is_lost = true});
    assert_heard(&ear, "event: reset\nid: 9-0\ndata: {}\n\nevent: connection\nid: 9-0\n" STANDS);
    rest(world);
    assert_looks_behind(world, "9-0");
    leave(&ear);
}

static void test_who_is_slow_is_neither_told_nor_looked_for_until_they_are_ready(void **state)
{
    struct world *world = *state;
    struct ear slow;
    struct ear quick;

    join(world, &slow, NULL);
    slow.is_slow = true;
    answer_nothing(world, "5-0");
    join(world, &quick, NULL);
    answer_nothing(world, "5-0");
    rest(world);
    answer_entry(world, "6-0");
    assert_heard(&slow, "event: connection\nid: 5-0\n" STANDS);
    rest(world);
    answer_nothing(world, "6-0");
    ts_listener_is_ready(&slow.listener);
    rest(world);
    assert_looks_behind(world, "5-0");
    answer_entry(world, "6-0");
    assert_heard(&slow, ENTRY("6-0"));
    assert_looks_behind(world, "6-0"); /* in the same round */
    answer_nothing(world, "6-0");
    leave(&slow);
    leave(&quick);
}

/* Two of them fill what one is told at once. */
static void test_a_long_way_is_gone_in_pieces_without_a_rest(void **state)
{
    struct world *world = *state;
    struct ts_history_entry entries[] = {{.id = "1-0"}, {.id = "2-0"}, {.id = "3-0"}};
    TS_AUTOFREE char *text = ts_alloc(200 << 10);
    struct ear ear;

    memset(text, 'x', (200 << 10) - 1);
    for (size_t i = 0; i < 3; i++)
        entries[i].after = text;
    join(world, &ear, "0-0");
    ear.is_slow = true;
    answer(world, (struct ts_news){.entries = entries, .count = 3, .newest = "3-0"});
    assert_in_range(ear.heard.len, 400 << 10, 500 << 10);
    ts_listener_is_ready(&ear.listener);
    assert_looks_behind(world, "2-0");
    answer(world,
           (struct ts_news){.entries = entries, .count = 1, .newest = "1-0", .has_more = true});
    ts_listener_is_ready(&ear.listener);
    assert_looks_behind(world, "1-0");
    leave(&ear);
}

/* --- how many --- */

static void test_there_is_room_for_so_many(void **state)
{
    struct world *world = *state;
    struct ear ears[TS_LISTENERS_OF_AN_ORG];

    for (size_t i = 0; i < TS_LISTENERS_OF_AN_ORG; i++) {
        assert_true(ts_lookouts_has_room(world->lookouts, "acme"));
        join(world, &ears[i], NULL);
    }
    assert_false(ts_lookouts_has_room(world->lookouts, "acme"));
    assert_true(ts_lookouts_has_room(world->lookouts, "other"));
    ts_lookouts_set_room(world->lookouts, TS_LISTENERS_OF_AN_ORG);
    assert_false(ts_lookouts_has_room(world->lookouts, "other"));
    leave(&ears[0]);
    assert_true(ts_lookouts_has_room(world->lookouts, "acme"));
    for (size_t i = 1; i < TS_LISTENERS_OF_AN_ORG; i++)
        leave(&ears[i]);
}

static void test_closing_ends_them_all(void **state)
{
    struct world *world = *state;
    struct ear ears[2];

    join(world, &ears[0], NULL);
    join(world, &ears[1], NULL);
    ts_lookouts_close(world->lookouts);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(ears[i].ends, 1);
        ts_buf_done(&ears[i].heard);
    }
    assert_false(ts_lookouts_has_room(world->lookouts, "acme"));
}

static int quiet(void **state)
{
    (void)state;
    ts_log_setup(TS_LOG_ERROR, TS_LOG_LOGFMT);
    return 0;
}

#define LISTENING(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_is_lines_and_an_empty_one),
        LISTENING(test_it_begins_with_how_things_stand_and_goes_on_with_what_follows),
        LISTENING(test_who_comes_back_hears_what_they_missed_first),
        LISTENING(test_all_listeners_share_one_look_and_the_last_one_ends_it),
        LISTENING(test_a_change_of_how_things_stand_is_told_once),
        LISTENING(test_a_hold_that_is_as_large_as_before_is_read_now_and_then),
        LISTENING(test_runs_are_told_when_they_move_and_not_more_often_than_that),
        LISTENING(test_while_nothing_can_be_seen_it_goes_on_trying_and_misses_nothing),
        LISTENING(test_who_is_lost_is_told_to_begin_anew),
        LISTENING(test_who_is_slow_is_neither_told_nor_looked_for_until_they_are_ready),
        LISTENING(test_a_long_way_is_gone_in_pieces_without_a_rest),
        LISTENING(test_there_is_room_for_so_many),
        LISTENING(test_closing_ends_them_all),
    };

    return cmocka_run_group_tests(tests, quiet, NULL);
}
