/* SPDX-License-Identifier: MIT */
/* How the queue stood: a sample a minute, for a day. Each queue that jobs are taken from sees to
 * it; whoever comes first in a minute writes, in Redis' own time. */
#include "queue/queue_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

extern const char ts_lua_queue_sample[];

static struct ts_redis_script sample_script = {.source = ts_lua_queue_sample};

enum { AGAIN_MS = 1000 };

/* --- writing --- */

/* What could not be written in time is missing. */
static void on_sampled(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct redis_queue *queue = arg;

    queue->sampling = NULL;
    ts_timer_set(queue->sample_timer,
                 err->cls == TS_OK ? (uint64_t)ts_reply_number(reply) : AGAIN_MS);
}

static void sample(void *arg)
{
    struct redis_queue *queue = arg;
    const char *keys[] = {queue->jobs_key, queue->delayed_key, queue->dead_key, queue->history_key,
                          NULL};

    queue->sampling = ts_redis_eval(queue->redis, &sample_script, keys, NULL, on_sampled, queue);
}

void ts_queue_history_start(struct redis_queue *queue)
{
    if (queue->sample_timer)
        return;
    queue->sample_timer = ts_timer_new(queue->loop, sample, queue);
    ts_timer_set(queue->sample_timer, 0);
}

void ts_queue_history_stop(struct redis_queue *queue)
{
    ts_op_cancel(&queue->sampling);
    ts_timer_free(queue->sample_timer);
}

/* --- reading --- */

static struct ts_queue_sample read_sample(const struct ts_reply *entry)
{
    const struct ts_reply *fields = ts_reply_at(entry, 1);

    return (struct ts_queue_sample){
        .at_us = strtoull(ts_text_or_empty(ts_reply_text(ts_reply_at(entry, 0))), NULL, 10) * 1000,
        .depth = ts_reply_field_number(fields, "depth"),
        .delayed = ts_reply_field_number(fields, "delayed"),
        .dead = ts_reply_field_number(fields, "dead"),
        .oldest_ms = ts_reply_field_number(fields, "oldest_ms"),
        .is_counted = ts_reply_field(fields, "enqueued") != NULL,
        .enqueued = ts_reply_field_number(fields, "enqueued"),
    };
}

/* Redis tells the newest first. */
static void on_history(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    size_t count = ts_reply_count(reply);
    TS_AUTOFREE struct ts_queue_sample *samples = ts_alloc((count + 1) * sizeof(*samples));

    for (size_t i = 0; i < count; i++)
        samples[count - 1 - i] = read_sample(ts_reply_at(reply, i));
    ((ts_queue_history_cb *)call.cb)(err, samples, count, call.arg);
}

struct ts_op *ts_queue_history(struct ts_queue *port, ts_queue_history_cb *cb, void *arg)
{
    struct redis_queue *queue = TS_CONTAINER_OF(port, struct redis_queue, port);
    struct ts_call *call = ts_call_new(queue, (ts_call_cb *)cb, arg);
    const char *words[] = {"XREVRANGE", queue->history_key, "+", "-", "COUNT", "1440"};

    return ts_call_run(
        call, ts_redis_command(queue->redis, words, TS_COUNT_OF(words), 0, on_history, call));
}
