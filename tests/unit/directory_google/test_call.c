/* SPDX-License-Identifier: MIT */
/* One authorised request: gate, token, request, and the one repetition after a 401. */
#include "directory/google/call.h"
#include "directory/google/session.h"
#include "unit/directory_google/google_fixture.h"

#include "teamsync/text.h"

#define FORBIDDEN "{\"error\":{\"errors\":[{\"reason\":\"forbidden\"}]}}"
#define DELETED                                                                                    \
    "{\"error\":{\"message\":\"User is deleted.\",\"errors\":[{\"reason\":\"conditionNotMet\"}]}}"

static const struct ts_google_request plain = {
    .name = "users.get", .verb = "GET", .path = "/admin/directory/v1/users/1?fields=id"};

struct bench {
    struct ts_loop *loop;
    struct fake_http http;
    struct ts_google_env env;
    char api_url[32];
    char token_url[32];
    struct ts_google_sessions *sessions;
    struct ts_google_session *session;
    struct ts_op *op;
    unsigned answers;
    struct ts_error err;
    struct ts_google_answer answer;
    char *json;
};

static void on_answer(const struct ts_error *err, const struct ts_google_answer *answer, void *arg)
{
    struct bench *b = arg;

    b->op = NULL;
    b->answers++;
    b->err = *err;
    b->answer = *answer;
    free(b->json);
    b->json = answer->json ? ts_json_print(answer->json) : NULL;
}

static void start_request(struct bench *b, const struct ts_google_request *request)
{
    b->answers = 0;
    b->op = ts_google_call_start(b->session, request, on_answer, b);
    assert_int_equal(b->answers, 0);
}

static void start(struct bench *b)
{
    start_request(b, &plain);
}

static void open_session(struct bench *b, const char *credentials)
{
    struct ts_connection connection = fixture_connection("r1", credentials);

    b->session = ts_google_session_open(b->sessions, &connection);
}

static int setup_with(void **state, const char *credentials, unsigned requests_per_minute)
{
    struct bench *b = ts_alloc(sizeof(*b));

    b->loop = ts_loop_new();
    ts_text_copy(b->api_url, sizeof(b->api_url), "https://api.example");
    ts_text_copy(b->token_url, sizeof(b->token_url), TOKEN_URL);
    b->env = fixture_env(b->loop, &b->http, b->api_url, b->token_url);
    b->env.requests_per_minute = requests_per_minute;
    b->sessions = ts_google_sessions_new(&b->env);
    open_session(b, credentials);
    *state = b;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, fixture_consent, 600);
}

static int setup_slow(void **state)
{
    return setup_with(state, fixture_consent, 1);
}

static int setup_broken(void **state)
{
    return setup_with(state, "{}", 600);
}

static int teardown(void **state)
{
    struct bench *b = *state;

    ts_op_cancel(&b->op);
    ts_google_session_close(b->session);
    ts_google_sessions_free(b->sessions);
    assert_int_equal(fake_waiting(&b->http), 0);
    ts_loop_free(b->loop);
    free(b->json);
    free(b);
    return 0;
}

static bool is_for_token(const struct bench *b)
{
    return strcmp(fake_next(&b->http)->url, TOKEN_URL) == 0;
}

static bool is_for_api(const struct bench *b)
{
    return ts_text_starts_with(fake_next(&b->http)->url, "https://api.example/");
}

/* Answers the token request and waits for the one behind it. */
static void give_token(struct bench *b, const char *body)
{
    assert_true(is_for_token(b));
    fake_answer(&b->http, 200, body);
    assert_true(is_for_api(b));
}

static void test_a_call_gets_a_token_and_then_its_answer(void **state)
{
    struct bench *b = *state;
    const struct held *sent;

    start(b);
    give_token(b, TOKEN_BODY);
    sent = fake_next(&b->http);
    assert_string_equal(sent->verb, "GET");
    assert_string_equal(sent->url, "https://api.example/admin/directory/v1/users/1?fields=id");
    assert_string_equal(sent->headers,
                        "Authorization: Bearer ya29.one\nAccept: application/json\n");
    assert_string_equal(sent->body, "");
    fake_answer(&b->http, 200, "{\"id\":\"1\"}");
    assert_int_equal(b->answers, 1);
    assert_int_equal(b->err.cls, TS_OK);
    assert_string_equal(b->json, "{\"id\":\"1\"}");
}

static void test_the_next_call_uses_the_same_token(void **state)
{
    struct bench *b = *state;

    start(b);
    give_token(b, TOKEN_BODY);
    fake_answer(&b->http, 200, "{}");
    start(b);
    assert_true(is_for_api(b));
    fake_answer(&b->http, 200, "{}");
    assert_int_equal(b->http.started, 3);
}

static void test_a_refused_token_is_renewed_once_and_only_once(void **state)
{
    struct bench *b = *state;

    start(b);
    give_token(b, TOKEN_BODY);
    fake_answer(&b->http, 401, "");
    assert_int_equal(b->answers, 0);
    give_token(b, TOKEN_TWO);
    assert_non_null(strstr(fake_next(&b->http)->headers, "Bearer ya29.two\n"));
    fake_answer(&b->http, 401, "");
    assert_int_equal(b->answers, 1);
    assert_int_equal(b->err.cls, TS_AUTH);
    assert_int_equal(b->http.started, 4);
}

static void test_a_renewed_token_saves_the_call(void **state)
{
    struct bench *b = *state;

    start(b);
    give_token(b, TOKEN_BODY);
    fake_answer(&b->http, 401, "");
    give_token(b, TOKEN_TWO);
    fake_answer(&b->http, 200, "{}");
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_refused_grant_ends_the_call(void **state)
{
    struct bench *b = *state;

    start(b);
    fake_answer(&b->http, 400, "{\"error\":\"invalid_grant\"}");
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    assert_int_equal(b->err.cls, TS_AUTH);
    assert_int_equal(b->http.started, 1);
}

static void test_answers_are_told_apart(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum ts_class cls;
        bool is_deleted, is_forbidden;
    } cases[] = {
        {200, "{\"a\":", TS_RETRY, false, false}, {200, "", TS_RETRY, false, false},
        {200, "[]", TS_RETRY, false, false},      {200, "<html>", TS_RETRY, false, false},
        {412, DELETED, TS_OK, true, false},       {403, FORBIDDEN, TS_AUTH, false, true},
        {500, "", TS_RETRY, false, false},        {302, "", TS_INTERNAL, false, false},
    };
    struct bench *b = *state;

    start(b);
    give_token(b, TOKEN_BODY);
    fake_fail(&b->http, TS_REJECTED); /* TLS, a reply too large: says nothing about the user */
    assert_int_equal(b->err.cls, TS_RETRY);
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        fixture_now_ms += 80 * 1000; /* longer than the breaker stays open */
        start(b);
        fake_answer(&b->http, cases[i].status, cases[i].body);
        assert_int_equal(b->answers, 1);
        assert_int_equal(b->err.cls, cases[i].cls);
        assert_int_equal(b->answer.is_deleted, cases[i].is_deleted);
        assert_int_equal(b->answer.is_forbidden, cases[i].is_forbidden);
        assert_null(b->json);
    }
}

static void test_a_body_is_sent_as_json_and_an_answer_may_be_ignored(void **state)
{
    struct bench *b = *state;
    struct ts_google_request request = plain;

    request.verb = "POST";
    request.body = "{\"id\":\"x\"}";
    request.ignores_body = true;
    start_request(b, &request);
    give_token(b, TOKEN_BODY);
    assert_string_equal(fake_next(&b->http)->body, "{\"id\":\"x\"}");
    assert_non_null(strstr(fake_next(&b->http)->headers, "Content-Type: application/json\n"));
    fake_answer(&b->http, 204, "");
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_throttled_answer_keeps_the_next_call_from_asking(void **state)
{
    struct bench *b = *state;

    start(b);
    give_token(b, TOKEN_BODY);
    fake_respond(&b->http,
                 &(struct ts_http_response){.status = 429, .retry_after_ms = 30000, .body = ""});
    assert_in_range(b->err.retry_after_ms, 30000, 61000);
    fixture_now_ms += 1000;
    start(b);
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_string_equal(b->err.text,
                        "google: not asked, for the last request failed (429 too many requests)");
    assert_in_range(b->err.retry_after_ms, 29000, 60000);
    assert_int_equal(b->http.started, 2);
    fixture_now_ms += 30000;
    start(b);
    assert_true(is_for_api(b));
    fake_answer(&b->http, 200, "{}");
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_long_retry_after_is_told_in_full(void **state)
{
    struct bench *b = *state;

    start(b);
    give_token(b, TOKEN_BODY);
    fake_respond(&b->http,
                 &(struct ts_http_response){.status = 429, .retry_after_ms = 7200000, .body = ""});
    assert_int_equal(b->err.retry_after_ms, 7200000);
    fixture_now_ms += 600 * 1000 + 250; /* what is believed of it */
    start(b);
    assert_true(is_for_api(b));
    fake_answer(&b->http, 200, "{}");
}

static void test_an_empty_bucket_puts_the_call_off_until_there_is_one(void **state)
{
    struct bench *b = *state;

    start(b);
    give_token(b, TOKEN_BODY);
    fake_answer(&b->http, 200, "{}");
    start(b);
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_int_equal(b->err.retry_after_ms, 60000);
    assert_int_equal(b->http.started, 2);
}

static void test_what_cannot_be_asked_is_refused_on_a_later_turn(void **state)
{
    struct bench *b = *state;
    struct ts_google_request request = plain;

    request.refusal = "nonsense";
    start_request(b, &request);
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    assert_int_equal(b->err.cls, TS_REJECTED);
    assert_int_equal(b->http.started, 0);
}

static void test_broken_credentials_are_an_auth_error(void **state)
{
    struct bench *b = *state;

    start(b);
    assert_true(TEST_WAIT(b->loop, b->answers == 1));
    assert_int_equal(b->err.cls, TS_AUTH);
    assert_int_equal(b->http.started, 0);
}

static void test_a_cancelled_call_is_silent_at_every_step(void **state)
{
    struct bench *b = *state;
    struct ts_google_request request = plain;
    struct ts_op *others[16];

    request.refusal = "nonsense"; /* waits for its turn */
    start_request(b, &request);
    ts_op_cancel(&b->op);

    start(b);
    assert_true(is_for_token(b));
    ts_op_cancel(&b->op); /* others may want it */
    fake_answer(&b->http, 200, TOKEN_BODY);

    start(b); /* waits for the answer */
    assert_true(is_for_api(b));
    ts_op_cancel(&b->op);
    assert_int_equal(b->http.cancelled, 1);

    for (size_t i = 0; i < TS_COUNT_OF(others); i++)
        others[i] = ts_google_call_start(b->session, &plain, on_answer, b);
    assert_true(TEST_WAIT(b->loop, fake_waiting(&b->http) == TS_COUNT_OF(others)));
    start(b); /* waits at the gate */
    ts_op_cancel(&b->op);
    for (size_t i = 0; i < TS_COUNT_OF(others); i++)
        ts_op_cancel(&others[i]);
    for (int i = 0; i < 4; i++)
        ts_loop_turn(b->loop, 50);
    assert_int_equal(b->answers, 0);
    assert_int_equal(fake_waiting(&b->http), 0);
}

static void test_requests_are_counted_by_method_and_outcome(void **state)
{
    struct bench *b = *state;
    struct ts_buf text;

    ts_metrics_reset();
    start(b);
    give_token(b, TOKEN_BODY);
    fake_answer(&b->http, 401, "");
    give_token(b, TOKEN_TWO);
    fake_answer(&b->http, 200, "{}");
    ts_buf_init(&text, 1 << 20);
    ts_metrics_write(&text);
    assert_non_null(strstr(text.data, "teamsync_directory_requests_total{method=\"users.get\","
                                      "outcome=\"auth\"} 1\n"));
    assert_non_null(strstr(text.data, "teamsync_directory_requests_total{method=\"users.get\","
                                      "outcome=\"ok\"} 1\n"));
    assert_non_null(strstr(text.data, "teamsync_directory_requests_total{method=\"token\","
                                      "outcome=\"ok\"} 2\n"));
    ts_buf_done(&text);
    ts_metrics_reset();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_call_gets_a_token_and_then_its_answer),
        TEST(test_the_next_call_uses_the_same_token),
        TEST(test_a_refused_token_is_renewed_once_and_only_once),
        TEST(test_a_renewed_token_saves_the_call),
        TEST(test_a_refused_grant_ends_the_call),
        TEST(test_answers_are_told_apart),
        TEST(test_a_body_is_sent_as_json_and_an_answer_may_be_ignored),
        TEST(test_a_throttled_answer_keeps_the_next_call_from_asking),
        TEST(test_a_long_retry_after_is_told_in_full),
        TEST(test_what_cannot_be_asked_is_refused_on_a_later_turn),
        TEST(test_a_cancelled_call_is_silent_at_every_step),
        TEST(test_requests_are_counted_by_method_and_outcome),
        cmocka_unit_test_setup_teardown(test_an_empty_bucket_puts_the_call_off_until_there_is_one,
                                        setup_slow, teardown),
        cmocka_unit_test_setup_teardown(test_broken_credentials_are_an_auth_error, setup_broken,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
