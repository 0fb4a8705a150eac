/* SPDX-License-Identifier: MIT */
/* The HTTP client against the HTTP server, in one loop. */
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/http_client.h"
#include "teamsync/http_server.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
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

/* --- bounds --- */

/* The client again, with other bounds. */
static void use_bounds(struct bench *b, const struct ts_http_client_options *options)
{
    ts_http_client_free(b->client);
    b->client = ts_http_client_new(b->loop, options);
}

static void test_connections_are_bounded_and_so_is_waiting_for_one(void **state)
{
    static const struct {
        struct ts_http_client_options options;
        const char *other_host; /* whose request waits for the one under way */
    } cases[] = {
        {{.max_connections_per_host = 1, .send_timeout_ms = 200}, "127.0.0.1"},
        {{.max_connections = 1, .send_timeout_ms = 200}, "localhost"},
    };
    struct bench *b = *state;
    TS_AUTOFREE char *base = TS_STEAL(b->base);
    const char *port = strrchr(base, ':');

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_op *first;

        b->base = ts_strdup(base);
        use_bounds(b, &cases[i].options);
        b->held = NULL;
        first = start(b, "GET", "/hold", NULL, 0);
        assert_true(TEST_WAIT(b->loop, b->held));

        free(b->base);
        b->base = ts_format("http://%s%s", cases[i].other_host, port);
        ask(b, "GET", "/echo/a", NULL);
        assert_int_equal(b->err.cls, TS_RETRY);
        assert_string_equal(b->err.text, "http: no connection was to be had within 200 ms");
        assert_int_equal(b->served, i);

        (void)start(b, "GET", "/echo/a", NULL, 0); /* gets one when it is free again */
        ts_op_cancel(&first);
        b->answers = 0;
        assert_true(TEST_WAIT(b->loop, b->answers == 1));
        assert_int_equal(b->status, 200);
        ts_request_reply(b->held, 200, NULL, "", 0);
        free(TS_STEAL(b->base));
    }
}

static void test_a_request_may_have_a_smaller_limit_of_its_own(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *url = ts_format("%s/echo/a", b->base);
    struct ts_http_request request = {.method = "GET", .url = url, .max_response_bytes = 5};

    (void)b->client->start(b->client, &request, on_response, b);
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    assert_int_equal(b->err.cls, TS_REJECTED);
    request.max_response_bytes = 6;
    (void)b->client->start(b->client, &request, on_response, b);
    assert_true(TEST_WAIT(b->loop, b->answers == 2));
    assert_string_equal(b->body, "echoed");
}

/* A peer without manners: a socket worked by hand. */
struct peer {
    int listener;
    int socket; /* -1: nobody has come */
    size_t sent;
    uint64_t next_ms;
};

static struct peer new_peer(struct bench *b)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    struct peer peer = {.socket = -1};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(peer.listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(peer.listener, 8), 0);
    assert_int_equal(getsockname(peer.listener, (struct sockaddr *)&address, &length), 0);
    free(b->base);
    b->base = ts_format("http://127.0.0.1:%u", ntohs(address.sin_port));
    return peer;
}

static void send_more(struct peer *peer, const char *bytes)
{
    ssize_t sent;

    if (peer->socket < 0)
        peer->socket = accept4(peer->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    sent = peer->socket >= 0 ? send(peer->socket, bytes, strlen(bytes), MSG_NOSIGNAL) : 0;
    peer->sent += sent > 0 ? (size_t)sent : 0;
}

static void free_peer(struct peer *peer)
{
    (void)close(peer->socket);
    (void)close(peer->listener);
}

/* A byte each 50 ms. */
static void drip(struct peer *peer)
{
    if (ts_now_ms() < peer->next_ms)
        return;
    send_more(peer, peer->sent == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" : ".");
    peer->next_ms = ts_now_ms() + 50;
}

static void test_a_reply_that_drips_is_given_up(void **state)
{
    struct bench *b = *state;
    struct peer peer = new_peer(b);

    use_bounds(b, &(struct ts_http_client_options){.slow_timeout_s = 1});
    (void)start(b, "GET", "/", NULL, 0);
    assert_true(TEST_WAIT(b->loop, (drip(&peer), b->answers == 1)));
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_non_null(strstr(b->err.text, "too slow"));
    free_peer(&peer);
}

/* The limit is curl's own; what arrives beyond it is in the buffers of the kernel at most. */
static void test_headers_without_end_are_given_up(void **state)
{
    struct bench *b = *state;
    struct peer peer = new_peer(b);

    (void)start(b, "GET", "/", NULL, 0);
    assert_true(TEST_WAIT(b->loop, (send_more(&peer, peer.sent ? "X-Header: and one more\r\n"
                                                               : "HTTP/1.1 200 OK\r\n"),
                                    b->answers == 1)));
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_in_range(peer.sent, 100000, 1 << 20);
    free_peer(&peer);
}

static int option_of(int descriptor, int level, int name)
{
    int value = 0;
    socklen_t length = sizeof(value);

    assert_int_equal(getsockopt(descriptor, level, name, &value, &length), 0);
    return value;
}

/* The client's end of its connection to `port`, of all the descriptors of this process. */
static int find_connection(uint16_t port)
{
    for (int descriptor = 0; descriptor < 1024; descriptor++) {
        struct sockaddr_in address = {0};
        socklen_t length = sizeof(address);

        if (getpeername(descriptor, (struct sockaddr *)&address, &length) == 0 &&
            address.sin_family == AF_INET && ntohs(address.sin_port) == port)
            return descriptor;
    }
    return -1;
}

static void test_the_kernel_looks_after_peers_that_are_gone(void **state)
{
    struct bench *b = *state;
    int connection;

    (void)start(b, "GET", "/hold", NULL, 0);
    assert_true(TEST_WAIT(b->loop, b->held));
    connection = find_connection((uint16_t)strtoul(strrchr(b->base, ':') + 1, NULL, 10));
    assert_true(connection >= 0);
    assert_int_equal(option_of(connection, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(option_of(connection, IPPROTO_TCP, TCP_KEEPIDLE), 20);
    assert_int_equal(option_of(connection, IPPROTO_TCP, TCP_KEEPINTVL), 5);
    assert_int_equal(option_of(connection, IPPROTO_TCP, TCP_USER_TIMEOUT), 20000);
    ts_request_reply(b->held, 200, NULL, "", 0);
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
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
        TEST(test_connections_are_bounded_and_so_is_waiting_for_one),
        TEST(test_a_request_may_have_a_smaller_limit_of_its_own),
        TEST(test_a_reply_that_drips_is_given_up),
        TEST(test_headers_without_end_are_given_up),
        TEST(test_the_kernel_looks_after_peers_that_are_gone),
        TEST(test_a_cancelled_request_never_answers),
        TEST(test_a_server_may_go_while_it_holds_a_request),
        TEST(test_the_admin_socket_is_ours_alone_and_replaces_a_dead_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
