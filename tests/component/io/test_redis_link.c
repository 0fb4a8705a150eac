/* SPDX-License-Identifier: MIT */
/* The Redis connection against a server that is written here: what it is greeted with, and what
 * happens when the other side is slow, refuses, talks nonsense, or hangs up in mid-sentence. */
#include "component/io/redis_bench.h"

static void open_redis(struct bench *b, const char *credentials, const char *rest)
{
    TS_AUTOFREE char *url = ts_format("redis://%s127.0.0.1:%u%s", credentials, b->one.port, rest);

    open_url(b, url, COMMAND_MS, false);
}

static void open_impatient(struct bench *b)
{
    TS_AUTOFREE char *url = ts_format("redis://127.0.0.1:%u", b->one.port);

    open_url(b, url, 5000, true);
}

static void bring_up(struct bench *b)
{
    bring_up_on(b, &b->one);
}

static void test_the_greeting_comes_before_the_commands(void **state)
{
    struct bench *b = *state;

    open_redis(b, "ada:se%40cret@", "/5");
    (void)start(b, "DBSIZE", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "PING")));
    assert_string_equal(b->one.heard.data, "*3\r\n$4\r\nAUTH\r\n$3\r\nada\r\n$7\r\nse@cret\r\n"
                                           "*2\r\n$6\r\nSELECT\r\n$1\r\n5\r\n*1\r\n$4\r\nPING\r\n");
    say(&b->one, "+OK\r\n+OK\r\n");
    ts_loop_turn(b->loop, 20);
    assert_false(ts_redis_is_up(b->redis));
    say(&b->one, "+PONG\r\n");
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "DBSIZE")));
    say(&b->one, ":7\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_refused_password_is_told_to_who_waits_in_vain(void **state)
{
    struct bench *b = *state;

    open_redis(b, ":wrong@", "");
    (void)start(b, "DBSIZE", 0);
    while (b->answers == 0) {
        assert_true(SERVE_UNTIL(b, has_heard(&b->one, "PING") || b->answers));
        if (b->answers == 0)
            say(&b->one, "-WRONGPASS invalid username-password pair\r\n-NOAUTH Authentication "
                         "required.\r\n");
    }
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_non_null(strstr(b->err.text, "WRONGPASS"));
    assert_null(strstr(b->err.text, "wrong@"));
    assert_false(has_heard(&b->one, "DBSIZE"));
}

static void test_a_server_that_hangs_up_during_the_greeting_is_tried_again(void **state)
{
    struct bench *b = *state;

    open_redis(b, ":secret@", "/1");
    for (unsigned i = 1; i <= 3; i++) {
        assert_true(SERVE_UNTIL(b, b->one.lines == i && has_heard(&b->one, "PING")));
        if (i == 2)
            say(&b->one, "+OK\r\n");
        hang_up(&b->one);
    }
    (void)start(b, "DBSIZE", 5000);
    assert_true(SERVE_UNTIL(b, b->one.lines == 4 && has_heard(&b->one, "PING")));
    say(&b->one, "+OK\r\n+OK\r\n+PONG\r\n");
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "DBSIZE")));
    say(&b->one, ":7\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_server_that_never_greets_back_is_given_up(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    assert_true(SERVE_UNTIL(b, b->one.lines == 2)); /* the connect time-out covers the greeting */
    bring_up(b);
}

static void test_everything_that_was_sent_fails_when_the_line_is_lost(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    bring_up(b);
    for (int i = 0; i < 3; i++)
        (void)start(b, "DBSIZE", 60000);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "DBSIZE")));
    say(&b->one, ":1\r\n$100\r\nhalf");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    hang_up(&b->one);
    assert_true(SERVE_UNTIL(b, b->answers == 3));
    assert_int_equal(b->err.cls, TS_RETRY);
    bring_up(b); /* nothing of the old line is left: replies are not mixed up */
    (void)start(b, "TIME", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "TIME")));
    assert_false(has_heard(&b->one, "DBSIZE"));
    say(&b->one, "+now\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 4));
    assert_string_equal(b->text, "now");
}

static void test_what_is_not_redis_protocol_ends_the_line(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    bring_up(b);
    (void)start(b, "DBSIZE", 60000);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "DBSIZE")));
    say(&b->one, "HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_RETRY);
    bring_up(b);
}

static void test_a_short_deadline_does_not_wait_behind_a_long_one(void **state)
{
    struct bench *b = *state;
    uint64_t began;

    open_redis(b, "", "");
    bring_up(b);
    (void)start(b, "BLOCKING", 60000);
    began = ts_now_ms();
    (void)start(b, "SHORT", 0);
    assert_true(SERVE_UNTIL(b, b->answers == 2)); /* one late reply means that the line is dead */
    assert_in_range(ts_now_ms() - began, COMMAND_MS - 1, 5000);
    assert_int_equal(b->err.cls, TS_RETRY);
}

static void test_a_blocking_read_has_its_longer_time(void **state)
{
    struct bench *b = *state;
    uint64_t began;

    open_redis(b, "", "");
    bring_up(b);
    began = ts_now_ms();
    (void)start(b, "BLOCKING", COMMAND_MS);
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_in_range(ts_now_ms() - began, 2 * COMMAND_MS - 1, 5000);
}

static void test_nobody_at_home_is_told_when_the_time_is_up(void **state)
{
    struct bench *b = *state;
    uint64_t began = ts_now_ms();
    struct ts_op *cancelled;

    leave_house(&b->one);
    open_redis(b, "", "");
    cancelled = start(b, "DBSIZE", 0);
    (void)start(b, "DBSIZE", 0);
    ts_op_cancel(&cancelled);
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    assert_in_range(ts_now_ms() - began, COMMAND_MS - 1, 5000);
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_true(ts_text_starts_with(b->err.text, "redis: "));
    ts_loop_turn(b->loop, 20);
    assert_int_equal(b->answers, 1);
}

static void test_errors_of_the_server_have_their_class(void **state)
{
    static const struct {
        const char *reply;
        enum ts_class cls;
    } cases[] = {
        {"-LOADING Redis is loading the dataset in memory\r\n", TS_RETRY},
        {"-OOM command not allowed when used memory > 'maxmemory'.\r\n", TS_RETRY},
        {"-BUSY Redis is busy running a script.\r\n", TS_RETRY},
        {"-TRYAGAIN Multiple keys request during rehashing of slot\r\n", TS_RETRY},
        {"-CLUSTERDOWN The cluster is down\r\n", TS_RETRY},
        {"-ASK 866 10.0.0.1:6379\r\n", TS_RETRY},
        {"-ERR Script attempted to access a non local key in a cluster node\r\n", TS_RETRY},
        {"-MOVED nonsense\r\n", TS_RETRY},
        {"-MOVED 866 ?:6379\r\n", TS_RETRY},
        {"-MOVED 866 10.0.0.1:0\r\n", TS_RETRY},
        {"-NOREPLICAS Not enough good replicas to write.\r\n", TS_RETRY},
        {"-MASTERDOWN Link with MASTER is down\r\n", TS_RETRY},
        {"-MISCONF Redis is configured to save RDB snapshots\r\n", TS_RETRY},
        {"-NOAUTH Authentication required.\r\n", TS_AUTH},
        {"-NOPERM this user has no permissions\r\n", TS_AUTH},
        {"-WRONGPASS invalid username-password pair\r\n", TS_AUTH},
        {"-BUSYGROUP Consumer Group name already exists\r\n", TS_INTERNAL},
        {"-ERR unknown command\r\n", TS_INTERNAL},
        {"-\r\n", TS_INTERNAL},
    };
    struct bench *b = *state;

    open_redis(b, "", "");
    bring_up(b);
    for (unsigned i = 0; i < TS_COUNT_OF(cases); i++) {
        (void)start(b, "DBSIZE", 5000);
        assert_true(SERVE_UNTIL(b, has_heard(&b->one, "DBSIZE")));
        say(&b->one, cases[i].reply);
        assert_true(SERVE_UNTIL(b, b->answers == i + 1));
        if (b->err.cls != cases[i].cls)
            fail_msg("%s is %s", cases[i].reply, ts_class_name(b->err.cls));
        assert_null(b->text);
    }
    assert_int_equal(b->one.lines, 1);
}

static void test_an_answer_may_free_the_connection(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    bring_up(b);
    for (int i = 0; i < 3; i++)
        (void)start(b, "DBSIZE", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "DBSIZE")));
    b->frees = true;
    say(&b->one, ":1\r\n:2\r\n:3\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    ts_loop_turn(b->loop, 20);
    assert_int_equal(b->answers, 1);
}

static void test_the_answer_to_a_lost_line_may_free_the_connection(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    bring_up(b);
    for (int i = 0; i < 3; i++)
        (void)start(b, "DBSIZE", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "DBSIZE")));
    b->frees = true;
    hang_up(&b->one);
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    ts_loop_turn(b->loop, 20);
    assert_int_equal(b->answers, 1);
}

static void test_a_late_reply_to_a_cancelled_command_is_not_anothers(void **state)
{
    struct bench *b = *state;
    struct ts_op *op;

    open_redis(b, "", "");
    bring_up(b);
    op = start(b, "FIRST", 0);
    (void)start(b, "SECOND", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "SECOND")));
    ts_op_cancel(&op);
    say(&b->one, "+first\r\n+second\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_string_equal(b->text, "second");
}

static void test_a_cancelled_script_does_not_come_again(void **state)
{
    struct ts_redis_script script = {.source = "return 1"};
    struct bench *b = *state;
    struct ts_op *op;

    open_redis(b, "", "");
    bring_up(b);
    op = ts_redis_eval(b->redis, &script, NULL, NULL, on_reply, b);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "EVALSHA")));
    assert_true(
        has_heard(&b->one, "$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n$1\r\n0\r\n"));
    ts_op_cancel(&op);
    say(&b->one, "-NOSCRIPT No matching script.\r\n");
    (void)start(b, "DBSIZE", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "DBSIZE")));
    say(&b->one, ":1\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_false(has_heard(&b->one, "EVAL"));
}

static void test_what_was_said_while_redis_loads_is_no_greeting(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    (void)start(b, "DBSIZE", 5000);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "PING")));
    say(&b->one, "-LOADING Redis is loading the dataset in memory\r\n");
    assert_true(SERVE_UNTIL(b, b->one.lines == 2 && has_heard(&b->one, "PING")));
    assert_false(has_heard(&b->one, "DBSIZE"));
    bring_up(b);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "DBSIZE")));
    say(&b->one, ":7\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_command_whose_reply_is_lost_is_not_sent_again(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    bring_up(b);
    (void)start(b, "INCR", 5000);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "INCR")));
    hang_up(&b->one); /* it may have run */
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_RETRY);
    bring_up(b);
    (void)start(b, "DBSIZE", 5000);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "DBSIZE")));
    assert_false(has_heard(&b->one, "INCR"));
}

static void test_scripts_come_whole_after_a_flush(void **state)
{
    struct ts_redis_script script = {.source = "return 1"};
    struct bench *b = *state;

    open_impatient(b);
    bring_up(b);
    for (int i = 0; i < 2; i++)
        (void)ts_redis_eval(b->redis, &script, NULL, NULL, on_reply, b);
    assert_true(SERVE_UNTIL(b, b->one.heard.len == 2 * strlen("*3\r\n$7\r\nEVALSHA\r\n$40\r\n") +
                                                       2 * (40 + strlen("\r\n$1\r\n0\r\n"))));
    say(&b->one, "-NOSCRIPT No matching script.\r\n-NOSCRIPT No matching script.\r\n");
    assert_true(SERVE_UNTIL(b, b->one.heard.len > 0));
    say(&b->one, "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_RETRY);
    say(&b->one, ":1\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 2));
    assert_int_equal(b->err.cls, TS_OK);
    assert_int_equal(b->one.lines, 1);
}

/* --- a server that became a replica --- */

static const char readonly[] = "-READONLY You can't write against a read only replica.\r\n";

static void test_what_a_replica_refused_is_sent_again_in_its_order(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    bring_up(b);
    (void)start(b, "FIRST", 5000);
    (void)start(b, "SECOND", 5000);
    (void)start(b, "THIRD", 5000);
    (void)start(b, "FOURTH", 5000);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "FOURTH")));
    say(&b->one, readonly);
    assert_true(SERVE_UNTIL(b, !ts_redis_is_up(b->redis)));
    (void)start(b, "LATER", 5000);
    say(&b->one, "+second\r\n"); /* what was sent is read to the end */
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_string_equal(b->text, "second");
    assert_int_equal(b->one.lines, 1);
    say(&b->one, readonly);
    say(&b->one, readonly);
    assert_true(SERVE_UNTIL(b, b->one.lines == 2));
    bring_up(b);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "LATER")));
    assert_string_equal(b->one.heard.data, "*1\r\n$5\r\nFIRST\r\n*1\r\n$5\r\nTHIRD\r\n"
                                           "*1\r\n$6\r\nFOURTH\r\n*1\r\n$5\r\nLATER\r\n");
    say(&b->one, "+first\r\n+third\r\n+fourth\r\n+later\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 5));
    assert_int_equal(b->err.cls, TS_OK);
    assert_string_equal(b->text, "later");
}

static void test_a_replica_for_good_is_no_reason_for_a_storm(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    (void)start(b, "SET", 1000);
    while (b->answers == 0) {
        if (has_heard(&b->one, "PING"))
            say(&b->one, "+PONG\r\n");
        else if (has_heard(&b->one, "SET"))
            say(&b->one, readonly);
        (void)SERVE_UNTIL(b, b->answers || b->one.heard.len);
    }
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_non_null(strstr(b->err.text, "READONLY"));
    assert_in_range(b->one.lines, 2, 6); /* after 50, 100, 200, 400, 800 ms */
}

static void test_a_cancelled_command_is_not_sent_again(void **state)
{
    struct bench *b = *state;
    struct ts_op *op;

    open_redis(b, "", "");
    bring_up(b);
    op = start(b, "FIRST", 5000);
    (void)start(b, "SECOND", 5000);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "SECOND")));
    ts_op_cancel(&op);
    say(&b->one, readonly);
    say(&b->one, readonly);
    assert_true(SERVE_UNTIL(b, b->one.lines == 2));
    bring_up(b);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "SECOND")));
    assert_false(has_heard(&b->one, "FIRST"));
}

/* --- impatience --- */

static void test_an_impatient_command_waits_for_the_first_attempt(void **state)
{
    struct bench *b = *state;

    open_impatient(b);
    (void)start(b, "DBSIZE", 0);
    bring_up(b);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "DBSIZE")));
    say(&b->one, ":7\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_an_impatient_command_fails_when_the_first_attempt_does(void **state)
{
    struct bench *b = *state;

    open_impatient(b);
    (void)start(b, "DBSIZE", 60000);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "PING")));
    hang_up(&b->one);
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_string_equal(b->err.text, "redis: the connection was lost");
    bring_up(b);
}

static void test_an_impatient_command_fails_on_the_next_turn_while_the_line_is_down(void **state)
{
    struct bench *b = *state;
    struct ts_op *cancelled;

    open_impatient(b);
    bring_up(b);
    leave_house(&b->one);
    assert_true(SERVE_UNTIL(b, !ts_redis_is_up(b->redis)));
    cancelled = start(b, "DBSIZE", 60000);
    (void)start(b, "DBSIZE", 60000);
    assert_int_equal(b->answers, 0); /* never before it returned */
    ts_op_cancel(&cancelled);
    ts_loop_turn(b->loop, 0);
    ts_loop_turn(b->loop, 0);
    assert_int_equal(b->answers, 1);
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_true(ts_text_starts_with(b->err.text, "redis: "));
}

static void test_an_impatient_command_is_told_of_a_replica(void **state)
{
    struct bench *b = *state;

    open_impatient(b);
    bring_up(b);
    (void)start(b, "FIRST", 60000);
    (void)start(b, "SECOND", 60000);
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "SECOND")));
    say(&b->one, readonly);
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_non_null(strstr(b->err.text, "READONLY"));
    (void)start(b, "THIRD", 60000); /* nobody is asked any more */
    assert_true(SERVE_UNTIL(b, b->answers == 2));
    assert_non_null(strstr(b->err.text, "READONLY"));
    say(&b->one, "+second\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 3));
    assert_int_equal(b->err.cls, TS_OK);
    assert_true(SERVE_UNTIL(b, b->one.lines == 2));
    bring_up(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_greeting_comes_before_the_commands),
        TEST(test_a_refused_password_is_told_to_who_waits_in_vain),
        TEST(test_a_server_that_hangs_up_during_the_greeting_is_tried_again),
        TEST(test_a_server_that_never_greets_back_is_given_up),
        TEST(test_everything_that_was_sent_fails_when_the_line_is_lost),
        TEST(test_what_is_not_redis_protocol_ends_the_line),
        TEST(test_a_short_deadline_does_not_wait_behind_a_long_one),
        TEST(test_a_blocking_read_has_its_longer_time),
        TEST(test_nobody_at_home_is_told_when_the_time_is_up),
        TEST(test_errors_of_the_server_have_their_class),
        TEST(test_an_answer_may_free_the_connection),
        TEST(test_the_answer_to_a_lost_line_may_free_the_connection),
        TEST(test_a_late_reply_to_a_cancelled_command_is_not_anothers),
        TEST(test_a_cancelled_script_does_not_come_again),
        TEST(test_what_was_said_while_redis_loads_is_no_greeting),
        TEST(test_a_command_whose_reply_is_lost_is_not_sent_again),
        TEST(test_scripts_come_whole_after_a_flush),
        TEST(test_what_a_replica_refused_is_sent_again_in_its_order),
        TEST(test_a_replica_for_good_is_no_reason_for_a_storm),
        TEST(test_a_cancelled_command_is_not_sent_again),
        TEST(test_an_impatient_command_waits_for_the_first_attempt),
        TEST(test_an_impatient_command_fails_when_the_first_attempt_does),
        TEST(test_an_impatient_command_fails_on_the_next_turn_while_the_line_is_down),
        TEST(test_an_impatient_command_is_told_of_a_replica),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
