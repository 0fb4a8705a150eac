/* SPDX-License-Identifier: MIT */
/* Connecting a directory. As it runs:
 *   probe -> known -> (leave the one before) -> store -> remember -> (close its channels) -> report
 * What cannot be verified is never stored, and leaves the connection that there was as it is. The
 * links of members are ids of their directory: they are kept where it is the same one. */
#include "flow/closing.h"
#include "flow/flow.h"

#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"

#define STEPS(X)                                                                                   \
    X(STEP_PROBE, "probe")                                                                         \
    X(STEP_KNOWN, "known")                                                                         \
    X(STEP_LEAVE, "leave")                                                                         \
    X(STEP_STORE, "store")                                                                         \
    X(STEP_REMEMBER, "remember")                                                                   \
    X(STEP_CLOSE, "close")

enum step { STEPS(TS_STEP_SYMBOL) };

struct connect {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    struct ts_connection *wanted;
    struct ts_connection *before;
    char *subject;
    char *customer;
    ts_done_cb *cb;
    void *arg;
};

static void step_probe(struct connect *c);
static void on_probed(const struct ts_error *err, const struct ts_directory_probe *probe,
                      void *arg);
static void step_known(struct connect *c);
static void on_known(const struct ts_error *err, const struct ts_connection *connection, void *arg);
static void step_leave(struct connect *c);
static void on_left(const struct ts_error *err, void *arg);
static void step_store(struct connect *c);
static void on_stored(const struct ts_error *err, void *arg);
static void step_remember(struct connect *c);
static void on_remembered(const struct ts_error *err, void *arg);
static void step_close(struct connect *c);
static void on_closed(const struct ts_error *err, void *arg);
static void report(struct connect *c, const struct ts_error *err);

static void release(struct connect *c)
{
    ts_flow_leave(&c->flow);
    ts_connection_free(c->wanted);
    ts_connection_free(c->before);
    free(c->subject);
    free(c->customer);
    free(c);
}

static void cancel(struct ts_op *op)
{
    release((struct connect *)(void *)op);
}

static void enter(struct connect *c, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&c->flow, names[step]);
}

static struct connect *resume(void *arg)
{
    struct connect *c = arg;

    ts_flow_resume(&c->flow);
    return c;
}

struct ts_op *ts_connect_start(const struct ts_flow_env *env, const struct ts_connection *wanted,
                               ts_done_cb *cb, void *arg)
{
    struct connect *c = ts_alloc(sizeof(*c));

    c->flow.op.cancel = cancel;
    c->flow.name = "connect";
    c->env = env;
    c->wanted = ts_connection_dup(wanted);
    c->cb = cb;
    c->arg = arg;
    step_probe(c);
    return &c->flow.op;
}

static void step_probe(struct connect *c)
{
    struct ts_directory *directory = c->env->directory;

    enter(c, STEP_PROBE);
    ts_flow_await(&c->flow, directory->ops->probe(directory, c->wanted, on_probed, c));
}

static void on_probed(const struct ts_error *err, const struct ts_directory_probe *probe, void *arg)
{
    struct connect *c = resume(arg);

    if (err->cls != TS_OK) {
        report(c, err);
    } else {
        c->subject = ts_strdup(probe->subject);
        c->customer = ts_strdup(probe->customer);
        c->wanted->subject = c->subject;
        c->wanted->customer = c->customer;
        c->wanted->may_suspend = probe->is_admin;
        step_known(c);
    }
}

static void step_known(struct connect *c)
{
    struct ts_registry *registry = c->env->registry;

    enter(c, STEP_KNOWN);
    ts_flow_await(&c->flow, registry->ops->get_connection(registry, c->wanted->org, on_known, c));
}

/* Also one that was cut off while it left is left for good first. */
static bool has_to_leave(const struct ts_connection *before, const struct ts_connection *wanted)
{
    return before->is_leaving || (before->state != TS_CONNECTION_NONE &&
                                  !ts_connection_is_same_directory(before, wanted));
}

static void on_known(const struct ts_error *err, const struct ts_connection *connection, void *arg)
{
    struct connect *c = resume(arg);

    c->before = ts_connection_dup(connection);
    if (!connection) {
        report(c, err);
    } else if (has_to_leave(connection, c->wanted)) {
        step_leave(c);
    } else {
        if (!c->wanted->customer) /* it is not forgotten whose ids the links are */
            c->wanted->customer = c->before->customer;
        step_store(c);
    }
}

static void step_leave(struct connect *c)
{
    enter(c, STEP_LEAVE);
    ts_flow_await(&c->flow,
                  ts_disconnect_start(c->env, c->wanted->org, c->wanted->connected_by, on_left, c));
}

static void on_left(const struct ts_error *err, void *arg)
{
    struct connect *c = resume(arg);

    c->before->state = TS_CONNECTION_NONE;
    c->before->revision = NULL;
    if (err->cls != TS_OK)
        report(c, err);
    else
        step_store(c);
}

/* Also a connection that was on starts anew: whoever brings other credentials switches it on. One
 * that somebody else has made meanwhile stays: its links may be those of another directory. */
static void step_store(struct connect *c)
{
    struct ts_registry *registry = c->env->registry;

    c->wanted->state = TS_CONNECTION_CONNECTED;
    c->wanted->revision = c->before->revision;
    enter(c, STEP_STORE);
    ts_flow_await(&c->flow, registry->ops->put_connection(registry, c->wanted, on_stored, c));
}

static void on_stored(const struct ts_error *err, void *arg)
{
    struct connect *c = resume(arg);

    if (err->cls != TS_OK) {
        report(c, err);
    } else {
        ts_log(TS_LOG_INFO, "directory connected", "org", c->wanted->org, "provider",
               c->wanted->provider, "by", c->wanted->connected_by, "account", c->subject,
               "suspends", c->wanted->may_suspend ? "yes" : "no", NULL);
        step_remember(c);
    }
}

static void step_remember(struct connect *c)
{
    struct ts_connection_change change = {
        .org = c->wanted->org,
        .before = c->before->state,
        .after = TS_CONNECTION_CONNECTED,
        .deed = "connected",
        .by = c->wanted->connected_by,
    };

    enter(c, STEP_REMEMBER);
    ts_flow_remember(&c->flow, c->env, &change, on_remembered);
}

static void on_remembered(const struct ts_error *err, void *arg)
{
    struct connect *c = resume(arg);

    ts_flow_log_unremembered(c->wanted->org, err);
    if (c->before->state == TS_CONNECTION_NONE)
        report(c, &ts_no_error);
    else
        step_close(c);
}

/* Only the old credentials can stop what they have opened. */
static void step_close(struct connect *c)
{
    enter(c, STEP_CLOSE);
    ts_flow_await(&c->flow, ts_closing_start(c->env, c->before, /* known= */ NULL, on_closed, c));
}

/* What is left of them is closed when auto-sync is switched on. */
static void on_closed(const struct ts_error *err, void *arg)
{
    struct connect *c = resume(arg);

    if (err->cls != TS_OK)
        ts_log(TS_LOG_WARNING, "cannot close the channels of the connection before, ignoring",
               "org", c->wanted->org, "error", err->text, NULL);
    report(c, &ts_no_error);
}

static void report(struct connect *c, const struct ts_error *err)
{
    ts_done_cb *cb = c->cb;
    void *arg = c->arg;

    release(c);
    cb(err, arg);
}
