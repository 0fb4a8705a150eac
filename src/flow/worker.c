/* SPDX-License-Identifier: MIT */
/* Takes jobs from the queue and starts a flow for each, at most so many at once. */
#include "teamsync/flow.h"
#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/time.h"

/* Room for one running job. */
struct slot {
    struct ts_worker *worker;
    struct ts_op *flow; /* NULL: free */
    enum ts_job_type type;
    uint64_t started_ms;
};

struct ts_worker {
    const struct ts_flow_env *env;
    struct ts_op *taking;
    bool is_draining;
    void (*on_drained)(void *arg);
    void *arg;
    size_t running;
    size_t concurrency;
    struct slot slots[];
};

static void take(struct ts_worker *worker);
static void on_taken(const struct ts_error *err, const struct ts_job *jobs, size_t count,
                     void *arg);
static void run(struct ts_worker *worker, const struct ts_job *job);
static void on_ended(enum ts_outcome outcome, void *arg);

struct ts_worker *ts_worker_new(const struct ts_flow_env *env, size_t concurrency)
{
    struct ts_worker *worker = ts_alloc(sizeof(*worker) + concurrency * sizeof(worker->slots[0]));

    worker->env = env;
    worker->concurrency = concurrency;
    for (size_t i = 0; i < concurrency; i++)
        worker->slots[i].worker = worker;
    return worker;
}

void ts_worker_start(struct ts_worker *worker)
{
    take(worker);
}

/* One request at a time, for as many jobs as there is room for. */
static void take(struct ts_worker *worker)
{
    struct ts_queue *queue = worker->env->queue;
    size_t room = worker->concurrency - worker->running;

    if (!worker->taking && !worker->is_draining && room > 0)
        worker->taking = queue->ops->take(queue, room, on_taken, worker);
}

static void on_taken(const struct ts_error *err, const struct ts_job *jobs, size_t count, void *arg)
{
    struct ts_worker *worker = arg;

    worker->taking = NULL;
    for (size_t i = 0; err->cls == TS_OK && i < count && worker->running < worker->concurrency; i++)
        run(worker, &jobs[i]);
    take(worker);
}

static struct ts_op *start_flow(const struct ts_flow_env *env, const struct ts_job *job,
                                struct slot *slot)
{
    switch (job->type) {
    case TS_JOB_RESYNC:
        return ts_resync_start(env, job, on_ended, slot);
    case TS_JOB_CHANNELS:
        return ts_channels_start(env, job, on_ended, slot);
    case TS_JOB_USER:
    default:
        return ts_sync_user_start(env, job, on_ended, slot);
    }
}

static void run(struct ts_worker *worker, const struct ts_job *job)
{
    struct slot *slot = worker->slots;

    while (slot->flow)
        slot++;
    worker->running++;
    slot->type = job->type;
    slot->started_ms = ts_now_ms();
    slot->flow = start_flow(worker->env, job, slot);
}

static void on_ended(enum ts_outcome outcome, void *arg)
{
    struct slot *slot = arg;
    struct ts_worker *worker = slot->worker;
    const char *type = ts_job_type_name(slot->type);

    slot->flow = NULL;
    worker->running--;
    ts_metric_add(TS_METRIC_JOBS_TOTAL, type, ts_outcome_name(outcome), 1);
    ts_metric_observe(TS_METRIC_JOB_SECONDS, type,
                      (double)(ts_now_ms() - slot->started_ms) / 1000.0);
    take(worker);
    if (worker->running == 0 && worker->on_drained)
        worker->on_drained(worker->arg);
}

/* Jobs that the queue hands out in the very moment stay in the stream and are taken over. */
void ts_worker_drain(struct ts_worker *worker, void (*cb)(void *arg), void *arg)
{
    worker->is_draining = true;
    ts_op_cancel(&worker->taking);
    worker->on_drained = cb;
    worker->arg = arg;
    if (worker->running == 0)
        cb(arg);
}

size_t ts_worker_running(const struct ts_worker *worker)
{
    return worker->running;
}

void ts_worker_free(struct ts_worker *worker)
{
    if (!worker)
        return;
    ts_op_cancel(&worker->taking);
    for (size_t i = 0; i < worker->concurrency; i++)
        ts_op_cancel(&worker->slots[i].flow);
    free(worker);
}
