/* SPDX-License-Identifier: MIT */
/* Auto-sync switched on or off. As it runs:
 *   connection -> (move -> remember) -> channels -> (resync, when on) -> report
 * Each part may be done again without harm, so that whoever saw an error just asks again. */
#include "flow/flow.h"

#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#define STEPS(X)                                                                                   \
    X(STEP_CONNECTION, "connection")                                                               \
    X(STEP_MOVE, "move")                                                                           \
    X(STEP_REMEMBER, "remember")                                                                   \
    X(STEP_CHANNELS, "channels")                                                                   \
    X(STEP_RESYNC, "resync")

enum step { STEPS(TS_STEP_SYMBOL) };

struct enable {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    char *org;
    bool is_on; /* what is wanted */
    char *connected_at;
    char *by;
    enum ts_connection_state before;
    ts_done_cb *cb;
    void *arg;
};

static void step_connection(struct enable *e);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_move(struct enable *e);
static void on_moved(const struct ts_error *err, void *arg);
static void step_remember(struct enable *e);
static void on_remembered(const struct ts_error *err, void *arg);
static void step_channels(struct enable *e);
static void on_channels(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                        void *arg);
static void step_resync(struct enable *e);
static void on_resync(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                      void *arg);
static void report(struct enable *e, const struct ts_error *err);

static void release(struct enable *e)
{
    ts_flow_leave(&e->flow);
    free(e->org);
    free(e->connected_at);
    free(e->by);
    free(e);
}

static void cancel(struct ts_op *op)
{
    release((struct enable *)(void *)op);
}

static void enter(struct enable *e, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&e->flow, names[step]);
}

static struct enable *resume(void *arg)
{
    struct enable *e = arg;

    ts_flow_resume(&e->flow);
    return e;
}

struct ts_op *ts_enable_start(const struct ts_flow_env *env, const struct ts_auto_sync *wanted,
                              ts_done_cb *cb, void *arg)
{
    struct enable *e = ts_alloc(sizeof(*e));

    e->flow.op.cancel = cancel;
    e->flow.name = "enable";
    e->env = env;
    e->org = ts_strdup(wanted->org);
    e->is_on = wanted->is_on;
    e->connected_at = ts_strdup(wanted->connected_at);
    e->by = ts_strdup(wanted->by);
    e->cb = cb;
    e->arg = arg;
    step_connection(e);
    return &e->flow.op;
}

static void step_connection(struct enable *e)
{
    struct ts_registry *registry = e->env->registry;

    enter(e, STEP_CONNECTION);
    ts_flow_await(&e->flow, registry->ops->get_connection(registry, e->org, on_connection, e));
}

/* NULL, or what is wrong. */
static const char *hindrance(const struct enable *e, const struct ts_connection *connection)
{
    char at[TS_TIME_TEXT];

    if (!e->is_on)
        return NULL;
    if (connection->state == TS_CONNECTION_NONE)
        return "connect a directory first";
    if (e->connected_at &&
        !ts_text_equal(e->connected_at, ts_time_text(connection->connected_us, at)))
        return "the directory was connected anew meanwhile: look again at what would change";
    return NULL;
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct enable *e = resume(arg);
    const char *wrong = err->cls == TS_OK ? hindrance(e, connection) : NULL;

    if (err->cls != TS_OK) {
        report(e, err);
    } else if (wrong) {
        struct ts_error refusal = ts_error_make(TS_REJECTED, "%s", wrong);

        report(e, &refusal);
    } else if (e->is_on != ts_connection_is_enabled(connection)) {
        e->before = connection->state;
        step_move(e);
    } else {
        step_channels(e);
    }
}

static enum ts_connection_state wanted_state(const struct enable *e)
{
    return e->is_on ? TS_CONNECTION_ACTIVE : TS_CONNECTION_CONNECTED;
}

static void step_move(struct enable *e)
{
    struct ts_registry *registry = e->env->registry;
    unsigned from = e->is_on ? 1u << TS_CONNECTION_CONNECTED
                             : 1u << TS_CONNECTION_ACTIVE | 1u << TS_CONNECTION_FAILING;

    enter(e, STEP_MOVE);
    ts_flow_await(&e->flow, registry->ops->move_connection(registry, e->org, from, wanted_state(e),
                                                           on_moved, e));
}

static void on_moved(const struct ts_error *err, void *arg)
{
    struct enable *e = resume(arg);

    if (err->cls != TS_OK) {
        report(e, err);
    } else {
        ts_log(TS_LOG_INFO, e->is_on ? "auto-sync switched on" : "auto-sync switched off", "org",
               e->org, "by", e->by, NULL);
        step_remember(e);
    }
}

static void step_remember(struct enable *e)
{
    struct ts_connection_change change = {
        .org = e->org,
        .before = e->before,
        .after = wanted_state(e),
        .deed = e->is_on ? "auto-sync enabled" : "auto-sync disabled",
        .by = e->by,
    };

    enter(e, STEP_REMEMBER);
    ts_flow_remember(&e->flow, e->env, &change, on_remembered);
}

static void on_remembered(const struct ts_error *err, void *arg)
{
    struct enable *e = resume(arg);

    ts_flow_log_unremembered(e->org, err);
    step_channels(e);
}

static void enqueue(struct enable *e, enum ts_job_type type, ts_enqueued_cb *cb)
{
    struct ts_queue *queue = e->env->queue;
    struct ts_job job = {
        .type = type,
        .org = e->org,
        .cause = e->is_on ? "enabled" : "disabled",
        .by = e->by,
    };

    ts_flow_await(&e->flow, queue->ops->enqueue(queue, &job, cb, e));
}

static void step_channels(struct enable *e)
{
    enter(e, STEP_CHANNELS);
    enqueue(e, TS_JOB_CHANNELS, on_channels);
}

static void on_channels(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                        void *arg)
{
    struct enable *e = resume(arg);

    (void)how;
    (void)job_id;
    if (err->cls == TS_OK && e->is_on)
        step_resync(e);
    else
        report(e, err);
}

static void step_resync(struct enable *e)
{
    enter(e, STEP_RESYNC);
    enqueue(e, TS_JOB_RESYNC, on_resync);
}

static void on_resync(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                      void *arg)
{
    (void)how;
    (void)job_id;
    report(resume(arg), err);
}

static void report(struct enable *e, const struct ts_error *err)
{
    ts_done_cb *cb = e->cb;
    void *arg = e->arg;

    release(e);
    cb(err, arg);
}
