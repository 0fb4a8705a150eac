/* SPDX-License-Identifier: MIT */
/* One authorised request: gate -> token -> request -> (401: gate, once more) -> report. */
#include "directory/google/call.h"

#include "directory/google/env.h"
#include "directory/google/gate.h"
#include "directory/google/google_error.h"
#include "directory/google/refusal.h"
#include "directory/google/session.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"

#include <string.h>

enum { TIMEOUT_MS = 20 * 1000, ANSWER_MAX_BYTES = 256 << 10 };

struct call {
    struct ts_op op; /* first */
    struct ts_google_session *session;
    const char *name;
    const char *verb;
    char *url;
    char *body;
    bool ignores_body;
    size_t max_bytes;
    struct ts_op *waiting;
    struct ts_timer *refusing;
    struct ts_error refusal; /* why it cannot be asked at all */
    unsigned pass;           /* of the gate; 0: outside */
    unsigned token_number;
    bool has_renewed;
    ts_google_call_cb *cb;
    void *arg;
};

static void step_refuse(struct call *c, struct ts_error refusal);
static void on_refuse(void *arg);
static void step_gate(struct call *c);
static void on_gate(const struct ts_error *err, void *arg);
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
    ts_google_gate_leave(c->session->gate, &c->pass);
    ts_timer_free(c->refusing);
    free(c->url);
    ts_free_secret(c->body); /* a channel's token */
    free(c);
}

static void cancel(struct ts_op *op)
{
    release(TS_CONTAINER_OF(op, struct call, op));
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
    c->max_bytes = request->max_bytes ? request->max_bytes : ANSWER_MAX_BYTES;
    c->cb = cb;
    c->arg = arg;
    if (request->refusal)
        step_refuse(c, ts_error_make(TS_REJECTED, "google: %s", request->refusal));
    else if (session->problem)
        step_refuse(c, ts_google_incomplete(session->problem));
    else
        step_gate(c);
    return &c->op;
}

/* On the next turn, for nothing may end before its start has returned. */
static void step_refuse(struct call *c, struct ts_error refusal)
{
    c->refusal = refusal;
    c->refusing = ts_timer_new(c->session->env->loop, on_refuse, c);
    ts_timer_set(c->refusing, 0);
}

static void on_refuse(void *arg)
{
    struct call *c = arg;

    report(c, &c->refusal, NULL);
}

static void step_gate(struct call *c)
{
    c->waiting = ts_google_gate_enter(c->session->gate, &c->pass, on_gate, c);
}

static void on_gate(const struct ts_error *err, void *arg)
{
    struct call *c = arg;

    c->waiting = NULL;
    if (err->cls != TS_OK)
        report(c, err, NULL);
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
        c->waiting = ts_google_token_renew(tokens, c->pass, on_renewed, c);
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
    TS_AUTOFREE_SECRET
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
        .max_response_bytes = c->max_bytes,
    };

    c->waiting = http->start(http, &request, on_answer, c);
}

static struct json_object *read_json(const struct ts_http_response *response,
                                     struct ts_google_verdict *verdict)
{
    const char *reason = "not an object";
    struct json_object *json = ts_json_parse(response->body, response->body_length, &reason);
    struct ts_error err;

    if (json_object_is_type(json, json_type_object))
        return json;
    json_object_put(json);
    err = ts_error_make(TS_RETRY, "google: the answer was not understood (%s)", reason);
    *verdict = ts_google_judge_failure(&err);
    return NULL;
}

static void on_answer(const struct ts_error *err, const struct ts_http_response *response,
                      void *arg)
{
    struct call *c = arg;
    struct ts_google_verdict verdict =
        response ? ts_google_judge(response) : ts_google_judge_failure(err);
    bool is_unauthorised = response && response->status == 401;
    TS_AUTOJSON struct json_object *json = NULL;

    c->waiting = NULL;
    if (response && verdict.err.cls == TS_OK && !verdict.is_deleted && !c->ignores_body)
        json = read_json(response, &verdict);
    ts_google_count(c->name, &verdict.err);
    ts_google_gate_tell(c->session->gate, c->pass, &verdict);
    if (is_unauthorised)
        ts_google_token_spoil(c->session->tokens, c->token_number);
    if (is_unauthorised && !c->has_renewed) {
        c->has_renewed = true;
        ts_google_gate_leave(c->session->gate, &c->pass);
        step_gate(c);
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
