/* SPDX-License-Identifier: MIT */
/* The files of a web page, as a browser gets them. */
#include "component/io/http_bench.h"

#include "teamsync/text.h"
#include "teamsync/ui.h"

static const struct {
    const char *extension;
    const char *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},        {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},    {".svg", "image/svg+xml"},
    {".json", "application/json; charset=utf-8"},
};

static struct ts_asset first[] = {{"index.html", "\"a1\"", "first", 5},
                                  {"unknown.bin", "\"a2\"", "?", 1}};
static struct ts_asset second[] = {{"index.html", "\"b1\"", "second", 6},
                                   {"core/more.js", "\"b2\"", "more", 4}};

static int setup(void **state)
{
    const struct ts_http_server_options options = {0};

    *state = bench_open(&options);
    return 0;
}

static int teardown(void **state)
{
    bench_close(*state);
    return 0;
}

static struct bench *with_page(void **state)
{
    struct bench *b = *state;

    ts_ui_add_routes(b->server, ts_page_ui, ts_page_ui_count);
    return b;
}

static const struct ts_asset *asset(const char *path)
{
    for (size_t i = 0; i < ts_page_ui_count; i++) {
        if (ts_text_equal(ts_page_ui[i].path, path))
            return &ts_page_ui[i];
    }
    fail_msg("the page has no %s", path);
    return NULL;
}

/* The whole answer to one request, for the caller to free. `more` are further headers. */
static char *ask(struct bench *b, const char *method, const char *path, const char *more)
{
    TS_AUTOFREE char *request =
        ts_format("%s %s HTTP/1.1\r\nHost: here\r\n%s" CLOSE, method, path, more);
    struct line line;
    char *answer;

    line_open(&line, b);
    (void)line_ask(&line, request, strlen(request));
    answer = ts_strdup(line.in.data);
    line_close(&line);
    return answer;
}

static void assert_status(const char *answer, int status)
{
    TS_AUTOFREE char *wanted = ts_format("HTTP/1.1 %d ", status);

    if (!ts_text_starts_with(answer, wanted))
        fail_msg("not %d but: %.300s", status, answer);
}

static void assert_has(const char *answer, const char *name, const char *value)
{
    TS_AUTOFREE char *wanted = ts_format("\r\n%s: %s\r\n", name, value);

    if (!strstr(answer, wanted))
        fail_msg("no %s: %s in: %.900s", name, value, answer);
}

static const char *body_of(const char *answer)
{
    return strstr(answer, "\r\n\r\n") + 4;
}

static const char *type_of(const char *path)
{
    for (size_t i = 0; i < TS_COUNT_OF(types); i++) {
        if (ts_text_equal(strrchr(path, '.'), types[i].extension))
            return types[i].type;
    }
    fail_msg("%s has a type that no browser is told", path);
    return NULL;
}

static char *address_of(const struct ts_asset *file)
{
    return ts_text_equal(file->path, "index.html") ? ts_strdup("/")
                                                   : ts_format("/ui/%s", file->path);
}

/* Nothing but what comes from here, and nothing that is written into a page. */
static void assert_is_strict(const char *answer)
{
    static const char *const rules[] = {
        "default-src 'none'",  "script-src 'self';", "style-src 'self';",
        "connect-src 'self';", "base-uri 'none'",    "frame-ancestors 'none'",
    };
    const char *policy = strstr(answer, "\r\nContent-Security-Policy: ");
    TS_AUTOFREE char *line = policy ? strndup(policy + 2, strcspn(policy + 2, "\r")) : NULL;

    assert_non_null(line);
    for (size_t i = 0; i < TS_COUNT_OF(rules); i++)
        assert_non_null(strstr(line, rules[i]));
    assert_null(strstr(line, "unsafe"));
    assert_has(answer, "X-Content-Type-Options", "nosniff");
    assert_has(answer, "Referrer-Policy", "no-referrer");
    assert_has(answer, "Cross-Origin-Opener-Policy", "same-origin");
}

static void
test_every_file_of_the_page_is_served_whole_with_its_type_and_a_strict_policy(void **state)
{
    struct bench *b = with_page(state);

    assert_true(ts_page_ui_count > 10);
    for (size_t i = 0; i < ts_page_ui_count; i++) {
        const struct ts_asset *file = &ts_page_ui[i];
        TS_AUTOFREE char *path = address_of(file);
        TS_AUTOFREE char *answer = ask(b, "GET", path, "");

        assert_status(answer, 200);
        assert_has(answer, "Content-Type", type_of(file->path));
        assert_has(answer, "ETag", file->etag);
        assert_has(answer, "Cache-Control", "no-cache");
        assert_is_strict(answer);
        assert_int_equal(strlen(body_of(answer)), file->length);
        assert_string_equal(body_of(answer), file->bytes);
    }
}

static void test_other_bytes_have_another_etag(void **state)
{
    (void)state;
    for (size_t i = 0; i < ts_page_ui_count; i++) {
        const char *etag = ts_page_ui[i].etag;

        assert_int_equal(strlen(etag), 34);
        assert_true(etag[0] == '"' && etag[33] == '"');
        for (size_t j = 0; j < i; j++)
            assert_true(!ts_text_equal(etag, ts_page_ui[j].etag) ||
                        ts_text_equal(ts_page_ui[i].bytes, ts_page_ui[j].bytes));
    }
}

static void test_whoever_has_a_file_is_told_so_without_it(void **state)
{
    struct bench *b = with_page(state);
    const char *etag = asset("style.css")->etag;
    static const struct {
        const char *before;
        const char *after;
    } around[] = {{"", ""}, {"W/", ""}, {"\"other\", ", ""}, {"\"other\", W/", ", \"more\""}};

    for (size_t i = 0; i < TS_COUNT_OF(around); i++) {
        TS_AUTOFREE char *header =
            ts_format("If-None-Match: %s%s%s\r\n", around[i].before, etag, around[i].after);
        TS_AUTOFREE char *answer = ask(b, "GET", "/ui/style.css", header);

        assert_status(answer, 304);
        assert_has(answer, "ETag", etag);
        assert_is_strict(answer);
        assert_string_equal(body_of(answer), "");
    }
}

static void test_whoever_has_an_older_file_gets_the_new_one(void **state)
{
    struct bench *b = with_page(state);
    TS_AUTOFREE char *answer =
        ask(b, "GET", "/ui/style.css", "If-None-Match: \"0123456789abcdef0123456789abcdef\"\r\n");

    assert_status(answer, 200);
    assert_string_equal(body_of(answer), asset("style.css")->bytes);
}

static void test_head_is_the_same_without_the_file(void **state)
{
    struct bench *b = with_page(state);
    const struct ts_asset *file = asset("index.html");
    TS_AUTOFREE char *length = ts_format("%zu", file->length);
    TS_AUTOFREE char *answer = ask(b, "HEAD", "/", "");

    assert_status(answer, 200);
    assert_has(answer, "Content-Type", "text/html; charset=utf-8");
    assert_has(answer, "Content-Length", length);
    assert_has(answer, "ETag", file->etag);
    assert_is_strict(answer);
    assert_string_equal(body_of(answer), "");
}

static void test_nothing_else_is_there(void **state)
{
    struct bench *b = with_page(state);
    static const char *const paths[] = {
        "/index.html",
        "/ui",
        "/ui/",
        "/ui/index.html",
        "/ui/nothing.js",
        "/ui/core",
        "/ui/core/",
        "/ui/core/../style.css",
        "/ui/%2e%2e/ui.c",
        "/style.css",
        "/ui/STYLE.css",
        "/ui//style.css",
        "/ui/style.css/",
        "/ui/text/xx.json",
    };

    for (size_t i = 0; i < TS_COUNT_OF(paths); i++) {
        TS_AUTOFREE char *answer = ask(b, "GET", paths[i], "");

        assert_status(answer, 404);
    }
}

static void test_files_are_read_only(void **state)
{
    struct bench *b = with_page(state);
    TS_AUTOFREE char *answer = ask(b, "POST", "/ui/style.css", "Content-Length: 0\r\n");

    assert_status(answer, 405);
    assert_has(answer, "Allow", "GET, HEAD");
}

static void test_of_two_pages_the_first_one_goes_first(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *start = NULL;
    TS_AUTOFREE char *more = NULL;
    TS_AUTOFREE char *unknown = NULL;

    ts_ui_add_routes(b->server, first, TS_COUNT_OF(first));
    ts_ui_add_routes(b->server, second, TS_COUNT_OF(second));
    start = ask(b, "GET", "/", "");
    more = ask(b, "GET", "/ui/core/more.js", "");
    unknown = ask(b, "GET", "/ui/unknown.bin", "");
    assert_string_equal(body_of(start), "first");
    assert_string_equal(body_of(more), "more");
    assert_has(unknown, "Content-Type", "application/octet-stream");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_every_file_of_the_page_is_served_whole_with_its_type_and_a_strict_policy, setup,
            teardown),
        cmocka_unit_test(test_other_bytes_have_another_etag),
        cmocka_unit_test_setup_teardown(test_whoever_has_a_file_is_told_so_without_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_whoever_has_an_older_file_gets_the_new_one, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_head_is_the_same_without_the_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_else_is_there, setup, teardown),
        cmocka_unit_test_setup_teardown(test_files_are_read_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_of_two_pages_the_first_one_goes_first, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
