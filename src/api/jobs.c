/* SPDX-License-Identifier: MIT */
/* What a queued job is answered with, and how the queue stands. */
#include "api/handlers.h"

void ts_exchange_on_enqueued(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                             void *arg)
{
    struct ts_exchange *x = arg;
    struct json_object *json;

    if (!ts_exchange_went_well(x, err))
        return;
    json = ts_json_new_object();
    ts_json_add_text(json, "job", job_id);
    ts_json_add_bool(json, "coalesced", how == TS_COALESCED);
    ts_exchange_reply(x, 202, json);
}

static void on_stats(const struct ts_error *err, const struct ts_queue_stats *stats, void *arg)
{
    struct ts_exchange *x = arg;
    struct json_object *json;

    if (!ts_exchange_went_well(x, err))
        return;
    json = ts_json_new_object();
    ts_json_add_number(json, "depth", (int64_t)stats->depth);
    ts_json_add_number(json, "running", (int64_t)stats->running);
    ts_json_add_number(json, "delayed", (int64_t)stats->delayed);
    ts_json_add_number(json, "dead", (int64_t)stats->dead);
    ts_json_add_number(json, "oldest_seconds", (int64_t)(stats->oldest_ms / 1000));
    ts_json_add_number(json, "max_waiting", (int64_t)stats->max_waiting);
    ts_exchange_reply(x, 200, json);
}

void ts_api_get_queue(struct ts_exchange *x)
{
    x->op = x->env->queue->ops->stats(x->env->queue, on_stats, x);
}
