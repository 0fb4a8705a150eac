/* SPDX-License-Identifier: MIT */
/* Disconnecting a directory. As it runs: connection -> leave -> remember -> close -> unlink … ->
 * report. From the leave on nothing is synced any more, whoever is at work on what; all that
 * follows may be done again, and is, by the next disconnect or connect, where it was cut off. */
#include "flow/closing.h"
#include "flow/flow.h"

#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"

#define STEPS(X)                                                                                   \
    X(STEP_CONNECTION, "connection")                                                               \
    X(STEP_LEAVE, "leave")                                                                         \
    X(STEP_REMEMBER, "remember")                                                                   \
    X(STEP_CLOSE, "close")                                                                         \
    X(STEP_UNLINK, "unlink")

enum step { STEPS(TS_STEP_SYMBOL) };

struct disconnect {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    char *org;
    char *by;
    struct ts_connection *connection; /* as it was */
    ts_done_cb *cb;
    void *arg;
};

static void step_connection(struct disconnect *d);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_leave(struct disconnect *d);
static void on_left(const struct ts_error *err, void *arg);
static void step_remember(struct disconnect *d);
static void on_remembered(const struct ts_error *err, void *arg);
static void step_close(struct disconnect *d);
static void on_closed(const struct ts_error *err, void *arg);
static void step_unlink(struct disconnect *d, const char *cursor);
static void on_unlinked(const struct ts_error *err, const char *next_cursor, void *arg);
static void report(struct disconnect *d, const struct ts_error *err);

static void release(struct disconnect *d)
{
    ts_flow_leave(&d->flow);
    ts_connection_free(d->connection);
    free(d->org);
    free(d->by);
    free(d);
}

static void cancel(struct ts_op *op)
{
    release((struct disconnect *)(void *)op);
}

static void enter(struct disconnect *d, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&d->flow, names[step]);
}

static struct disconnect *resume(void *arg)
{
    struct disconnect *d = arg;

    ts_flow_resume(&d->flow);
    return d;
}

struct ts_op *ts_disconnect_start(const struct ts_flow_env *env, const char *org, const char *by,
                                  ts_done_cb *cb, void *arg)
{
    struct disconnect *d = ts_alloc(sizeof(*d));

    d->flow.op.cancel = cancel;
    d->flow.name = "disconnect";
    d->env = env;
    d->org = ts_strdup(org);
    d->by = ts_strdup(by);
    d->cb = cb;
    d->arg = arg;
    step_connection(d);
    return &d->flow.op;
}

/* Its credentials are needed to stop its channels; one whose credentials do not open goes, too. */
static void step_connection(struct disconnect *d)
{
    struct ts_registry *registry = d->env->registry;

    enter(d, STEP_CONNECTION);
    ts_flow_await(&d->flow, registry->ops->get_connection(registry, d->org, on_connection, d));
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct disconnect *d = resume(arg);

    d->connection = ts_connection_dup(connection);
    if (!connection)
        report(d, err);
    else
        step_leave(d);
}

static void step_leave(struct disconnect *d)
{
    struct ts_registry *registry = d->env->registry;

    enter(d, STEP_LEAVE);
    ts_flow_await(&d->flow, registry->ops->disconnect(registry, d->org, on_left, d));
}

static void on_left(const struct ts_error *err, void *arg)
{
    struct disconnect *d = resume(arg);

    if (err->cls != TS_OK) {
        report(d, err);
    } else {
        ts_log(TS_LOG_INFO, "directory disconnected", "org", d->org, "by", d->by, "was",
               ts_connection_state_name(d->connection->state), NULL);
        step_remember(d);
    }
}

static void step_remember(struct disconnect *d)
{
    struct ts_connection_change change = {
        .org = d->org,
        .before = d->connection->state,
        .after = TS_CONNECTION_NONE,
        .deed = "disconnected",
        .by = d->by,
    };

    enter(d, STEP_REMEMBER);
    ts_flow_remember(&d->flow, d->env, &change, on_remembered);
}

static void on_remembered(const struct ts_error *err, void *arg)
{
    struct disconnect *d = resume(arg);

    ts_flow_log_unremembered(d->org, err);
    step_close(d);
}

static void step_close(struct disconnect *d)
{
    enter(d, STEP_CLOSE);
    ts_flow_await(&d->flow,
                  ts_closing_start(d->env, d->connection, /* known= */ NULL, on_closed, d));
}

static void on_closed(const struct ts_error *err, void *arg)
{
    struct disconnect *d = resume(arg);

    if (err->cls != TS_OK)
        report(d, err);
    else
        step_unlink(d, /* cursor= */ NULL);
}

static void step_unlink(struct disconnect *d, const char *cursor)
{
    struct ts_roster *roster = d->env->roster;

    enter(d, STEP_UNLINK);
    ts_flow_await(&d->flow, roster->ops->unlink(roster, d->org, cursor, on_unlinked, d));
}

static void on_unlinked(const struct ts_error *err, const char *next_cursor, void *arg)
{
    struct disconnect *d = resume(arg);

    if (err->cls == TS_OK && next_cursor)
        step_unlink(d, next_cursor);
    else
        report(d, err);
}

static void report(struct disconnect *d, const struct ts_error *err)
{
    ts_done_cb *cb = d->cb;
    void *arg = d->arg;

    release(d);
    cb(err, arg);
}
