/* SPDX-License-Identifier: MIT */
/* The answer to a consent. As it runs: take -> redeem -> connect -> report; or, when it comes from
 * another browser than the one that began, take -> report, and nothing has happened: else somebody
 * could have others connect their directory to an org of his (RFC 9700 §4.7). */
#include "flow/flow.h"

#include "teamsync/flow.h"
#include "teamsync/mem.h"

#define STEPS(X)                                                                                   \
    X(STEP_TAKE, "take")                                                                           \
    X(STEP_REDEEM, "redeem")                                                                       \
    X(STEP_CONNECT, "connect")

enum step { STEPS(TS_STEP_SYMBOL) };

struct consent {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    char *code;
    char *org; /* once it is known */
    char *actor;
    bool is_taken;
    ts_consented_cb *cb;
    void *arg;
};

static void step_take(struct consent *c, const struct ts_consent_proof *proof);
static void on_taken(const struct ts_error *err, const struct ts_consent *consent, bool is_taken,
                     void *arg);
static void step_redeem(struct consent *c, const char *verifier);
static void on_redeemed(const struct ts_error *err, const char *credentials, void *arg);
static void step_connect(struct consent *c, const char *credentials);
static void on_connected(const struct ts_error *err, void *arg);
static void report(struct consent *c, const struct ts_error *err);

static void release(struct consent *c)
{
    ts_flow_leave(&c->flow);
    ts_free_secret(c->code);
    free(c->org);
    free(c->actor);
    free(c);
}

static void cancel(struct ts_op *op)
{
    release((struct consent *)(void *)op);
}

static void enter(struct consent *c, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&c->flow, names[step]);
}

static struct consent *resume(void *arg)
{
    struct consent *c = arg;

    ts_flow_resume(&c->flow);
    return c;
}

struct ts_op *ts_consent_start(const struct ts_flow_env *env,
                               const struct ts_consent_answer *answer, ts_consented_cb *cb,
                               void *arg)
{
    struct consent *c = ts_alloc(sizeof(*c));

    c->flow.op.cancel = cancel;
    c->flow.name = "consent";
    c->env = env;
    c->code = ts_strdup(answer->code);
    c->cb = cb;
    c->arg = arg;
    step_take(c, &answer->proof);
    return &c->flow.op;
}

static void step_take(struct consent *c, const struct ts_consent_proof *proof)
{
    struct ts_registry *registry = c->env->registry;

    enter(c, STEP_TAKE);
    ts_flow_await(&c->flow, registry->ops->take_consent(registry, proof, on_taken, c));
}

static void on_taken(const struct ts_error *err, const struct ts_consent *consent, bool is_taken,
                     void *arg)
{
    struct consent *c = resume(arg);

    if (err->cls == TS_OK) {
        c->org = ts_strdup(consent->org);
        c->actor = ts_strdup(consent->actor);
        c->is_taken = is_taken;
    }
    if (c->is_taken)
        step_redeem(c, consent->verifier);
    else
        report(c, err);
}

static void step_redeem(struct consent *c, const char *verifier)
{
    struct ts_directory *directory = c->env->directory;
    struct ts_directory_consent consent = {
        .verifier = verifier,
        .redirect_to = c->env->consent_address,
    };

    enter(c, STEP_REDEEM);
    ts_flow_await(&c->flow, directory->ops->redeem(directory, &consent, c->code, on_redeemed, c));
}

static void on_redeemed(const struct ts_error *err, const char *credentials, void *arg)
{
    struct consent *c = resume(arg);

    if (err->cls != TS_OK)
        report(c, err);
    else
        step_connect(c, credentials);
}

static void step_connect(struct consent *c, const char *credentials)
{
    struct ts_connection wanted = {
        .org = c->org,
        .provider = "google-workspace",
        .credentials = credentials,
        .connected_by = c->actor,
    };

    enter(c, STEP_CONNECT);
    ts_flow_await(&c->flow, ts_connect_start(c->env, &wanted, on_connected, c));
}

static void on_connected(const struct ts_error *err, void *arg)
{
    report(resume(arg), err);
}

static void report(struct consent *c, const struct ts_error *err)
{
    struct ts_error outcome = *err;
    TS_AUTOFREE char *org = TS_STEAL(c->org);
    TS_AUTOFREE char *actor = TS_STEAL(c->actor);
    struct ts_consented how = {
        .org = org,
        .actor = actor,
        .is_connected = outcome.cls == TS_OK && c->is_taken,
    };
    ts_consented_cb *cb = c->cb;
    void *arg = c->arg;

    release(c);
    cb(&outcome, &how, arg);
}
