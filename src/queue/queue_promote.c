/* SPDX-License-Identifier: MIT */
/* Moving delayed jobs into the stream when their time has come: each queue that jobs are taken from
 * does it, on a timer. */
#include "queue/queue_internal.h"

#include "teamsync/mem.h"

extern const char ts_lua_queue_promote[];

static struct ts_redis_script promote_script = {.source = ts_lua_queue_promote};

enum { PROMOTE_MAX = 500, PROMOTE_EVERY_MS = 1000 };

static void on_promoted(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct redis_queue *queue = arg;
    int64_t next_ms = ts_reply_number(reply);

    queue->promoting = NULL;
    if (err->cls != TS_OK || next_ms < 0 || next_ms > PROMOTE_EVERY_MS)
        next_ms = PROMOTE_EVERY_MS;
    ts_timer_set(queue->promote_timer, (uint64_t)next_ms);
}

static void promote(void *arg)
{
    struct redis_queue *queue = arg;
    const char *keys[] = {queue->delayed_key, queue->jobs_key, queue->pending_key, NULL};
    TS_AUTOFREE char *max = ts_format("%d", PROMOTE_MAX);
    const char *words[] = {max, NULL};

    queue->promoting =
        ts_redis_eval(queue->redis, &promote_script, keys, words, on_promoted, queue);
}

void ts_queue_promote_start(struct redis_queue *queue)
{
    if (queue->promote_timer)
        return;
    queue->promote_timer = ts_timer_new(queue->loop, promote, queue);
    ts_timer_set(queue->promote_timer, 0);
}

void ts_queue_promote_stop(struct redis_queue *queue)
{
    ts_op_cancel(&queue->promoting);
    ts_timer_free(queue->promote_timer);
}
