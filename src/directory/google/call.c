/* SPDX-License-Identifier: MIT */
/* One authorised request. As it runs: slot -> token -> request -> (401: slot, once more) -> report.
 * Whoever asks too much is told so by the bucket here, before Google has to. */
#include "directory/google/call.h"

#include "directory/google/env.h"
#include "directory/google/google_error.h"
#include "directory/google/session.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"

#include <string.h>

enum {
    PATIENCE_MS = 5000, /* a job that has to wait longer is better put off */
    PAUSE_MS = 1000,    /* of the bucket, when Google names no time */
    PAUSE_MAX_MS = 60 * 1000,
    TIMEOUT_MS = 20 * 1000,
};

struct call {
    struct ts_op op; /* first */
    struct ts_google_session *session;
    const char *name;
    const char *verb;
    char *url;
    char *body;
    bool ignores_body;
    struct ts_op *waiting;
    struct ts_timer *timer;
    struct ts_error refusal; /* TS_OK, or why it ends before it was sent */
    uint64_t deadline_ms;    /* for slots */
    unsigned token_number;
    bool has_renewed;
    ts_google_call_cb *cb;
    void *arg;
};

static void step_slot(struct call *c);
static void on_slot(void *arg);
static void step_token(struct call *c);
static void on_renewed(const struct ts_error *err, void *arg);
static void step_request(struct call *c, const char *token);
static void on_answer(const struct ts_error *err, const struct ts_http_response *response,
                      void *arg);
static void report(struct call *c, const struct ts_error *err,
                   const struct ts_google_answer *answer);

static void release(struct call *c)
{
    ts_op_cancel(&c->waiting);
    ts_timer_free(c->timer);
    free(c->url);
    ts_free_secret(c->body); /* a channel's token */
    free(c);
}

static void cancel(struct ts_op *op)
{
    release(TS_CONTAINER_OF(op, struct call, op));
}

static uint64_t now_ms(const struct call *c)
{
    return c->session->env->now_ms();
}

/* Ends it on the next turn, for nothing may end before its start has returned. */
static void refuse(struct call *c, struct ts_error err)
{
    c->refusal = err;
    ts_timer_set(c->timer, 0);
}

struct ts_op *ts_google_call_start(struct ts_google_session *session,
                                   const struct ts_google_request *request, ts_google_call_cb *cb,
                                   void *arg)
{
    struct call *c = ts_alloc(sizeof(*c));

    c->op.cancel = cancel;
    c->session = session;
    c->name = request->name;
    c->verb = request->verb;
    c->url = ts_format("%s%s", session->env->api_url, request->path);
    c->body = ts_strdup(request->body);
    c->ignores_body = request->ignores_body;
    c->timer = ts_timer_new(session->env->loop, on_slot, c);
    c->deadline_ms = now_ms(c) + PATIENCE_MS;
    c->cb = cb;
    c->arg = arg;
    if (request->refusal)
        refuse(c, ts_error_make(TS_REJECTED, "google: %s", request->refusal));
    else if (session->problem)
        refuse(c, ts_error_make(TS_AUTH, "google: %s", session->problem));
    else
        step_slot(c);
    return &c->op;
}

static void refuse_slot(struct call *c, uint64_t wait_ms)
{
    struct ts_error err = ts_error_make(TS_RETRY, "google: the limit of requests is reached");

    err.retry_after_ms = wait_ms < UINT32_MAX ? (uint32_t)wait_ms : UINT32_MAX;
    refuse(c, err);
}

static uint64_t patience_ms(const struct call *c)
{
    uint64_t now = now_ms(c);

    return c->deadline_ms > now ? c->deadline_ms - now : 0;
}

static void step_slot(struct call *c)
{
    uint64_t wait_ms = 0;
    bool is_taken =
        ts_google_limiter_take(&c->session->limiter, now_ms(c), patience_ms(c), &wait_ms);

    if (!is_taken)
        refuse_slot(c, wait_ms);
    else if (wait_ms > 0)
        ts_timer_set(c->timer, wait_ms);
    else
        step_token(c);
}

/* A pause may have begun while we waited. */
static void on_slot(void *arg)
{
    struct call *c = arg;
    uint64_t pause_ms = ts_google_limiter_pause_left_ms(&c->session->limiter, now_ms(c));

    if (c->refusal.cls != TS_OK)
        report(c, &c->refusal, NULL);
    else if (pause_ms > patience_ms(c))
        refuse_slot(c, pause_ms);
    else if (pause_ms > 0)
        ts_timer_set(c->timer, pause_ms);
    else
        step_token(c);
}

static void step_token(struct call *c)
{
    struct ts_google_tokens *tokens = c->session->tokens;
    const char *token = ts_google_token_current(tokens, &c->token_number);

    if (token)
        step_request(c, token);
    else
        c->waiting = ts_google_token_renew(tokens, on_renewed, c);
}

static void on_renewed(const struct ts_error *err, void *arg)
{
    struct call *c = arg;

    c->waiting = NULL;
    if (err->cls != TS_OK)
        report(c, err, NULL);
    else
        step_token(c);
}

static void step_request(struct call *c, const char *token)
{
    struct ts_http *http = c->session->env->http;
    TS_CLEANUP(ts_google_wipep)
    char *authorization = ts_format("Authorization: Bearer %s", token);
    const char *const headers[] = {authorization, "Accept: application/json",
                                   c->body ? "Content-Type: application/json" : NULL, NULL};
    struct ts_http_request request = {
        .method = c->verb,
        .url = c->url,
        .headers = headers,
        .body = c->body,
        .body_length = c->body ? strlen(c->body) : 0,
        .timeout_ms = TIMEOUT_MS,
    };

    c->waiting = http->start(http, &request, on_answer, c);
}

/* Whatever the transport ran into, it says nothing about what was asked. */
static struct ts_google_verdict judge(const struct ts_error *err,
                                      const struct ts_http_response *response)
{
    struct ts_google_verdict verdict = {.err = *err};

    if (response)
        verdict = ts_google_judge(response);
    else
        verdict.err.cls = TS_RETRY;
    return verdict;
}

static struct json_object *read_json(const struct ts_http_response *response,
                                     struct ts_google_verdict *verdict)
{
    const char *reason = "not an object";
    struct json_object *json = ts_json_parse(response->body, response->body_length, &reason);

    if (json_object_is_type(json, json_type_object))
        return json;
    json_object_put(json);
    verdict->err = ts_error_make(TS_RETRY, "google: the answer was not understood (%s)", reason);
    return NULL;
}

static void pause(struct call *c, const struct ts_error *err)
{
    uint64_t pause_ms = err->retry_after_ms > 0 ? err->retry_after_ms : PAUSE_MS;

    ts_google_limiter_pause(&c->session->limiter, now_ms(c),
                            pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS);
}

static void on_answer(const struct ts_error *err, const struct ts_http_response *response,
                      void *arg)
{
    struct call *c = arg;
    struct ts_google_verdict verdict = judge(err, response);
    bool is_unauthorised = response && response->status == 401;
    TS_AUTOJSON struct json_object *json = NULL;

    c->waiting = NULL;
    if (response && verdict.err.cls == TS_OK && !verdict.is_deleted && !c->ignores_body)
        json = read_json(response, &verdict);
    ts_google_count(c->name, &verdict.err);
    if (verdict.is_throttled)
        pause(c, &verdict.err);
    if (is_unauthorised)
        ts_google_token_spoil(c->session->tokens, c->token_number);
    if (is_unauthorised && !c->has_renewed) {
        c->has_renewed = true;
        step_slot(c);
    } else {
        report(c, &verdict.err,
               &(struct ts_google_answer){json, verdict.is_deleted, verdict.is_forbidden});
    }
}

static void report(struct call *c, const struct ts_error *err,
                   const struct ts_google_answer *answer)
{
    static const struct ts_google_answer nothing;
    struct ts_error outcome = *err; /* may be our own */
    ts_google_call_cb *cb = c->cb;
    void *arg = c->arg;

    release(c);
    cb(&outcome, answer ? answer : &nothing, arg);
}
