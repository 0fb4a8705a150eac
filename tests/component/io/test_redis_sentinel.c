/* SPDX-License-Identifier: MIT */
/* The Redis connection with a sentinel (`one`) and a master (`two`) that are written here. */
#include "component/io/redis_bench.h"

/* `hosts` are the sentinels. */
static void open_sentinels(struct bench *b, const char *credentials, const char *hosts,
                           bool is_impatient)
{
    TS_AUTOFREE char *url = ts_format("redis+sentinel://%s%s/main", credentials, hosts);

    open_url(b, url, 8000, is_impatient);
}

static void open_at_one(struct bench *b, const char *credentials)
{
    TS_AUTOFREE char *host = ts_format("127.0.0.1:%u", b->one.port);

    open_sentinels(b, credentials, host, false);
}

/* The sentinel is asked for the nth time. */
static void hear_question(struct bench *b, struct server *s, unsigned nth)
{
    assert_true(SERVE_UNTIL(b, s->lines == nth && has_heard(s, "PING")));
    assert_false(has_heard(s, "AUTH"));
    say(s, "+PONG\r\n");
    assert_true(SERVE_UNTIL(b, has_heard(s, "$4\r\nmain\r\n")));
    assert_true(has_heard(s, "SENTINEL\r\n$23\r\nget-master-addr-by-name\r\n"));
}

static void name_master(struct server *s, uint16_t port)
{
    TS_AUTOFREE char *digits = ts_format("%u", port);
    TS_AUTOFREE char *reply =
        ts_format("*2\r\n$9\r\n127.0.0.1\r\n$%zu\r\n%s\r\n", strlen(digits), digits);

    say(s, reply);
}

static void test_the_master_is_asked_for_and_greeted(void **state)
{
    struct bench *b = *state;

    open_at_one(b, "ada:secret@");
    (void)start(b, "DBSIZE", 0);
    hear_question(b, &b->one, 1);
    name_master(&b->one, b->two.port);
    assert_true(SERVE_UNTIL(b, has_heard(&b->two, "PING")));
    assert_true(has_heard(&b->two, "AUTH\r\n$3\r\nada\r\n$6\r\nsecret\r\n"));
    say(&b->two, "+OK\r\n+PONG\r\n");
    assert_true(SERVE_UNTIL(b, has_heard(&b->two, "DBSIZE")));
    say(&b->two, ":7\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_sentinel_that_wants_credentials_is_shown_the_masters(void **state)
{
    struct bench *b = *state;

    open_at_one(b, ":secret@");
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "PING")));
    assert_false(has_heard(&b->one, "AUTH"));
    say(&b->one, "-NOAUTH Authentication required.\r\n");
    assert_true(SERVE_UNTIL(b, b->one.lines == 2 && has_heard(&b->one, "PING")));
    assert_true(has_heard(&b->one, "AUTH\r\n$6\r\nsecret\r\n"));
    say(&b->one, "+OK\r\n+PONG\r\n");
    assert_true(SERVE_UNTIL(b, has_heard(&b->one, "SENTINEL")));
    name_master(&b->one, b->two.port);
    assert_true(SERVE_UNTIL(b, has_heard(&b->two, "PING")));
}

static void test_a_sentinel_that_does_not_help_is_skipped(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *hosts = ts_format("127.0.0.1:%u,127.0.0.1:%u", b->one.port, b->one.port);

    open_sentinels(b, "", hosts, true);
    (void)start(b, "DBSIZE", 0);
    hear_question(b, &b->one, 1);
    say(&b->one, "*-1\r\n");
    hear_question(b, &b->one, 2);
    name_master(&b->one, b->two.port);
    bring_up_on(b, &b->two);
    assert_true(SERVE_UNTIL(b, has_heard(&b->two, "DBSIZE"))); /* it was one attempt */
}

static void test_what_is_no_answer_is_told(void **state)
{
    static const struct {
        const char *answer;
        const char *told;
    } cases[] = {
        {"*-1\r\n", "knows no such master"},
        {"+127.0.0.1:6379\r\n", "makes no sense"},
        {"*1\r\n$1\r\nh\r\n", "makes no sense"},
        {"*2\r\n$1\r\nh\r\n$1\r\nx\r\n", "makes no sense"},
        {"*2\r\n$1\r\nh\r\n$5\r\n65536\r\n", "makes no sense"},
        {"*2\r\n$0\r\n\r\n$4\r\n6379\r\n", "makes no sense"},
        {"-IDONTKNOW I have not enough information to reply.\r\n", "IDONTKNOW"},
    };
    struct bench *b = *state;
    TS_AUTOFREE char *host = ts_format("127.0.0.1:%u", b->one.port);

    for (unsigned i = 0; i < TS_COUNT_OF(cases); i++) {
        open_sentinels(b, "", host, true);
        (void)start(b, "DBSIZE", 60000);
        hear_question(b, &b->one, i + 1);
        say(&b->one, cases[i].answer);
        assert_true(SERVE_UNTIL(b, b->answers == i + 1));
        assert_int_equal(b->err.cls, TS_RETRY);
        if (!strstr(b->err.text, cases[i].told))
            fail_msg("%s: %s", cases[i].answer, b->err.text);
        ts_redis_free(TS_STEAL(b->redis));
    }
}

static void test_a_silent_sentinel_does_not_keep_the_others_from_answering(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *hosts = ts_format("127.0.0.1:%u,127.0.0.1:%u", b->one.port, b->two.port);

    open_sentinels(b, "", hosts, false);
    assert_true(SERVE_UNTIL(b, b->one.lines == 1));
    hear_question(b, &b->two, 1);
    name_master(&b->two, b->two.port);
    assert_true(SERVE_UNTIL(b, b->two.lines == 2 && has_heard(&b->two, "PING")));
}

static void test_what_the_sentinels_said_is_told_without_the_password(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *hosts = ts_format("127.0.0.1:%u,127.0.0.1:%u", b->one.port, b->two.port);

    open_sentinels(b, "ada:hush@", hosts, true);
    (void)start(b, "DBSIZE", 60000);
    hear_question(b, &b->one, 1);
    say(&b->one, "*-1\r\n");
    assert_true(SERVE_UNTIL(b, has_heard(&b->two, "PING")));
    say(&b->two, "-NOAUTH Authentication required.\r\n");
    assert_true(SERVE_UNTIL(b, b->two.lines == 2 && has_heard(&b->two, "PING")));
    say(&b->two, "-WRONGPASS invalid username-password pair\r\n-NOAUTH Authentication "
                 "required.\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_non_null(strstr(b->err.text, "knows no such master"));
    assert_non_null(strstr(b->err.text, "WRONGPASS"));
    assert_null(strstr(b->err.text, "hush"));
}

static void test_the_sentinels_are_asked_again_when_the_master_is_lost(void **state)
{
    struct bench *b = *state;

    open_at_one(b, "");
    hear_question(b, &b->one, 1);
    name_master(&b->one, b->two.port);
    bring_up_on(b, &b->two);
    hang_up(&b->two);
    hear_question(b, &b->one, 2);
    name_master(&b->one, b->two.port);
    bring_up_on(b, &b->two);
    (void)start(b, "SET", 0);
    assert_true(SERVE_UNTIL(b, has_heard(&b->two, "SET")));
    say(&b->two, "-READONLY You can't write against a read only replica.\r\n");
    hear_question(b, &b->one, 3);
    name_master(&b->one, b->two.port);
    bring_up_on(b, &b->two);
    assert_true(SERVE_UNTIL(b, has_heard(&b->two, "SET")));
    say(&b->two, "+OK\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_another_sentinel_is_asked_when_the_master_it_named_is_none(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *hosts = ts_format("127.0.0.1:%u,127.0.0.1:%u", b->one.port, b->two.port);

    open_sentinels(b, "", hosts, false);
    hear_question(b, &b->one, 1);
    name_master(&b->one, b->one.port); /* it has not heard of the fail-over yet */
    assert_true(SERVE_UNTIL(b, b->one.lines == 2 && has_heard(&b->one, "PING")));
    hang_up(&b->one);
    hear_question(b, &b->two, 1);
}

static void test_freeing_it_in_the_middle_of_a_question_is_silent(void **state)
{
    struct bench *b = *state;

    open_at_one(b, "");
    (void)start(b, "DBSIZE", 0);
    hear_question(b, &b->one, 1);
    ts_redis_free(TS_STEAL(b->redis));
    ts_loop_turn(b->loop, 20);
    assert_int_equal(b->answers, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_master_is_asked_for_and_greeted),
        TEST(test_a_sentinel_that_wants_credentials_is_shown_the_masters),
        TEST(test_a_sentinel_that_does_not_help_is_skipped),
        TEST(test_what_is_no_answer_is_told),
        TEST(test_a_silent_sentinel_does_not_keep_the_others_from_answering),
        TEST(test_what_the_sentinels_said_is_told_without_the_password),
        TEST(test_the_sentinels_are_asked_again_when_the_master_is_lost),
        TEST(test_another_sentinel_is_asked_when_the_master_it_named_is_none),
        TEST(test_freeing_it_in_the_middle_of_a_question_is_silent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
