/* SPDX-License-Identifier: MIT */
/* The Redis connection: replies, scripts, time-outs, and a server that goes and comes back. */
#include "support/redis_server.h"
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/mem.h"
#include "teamsync/redis.h"
#include "teamsync/text.h"

#include <string.h>

struct bench {
    struct test_redis *server;
    struct ts_loop *loop;
    struct ts_redis *redis;
    unsigned answers;
    struct ts_error err;
    char *text;
    int64_t number;
    size_t count;
};

static int setup(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));
    struct ts_redis_options options = {.key_prefix = "t:", .command_timeout_ms = 300};
    const char *reason = NULL;

    b->server = test_redis_start();
    b->loop = ts_loop_new();
    options.url = test_redis_url(b->server);
    assert_int_equal(ts_redis_new(b->loop, &options, &b->redis, &reason), 0);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    ts_redis_free(b->redis);
    ts_loop_free(b->loop);
    test_redis_stop(b->server);
    free(b->text);
    free(b);
    return 0;
}

static void on_reply(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct bench *b = arg;

    b->answers++;
    b->err = *err;
    free(b->text);
    b->text = ts_strdup(ts_reply_text(reply));
    b->number = ts_reply_number(reply);
    b->count = ts_reply_count(reply);
}

static struct ts_op *start(struct bench *b, const char *line)
{
    TS_AUTOFREE char *words = ts_strdup(line);
    const char *args[8];
    size_t count = 0;
    char *rest = words;
    char *word;

    while ((word = strsep(&rest, " ")))
        args[count++] = word;
    return ts_redis_command(b->redis, args, count, 0, on_reply, b);
}

static void ask(struct bench *b, const char *line)
{
    unsigned before = b->answers;

    (void)start(b, line);
    assert_int_equal(b->answers, before); /* never before it returned */
    assert_true(TEST_WAIT(b->loop, b->answers > before));
}

static void test_replies_of_every_kind_are_read(void **state)
{
    struct bench *b = *state;

    ask(b, "SET t:a 5");
    assert_string_equal(b->text, "OK");
    ask(b, "GET t:a");
    assert_int_equal(b->number, 5);
    ask(b, "INCR t:a");
    assert_int_equal(b->number, 6);
    ask(b, "GET t:none");
    assert_null(b->text);
    ask(b, "MGET t:a t:none t:a");
    assert_int_equal(b->count, 3);
    ask(b, "HGET t:a field");
    assert_int_equal(b->err.cls, TS_INTERNAL);
    assert_true(ts_text_starts_with(b->err.text, "WRONGTYPE"));
}

static void test_a_script_is_sent_again_when_the_server_forgot_it(void **state)
{
    struct bench *b = *state;
    struct ts_redis_script script = {.source = "return {KEYS[1], ARGV[1], ARGV[2]}"};
    const char *keys[] = {"t:key", NULL};
    const char *args[] = {"one", "", NULL};

    for (int i = 0; i < 3; i++) {
        unsigned before = b->answers;

        if (i == 2)
            ask(b, "SCRIPT FLUSH");
        before = b->answers;
        (void)ts_redis_eval(b->redis, &script, keys, args, on_reply, b);
        assert_true(TEST_WAIT(b->loop, b->answers > before));
        assert_int_equal(b->err.cls, TS_OK);
        assert_int_equal(b->count, 3);
    }
}

static void test_a_server_that_does_not_answer_is_given_up_and_found_again(void **state)
{
    struct bench *b = *state;

    ask(b, "PING");
    free(test_redis_cli(b->server, "CLIENT PAUSE 700"));
    ask(b, "GET t:a");
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_true(TEST_WAIT(b->loop, ts_redis_is_up(b->redis)));
    ask(b, "PING");
    assert_string_equal(b->text, "PONG");
}

static void test_commands_wait_for_a_server_that_comes_back_in_time(void **state)
{
    struct bench *b = *state;

    ask(b, "PING");
    test_redis_kill(b->server);
    ask(b, "PING"); /* sent or not: it fails, for nobody is there */
    assert_int_equal(b->err.cls, TS_RETRY);
    {
        unsigned before = b->answers;

        (void)start(b, "PING");
        test_redis_restart(b->server);
        assert_true(TEST_WAIT(b->loop, b->answers > before));
    }
    assert_true(TEST_WAIT(b->loop, ts_redis_is_up(b->redis)));
    ask(b, "PING");
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_cancelled_command_never_answers(void **state)
{
    struct bench *b = *state;
    struct ts_op *waiting = start(b, "SET t:early 1"); /* not connected yet */
    struct ts_op *sent;

    ts_op_cancel(&waiting);
    ts_op_cancel(&waiting);
    ask(b, "PING");
    sent = start(b, "SET t:late 1");
    ts_op_cancel(&sent);
    ask(b, "PING");
    assert_int_equal(b->answers, 2);
    ask(b, "EXISTS t:early t:late");
    assert_int_equal(b->number, 1); /* what was sent may happen there */
}

static void test_freeing_it_with_everything_under_way_is_silent(void **state)
{
    struct bench *b = *state;
    struct ts_redis_options options = {.url = test_redis_url(b->server)};
    struct ts_redis *redis = NULL;
    const char *words[] = {"PING"};
    const char *reason = NULL;

    assert_int_equal(ts_redis_new(b->loop, &options, &redis, &reason), 0);
    (void)ts_redis_command(redis, words, 1, 0, on_reply, b);
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    (void)ts_redis_command(redis, words, 1, 0, on_reply, b);
    ts_redis_free(redis);
    ask(b, "PING");
    assert_int_equal(b->answers, 2);
}

static void test_a_url_that_is_none_is_refused_with_the_reason(void **state)
{
    static const char *const urls[] = {
        "http://x",        "redis://",    "redis://h:0",          "redis://h:x",
        "unix://x",        "redis://h/x", "redis+sentinel://h:1", "unix:///s?x=1",
        "redis://secret@h"};
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(urls); i++) {
        struct ts_redis_options options = {.url = urls[i]};
        struct ts_redis *redis = NULL;
        const char *reason = NULL;

        assert_true(ts_redis_new(b->loop, &options, &redis, &reason) < 0);
        assert_non_null(reason);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_replies_of_every_kind_are_read),
        TEST(test_a_script_is_sent_again_when_the_server_forgot_it),
        TEST(test_a_server_that_does_not_answer_is_given_up_and_found_again),
        TEST(test_commands_wait_for_a_server_that_comes_back_in_time),
        TEST(test_a_cancelled_command_never_answers),
        TEST(test_freeing_it_with_everything_under_way_is_silent),
        TEST(test_a_url_that_is_none_is_refused_with_the_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
