/* SPDX-License-Identifier: MIT */
/* As it runs: (list) -> next: stop -> remove … -> report */
#include "flow/closing.h"

#include "flow/flow.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#define STEPS(X)                                                                                   \
    X(STEP_LIST, "list")                                                                           \
    X(STEP_STOP, "stop")                                                                           \
    X(STEP_REMOVE, "remove")

enum step { STEPS(TS_STEP_SYMBOL) };

enum { PATIENCE_MS = 10 * 1000 }; /* then no further stop is begun */

struct closing {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    const struct ts_connection *connection;
    struct ts_known_channels own; /* when they were listed here */
    struct ts_known_channels *known;
    uint64_t started_ms;
    ts_done_cb *cb;
    void *arg;
};

static void step_list(struct closing *c);
static void on_list(const struct ts_error *err, const struct ts_channel *channels, size_t count,
                    void *arg);
static void close_next(struct closing *c);
static void step_stop(struct closing *c, const struct ts_known_channel *channel);
static void on_stopped(const struct ts_error *err, void *arg);
static void step_remove(struct closing *c);
static void on_removed(const struct ts_error *err, void *arg);
static void report(struct closing *c, const struct ts_error *err);

static void release(struct closing *c)
{
    ts_flow_leave(&c->flow);
    ts_known_channels_done(&c->own);
    free(c);
}

static void cancel(struct ts_op *op)
{
    release((struct closing *)(void *)op);
}

static void enter(struct closing *c, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&c->flow, names[step]);
}

static struct closing *resume(void *arg)
{
    struct closing *c = arg;

    ts_flow_resume(&c->flow);
    return c;
}

struct ts_op *ts_closing_start(const struct ts_flow_env *env,
                               const struct ts_connection *connection,
                               struct ts_known_channels *known, ts_done_cb *cb, void *arg)
{
    struct closing *c = ts_alloc(sizeof(*c));

    c->flow.op.cancel = cancel;
    c->flow.name = "closing";
    c->env = env;
    c->connection = connection;
    c->known = known;
    c->started_ms = ts_now_ms();
    c->cb = cb;
    c->arg = arg;
    if (known)
        close_next(c);
    else
        step_list(c);
    return &c->flow.op;
}

static void step_list(struct closing *c)
{
    struct ts_registry *registry = c->env->registry;

    enter(c, STEP_LIST);
    ts_flow_await(&c->flow, registry->ops->list_channels(registry, c->connection->org, on_list, c));
}

static void on_list(const struct ts_error *err, const struct ts_channel *channels, size_t count,
                    void *arg)
{
    struct closing *c = resume(arg);

    if (err->cls != TS_OK) {
        report(c, err);
    } else {
        c->own = ts_known_channels_keep(channels, count);
        c->known = &c->own;
        close_next(c);
    }
}

/* Without credentials, or without a resource id, nothing can be stopped. */
static bool is_worth_a_stop(const struct closing *c, const struct ts_known_channel *channel)
{
    return !ts_text_is_empty(c->connection->credentials) && channel->resource_id &&
           ts_now_ms() - c->started_ms < PATIENCE_MS;
}

static void close_next(struct closing *c)
{
    const struct ts_known_channel *channel = ts_known_channels_next(c->known);

    if (!channel)
        report(c, &ts_no_error);
    else if (is_worth_a_stop(c, channel))
        step_stop(c, channel);
    else
        step_remove(c);
}

static void step_stop(struct closing *c, const struct ts_known_channel *channel)
{
    struct ts_directory *directory = c->env->directory;

    enter(c, STEP_STOP);
    ts_flow_await(&c->flow, directory->ops->stop(directory, c->connection, channel->id,
                                                 channel->resource_id, on_stopped, c));
}

static void on_stopped(const struct ts_error *err, void *arg)
{
    struct closing *c = resume(arg);

    if (err->cls != TS_OK)
        ts_log(TS_LOG_WARNING, "cannot stop an old channel, leaving it to run out", "org",
               c->connection->org, "error", err->text, NULL);
    step_remove(c);
}

static void step_remove(struct closing *c)
{
    struct ts_registry *registry = c->env->registry;
    const struct ts_known_channel *channel = ts_known_channels_next(c->known);

    enter(c, STEP_REMOVE);
    ts_flow_await(&c->flow, registry->ops->remove_channel(registry, c->connection->org, channel->id,
                                                          on_removed, c));
}

static void on_removed(const struct ts_error *err, void *arg)
{
    struct closing *c = resume(arg);

    if (err->cls != TS_OK) {
        report(c, err);
    } else {
        ts_known_channels_next(c->known)->is_closed = true;
        close_next(c);
    }
}

static void report(struct closing *c, const struct ts_error *err)
{
    ts_done_cb *cb = c->cb;
    void *arg = c->arg;

    release(c);
    cb(err, arg);
}
