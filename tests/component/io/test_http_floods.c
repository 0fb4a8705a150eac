/* SPDX-License-Identifier: MIT */
/* The HTTP server with more clients than it has room and memory for: the others are served. All
 * times are long here, so that nothing is freed by waiting. */
#include "component/io/http_bench.h"
#include "io/http_internal.h"

enum {
    CONNECTIONS_MAX = 16,
    BODY_MAX = 100000,
    KEPT_MAX = 1 << 20,
    SHARE = KEPT_MAX / CONNECTIONS_MAX,
    READ_MAX = 4096, /* what evhttp reads of one connection in a turn */
    BIG = 7 << 20,
    CROWD = 40,
};

#define HALF_A_BODY "POST /echo HTTP/1.1\r\nContent-Length: 100000\r\n\r\n"

static void on_big(struct ts_request *request, void *arg)
{
    TS_AUTOFREE char *body = ts_alloc(BIG);

    (void)arg;
    ts_request_reply(request, 200, "application/octet-stream", body, BIG);
}

static int setup(void **state)
{
    const struct ts_http_server_options options = {.max_body_bytes = BODY_MAX,
                                                   .max_kept_bytes = KEPT_MAX,
                                                   .idle_timeout_ms = 60000,
                                                   .head_timeout_ms = 60000,
                                                   .request_timeout_ms = 60000,
                                                   .max_connections = CONNECTIONS_MAX};
    struct bench *b = bench_open(&options);

    ts_http_server_route(b->server, "GET", "/big", on_big, b);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench_close(*state);
    return 0;
}

static const struct ts_http_face *outside(const struct bench *b)
{
    return &b->server->public_face;
}

/* --- bad company --- */

/* One that takes a connection and comes back when it is sent away. */
struct pest {
    struct line line;
    const char *start;
    const char *drop;
    unsigned visits;
};

static void pest_come(struct pest *pest, struct bench *b)
{
    line_open(&pest->line, b);
    (void)send(pest->line.descriptor, pest->start, strlen(pest->start), MSG_NOSIGNAL);
    pest->visits++;
}

static void crowd_come(struct pest *crowd, struct bench *b)
{
    static const struct {
        const char *start;
        const char *drop;
    } kinds[] = {
        {"", ""},
        {"", "G"},
        {"GET /echo HTTP/1.1\r\nX-Te", ""},
        {"GET /echo HTTP/1.1\r\n", "A: b\r\n"},
        {HALF_A_BODY "half", ""},
        {HALF_A_BODY, "a"},
        {"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"},
        {"GET /echo HTTP/1.1\r\n\r\n", ""}, /* and keeps the line */
        {"GET /big HTTP/1.1\r\n\r\n", ""},  /* and does not read */
        {"GET /big HTTP/1.1\r\n\r\n", "GET /big HTTP/1.1\r\n\r\n"},
        {"GET /echo HTTP/1.1\r\n\r\n", "GET /echo HTTP/1.1\r\n\r\nGET /echo HTTP/1.1\r\n\r\n"},
        {"nonsense\r\n\r\n", "nonsense\r\n\r\n"},
    };

    for (size_t i = 0; i < CROWD; i++) {
        crowd[i] = (struct pest){.start = kinds[i % TS_COUNT_OF(kinds)].start,
                                 .drop = kinds[i % TS_COUNT_OF(kinds)].drop};
        pest_come(&crowd[i], b);
    }
}

/* Never reads: it sees that it was sent away when it cannot send, or is told so. */
static void pest_act(struct pest *pest, struct bench *b)
{
    struct line *line = &pest->line;
    char byte;
    ssize_t peeked = recv(line->descriptor, &byte, 1, MSG_PEEK);
    ssize_t sent = send(line->descriptor, pest->drop, strlen(pest->drop), MSG_NOSIGNAL);

    if (peeked == 0 || (peeked < 0 && errno != EAGAIN) || (sent < 0 && errno != EAGAIN)) {
        line_close(line);
        pest_come(pest, b);
    }
}

static void crowd_act(struct pest *crowd, struct bench *b)
{
    for (size_t i = 0; i < CROWD; i++)
        pest_act(&crowd[i], b);
}

static void crowd_leave(struct pest *crowd)
{
    for (size_t i = 0; i < CROWD; i++)
        line_close(&crowd[i].line);
}

/* --- room --- */

static void test_whoever_comes_is_served_whatever_crowd_is_there(void **state)
{
    struct bench *b = *state;
    struct pest crowd[CROWD];
    unsigned visits = 0;

    crowd_come(crowd, b);
    for (int i = 0; i < 40; i++) {
        struct line good;

        line_open(&good, b);
        line_send(&good, "POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: 3\r\n\r\n");
        line_send(&good, "abc");
        assert_true(LINE_WAIT(&good, (crowd_act(crowd, b), good.is_closed)));
        assert_int_equal(line_status(&good), 200);
        assert_int_equal(line_count(&good, "3:abc"), 1);
        assert_true(outside(b)->open <= CONNECTIONS_MAX);
        line_close(&good);
    }
    for (size_t i = 0; i < CROWD; i++)
        visits += crowd[i].visits;
    assert_true(visits > 2 * CROWD); /* there was a crowd at the door all the time */
    crowd_leave(crowd);
    assert_true(TEST_WAIT(b->loop, outside(b)->open == 0));
    assert_int_equal(outside(b)->kept_bytes, 0);
    assert_null(outside(b)->waiting);
}

static void test_a_connection_in_use_outlives_a_flood_of_others(void **state)
{
    struct bench *b = *state;
    struct line good;

    line_open(&good, b);
    for (unsigned i = 1; i <= 60; i++) {
        struct line others[CONNECTIONS_MAX / 2];

        for (size_t j = 0; j < TS_COUNT_OF(others); j++) {
            line_open(&others[j], b);
            line_send(&others[j],
                      j % 2 ? "GET /echo HTTP/1.1\r\n\r\nGET /echo HTTP/1.1\r\n\r\n" : "");
        }
        line_send(&good, "GET /echo/good HTTP/1.1\r\n\r\n");
        assert_true(LINE_WAIT(&good, line_count(&good, "GET /echo/good") == i));
        for (size_t j = 0; j < TS_COUNT_OF(others); j++)
            line_close(&others[j]);
    }
    assert_false(good.is_closed);
    line_close(&good);
}

static void test_a_held_request_never_makes_room(void **state)
{
    enum { HELD = HELD_MAX };
    struct bench *b = *state;
    TS_AUTOFREE char *body = ts_format("%0*d", BODY_MAX, 0);
    struct pest crowd[CROWD];
    struct line lines[HELD];

    for (size_t i = 0; i < HELD; i++) {
        line_open(&lines[i], b);
        line_send(&lines[i], "POST /hold HTTP/1.1\r\nContent-Length: 100000\r\n" CLOSE);
        line_send_bytes(&lines[i], body, BODY_MAX);
    }
    assert_true(LINE_WAIT(&lines[0], b->held_count == HELD));
    crowd_come(crowd, b);
    for (int i = 0; i < 200; i++) {
        crowd_act(crowd, b);
        ts_loop_turn(b->loop, 1);
    }
    for (size_t i = 0; i < HELD; i++) {
        ts_request_reply(b->held[i], 200, NULL, "held", 4);
        assert_true(LINE_WAIT(&lines[i], (crowd_act(crowd, b), lines[i].is_closed)));
        assert_int_equal(line_count(&lines[i], "held"), 1);
        line_close(&lines[i]);
    }
    crowd_leave(crowd);
}

static void test_a_request_that_was_one_too_many_is_answered_once_it_is_held(void **state)
{
    struct bench *b = *state;
    struct line line;

    b->server->options.max_kept_bytes = CONNECTIONS_MAX; /* any request is too much */
    line_open(&line, b);
    line_send(&line, "GET /hold HTTP/1.1\r\n" CLOSE); /* whole in a single read */
    assert_true(LINE_WAIT(&line, b->held_count == 1));
    for (int i = 0; i < 5; i++)
        ts_loop_turn(b->loop, 1);
    ts_request_reply(b->held[0], 200, NULL, "held", 4);
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_count(&line, "held"), 1);
    line_close(&line);
}

static void test_a_turn_begins_when_the_answer_is_read(void **state)
{
    struct bench *b = *state;
    struct line reader;
    struct line idle[CONNECTIONS_MAX];

    b->server->options.max_kept_bytes = 2 * BIG;
    line_open(&reader, b);
    (void)send(reader.descriptor, "GET /big HTTP/1.1\r\n\r\n", 21, MSG_NOSIGNAL);
    assert_true(TEST_WAIT(b->loop, outside(b)->kept_bytes > 0));
    for (size_t i = 0; i < CONNECTIONS_MAX - 1; i++)
        line_open(&idle[i], b);
    assert_true(TEST_WAIT(b->loop, outside(b)->open == CONNECTIONS_MAX));
    assert_true(outside(b)->kept_bytes > 0); /* it has waited longest, until it reads */
    assert_true(LINE_WAIT(&reader, outside(b)->kept_bytes == 0));
    line_open(&idle[CONNECTIONS_MAX - 1], b);
    assert_true(LINE_WAIT(&idle[0], idle[0].is_closed));
    assert_false(reader.is_closed);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        line_close(&idle[i]);
    line_close(&reader);
}

/* The time for a request runs on, and nobody was refused. */
static void test_to_be_told_to_go_on_is_no_answer(void **state)
{
    struct bench *b = *state;
    struct line line;

    line_open(&line, b);
    line_send(&line, "GET /echo/before HTTP/1.1\r\n\r\n");
    assert_true(LINE_WAIT(&line, line_count(&line, "GET /echo/before") == 1));
    line_send(&line, "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    assert_true(LINE_WAIT(&line, line_count(&line, "HTTP/1.1 100 Continue") == 1));
    assert_non_null(outside(b)->waiting);
    assert_true(outside(b)->waiting->has_head);
    assert_true(outside(b)->waiting->asking_since_ms > 0);
    assert_int_equal(b->server->events[REFUSED], 0);
    line_send(&line, "abc");
    assert_true(LINE_WAIT(&line, line_count(&line, " 3:abc") == 1));
    line_close(&line);
}

/* --- memory --- */

static void assert_a_large_request_is_served(struct bench *b, const char *body)
{
    struct line good;

    line_open(&good, b);
    line_send(&good, HALF_A_BODY);
    line_send_bytes(&good, body, BODY_MAX);
    assert_true(LINE_WAIT(&good, line_count(&good, " 100000:") == 1));
    line_close(&good);
}

static void test_half_bodies_take_no_more_than_the_budget(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *body = ts_format("%0*d", BODY_MAX, 0);
    struct line lines[CONNECTIONS_MAX - 1];
    size_t most = 0;
    unsigned gone = 0;

    for (size_t i = 0; i < TS_COUNT_OF(lines); i++) {
        line_open(&lines[i], b);
        line_send(&lines[i], HALF_A_BODY);
    }
    for (size_t sent = 0; sent < BODY_MAX - READ_MAX; sent += READ_MAX) {
        for (size_t i = 0; i < TS_COUNT_OF(lines); i++)
            (void)send(lines[i].descriptor, body, READ_MAX, MSG_NOSIGNAL);
        ts_loop_turn(b->loop, 1);
        most = outside(b)->kept_bytes > most ? outside(b)->kept_bytes : most;
    }
    assert_a_large_request_is_served(b, body);
    assert_in_range(most, KEPT_MAX - BODY_MAX, KEPT_MAX);
    for (size_t i = 0; i < TS_COUNT_OF(lines); i++) {
        (void)line_receive(&lines[i]);
        gone += lines[i].is_closed ? 1 : 0;
        if (lines[i].is_closed && i > 0)
            assert_true(lines[i - 1].is_closed); /* who waited longest went first */
        line_close(&lines[i]);
    }
    assert_in_range(gone, 3, TS_COUNT_OF(lines) - 5); /* no more than needed */
}

static void test_small_requests_live_on_where_large_ones_fill_the_memory(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *body = ts_format("%0*d", BODY_MAX, 0);
    struct line small;
    struct line large[CONNECTIONS_MAX - 1];

    line_open(&small, b);
    line_send(&small, "POST /echo HTTP/1.1\r\nContent-Length: 30000\r\n\r\n");
    line_send_bytes(&small, body, 29999); /* who waits longest */
    for (size_t i = 0; i < TS_COUNT_OF(large); i++) {
        line_open(&large[i], b);
        line_send(&large[i], HALF_A_BODY);
        line_send_bytes(&large[i], body, BODY_MAX - 1);
    }
    assert_true(LINE_WAIT(&large[0], large[0].is_closed));
    line_send(&small, "a");
    assert_true(LINE_WAIT(&small, line_count(&small, " 30000:") == 1));
    for (size_t i = 0; i < TS_COUNT_OF(large); i++)
        line_close(&large[i]);
    line_close(&small);
}

/* evhttp has no limit of its own for the line that announces a chunk, the admin socket no budget.
 */
static void test_what_never_becomes_a_request_ends(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *bytes = ts_format("%0*d", BODY_MAX, 0);
    struct line line;

    line_open_unix(&line, b);
    line_send(&line, "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 10 && !line.is_closed; i++) {
        line_send_bytes(&line, bytes, BODY_MAX);
        (void)line_receive(&line);
    }
    assert_true(LINE_WAIT(&line, line.is_closed));
    line_close(&line);
}

static void test_answers_that_nobody_reads_take_no_more_than_the_budget(void **state)
{
    struct bench *b = *state;
    struct line lines[CONNECTIONS_MAX / 2];

    for (size_t i = 0; i < TS_COUNT_OF(lines); i++) {
        line_open(&lines[i], b);
        line_send(&lines[i], "GET /big HTTP/1.1\r\n\r\nGET /big HTTP/1.1\r\n\r\n");
        for (int turn = 0; turn < 10; turn++)
            ts_loop_turn(b->loop, 1);
        assert_true(outside(b)->kept_bytes <= KEPT_MAX);
    }
    for (size_t i = 0; i < TS_COUNT_OF(lines); i++) {
        assert_true(LINE_WAIT(&lines[i], lines[i].is_closed));
        assert_true(lines[i].in.len < BIG);
        line_close(&lines[i]);
    }
}

/* Two bytes of a header cost a hundred: they count as what they cost. */
static void test_a_header_of_nothing_but_colons_is_counted_in_full(void **state)
{
    enum { FIELDS = 1000, FIELD_BYTES = 112 };
    static const char *const starts[] = {
        "GET /echo HTTP/1.1\r\n",
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    };
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(starts); i++) {
        struct line line;

        line_open(&line, b);
        line_send(&line, starts[i]);
        for (int field = 0; field < FIELDS; field++)
            line_send(&line, ":\n");
        assert_true(LINE_WAIT(&line, outside(b)->kept_bytes >= FIELDS * FIELD_BYTES));
        for (int field = 0; !line.is_closed && field < 9000; field++) {
            line_send(&line, ":\n");
            (void)line_receive(&line);
        }
        assert_true(line.is_closed);
        assert_true(TEST_WAIT(b->loop, outside(b)->open == 0));
        line_close(&line);
    }
}

static void test_the_admin_socket_is_not_touched(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *body = ts_format("%0*d", BODY_MAX, 0);
    struct line lines[CONNECTIONS_MAX * 2];
    struct pest crowd[CROWD];

    for (size_t i = 0; i < TS_COUNT_OF(lines); i++) {
        line_open_unix(&lines[i], b);
        line_send(&lines[i], HALF_A_BODY);
        line_send_bytes(&lines[i], body, BODY_MAX - 1);
    }
    crowd_come(crowd, b);
    for (int i = 0; i < 50; i++) {
        crowd_act(crowd, b);
        ts_loop_turn(b->loop, 1);
    }
    crowd_leave(crowd);
    for (size_t i = 0; i < TS_COUNT_OF(lines); i++) {
        line_send(&lines[i], "a");
        assert_true(LINE_WAIT(&lines[i], line_status(&lines[i]) == 200));
        line_close(&lines[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_whoever_comes_is_served_whatever_crowd_is_there),
        TEST(test_a_connection_in_use_outlives_a_flood_of_others),
        TEST(test_a_held_request_never_makes_room),
        TEST(test_a_request_that_was_one_too_many_is_answered_once_it_is_held),
        TEST(test_a_turn_begins_when_the_answer_is_read),
        TEST(test_to_be_told_to_go_on_is_no_answer),
        TEST(test_half_bodies_take_no_more_than_the_budget),
        TEST(test_small_requests_live_on_where_large_ones_fill_the_memory),
        TEST(test_what_never_becomes_a_request_ends),
        TEST(test_answers_that_nobody_reads_take_no_more_than_the_budget),
        TEST(test_a_header_of_nothing_but_colons_is_counted_in_full),
        TEST(test_the_admin_socket_is_not_touched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
