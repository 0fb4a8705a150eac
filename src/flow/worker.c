/* SPDX-License-Identifier: MIT */
/* Takes jobs from the queue and starts a flow for each, at most so many at once, and so that no org
 * keeps the others waiting: an org may take as many places as it leaves free. A job that finds no
 * place goes back to the queue for a moment. */
#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <utlist.h>

enum { PUT_BACK_MS = 1000 }; /* and up to as much again */

/* A job that was taken, until it has come to its end. */
struct task {
    struct task *prev, *next;
    struct ts_worker *worker;
    struct ts_op *op;
    struct ts_job *job;
    uint64_t started_ms;
};

struct ts_worker {
    const struct ts_flow_env *env;
    struct ts_op *taking;  /* or, while draining, leaving */
    struct task *running;  /* with a flow each */
    struct task *deferred; /* on their way back to the queue */
    size_t running_count;
    size_t concurrency;
    bool is_draining;
    void (*on_drained)(void *arg);
    void *arg;
};

static void take(struct ts_worker *worker);
static void on_taken(const struct ts_error *err, const struct ts_job *jobs, size_t count,
                     void *arg);
static void run(struct ts_worker *worker, const struct ts_job *job);
static void on_ended(enum ts_outcome outcome, void *arg);
static void defer(struct ts_worker *worker, const struct ts_job *job);
static void on_deferred(const struct ts_error *err, void *arg);
static void on_left(const struct ts_error *err, void *arg);

struct ts_worker *ts_worker_new(const struct ts_flow_env *env, size_t concurrency)
{
    struct ts_worker *worker = ts_alloc(sizeof(*worker));

    worker->env = env;
    worker->concurrency = concurrency;
    return worker;
}

void ts_worker_start(struct ts_worker *worker)
{
    take(worker);
}

void ts_worker_set_concurrency(struct ts_worker *worker, size_t concurrency)
{
    worker->concurrency = concurrency;
    take(worker);
}

static size_t room(const struct ts_worker *worker)
{
    return worker->concurrency > worker->running_count ? worker->concurrency - worker->running_count
                                                       : 0;
}

/* One request at a time, for as many jobs as there is room for. */
static void take(struct ts_worker *worker)
{
    struct ts_queue *queue = worker->env->queue;

    if (!worker->taking && !worker->is_draining && room(worker) > 0)
        worker->taking = queue->ops->take(queue, room(worker), on_taken, worker);
}

static bool has_a_place(const struct ts_worker *worker, const char *org)
{
    size_t has = 0;
    const struct task *task;

    DL_FOREACH(worker->running, task)
    {
        has += ts_text_equal(task->job->org, org);
    }
    return has < room(worker);
}

static void on_taken(const struct ts_error *err, const struct ts_job *jobs, size_t count, void *arg)
{
    struct ts_worker *worker = arg;

    worker->taking = NULL;
    for (size_t i = 0; err->cls == TS_OK && i < count; i++) {
        if (has_a_place(worker, jobs[i].org))
            run(worker, &jobs[i]);
        else
            defer(worker, &jobs[i]);
    }
    take(worker);
}

/* --- a job --- */

static struct task *task_new(struct ts_worker *worker, const struct ts_job *job, struct task **list)
{
    struct task *task = ts_alloc(sizeof(*task));

    task->worker = worker;
    task->job = ts_job_dup(job);
    task->started_ms = ts_now_ms();
    DL_APPEND(*list, task);
    return task;
}

static void task_free(struct task *task, struct task **list)
{
    DL_DELETE(*list, task);
    ts_op_cancel(&task->op);
    free(task->job);
    free(task);
}

static void end_task(struct task *task, struct task **list, enum ts_outcome outcome)
{
    struct ts_worker *worker = task->worker;
    struct ts_queue *queue = worker->env->queue;

    ts_metric_add(TS_METRIC_JOBS_TOTAL, ts_job_type_name(task->job->type), ts_outcome_name(outcome),
                  1);
    queue->ops->let_go(queue, task->job->id);
    task_free(task, list);
}

/* What was asked to be told when everything has ended. */
static void tell_if_drained(struct ts_worker *worker)
{
    if (worker->on_drained && !worker->taking && !worker->running && !worker->deferred)
        worker->on_drained(worker->arg);
}

static struct ts_op *start_flow(const struct ts_flow_env *env, struct task *task)
{
    switch (task->job->type) {
    case TS_JOB_RESYNC:
        return ts_resync_start(env, task->job, on_ended, task);
    case TS_JOB_CHANNELS:
        return ts_channels_start(env, task->job, on_ended, task);
    case TS_JOB_MAIL:
        return ts_send_invitation_start(env, task->job, on_ended, task);
    case TS_JOB_USER:
    default:
        return ts_sync_user_start(env, task->job, on_ended, task);
    }
}

static void run(struct ts_worker *worker, const struct ts_job *job)
{
    struct task *task = task_new(worker, job, &worker->running);

    worker->running_count++;
    task->op = start_flow(worker->env, task);
}

static void on_ended(enum ts_outcome outcome, void *arg)
{
    struct task *task = arg;
    struct ts_worker *worker = task->worker;

    task->op = NULL;
    worker->running_count--;
    ts_metric_observe(TS_METRIC_JOB_SECONDS, ts_job_type_name(task->job->type),
                      (double)(ts_now_ms() - task->started_ms) / 1000.0);
    end_task(task, &worker->running, outcome);
    take(worker);
    tell_if_drained(worker);
}

static void defer(struct ts_worker *worker, const struct ts_job *job)
{
    struct ts_queue *queue = worker->env->queue;
    struct task *task = task_new(worker, job, &worker->deferred);
    uint64_t delay_ms = PUT_BACK_MS + ts_random_below(PUT_BACK_MS);

    ts_log(TS_LOG_DEBUG, "job deferred: its org has many running", "org", job->org, NULL);
    task->op = queue->ops->put_back(queue, task->job, delay_ms, on_deferred, task);
}

static void on_deferred(const struct ts_error *err, void *arg)
{
    struct task *task = arg;
    struct ts_worker *worker = task->worker;

    task->op = NULL;
    end_task(task, &worker->deferred, err->cls == TS_OK ? TS_OUTCOME_DEFERRED : TS_OUTCOME_LOST);
    tell_if_drained(worker);
}

/* --- its end --- */

void ts_worker_drain(struct ts_worker *worker, void (*cb)(void *arg), void *arg)
{
    struct ts_queue *queue = worker->env->queue;

    worker->is_draining = true;
    worker->on_drained = cb;
    worker->arg = arg;
    ts_op_cancel(&worker->taking);
    worker->taking = queue->ops->leave(queue, on_left, worker);
}

static void on_left(const struct ts_error *err, void *arg)
{
    struct ts_worker *worker = arg;

    (void)err;
    worker->taking = NULL;
    tell_if_drained(worker);
}

size_t ts_worker_running(const struct ts_worker *worker)
{
    return worker->running_count;
}

void ts_worker_free(struct ts_worker *worker)
{
    if (!worker)
        return;
    ts_op_cancel(&worker->taking);
    while (worker->running)
        task_free(worker->running, &worker->running);
    while (worker->deferred)
        task_free(worker->deferred, &worker->deferred);
    free(worker);
}
