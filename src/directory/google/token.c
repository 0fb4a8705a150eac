/* SPDX-License-Identifier: MIT */
/* A renewal: (sign ->) exchange -> served, each waiter on a turn of its own. It goes to the token
 * URL of the settings, and never to the one in a key file: that would let whoever uploads a key
 * file send our requests anywhere. */
#include "directory/google/token.h"

#include "directory/google/credentials.h"
#include "directory/google/env.h"
#include "directory/google/gate.h"
#include "directory/google/google_error.h"
#include "directory/google/google_token_json.h"
#include "directory/google/jwt.h"
#include "directory/google/refusal.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <utlist.h>

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum {
    EARLY_MS = 5 * 60 * 1000,
    RETRY_RENEWAL_MS = 30 * 1000, /* when renewing fails but the token still lives */
    ANSWER_MAX_BYTES = 64 << 10,
    CLOCK_SLACK_S = 10, /* our clock may be a little ahead of Google's */
    TIMEOUT_MS = 20 * 1000,
};

struct waiter {
    struct ts_op op; /* first */
    struct waiter *prev, *next;
    struct ts_google_tokens *tokens;
    bool is_served; /* those are in front */
    struct ts_error err;
    ts_done_cb *cb;
    void *arg;
};

struct ts_google_tokens {
    const struct ts_google_env *env;
    const struct ts_google_credentials *credentials;
    struct ts_google_gate *gate;
    struct ts_op *exchange;
    unsigned pass; /* on which the exchange was begun */
    struct ts_timer *delivery;
    struct waiter *waiters;
    char *token; /* NULL: none */
    unsigned number;
    uint64_t renew_at_ms;
    uint64_t expires_ms;
};

static void step_exchange(struct ts_google_tokens *tokens);
static void on_exchanged(const struct ts_error *err, const struct ts_http_response *response,
                         void *arg);
static void serve(struct ts_google_tokens *tokens, const struct ts_error *err);
static void deliver(void *arg);

/* --- those who wait --- */

static void cancel(struct ts_op *op)
{
    struct waiter *waiter = TS_CONTAINER_OF(op, struct waiter, op);

    DL_DELETE(waiter->tokens->waiters, waiter);
    free(waiter);
}

struct ts_op *ts_google_token_renew(struct ts_google_tokens *tokens, unsigned pass, ts_done_cb *cb,
                                    void *arg)
{
    struct waiter *waiter = ts_alloc(sizeof(*waiter));

    waiter->op.cancel = cancel;
    waiter->tokens = tokens;
    waiter->cb = cb;
    waiter->arg = arg;
    DL_APPEND(tokens->waiters, waiter);
    if (!tokens->exchange) {
        tokens->pass = pass;
        step_exchange(tokens);
    }
    return &waiter->op;
}

/* --- the renewal --- */

static char *encode_consent(const struct ts_google_credentials *own)
{
    TS_AUTOFREE char *client = ts_url_escape(own->client_id);
    TS_AUTOFREE_SECRET char *secret = ts_url_escape(own->client_secret);
    TS_AUTOFREE_SECRET char *refresh = ts_url_escape(own->refresh_token);

    return ts_format("grant_type=refresh_token&client_id=%s&client_secret=%s&refresh_token=%s",
                     client, secret, refresh);
}

static char *encode_assertion(const struct ts_google_tokens *tokens, const char **ret_problem)
{
    const struct ts_google_credentials *own = tokens->credentials;
    struct ts_google_claims claims = {
        .issuer = own->client_email,
        .subject = own->subject,
        .scope = TS_GOOGLE_SCOPE,
        .audience = tokens->env->token_url,
        .issued_s = ts_wall_us() / 1000000 - CLOCK_SLACK_S,
    };
    TS_AUTOFREE_SECRET
    char *assertion = ts_google_jwt_sign(&claims, own->key_id, own->private_key, ret_problem);

    return assertion ? ts_format("grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3A"
                                 "jwt-bearer&assertion=%s",
                                 assertion)
                     : NULL;
}

struct ts_op *ts_google_token_ask(const struct ts_google_env *env, const char *form, ts_http_cb *cb,
                                  void *arg)
{
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded",
                                          "Accept: application/json", NULL};
    struct ts_http_request request = {
        .method = "POST",
        .url = env->token_url,
        .headers = headers,
        .body = form,
        .body_length = strlen(form),
        .timeout_ms = TIMEOUT_MS,
        .max_response_bytes = ANSWER_MAX_BYTES,
    };

    return env->http->start(env->http, &request, cb, arg);
}

static void step_exchange(struct ts_google_tokens *tokens)
{
    const char *problem = NULL;
    TS_AUTOFREE_SECRET
    char *form = tokens->credentials->is_service_account ? encode_assertion(tokens, &problem)
                                                         : encode_consent(tokens->credentials);

    if (form) {
        tokens->exchange = ts_google_token_ask(tokens->env, form, on_exchanged, tokens);
    } else {
        struct ts_error err = ts_google_incomplete(problem);

        serve(tokens, &err);
    }
}

/* Takes the token. */
static void keep(struct ts_google_tokens *tokens, char *token, uint64_t lifetime_s)
{
    uint64_t now = tokens->env->now_ms();
    uint64_t lifetime_ms = lifetime_s * 1000;

    ts_free_secret(tokens->token);
    tokens->token = token;
    tokens->number++;
    tokens->expires_ms = now + lifetime_ms;
    tokens->renew_at_ms =
        now + (lifetime_ms / 2 > EARLY_MS ? lifetime_ms - EARLY_MS : lifetime_ms / 2);
}

static struct ts_error take_token(struct ts_google_tokens *tokens,
                                  const struct ts_http_response *response)
{
    char *token = NULL;
    uint64_t lifetime_s = 0;
    struct ts_error err =
        ts_google_token_read(response->body, response->body_length, &token, &lifetime_s);

    if (err.cls == TS_OK)
        keep(tokens, token, lifetime_s);
    return err;
}

/* The transport's trouble says nothing about the credentials. */
static struct ts_google_verdict judge(struct ts_google_tokens *tokens, const struct ts_error *err,
                                      const struct ts_http_response *response)
{
    struct ts_google_verdict verdict =
        response ? ts_google_judge_token(response) : ts_google_judge_failure(err);
    bool is_granted = response && verdict.err.cls == TS_OK;
    struct ts_error taken = is_granted ? take_token(tokens, response) : ts_no_error;

    if (taken.cls != TS_OK)
        verdict = ts_google_judge_failure(&taken);
    return verdict;
}

/* The old token may do for a while when the endpoint is away. */
static bool fall_back(struct ts_google_tokens *tokens)
{
    uint64_t now = tokens->env->now_ms();

    if (!tokens->token || now >= tokens->expires_ms)
        return false;
    tokens->renew_at_ms = now + RETRY_RENEWAL_MS;
    return true;
}

static void on_exchanged(const struct ts_error *err, const struct ts_http_response *response,
                         void *arg)
{
    struct ts_google_tokens *tokens = arg;
    struct ts_google_verdict verdict = judge(tokens, err, response);

    tokens->exchange = NULL;
    ts_google_count("token", &verdict.err);
    if (verdict.err.cls == TS_RETRY && fall_back(tokens))
        verdict.err = ts_no_error;
    if (verdict.err.cls != TS_OK) /* else the request that is to follow shows more */
        ts_google_gate_tell(tokens->gate, tokens->pass, &verdict);
    serve(tokens, &verdict.err);
}

static void serve(struct ts_google_tokens *tokens, const struct ts_error *err)
{
    struct waiter *waiter;

    DL_FOREACH(tokens->waiters, waiter)
    {
        if (!waiter->is_served)
            waiter->err = *err;
        waiter->is_served = true;
    }
    ts_timer_set(tokens->delivery, 0);
}

/* One waiter per turn: its callback may cancel the others, or end the session and us with it. */
static void deliver(void *arg)
{
    struct ts_google_tokens *tokens = arg;
    struct waiter *waiter = tokens->waiters;
    struct waiter served;

    if (!waiter || !waiter->is_served)
        return;
    DL_DELETE(tokens->waiters, waiter);
    served = *waiter;
    free(waiter);
    if (tokens->waiters && tokens->waiters->is_served)
        ts_timer_set(tokens->delivery, 0);
    served.cb(&served.err, served.arg);
}

/* --- the source --- */

const char *ts_google_token_current(const struct ts_google_tokens *tokens, unsigned *ret_number)
{
    uint64_t now = tokens->env->now_ms();

    if (!tokens->token || now >= tokens->renew_at_ms || now >= tokens->expires_ms)
        return NULL;
    *ret_number = tokens->number;
    return tokens->token;
}

void ts_google_token_spoil(struct ts_google_tokens *tokens, unsigned number)
{
    if (number != tokens->number)
        return;
    ts_free_secret(tokens->token);
    tokens->token = NULL;
}

struct ts_google_tokens *ts_google_tokens_new(const struct ts_google_env *env,
                                              const struct ts_google_credentials *credentials,
                                              struct ts_google_gate *gate)
{
    struct ts_google_tokens *tokens = ts_alloc(sizeof(*tokens));

    tokens->env = env;
    tokens->credentials = credentials;
    tokens->gate = gate;
    tokens->delivery = ts_timer_new(env->loop, deliver, tokens);
    return tokens;
}

void ts_google_tokens_free(struct ts_google_tokens *tokens)
{
    if (!tokens)
        return;
    assert(!tokens->waiters);
    ts_op_cancel(&tokens->exchange);
    ts_timer_free(tokens->delivery);
    ts_free_secret(tokens->token);
    free(tokens);
}
