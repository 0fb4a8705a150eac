/* SPDX-License-Identifier: MIT */
/* The HTTP server and what no decent client would send: each gets a clear answer or a closed
 * connection, and the next one is served as before. */
#include "component/io/http_bench.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum {
    HEADER_MAX = 4096,
    BODY_MAX = 100000,
    IDLE_MS = 150,
    DROP_MS = 50,
    HEAD_MS = 600,
    REQUEST_MS = 1800,
    CONNECTIONS_MAX = 5,
};

static struct bench *open_with_idle_timeout(uint32_t idle_ms)
{
    const struct ts_http_server_options options = {.max_header_bytes = HEADER_MAX,
                                                   .max_body_bytes = BODY_MAX,
                                                   .max_kept_bytes = 256 << 20,
                                                   .idle_timeout_ms = idle_ms,
                                                   .head_timeout_ms = HEAD_MS,
                                                   .request_timeout_ms = REQUEST_MS,
                                                   .max_connections = CONNECTIONS_MAX};

    return bench_open(&options);
}

static int setup(void **state)
{
    *state = open_with_idle_timeout(IDLE_MS);
    return 0;
}

/* Nobody is sent away for being silent. */
static int setup_patient(void **state)
{
    *state = open_with_idle_timeout(60000);
    return 0;
}

static int teardown(void **state)
{
    bench_close(*state);
    return 0;
}

/* A request of its own, as everybody else sends it. */
static void assert_it_serves(struct bench *b)
{
    struct line line;

    line_open(&line, b);
    line_send(&line, "GET /echo HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_status(&line), 200);
    line_close(&line);
}

#define BYTES(text) (text), sizeof(text) - 1

static void test_what_makes_no_sense_is_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        int status; /* 0: closed without an answer */
    } cases[] = {
        {BYTES("nonsense\r\n\r\n"), 400},
        {BYTES("\r\n\r\n"), 400},
        {BYTES("GET /echo\r\n\r\n"), 400},
        {BYTES("GET /echo HTTP/2.0\r\n\r\n"), 400},
        {BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400},
        {BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), 400},
        {BYTES("GET /echo\0 HTTP/1.1\r\n" CLOSE), 400},
        {BYTES("GET /echo HTTP/1.1\r\nX-Test\0: a\r\n" CLOSE), 400},
        {BYTES("GET /echo HTTP/1.1\r\nno colon\r\n" CLOSE), 400},
        {BYTES("GET /echo HTTP/1.1\r\n: no name\r\n" CLOSE), 400},
        {BYTES("GET /echo HTTP/1.1\r\nX Test: a\r\n" CLOSE), 400},
        {BYTES("GET /echo HTTP/1.1\r\n folded from nothing\r\n" CLOSE), 400},
        {BYTES("GET //echo HTTP/1.1\r\n" CLOSE), 400},
        {BYTES("GET ? HTTP/1.1\r\n" CLOSE), 400},
        {BYTES("GET /echo?q=%zz HTTP/1.1\r\n" CLOSE), 400},
        {BYTES("GET /echo?q=%00 HTTP/1.1\r\n" CLOSE), 400},
        {BYTES("GET /echo?q=%ff HTTP/1.1\r\n" CLOSE), 400},
        {BYTES("GET /echo/%00 HTTP/1.1\r\n" CLOSE), 404},
        {BYTES("GET /echo/\xff HTTP/1.1\r\n" CLOSE), 404},
        {BYTES("GET /../etc/passwd HTTP/1.1\r\n" CLOSE), 404},
        {BYTES("GET * HTTP/1.1\r\n" CLOSE), 404},
        {BYTES("OPTIONS /echo HTTP/1.1\r\n" CLOSE), 405},
        {BYTES("BREW /echo HTTP/1.1\r\n" CLOSE), 501},
        {BYTES("get /echo HTTP/1.1\r\n" CLOSE), 501},
        {BYTES("TRACE /echo HTTP/1.1\r\n" CLOSE), 501},
        {BYTES("CONNECT a:1 HTTP/1.1\r\n" CLOSE), 501},
        {BYTES("POST /echo HTTP/1.1\r\nContent-Length: -1\r\n" CLOSE), 400},
        {BYTES("POST /echo HTTP/1.1\r\nContent-Length: 3x\r\n" CLOSE "abc"), 400},
        {BYTES("POST /echo HTTP/1.1\r\nContent-Length: 100001\r\n" CLOSE "abc"), 413},
        {BYTES("POST /echo HTTP/1.1\r\nContent-Length: 100001\r\n\r\nabc"), 413},
        {BYTES("POST /echo HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n" CLOSE), 413},
        {BYTES("POST /echo HTTP/1.1\r\nContent-Length: 100001\r\nExpect: 100-continue\r\n" CLOSE),
         413},
        {BYTES("POST /echo HTTP/1.1\r\nContent-Length: 1\r\nExpect: a-pony\r\n" CLOSE "a"), 417},
        {BYTES("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE "-3\r\nabc"), 413},
        {BYTES("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE "zz\r\nabc"), 413},
        {BYTES("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE "ffffff\r\n"), 413},
        {BYTES("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE
               "7fffffffffffffff\r\n"),
         413},
        {BYTES("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE
               "fffffffffffffffff\r\n"),
         413},
        /* Two readings of where the body ends. */
        {BYTES("POST /echo HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 2\r\n\r\nabc"), 400},
        {BYTES("POST /echo HTTP/1.1\r\nContent-Length : 3\r\n\r\nabc"), 400},
        {BYTES("POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc"), 400},
        {BYTES("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
               "3\r\nabc\r\n0\r\n\r\n"),
         400},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct line line;
        int status;

        line_open(&line, b);
        status = line_ask(&line, cases[i].bytes, cases[i].length);
        if (status != cases[i].status)
            fail_msg("%zu: %s is answered %d", i, cases[i].bytes, status);
        assert_int_equal(line_count(&line, "HTTP/1."), 1); /* nothing was smuggled behind it */
        line_close(&line);
    }
    assert_int_equal(b->asked, 0);
    assert_it_serves(b);
}

static void test_odd_requests_are_served_all_the_same(void **state)
{
    static const struct {
        const char *text;
        const char *echo;
    } cases[] = {
        {"GET /echo HTTP/1.0\r\n\r\n", "GET /echo 127.0.0.1 public name=- q=- h=- 0:"},
        {"GET /echo HTTP/1.1\nConnection: close\n\n", "GET /echo 127.0.0.1"},
        {"GET /echo HTTP/1.1\r\nx-test:  a \r\n" CLOSE, "h=a 0:"},
        {"GET /echo HTTP/1.1\r\nX-Test: a\r\n b\r\n" CLOSE, "h=a b 0:"},
        {"GET /echo/..%2f?q=a%20b+c HTTP/1.1\r\n" CLOSE, "name=../ q=a b c"},
        {"GET /echo?q HTTP/1.1\r\n" CLOSE, "q= h"},
        {"GET http://elsewhere/echo HTTP/1.1\r\n" CLOSE, "GET /echo"},
        {"POST /echo HTTP/1.1\r\n" CLOSE, " 0:"},
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE
         "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: x\r\n\r\n",
         NULL}, /* chunk extensions are not spoken: refused, below */
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE
         "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: x\r\n\r\n",
         " 5:abcde"},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct line line;
        int status;

        line_open(&line, b);
        status = line_ask(&line, cases[i].text, strlen(cases[i].text));
        if (!cases[i].echo)
            assert_int_equal(status, 413);
        else if (status != 200 || !strstr(line.in.data, cases[i].echo))
            fail_msg("%s: %s", cases[i].text, line.in.data);
        line_close(&line);
    }
}

static void test_a_head_has_the_length_of_the_body_and_no_body(void **state)
{
    struct bench *b = *state;
    struct line line;

    line_open(&line, b);
    line_send(&line, "HEAD /echo HTTP/1.1\r\n\r\nHEAD /nowhere HTTP/1.1\r\n\r\n"
                     "GET /echo HTTP/1.1\r\n" CLOSE);
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_count(&line, "HTTP/1.1 "), 3); /* a body would end the second's head */
    assert_int_equal(line_count(&line, "Content-Length: 45\r\n"), 1);
    assert_int_equal(line_count(&line, "HEAD /echo"), 0);
    assert_int_equal(line_count(&line, "nothing under this path"), 0);
    assert_int_equal(line_count(&line, "GET /echo"), 1);
    line_close(&line);
}

static void on_no_content(struct ts_request *request, void *arg)
{
    (void)arg;
    ts_request_reply(request, 204, NULL, "ignored", 7);
}

static void test_no_content_is_no_content(void **state)
{
    struct bench *b = *state;
    struct line line;

    ts_http_server_route(b->server, "GET", "/none", on_no_content, b);
    line_open(&line, b);
    line_send(&line, "GET /none HTTP/1.1\r\n\r\nGET /none HTTP/1.1\r\n" CLOSE);
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_count(&line, "HTTP/1.1 204 No Content\r\n"), 2);
    assert_int_equal(line_count(&line, "ignored"), 0);
    line_close(&line);
}

static void test_a_known_path_tells_its_methods(void **state)
{
    struct bench *b = *state;
    struct line line;

    line_open(&line, b);
    line_send(&line, "PUT /hold HTTP/1.1\r\n" CLOSE);
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_status(&line), 405);
    assert_int_equal(line_count(&line, "Allow: GET, HEAD, POST\r\n"), 1);
    assert_int_equal(line_count(&line, "Content-Type: application/problem+json\r\n"), 1);
    assert_int_equal(line_count(&line, "\"status\":405"), 1);
    line_close(&line);
}

static void test_expect_continue_is_answered_before_the_body(void **state)
{
    struct bench *b = *state;
    struct line line;

    line_open(&line, b);
    line_send(&line, "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n" CLOSE);
    assert_true(LINE_WAIT(&line, line_count(&line, "HTTP/1.1 100 Continue\r\n\r\n") == 1));
    assert_int_equal(b->asked, 0);
    line_send(&line, "abc");
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_count(&line, " 3:abc"), 1);
    line_close(&line);
}

static void test_pipelined_requests_are_answered_in_order(void **state)
{
    struct bench *b = *state;
    struct line line;

    line_open(&line, b);
    line_send(&line,
              "GET /echo/1 HTTP/1.1\r\n\r\nPOST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
              "GET /hold HTTP/1.1\r\n\r\nGET /echo/2 HTTP/1.1\r\n" CLOSE);
    assert_true(LINE_WAIT(&line, b->held_count == 1));
    assert_int_equal(b->asked, 3); /* the fourth waits behind the held one */
    ts_request_reply(b->held[0], 200, "text/plain", "held", 4);
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_count(&line, "HTTP/1.1 200 OK"), 4);
    assert_true(strstr(line.in.data, "held") < strstr(line.in.data, "/echo/2"));
    line_close(&line);
}

static char *filled(size_t length)
{
    char *bytes = ts_alloc(length + 1);

    memset(bytes, 'a', length);
    return bytes;
}

static void test_a_body_up_to_the_limit_is_taken_whole(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *body = filled(BODY_MAX);
    struct line line;

    line_open(&line, b);
    line_send(&line, "POST /echo HTTP/1.1\r\nContent-Length: 100000\r\n" CLOSE);
    line_send_bytes(&line, body, BODY_MAX);
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_count(&line, " 100000:aaa"), 1);
    assert_string_equal(line.in.data + line.in.len - 5, "aaaaa");
    line_close(&line);
}

/* Sends `piece` again and again until the server has had enough of it. */
static int flood(struct bench *b, const char *head, const char *piece, size_t length)
{
    struct line line;
    size_t sent = 0;
    int status;

    line_open(&line, b);
    line_send(&line, head);
    while (!line.is_closed && sent < (64u << 20)) {
        line_send_bytes(&line, piece, length);
        (void)line_receive(&line);
        sent += length;
    }
    assert_true(line.is_closed);
    assert_true(sent < (32u << 20));
    status = line_status(&line);
    line_close(&line);
    return status;
}

static void test_floods_end_before_they_fill_the_memory(void **state)
{
    static const char chunked[] = "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    static const char trailers[] = "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    struct bench *b = *state;
    TS_AUTOFREE char *bytes = filled(65536);
    TS_AUTOFREE char *chunk = ts_format("1000\r\n%.4096s\r\n", bytes);

    assert_int_equal(flood(b, "GET /", bytes, 65536), 400);
    assert_int_equal(flood(b, "GET /echo HTTP/1.1\r\nX-Test: ", bytes, 65536), 400);
    assert_int_equal(flood(b, "GET /echo HTTP/1.1\r\n", "X-Test: yes\r\n", 13), 400);
    assert_int_equal(flood(b, chunked, chunk, strlen(chunk)), 413);
    assert_int_equal(flood(b, trailers, "X-Test: yes\r\n", 13), 413);
    assert_int_equal(flood(b, chunked, bytes, 65536), 0); /* a chunk's length without end */
    assert_int_equal(b->asked, 0);
    assert_it_serves(b);
}

static void test_a_held_request_does_not_take_in_what_follows(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *bytes = filled(65536);
    struct line line;
    size_t sent = 0;

    line_open(&line, b);
    line_send(&line, "GET /hold HTTP/1.1\r\n\r\n");
    assert_true(LINE_WAIT(&line, b->held_count == 1));
    for (int i = 0; i < 1000; i++) {
        ssize_t got = send(line.descriptor, bytes, 65536, MSG_NOSIGNAL);

        sent += got > 0 ? (size_t)got : 0;
        ts_loop_turn(b->loop, 0);
    }
    assert_true(sent < (32u << 20)); /* what the kernel holds, no more */
    ts_request_reply(b->held[0], 200, NULL, "x", 1);
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_count(&line, "HTTP/1.1 200 OK"), 1);
    line_close(&line);
}

static void test_a_silent_client_is_sent_away(void **state)
{
    static const char *const begins[] = {"", "GET", "GET /echo HTTP/1.1\r\nX-Te",
                                         "POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf",
                                         "GET /echo HTTP/1.1\r\n\r\n" /* and keeps the line */};
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(begins); i++) {
        uint64_t began = ts_now_ms();
        struct line line;

        line_open(&line, b);
        line_send(&line, begins[i]);
        assert_true(LINE_WAIT(&line, line.is_closed));
        assert_in_range(ts_now_ms() - began, IDLE_MS - 1, 5000);
        line_close(&line);
    }
}

/* A drop now and then. */
static void drip(struct bench *b, const char *start, const char *drop, uint64_t limit_ms)
{
    uint64_t began = ts_now_ms();
    struct line line;

    line_open(&line, b);
    line_send(&line, start);
    for (int i = 0; i < 20; i++) /* it is taken in before the first drop */
        ts_loop_turn(b->loop, 1);
    while (!line.is_closed && ts_now_ms() - began < 20000) {
        line_send(&line, drop);
        for (uint64_t until = ts_now_ms() + DROP_MS; ts_now_ms() < until;)
            ts_loop_turn(b->loop, 5);
        (void)line_receive(&line);
    }
    assert_true(line.is_closed);
    assert_in_range(ts_now_ms() - began, limit_ms - 1, 10000);
    line_close(&line);
}

static void test_a_client_that_sends_drop_by_drop_is_sent_away(void **state)
{
    struct bench *b = *state;

    drip(b, "", "P", HEAD_MS);
    drip(b, "GET /echo HTTP/1.1\r\n", "A:b\r\n", HEAD_MS);
    drip(b, "POST /echo HTTP/1.1\nContent-Length: 99\n\n", "a", REQUEST_MS);
    drip(b, "POST /echo HTTP/1.1\r\nContent-Length: 99\r\n\r\n", "a", REQUEST_MS);
    drip(b, "POST /echo HTTP/1.1\r\nContent-Length: 99\r\nExpect: 100-continue\r\n\r\n", "a",
         REQUEST_MS);
    assert_int_equal(b->asked, 0);
    assert_it_serves(b);
}

/* Reads enough for the server to go on writing all the time, too little to come to the end soon. */
static void test_a_client_that_reads_drop_by_drop_is_sent_away(void **state)
{
    enum { BIG = 64 << 20, DROP = 512 << 10 };
    struct bench *b = *state;
    TS_AUTOFREE char *body = filled(BIG);
    size_t total = 0;
    uint64_t began;
    struct line line;

    line_open(&line, b);
    line_send(&line, "GET /hold HTTP/1.1\r\n\r\n");
    assert_true(LINE_WAIT(&line, b->held_count == 1));
    ts_request_reply(b->held[0], 200, NULL, body, BIG);
    for (began = ts_now_ms(); !line.is_closed && ts_now_ms() - began < 10000;) {
        ssize_t got = recv(line.descriptor, body, DROP, 0);

        total += got > 0 ? (size_t)got : 0;
        line.is_closed = got == 0 || (got < 0 && errno != EAGAIN);
        for (uint64_t until = ts_now_ms() + 25; ts_now_ms() < until;)
            ts_loop_turn(b->loop, 5);
    }
    assert_true(line.is_closed);
    assert_true(total < BIG);
    line_close(&line);
    assert_it_serves(b);
}

static void test_a_handler_may_take_longer_than_a_client(void **state)
{
    struct bench *b = *state;
    uint64_t began = ts_now_ms();
    struct line line;

    line_open(&line, b);
    line_send(&line, "GET /hold HTTP/1.1\r\n" CLOSE);
    while (ts_now_ms() - began < 4 * IDLE_MS + 1200) /* beyond every limit, and a sweep */
        ts_loop_turn(b->loop, 20);
    assert_int_equal(b->held_count, 1);
    ts_request_reply(b->held[0], 200, NULL, "late", 4);
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_count(&line, "late"), 1);
    line_close(&line);
}

static void test_a_client_may_leave_while_its_request_is_held(void **state)
{
    struct bench *b = *state;
    struct line lines[2];

    line_open(&lines[0], b);
    line_send(&lines[0], "GET /hold HTTP/1.1\r\n\r\n");
    line_open(&lines[1], b);
    line_send(&lines[1], "POST /hold HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
    assert_true(LINE_WAIT(&lines[0], b->held_count == 2));
    line_close(&lines[0]);
    line_close(&lines[1]);
    for (int i = 0; i < 10; i++)
        ts_loop_turn(b->loop, IDLE_MS / 5);
    for (size_t i = 0; i < 2; i++)
        ts_request_reply(b->held[i], 200, NULL, "x", 1);
    assert_it_serves(b);
}

static void test_the_server_may_go_with_requests_held(void **state)
{
    struct bench *b = *state;
    struct line line;
    struct line other;

    line_open(&line, b);
    line_send(&line, "GET /hold HTTP/1.1\r\n\r\n");
    line_open_unix(&other, b);
    line_send(&other, "POST /hold HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
    assert_true(LINE_WAIT(&line, b->held_count == 2));
    ts_http_server_free(TS_STEAL(b->server));
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_status(&line), 503);
    assert_true(LINE_WAIT(&other, other.is_closed));
    assert_int_equal(line_status(&other), 503);
    line_close(&line);
    line_close(&other);
}

static void test_the_server_may_go_with_connections_in_every_state(void **state)
{
    struct bench *b = *state;
    struct line lines[4];

    for (size_t i = 0; i < TS_COUNT_OF(lines); i++)
        line_open(&lines[i], b);
    line_send(&lines[0], "GET /ec");
    line_send(&lines[1], "POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf");
    line_send(&lines[2], "GET /echo HTTP/1.1\r\n\r\n");
    ts_http_server_free(TS_STEAL(b->server));
    for (size_t i = 0; i < TS_COUNT_OF(lines); i++) {
        assert_true(LINE_WAIT(&lines[i], lines[i].is_closed));
        line_close(&lines[i]);
    }
}

static void test_connections_beyond_the_limit_wait_and_the_admin_socket_does_not(void **state)
{
    struct bench *b = *state;
    struct line lines[CONNECTIONS_MAX];
    struct line late;
    struct line admin;

    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        line_open(&lines[i], b);
        line_send(&lines[i], "GET /hold HTTP/1.1\r\n" CLOSE);
    }
    assert_true(LINE_WAIT(&lines[0], b->held_count == CONNECTIONS_MAX));
    line_open(&late, b);
    line_send(&late, "GET /echo/late HTTP/1.1\r\n" CLOSE);
    line_open_unix(&admin, b);
    line_send(&admin, "GET /echo/admin HTTP/1.1\r\n" CLOSE);
    assert_true(LINE_WAIT(&admin, admin.is_closed));
    assert_int_equal(line_status(&admin), 200);
    for (int i = 0; i < 40; i++) /* longer than a sweep */
        ts_loop_turn(b->loop, 20);
    assert_false(line_receive(&late));
    assert_false(late.is_closed);
    ts_request_reply(b->held[0], 200, NULL, "x", 1);
    assert_true(LINE_WAIT(&late, late.is_closed));
    assert_int_equal(line_status(&late), 200);
    for (size_t i = 1; i < CONNECTIONS_MAX; i++)
        ts_request_reply(b->held[i], 200, NULL, "x", 1);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        assert_true(LINE_WAIT(&lines[i], lines[i].is_closed));
        assert_int_equal(line_status(&lines[i]), 200);
        line_close(&lines[i]);
    }
    line_close(&late);
    line_close(&admin);
    assert_it_serves(b);
}

static int highest_descriptor(void)
{
    int highest = dup(0);

    (void)close(highest);
    return highest;
}

static void test_a_process_without_descriptors_does_not_spin(void **state)
{
    struct bench *b = *state;
    struct rlimit before;
    struct rlimit tight;
    struct line line;
    unsigned turns = 0;
    uint64_t began;

    if (getenv("TS_UNDER_VALGRIND")) /* it has a limit of its own, and loses what it refuses */
        skip();
    line_open(&line, b);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    tight = before;
    tight.rlim_cur = (rlim_t)highest_descriptor(); /* not one more */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    for (began = ts_now_ms(); ts_now_ms() - began < 200; turns++)
        ts_loop_turn(b->loop, 50);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(turns < 20);
    line_send(&line, "GET /echo HTTP/1.1\r\n" CLOSE);
    assert_true(LINE_WAIT(&line, line.is_closed)); /* accepted after all */
    assert_int_equal(line_status(&line), 200);
    line_close(&line);
}

static void test_the_unix_socket_is_the_admins(void **state)
{
    struct bench *b = *state;
    struct stat found;
    struct line line;

    assert_int_equal(stat(b->path, &found), 0);
    assert_int_equal(found.st_mode, S_IFSOCK | 0600);
    line_open_unix(&line, b);
    line_send(&line, "GET /echo HTTP/1.1\r\n" CLOSE);
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_count(&line, "GET /echo unix admin "), 1);
    line_close(&line);
}

static void test_only_a_dead_socket_is_replaced(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *path = ts_format("%s/other", b->folder);
    TS_AUTOFREE char *long_path = filled(200);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FILE *file;

    assert_int_equal(ts_http_server_listen_unix(b->server, b->path), -EADDRINUSE); /* alive */
    memcpy(address.sun_path, path, strlen(path));
    assert_int_equal(bind(dead, (const struct sockaddr *)&address, sizeof(address)), 0);
    (void)close(dead);
    assert_int_equal(ts_http_server_listen_unix(b->server, path), 0);
    (void)unlink(path);

    file = fopen(path, "w"); /* no socket at all: a slip in the configuration deletes nothing */
    assert_non_null(file);
    (void)fclose(file);
    assert_int_equal(ts_http_server_listen_unix(b->server, path), -EEXIST);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ts_http_server_listen_unix(b->server, ""), -EINVAL);
    assert_int_equal(ts_http_server_listen_unix(b->server, long_path), -ENAMETOOLONG);
    assert_int_equal(ts_http_server_listen_unix(b->server, "/nowhere/at/all"), -ENOENT);
}

static void test_addresses_are_taken_or_refused(void **state)
{
    static const char *const wrong[] = {
        "", "127.0.0.1", ":", "[::1", "127.0.0.1:http:x", "127.0.0.1:99999999", "[127.0.0.1:80"};
    struct bench *b = *state;
    TS_AUTOFREE char *taken = ts_format("127.0.0.1:%u", b->port);
    uint16_t port = 0;

    for (size_t i = 0; i < TS_COUNT_OF(wrong); i++) {
        if (ts_http_server_listen_tcp(b->server, wrong[i], NULL) >= 0)
            fail_msg("%s was taken", wrong[i]);
    }
    assert_int_equal(ts_http_server_listen_tcp(b->server, taken, NULL), -EADDRINUSE);
    assert_int_equal(ts_http_server_listen_tcp(b->server, "localhost:0", &port), 0);
    assert_int_not_equal(port, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_makes_no_sense_is_refused),
        TEST(test_odd_requests_are_served_all_the_same),
        TEST(test_a_head_has_the_length_of_the_body_and_no_body),
        TEST(test_no_content_is_no_content),
        TEST(test_a_known_path_tells_its_methods),
        TEST(test_expect_continue_is_answered_before_the_body),
        TEST(test_pipelined_requests_are_answered_in_order),
        TEST(test_a_body_up_to_the_limit_is_taken_whole),
        TEST(test_floods_end_before_they_fill_the_memory),
        TEST(test_a_held_request_does_not_take_in_what_follows),
        TEST(test_a_silent_client_is_sent_away),
        cmocka_unit_test_setup_teardown(test_a_client_that_sends_drop_by_drop_is_sent_away,
                                        setup_patient, teardown),
        TEST(test_a_client_that_reads_drop_by_drop_is_sent_away),
        TEST(test_a_handler_may_take_longer_than_a_client),
        TEST(test_a_client_may_leave_while_its_request_is_held),
        TEST(test_the_server_may_go_with_requests_held),
        TEST(test_the_server_may_go_with_connections_in_every_state),
        TEST(test_connections_beyond_the_limit_wait_and_the_admin_socket_does_not),
        TEST(test_a_process_without_descriptors_does_not_spin),
        TEST(test_the_unix_socket_is_the_admins),
        TEST(test_only_a_dead_socket_is_replaced),
        TEST(test_addresses_are_taken_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
