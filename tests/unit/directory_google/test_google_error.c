/* SPDX-License-Identifier: MIT */
/* What an answer means: by status, and where that is not enough, by reason. */
#include "directory/google/google_error.h"
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
};

static const struct {
    int status;
    const char *body;
    struct expected expected;
} cases[] = {
    {200, "{}", {TS_OK, 0}},
    {204, "", {TS_OK, 0}},
    {302, "", {TS_INTERNAL, 0}},
    {304, "", {TS_INTERNAL, 0}},
    {0, "", {TS_INTERNAL, 0}},
    {700, "", {TS_INTERNAL, 0}},
    {400, API(400, "global", "invalid", "Invalid Input"), {TS_AUTH, 0}},
    {400, API(400, "global", "invalid", "Invalid Input: userKey"), {TS_REJECTED, 0}},
    {400, API(400, "global", "badRequest", "Bad Request"), {TS_REJECTED, 0}},
    {400, API(400, "global", "channelIdNotUnique", "Channel id x not unique"), {TS_REJECTED, 0}},
    {400, HTML, {TS_REJECTED, 0}},
    {401, API(401, "global", "authError", "Invalid Credentials"), {TS_AUTH, 0}},
    {401, "", {TS_AUTH, 0}},
    {403, API(403, "usageLimits", "userRateLimitExceeded", "Rate Limit Exceeded"), {TS_RETRY, 't'}},
    {403, API(403, "usageLimits", "rateLimitExceeded", "Quota exceeded for"), {TS_RETRY, 't'}},
    {403, API(403, "global", "quotaExceeded", "Quota exceeded"), {TS_RETRY, 't'}},
    {403, API(403, "usageLimits", "dailyLimitExceeded", "Daily"), {TS_RETRY, 't'}},
    {403, API(403, "usageLimits", "somethingNew", "Limit"), {TS_RETRY, 't'}},
    {403, "Request rate higher than configured", {TS_RETRY, 't'}},
    {403, "Quota exceeded for quota metric 'Queries'", {TS_RETRY, 't'}},
    {403, API(403, "global", "backendError", "Backend Error"), {TS_RETRY, 0}},
    {403, API(403, "usageLimits", "accessNotConfigured", "Admin SDK"), {TS_AUTH, 0}},
    {403, API(403, "global", "forbidden", "Not Authorized to access"), {TS_AUTH, 'f'}},
    {403, API(403, "global", "insufficientPermissions", "Insufficient"), {TS_AUTH, 0}},
    {403, API(403, "global", "domainCannotUseApis", "Domain cannot use apis."), {TS_AUTH, 0}},
    {403, API(403, "global", "somethingNew", "No"), {TS_AUTH, 0}},
    {403, HTML, {TS_RETRY, 0}},
    {403,
     "{\"error\":{\"code\":403,\"status\":\"PERMISSION_DENIED\",\"details\":[{\"@type\":\"x\"},"
     "{\"reason\":\"SERVICE_DISABLED\"}]}}",
     {TS_AUTH, 0}},
    {403, "{\"error\":{\"code\":403,\"status\":\"RESOURCE_EXHAUSTED\"}}", {TS_RETRY, 't'}},
    {404, API(404, "global", "notFound", "Resource Not Found: userKey"), {TS_NOT_FOUND, 0}},
    {404, API(404, "global", "notFound", "Channel 'x' not found for project"), {TS_NOT_FOUND, 0}},
    {404, API(404, "global", "notFound", "Domain not found."), {TS_AUTH, 0}},
    {404, HTML, {TS_RETRY, 0}},
    {404, "", {TS_RETRY, 0}},
    {404, "{}", {TS_RETRY, 0}},
    {404, "{\"error\":\"not found\"}", {TS_RETRY, 0}},
    {404, "{\"error\":{\"code\":404,\"message\":\"Method not found.\"}}", {TS_RETRY, 0}},
    {404, "{\"error\":{\"errors\":[\"notFound\"]}}", {TS_RETRY, 0}},
    {404, "{\"error\":{\"errors\":[{\"reason\":[\"notFound\"]}]}}", {TS_RETRY, 0}},
    {412, API(412, "global", "conditionNotMet", "User is deleted."), {TS_OK, 'd'}},
    {412, API(412, "global", "conditionNotMet", "User creation is not complete."), {TS_RETRY, 'w'}},
    {412, "User is deleted.", {TS_RETRY, 0}},
    {412, API(412, "global", "other", "User is deleted."), {TS_RETRY, 0}},
    {408, "", {TS_RETRY, 0}},
    {429, API(429, "global", "rateLimitExceeded", "Rate"), {TS_RETRY, 't'}},
    {429, "", {TS_RETRY, 't'}},
    {405, "", {TS_REJECTED, 0}},
    {500, API(500, "global", "internalError", "Internal error"), {TS_RETRY, 0}},
    {503, API(503, "global", "notFound", "not really"), {TS_RETRY, 0}},
    {502, HTML, {TS_RETRY, 0}},
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
} token_cases[] = {
    {200, "{}", TS_OK, ""},
    {307, "", TS_INTERNAL, "307"},
    {401, REFUSED("unauthorized_client", "Client is unauthorized to"), TS_AUTH, "delegation"},
    {400, REFUSED("invalid_grant", "Invalid email or User ID"), TS_AUTH, "subject is not"},
    {400, REFUSED("invalid_grant", "Not a valid email or user ID."), TS_AUTH, "subject is not"},
    {400, REFUSED("invalid_grant", "Invalid JWT Signature."), TS_AUTH, "key was deleted"},
    {400, REFUSED("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes)"),
     TS_AUTH, "clock"},
    {400, REFUSED("invalid_grant", "Invalid JWT: No valid verifier found for issuer"), TS_AUTH,
     "gone"},
    {400, REFUSED("invalid_grant", "Token has been expired or revoked."), TS_AUTH, "connect again"},
    {400, "{\"error\":\"invalid_grant\"}", TS_AUTH, "subject and the key"},
    {401, REFUSED("invalid_client", "The OAuth client was not found."), TS_AUTH, "client"},
    {403, REFUSED("access_denied", "Requested client not authorized."), TS_AUTH, "blocks"},
    {400, REFUSED("admin_policy_enforced", ""), TS_AUTH, "policy"},
    {401, REFUSED("disabled_client", ""), TS_AUTH, "disabled"},
    {400, REFUSED("invalid_scope", ""), TS_AUTH, "scope"},
    {400, REFUSED("brand_new", ""), TS_AUTH, "brand_new"},
    {400, REFUSED("ya29.secret token", ""), TS_AUTH, "no reason given"},
    {500, REFUSED("internal_failure", "Backend Error"), TS_RETRY, "unavailable"},
    {400, REFUSED("internal_failure", "Backend Error"), TS_RETRY, "unavailable"},
    {503, HTML, TS_RETRY, "503"},
    {429, REFUSED("invalid_grant", ""), TS_RETRY, "429"},
    {403, REFUSED("rate_limit_exceeded", ""), TS_RETRY, "too many"},
    {408, "", TS_RETRY, "408"},
    {404, HTML, TS_RETRY, "404"},
    {400, "{\"error\":{\"code\":400}}", TS_RETRY, "400"},
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
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_answer_has_its_meaning),
        cmocka_unit_test(test_no_body_gets_into_the_text),
        cmocka_unit_test(test_a_refused_token_is_explained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
