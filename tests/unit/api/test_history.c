/* SPDX-License-Identifier: MIT */
/* The history over the API: what is asked for, and the file that it is exported to. */
#include "api/history.h"
#include "world.h"

#include "teamsync/log.h"

#define ORG    "/api/v1/orgs/acme"
#define EXPORT ORG "/history/export"

static void assert_asked(struct world *world, const char *query, int status, const char *said)
{
    TS_AUTOFREE char *path = ts_format(ORG "/history%s", query);
    TS_AUTOFREE struct answer *answer = ask(world, "GET", path, NULL);

    assert_int_equal(answer->status, status);
    assert_string_equal(world->said.data, said);
}

static void test_the_filters_are_handed_on(void **state)
{
    struct world *world = world_new();

    (void)state;
    assert_asked(world, "", 200, "get_org acme;history acme - - 50;");
    assert_asked(world, "?member=m_7&limit=9&cursor=5-0", 200,
                 "get_org acme;history acme m_7 5-0 9;");
    assert_asked(world, "?field=team", 200, "get_org acme;history acme - - 50 team 0 0;");
    assert_asked(world, "?since=1970-01-01T00:00:07Z&until=1970-01-01T00:01:00.000Z&field=hold",
                 200, "get_org acme;history acme - - 50 hold 7 60;");
    assert_asked(world, "?member=&field=&since=&until=", 200, "get_org acme;history acme - - 50;");
    world_free(world);
}

static void test_filters_that_make_no_sense_are_refused(void **state)
{
    static const char *const wrong[] = {
        "?member=m%20x",    "?member=../acme", "?field=shoe_size",  "?field=Team",
        "?since=yesterday", "?until=7",        "?since=2026-11-23", "?until=2026-11-23T18:22:30",
    };
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(wrong); i++) {
        TS_AUTOFREE char *export = ts_format("/export%s", wrong[i]);

        assert_asked(world, wrong[i], 400, "get_org acme;");
        assert_asked(world, export, 400, "get_org acme;");
    }
    assert_asked(world, "?cursor=5", 400, "");
    assert_asked(world, "/export?format=xlsx", 400, "get_org acme;");
    world_free(world);
}

#define LINE                                                                                       \
    "{\"id\":\"5-0\",\"member\":\"m_1\",\"email\":\"ada@acme.example\",\"field\":\"team\","        \
    "\"before\":null,\"after\":"                                                                   \
    "\"Engineering\","                                                                             \
    "\"cause\":\"push\",\"job\":\"7-0\",\"at\":\"1970-01-01T00:00:01.000Z\"}\n"
#define ROW "5-0,1970-01-01T00:00:01.000Z,m_1,ada@acme.example,team,,Engineering,push,7-0\r\n"

static void test_an_export_is_every_page_in_one_file(void **state)
{
    static const struct {
        const char *query;
        const char *type;
        const char *name;
        const char *first;
        const char *row;
    } cases[] = {
        {"", "application/x-ndjson", "acme-history.jsonl", "", LINE},
        {"?format=jsonl", "application/x-ndjson", "acme-history.jsonl", "", LINE},
        {"?format=csv", "text/csv; charset=utf-8", "acme-history.csv",
         "id,at,member,email,field,before,after,cause,job\r\n", ROW},
    };
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *path = ts_format(EXPORT "%s", cases[i].query);
        TS_AUTOFREE char *type = ts_format("Content-Type: %s\r\n", cases[i].type);
        TS_AUTOFREE char *disposition =
            ts_format("Content-Disposition: attachment; filename=\"%s\"\r\n", cases[i].name);
        TS_AUTOFREE char *request = ts_format("GET %s HTTP/1.0\r\n\r\n", path);
        TS_AUTOFREE char *whole =
            ts_format("%s%s%s%s", cases[i].first, cases[i].row, cases[i].row, cases[i].row);
        TS_AUTOFREE struct answer *answer = NULL;

        world->pages = 2;
        ts_buf_clear(&world->said);
        answer = ask_bytes(&world->loopback, true, request, strlen(request));
        assert_true(answer_has(answer, " 200 OK"));
        assert_true(answer_has(answer, type));
        assert_true(answer_has(answer, disposition));
        assert_string_equal(body_of(answer), whole);
        assert_string_equal(world->said.data, "get_org acme;history acme - - 500;"
                                              "history acme - 5-0 500;history acme - 5-0 500;");
    }
    world_free(world);
}

static void test_an_export_is_filtered_like_a_list(void **state)
{
    struct world *world = world_new();

    (void)state;
    world->pages = 1;
    assert_asked(world, "/export?member=m_1&field=team&since=1970-01-01T00:00:07Z", 200,
                 "get_org acme;history acme m_1 - 500 team 7 0;history acme m_1 5-0 500 team 7 0;");
    world_free(world);
}

static void test_a_head_of_an_export_reads_one_page_and_sends_none(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    world->pages = 5;
    answer = ask(world, "HEAD", EXPORT, NULL);
    assert_int_equal(answer->status, 200);
    assert_string_equal(body_of(answer), "");
    assert_string_equal(world->said.data, "get_org acme;history acme - - 500;");
    world_free(world);
}

static void test_an_export_that_cannot_begin_is_refused(void **state)
{
    struct world *world = world_new();

    (void)state;
    world->breaks_at_last = true;
    assert_asked(world, "/export", 503, "get_org acme;history acme - - 500;");
    world_free(world);
}

static void test_an_export_that_breaks_in_the_middle_does_not_look_complete(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    world->pages = 3;
    world->breaks_at_last = true;
    answer = ask(world, "GET", EXPORT, NULL);
    assert_int_equal(answer->status, 200);
    assert_true(answer_has(answer, LINE));
    assert_false(answer_has(answer, "\r\n0\r\n\r\n"));
    world_free(world);
}

static void test_an_export_ends_with_its_client_and_with_the_server(void **state)
{
    static const char request[] = "GET " EXPORT " HTTP/1.1\r\n\r\n";

    (void)state;
    for (unsigned is_the_server = 0; is_the_server < 2; is_the_server++) {
        struct world *world = world_new();
        int line = client_send(&world->loopback, true, request, strlen(request));
        size_t said = 0;

        world->pages = 1000000;
        assert_true(TEST_WAIT(world->loopback.loop, world->pages < 999990));
        (void)close(line);
        if (!is_the_server) {
            while (said != world->said.len) {
                said = world->said.len;
                for (int i = 0; i < 20; i++)
                    ts_loop_turn(world->loopback.loop, 5);
            }
            assert_in_range(world->pages, 1, 999990); /* and no more are read */
        }
        world_free(world);
    }
}

/* --- CSV --- */

static void assert_csv(struct ts_history_entry entry, const char *expected)
{
    struct ts_buf out;

    ts_buf_init(&out, 1 << 16);
    ts_history_csv_add(&out, &entry);
    assert_string_equal(out.data, expected);
    ts_buf_done(&out);
}

static void test_csv_quotes_what_it_has_to(void **state)
{
    (void)state;
    assert_csv((struct ts_history_entry){.id = "5-0",
                                         .field = "team",
                                         .before = "R&D, \"West\"",
                                         .after = "a\r\nb",
                                         .cause = "push"},
               "5-0,,,,team,\"R&D, \"\"West\"\"\",\"a\r\nb\",push,\r\n");
    assert_csv((struct ts_history_entry){.id = "5-0", .before = "\"", .after = "M\303\274ller"},
               "5-0,,,,,\"\"\"\",M\303\274ller,,\r\n");
}

static void test_csv_has_no_formulas(void **state)
{
    static const char *const texts[] = {"=1+1",     "+1",  "-1",
                                        "@SUM(A1)", "\tx", "=HYPERLINK(\"x\",1)"};
    static const char *const cells[] = {"'=1+1",     "'+1",  "'-1",
                                        "'@SUM(A1)", "'\tx", "\"'=HYPERLINK(\"\"x\"\",1)\""};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(texts); i++) {
        TS_AUTOFREE char *expected = ts_format("5-0,,,,,%s,,,\r\n", cells[i]);

        assert_csv((struct ts_history_entry){.id = "5-0", .before = texts[i]}, expected);
    }
    assert_csv((struct ts_history_entry){.id = "5-0", .before = "\rx", .after = "a=1"},
               "5-0,,,,,\"'\rx\",a=1,,\r\n");
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
        cmocka_unit_test(test_the_filters_are_handed_on),
        cmocka_unit_test(test_filters_that_make_no_sense_are_refused),
        cmocka_unit_test(test_an_export_is_every_page_in_one_file),
        cmocka_unit_test(test_an_export_is_filtered_like_a_list),
        cmocka_unit_test(test_a_head_of_an_export_reads_one_page_and_sends_none),
        cmocka_unit_test(test_an_export_that_cannot_begin_is_refused),
        cmocka_unit_test(test_an_export_that_breaks_in_the_middle_does_not_look_complete),
        cmocka_unit_test(test_an_export_ends_with_its_client_and_with_the_server),
        cmocka_unit_test(test_csv_quotes_what_it_has_to),
        cmocka_unit_test(test_csv_has_no_formulas),
    };

    return cmocka_run_group_tests(tests, quiet, NULL);
}
