/* SPDX-License-Identifier: MIT */
/* Consents: where a person is sent, what is asked for the code, and what is believed of the answer.
 */
#include "directory/google/google_consent_json.h"
#include "directory/google/google_internal.h"
#include "unit/directory_google/google_fixture.h"

#include "teamsync/text.h"
#include "teamsync/time.h"

#define NOW   1800000000ull
#define SCOPE "https://www.googleapis.com/auth/admin.directory.user.readonly"

/* --- the answer --- */

#define ALL                                                                                        \
    "{\"iss\":\"https://"                                                                          \
    "accounts.google.com\",\"aud\":\"me\",\"exp\":1800000060,\"hd\":\"acme.example\","             \
    "\"email\":\"ada@acme.example\",\"email_verified\":true}"

static char *answer_with(const char *claims, const char *more)
{
    TS_AUTOFREE char *part = ts_base64url(claims, strlen(claims));

    return ts_format("{\"access_token\":\"x\",\"id_token\":\"e30.%s.c2ln\"%s}", part, more);
}

#define REFRESH ",\"refresh_token\":\"1//r\""

static void test_what_is_believed_of_an_answer(void **state)
{
    static const struct {
        const char *claims;
        const char *more;
        enum ts_class cls;
        const char *code;
    } cases[] = {
        {ALL, REFRESH, TS_OK, NULL},
        {ALL, REFRESH ",\"scope\":\"openid " SCOPE " email\"", TS_OK, NULL},
        {ALL, REFRESH ",\"scope\":\"openid email\"", TS_AUTH, "scope_missing"},
        {ALL, REFRESH ",\"scope\":\"openid " SCOPE ".more\"", TS_AUTH, "scope_missing"},
        {ALL, "", TS_AUTH, "no_refresh_token"},
        {ALL, ",\"refresh_token\":\"\"", TS_AUTH, "no_refresh_token"},
        {ALL, ",\"refresh_token\":\"a\\nb\"", TS_AUTH, "no_refresh_token"},
        {"{}", REFRESH, TS_RETRY, NULL},
        {"[]", REFRESH, TS_RETRY, NULL},
        {"not JSON", REFRESH, TS_RETRY, NULL},
        {"{\"iss\":\"https://evil.example\",\"aud\":\"me\",\"exp\":1800000060,\"hd\":\"x\","
         "\"email\":\"a@x.io\",\"email_verified\":true}",
         REFRESH, TS_AUTH, "refused"},
        {"{\"iss\":\"accounts.google.com\",\"aud\":\"other\",\"exp\":1800000060,\"hd\":\"x\","
         "\"email\":\"a@x.io\",\"email_verified\":true}",
         REFRESH, TS_AUTH, "refused"},
        {"{\"iss\":\"accounts.google.com\",\"aud\":\"me\",\"exp\":1799999600,\"hd\":\"x\","
         "\"email\":\"a@x.io\",\"email_verified\":true}",
         REFRESH, TS_AUTH, "clock_skew"},
        {"{\"iss\":\"accounts.google.com\",\"aud\":\"me\",\"exp\":1799999800,\"hd\":\"x\","
         "\"email\":\"a@x.io\",\"email_verified\":true}",
         REFRESH, TS_OK, NULL},
        {"{\"iss\":\"accounts.google.com\",\"aud\":\"me\",\"exp\":1800000060,"
         "\"email\":\"a@gmail.com\",\"email_verified\":true}",
         REFRESH, TS_AUTH, "no_workspace"},
        {"{\"iss\":\"accounts.google.com\",\"aud\":\"me\",\"exp\":1800000060,\"hd\":\"x\","
         "\"email\":\"a@x.io\",\"email_verified\":false}",
         REFRESH, TS_AUTH, "no_workspace"},
        {"{\"iss\":\"accounts.google.com\",\"aud\":\"me\",\"exp\":1800000060,\"hd\":\"x\","
         "\"email_verified\":true}",
         REFRESH, TS_AUTH, "no_workspace"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *body = answer_with(cases[i].claims, cases[i].more);
        struct ts_google_consented consented = {0};
        struct ts_error err = ts_google_consent_read(body, strlen(body), "me", NOW, &consented);

        print_message("%zu: %s\n", i, err.text);
        assert_string_equal(ts_class_name(err.cls), ts_class_name(cases[i].cls));
        assert_true(ts_text_equal(err.code, cases[i].code));
        assert_int_equal(consented.email != NULL, err.cls == TS_OK);
        assert_true(err.cls != TS_OK || strcmp(consented.refresh_token, "1//r") == 0);
        ts_google_consent_done(&consented);
    }
}

static void test_an_id_token_that_is_none_is_not_understood(void **state)
{
    static const char *const bodies[] = {"",
                                         "{}",
                                         "[]",
                                         "{\"id_token\":7}",
                                         "{\"id_token\":\"\"}",
                                         "{\"id_token\":\"a\"}",
                                         "{\"id_token\":\"a.\"}",
                                         "{\"id_token\":\"a.*.b\"}",
                                         "{\"id_token\":\"..\"}"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(bodies); i++) {
        struct ts_google_consented consented = {0};

        assert_int_equal(
            ts_google_consent_read(bodies[i], strlen(bodies[i]), "me", NOW, &consented).cls,
            TS_RETRY);
        assert_null(consented.email);
    }
}

/* --- the port --- */

struct bench {
    struct ts_loop *loop;
    struct fake_http http;
    struct ts_directory *directory;
    struct ts_op *op;
    unsigned answers;
    struct ts_error err;
    char *credentials;
};

static void on_redeemed(const struct ts_error *err, const char *credentials, void *arg)
{
    struct bench *b = arg;

    b->op = NULL;
    b->answers++;
    b->err = *err;
    assert_int_equal(err->cls == TS_OK, credentials != NULL);
    free(b->credentials);
    b->credentials = ts_strdup(credentials);
}

static const struct ts_directory_consent consent = {
    .state = "s",
    .verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    .redirect_to = "https://sync.example/oauth/google/callback",
};

static int open_bench(struct bench *b, const char *client_id)
{
    const struct ts_google_options options = {
        .api_url = "https://api.example",
        .token_url = TOKEN_URL,
        .auth_url = "https://accounts.example/auth",
        .client_id = client_id,
        .client_secret = "hu sh",
        .requests_per_minute = 600,
    };

    b->loop = ts_loop_new();
    b->http.port.start = fake_start;
    b->http.loop = b->loop;
    b->directory = ts_google_new(b->loop, &b->http.port, &options);
    return 0;
}

static int setup(void **state)
{
    *state = ts_alloc(sizeof(struct bench));
    return open_bench(*state, "the&client");
}

static int teardown(void **state)
{
    struct bench *b = *state;

    ts_op_cancel(&b->op);
    ts_google_free(b->directory);
    assert_int_equal(fake_waiting(&b->http), 0);
    ts_loop_free(b->loop);
    free(b->credentials);
    free(b);
    return 0;
}

static void redeem(struct bench *b)
{
    b->answers = 0;
    b->op = b->directory->ops->redeem(b->directory, &consent, "4/co de", on_redeemed, b);
    assert_int_equal(b->answers, 0);
}

/* The challenge is that of RFC 7636, appendix B. */
static void test_the_way_to_the_consent(void **state)
{
    struct bench *b = *state;
    struct ts_directory_consent hinted = consent;
    TS_AUTOFREE char *url = b->directory->ops->consent_url(b->directory, &consent);
    TS_AUTOFREE char *with_hint = NULL;

    hinted.hint = "ada@acme.example";
    with_hint = b->directory->ops->consent_url(b->directory, &hinted);
    assert_string_equal(
        url, "https://accounts.example/auth?response_type=code&access_type=offline&prompt=consent"
             "&client_id=the%26client"
             "&redirect_uri=https%3A%2F%2Fsync.example%2Foauth%2Fgoogle%2Fcallback"
             "&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fadmin.directory.user.readonly%20"
             "openid%20email&state=s&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
             "&code_challenge_method=S256");
    assert_true(ts_text_starts_with(with_hint, url));
    assert_string_equal(with_hint + strlen(url), "&login_hint=ada%40acme.example");
}

static void test_without_a_client_there_is_no_way(void **state)
{
    static const char *const none[] = {NULL, ""};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(none); i++) {
        struct bench *b = ts_alloc(sizeof(*b));
        void *kept = b;

        open_bench(b, none[i]);
        assert_null(b->directory->ops->consent_url(b->directory, &consent));
        teardown(&kept);
    }
}

static void test_a_code_becomes_credentials(void **state)
{
    struct bench *b = *state;
    TS_AUTOFREE char *claims = ts_format(
        "{\"iss\":\"https://accounts.google.com\",\"aud\":\"the&client\",\"exp\":%llu,\"hd\":\"x\","
        "\"email\":\"ada@acme.example\",\"email_verified\":true}",
        (unsigned long long)(ts_wall_us() / 1000000 + 60));
    TS_AUTOFREE char *body = answer_with(claims, REFRESH);

    redeem(b);
    assert_string_equal(fake_next(&b->http)->url, TOKEN_URL);
    assert_string_equal(fake_next(&b->http)->body,
                        "grant_type=authorization_code&client_id=the%26client&client_secret=hu%20sh"
                        "&redirect_uri=https%3A%2F%2Fsync.example%2Foauth%2Fgoogle%2Fcallback"
                        "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
                        "&code=4%2Fco%20de");
    fake_answer(&b->http, 200, body);
    assert_int_equal(b->err.cls, TS_OK);
    assert_string_equal(
        b->credentials,
        "{\"type\":\"authorized_user\",\"client_id\":\"the&client\",\"client_secret\":"
        "\"hu sh\",\"refresh_token\":\"1//r\",\"subject\":\"ada@acme.example\"}");
    assert_null(ts_google_check_credentials(b->credentials));
}

static void test_a_code_that_is_not_redeemed_says_why(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum ts_class cls;
        const char *code;
    } cases[] = {
        {400, "{\"error\":\"invalid_grant\",\"error_description\":\"Malformed auth code.\"}",
         TS_AUTH, "code_refused"},
        {401, "{\"error\":\"invalid_client\"}", TS_AUTH, "client_unknown"},
        {503, "", TS_RETRY, "unavailable"},
        {200, "{}", TS_RETRY, "unavailable"},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        redeem(b);
        fake_answer(&b->http, cases[i].status, cases[i].body);
        assert_int_equal(b->answers, 1);
        assert_string_equal(ts_class_name(b->err.cls), ts_class_name(cases[i].cls));
        assert_string_equal(b->err.code, cases[i].code);
    }
    redeem(b);
    fake_fail(&b->http, TS_REJECTED);
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_string_equal(b->err.code, "unavailable");
    redeem(b);
    ts_op_cancel(&b->op);
    assert_int_equal(b->answers, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_believed_of_an_answer),
        cmocka_unit_test(test_an_id_token_that_is_none_is_not_understood),
        TEST(test_the_way_to_the_consent),
        cmocka_unit_test(test_without_a_client_there_is_no_way),
        TEST(test_a_code_becomes_credentials),
        TEST(test_a_code_that_is_not_redeemed_says_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
