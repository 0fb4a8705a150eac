/* SPDX-License-Identifier: MIT */
/* The HTTP client against the HTTP server, in one loop. */
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/http_client.h"
#include "teamsync/http_server.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RESPONSE_MAX = 1000, BODY_MAX = 5000 };

struct bench {
    struct ts_loop *loop;
    struct ts_http_server *server;
    struct ts_http *client;
    char *base;
    char folder[40];
    char *socket_path;

    struct ts_request *held;
    unsigned served;
    char *seen; /* what the handler saw: "PUT x body" */

    unsigned answers;
    struct ts_error err;
    int status;
    char *body;
    uint32_t retry_after_ms;
};

static void on_echo(struct ts_request *request, void *arg)
{
    struct bench *b = arg;
    size_t length = 0;
    const char *body = ts_request_body(request, &length);
    const char *q = ts_request_query(request, "q");

    b->served++;
    free(b->seen);
    b->seen = ts_format("%s %s %s %zu %s%s", ts_request_method(request),
                        ts_request_param(request, "name"), q ? q : "-", length, body,
                        ts_request_is_admin(request) ? " admin" : "");
    ts_request_add_header(request, "Retry-After", "7");
    ts_request_reply(request, 200, "text/plain", "echoed", 6);
}

static void on_hold(struct ts_request *request, void *arg)
{
    ((struct bench *)arg)->held = request;
}

static void on_big(struct ts_request *request, void *arg)
{
    TS_AUTOFREE char *big = ts_alloc(RESPONSE_MAX + 2);

    (void)arg;
    memset(big, 'x', RESPONSE_MAX + 1);
    ts_request_reply(request, 200, "text/plain", big, RESPONSE_MAX + 1);
}

static void on_wrong(struct ts_request *request, void *arg)
{
    (void)arg;
    ts_request_problem(request, 409, "a \"quoted\"\nreason");
}

static int setup(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));
    const struct ts_http_server_options server_options = {.max_body_bytes = BODY_MAX};
    const struct ts_http_client_options client_options = {.max_response_bytes = RESPONSE_MAX};
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    uint16_t port = 0;

    b->loop = ts_loop_new();
    b->server = ts_http_server_new(b->loop, &server_options);
    b->client = ts_http_client_new(b->loop, &client_options);
    for (size_t i = 0; i < TS_COUNT_OF(methods); i++)
        ts_http_server_route(b->server, methods[i], "/echo/{name}", on_echo, b);
    ts_http_server_route(b->server, "GET", "/hold", on_hold, b);
    ts_http_server_route(b->server, "GET", "/big", on_big, b);
    ts_http_server_route(b->server, "GET", "/wrong", on_wrong, b);
    assert_int_equal(ts_http_server_listen_tcp(b->server, "127.0.0.1:0", &port), 0);
    b->base = ts_format("http://127.0.0.1:%u", port);
    ts_text_copy(b->folder, sizeof(b->folder), "/tmp/teamsync-test-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    b->socket_path = ts_format("%s/admin.sock", b->folder);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    ts_http_client_free(b->client);
    ts_http_server_free(b->server);
    ts_loop_free(b->loop);
    (void)rmdir(b->folder);
    free(b->socket_path);
    free(b->base);
    free(b->seen);
    free(b->body);
    free(b);
    return 0;
}

static void on_response(const struct ts_error *err, const struct ts_http_response *response,
                        void *arg)
{
    struct bench *b = arg;

    b->answers++;
    b->err = *err;
    b->status = response ? response->status : 0;
    b->retry_after_ms = response ? response->retry_after_ms : 0;
    free(b->body);
    b->body = ts_strdup(response ? response->body : NULL);
}

static struct ts_op *start(struct bench *b, const char *method, const char *path, const char *body,
                           uint32_t timeout_ms)
{
    static const char *const headers[] = {"X-Test: yes", NULL};
    TS_AUTOFREE char *url = ts_format("%s%s", b->base, path);
    struct ts_http_request request = {.method = method,
                                      .url = url,
                                      .headers = headers,
                                      .body = body,
                                      .body_length = body ? strlen(body) : 0,
                                      .timeout_ms = timeout_ms};

    return b->client->start(b->client, &request, on_response, b);
}

static void ask(struct bench *b, const char *method, const char *path, const char *body)
{
    unsigned before = b->answers;

    (void)start(b, method, path, body, 0);
    assert_int_equal(b->answers, before);
    assert_true(TEST_WAIT(b->loop, b->answers > before));
}

static void test_every_method_arrives_with_its_parts(void **state)
{
    struct bench *b = *state;
    static const struct {
        const char *method;
        const char *body;
        const char *seen;
    } cases[] = {
        {"GET", NULL, "GET a b x+y 0 "},     {"POST", "hello", "POST a b x+y 5 hello"},
        {"POST", NULL, "POST a b x+y 0 "},   {"PUT", "{}", "PUT a b x+y 2 {}"},
        {"PATCH", "p", "PATCH a b x+y 1 p"}, {"DELETE", NULL, "DELETE a b x+y 0 "},
    };

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        ask(b, cases[i].method, "/echo/a%20b?q=x%2By", cases[i].body);
        assert_int_equal(b->status, 200);
        assert_string_equal(b->seen, cases[i].seen);
        assert_string_equal(b->body, "echoed");
        assert_int_equal(b->retry_after_ms, 7000);
    }
    ask(b, "HEAD", "/echo/a", NULL);
    assert_int_equal(b->status, 200);
    assert_string_equal(b->body, "");
}

static void test_unknown_paths_and_methods_are_told_apart(void **state)
{
    struct bench *b = *state;

    ask(b, "GET", "/nowhere", NULL);
    assert_int_equal(b->status, 404);
    ask(b, "DELETE", "/big", NULL);
    assert_int_equal(b->status, 405);
    ask(b, "GET", "/echo/%00", NULL);
    assert_int_equal(b->status, 404);
    ask(b, "GET", "/echo/%ff", NULL);
    assert_int_equal(b->status, 404);
    assert_int_equal(b->served, 0);
}

static void test_a_problem_is_told_as_json(void **state)
{
    struct bench *b = *state;

    ask(b, "GET", "/wrong", NULL);
    assert_string_equal(b->body, "{\"type\":\"about:blank\",\"title\":\"Conflict\",\"status\":409,"
                                 "\"detail\":\"a \\\"quoted\\\"\\u000areason\"}\n");
}

static void test_limits_hold_on_both_sides(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *big = ts_alloc(BODY_MAX + 2);

    ask(b, "GET", "/big", NULL);
    assert_int_equal(b->err.cls, TS_REJECTED);
    memset(big, 'x', BODY_MAX + 1);
    ask(b, "POST", "/echo/a", big);
    assert_true(b->status == 413 || b->err.cls == TS_RETRY);
    assert_int_equal(b->served, 0);
}

static void test_a_server_that_is_slow_or_away_is_worth_another_try(void **state)
{
    struct bench *b = *state;

    (void)start(b, "GET", "/hold", NULL, 100);
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    assert_int_equal(b->err.cls, TS_RETRY);
    ts_request_reply(b->held, 200, NULL, "", 0); /* nobody is there any more */
    free(b->base);
    b->base = ts_strdup("http://127.0.0.1:1");
    ask(b, "GET", "/", NULL);
    assert_int_equal(b->err.cls, TS_RETRY);
    free(b->base);
    b->base = ts_strdup("ftp://127.0.0.1");
    ask(b, "GET", "/", NULL);
    assert_int_equal(b->err.cls, TS_REJECTED);
}

static void test_a_cancelled_request_never_answers(void **state)
{
    struct bench *b = *state;
    struct ts_op *early = start(b, "GET", "/echo/a", NULL, 0);
    struct ts_op *late = start(b, "GET", "/hold", NULL, 0);

    ts_op_cancel(&early);
    assert_true(TEST_WAIT(b->loop, b->held));
    ts_op_cancel(&late);
    ts_op_cancel(&late);
    ts_request_reply(b->held, 200, NULL, "", 0);
    ask(b, "GET", "/echo/b", NULL);
    assert_int_equal(b->answers, 1);
}

static void test_a_server_may_go_while_it_holds_a_request(void **state)
{
    struct bench *b = *state;
    struct ts_op *op = start(b, "GET", "/hold", NULL, 0);

    assert_true(TEST_WAIT(b->loop, b->held));
    ts_http_server_free(TS_STEAL(b->server));
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    (void)op;
    assert_true(b->err.cls == TS_RETRY || b->status == 503);
}

static void test_the_admin_socket_is_ours_alone_and_replaces_a_dead_one(void **state)
{
    struct bench *b = *state;

    assert_int_equal(ts_http_server_listen_unix(b->server, b->socket_path), 0);
    assert_int_equal(ts_http_server_listen_unix(b->server, b->socket_path), -EADDRINUSE);
    {
        TS_AUTOFREE char *ask_it = ts_format("stat -c %%a %s; curl -s -m 3 --unix-socket %s "
                                             "http://localhost/echo/me -d hi &",
                                             b->socket_path, b->socket_path);
        FILE *pipe = popen(ask_it, "r");
        char mode[8] = "";

        assert_non_null(fgets(mode, sizeof(mode), pipe));
        assert_string_equal(mode, "600\n");
        assert_true(TEST_WAIT(b->loop, b->served == 1));
        for (int i = 0; i < 10; i++)
            ts_loop_turn(b->loop, 5);
        (void)pclose(pipe);
    }
    assert_string_equal(b->seen, "POST me - 2 hi admin");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_method_arrives_with_its_parts),
        TEST(test_unknown_paths_and_methods_are_told_apart),
        TEST(test_a_problem_is_told_as_json),
        TEST(test_limits_hold_on_both_sides),
        TEST(test_a_server_that_is_slow_or_away_is_worth_another_try),
        TEST(test_a_cancelled_request_never_answers),
        TEST(test_a_server_may_go_while_it_holds_a_request),
        TEST(test_the_admin_socket_is_ours_alone_and_replaces_a_dead_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
