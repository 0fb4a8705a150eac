/* SPDX-License-Identifier: MIT */
/* A new key for what is sealed. As it runs:
 *   key -> orgs -> reseal, org by org -> (pause -> orgs -> …) -> keep -> report
 * One pass is not enough: Redis may forget what it was told last (a crash before it was on disk, a
 * replica that had not heard of it), and then shows texts again that only the old keys open. So
 * these go when a pass, after a pause, finds nothing left for them. */
#include "flow/flow.h"

#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#define STEPS(X)                                                                                   \
    X(STEP_KEY, "key")                                                                             \
    X(STEP_ORGS, "orgs")                                                                           \
    X(STEP_RESEAL, "reseal")                                                                       \
    X(STEP_PAUSE, "pause")                                                                         \
    X(STEP_KEEP, "keep")

enum step { STEPS(TS_STEP_SYMBOL) };

enum { PAGE = 100 };
static const uint64_t pause_ms = 3000; /* `everysec` is on disk after two */

struct rotate {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    char *mark; /* of the new key */
    char *orgs[PAGE];
    size_t org_count;
    size_t next_org;
    char *cursor;    /* of the page after this one; NULL: there is none */
    bool is_settled; /* this pass has found nothing that was not sealed anew before */
    size_t resealed;
    size_t failed; /* in this pass */
    ts_rotated_cb *cb;
    void *arg;
};

static void step_key(struct rotate *r);
static void on_key(const struct ts_error *err, const char *mark, void *arg);
static void begin_pass(struct rotate *r);
static void step_orgs(struct rotate *r);
static void on_orgs(const struct ts_error *err, const struct ts_org *orgs, size_t count,
                    const char *next_cursor, void *arg);
static void next_org(struct rotate *r);
static void step_reseal(struct rotate *r);
static void on_resealed(const struct ts_error *err, enum ts_resealed how, void *arg);
static void end_pass(struct rotate *r);
static void step_pause(struct rotate *r);
static void on_paused(const struct ts_error *err, void *arg);
static void step_keep(struct rotate *r);
static void on_kept(const struct ts_error *err, void *arg);
static void report(struct rotate *r, const struct ts_error *err);

static void forget_page(struct rotate *r)
{
    for (size_t i = 0; i < r->org_count; i++)
        free(r->orgs[i]);
    r->org_count = 0;
    r->next_org = 0;
}

static void release(struct rotate *r)
{
    ts_flow_leave(&r->flow);
    forget_page(r);
    free(r->cursor);
    free(r->mark);
    free(r);
}

static void cancel(struct ts_op *op)
{
    release((struct rotate *)(void *)op);
}

static void enter(struct rotate *r, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&r->flow, names[step]);
}

static struct rotate *resume(void *arg)
{
    struct rotate *r = arg;

    ts_flow_resume(&r->flow);
    return r;
}

struct ts_op *ts_rotate_start(const struct ts_flow_env *env, ts_rotated_cb *cb, void *arg)
{
    struct rotate *r = ts_alloc(sizeof(*r));

    r->flow.op.cancel = cancel;
    r->flow.name = "rotate";
    r->env = env;
    r->cb = cb;
    r->arg = arg;
    step_key(r);
    return &r->flow.op;
}

static void step_key(struct rotate *r)
{
    struct ts_registry *registry = r->env->registry;

    enter(r, STEP_KEY);
    ts_flow_await(&r->flow, registry->ops->add_key(registry, on_key, r));
}

static void on_key(const struct ts_error *err, const char *mark, void *arg)
{
    struct rotate *r = resume(arg);

    if (err->cls != TS_OK) {
        report(r, err);
    } else {
        r->mark = ts_strdup(mark);
        begin_pass(r);
    }
}

static void begin_pass(struct rotate *r)
{
    r->is_settled = true;
    r->failed = 0;
    step_orgs(r);
}

static void step_orgs(struct rotate *r)
{
    struct ts_registry *registry = r->env->registry;

    forget_page(r);
    enter(r, STEP_ORGS);
    ts_flow_await(&r->flow, registry->ops->list_orgs(registry, r->cursor, PAGE, on_orgs, r));
}

static void on_orgs(const struct ts_error *err, const struct ts_org *orgs, size_t count,
                    const char *next_cursor, void *arg)
{
    struct rotate *r = resume(arg);

    if (err->cls != TS_OK) {
        report(r, err);
        return;
    }
    for (size_t i = 0; i < count && i < PAGE; i++)
        r->orgs[r->org_count++] = ts_strdup(orgs[i].id);
    free(r->cursor);
    r->cursor = ts_strdup(next_cursor);
    next_org(r);
}

static void next_org(struct rotate *r)
{
    if (r->next_org < r->org_count)
        step_reseal(r);
    else if (r->cursor)
        step_orgs(r);
    else
        end_pass(r);
}

static void step_reseal(struct rotate *r)
{
    struct ts_registry *registry = r->env->registry;

    enter(r, STEP_RESEAL);
    ts_flow_await(&r->flow, registry->ops->reseal(registry, r->orgs[r->next_org], on_resealed, r));
}

static void on_resealed(const struct ts_error *err, enum ts_resealed how, void *arg)
{
    struct rotate *r = resume(arg);

    if (err->cls != TS_OK) {
        report(r, err);
        return;
    }
    if (how == TS_RESEALED_NEVER)
        ts_log(TS_LOG_ERROR, "credentials do not open under any key, they have to be given anew",
               "org", r->orgs[r->next_org], NULL);
    r->resealed += how == TS_RESEALED;
    r->failed += how == TS_RESEALED_NEVER;
    r->is_settled = r->is_settled && how != TS_RESEALED && how != TS_RESEALED_OVERTAKEN;
    r->next_org++;
    next_org(r);
}

static void end_pass(struct rotate *r)
{
    if (r->failed > 0)
        report(r, &ts_no_error);
    else if (r->is_settled)
        step_keep(r);
    else
        step_pause(r);
}

static void step_pause(struct rotate *r)
{
    struct ts_clock *clock = r->env->clock;

    enter(r, STEP_PAUSE);
    ts_flow_await(&r->flow, clock->ops->pause(clock, pause_ms, on_paused, r));
}

static void on_paused(const struct ts_error *err, void *arg)
{
    (void)err;
    begin_pass(resume(arg));
}

static void step_keep(struct rotate *r)
{
    struct ts_registry *registry = r->env->registry;

    enter(r, STEP_KEEP);
    ts_flow_await(&r->flow, registry->ops->keep_key(registry, r->mark, on_kept, r));
}

static void on_kept(const struct ts_error *err, void *arg)
{
    report(resume(arg), err);
}

static void report(struct rotate *r, const struct ts_error *err)
{
    ts_rotated_cb *cb = r->cb;
    void *arg = r->arg;
    size_t resealed = r->resealed;
    size_t failed = r->failed;
    struct ts_error answer = *err;

    release(r);
    cb(&answer, resealed, failed, arg);
}
