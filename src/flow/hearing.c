/* SPDX-License-Identifier: MIT */
/* As it runs: trouble -> (resync, when that is news) -> report */
#include "flow/hearing.h"

#include "flow/flow.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"

#define STEPS(X)                                                                                   \
    X(STEP_TROUBLE, "trouble")                                                                     \
    X(STEP_RESYNC, "resync")

enum step { STEPS(TS_STEP_SYMBOL) };

struct hearing {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    char *org;
    char *why;        /* NULL: it hears again */
    const char *code; /* a constant */
    ts_done_cb *cb;
    void *arg;
};

static void step_trouble(struct hearing *h);
static void on_trouble(const struct ts_error *err, void *arg);
static void step_resync(struct hearing *h);
static void on_resync(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                      void *arg);
static void report(struct hearing *h);

static void release(struct hearing *h)
{
    ts_flow_leave(&h->flow);
    free(h->org);
    free(h->why);
    free(h);
}

static void cancel(struct ts_op *op)
{
    release((struct hearing *)(void *)op);
}

static void enter(struct hearing *h, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&h->flow, names[step]);
}

static struct hearing *resume(void *arg)
{
    struct hearing *h = arg;

    ts_flow_resume(&h->flow);
    return h;
}

static void warn(const struct hearing *h, const char *message, const struct ts_error *err)
{
    ts_log(TS_LOG_WARNING, message, "org", h->org, "error", err->text, NULL);
}

struct ts_op *ts_hearing_start(const struct ts_flow_env *env, const char *org,
                               const struct ts_failure *why, ts_done_cb *cb, void *arg)
{
    struct hearing *h = ts_alloc(sizeof(*h));

    h->flow.op.cancel = cancel;
    h->flow.name = "hearing";
    h->env = env;
    h->org = ts_strdup(org);
    h->why = why ? ts_strdup(why->text) : NULL;
    h->code = why ? why->code : NULL;
    h->cb = cb;
    h->arg = arg;
    step_trouble(h);
    return &h->flow.op;
}

static void step_trouble(struct hearing *h)
{
    struct ts_registry *registry = h->env->registry;
    struct ts_failure why = {.text = h->why, .code = h->code};

    enter(h, STEP_TROUBLE);
    ts_flow_await(&h->flow, registry->ops->set_trouble(registry, h->org, TS_TROUBLE_DEAF,
                                                       h->why ? &why : NULL, on_trouble, h));
}

/* Rejected: that was known before. */
static void on_trouble(const struct ts_error *err, void *arg)
{
    struct hearing *h = resume(arg);

    if (err->cls == TS_OK) {
        ts_log(h->why ? TS_LOG_ERROR : TS_LOG_INFO,
               h->why ? "no notification channel; resyncing more often until there is one"
                      : "notifications arrive again",
               "org", h->org, "why", h->why, NULL);
        step_resync(h);
    } else {
        if (err->cls != TS_REJECTED)
            warn(h, "cannot note whether notifications arrive, ignoring", err);
        report(h);
    }
}

static void step_resync(struct hearing *h)
{
    struct ts_queue *queue = h->env->queue;
    struct ts_job job = {
        .type = TS_JOB_RESYNC,
        .org = h->org,
        .cause = h->why ? "no-push" : "push-is-back",
    };

    enter(h, STEP_RESYNC);
    ts_flow_await(&h->flow, queue->ops->enqueue(queue, &job, on_resync, h));
}

static void on_resync(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                      void *arg)
{
    struct hearing *h = resume(arg);

    (void)how;
    (void)job_id;
    if (err->cls != TS_OK)
        warn(h, "cannot ask for a resync, ignoring", err);
    report(h);
}

static void report(struct hearing *h)
{
    ts_done_cb *cb = h->cb;
    void *arg = h->arg;

    release(h);
    cb(&ts_no_error, arg);
}
