/* SPDX-License-Identifier: MIT */
/* As it runs: probe -> (note) -> report */
#include "flow/account.h"

#include "flow/flow.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#define STEPS(X)                                                                                   \
    X(STEP_PROBE, "probe")                                                                         \
    X(STEP_NOTE, "note")

enum step { STEPS(TS_STEP_SYMBOL) };

struct account {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    const struct ts_connection *connection;
    bool is_dry;
    bool became_admin;
    ts_account_cb *cb;
    void *arg;
};

static void step_probe(struct account *a);
static void on_probed(const struct ts_error *err, const struct ts_directory_probe *probe,
                      void *arg);
static void step_note(struct account *a, const struct ts_directory_probe *probe);
static void on_noted(const struct ts_error *err, void *arg);
static void report(struct account *a, const struct ts_error *err);

static void release(struct account *a)
{
    ts_flow_leave(&a->flow);
    free(a);
}

static void cancel(struct ts_op *op)
{
    release((struct account *)(void *)op);
}

static void enter(struct account *a, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&a->flow, names[step]);
}

static struct account *resume(void *arg)
{
    struct account *a = arg;

    ts_flow_resume(&a->flow);
    return a;
}

struct ts_op *ts_account_start(const struct ts_flow_env *env,
                               const struct ts_connection *connection, bool is_dry,
                               ts_account_cb *cb, void *arg)
{
    struct account *a = ts_alloc(sizeof(*a));

    a->flow.op.cancel = cancel;
    a->flow.name = "account";
    a->env = env;
    a->connection = connection;
    a->is_dry = is_dry;
    a->cb = cb;
    a->arg = arg;
    step_probe(a);
    return &a->flow.op;
}

static void step_probe(struct account *a)
{
    struct ts_directory *directory = a->env->directory;

    enter(a, STEP_PROBE);
    ts_flow_await(&a->flow, directory->ops->probe(directory, a->connection, on_probed, a));
}

/* Who connected as an admin, and is none any more, sees less: what they do not see proves nothing.
 * And in another directory, which a domain may have moved to, nobody has the ids that are linked.
 */
static struct ts_error judge(const struct ts_connection *connection,
                             const struct ts_directory_probe *probe)
{
    const char *subject = probe->subject ? probe->subject : "the connection's account";
    bool is_elsewhere = connection->customer && probe->customer &&
                        !ts_text_equal(connection->customer, probe->customer);
    struct ts_error err = ts_no_error;

    if (is_elsewhere) {
        err =
            ts_error_make(TS_AUTH, "%.80s is in another directory than the one connected", subject);
        err.code = TS_DIRECTORY_OTHER;
    } else if (connection->may_suspend && !probe->is_admin) {
        err = ts_error_make(
            TS_AUTH,
            "%.80s is not an admin of the directory any more; make them one, or connect anew",
            subject);
        err.code = TS_DIRECTORY_NOT_ADMIN;
    }
    return err;
}

static void on_probed(const struct ts_error *err, const struct ts_directory_probe *probe, void *arg)
{
    struct account *a = resume(arg);
    struct ts_error outcome = err->cls == TS_OK ? judge(a->connection, probe) : *err;

    if (outcome.cls == TS_OK && probe->is_admin && !a->connection->may_suspend && !a->is_dry)
        step_note(a, probe);
    else
        report(a, &outcome);
}

static void step_note(struct account *a, const struct ts_directory_probe *probe)
{
    struct ts_registry *registry = a->env->registry;
    struct ts_connection known = *a->connection;

    known.subject = probe->subject;
    known.customer = probe->customer;
    known.may_suspend = true;
    enter(a, STEP_NOTE);
    ts_flow_await(&a->flow, registry->ops->note_account(registry, &known, on_noted, a));
}

/* What could not be noted is found out again by the next resync. */
static void on_noted(const struct ts_error *err, void *arg)
{
    struct account *a = resume(arg);

    a->became_admin = err->cls == TS_OK;
    if (err->cls == TS_OK)
        ts_log(TS_LOG_INFO, "the connection's account is an admin by now", "org",
               a->connection->org, NULL);
    else
        ts_log(TS_LOG_WARNING, "cannot note that the connection's account is an admin, ignoring",
               "org", a->connection->org, "error", err->text, NULL);
    report(a, &ts_no_error);
}

static void report(struct account *a, const struct ts_error *err)
{
    struct ts_error outcome = *err;
    bool became_admin = a->became_admin;
    ts_account_cb *cb = a->cb;
    void *arg = a->arg;

    release(a);
    cb(&outcome, became_admin, arg);
}
