/* SPDX-License-Identifier: MIT */
/* A few slots, each with a person in it; whoever ends makes room for the next. */
#include "flow/batch.h"

#include "teamsync/clock.h"
#include "teamsync/mem.h"

enum { SLOTS = 8, FAILURES_MAX = 20 };

struct slot {
    struct batch *batch;
    const struct ts_person_task *task;
    struct ts_op *person; /* NULL: free */
};

struct batch {
    struct ts_op op; /* first */
    const struct ts_flow_env *env;
    const struct ts_person_task *tasks;
    size_t count;
    size_t next;
    size_t running;
    unsigned failures;    /* one after the other */
    struct ts_error stop; /* TS_OK: go on */
    struct ts_op *ending; /* a batch of nobody ends in a turn of its own */
    struct slot slots[SLOTS];
    ts_batch_result_cb *on_result;
    ts_done_cb *cb;
    void *arg;
};

static void on_person(const struct ts_person_result *result, void *arg);

static void release(struct batch *b)
{
    ts_op_cancel(&b->ending);
    for (size_t i = 0; i < SLOTS; i++)
        ts_op_cancel(&b->slots[i].person);
    free(b);
}

static void cancel(struct ts_op *op)
{
    release((struct batch *)(void *)op);
}

static void fill(struct batch *b)
{
    for (size_t i = 0; i < SLOTS && b->next < b->count && b->stop.cls == TS_OK; i++) {
        struct slot *slot = &b->slots[i];

        if (slot->person)
            continue;
        slot->task = &b->tasks[b->next++];
        b->running++;
        slot->person = ts_person_start(b->env, slot->task, on_person, slot);
    }
}

static void end(struct batch *b)
{
    struct ts_error err = b->stop;
    ts_done_cb *cb = b->cb;
    void *arg = b->arg;

    release(b);
    cb(&err, arg);
}

static void on_ending(const struct ts_error *err, void *arg)
{
    struct batch *b = arg;

    (void)err;
    b->ending = NULL;
    end(b);
}

struct ts_op *ts_batch_start(const struct ts_flow_env *env, const struct ts_person_task *tasks,
                             size_t count, ts_batch_result_cb *on_result, ts_done_cb *cb, void *arg)
{
    struct batch *b = ts_alloc(sizeof(*b));

    *b = (struct batch){
        .op.cancel = cancel,
        .env = env,
        .tasks = tasks,
        .count = count,
        .stop = ts_no_error,
        .on_result = on_result,
        .cb = cb,
        .arg = arg,
    };
    for (size_t i = 0; i < SLOTS; i++)
        b->slots[i].batch = b;
    fill(b);
    if (b->running == 0)
        b->ending = env->clock->ops->pause(env->clock, 0, on_ending, b);
    return &b->op;
}

/* Whether the rest is not worth a try. */
static struct ts_error judge(struct batch *b, const struct ts_person_result *result)
{
    if (result->end == TS_PERSON_LOST)
        return ts_error_make(TS_NOT_FOUND, "the run has lost its job or its lease");
    if (result->end != TS_PERSON_FAILED) {
        b->failures = 0;
        return ts_no_error;
    }
    b->failures++;
    if (result->err.cls == TS_AUTH || b->failures >= FAILURES_MAX)
        return result->err;
    return ts_no_error;
}

static void on_person(const struct ts_person_result *result, void *arg)
{
    struct slot *slot = arg;
    struct batch *b = slot->batch;

    slot->person = NULL;
    b->running--;
    if (b->stop.cls == TS_OK)
        b->stop = judge(b, result);
    b->on_result(result, slot->task, b->arg);
    fill(b);
    if (b->running == 0)
        end(b);
}

void ts_person_count(const struct ts_person_result *result, struct ts_run *run)
{
    unsigned delivered = TS_CHANGED_MANAGER | TS_CHANGED_TEAM | TS_CHANGED_STATUS;
    bool links = result->changed & TS_CHANGED_LINK;

    run->reads += result->reads;
    run->invited += result->is_invited;
    if (result->end == TS_PERSON_FAILED || result->end == TS_PERSON_INCOMPLETE ||
        result->end == TS_PERSON_OVERTAKEN)
        run->failed++;
    if (result->end != TS_PERSON_COMMITTED)
        return;
    run->changed += result->changed != 0;
    run->linked += links;
    run->suspended += result->suspends;
    run->reinstated += result->reinstates;
    run->held += result->is_held;
    run->corrections += !links && (result->changed & delivered);
}
