/* SPDX-License-Identifier: MIT */
/* A page of the listing: what is asked, and what is believed of the answer. */
#include "directory/google/google_internal.h"
#include "directory/google/google_page_json.h"
#include "unit/directory_google/google_fixture.h"

#include "teamsync/google.h"
#include "teamsync/text.h"

#define API "https://api.example"
#define USER(id)                                                                                   \
    "{\"id\":\"" id "\",\"primaryEmail\":\"u" id "@acme.example\",\"suspended\":false,"            \
    "\"archived\":false}"

struct bench {
    struct ts_loop *loop;
    struct fake_http http;
    struct ts_directory *directory;
    struct ts_connection connection;
    struct ts_op *op;

    unsigned answers;
    struct ts_error err;
    char *page; /* "1047 1048 !1049 next abc": who is on it, who could not be read, what follows */
};

static int setup(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));
    const struct ts_google_options options = {
        .api_url = API, .token_url = TOKEN_URL, .requests_per_minute = 600};

    b->loop = ts_loop_new();
    b->http.port.start = fake_start;
    b->http.loop = b->loop;
    b->directory = ts_google_new(b->loop, &b->http.port, &options);
    ((struct ts_google *)(void *)b->directory)->env.now_ms = fixture_clock;
    b->connection = fixture_connection("r1", fixture_consent);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    ts_op_cancel(&b->op);
    ts_google_free(b->directory);
    assert_int_equal(fake_waiting(&b->http), 0);
    ts_loop_free(b->loop);
    free(b->page);
    free(b);
    return 0;
}

static void on_page(const struct ts_error *err, const struct ts_directory_page *page, void *arg)
{
    struct bench *b = arg;
    struct ts_buf text;

    b->op = NULL;
    b->answers++;
    b->err = *err;
    assert_int_equal(err->cls == TS_OK, page != NULL);
    free(b->page);
    b->page = NULL;
    if (!page)
        return;
    ts_buf_init(&text, 4096);
    (void)ts_buf_addf(&text, "%s", page->has_users ? "" : "none ");
    for (size_t i = 0; i < page->count; i++)
        (void)ts_buf_addf(&text, "%s ", page->users[i].id);
    for (size_t i = 0; i < page->unread_count; i++)
        (void)ts_buf_addf(&text, "!%s ", page->unread[i] ? page->unread[i] : "?");
    (void)ts_buf_addf(&text, "next %s", page->next_token ? page->next_token : "-");
    b->page = text.data;
}

/* Asks for a page, with the token's answer given; the listing's request waits. */
static void ask(struct bench *b, const char *page_token)
{
    b->op = b->directory->ops->list_users(b->directory, &b->connection, page_token, on_page, b);
    if (b->http.started == 0 || strstr(fake_next(&b->http)->url, "token.example")) {
        assert_true(TEST_WAIT(b->loop, fake_waiting(&b->http) > 0));
        fake_answer(&b->http, 200, TOKEN_BODY);
    }
    assert_true(TEST_WAIT(b->loop, fake_waiting(&b->http) > 0));
}

static void list(struct bench *b, const char *page_token, int status, const char *body)
{
    unsigned before = b->answers;

    ask(b, page_token);
    fake_answer(&b->http, status, body);
    assert_true(TEST_WAIT(b->loop, b->answers > before));
}

static void test_it_asks_for_pages_of_500_and_only_what_is_needed(void **state)
{
    struct bench *b = *state;
    const char *url;

    b->connection.may_suspend = true;
    ask(b, NULL);
    url = fake_next(&b->http)->url;
    assert_true(ts_text_starts_with(url, API "/admin/directory/v1/users?customer=my_customer&"));
    assert_non_null(strstr(url, "maxResults=500"));
    assert_non_null(strstr(url, "fields=nextPageToken%2Cusers%28id%2C"));
    assert_null(strstr(url, "pageToken="));
    assert_null(strstr(url, "viewType"));
    fake_answer(&b->http, 200, "{\"users\":[" USER("1") "],\"nextPageToken\":\"a/b=\"}");
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    assert_string_equal(b->page, "1 next a/b=");
}

static void test_the_page_that_follows_is_asked_for_by_its_token(void **state)
{
    struct bench *b = *state;

    b->connection.may_suspend = false;
    ask(b, "a/b=");
    assert_non_null(strstr(fake_next(&b->http)->url, "&pageToken=a%2Fb%3D"));
    assert_non_null(strstr(fake_next(&b->http)->url, "&viewType=domain_public"));
    fake_answer(&b->http, 200, "{\"users\":[" USER("2") "," USER("3") "]}");
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    assert_string_equal(b->page, "2 3 next -");
}

static void test_one_bad_record_is_named_and_stops_no_other(void **state)
{
    struct bench *b = *state;

    list(b, NULL, 200,
         "{\"users\":[" USER(
             "1") ",{\"id\":\"2\",\"primaryEmail\":7},{\"primaryEmail\":\"x\"},9," USER("3") "]}");
    assert_string_equal(b->page, "1 3 !2 !? !? next -");
}

static void test_a_page_without_users_says_so(void **state)
{
    struct bench *b = *state;

    list(b, NULL, 200, "{\"kind\":\"admin#directory#users\"}");
    assert_string_equal(b->page, "none next -");
}

static void test_what_is_no_page_is_no_answer(void **state)
{
    static const struct {
        const char *token;
        int status;
        const char *body;
        enum ts_class cls;
    } cases[] = {
        {NULL, 200, "{\"users\":{}}", TS_RETRY},
        {NULL, 200, "{\"users\":[],\"nextPageToken\":7}", TS_RETRY},
        {NULL, 200, "{\"users\":[],\"nextPageToken\":\"\"}", TS_RETRY},
        {"a", 200, "{\"users\":[],\"nextPageToken\":\"a\"}", TS_RETRY},
        {NULL, 200, "{\"users\":[", TS_RETRY},
        {NULL, 200, "[]", TS_RETRY},
        {NULL, 503, "", TS_RETRY},
        {NULL, 404,
         "{\"error\":{\"message\":\"Domain not found.\",\"errors\":[{\"reason\":\"notFound\"}]}}",
         TS_AUTH},
        {"a", 400, "{\"error\":{\"message\":\"Invalid Input\"}}", TS_REJECTED},
        {"a", 400,
         "{\"error\":{\"message\":\"Bad Request\",\"errors\":[{\"reason\":\"badRequest\"}]}}",
         TS_REJECTED},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        list(b, cases[i].token, cases[i].status, cases[i].body);
        if (b->err.cls != cases[i].cls)
            print_error("%zu: %s\n", i, b->err.text);
        assert_int_equal(b->err.cls, cases[i].cls);
        assert_null(b->page);
    }
}

static void test_a_400_for_a_page_that_follows_is_about_its_token(void **state)
{
    const struct ts_error bad = ts_error_make(TS_AUTH, "google: 400 Invalid Input");
    const struct ts_error absent = ts_error_make(TS_NOT_FOUND, "google: 404 notFound");

    (void)state;
    assert_int_equal(ts_google_page_judge(&bad, "token").cls, TS_REJECTED);
    assert_int_equal(ts_google_page_judge(&bad, NULL).cls, TS_AUTH);
    assert_int_equal(ts_google_page_judge(&absent, NULL).cls, TS_AUTH);
    assert_string_equal(ts_google_page_judge(&absent, NULL).code, "subject_not_found");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_400_for_a_page_that_follows_is_about_its_token),
        TEST(test_it_asks_for_pages_of_500_and_only_what_is_needed),
        TEST(test_the_page_that_follows_is_asked_for_by_its_token),
        TEST(test_one_bad_record_is_named_and_stops_no_other),
        TEST(test_a_page_without_users_says_so),
        TEST(test_what_is_no_page_is_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
