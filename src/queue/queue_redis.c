/* SPDX-License-Identifier: MIT */
/* The queue on a Redis stream: putting jobs in, ending them, and how it stands. Taking them out is
 * in queue_take.c. */
#include "queue/queue_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <inttypes.h>
#include <string.h>

extern const char ts_lua_queue_enqueue[];
extern const char ts_lua_queue_end[];
extern const char ts_lua_queue_stats[];

static struct ts_redis_script enqueue_script = {.source = ts_lua_queue_enqueue};
static struct ts_redis_script end_script = {.source = ts_lua_queue_end};
static struct ts_redis_script stats_script = {.source = ts_lua_queue_stats};

enum { ARGS_MAX = 160, ERROR_MAX_BYTES = 200 };

/* Texts for a script: borrowed ones, and those made for it. */
struct args {
    const char *texts[ARGS_MAX + 1];
    size_t count;
    char *made[16];
    size_t made_count;
};

static void add(struct args *args, const char *text)
{
    if (args->count < ARGS_MAX)
        args->texts[args->count++] = text;
}

static void add_made(struct args *args, char *text)
{
    args->made[args->made_count++] = text;
    add(args, text);
}

static void args_done(struct args *args)
{
    for (size_t i = 0; i < args->made_count; i++)
        free(args->made[i]);
}

static void add_text_field(struct args *args, const char *name, const char *text)
{
    if (!ts_text_is_empty(text)) {
        add(args, name);
        add(args, text);
    }
}

static void add_number_field(struct args *args, const char *name, uint64_t number)
{
    if (number > 0) {
        add(args, name);
        add_made(args, ts_format("%" PRIu64, number));
    }
}

static void add_job(struct args *args, const struct ts_job *job)
{
    add_text_field(args, "type", ts_job_type_name(job->type));
    add_text_field(args, "org", job->org);
    add_text_field(args, "user", job->user);
    add_text_field(args, "cause", job->cause);
    add_number_field(args, "attempt", job->attempt);
    add_number_field(args, "reread", job->reread);
    add_number_field(args, "absent", job->seen_absent);
    add_number_field(args, "first_us", job->first_us ? job->first_us : ts_wall_us());
    add_number_field(args, "received_us", job->received_us);
}

/* --- in --- */

static void on_enqueued(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error full = ts_error_make(TS_RETRY, "the queue is full");
    bool is_new = ts_reply_number(ts_reply_at(reply, 1)) == 1;

    if (ts_text_starts_with(err->text, "FULL"))
        err = &full;
    ((ts_enqueued_cb *)call.cb)(err, is_new ? TS_ENQUEUED : TS_COALESCED,
                                ts_reply_text(ts_reply_at(reply, 0)), call.arg);
}

static struct ts_op *enqueue(struct ts_queue *port, const struct ts_job *job, ts_enqueued_cb *cb,
                             void *arg)
{
    struct redis_queue *queue = TS_CONTAINER_OF(port, struct redis_queue, port);
    struct ts_call *call = ts_call_new(queue, (ts_call_cb *)cb, arg);
    const char *keys[] = {queue->jobs_key, queue->pending_key, NULL};
    struct args args = {0};
    struct ts_op *op;

    add_made(&args, ts_format("%" PRIu64, queue->options.max_waiting));
    add_job(&args, job);
    op = ts_call_run(
        call, ts_redis_eval(queue->redis, &enqueue_script, keys, args.texts, on_enqueued, call));
    args_done(&args);
    return op;
}

static void on_done(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);

    (void)reply;
    ((ts_done_cb *)call.cb)(err, call.arg);
}

static struct ts_op *enqueue_later(struct ts_queue *port, const struct ts_later *later,
                                   ts_done_cb *cb, void *arg)
{
    struct redis_queue *queue = TS_CONTAINER_OF(port, struct redis_queue, port);
    struct ts_call *call = ts_call_new(queue, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *due = ts_format("%" PRIu64, ts_wall_us() / 1000 + later->delay_ms);
    TS_AUTOFREE char *text = ts_job_delayed_text(later->job);
    const char *words[] = {"ZADD", queue->delayed_key, due, text};

    return ts_call_run(call,
                       ts_redis_command(queue->redis, words, TS_COUNT_OF(words), 0, on_done, call));
}

/* --- the ends of a job --- */

static void on_ended(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error lost = ts_error_make(TS_NOT_FOUND, "the job is another worker's now");
    bool is_lost = (err->cls == TS_OK && ts_reply_number(reply) == 0) ||
                   ts_text_starts_with(err->text, "NOGROUP");

    ((ts_done_cb *)call.cb)(is_lost ? &lost : err, call.arg);
}

/* Runs queue_end.lua with what `args` holds from the third text on. */
static struct ts_op *end_job(struct redis_queue *queue, const char *id,
                             const struct ts_later *later, struct args *letter, ts_done_cb *cb,
                             void *arg)
{
    struct ts_call *call = ts_call_new(queue, (ts_call_cb *)cb, arg);
    const char *keys[] = {queue->jobs_key, queue->delayed_key, queue->dead_key, NULL};
    TS_AUTOFREE char *delay = ts_format("%" PRIu64, later ? later->delay_ms : 0);
    TS_AUTOFREE char *text = later ? ts_job_delayed_text(later->job) : ts_strdup("");
    struct args args = {0};

    add(&args, queue->consumer);
    add(&args, id);
    add(&args, delay);
    add(&args, text);
    for (size_t i = 0; letter && i < letter->count; i++)
        add(&args, letter->texts[i]);
    return ts_call_run(call,
                       ts_redis_eval(queue->redis, &end_script, keys, args.texts, on_ended, call));
}

static struct ts_op *done(struct ts_queue *port, const struct ts_job *job,
                          const struct ts_later *later, ts_done_cb *cb, void *arg)
{
    return end_job(TS_CONTAINER_OF(port, struct redis_queue, port), job->id, later, NULL, cb, arg);
}

static struct ts_op *retry(struct ts_queue *port, const struct ts_job *job, uint64_t delay_ms,
                           const char *error, ts_done_cb *cb, void *arg)
{
    struct ts_job again = *job;
    struct ts_later later = {.job = &again, .delay_ms = delay_ms};

    again.attempt++;
    again.first_us = job->first_us ? job->first_us : ts_wall_us();
    if (ts_text_is_empty(job->first_error))
        again.first_error = error;
    return end_job(TS_CONTAINER_OF(port, struct redis_queue, port), job->id, &later, NULL, cb, arg);
}

static struct ts_op *bury(struct ts_queue *port, const struct ts_job *job, const char *reason,
                          ts_done_cb *cb, void *arg)
{
    struct args letter = {0};
    struct ts_op *op;

    add_job(&letter, job);
    add_text_field(&letter, "reason", reason);
    add_text_field(&letter, "first_error", job->first_error ? job->first_error : reason);
    add_text_field(&letter, "last_error", reason);
    op = end_job(TS_CONTAINER_OF(port, struct redis_queue, port), job->id, NULL, &letter, cb, arg);
    args_done(&letter);
    return op;
}

struct ts_op *ts_queue_bury_entry(struct redis_queue *queue, const char *id,
                                  const struct ts_reply *fields, const char *reason, ts_done_cb *cb,
                                  void *arg)
{
    struct args letter = {0};
    struct ts_op *op;

    add_text_field(&letter, "reason", reason);
    /* What it was, as far as it can be shown: the first fields, cut. */
    for (size_t i = 0;
         i + 1 < ts_reply_count(fields) && letter.made_count < TS_COUNT_OF(letter.made); i += 2) {
        const char *name = ts_reply_text(ts_reply_at(fields, i));
        const char *value = ts_reply_text(ts_reply_at(fields, i + 1));

        if (!ts_text_is_empty(name) && strlen(name) <= ERROR_MAX_BYTES && value) {
            add(&letter, name);
            add_made(&letter, ts_memdup_text(value, strnlen(value, ERROR_MAX_BYTES)));
        }
    }
    op = end_job(queue, id, NULL, &letter, cb, arg);
    args_done(&letter);
    return op;
}

/* --- how it stands --- */

static void on_stats(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    const struct redis_queue *queue = call.self;
    struct ts_queue_stats stats = {
        .depth = (uint64_t)ts_reply_number(ts_reply_at(reply, 0)),
        .running = (uint64_t)ts_reply_number(ts_reply_at(reply, 1)),
        .delayed = (uint64_t)ts_reply_number(ts_reply_at(reply, 2)),
        .dead = (uint64_t)ts_reply_number(ts_reply_at(reply, 3)),
        .oldest_ms = (uint64_t)ts_reply_number(ts_reply_at(reply, 4)),
        .max_waiting = queue->options.max_waiting,
    };

    ((ts_queue_stats_cb *)call.cb)(err, err->cls == TS_OK ? &stats : NULL, call.arg);
}

static struct ts_op *stats(struct ts_queue *port, ts_queue_stats_cb *cb, void *arg)
{
    struct redis_queue *queue = TS_CONTAINER_OF(port, struct redis_queue, port);
    struct ts_call *call = ts_call_new(queue, (ts_call_cb *)cb, arg);
    const char *keys[] = {queue->jobs_key, queue->delayed_key, queue->dead_key, NULL};

    return ts_call_run(call,
                       ts_redis_eval(queue->redis, &stats_script, keys, NULL, on_stats, call));
}

/* --- its life --- */

struct ts_queue *ts_queue_redis_new(struct ts_loop *loop, struct ts_redis *redis,
                                    struct ts_redis *blocking,
                                    const struct ts_queue_options *options)
{
    static const struct ts_queue_ops ops = {
        .enqueue = enqueue,
        .enqueue_later = enqueue_later,
        .take = ts_queue_take,
        .done = done,
        .retry = retry,
        .bury = bury,
        .stats = stats,
    };
    struct redis_queue *queue = ts_alloc(sizeof(*queue));

    queue->port.ops = &ops;
    queue->loop = loop;
    queue->redis = redis;
    queue->blocking = blocking;
    queue->options = *options;
    queue->consumer = ts_strdup(options->consumer);
    queue->jobs_key = ts_redis_key(redis, "jobs");
    queue->pending_key = ts_redis_key(redis, "jobs:pending");
    queue->delayed_key = ts_redis_key(redis, "jobs:delayed");
    queue->dead_key = ts_redis_key(redis, "jobs:dead");
    ts_queue_take_open(queue);
    return &queue->port;
}

void ts_queue_redis_free(struct ts_queue *port)
{
    struct redis_queue *queue = port ? TS_CONTAINER_OF(port, struct redis_queue, port) : NULL;

    if (!queue)
        return;
    ts_queue_take_close(queue);
    free(queue->consumer);
    free(queue->jobs_key);
    free(queue->pending_key);
    free(queue->delayed_key);
    free(queue->dead_key);
    free(queue);
}
