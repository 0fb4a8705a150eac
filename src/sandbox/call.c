/* SPDX-License-Identifier: MIT */
/* A call of Google's API: counted, hit by a fault or the quota, delayed, handled; and its errors in
 * Google's form (§D.9). */
#include "sandbox/sandbox_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <utlist.h>

#include <string.h>

enum { HANG_MS = 300000 };

static const struct endpoint {
    const char *http_method;
    const char *pattern;
    const char *method;
    void (*handle)(struct api_call *call);
} endpoints[] = {
    {"POST", "/token", "token", token_handle},
    {"GET", "/o/oauth2/v2/auth", "auth", consent_page_handle},
    {"POST", "/o/oauth2/v2/auth", "auth", consent_answer_handle},
    {"GET", "/admin/directory/v1/users", "users.list", users_list_handle},
    {"POST", "/admin/directory/v1/users/watch", "users.watch", users_watch_handle},
    {"GET", "/admin/directory/v1/users/{key}", "users.get", users_get_handle},
    {"POST", "/admin/directory_v1/channels/stop", "channels.stop", channels_stop_handle},
};

struct route_arg {
    struct ts_sandbox *sandbox;
    const struct endpoint *endpoint;
};
static struct route_arg route_args[TS_COUNT_OF(endpoints)];

void sandbox_count(struct ts_sandbox *sandbox, const char *method, int status)
{
    struct json_object *outcomes = ts_json_object(sandbox->counters, method);
    TS_AUTOFREE char *key = ts_format("%d", status);
    uint64_t count = 0;

    if (!outcomes) {
        outcomes = ts_json_new_object();
        ts_json_add(sandbox->counters, method, outcomes);
    }
    (void)ts_json_u64(outcomes, key, &count);
    ts_json_add_number(outcomes, key, (int64_t)count + 1);
}

/* --- answers --- */

static void release(struct api_call *call)
{
    DL_DELETE(call->sandbox->calls, call);
    ts_timer_free(call->latency);
    free(call);
}

static void send(struct api_call *call, int status, const char *type, const char *body,
                 size_t length)
{
    sandbox_count(call->sandbox, call->method, status);
    ts_request_add_header(call->request, "Server", "ESF");
    ts_request_add_header(call->request, "Vary", "Origin");
    ts_request_add_header(call->request, "Vary", "X-Origin");
    ts_request_add_header(call->request, "Vary", "Referer");
    ts_request_reply(call->request, status, type, body, length);
    release(call);
}

static void send_text(struct api_call *call, int status, const char *type, const char *text)
{
    send(call, status, type, text, strlen(text));
}

/* The announced length is more than what comes; then the connection ends. */
static void send_part(struct api_call *call, const char *text, size_t part)
{
    TS_AUTOFREE char *announced = ts_format("%zu", strlen(text) + 100);

    ts_request_add_header(call->request, "Content-Length", announced);
    ts_request_add_header(call->request, "Connection", "close");
    send(call, 200, "application/json; charset=UTF-8", text, part);
}

void call_reply(struct api_call *call, int status, struct json_object *json)
{
    TS_AUTOFREE char *text = NULL;

    if (!json) {
        send(call, status, NULL, "", 0);
        return;
    }
    text = ts_format("%s\n", json_object_to_json_string_ext(
                                 json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(json);
    if (fault_is(call->fault, "truncate"))
        send_part(call, text, strlen(text) / 2);
    else if (fault_is(call->fault, "bad_json"))
        send_text(call, status, "application/json; charset=UTF-8", "{\"kind\": \"admin#dir");
    else
        send_text(call, status, "application/json; charset=UTF-8", text);
}

void call_page(struct api_call *call, int status, const char *html)
{
    send_text(call, status, "text/html; charset=UTF-8", html);
}

void call_redirect(struct api_call *call, const char *url)
{
    ts_request_add_header(call->request, "Location", url);
    send(call, 302, NULL, "", 0);
}

static bool is_usage_limit(const char *reason)
{
    return strstr(reason, "Exceeded") != NULL || strcmp(reason, "accessNotConfigured") == 0;
}

void call_error(struct api_call *call, int status, const char *reason, const char *message)
{
    struct json_object *json = ts_json_new_object();
    struct json_object *error = ts_json_new_object();
    struct json_object *errors = ts_json_new_array();
    struct json_object *first = ts_json_new_object();

    ts_json_add_text(first, "message", message);
    ts_json_add_text(first, "domain", is_usage_limit(reason) ? "usageLimits" : "global");
    ts_json_add_text(first, "reason", reason);
    ts_json_append(errors, first);
    ts_json_add_number(error, "code", status);
    ts_json_add_text(error, "message", message);
    ts_json_add(error, "errors", errors);
    ts_json_add(json, "error", error);
    call_reply(call, status, json);
}

/* --- what handlers ask for --- */

bool call_authorise(struct api_call *call)
{
    const char *header = ts_request_header(call->request, "Authorization");
    const char *secret = ts_text_starts_with(header, "Bearer ") ? header + strlen("Bearer ") : NULL;

    if (!secret) {
        call_error(call, 401, "required", "Login Required");
        return false;
    }
    call->caller = tokens_find(call->sandbox, secret);
    if (!call->caller || fault_is(call->fault, "expired_token")) {
        call_error(call, 401, "authError", "Invalid Credentials");
        return false;
    }
    return true;
}

bool call_body(struct api_call *call, struct json_object **ret_json)
{
    size_t length = 0;
    const char *text = ts_request_body(call->request, &length);
    struct json_object *json = ts_json_parse(text, length, NULL);

    if (!json_object_is_type(json, json_type_object)) {
        json_object_put(json);
        call_error(call, 400, "parseError", "Parse Error");
        return false;
    }
    *ret_json = json;
    return true;
}

/* --- faults and quota --- */

static const char *reason_of(const struct fault *fault)
{
    if (fault->reason)
        return fault->reason;
    return fault->status == 429 ? "rateLimitExceeded" : "backendError";
}

static void on_hung(void *arg)
{
    call_error(arg, 504, "backendError", "Deadline exceeded");
}

/* Answers the call when its fault leaves nothing to handle. */
static bool fault_answers(struct api_call *call)
{
    const struct fault *fault = call->fault;

    if (!fault)
        return false;
    if (fault->retry_after_s > 0) {
        TS_AUTOFREE char *seconds = ts_format("%llu", (unsigned long long)fault->retry_after_s);

        ts_request_add_header(call->request, "Retry-After", seconds);
    }
    if (fault_is(fault, "status"))
        call_error(call, fault->status, reason_of(fault),
                   fault->message ? fault->message : "A fault that was asked for");
    else if (fault_is(fault, "html"))
        send_text(call, fault->status, "text/html; charset=UTF-8",
                  "<!DOCTYPE html>\n<html><title>Error</title>\n");
    else if (fault_is(fault, "text"))
        send_text(call, fault->status, "text/plain", "Quota exceeded for the current request\n");
    else if (fault_is(fault, "reset"))
        send_part(call, "", 0);
    else if (fault_is(fault, "hang")) {
        ts_timer_free(call->latency);
        call->latency = ts_timer_new(call->sandbox->loop, on_hung, call);
        ts_timer_set(call->latency, HANG_MS);
    } else
        return false;
    return true;
}

static bool is_over_quota(struct ts_sandbox *sandbox)
{
    uint64_t minute = sandbox_now_ms() / 60000;

    if (minute != sandbox->quota_minute) {
        sandbox->quota_minute = minute;
        sandbox->quota_used = 0;
    }
    sandbox->quota_used++;
    return sandbox->settings.quota_per_minute > 0 &&
           sandbox->quota_used > sandbox->settings.quota_per_minute;
}

/* --- the way of a call --- */

static void run(void *arg)
{
    struct api_call *call = arg;

    if (fault_answers(call))
        return;
    if (call->handle != token_handle && is_over_quota(call->sandbox))
        call_error(call, 403, "userRateLimitExceeded", "Rate Limit Exceeded");
    else
        call->handle(call);
}

static void on_request(struct ts_request *request, void *arg)
{
    const struct route_arg *route = arg;
    struct ts_sandbox *sandbox = route->sandbox;
    struct api_call *call = ts_alloc(sizeof(*call));
    const char *what = ts_request_param(request, "key");

    *call = (struct api_call){.sandbox = sandbox,
                              .request = request,
                              .method = route->endpoint->method,
                              .handle = route->endpoint->handle};
    DL_APPEND(sandbox->calls, call);
    call->fault = fault_strikes(sandbox, call->method, what);
    call->latency = ts_timer_new(sandbox->loop, run, call);
    if (sandbox->settings.latency_ms > 0)
        ts_timer_set(call->latency, sandbox->settings.latency_ms);
    else
        run(call);
}

void calls_add_routes(struct ts_sandbox *sandbox)
{
    for (size_t i = 0; i < TS_COUNT_OF(endpoints); i++) {
        route_args[i] = (struct route_arg){.sandbox = sandbox, .endpoint = &endpoints[i]};
        ts_http_server_route(sandbox->server, endpoints[i].http_method, endpoints[i].pattern,
                             on_request, &route_args[i]);
    }
}

void calls_free(struct ts_sandbox *sandbox)
{
    while (sandbox->calls)
        release(sandbox->calls);
}
