/* SPDX-License-Identifier: MIT */
/* What a resync would change, for somebody who waits for the answer. As it runs:
 *   connection -> pass (dry) -> guard -> report */
#include "flow/flow.h"
#include "flow/pass.h"

#include "teamsync/flow.h"
#include "teamsync/mem.h"
#include "teamsync/plan.h"
#include "teamsync/text.h"

#include <string.h>

#define STEPS(X)                                                                                   \
    X(STEP_CONNECTION, "connection")                                                               \
    X(STEP_PASS, "pass")                                                                           \
    X(STEP_GUARD, "guard")

enum step { STEPS(TS_STEP_SYMBOL) };

enum { ITEMS_MAX = 1000 };

/* Items as they were found, with texts of their own. */
struct items {
    struct ts_preview_item items[ITEMS_MAX];
    size_t count;
};

struct preview {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    char *org;
    struct ts_connection *connection;
    struct ts_job job;
    struct ts_pass_task task;
    struct ts_run run;
    bool has_loss;
    struct ts_loss loss;
    struct items overwriting;
    struct items others;
    ts_preview_cb *cb;
    void *arg;
};

static void step_connection(struct preview *p);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_pass(struct preview *p);
static void on_person(const struct ts_person_result *result, const struct ts_person_task *task,
                      void *arg);
static void on_passed(const struct ts_error *err, const struct ts_loss *loss, void *arg);
static void step_guard(struct preview *p);
static void on_guard(const struct ts_error *err, const struct ts_hold *hold, void *arg);
static void report(struct preview *p, const struct ts_error *err, const struct ts_hold *hold);

static void free_items(struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        free((void *)(uintptr_t)items->items[i].member_id); /* the block of all its texts */
}

static void release(struct preview *p)
{
    ts_flow_leave(&p->flow);
    ts_connection_free(p->connection);
    free_items(&p->overwriting);
    free_items(&p->others);
    free(p->org);
    free(p);
}

static void cancel(struct ts_op *op)
{
    release((struct preview *)(void *)op);
}

static void enter(struct preview *p, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&p->flow, names[step]);
}

static struct preview *resume(void *arg)
{
    struct preview *p = arg;

    ts_flow_resume(&p->flow);
    return p;
}

static void fail(struct preview *p, const struct ts_error *err)
{
    report(p, err, NULL);
}

struct ts_op *ts_preview_start(const struct ts_flow_env *env, const char *org, ts_preview_cb *cb,
                               void *arg)
{
    struct preview *p = ts_alloc(sizeof(*p));

    p->flow.op.cancel = cancel;
    p->flow.name = "preview";
    p->env = env;
    p->org = ts_strdup(org);
    p->cb = cb;
    p->arg = arg;
    step_connection(p);
    return &p->flow.op;
}

static void step_connection(struct preview *p)
{
    struct ts_registry *registry = p->env->registry;

    enter(p, STEP_CONNECTION);
    ts_flow_await(&p->flow, registry->ops->get_connection(registry, p->org, on_connection, p));
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct preview *p = resume(arg);

    if (err->cls == TS_OK)
        p->connection = ts_connection_dup(connection);

    if (err->cls != TS_OK) {
        fail(p, err);
    } else if (connection->state == TS_CONNECTION_NONE) {
        struct ts_error missing = ts_error_make(TS_REJECTED, "connect a directory first");

        fail(p, &missing);
    } else {
        step_pass(p);
    }
}

static void step_pass(struct preview *p)
{
    p->job = (struct ts_job){.type = TS_JOB_RESYNC, .org = p->org, .is_preview = true};
    p->task = (struct ts_pass_task){
        .connection = p->connection,
        .job = &p->job,
        .on_person = on_person,
        .arg = p,
    };
    enter(p, STEP_PASS);
    ts_flow_await(&p->flow, ts_pass_start(p->env, &p->task, &p->run, on_passed, p));
}

/* The texts go into one block, which begins with the member's id. */
static struct ts_preview_item keep_item(const struct ts_plan *plan)
{
    const struct ts_member *before = plan->before;
    const struct ts_member *after = &plan->after;
    const char *texts[] = {before->id,           before->email, before->manager_email,
                           after->manager_email, before->team,  after->team};
    const char *kept[TS_COUNT_OF(texts)];
    size_t bytes = 0;
    char *tail;

    for (size_t i = 0; i < TS_COUNT_OF(texts); i++)
        bytes += ts_packed_bytes(texts[i]);
    tail = ts_alloc(bytes);
    for (size_t i = 0; i < TS_COUNT_OF(texts); i++)
        kept[i] = ts_pack_text(&tail, texts[i]);
    return (struct ts_preview_item){
        .member_id = kept[0],
        .email = kept[1],
        .changed = plan->changed,
        .manager_before = kept[2],
        .manager_after = kept[3],
        .team_before = kept[4],
        .team_after = kept[5],
        .status_before = before->status,
        .status_after = after->status,
        .reason = plan->reason,
    };
}

static bool overwrites(const struct ts_plan *plan)
{
    return ((plan->changed & TS_CHANGED_MANAGER) &&
            plan->before->manager_source == TS_SOURCE_MANUAL) ||
           ((plan->changed & TS_CHANGED_TEAM) && plan->before->team_source == TS_SOURCE_MANUAL);
}

static void on_person(const struct ts_person_result *result, const struct ts_person_task *task,
                      void *arg)
{
    struct preview *p = arg;
    const struct ts_plan *plan = result->plan;
    struct items *list;

    (void)task;
    if (!plan || !(plan->changed & ~(unsigned)TS_CHANGED_STATE))
        return;
    list = overwrites(plan) ? &p->overwriting : &p->others;
    if (list->count < ITEMS_MAX) {
        list->items[list->count] = keep_item(plan);
        list->items[list->count++].overwrites = overwrites(plan);
    }
}

static void on_passed(const struct ts_error *err, const struct ts_loss *loss, void *arg)
{
    struct preview *p = resume(arg);

    if (loss) {
        p->has_loss = true;
        p->loss = *loss;
        p->loss.digest = NULL; /* was the pass's */
    }
    if (err->cls != TS_OK)
        fail(p, err);
    else
        step_guard(p);
}

static void step_guard(struct preview *p)
{
    struct ts_roster *roster = p->env->roster;

    enter(p, STEP_GUARD);
    ts_flow_await(&p->flow, roster->ops->get_hold(roster, p->org, &p->env->guard, on_guard, p));
}

static void on_guard(const struct ts_error *err, const struct ts_hold *hold, void *arg)
{
    report(resume(arg), err, hold);
}

/* Those that overwrite something first; the others as far as there is room. */
static void merge(struct preview *p)
{
    struct items *first = &p->overwriting;
    struct items *others = &p->others;

    while (others->count > 0 && first->count + others->count > ITEMS_MAX)
        free((void *)(uintptr_t)others->items[--others->count].member_id);
    memcpy(&first->items[first->count], others->items, others->count * sizeof(others->items[0]));
    first->count += others->count;
    others->count = 0;
}

static void report(struct preview *p, const struct ts_error *err, const struct ts_hold *hold)
{
    struct ts_error outcome = *err;
    struct ts_preview found = {.run = &p->run, .loss = p->has_loss ? &p->loss : NULL};

    if (hold) {
        merge(p);
        found.items = p->overwriting.items;
        found.item_count = p->overwriting.count;
        found.guard_limit = hold->guard_limit;
        found.guard_used = hold->guard_used;
    }
    ts_flow_leave(&p->flow);
    p->cb(&outcome, outcome.cls == TS_OK ? &found : NULL, p->arg);
    release(p);
}
