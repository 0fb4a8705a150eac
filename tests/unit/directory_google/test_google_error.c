/* SPDX-License-Identifier: MIT */
/* What an answer means: by status, and where that is not enough, by reason. */
#include "directory/google/credentials.h"
#include "directory/google/google_error.h"
#include "directory/google/refusal.h"
#include "support/test.h"

#include "teamsync/mem.h"

#include <string.h>

#define API(code, domain, reason, message)                                                         \
    "{\"error\":{\"code\":" #code ",\"message\":\"" message                                        \
    "\",\"errors\":[{\"message\":\"" message "\",\"domain\":\"" domain "\",\"reason\":\"" reason   \
    "\"}]}}"
#define HTML "<!DOCTYPE html><title>Error</title><p>That is an error."

struct expected {
    enum ts_class cls;
    char flag; /* d: deleted, t: throttled, f: forbidden, w: the service works, 0: none */
    const char *code;
};

static const struct {
    int status;
    const char *body;
    struct expected expected;
} cases[] = {
    {200, "{}", {TS_OK, 0, NULL}},
    {204, "", {TS_OK, 0, NULL}},
    {302, "", {TS_INTERNAL, 0, NULL}},
    {304, "", {TS_INTERNAL, 0, NULL}},
    {0, "", {TS_INTERNAL, 0, NULL}},
    {700, "", {TS_INTERNAL, 0, NULL}},
    {400, API(400, "global", "invalid", "Invalid Input"), {TS_AUTH, 0, "no_impersonation"}},
    {400, API(400, "global", "invalid", "Invalid Input: userKey"), {TS_REJECTED, 0, "refused"}},
    {400, API(400, "global", "badRequest", "Bad Request"), {TS_REJECTED, 0, "refused"}},
    {400,
     API(400, "global", "channelIdNotUnique", "Channel id x not unique"),
     {TS_REJECTED, 0, "refused"}},
    {400, HTML, {TS_REJECTED, 0, "refused"}},
    {401, API(401, "global", "authError", "Invalid Credentials"), {TS_AUTH, 0, "token_refused"}},
    {401, "", {TS_AUTH, 0, "token_refused"}},
    {403,
     API(403, "usageLimits", "userRateLimitExceeded", "Rate Limit Exceeded"),
     {TS_RETRY, 't', "throttled"}},
    {403,
     API(403, "usageLimits", "rateLimitExceeded", "Quota exceeded for"),
     {TS_RETRY, 't', "throttled"}},
    {403, API(403, "global", "quotaExceeded", "Quota exceeded"), {TS_RETRY, 't', "throttled"}},
    {403, API(403, "usageLimits", "dailyLimitExceeded", "Daily"), {TS_RETRY, 't', "throttled"}},
    {403, API(403, "usageLimits", "somethingNew", "Limit"), {TS_RETRY, 't', "throttled"}},
    {403, "Request rate higher than configured", {TS_RETRY, 't', "throttled"}},
    {403, "Quota exceeded for quota metric 'Queries'", {TS_RETRY, 't', "throttled"}},
    {403, API(403, "global", "backendError", "Backend Error"), {TS_RETRY, 0, "unavailable"}},
    {403,
     API(403, "usageLimits", "accessNotConfigured", "Admin SDK"),
     {TS_AUTH, 0, "api_disabled"}},
    {403,
     API(403, "global", "forbidden", "Not Authorized to access"),
     {TS_AUTH, 'f', "not_permitted"}},
    {403,
     API(403, "global", "insufficientPermissions", "Insufficient"),
     {TS_AUTH, 0, "scope_missing"}},
    {403,
     API(403, "global", "domainCannotUseApis", "Domain cannot use apis."),
     {TS_AUTH, 0, "api_access_off"}},
    {403, API(403, "global", "somethingNew", "No"), {TS_AUTH, 0, "refused"}},
    {403, HTML, {TS_RETRY, 0, "unavailable"}},
    {403,
     "{\"error\":{\"code\":403,\"status\":\"PERMISSION_DENIED\",\"details\":[{\"@type\":\"x\"},"
     "{\"reason\":\"SERVICE_DISABLED\"}]}}",
     {TS_AUTH, 0, "api_disabled"}},
    {403,
     "{\"error\":{\"code\":403,\"status\":\"RESOURCE_EXHAUSTED\"}}",
     {TS_RETRY, 't', "throttled"}},
    {404, API(404, "global", "notFound", "Resource Not Found: userKey"), {TS_NOT_FOUND, 0, NULL}},
    {404,
     API(404, "global", "notFound", "Channel 'x' not found for project"),
     {TS_NOT_FOUND, 0, NULL}},
    {404, API(404, "global", "notFound", "Domain not found."), {TS_AUTH, 0, "domain_not_found"}},
    {404, HTML, {TS_RETRY, 0, "unavailable"}},
    {404, "", {TS_RETRY, 0, "unavailable"}},
    {404, "{}", {TS_RETRY, 0, "unavailable"}},
    {404, "{\"error\":\"not found\"}", {TS_RETRY, 0, "unavailable"}},
    {404,
     "{\"error\":{\"code\":404,\"message\":\"Method not found.\"}}",
     {TS_RETRY, 0, "unavailable"}},
    {404, "{\"error\":{\"errors\":[\"notFound\"]}}", {TS_RETRY, 0, "unavailable"}},
    {404, "{\"error\":{\"errors\":[{\"reason\":[\"notFound\"]}]}}", {TS_RETRY, 0, "unavailable"}},
    {412, API(412, "global", "conditionNotMet", "User is deleted."), {TS_OK, 'd', NULL}},
    {412,
     API(412, "global", "conditionNotMet", "User creation is not complete."),
     {TS_RETRY, 'w', "unavailable"}},
    {412, "User is deleted.", {TS_RETRY, 0, "unavailable"}},
    {412, API(412, "global", "other", "User is deleted."), {TS_RETRY, 0, "unavailable"}},
    {408, "", {TS_RETRY, 0, "unavailable"}},
    {429, API(429, "global", "rateLimitExceeded", "Rate"), {TS_RETRY, 't', "throttled"}},
    {429, "", {TS_RETRY, 't', "throttled"}},
    {405, "", {TS_REJECTED, 0, "refused"}},
    {500, API(500, "global", "internalError", "Internal error"), {TS_RETRY, 0, "unavailable"}},
    {503, API(503, "global", "notFound", "not really"), {TS_RETRY, 0, "unavailable"}},
    {502, HTML, {TS_RETRY, 0, "unavailable"}},
};

static struct ts_http_response response_of(int status, const char *body)
{
    return (struct ts_http_response){.status = status,
                                     .retry_after_ms = 7000,
                                     .content_type = "text/html",
                                     .body = body,
                                     .body_length = strlen(body)};
}

static enum ts_google_health health_expected(enum ts_class cls, char flag)
{
    if (flag == 't')
        return TS_GOOGLE_THROTTLES;
    return (cls == TS_RETRY || cls == TS_INTERNAL) && flag != 'w' ? TS_GOOGLE_FAILS
                                                                  : TS_GOOGLE_WORKS;
}

/* Each code has a mend, and whatever is not the caller's affair or a defect of ours has a code. */
static void assert_code(const struct ts_error *err, const char *code)
{
    TS_AUTOFREE char *mend = ts_google_mend_text(err->code, NULL, NULL);

    assert_int_equal(err->code != NULL, code != NULL);
    if (!code)
        return;
    assert_string_equal(err->code, code);
    assert_true(mend && strlen(mend) > 40);
    assert_null(strpbrk(mend, "{}"));
}

static void test_each_answer_has_its_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_http_response response = response_of(cases[i].status, cases[i].body);
        struct ts_google_verdict verdict = ts_google_judge(&response);
        char flag = cases[i].expected.flag;

        print_message("%d %.60s\n", cases[i].status, cases[i].body);
        assert_string_equal(ts_class_name(verdict.err.cls), ts_class_name(cases[i].expected.cls));
        assert_int_equal(verdict.is_deleted, flag == 'd');
        assert_int_equal(verdict.health, health_expected(verdict.err.cls, flag));
        assert_int_equal(verdict.is_forbidden, flag == 'f');
        assert_int_equal(verdict.err.retry_after_ms, verdict.err.cls == TS_RETRY ? 7000 : 0);
        assert_int_equal(verdict.err.text[0] == '\0', verdict.err.cls == TS_OK);
        assert_code(&verdict.err, cases[i].expected.code);
    }
}

static void test_no_body_gets_into_the_text(void **state)
{
    struct ts_http_response response =
        response_of(403, API(403, "global", "ya29.secret token\\nforged", "ya29.secret"));
    struct ts_google_verdict verdict = ts_google_judge(&response);

    (void)state;
    assert_int_equal(verdict.err.cls, TS_AUTH);
    assert_null(strstr(verdict.err.text, "secret"));
}

#define REFUSED(error, description)                                                                \
    "{\"error\":\"" error "\",\"error_description\":\"" description "\"}"

static const struct {
    int status;
    const char *body;
    enum ts_class cls;
    const char *word;
    const char *code;
} token_cases[] = {
    {200, "{}", TS_OK, "", NULL},
    {307, "", TS_INTERNAL, "307", NULL},
    {401, REFUSED("unauthorized_client", "Client is unauthorized to"), TS_AUTH, "delegation",
     "delegation_missing"},
    {400, REFUSED("invalid_grant", "Invalid email or User ID"), TS_AUTH, "subject is not",
     "subject_not_found"},
    {400, REFUSED("invalid_grant", "Not a valid email or user ID."), TS_AUTH, "subject is not",
     "subject_not_found"},
    {400, REFUSED("invalid_grant", "Invalid JWT Signature."), TS_AUTH, "key was deleted",
     "key_invalid"},
    {400, REFUSED("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)"),
     TS_AUTH, "clock", "clock_skew"},
    {400, REFUSED("invalid_grant", "Invalid JWT: No valid verifier found for issuer"), TS_AUTH,
     "gone", "service_account_gone"},
    {400, REFUSED("invalid_grant", "Token has been expired or revoked."), TS_AUTH, "connect again",
     "consent_expired"},
    {400, REFUSED("invalid_grant", "The account has been deleted"), TS_AUTH, "deleted",
     "account_deleted"},
    {400, REFUSED("invalid_grant", "Malformed auth code."), TS_AUTH, "code", "code_refused"},
    {400, REFUSED("invalid_grant", "Invalid code verifier."), TS_AUTH, "code", "code_refused"},
    {400, REFUSED("redirect_uri_mismatch", "Bad Request"), TS_AUTH, "address",
     "redirect_uri_mismatch"},
    {400, REFUSED("org_internal", ""), TS_AUTH, "organisation", "client_internal"},
    {400, "{\"error\":\"invalid_grant\"}", TS_AUTH, "subject and the key", "grant_refused"},
    {401, REFUSED("invalid_client", "The OAuth client was not found."), TS_AUTH, "client",
     "client_unknown"},
    {403, REFUSED("access_denied", "Requested client not authorized."), TS_AUTH, "forbids",
     "client_blocked"},
    {400, REFUSED("admin_policy_enforced", ""), TS_AUTH, "policy", "client_blocked"},
    {401, REFUSED("disabled_client", ""), TS_AUTH, "disabled", "client_unknown"},
    {400, REFUSED("invalid_scope", ""), TS_AUTH, "scope", "scope_missing"},
    {400, REFUSED("brand_new", ""), TS_AUTH, "brand_new", "refused"},
    {400, REFUSED("ya29.secret token", ""), TS_AUTH, "no reason given", "refused"},
    {500, REFUSED("internal_failure", "Backend Error"), TS_RETRY, "unavailable", "unavailable"},
    {400, REFUSED("internal_failure", "Backend Error"), TS_RETRY, "unavailable", "unavailable"},
    {503, HTML, TS_RETRY, "503", "unavailable"},
    {429, REFUSED("invalid_grant", ""), TS_RETRY, "429", "throttled"},
    {403, REFUSED("rate_limit_exceeded", ""), TS_RETRY, "too many", "throttled"},
    {408, "", TS_RETRY, "408", "unavailable"},
    {404, HTML, TS_RETRY, "404", "unavailable"},
    {400, "{\"error\":{\"code\":400}}", TS_RETRY, "400", "unavailable"},
};

static void test_a_refused_token_is_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(token_cases); i++) {
        struct ts_http_response response = response_of(token_cases[i].status, token_cases[i].body);
        struct ts_google_verdict verdict = ts_google_judge_token(&response);
        struct ts_error err = verdict.err;
        char flag = response.status == 429 || strstr(response.body, "rate_limit") ? 't' : 0;

        print_message("%d %.60s -> %s\n", token_cases[i].status, token_cases[i].body, err.text);
        assert_string_equal(ts_class_name(err.cls), ts_class_name(token_cases[i].cls));
        assert_int_equal(verdict.health, health_expected(err.cls, flag));
        assert_non_null(strstr(err.text, token_cases[i].word));
        assert_int_equal(err.retry_after_ms, err.cls == TS_RETRY ? 7000 : 0);
        assert_true(strlen(err.text) < sizeof(err.text) - 1);
        assert_null(strstr(err.text, "ya29"));
        assert_code(&err, token_cases[i].code);
    }
}

static void test_each_refusal_has_a_word_of_its_own_and_a_mend(void **state)
{
    (void)state;
    for (enum ts_google_refusal i = 0; i < TS_GOOGLE_REFUSAL_COUNT; i++) {
        struct ts_error err = ts_google_refusal_error(i, "users.watch:", "ACCESS_TOKEN_SCOPE");

        assert_code(&err, err.code);
        assert_non_null(err.code);
        assert_true(strlen(err.text) < sizeof(err.text) - 1);
        assert_true(err.cls == TS_AUTH || err.cls == TS_RETRY);
        for (enum ts_google_refusal j = 0; j < i; j++)
            assert_string_not_equal(ts_google_refusal_error(j, "", NULL).code, err.code);
    }
    assert_null(ts_google_mend_text("nothing", NULL, NULL));
    assert_null(ts_google_mend_text(NULL, NULL, NULL));
}

static void test_a_mend_names_what_the_connection_has(void **state)
{
    static const struct {
        const char *client_id;
        const char *project;
        const char *own_client;
        const char *code;
        const char *said;
    } mends[] = {
        {"1042", NULL, NULL, "delegation_missing", "the client id 1042 with the scope https://"},
        {NULL, NULL, "own", "client_blocked", "the client id own."},
        {"1042", NULL, "own", "client_blocked", "the client id 1042."},
        {NULL, NULL, NULL, "client_blocked", "the client id \"client_id\" of the key file."},
        {"10\n42", NULL, NULL, "client_blocked", "the client id \"client_id\" of the key file."},
        {NULL, "proj-7", NULL, "api_disabled", "in the project proj-7."},
        {NULL, NULL, NULL, "api_disabled", "in the project of the credentials."},
        {NULL, NULL, NULL, "subject_deleted", "Restore ada@acme.example in"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(mends); i++) {
        struct ts_google_credentials own = {
            .subject = (char *)(uintptr_t) "ada@acme.example",
            .client_id = (char *)(uintptr_t)mends[i].client_id,
            .project = (char *)(uintptr_t)mends[i].project,
        };
        TS_AUTOFREE char *mend = ts_google_mend_text(mends[i].code, &own, mends[i].own_client);

        print_message("%s\n", mend);
        assert_non_null(strstr(mend, mends[i].said));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_answer_has_its_meaning),
        cmocka_unit_test(test_no_body_gets_into_the_text),
        cmocka_unit_test(test_a_refused_token_is_explained),
        cmocka_unit_test(test_each_refusal_has_a_word_of_its_own_and_a_mend),
        cmocka_unit_test(test_a_mend_names_what_the_connection_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
