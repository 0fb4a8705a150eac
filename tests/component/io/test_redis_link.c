/* SPDX-License-Identifier: MIT */
/* The Redis connection against a server that is written here: what it is greeted with, and what
 * happens when the other side is slow, refuses, talks nonsense, or hangs up in mid-sentence. */
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/buf.h"
#include "teamsync/redis.h"
#include "teamsync/text.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COMMAND_MS = 200 };

struct bench {
    struct ts_loop *loop;
    struct ts_redis *redis;
    int listener;
    uint16_t port;
    int line; /* the latest connection; -1: none */
    unsigned lines;
    struct ts_buf heard; /* on that one */
    unsigned answers;
    struct ts_error err;
    char *text;
    bool frees; /* the next answer frees the connection */
};

static int setup(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    b->loop = ts_loop_new();
    b->line = -1;
    ts_buf_init(&b->heard, 1 << 20);
    b->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(b->listener, (const struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(b->listener, 8), 0);
    assert_int_equal(getsockname(b->listener, (struct sockaddr *)&address, &length), 0);
    b->port = ntohs(address.sin_port);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    ts_redis_free(b->redis);
    ts_loop_free(b->loop);
    (void)close(b->listener);
    if (b->line >= 0)
        (void)close(b->line);
    ts_buf_done(&b->heard);
    free(b->text);
    free(b);
    return 0;
}

static void open_redis(struct bench *b, const char *credentials, const char *rest)
{
    TS_AUTOFREE char *url = ts_format("redis://%s127.0.0.1:%u%s", credentials, b->port, rest);
    struct ts_redis_options options = {
        .url = url, .connect_timeout_ms = 150, .command_timeout_ms = COMMAND_MS};
    const char *reason = NULL;

    assert_int_equal(ts_redis_new(b->loop, &options, &b->redis, &reason), 0);
}

/* Takes a new connection in place of the last, and hears what comes on it. */
static void listen_in(struct bench *b)
{
    char chunk[4096];
    ssize_t got;
    int line = accept4(b->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (line >= 0) {
        if (b->line >= 0)
            (void)close(b->line);
        b->line = line;
        b->lines++;
        ts_buf_clear(&b->heard);
    }
    while (b->line >= 0 && (got = recv(b->line, chunk, sizeof(chunk), 0)) > 0)
        assert_int_equal(ts_buf_add(&b->heard, chunk, (size_t)got), 0);
}

/* The loop does not watch this side: turns are short. */
#define SERVE_UNTIL(b, condition)                                                                  \
    __extension__({                                                                                \
        uint64_t until_ = ts_now_ms() + 10000;                                                     \
        while (!(condition) && ts_now_ms() < until_) {                                             \
            ts_loop_turn((b)->loop, 1);                                                            \
            listen_in(b);                                                                          \
        }                                                                                          \
        (condition);                                                                               \
    })

static bool has_heard(const struct bench *b, const char *word)
{
    return strstr(b->heard.data, word) != NULL;
}

static void say(struct bench *b, const char *bytes)
{
    assert_int_equal(send(b->line, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
}

static void hang_up(struct bench *b)
{
    (void)close(b->line);
    b->line = -1;
}

static void bring_up(struct bench *b)
{
    assert_true(SERVE_UNTIL(b, has_heard(b, "PING")));
    say(b, "+PONG\r\n");
    assert_true(SERVE_UNTIL(b, ts_redis_is_up(b->redis)));
    ts_buf_clear(&b->heard);
}

static void on_reply(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct bench *b = arg;

    b->answers++;
    b->err = *err;
    free(b->text);
    b->text = ts_strdup(ts_reply_text(reply));
    if (b->frees)
        ts_redis_free(TS_STEAL(b->redis));
}

static struct ts_op *start(struct bench *b, const char *word, uint32_t extra_wait_ms)
{
    return ts_redis_command(b->redis, &word, 1, extra_wait_ms, on_reply, b);
}

static void test_the_greeting_comes_before_the_commands(void **state)
{
    struct bench *b = *state;

    open_redis(b, "ada:se%40cret@", "/5");
    (void)start(b, "DBSIZE", 0);
    assert_true(SERVE_UNTIL(b, has_heard(b, "PING")));
    assert_string_equal(b->heard.data, "*3\r\n$4\r\nAUTH\r\n$3\r\nada\r\n$7\r\nse@cret\r\n"
                                       "*2\r\n$6\r\nSELECT\r\n$1\r\n5\r\n*1\r\n$4\r\nPING\r\n");
    say(b, "+OK\r\n+OK\r\n");
    ts_loop_turn(b->loop, 20);
    assert_false(ts_redis_is_up(b->redis));
    say(b, "+PONG\r\n");
    assert_true(SERVE_UNTIL(b, has_heard(b, "DBSIZE")));
    say(b, ":7\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_refused_password_is_told_to_who_waits_in_vain(void **state)
{
    struct bench *b = *state;

    open_redis(b, ":wrong@", "");
    (void)start(b, "DBSIZE", 0);
    while (b->answers == 0) {
        assert_true(SERVE_UNTIL(b, has_heard(b, "PING") || b->answers));
        if (b->answers == 0)
            say(b, "-WRONGPASS invalid username-password pair\r\n-NOAUTH Authentication "
                   "required.\r\n");
        ts_buf_clear(&b->heard);
    }
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_non_null(strstr(b->err.text, "WRONGPASS"));
    assert_null(strstr(b->err.text, "wrong@"));
    assert_false(has_heard(b, "DBSIZE"));
}

static void test_a_server_that_hangs_up_during_the_greeting_is_tried_again(void **state)
{
    struct bench *b = *state;

    open_redis(b, ":secret@", "/1");
    for (unsigned i = 1; i <= 3; i++) {
        assert_true(SERVE_UNTIL(b, b->lines == i && has_heard(b, "PING")));
        if (i == 2)
            say(b, "+OK\r\n");
        hang_up(b);
    }
    (void)start(b, "DBSIZE", 5000);
    assert_true(SERVE_UNTIL(b, b->lines == 4 && has_heard(b, "PING")));
    say(b, "+OK\r\n+OK\r\n+PONG\r\n");
    assert_true(SERVE_UNTIL(b, has_heard(b, "DBSIZE")));
    say(b, ":7\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_server_that_never_greets_back_is_given_up(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    assert_true(SERVE_UNTIL(b, b->lines == 2)); /* the connect time-out covers the greeting */
    bring_up(b);
}

static void test_everything_that_was_sent_fails_when_the_line_is_lost(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    bring_up(b);
    for (int i = 0; i < 3; i++)
        (void)start(b, "DBSIZE", 60000);
    assert_true(SERVE_UNTIL(b, has_heard(b, "DBSIZE")));
    say(b, ":1\r\n$100\r\nhalf");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    hang_up(b);
    assert_true(SERVE_UNTIL(b, b->answers == 3));
    assert_int_equal(b->err.cls, TS_RETRY);
    bring_up(b); /* nothing of the old line is left: replies are not mixed up */
    (void)start(b, "TIME", 0);
    assert_true(SERVE_UNTIL(b, has_heard(b, "TIME")));
    assert_false(has_heard(b, "DBSIZE"));
    say(b, "+now\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 4));
    assert_string_equal(b->text, "now");
}

static void test_what_is_not_redis_protocol_ends_the_line(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    bring_up(b);
    (void)start(b, "DBSIZE", 60000);
    assert_true(SERVE_UNTIL(b, has_heard(b, "DBSIZE")));
    say(b, "HTTP/1.1 400 Bad Request\r\n\r\n");
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

    (void)close(b->listener);
    b->listener = -1;
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
        {"-READONLY You can't write against a read only replica.\r\n", TS_RETRY},
        {"-OOM command not allowed when used memory > 'maxmemory'.\r\n", TS_RETRY},
        {"-BUSY Redis is busy running a script.\r\n", TS_RETRY},
        {"-TRYAGAIN Multiple keys request during rehashing of slot\r\n", TS_RETRY},
        {"-CLUSTERDOWN The cluster is down\r\n", TS_RETRY},
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
        assert_true(SERVE_UNTIL(b, has_heard(b, "DBSIZE")));
        ts_buf_clear(&b->heard);
        say(b, cases[i].reply);
        assert_true(SERVE_UNTIL(b, b->answers == i + 1));
        if (b->err.cls != cases[i].cls)
            fail_msg("%s is %s", cases[i].reply, ts_class_name(b->err.cls));
        assert_null(b->text);
    }
    assert_int_equal(b->lines, 1);
}

static void test_an_answer_may_free_the_connection(void **state)
{
    struct bench *b = *state;

    open_redis(b, "", "");
    bring_up(b);
    for (int i = 0; i < 3; i++)
        (void)start(b, "DBSIZE", 0);
    assert_true(SERVE_UNTIL(b, has_heard(b, "DBSIZE")));
    b->frees = true;
    say(b, ":1\r\n:2\r\n:3\r\n");
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
    assert_true(SERVE_UNTIL(b, has_heard(b, "DBSIZE")));
    b->frees = true;
    hang_up(b);
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
    assert_true(SERVE_UNTIL(b, has_heard(b, "SECOND")));
    ts_op_cancel(&op);
    say(b, "+first\r\n+second\r\n");
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
    assert_true(SERVE_UNTIL(b, has_heard(b, "EVALSHA")));
    assert_true(has_heard(b, "$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n$1\r\n0\r\n"));
    ts_buf_clear(&b->heard);
    ts_op_cancel(&op);
    say(b, "-NOSCRIPT No matching script.\r\n");
    (void)start(b, "DBSIZE", 0);
    assert_true(SERVE_UNTIL(b, has_heard(b, "DBSIZE")));
    say(b, ":1\r\n");
    assert_true(SERVE_UNTIL(b, b->answers == 1));
    assert_false(has_heard(b, "EVAL"));
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
