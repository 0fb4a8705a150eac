/* SPDX-License-Identifier: MIT */
/* Errors of the Directory API (GOOGLE.md §D.6, §D.9, §D.10). The status comes first, for bodies are
 * not always JSON; the reason decides where one status means several things. What a proxy or a
 * front end says (no JSON error of the API) never means that a user is absent. */
#include "directory/google/google_error.h"

#include "directory/google/refusal.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>
#include <strings.h>

/* The error object of the API, both layouts; all "" when the body is something else. */
struct complaint {
    const char *reason;
    const char *message;
    const char *domain;
};

static const struct {
    const char *reason;
    enum ts_google_refusal refusal;
} refusals[] = {
    {"userRateLimitExceeded", TS_GOOGLE_THROTTLED},
    {"rateLimitExceeded", TS_GOOGLE_THROTTLED},
    {"quotaExceeded", TS_GOOGLE_THROTTLED},
    {"dailyLimitExceeded", TS_GOOGLE_THROTTLED},
    {"sharingRateLimitExceeded", TS_GOOGLE_THROTTLED},
    {"RATE_LIMIT_EXCEEDED", TS_GOOGLE_THROTTLED},
    {"RESOURCE_EXHAUSTED", TS_GOOGLE_THROTTLED},
    {"backendError", TS_GOOGLE_UNAVAILABLE},
    {"internalError", TS_GOOGLE_UNAVAILABLE},
    {"forbidden", TS_GOOGLE_NOT_PERMITTED},
    {"PERMISSION_DENIED", TS_GOOGLE_NOT_PERMITTED},
    {"insufficientPermissions", TS_GOOGLE_SCOPE_MISSING},
    {"ACCESS_TOKEN_SCOPE_INSUFFICIENT", TS_GOOGLE_SCOPE_MISSING},
    {"accessNotConfigured", TS_GOOGLE_API_DISABLED},
    {"SERVICE_DISABLED", TS_GOOGLE_API_DISABLED},
    {"domainCannotUseApis", TS_GOOGLE_API_ACCESS_OFF},
};

const char *ts_google_word(const char *word, const char *fallback)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = word ? strspn(word, letters) : 0;

    return length > 0 && length <= 40 && word[length] == '\0' ? word : fallback;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* The newer layout names its reason in details[], the oldest answers only in `status`. */
static const char *newer_reason(struct json_object *error)
{
    struct json_object *details = ts_json_array(error, "details");
    size_t count = details ? json_object_array_length(details) : 0;

    for (size_t i = 0; i < count; i++) {
        const char *reason = ts_json_text(json_object_array_get_idx(details, i), "reason");

        if (reason)
            return reason;
    }
    return ts_json_text(error, "status");
}

static struct complaint read_complaint(struct json_object *root)
{
    struct json_object *error = ts_json_object(root, "error");
    struct json_object *errors = ts_json_array(error, "errors");
    struct json_object *first = errors ? json_object_array_get_idx(errors, 0) : NULL;
    const char *reason = ts_json_text(first, "reason");
    const char *message = ts_json_text(error, "message");

    return (struct complaint){
        .reason = or_empty(reason ? reason : newer_reason(error)),
        .message = or_empty(message ? message : ts_json_text(first, "message")),
        .domain = or_empty(ts_json_text(first, "domain")),
    };
}

static struct ts_google_verdict verdict_of(enum ts_class cls, int status, const char *text)
{
    return (struct ts_google_verdict){
        .err = ts_error_make(cls, "google: %d %s", status, text),
        .health = cls == TS_RETRY || cls == TS_INTERNAL ? TS_GOOGLE_FAILS : TS_GOOGLE_WORKS,
    };
}

static struct ts_google_verdict verdict_of_refusal(enum ts_google_refusal refusal, int status,
                                                   const char *reason)
{
    char where[24];
    struct ts_google_verdict verdict = {
        .err = ts_google_refusal_error(refusal, ts_format_number(where, status), reason),
        .health = TS_GOOGLE_WORKS,
        .is_forbidden = refusal == TS_GOOGLE_NOT_PERMITTED,
    };

    if (refusal == TS_GOOGLE_THROTTLED)
        verdict.health = TS_GOOGLE_THROTTLES;
    else if (verdict.err.cls == TS_RETRY)
        verdict.health = TS_GOOGLE_FAILS;
    return verdict;
}

/* A service account that acts for nobody gets a bare "Invalid Input" (GOOGLE.md §D.9); when it is
 * our request that makes no sense, the field is named behind a colon. */
static struct ts_google_verdict judge_bad_request(const struct complaint *complaint)
{
    if (strcmp(complaint->reason, "invalid") == 0 &&
        strcmp(complaint->message, "Invalid Input") == 0)
        return verdict_of_refusal(TS_GOOGLE_NO_IMPERSONATION, 400, NULL);
    return (struct ts_google_verdict){
        .err = ts_error_make(TS_REJECTED, "google: 400 the request was not understood (%s)",
                             ts_google_word(complaint->reason, "no reason given"))};
}

static struct ts_google_verdict judge_refusal(const struct complaint *complaint, const char *body)
{
    for (size_t i = 0; i < TS_COUNT_OF(refusals); i++) {
        if (strcmp(refusals[i].reason, complaint->reason) == 0)
            return verdict_of_refusal(refusals[i].refusal, 403, refusals[i].reason);
    }
    if (strcmp(complaint->domain, "usageLimits") == 0 ||
        ts_text_starts_with(body, "Request rate higher") ||
        ts_text_starts_with(body, "Quota exceeded"))
        return verdict_of_refusal(TS_GOOGLE_THROTTLED, 403, NULL);
    if (!*complaint->reason)
        return verdict_of(TS_RETRY, 403, "in words that are not the API's");
    return verdict_of_refusal(TS_GOOGLE_REFUSED, 403,
                              ts_google_word(complaint->reason, "no reason given"));
}

static struct ts_google_verdict judge_absence(const struct complaint *complaint)
{
    if (strcmp(complaint->reason, "notFound") != 0)
        return verdict_of(TS_RETRY, 404, "in words that are not the API's");
    if (strncasecmp(complaint->message, "Domain not found", strlen("Domain not found")) == 0)
        return verdict_of_refusal(TS_GOOGLE_DOMAIN_NOT_FOUND, 404, NULL);
    return verdict_of(TS_NOT_FOUND, 404, "not found");
}

static struct ts_google_verdict judge_precondition(const struct complaint *complaint)
{
    struct ts_google_verdict verdict;

    if (strcmp(complaint->reason, "conditionNotMet") != 0)
        return verdict_of(TS_RETRY, 412, "in words that are not the API's");
    if (strncasecmp(complaint->message, "User is deleted", strlen("User is deleted")) == 0)
        return (struct ts_google_verdict){.is_deleted = true};
    verdict = verdict_of(TS_RETRY, 412, "not possible in the user's present state");
    verdict.health = TS_GOOGLE_WORKS;
    return verdict;
}

static struct ts_google_verdict judge_failure(int status)
{
    if (status == 429)
        return verdict_of_refusal(TS_GOOGLE_THROTTLED, status, NULL);
    if (status == 408 || (status >= 500 && status < 600))
        return verdict_of_refusal(TS_GOOGLE_UNAVAILABLE, status, NULL);
    if (status >= 400 && status < 500)
        return verdict_of(TS_REJECTED, status, "the request was not understood");
    return verdict_of(TS_INTERNAL, status, "is no answer to this request");
}

static struct ts_google_verdict judge_status(const struct ts_http_response *response,
                                             const struct complaint *complaint)
{
    switch (response->status) {
    case 400:
        return judge_bad_request(complaint);
    case 401:
        return verdict_of_refusal(TS_GOOGLE_TOKEN_REFUSED, 401, NULL);
    case 403:
        return judge_refusal(complaint, response->body);
    case 404:
        return judge_absence(complaint);
    case 412:
        return judge_precondition(complaint);
    default:
        return judge_failure(response->status);
    }
}

struct ts_google_verdict ts_google_judge(const struct ts_http_response *response)
{
    struct ts_google_verdict verdict = {0};

    if (response->status < 200 || response->status > 299) {
        TS_AUTOJSON struct json_object *root =
            ts_json_parse(response->body, response->body_length, NULL);
        struct complaint complaint = read_complaint(root);

        verdict = judge_status(response, &complaint);
    }
    if (verdict.err.cls == TS_RETRY)
        verdict.err.retry_after_ms = response->retry_after_ms;
    ts_google_name_error(&verdict.err);
    return verdict;
}

struct ts_google_verdict ts_google_judge_failure(const struct ts_error *err)
{
    struct ts_google_verdict verdict = {.err = *err, .health = TS_GOOGLE_FAILS};

    verdict.err.cls = TS_RETRY;
    ts_google_name_error(&verdict.err);
    return verdict;
}
