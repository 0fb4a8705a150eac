/* SPDX-License-Identifier: MIT */
/* The queue on a Redis stream: its life, putting jobs in, and how it stands. Taking them out is in
 * queue_take.c, ending them in queue_end.c. */
#include "queue/args.h"
#include "queue/queue_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <inttypes.h>
#include <string.h>

extern const char ts_lua_queue_enqueue[];
extern const char ts_lua_queue_keep_timer[];
extern const char ts_lua_queue_stats[];

static struct ts_redis_script enqueue_script = {.source = ts_lua_queue_enqueue};
static struct ts_redis_script keep_timer_script = {.source = ts_lua_queue_keep_timer};
static struct ts_redis_script stats_script = {.source = ts_lua_queue_stats};

/* --- in --- */

void ts_queue_on_enqueued(const struct ts_error *err, const struct ts_reply *reply, void *arg)
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
    struct ts_args args = {0};
    struct ts_op *op;

    ts_args_add_made(&args, ts_format("%" PRIu64, queue->options.max_waiting));
    ts_args_add_job(&args, job);
    op = ts_call_run(call, ts_redis_eval(queue->redis, &enqueue_script, keys, args.texts,
                                         ts_queue_on_enqueued, call));
    ts_args_done(&args);
    return op;
}

static struct ts_op *keep_timer(struct ts_queue *port, const struct ts_later *later, ts_done_cb *cb,
                                void *arg)
{
    struct redis_queue *queue = TS_CONTAINER_OF(port, struct redis_queue, port);
    struct ts_call *call = ts_call_new(queue, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *delay = ts_format("%" PRIu64, later->delay_ms);
    TS_AUTOFREE char *text = ts_job_delayed_text(later->job);
    const char *keys[] = {queue->delayed_key, NULL};
    const char *words[] = {delay, text, NULL};

    return ts_call_run(
        call, ts_redis_eval(queue->redis, &keep_timer_script, keys, words, ts_call_on_done, call));
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
        .keep_timer = keep_timer,
        .take = ts_queue_take,
        .done = ts_queue_done,
        .retry = ts_queue_retry,
        .bury = ts_queue_bury,
        .put_back = ts_queue_put_back,
        .let_go = ts_queue_let_go,
        .leave = ts_queue_leave,
        .list_dead = ts_queue_list_dead,
        .revive = ts_queue_revive,
        .discard = ts_queue_discard,
        .stats = stats,
        .history = ts_queue_history,
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
    queue->history_key = ts_redis_key(redis, "queue:history");
    ts_queue_take_open(queue);
    return &queue->port;
}

void ts_queue_redis_set_max_waiting(struct ts_queue *queue, uint64_t max_waiting)
{
    TS_CONTAINER_OF(queue, struct redis_queue, port)->options.max_waiting = max_waiting;
}

void ts_queue_redis_free(struct ts_queue *queue)
{
    struct redis_queue *own = queue ? TS_CONTAINER_OF(queue, struct redis_queue, port) : NULL;

    if (!own)
        return;
    ts_queue_history_stop(own);
    ts_queue_promote_stop(own);
    ts_queue_take_close(own);
    free(own->consumer);
    free(own->jobs_key);
    free(own->pending_key);
    free(own->delayed_key);
    free(own->dead_key);
    free(own->history_key);
    free(own);
}
