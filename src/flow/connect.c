/* SPDX-License-Identifier: MIT */
/* Connecting a directory. As it runs: probe -> store -> remember -> report. What cannot be verified
 * is never stored. */
#include "flow/flow.h"

#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/time.h"

#define STEPS(X)                                                                                   \
    X(STEP_PROBE, "probe")                                                                         \
    X(STEP_STORE, "store")                                                                         \
    X(STEP_REMEMBER, "remember")

enum step { STEPS(TS_STEP_SYMBOL) };

struct connect {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    struct ts_connection *wanted;
    bool may_suspend;
    ts_done_cb *cb;
    void *arg;
};

static void step_probe(struct connect *c);
static void on_probed(const struct ts_error *err, const struct ts_directory_probe *probe,
                      void *arg);
static void step_store(struct connect *c);
static void on_stored(const struct ts_error *err, void *arg);
static void step_remember(struct connect *c);
static void on_remembered(const struct ts_error *err, void *arg);
static void report(struct connect *c, const struct ts_error *err);

static void release(struct connect *c)
{
    ts_flow_leave(&c->flow);
    ts_connection_free(c->wanted);
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
        c->may_suspend = probe->is_admin;
        step_store(c);
    }
}

/* Also a connection that was on starts anew: whoever brings other credentials switches it on. */
static void step_store(struct connect *c)
{
    struct ts_registry *registry = c->env->registry;
    struct ts_connection fresh = *c->wanted;

    fresh.state = TS_CONNECTION_CONNECTED;
    fresh.may_suspend = c->may_suspend;
    fresh.connected_us = ts_wall_us();
    enter(c, STEP_STORE);
    ts_flow_await(&c->flow, registry->ops->put_connection(registry, &fresh, on_stored, c));
}

static void on_stored(const struct ts_error *err, void *arg)
{
    struct connect *c = resume(arg);

    if (err->cls != TS_OK) {
        report(c, err);
    } else {
        ts_log(TS_LOG_INFO, "directory connected", "org", c->wanted->org, "provider",
               c->wanted->provider, "by", c->wanted->connected_by, "suspends",
               c->may_suspend ? "yes" : "no", NULL);
        step_remember(c);
    }
}

static void step_remember(struct connect *c)
{
    struct ts_roster *roster = c->env->roster;
    TS_AUTOFREE char *cause = ts_format("connected by %s", c->wanted->connected_by);
    struct ts_history_entry entry = {
        .field = "connection",
        .after = ts_connection_state_name(TS_CONNECTION_CONNECTED),
        .cause = cause,
    };

    enter(c, STEP_REMEMBER);
    ts_flow_await(&c->flow,
                  roster->ops->remember(roster, c->wanted->org, &entry, on_remembered, c));
}

static void on_remembered(const struct ts_error *err, void *arg)
{
    struct connect *c = resume(arg);

    ts_flow_log_unremembered(c->wanted->org, err);
    report(c, &ts_no_error);
}

static void report(struct connect *c, const struct ts_error *err)
{
    ts_done_cb *cb = c->cb;
    void *arg = c->arg;

    release(c);
    cb(err, arg);
}
