/* SPDX-License-Identifier: MIT */
/* The token source: one request for all who wait, renewed early, spoiled by number. */
#include "directory/google/credentials.h"
#include "directory/google/gate.h"
#include "directory/google/token.h"
#include "unit/directory_google/google_fixture.h"

#include "teamsync/text.h"

enum { WAITERS = 3 };

struct bench {
    struct ts_loop *loop;
    struct fake_http http;
    struct ts_google_env env;
    char api_url[32];
    char token_url[32];
    struct ts_google_gate *gate;
    struct ts_google_credentials *credentials;
    struct ts_google_tokens *tokens;
    struct asker {
        struct bench *bench;
        struct ts_op *op;
        unsigned answers;
        struct ts_error err;
    } askers[WAITERS];
    struct ts_op **cancelled_by_answer; /* an op the first answer cancels */
};

static void on_token(const struct ts_error *err, void *arg)
{
    struct asker *asker = arg;

    asker->op = NULL;
    asker->answers++;
    asker->err = *err;
    if (asker->bench->cancelled_by_answer)
        ts_op_cancel(asker->bench->cancelled_by_answer);
}

static void ask(struct bench *b, size_t who)
{
    unsigned before = b->askers[who].answers;

    b->askers[who].op = ts_google_token_renew(b->tokens, 1, on_token, &b->askers[who]);
    assert_int_equal(b->askers[who].answers, before); /* never before start returns */
}

static void use_credentials(struct bench *b, const char *json)
{
    ts_google_tokens_free(b->tokens);
    ts_google_credentials_free(b->credentials);
    b->credentials = NULL;
    assert_null(ts_google_credentials_parse(json, &b->credentials));
    b->tokens = ts_google_tokens_new(&b->env, b->credentials, b->gate);
}

static int setup(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));

    b->loop = ts_loop_new();
    ts_text_copy(b->token_url, sizeof(b->token_url), TOKEN_URL);
    b->env = fixture_env(b->loop, &b->http, b->api_url, b->token_url);
    b->gate = ts_google_gate_new(&b->env);
    use_credentials(b, fixture_consent);
    for (size_t i = 0; i < WAITERS; i++)
        b->askers[i].bench = b;
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    for (size_t i = 0; i < WAITERS; i++)
        ts_op_cancel(&b->askers[i].op);
    ts_google_tokens_free(b->tokens);
    ts_google_credentials_free(b->credentials);
    ts_google_gate_free(b->gate);
    assert_int_equal(fake_waiting(&b->http), 0);
    ts_loop_free(b->loop);
    free(b);
    return 0;
}

static const char *current(const struct bench *b)
{
    unsigned number = 0;

    return ts_google_token_current(b->tokens, &number);
}

static void get_one(struct bench *b, const char *body)
{
    unsigned before = b->askers[0].answers;

    ask(b, 0);
    fake_answer(&b->http, 200, body);
    assert_true(TEST_WAIT(b->loop, b->askers[0].answers == before + 1));
}

static void test_all_who_wait_share_one_request(void **state)
{
    struct bench *b = *state;

    assert_null(current(b));
    for (size_t i = 0; i < WAITERS; i++)
        ask(b, i);
    assert_int_equal(b->http.started, 1);
    fake_answer(&b->http, 200, TOKEN_BODY);
    assert_true(TEST_WAIT(b->loop, b->askers[WAITERS - 1].answers == 1));
    for (size_t i = 0; i < WAITERS; i++) {
        assert_int_equal(b->askers[i].answers, 1);
        assert_int_equal(b->askers[i].err.cls, TS_OK);
    }
    assert_string_equal(current(b), "ya29.one");
    assert_int_equal(b->http.started, 1);
}

static void test_a_consent_is_sent_as_a_form(void **state)
{
    struct bench *b = *state;
    const struct held *sent;

    ask(b, 0);
    sent = fake_next(&b->http);
    assert_string_equal(sent->verb, "POST");
    assert_string_equal(sent->url, TOKEN_URL);
    assert_non_null(strstr(sent->headers, "Content-Type: application/x-www-form-urlencoded\n"));
    assert_string_equal(sent->body, "grant_type=refresh_token&client_id=id%261&client_secret="
                                    "se%3Dcret&refresh_token=1%2F%2Fre%20fresh");
}

static void test_the_key_files_own_address_is_never_called(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *json = fixture_service_account();
    static const char head[] =
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    TS_AUTOFREE char *claims = NULL;
    TS_AUTOFREE unsigned char *bytes = NULL;
    const char *dot;
    size_t length;

    use_credentials(b, json);
    ask(b, 0);
    assert_string_equal(fake_next(&b->http)->url, TOKEN_URL);
    assert_true(ts_text_starts_with(fake_next(&b->http)->body, head));
    dot = strchr(fake_next(&b->http)->body, '.') + 1;
    claims = ts_memdup_text(dot, strcspn(dot, "."));
    bytes = ts_base64url_decode(claims, &length);
    assert_non_null(strstr((char *)bytes, "\"aud\":\"" TOKEN_URL "\""));
    assert_non_null(strstr((char *)bytes, "\"sub\":\"admin@acme.example\""));
    assert_non_null(strstr((char *)bytes, "\"scope\":\"" TS_GOOGLE_SCOPE "\""));
}

static void test_it_is_renewed_five_minutes_before_its_end(void **state)
{
    struct bench *b = *state;

    get_one(b, TOKEN_BODY);
    fixture_now_ms += 3298 * 1000;
    assert_string_equal(current(b), "ya29.one");
    fixture_now_ms += 1000;
    assert_null(current(b));
    get_one(b, TOKEN_TWO);
    assert_string_equal(current(b), "ya29.two");
}

static void test_a_short_token_is_used_for_half_its_life(void **state)
{
    struct bench *b = *state;

    get_one(b, "{\"access_token\":\"t\",\"expires_in\":\"100\"}");
    fixture_now_ms += 49999;
    assert_string_equal(current(b), "t");
    fixture_now_ms += 1;
    assert_null(current(b));
}

static void test_a_lifetime_that_makes_no_sense_is_an_hour_and_none_is_over_a_day(void **state)
{
    static const struct {
        const char *lifetime;
        uint64_t used_s;
    } cases[] = {
        {"-1", 3300},
        {"\"soon\"", 3300},
        {"[]", 3300},
        {"1e9", 3300},
        {"86400", 86100},
        {"9223372036854775807", 86100},
        {"99999999999999999999999", 86100},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *body =
            ts_format("{\"access_token\":\"t\",\"expires_in\":%s}", cases[i].lifetime);

        print_message("%s\n", cases[i].lifetime);
        get_one(b, body);
        fixture_now_ms += cases[i].used_s * 1000 - 1;
        assert_string_equal(current(b), "t");
        fixture_now_ms += 1;
        assert_null(current(b));
    }
}

/* Or whoever waits would find none, and ask again at once, for ever. */
static void test_a_token_without_any_life_is_no_token(void **state)
{
    struct bench *b = *state;

    get_one(b, "{\"access_token\":\"t\",\"expires_in\":0}");
    assert_int_equal(b->askers[0].err.cls, TS_RETRY);
    assert_null(current(b));
}

static void test_the_old_token_does_while_the_endpoint_is_away(void **state)
{
    struct bench *b = *state;

    get_one(b, TOKEN_BODY);
    fixture_now_ms += 3400 * 1000;
    ask(b, 0);
    fake_answer(&b->http, 503, "");
    assert_true(TEST_WAIT(b->loop, b->askers[0].answers == 2));
    assert_int_equal(b->askers[0].err.cls, TS_OK);
    assert_string_equal(current(b), "ya29.one");
    fixture_now_ms += 200 * 1000; /* now it is over */
    assert_null(current(b));
    ask(b, 0);
    fake_answer(&b->http, 503, "");
    assert_true(TEST_WAIT(b->loop, b->askers[0].answers == 3));
    assert_int_equal(b->askers[0].err.cls, TS_RETRY);
}

static void test_only_the_refused_token_is_spoiled(void **state)
{
    struct bench *b = *state;
    unsigned first = 0;
    unsigned second = 0;

    get_one(b, TOKEN_BODY);
    assert_non_null(ts_google_token_current(b->tokens, &first));
    ts_google_token_spoil(b->tokens, first);
    assert_null(current(b));
    get_one(b, TOKEN_TWO);
    assert_string_equal(ts_google_token_current(b->tokens, &second), "ya29.two");
    ts_google_token_spoil(b->tokens, first);
    assert_string_equal(current(b), "ya29.two");
    ts_google_token_spoil(b->tokens, second);
    assert_null(current(b));
}

static void test_failures_reach_everybody_and_the_next_asks_anew(void **state)
{
    static const struct {
        int status; /* 0: the transport fails */
        const char *body;
        enum ts_class cls;
    } cases[] = {
        {400, "{\"error\":\"invalid_grant\"}", TS_AUTH},
        {500, "", TS_RETRY},
        {0, "", TS_RETRY},
        {200, "", TS_RETRY},
        {200, "{}", TS_RETRY},
        {200, "{\"access_token\":\"\"}", TS_RETRY},
        {200, "{\"access_token\":\"a\\r\\nX-Evil: 1\"}", TS_RETRY},
        {200, "{\"access_token\":7}", TS_RETRY},
        {200, "{\"access_token\":\"t\",\"expires_in\":0}", TS_RETRY}, /* no end of asking */
    };
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        ask(b, 0);
        ask(b, 1);
        assert_int_equal(fake_waiting(&b->http), 1);
        if (cases[i].status)
            fake_answer(&b->http, cases[i].status, cases[i].body);
        else
            fake_fail(&b->http, TS_REJECTED);
        assert_true(TEST_WAIT(b->loop, b->askers[1].answers == i + 1));
        assert_int_equal(b->askers[0].err.cls, cases[i].cls);
        assert_int_equal(b->askers[1].err.cls, cases[i].cls);
        assert_null(current(b));
    }
    get_one(b, TOKEN_BODY);
    assert_string_equal(current(b), "ya29.one");
}

static void test_a_key_that_cannot_sign_fails_on_a_later_turn(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *json = fixture_service_account();

    use_credentials(b, json);
    memset(b->credentials->private_key, 'x', 5);
    ask(b, 0);
    assert_int_equal(b->askers[0].answers, 0);
    assert_true(TEST_WAIT(b->loop, b->askers[0].answers == 1));
    assert_int_equal(b->askers[0].err.cls, TS_AUTH);
    assert_int_equal(b->http.started, 0);
}

static void test_who_is_cancelled_hears_nothing(void **state)
{
    struct bench *b = *state;

    ask(b, 0);
    ask(b, 1);
    ask(b, 2);
    ts_op_cancel(&b->askers[0].op);
    assert_int_equal(fake_waiting(&b->http), 1); /* the others still want it */
    b->cancelled_by_answer = &b->askers[2].op;   /* from within the callback of another */
    fake_answer(&b->http, 200, TOKEN_BODY);
    assert_true(TEST_WAIT(b->loop, b->askers[1].answers == 1));
    ts_loop_turn(b->loop, 1);
    ts_loop_turn(b->loop, 1);
    assert_int_equal(b->askers[0].answers, 0);
    assert_int_equal(b->askers[2].answers, 0);
    assert_null(b->askers[2].op);
}

static void test_freeing_the_source_cancels_its_request(void **state)
{
    struct bench *b = *state;

    ask(b, 0);
    ts_op_cancel(&b->askers[0].op);
    ts_google_tokens_free(b->tokens);
    b->tokens = NULL;
    assert_int_equal(b->http.cancelled, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_who_wait_share_one_request),
        TEST(test_a_consent_is_sent_as_a_form),
        TEST(test_the_key_files_own_address_is_never_called),
        TEST(test_it_is_renewed_five_minutes_before_its_end),
        TEST(test_a_short_token_is_used_for_half_its_life),
        TEST(test_a_lifetime_that_makes_no_sense_is_an_hour_and_none_is_over_a_day),
        TEST(test_a_token_without_any_life_is_no_token),
        TEST(test_the_old_token_does_while_the_endpoint_is_away),
        TEST(test_only_the_refused_token_is_spoiled),
        TEST(test_failures_reach_everybody_and_the_next_asks_anew),
        TEST(test_a_key_that_cannot_sign_fails_on_a_later_turn),
        TEST(test_who_is_cancelled_hears_nothing),
        TEST(test_freeing_the_source_cancels_its_request),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    EVP_PKEY_free(fixture_key());
    return failed;
}
