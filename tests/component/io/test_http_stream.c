/* SPDX-License-Identifier: MIT */
/* Answers in pieces: how they begin and end, who waits for whom, and who is told when one of the
 * two sides goes in the middle. */
#include "component/io/http_bench.h"
#include "io/http_internal.h"

enum { IDLE_MS = 300, CONNECTIONS_MAX = 4, PIECE = 100000, KEPT_MAX = 1 << 20 };

#define GET     "GET /pieces HTTP/1.1\r\n\r\n"
#define GET_1_0 "GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
#define LAST    "\r\n0\r\n\r\n"
#define FEW     "few" /* what a short piece is made of */
#define MANY    1000000u

/* Writes a piece whenever it may, `left` of them, then ends. */
static struct producer {
    struct ts_request *request; /* NULL: gone */
    unsigned left;
    size_t size;   /* of a piece of the digit 1; 0: FEW */
    bool pauses;   /* writes only what it is told to */
    bool is_eager; /* writes the first one at once */
    bool is_whole; /* it was a HEAD */
    unsigned writable;
    unsigned gone;
} p;

static void produce(void)
{
    TS_AUTOFREE char *piece = ts_alloc(p.size + 1);

    memset(piece, '1', p.size);
    p.left--;
    if (p.size > 0)
        ts_request_write(p.request, piece, p.size);
    else
        ts_request_write(p.request, FEW, strlen(FEW));
}

static void on_writable(void *arg)
{
    (void)arg;
    p.writable++;
    if (p.pauses)
        return;
    if (p.left > 0)
        produce();
    else
        ts_request_end(TS_STEAL(p.request));
}

static void on_gone(void *arg)
{
    (void)arg;
    p.gone++;
    p.request = NULL;
}

static const struct ts_stream stream = {.on_writable = on_writable, .on_gone = on_gone};

static void on_pieces(struct ts_request *request, void *arg)
{
    struct bench *b = arg;

    unsigned told = p.writable + p.gone;

    b->asked++;
    p.is_whole = !ts_request_begin(request, 200, "text/plain", &stream, b);
    p.request = p.is_whole ? NULL : request;
    if (p.is_eager)
        produce();
    assert_int_equal(p.writable + p.gone, told); /* not from within */
}

static int setup(void **state)
{
    const struct ts_http_server_options options = {
        .max_kept_bytes = KEPT_MAX, .idle_timeout_ms = IDLE_MS, .max_connections = CONNECTIONS_MAX};
    struct bench *b = bench_open(&options);

    p = (struct producer){0};
    ts_http_server_route(b->server, "GET", "/pieces", on_pieces, b);
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

static void turn_for(struct bench *b, uint64_t ms)
{
    for (uint64_t until = ts_now_ms() + ms; ts_now_ms() < until;)
        ts_loop_turn(b->loop, 10);
}

/* Asks, and does not read. */
static void begin(struct line *line, struct bench *b, const char *request)
{
    unsigned asked = b->asked;

    line_open(line, b);
    line_send(line, request);
    assert_true(TEST_WAIT(b->loop, b->asked > asked));
}

/* --- whole --- */

static void test_pieces_are_chunks_and_the_connection_lives_on(void **state)
{
    struct bench *b = *state;
    struct line line;

    p.left = 3;
    begin(&line, b, GET "GET /echo/next HTTP/1.1\r\n\r\n");
    assert_true(LINE_WAIT(&line, line_count(&line, "GET /echo/next") == 1));
    assert_int_equal(line_status(&line), 200);
    assert_int_equal(line_count(&line, "Transfer-Encoding: chunked\r\n"), 1);
    assert_int_equal(line_count(&line, "Content-Type: text/plain\r\n"), 2);
    assert_int_equal(
        line_count(&line, "\r\n\r\n3\r\nfew\r\n3\r\nfew\r\n3\r\nfew" LAST "HTTP/1.1 200"), 1);
    assert_int_equal(p.writable, 4); /* once for having begun */
    assert_int_equal(p.gone, 0);
    assert_int_equal(b->server->events[REFUSED], 0);
    line_close(&line);
}

static void test_with_http_1_0_the_answer_ends_with_the_connection(void **state)
{
    struct bench *b = *state;
    struct line line;

    p.left = 2;
    begin(&line, b, GET_1_0);
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_status(&line), 200);
    assert_int_equal(line_count(&line, "\r\n\r\nfewfew"), 1);
    assert_int_equal(line_count(&line, "Connection: close\r\n"), 1);
    assert_int_equal(line_count(&line, "Content-Length"), 0);
    assert_int_equal(line_count(&line, "chunked"), 0);
    assert_int_equal(line_count(&line, "keep-alive"), 0);
    assert_int_equal(p.gone, 0);
    line_close(&line);
}

static void test_a_head_is_answered_without_pieces(void **state)
{
    struct bench *b = *state;
    struct line line;

    p.left = 3;
    begin(&line, b, "HEAD /pieces HTTP/1.1\r\n\r\nGET /echo/next HTTP/1.1\r\n\r\n");
    assert_true(LINE_WAIT(&line, line_count(&line, "GET /echo/next") == 1));
    assert_true(p.is_whole);
    assert_int_equal(line_count(&line, "Content-Type: text/plain\r\n"), 2);
    assert_int_equal(line_count(&line, "Content-Length"), 1); /* the other's */
    assert_int_equal(line_count(&line, "few"), 0);
    assert_int_equal(p.writable + p.gone, 0);
    line_close(&line);
}

static void test_a_long_answer_arrives_whole_and_is_never_kept_whole(void **state)
{
    enum { PIECES = 60 };
    struct bench *b = *state;
    struct line line;

    p.left = PIECES;
    p.size = PIECE;
    begin(&line, b, GET);
    assert_true(LINE_WAIT(
        &line, (assert_true(outside(b)->kept_bytes < PIECE + 4096), line_count(&line, LAST) == 1)));
    assert_true(line.in.len > (size_t)PIECES * PIECE);
    assert_int_equal(line_count(&line, "186a0\r\n1"), PIECES);
    assert_int_equal(outside(b)->kept_bytes, 0);
    line_close(&line);
}

static void test_a_piece_that_comes_with_the_beginning_is_waited_for(void **state)
{
    enum { MORE_THAN_IS_TAKEN_AT_ONCE = 8 << 20 };
    struct bench *b = *state;
    struct line line;

    b->server->options.max_kept_bytes = 2 * MORE_THAN_IS_TAKEN_AT_ONCE;
    p = (struct producer){
        .is_eager = true, .pauses = true, .left = 1, .size = MORE_THAN_IS_TAKEN_AT_ONCE};
    begin(&line, b, GET);
    turn_for(b, 50);
    assert_int_equal(p.writable, 0);
    assert_true(outside(b)->kept_bytes > PIECE);
    assert_true(LINE_WAIT(&line, p.writable == 1));
    assert_true(outside(b)->kept_bytes < 4096);
    line_close(&line);
}

static void test_many_pieces_in_a_turn_are_told_of_once(void **state)
{
    struct bench *b = *state;
    struct ts_request *first;
    struct line lines[2];

    p = (struct producer){.pauses = true, .left = 9};
    begin(&lines[0], b, GET);
    first = p.request;
    begin(&lines[1], b, GET);
    assert_true(TEST_WAIT(b->loop, p.writable == 2));
    ts_request_write(first, FEW, strlen(FEW));
    ts_request_write(p.request, FEW, strlen(FEW));
    ts_request_write(first, FEW, strlen(FEW));
    turn_for(b, 20);
    assert_int_equal(p.writable, 4);
    assert_true(LINE_WAIT(&lines[0], line_count(&lines[0], "3\r\nfew\r\n3\r\nfew\r\n") == 1));
    line_close(&lines[0]);
    line_close(&lines[1]);
}

/* --- waiting --- */

static void test_a_client_may_be_silent_while_there_is_nothing_to_read(void **state)
{
    struct bench *b = *state;
    struct line line;

    p.left = 1;
    p.pauses = true;
    begin(&line, b, GET);
    turn_for(b, 5 * IDLE_MS + 1200); /* beyond every limit, and a sweep */
    assert_int_equal(p.gone, 0);
    assert_int_equal(p.writable, 1);
    p.pauses = false;
    produce();
    assert_true(LINE_WAIT(&line, line_count(&line, LAST) == 1));
    assert_int_equal(line_count(&line, "3\r\nfew"), 1);
    turn_for(b, 2 * IDLE_MS);
    assert_true(LINE_WAIT(&line, line.is_closed)); /* but not after its end */
    line_close(&line);
}

static void assert_one_that_does_not_read_is_sent_away(struct bench *b, const char *request)
{
    struct line line;

    p = (struct producer){.left = MANY, .size = PIECE};
    begin(&line, b, request);
    for (uint64_t until = ts_now_ms() + 20000; p.gone == 0 && ts_now_ms() < until;) {
        ts_loop_turn(b->loop, 10);
        assert_true(outside(b)->kept_bytes < PIECE + 4096);
        assert_true(p.left > 0);
    }
    assert_int_equal(p.gone, 1);
    assert_null(outside(b)->waiting);
    assert_int_equal(outside(b)->open, 0);
    line_close(&line);
}

static void test_a_client_that_does_not_read_is_sent_away(void **state)
{
    assert_one_that_does_not_read_is_sent_away(*state, GET);
    assert_one_that_does_not_read_is_sent_away(*state, GET_1_0);
}

static void test_room_is_made_by_who_does_not_read_not_by_who_waits(void **state)
{
    struct bench *b = *state;
    struct line waiting;
    struct line others[CONNECTIONS_MAX];

    b->server->options.idle_timeout_ms = 60000;
    p.pauses = true;
    begin(&waiting, b, GET_1_0);
    for (size_t i = 0; i < TS_COUNT_OF(others); i++) {
        line_open(&others[i], b);
        ts_loop_turn(b->loop, 10);
    }
    assert_true(LINE_WAIT(&others[0], others[0].is_closed)); /* the first of the silent */
    assert_int_equal(p.gone, 0);
    p.pauses = false;
    p.left = MANY;
    p.size = PIECE;
    produce();
    for (unsigned before = 0; before != p.writable; turn_for(b, 50))
        before = p.writable; /* until it is not read any more */
    for (size_t i = 0; i < TS_COUNT_OF(others); i++) {
        line_close(&others[i]);
        line_open(&others[i], b);
    }
    assert_true(TEST_WAIT(b->loop, p.gone == 1));
    for (size_t i = 0; i < TS_COUNT_OF(others); i++)
        line_close(&others[i]);
    line_close(&waiting);
}

static void test_a_client_that_talks_meanwhile_is_sent_away_before_it_fills_the_memory(void **state)
{
    enum { TALK = 1 << 16 };
    struct bench *b = *state;
    TS_AUTOFREE char *talk = ts_format("%0*d", TALK, 0);
    struct line line;

    p.pauses = true;
    begin(&line, b, GET);
    for (int i = 0; p.gone == 0 && i < 100; i++) {
        (void)send(line.descriptor, talk, TALK, MSG_NOSIGNAL);
        turn_for(b, 10);
        assert_true(outside(b)->kept_bytes < KEPT_MAX);
    }
    assert_int_equal(p.gone, 1);
    line_close(&line);
}

/* --- in the middle --- */

static void test_a_client_that_leaves_is_told_of_once(void **state)
{
    struct bench *b = *state;

    for (int is_busy = 0; is_busy < 2; is_busy++) {
        struct line line;

        p = (struct producer){.pauses = !is_busy, .left = MANY, .size = PIECE};
        begin(&line, b, GET);
        turn_for(b, 20);
        line_close(&line);
        assert_true(TEST_WAIT(b->loop, p.gone == 1));
        turn_for(b, 20);
        assert_int_equal(p.gone, 1);
    }
}

/* Whoever has not heard of it yet may go on: nothing comes of it. */
static void test_a_client_that_has_left_may_be_written_to(void **state)
{
    struct bench *b = *state;

    for (int ends = 0; ends < 3; ends++) {
        struct line line;

        p = (struct producer){.pauses = true, .left = 9};
        begin(&line, b, GET);
        line_close(&line);
        while (outside(b)->open > 0 && p.gone == 0)
            (void)ts_loop_turn(b->loop, 1);
        if (p.gone > 0)
            continue; /* told in the same turn */
        produce();
        if (ends == 1)
            ts_request_end(p.request);
        if (ends == 2)
            ts_request_abort(p.request);
        turn_for(b, 20);
        assert_int_equal(p.gone, ends ? 0 : 1);
    }
}

static void test_what_is_aborted_is_seen_to_be_incomplete(void **state)
{
    struct bench *b = *state;
    struct line line;
    char byte;

    p = (struct producer){.pauses = true, .left = 9};
    begin(&line, b, GET);
    produce();
    assert_true(LINE_WAIT(&line, line_count(&line, "few") == 1));
    ts_request_abort(p.request);
    assert_true(LINE_WAIT(&line, line.is_closed));
    assert_int_equal(line_count(&line, LAST), 0);
    line_close(&line);

    p = (struct producer){.pauses = true, .left = 9};
    begin(&line, b, GET_1_0);
    produce();
    assert_true(LINE_WAIT(&line, line_count(&line, "few") == 1));
    ts_request_abort(p.request);
    turn_for(b, 20);
    assert_int_equal(recv(line.descriptor, &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    line_close(&line);
    assert_int_equal(p.gone, 0);
    assert_int_equal(outside(b)->open, 0);
}

/* The end is written, but the client never takes it: without chunks, only a reset says so. */
static void test_an_end_that_is_not_read_is_no_end(void **state)
{
    enum { ALL = 8 << 20 };
    struct bench *b = *state;
    struct line line;

    p = (struct producer){.pauses = true, .left = 1, .size = ALL};
    begin(&line, b, GET_1_0);
    produce();
    ts_request_end(p.request);
    assert_true(TEST_WAIT(b->loop, outside(b)->open == 0));
    while (line_receive(&line))
        ;
    assert_true(line.is_closed);
    assert_int_equal(errno, ECONNRESET);
    line_close(&line);
}

static void test_the_server_may_go_in_the_middle(void **state)
{
    struct bench *b = *state;
    struct line lines[3];
    unsigned told;

    b->server->options.max_kept_bytes = 16 << 20;
    p = (struct producer){.pauses = true, .left = 9};
    begin(&lines[0], b, GET);
    turn_for(b, 10);
    produce();
    begin(&lines[1], b, GET_1_0);
    p.size = 8 << 20;
    produce();
    begin(&lines[2], b, GET); /* not even told that it may write */
    told = p.writable + p.gone;
    ts_http_server_free(TS_STEAL(b->server));
    for (size_t i = 0; i < TS_COUNT_OF(lines); i++) {
        assert_true(LINE_WAIT(&lines[i], lines[i].is_closed));
        assert_int_equal(line_count(&lines[i], LAST), 0);
        line_close(&lines[i]);
    }
    assert_int_equal(p.writable + p.gone, told);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pieces_are_chunks_and_the_connection_lives_on),
        TEST(test_with_http_1_0_the_answer_ends_with_the_connection),
        TEST(test_a_head_is_answered_without_pieces),
        TEST(test_a_long_answer_arrives_whole_and_is_never_kept_whole),
        TEST(test_a_piece_that_comes_with_the_beginning_is_waited_for),
        TEST(test_many_pieces_in_a_turn_are_told_of_once),
        TEST(test_a_client_may_be_silent_while_there_is_nothing_to_read),
        TEST(test_a_client_that_does_not_read_is_sent_away),
        TEST(test_room_is_made_by_who_does_not_read_not_by_who_waits),
        TEST(test_a_client_that_talks_meanwhile_is_sent_away_before_it_fills_the_memory),
        TEST(test_a_client_that_leaves_is_told_of_once),
        TEST(test_a_client_that_has_left_may_be_written_to),
        TEST(test_what_is_aborted_is_seen_to_be_incomplete),
        TEST(test_an_end_that_is_not_read_is_no_end),
        TEST(test_the_server_may_go_in_the_middle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
