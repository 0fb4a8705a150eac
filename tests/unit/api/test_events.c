/* SPDX-License-Identifier: MIT */
/* The stream of events over HTTP, in a world where time passes quickly. (What is told:
 * test_lookout.c.) */
#include "world.h"

#include "teamsync/log.h"

#define EVENTS "/api/v1/orgs/acme/events"

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

static void test_a_stream_is_heard_until_it_ends_by_itself(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = ask(world, "GET", EVENTS, NULL);

    (void)state;
    assert_int_equal(answer->status, 200);
    assert_true(answer_has(answer, "Content-Type: text/event-stream\r\n"));
    assert_true(answer_has(answer, "Cache-Control: no-store\r\n"));
    assert_true(answer_has(answer, "X-Content-Type-Options: nosniff\r\n"));
    assert_true(answer_has(answer, "X-Accel-Buffering: no\r\n"));
    assert_true(answer_has(answer, "retry: 2000\n\n"));
    assert_true(
        answer_has(answer, "event: connection\nid: 5-0\ndata: {\"state\":\"connected\"}\n\n"));
    assert_true(answer_has(answer, "\r\n0\r\n\r\n"));
    assert_true(ts_text_starts_with(world->said.data, "get_org acme;pause;pause;"));
    assert_in_range(count_of(answer->text, "\n:\n\n"), 1, 19);
    world_free(world);
}

/* That place is told, not one of those behind it. */
static void assert_begins_at(struct world *world, const char *query, const char *headers,
                             const char *place)
{
    TS_AUTOFREE char *path = ts_format(EVENTS "%s", query);
    TS_AUTOFREE char *said = ts_format("news acme %s;", place);
    TS_AUTOFREE struct answer *answer = ask_with(world, true, "GET", path, headers, NULL);

    assert_int_equal(answer->status, 200);
    assert_non_null(strstr(world->said.data, said));
    assert_ptr_equal(strstr(world->said.data, "news "), strstr(world->said.data, said));
}

static void test_it_begins_where_the_client_was(void **state)
{
    struct world *world = world_new();

    (void)state;
    assert_begins_at(world, "", "", "-");
    assert_begins_at(world, "?last_event_id=", "Last-Event-ID:\r\n", "-");
    assert_begins_at(world, "", "Last-Event-ID: 4-2\r\n", "4-2");
    assert_begins_at(world, "?last_event_id=3-1", "", "3-1");
    assert_begins_at(world, "?last_event_id=3-1", "Last-Event-ID: 4-2\r\n", "4-2");
    world_free(world);
}

static void assert_refused(struct world *world, const char *path, const char *headers, int status)
{
    TS_AUTOFREE struct answer *answer = ask_with(world, true, "GET", path, headers, NULL);

    assert_int_equal(answer->status, status);
    assert_null(strstr(world->said.data, "news"));
}

static void test_what_cannot_be_heard_is_refused(void **state)
{
    static const char *const ids[] = {"5", "-", "5-", "x-1", "18446744073709551616-0", "1-0-0"};
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(ids); i++) {
        TS_AUTOFREE char *header = ts_format("Last-Event-ID: %s\r\n", ids[i]);
        TS_AUTOFREE char *query = ts_format(EVENTS "?last_event_id=%s", ids[i]);

        assert_refused(world, EVENTS, header, 400);
        assert_refused(world, query, "", 400);
    }
    assert_refused(world, "/api/v1/orgs/nowhere/events", "", 404);
    world->failing = "get_org";
    world->failure = ts_error_make(TS_RETRY, "redis: no connection");
    assert_refused(world, EVENTS, "", 503);
    world_free(world);
}

static void test_a_head_hears_nothing(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = ask(world, "HEAD", EVENTS, NULL);

    (void)state;
    assert_int_equal(answer->status, 200);
    assert_null(strstr(world->said.data, "news"));
    world_free(world);
}

static void test_none_begins_when_streams_have_ended(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    ts_api_end_streams(world->api);
    answer = ask(world, "GET", EVENTS, NULL);
    assert_int_equal(answer->status, 503);
    assert_true(answer_has(answer, "Retry-After: 5\r\n"));
    world_free(world);
}

static void test_a_stream_goes_with_its_client_and_with_the_server(void **state)
{
    static const char request[] = "GET " EVENTS " HTTP/1.1\r\n\r\n";

    (void)state;
    for (unsigned is_the_server = 0; is_the_server < 2; is_the_server++) {
        struct world *world = world_new();
        int line;

        world->stands_still = true;
        line = client_send(&world->loopback, true, request, strlen(request));
        assert_true(TEST_WAIT(world->loopback.loop, strstr(world->said.data, "news")));
        (void)close(line);
        if (!is_the_server)
            assert_true(TEST_WAIT(world->loopback.loop, world->pauses == 0));
        world_free(world);
    }
}

static int quiet(void **state)
{
    (void)state;
    ts_log_setup(TS_LOG_ERROR, TS_LOG_LOGFMT);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stream_is_heard_until_it_ends_by_itself),
        cmocka_unit_test(test_it_begins_where_the_client_was),
        cmocka_unit_test(test_what_cannot_be_heard_is_refused),
        cmocka_unit_test(test_a_head_hears_nothing),
        cmocka_unit_test(test_none_begins_when_streams_have_ended),
        cmocka_unit_test(test_a_stream_goes_with_its_client_and_with_the_server),
    };

    return cmocka_run_group_tests(tests, quiet, NULL);
}
