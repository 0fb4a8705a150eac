/* SPDX-License-Identifier: MIT */
/* The ends of a job: done, put off, put back, buried. Each is one script, which first looks whether
 * the job is still ours. */
#include "queue/args.h"
#include "queue/queue_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <inttypes.h>
#include <string.h>

extern const char ts_lua_queue_end[];

static struct ts_redis_script end_script = {.source = ts_lua_queue_end};

enum { VALUE_MAX_BYTES = 200 }; /* of what is kept of an entry that made no sense */

static void on_ended(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct redis_queue *queue = call.self;
    struct ts_error lost = ts_error_make(TS_NOT_FOUND, "the job is another worker's now");
    bool is_lost = (err->cls == TS_OK && ts_reply_number(reply) == 0) ||
                   ts_text_starts_with(err->text, "NOGROUP");

    if (err->cls != TS_OK && !is_lost)
        ts_queue_expect_strays(queue);
    ((ts_done_cb *)call.cb)(is_lost ? &lost : err, call.arg);
}

/* Runs queue_end.lua with what `args` holds from the third text on. */
static struct ts_op *end_job(struct redis_queue *queue, const char *id,
                             const struct ts_later *later, struct ts_args *letter, ts_done_cb *cb,
                             void *arg)
{
    struct ts_call *call = ts_call_new(queue, (ts_call_cb *)cb, arg);
    const char *keys[] = {queue->jobs_key, queue->delayed_key, queue->dead_key, NULL};
    TS_AUTOFREE char *delay = ts_format("%" PRIu64, later ? later->delay_ms : 0);
    TS_AUTOFREE char *text = later ? ts_job_delayed_text(later->job) : ts_strdup("");
    struct ts_args args = {0};

    ts_args_add(&args, queue->consumer);
    ts_args_add(&args, id);
    ts_args_add(&args, delay);
    ts_args_add(&args, text);
    for (size_t i = 0; letter && i < letter->count; i++)
        ts_args_add(&args, letter->texts[i]);
    return ts_call_run(call,
                       ts_redis_eval(queue->redis, &end_script, keys, args.texts, on_ended, call));
}

struct ts_op *ts_queue_done(struct ts_queue *port, const struct ts_job *job,
                            const struct ts_later *later, ts_done_cb *cb, void *arg)
{
    return end_job(TS_CONTAINER_OF(port, struct redis_queue, port), job->id, later, NULL, cb, arg);
}

struct ts_op *ts_queue_put_back(struct ts_queue *port, const struct ts_job *job, uint64_t delay_ms,
                                ts_done_cb *cb, void *arg)
{
    struct ts_later later = {.job = job, .delay_ms = delay_ms};

    return ts_queue_done(port, job, &later, cb, arg);
}

struct ts_op *ts_queue_retry(struct ts_queue *port, const struct ts_job *job, uint64_t delay_ms,
                             const char *error, ts_done_cb *cb, void *arg)
{
    struct ts_job again = *job;

    again.attempt++;
    if (ts_text_is_empty(job->first_error))
        again.first_error = error;
    return ts_queue_put_back(port, &again, delay_ms, cb, arg);
}

struct ts_op *ts_queue_bury(struct ts_queue *port, const struct ts_job *job, const char *reason,
                            ts_done_cb *cb, void *arg)
{
    struct ts_args letter = {0};
    struct ts_op *op;

    ts_args_add_job(&letter, job);
    ts_args_add_field(&letter, "reason", reason);
    ts_args_add_field(&letter, "first_error", job->first_error ? job->first_error : reason);
    ts_args_add_field(&letter, "last_error", reason);
    op = end_job(TS_CONTAINER_OF(port, struct redis_queue, port), job->id, NULL, &letter, cb, arg);
    ts_args_done(&letter);
    return op;
}

struct ts_op *ts_queue_bury_entry(struct redis_queue *queue, const char *id,
                                  const struct ts_reply *fields, const char *reason, ts_done_cb *cb,
                                  void *arg)
{
    struct ts_args letter = {0};
    struct ts_op *op;

    ts_args_add_field(&letter, "reason", reason);
    /* What it was, as far as it can be shown: the first fields, cut. */
    for (size_t i = 0; i + 1 < ts_reply_count(fields) && letter.made_count < TS_ARGS_MADE_MAX;
         i += 2) {
        const char *name = ts_reply_text(ts_reply_at(fields, i));
        const char *value = ts_reply_text(ts_reply_at(fields, i + 1));

        if (!ts_text_is_empty(name) && strlen(name) <= VALUE_MAX_BYTES && value) {
            ts_args_add(&letter, name);
            ts_args_add_made(&letter, ts_memdup_text(value, strnlen(value, VALUE_MAX_BYTES)));
        }
    }
    op = end_job(queue, id, NULL, &letter, cb, arg);
    ts_args_done(&letter);
    return op;
}
