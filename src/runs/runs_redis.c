/* SPDX-License-Identifier: MIT */
/* Runs and their lease in Redis. Every word of a run is written by a script that first looks
 * whether job and lease are still its own. */
#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/redis.h"
#include "teamsync/runs.h"
#include "teamsync/text.h"

#include <inttypes.h>

extern const char ts_lua_runs_begin[];
extern const char ts_lua_runs_report[];
extern const char ts_lua_runs_list[];

static struct ts_redis_script begin_script = {.source = ts_lua_runs_begin};
static struct ts_redis_script report_script = {.source = ts_lua_runs_report};
static struct ts_redis_script list_script = {.source = ts_lua_runs_list};

enum { BUSY_DELAY_MS = 3000 };

struct redis_runs {
    struct ts_runs port;
    struct ts_redis *redis;
    char *consumer;
    uint32_t lease_ms;
};

static struct redis_runs *runs_of(struct ts_runs *port)
{
    return TS_CONTAINER_OF(port, struct redis_runs, port);
}

/* --- begin --- */

struct beginning {
    struct ts_op op; /* first */
    struct ts_op *running;
    char *run_id;
    ts_lease_cb *cb;
    void *arg;
};

static void release(struct beginning *b)
{
    ts_op_cancel(&b->running);
    free(b->run_id);
    free(b);
}

static void cancel(struct ts_op *op)
{
    release((struct beginning *)(void *)op);
}

static struct ts_error error_of_beginning(const struct ts_reply *reply)
{
    const char *word = ts_reply_text(ts_reply_at(reply, 0));
    struct ts_error busy = ts_error_make(TS_RETRY, "another resync of this org is running");

    if (ts_text_equal(word, "begun"))
        return ts_no_error;
    if (!ts_text_equal(word, "busy"))
        return ts_error_make(TS_NOT_FOUND, "the job is another worker's now");
    busy.retry_after_ms = BUSY_DELAY_MS;
    return busy;
}

static void on_begun(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct beginning *b = arg;
    struct ts_error answer = err->cls == TS_OK ? error_of_beginning(reply) : *err;
    TS_AUTOFREE char *run_id = TS_STEAL(b->run_id);
    struct ts_lease lease = {
        .run_id = run_id,
        .fence = (uint64_t)ts_reply_number(ts_reply_at(reply, 1)),
    };
    ts_lease_cb *cb = b->cb;
    void *cb_arg = b->arg;

    b->running = NULL;
    release(b);
    cb(&answer, answer.cls == TS_OK ? &lease : NULL, cb_arg);
}

static struct ts_op *begin(struct ts_runs *port, const struct ts_job *job, ts_lease_cb *cb,
                           void *arg)
{
    struct redis_runs *runs = runs_of(port);
    struct ts_redis *redis = runs->redis;
    struct beginning *b = ts_alloc(sizeof(*b));
    TS_AUTOFREE char *jobs = ts_redis_key(redis, "jobs");
    TS_AUTOFREE char *lease = ts_redis_key(redis, "lease:%s", job->org);
    TS_AUTOFREE char *fences = ts_redis_key(redis, "fences");
    TS_AUTOFREE char *list = ts_redis_key(redis, "runs:%s", job->org);
    TS_AUTOFREE char *prefix = ts_redis_key(redis, "run:%s:", job->org);
    TS_AUTOFREE char *undo_prefix = ts_redis_key(redis, "undo:%s:", job->org);
    TS_AUTOFREE char *lease_ms = ts_format("%" PRIu32, job->is_preview ? 0 : runs->lease_ms);
    const char *keys[] = {jobs, lease, fences, list, NULL};
    const char *words[] = {
        runs->consumer,
        job->id,
        b->run_id = ts_random_id("run_"),
        job->org,
        lease_ms,
        prefix,
        undo_prefix,
        "cause",
        job->cause ? job->cause : "manual",
        "by",
        ts_text_or_empty(job->by),
        "mode",
        job->is_preview ? "preview" : "",
        NULL,
    };

    b->op.cancel = cancel;
    b->cb = cb;
    b->arg = arg;
    b->running = ts_redis_eval(redis, &begin_script, keys, words, on_begun, b);
    return &b->op;
}

/* --- report, end --- */

static void on_reported(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    ts_call_done_or(arg, err, reply,
                    ts_error_make(TS_NOT_FOUND, "the run has lost its job or its lease"));
}

/* The texts of a run's figures. */
struct figures {
#define FIGURE_TEXT(name) char *name;
    TS_RUN_FIGURES(FIGURE_TEXT)
};

static void free_figures(struct figures *figures)
{
#define FREE_FIGURE(name) free(figures->name);
    TS_RUN_FIGURES(FREE_FIGURE)
}

static struct ts_op *write_run(struct ts_runs *port, const struct ts_job *job,
                               const struct ts_lease *lease, const struct ts_run *run, bool ends,
                               ts_done_cb *cb, void *arg)
{
    struct redis_runs *runs = runs_of(port);
    struct ts_redis *redis = runs->redis;
    struct ts_call *call = ts_call_new(runs, (ts_call_cb *)cb, arg);
    bool is_last_resync = ends && run->state == TS_RUN_DONE && !job->is_preview;
    TS_AUTOFREE char *jobs = ts_redis_key(redis, "jobs");
    TS_AUTOFREE char *lease_key = ts_redis_key(redis, "lease:%s", job->org);
    TS_AUTOFREE char *run_key = ts_redis_key(redis, "run:%s:%s", job->org, lease->run_id);
    TS_AUTOFREE char *connection = ts_redis_key(redis, "connection:%s", job->org);
    TS_AUTOFREE char *fence = ts_format("%" PRIu64, lease->fence);
    TS_AUTOFREE char *lease_ms = ts_format("%" PRIu32, runs->lease_ms);
    TS_AUTOFREE char *next_us = ts_format("%" PRIu64, job->is_preview ? 0 : run->next_us);
    TS_CLEANUP(free_figures)
    struct figures texts = {
#define MAKE_FIGURE(name) .name = ts_format("%" PRIu64, run->name),
        TS_RUN_FIGURES(MAKE_FIGURE)};
    const char *keys[] = {jobs, lease_key, run_key, connection, NULL};
    const char *words[] = {runs->consumer,
                           job->id,
                           fence,
                           lease_ms,
                           ends ? "1" : "0",
                           is_last_resync ? texts.users : "",
                           next_us,
                           "state",
                           ts_run_state_name(run->state),
                           "error",
                           ts_text_or_empty(run->error),
#define ADD_FIGURE(name) #name, texts.name,
                           TS_RUN_FIGURES(ADD_FIGURE) NULL};

    return ts_call_run(call, ts_redis_eval(redis, &report_script, keys, words, on_reported, call));
}

static struct ts_op *report(struct ts_runs *port, const struct ts_job *job,
                            const struct ts_lease *lease, const struct ts_run *run, ts_done_cb *cb,
                            void *arg)
{
    return write_run(port, job, lease, run, false, cb, arg);
}

static struct ts_op *end(struct ts_runs *port, const struct ts_job *job,
                         const struct ts_lease *lease, const struct ts_run *run, ts_done_cb *cb,
                         void *arg)
{
    return write_run(port, job, lease, run, true, cb, arg);
}

/* --- list --- */

static struct ts_run read_run(const struct ts_reply *hash)
{
    struct ts_run run = {.id = ts_reply_field_text(hash, "id"),
                         .cause = ts_reply_field_text(hash, "cause"),
                         .by = ts_reply_field_text(hash, "by"),
                         .is_preview = ts_reply_field_text(hash, "mode"),
                         .error = ts_reply_field_text(hash, "error"),
                         .started_us = ts_reply_field_number(hash, "started_us"),
                         .ended_us = ts_reply_field_number(hash, "ended_us"),
                         .undone = ts_reply_field_number(hash, "undone"),
#define READ_FIGURE(name) .name = ts_reply_field_number(hash, #name),
                         TS_RUN_FIGURES(READ_FIGURE)};

    (void)ts_run_state_parse(ts_reply_field_text(hash, "state"), &run.state);
    return run;
}

static void on_runs(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    size_t count = ts_reply_count(reply);
    TS_AUTOFREE struct ts_run *found = ts_alloc(count * sizeof(*found));

    for (size_t i = 0; i < count; i++)
        found[i] = read_run(ts_reply_at(reply, i));
    ((ts_runs_cb *)call.cb)(err, found, count, call.arg);
}

static struct ts_op *list(struct ts_runs *port, const char *org, size_t limit, ts_runs_cb *cb,
                          void *arg)
{
    struct redis_runs *runs = runs_of(port);
    struct ts_call *call = ts_call_new(runs, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = ts_redis_key(runs->redis, "runs:%s", org);
    TS_AUTOFREE char *prefix = ts_redis_key(runs->redis, "run:%s:", org);
    TS_AUTOFREE char *count = ts_format("%zu", limit);
    const char *keys[] = {key, NULL};
    const char *words[] = {prefix, count, NULL};

    return ts_call_run(call, ts_redis_eval(runs->redis, &list_script, keys, words, on_runs, call));
}

/* --- its life --- */

struct ts_runs *ts_runs_redis_new(struct ts_redis *redis, const char *consumer, uint32_t lease_ms)
{
    static const struct ts_runs_ops ops = {
        .begin = begin, .report = report, .end = end, .list = list};
    struct redis_runs *runs = ts_alloc(sizeof(*runs));

    *runs = (struct redis_runs){
        .port.ops = &ops,
        .redis = redis,
        .consumer = ts_strdup(consumer),
        .lease_ms = lease_ms,
    };
    return &runs->port;
}

void ts_runs_redis_free(struct ts_runs *runs)
{
    if (!runs)
        return;
    free(runs_of(runs)->consumer);
    free(runs_of(runs));
}
