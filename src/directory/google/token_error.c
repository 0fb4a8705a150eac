/* SPDX-License-Identifier: MIT */
/* Errors of the token endpoint (GOOGLE.md §E.1, §E.2), in words an admin can act on. */
#include "directory/google/google_error.h"
#include "directory/google/refusal.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

/* The first that fits. `part` is of the description, NULL fits any. */
static const struct {
    const char *error;
    const char *part;
    enum ts_google_refusal refusal;
} refusals[] = {
    {"invalid_grant", "email or User ID", TS_GOOGLE_SUBJECT_NOT_FOUND},
    {"invalid_grant", "valid email", TS_GOOGLE_SUBJECT_NOT_FOUND},
    {"invalid_grant", "JWT Signature", TS_GOOGLE_KEY_INVALID},
    {"invalid_grant", "short-lived token", TS_GOOGLE_CLOCK_SKEW},
    {"invalid_grant", "verifier found", TS_GOOGLE_KEY_GONE},
    {"invalid_grant", "deleted", TS_GOOGLE_ACCOUNT_DELETED},
    {"invalid_grant", "expired or revoked", TS_GOOGLE_CONSENT_EXPIRED},
    {"invalid_grant", "code", TS_GOOGLE_CODE_REFUSED}, /* "Malformed auth code.", its verifier … */
    {"invalid_grant", NULL, TS_GOOGLE_GRANT_REFUSED},
    {"unauthorized_client", NULL, TS_GOOGLE_DELEGATION_MISSING},
    {"access_denied", NULL, TS_GOOGLE_CLIENT_BLOCKED},
    {"admin_policy_enforced", NULL, TS_GOOGLE_CLIENT_BLOCKED},
    {"org_internal", NULL, TS_GOOGLE_CLIENT_INTERNAL},
    {"invalid_client", NULL, TS_GOOGLE_CLIENT_UNKNOWN},
    {"deleted_client", NULL, TS_GOOGLE_CLIENT_UNKNOWN},
    {"disabled_client", NULL, TS_GOOGLE_CLIENT_UNKNOWN},
    {"redirect_uri_mismatch", NULL, TS_GOOGLE_REDIRECT_MISMATCH},
    {"invalid_scope", NULL, TS_GOOGLE_SCOPE_MISSING},
    {"internal_failure", NULL, TS_GOOGLE_UNAVAILABLE},
    {"temporarily_unavailable", NULL, TS_GOOGLE_UNAVAILABLE},
    {"server_error", NULL, TS_GOOGLE_UNAVAILABLE},
    {"rate_limit_exceeded", NULL, TS_GOOGLE_THROTTLED},
};

static struct ts_error judge_refusal(const char *error, const char *description)
{
    for (size_t i = 0; i < TS_COUNT_OF(refusals); i++) {
        if (strcmp(refusals[i].error, error) == 0 &&
            (!refusals[i].part || strcasestr(description, refusals[i].part)))
            return ts_google_refusal_error(refusals[i].refusal,
                                           "token refused:", refusals[i].error);
    }
    return ts_google_refusal_error(TS_GOOGLE_REFUSED,
                                   "token refused:", ts_google_word(error, "no reason given"));
}

/* 400 to 499, without those that only ask for patience. */
static bool is_refusal(int status)
{
    return status >= 400 && status < 500 && status != 408 && status != 429;
}

static struct ts_error judge_status(int status, const char *error, const char *description)
{
    char number[24];

    if (status < 300)
        return ts_no_error;
    if (status < 400)
        return ts_error_make(TS_INTERNAL, "google: token: unexpected status %d", status);
    if (is_refusal(status) && !ts_text_is_empty(error))
        return judge_refusal(error, description ? description : "");
    return ts_google_refusal_error(status == 429 ? TS_GOOGLE_THROTTLED : TS_GOOGLE_UNAVAILABLE,
                                   "token:", ts_format_number(number, status));
}

struct ts_google_verdict ts_google_judge_token(const struct ts_http_response *response)
{
    TS_AUTOJSON struct json_object *root =
        ts_json_parse(response->body, response->body_length, NULL);
    const char *error = ts_json_text(root, "error");
    struct ts_google_verdict verdict = {
        .err = judge_status(response->status, error, ts_json_text(root, "error_description")),
    };

    if (response->status == 429 || ts_text_equal(error, "rate_limit_exceeded"))
        verdict.health = TS_GOOGLE_THROTTLES;
    else if (verdict.err.cls == TS_RETRY || verdict.err.cls == TS_INTERNAL)
        verdict.health = TS_GOOGLE_FAILS;
    if (verdict.err.cls == TS_RETRY)
        verdict.err.retry_after_ms = response->retry_after_ms;
    ts_google_name_error(&verdict.err);
    return verdict;
}
