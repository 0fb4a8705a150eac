/* SPDX-License-Identifier: MIT */
/* People whom somebody invites. As it runs:
 *   connection -> invite, a few at once -> report
 * One of them who cannot be invited keeps nobody else from it. */
#include "flow/flow.h"
#include "flow/invite.h"

#include "teamsync/mem.h"

enum { SLOTS = 8 };

struct slot {
    struct invitations *whole;
    size_t index;
    struct ts_op *op; /* NULL: free */
};

struct invitations {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    struct ts_connection *connection;
    char *org;
    char *role;
    char *by;
    struct ts_invite_result *results; /* ids and members are ours */
    size_t count;
    size_t next;
    size_t running;
    struct slot slots[SLOTS];
    ts_invitations_cb *cb;
    void *arg;
};

static void step_connection(struct invitations *w);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void fill(struct invitations *w);
static void on_invited(const struct ts_invite_result *result, void *arg);
static void report(struct invitations *w, const struct ts_error *err);

static void free_results(struct ts_invite_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free((void *)(uintptr_t)results[i].directory_id);
        free((void *)(uintptr_t)results[i].member);
    }
    free(results);
}

static void release(struct invitations *w)
{
    ts_flow_leave(&w->flow);
    for (size_t i = 0; i < SLOTS; i++)
        ts_op_cancel(&w->slots[i].op);
    free_results(w->results, w->count);
    ts_connection_free(w->connection);
    free(w->org);
    free(w->role);
    free(w->by);
    free(w);
}

static void cancel(struct ts_op *op)
{
    release((struct invitations *)(void *)op);
}

struct ts_op *ts_invitations_start(const struct ts_flow_env *env,
                                   const struct ts_invitees *invitees, ts_invitations_cb *cb,
                                   void *arg)
{
    struct invitations *w = ts_alloc(sizeof(*w));

    w->flow.op.cancel = cancel;
    w->flow.name = "invitations";
    w->env = env;
    w->org = ts_strdup(invitees->org);
    w->role = ts_strdup(invitees->role);
    w->by = ts_strdup(invitees->by);
    w->count = invitees->count;
    w->results = ts_alloc(w->count * sizeof(*w->results));
    for (size_t i = 0; i < w->count; i++)
        w->results[i].directory_id = ts_strdup(invitees->directory_ids[i]);
    for (size_t i = 0; i < SLOTS; i++)
        w->slots[i].whole = w;
    w->cb = cb;
    w->arg = arg;
    step_connection(w);
    return &w->flow.op;
}

static void step_connection(struct invitations *w)
{
    struct ts_registry *registry = w->env->registry;

    ts_flow_enter(&w->flow, "connection");
    ts_flow_await(&w->flow, registry->ops->get_connection(registry, w->org, on_connection, w));
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct invitations *w = arg;
    struct ts_error missing = ts_flow_missing(err, connection);

    ts_flow_resume(&w->flow);
    if (missing.cls != TS_OK) {
        report(w, &missing);
    } else {
        w->connection = ts_connection_dup(connection);
        fill(w);
    }
}

static void fill(struct invitations *w)
{
    for (size_t i = 0; i < SLOTS && w->next < w->count; i++) {
        struct slot *slot = &w->slots[i];
        struct ts_invite_task task = {
            .connection = w->connection,
            .directory_id = w->results[w->next].directory_id,
            .role = w->role,
            .by = w->by,
        };

        if (slot->op)
            continue;
        slot->index = w->next++;
        w->running++;
        slot->op = ts_invite_start(w->env, &task, on_invited, slot);
    }
}

static void on_invited(const struct ts_invite_result *result, void *arg)
{
    struct slot *slot = arg;
    struct invitations *w = slot->whole;
    struct ts_invite_result *own = &w->results[slot->index];

    slot->op = NULL;
    w->running--;
    own->end = result->end;
    own->err = result->err;
    own->member = ts_member_dup(result->member);
    fill(w);
    if (w->running == 0)
        report(w, &ts_no_error);
}

static void report(struct invitations *w, const struct ts_error *err)
{
    struct ts_error outcome = *err;
    struct ts_invite_result *results = TS_STEAL(w->results);
    size_t count = w->count;
    ts_invitations_cb *cb = w->cb;
    void *arg = w->arg;

    w->count = 0;
    release(w);
    cb(&outcome, results, outcome.cls == TS_OK ? count : 0, arg);
    free_results(results, count);
}
