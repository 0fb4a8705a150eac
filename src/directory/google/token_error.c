/* SPDX-License-Identifier: MIT */
/* Errors of the token endpoint (GOOGLE.md §E.1, §E.2), in words an admin can act on. */
#include "directory/google/google_error.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

/* The first that fits. `part` is of the description, NULL fits any. */
static const struct {
    const char *error;
    const char *part;
    enum ts_class cls;
    const char *text;
} refusals[] = {
    {"invalid_grant", "email or User ID", TS_AUTH,
     "the subject is not an account of this Workspace"},
    {"invalid_grant", "valid email", TS_AUTH, "the subject is not an account of this Workspace"},
    {"invalid_grant", "JWT Signature", TS_AUTH,
     "the service account's key was deleted or replaced; make a new one"},
    {"invalid_grant", "short-lived token", TS_AUTH, "this machine's clock is wrong"},
    {"invalid_grant", "verifier", TS_AUTH, "the service account or its key is gone"},
    {"invalid_grant", "deleted", TS_AUTH, "the account was deleted"},
    {"invalid_grant", "expired or revoked", TS_AUTH,
     "the consent was revoked or has expired; connect again"},
    {"invalid_grant", NULL, TS_AUTH, "the grant was refused; check the subject and the key"},
    {"unauthorized_client", NULL, TS_AUTH,
     "domain-wide delegation of the scope admin.directory.user.readonly is not granted to the "
     "client (may take a day)"},
    {"access_denied", NULL, TS_AUTH, "an admin of the Workspace blocks this client"},
    {"admin_policy_enforced", NULL, TS_AUTH, "a policy of the Workspace forbids this access"},
    {"org_internal", NULL, TS_AUTH, "the client is only for its own organisation"},
    {"invalid_client", NULL, TS_AUTH, "the client is unknown, or its secret is wrong"},
    {"deleted_client", NULL, TS_AUTH, "the client was deleted"},
    {"disabled_client", NULL, TS_AUTH, "the client is disabled"},
    {"invalid_scope", NULL, TS_AUTH, "the scope admin.directory.user.readonly was refused"},
    {"internal_failure", NULL, TS_RETRY, "the service is unavailable"},
    {"temporarily_unavailable", NULL, TS_RETRY, "the service is unavailable"},
    {"server_error", NULL, TS_RETRY, "the service is unavailable"},
    {"rate_limit_exceeded", NULL, TS_RETRY, "too many requests"},
};

static struct ts_error judge_refusal(const char *error, const char *description)
{
    for (size_t i = 0; i < TS_COUNT_OF(refusals); i++) {
        if (strcmp(refusals[i].error, error) == 0 &&
            (!refusals[i].part || strcasestr(description, refusals[i].part)))
            return ts_error_make(refusals[i].cls, "google: token refused: %s (%s)",
                                 refusals[i].text, error);
    }
    return ts_error_make(TS_AUTH, "google: token refused (%s)",
                         ts_google_word(error, "no reason given"));
}

/* 400 to 499, without those that only ask for patience. */
static bool is_refusal(int status)
{
    return status >= 400 && status < 500 && status != 408 && status != 429;
}

static struct ts_error judge_status(int status, const char *error, const char *description)
{
    if (status < 300)
        return ts_no_error;
    if (status < 400)
        return ts_error_make(TS_INTERNAL, "google: token: unexpected status %d", status);
    if (is_refusal(status) && !ts_text_is_empty(error))
        return judge_refusal(error, description ? description : "");
    return ts_error_make(TS_RETRY, "google: token: the service is unavailable (%d)", status);
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
    return verdict;
}
