/* SPDX-License-Identifier: MIT */
/* The Redis connection in a cluster of two nodes that are written here: several hosts in the URL,
 * and MOVED at every moment. */
#include "component/io/redis_bench.h"

enum { PATIENCE_MS = 8000 };

/* The URL names both, `one` first. */
static void open_cluster(struct bench *b, bool is_impatient)
{
    TS_AUTOFREE char *url =
        ts_format("redis://127.0.0.1:%u,127.0.0.1:%u", b->one.port, b->two.port);

    open_url(b, url, PATIENCE_MS, is_impatient);
}

static void open_at_one(struct bench *b, bool is_impatient)
{
    TS_AUTOFREE char *url = ts_format("redis://127.0.0.1:%u", b->one.port);

    open_url(b, url, PATIENCE_MS, is_impatient);
}

static void say_moved(struct server *s, const char *host, uint16_t port)
{
    TS_AUTOFREE char *moved = ts_format("-MOVED 866 %s:%u\r\n", host, port);

    say(s, moved);
}

/* A port where nobody listens. */
static uint16_t dead_port(void)
{
    struct server dead = {0};

    open_server(&dead);
    leave_house(&dead);
    ts_buf_done(&dead.heard);
    return dead.port;
}

static void answer(struct bench *b, struct server *s, const char *word, unsigned answers)
{
    assert_true(SERVE_UNTIL(b, has_heard(s, word)));
    say(s, "+done\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == answers));
    assert_int_equal(b->err.cls, TS_OK);
    assert_string_equal(b->text, "done");
}

static void test_commands_follow_the_slot_in_the_middle_of_a_pipeline(void **state)
{
    struct bench *b = *state;

    open_at_one(b, false);
    bring_up_on(b, &b->one);
    (void)start(b, "FIRST", 0);
    (void)start(b, "SECOND", 0);
    (void)start(b, "THIRD", 0);
    (void)start(b, "FOURTH", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "FOURTH")));
    say(&b->one, "+first\r\n");
    say_moved(&b->one, "127.0.0.1", b->two.port);
    assert_true(SERVE_UNTIL(b, b->answers == 1 && !ts_redis_is_up(b->redis)));
    (void)start(b, "FIFTH", 0);
    say(&b->one, "+third\r\n"); /* it is read to the end before the line is left */
    assert_true(SERVE_UNTIL(b, b->answers == 2));
    assert_string_equal(b->text, "third");
    assert_int_equal(b->two.lines, 0);
    say_moved(&b->one, "127.0.0.1", b->two.port);
    bring_up_on(b, &b->two);
    assert_true(SERVE_UNTIL(b, has_heard(&b->two, "FIFTH")));
    assert_string_equal(b->two.heard.data, "*1\r\n$6\r\nSECOND\r\n*1\r\n$6\r\nFOURTH\r\n"
                                           "*1\r\n$5\r\nFIFTH\r\n");
    say(&b->two, "+second\r\n+fourth\r\n+fifth\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 5));
    assert_string_equal(b->text, "fifth");
}

static void test_an_empty_host_is_the_one_that_says_so(void **state)
{
    struct bench *b = *state;

    open_at_one(b, false);
    bring_up_on(b, &b->one);
    (void)start(b, "FIRST", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "FIRST")));
    say_moved(&b->one, "", b->two.port);
    bring_up_on(b, &b->two);
    answer(b, &b->two, "FIRST", 1);
}

static void test_a_script_that_moved_is_sent_whole_there(void **state)
{
    struct ts_redis_script script = {.source = "return 1"};
    struct bench *b = *state;

    open_at_one(b, false);
    bring_up_on(b, &b->one);
    (void)ts_redis_eval(b->redis, &script, NULL, NULL, on_reply, b);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "EVALSHA")));
    say_moved(&b->one, "127.0.0.1", b->two.port);
    bring_up_on(b, &b->two);
    assert_true(SERVE_UNTIL(b, has_heard(&b->two, "EVALSHA")));
    say(&b->two, "-NOSCRIPT No matching script.\r\n");
    answer(b, &b->two, "return 1", 1);
}

static void test_a_command_that_moves_in_circles_fails(void **state)
{
    struct bench *b = *state;
    struct server *here = &b->one;

    open_at_one(b, false);
    bring_up_on(b, here);
    (void)start(b, "FIRST", 0);
    for (int moves = 0; b->answers == 0 && moves < 20; moves++) {
        struct server *there = here == &b->one ? &b->two : &b->one;

        assert_true(SERVE_UNTIL(b, has_heard(here, "FIRST")));
        say_moved(here, "127.0.0.1", there->port);
        if (SERVE_UNTIL(b, b->answers || has_heard(there, "PING"))) {
            if (b->answers == 0)
                bring_up_on(b, there);
        }
        here = there;
    }
    assert_int_equal(b->answers, 1);
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_non_null(strstr(b->err.text, "MOVED"));
    assert_int_equal(b->one.lines + b->two.lines, 6);
}

static void test_a_node_that_cannot_be_reached_leads_back_to_the_hosts(void **state)
{
    struct bench *b = *state;

    open_cluster(b, false);
    bring_up_on(b, &b->one);
    (void)start(b, "FIRST", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "FIRST")));
    say_moved(&b->one, "127.0.0.1", dead_port());
    bring_up_on(b, &b->two); /* it knows better by now */
    answer(b, &b->two, "FIRST", 1);
}

static void test_hosts_are_tried_in_turn(void **state)
{
    struct bench *b = *state;

    open_cluster(b, false);
    for (unsigned i = 1; i <= 2; i++) {
        assert_true(SERVE_UNTIL(b, b->one.lines == i && has_heard(&b->one, "PING")));
        hang_up(&b->one);
        assert_true(SERVE_UNTIL(b, b->two.lines == i && has_heard(&b->two, "PING")));
        if (i == 1)
            say(&b->two, "-LOADING Redis is loading the dataset in memory\r\n");
    }
    bring_up_on(b, &b->two);
}

static void test_a_node_that_is_lost_is_looked_for_where_it_was(void **state)
{
    struct bench *b = *state;

    open_cluster(b, false);
    bring_up_on(b, &b->one);
    (void)start(b, "FIRST", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "FIRST")));
    say_moved(&b->one, "127.0.0.1", b->two.port);
    bring_up_on(b, &b->two);
    answer(b, &b->two, "FIRST", 1);
    hang_up(&b->two);
    assert_true(SERVE_UNTIL(b, b->two.lines == 2));
    bring_up_on(b, &b->two);
    leave_house(&b->two); /* gone for good: the others know who has the slot now */
    assert_true(SERVE_UNTIL(b, b->one.lines == 2));
}

static void test_a_node_of_a_cluster_that_is_down_is_left(void **state)
{
    static const char *const words[] = {
        "-CLUSTERDOWN The cluster is down\r\n",
        "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n",
        "-NOREPLICAS Not enough good replicas to write.\r\n"};
    struct bench *b = *state;
    struct server *here = &b->one;
    struct server *there = &b->two;

    open_cluster(b, false);
    for (unsigned i = 0; i < TS_COUNT_OF(words); i++) {
        struct server *left = here;

        bring_up_on(b, here);
        (void)start(b, "FIRST", 0);
        assert_true(SERVE_UNTIL(b, has_heard(here, "FIRST")));
        say(here, words[i]);
        assert_true(SERVE_UNTIL(b, b->answers == i + 1));
        assert_int_equal(b->err.cls, TS_RETRY); /* it may work later: not sent again */
        here = there;
        there = left;
    }
    bring_up_on(b, here);
    assert_false(has_heard(here, "FIRST"));
}

static void test_the_impatient_wait_while_a_move_is_followed(void **state)
{
    struct bench *b = *state;

    open_at_one(b, true);
    bring_up_on(b, &b->one);
    (void)start(b, "FIRST", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "FIRST")));
    say_moved(&b->one, "127.0.0.1", b->two.port);
    assert_true(SERVE_UNTIL(b, !ts_redis_is_up(b->redis)));
    (void)start(b, "SECOND", 0);
    bring_up_on(b, &b->two);
    assert_true(SERVE_UNTIL(b, has_heard(&b->two, "SECOND")));
    say(&b->two, "+first\r\n+second\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 2));
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_the_impatient_fail_when_the_move_leads_nowhere(void **state)
{
    struct bench *b = *state;

    open_at_one(b, true);
    bring_up_on(b, &b->one);
    (void)start(b, "FIRST", 60000);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "FIRST")));
    say_moved(&b->one, "127.0.0.1", dead_port());
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_non_null(strstr(b->err.text, "cannot connect"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_commands_follow_the_slot_in_the_middle_of_a_pipeline),
        TEST(test_an_empty_host_is_the_one_that_says_so),
        TEST(test_a_script_that_moved_is_sent_whole_there),
        TEST(test_a_command_that_moves_in_circles_fails),
        TEST(test_a_node_that_cannot_be_reached_leads_back_to_the_hosts),
        TEST(test_hosts_are_tried_in_turn),
        TEST(test_a_node_that_is_lost_is_looked_for_where_it_was),
        TEST(test_a_node_of_a_cluster_that_is_down_is_left),
        TEST(test_the_impatient_wait_while_a_move_is_followed),
        TEST(test_the_impatient_fail_when_the_move_leads_nowhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
