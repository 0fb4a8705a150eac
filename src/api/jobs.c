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

/* --- its last day --- */

/* Counts grow; rates are their differences. Who has left is who came, but for who is there. */
static struct json_object *sample_json(const void *record)
{
    const struct ts_queue_sample *sample = record;
    struct json_object *json = ts_json_new_object();

    ts_json_add_time(json, "at", sample->at_us);
    ts_json_add_number(json, "depth", (int64_t)sample->depth);
    ts_json_add_number(json, "oldest_seconds", (int64_t)(sample->oldest_ms / 1000));
    ts_json_add_number(json, "delayed", (int64_t)sample->delayed);
    ts_json_add_number(json, "dead", (int64_t)sample->dead);
    if (sample->is_counted) {
        ts_json_add_number(json, "enqueued", (int64_t)sample->enqueued);
        ts_json_add_number(json, "done", (int64_t)(sample->enqueued - sample->depth));
    } else {
        ts_json_add(json, "enqueued", NULL);
        ts_json_add(json, "done", NULL);
    }
    return json;
}

static void on_history(const struct ts_error *err, const struct ts_queue_sample *samples,
                       size_t count, void *arg)
{
    ts_exchange_reply_list(
        arg, err,
        &(struct ts_list){
            .records = samples, .count = count, .size = sizeof(*samples), .json_of = sample_json});
}

void ts_api_get_queue_history(struct ts_exchange *x)
{
    x->op = x->env->queue->ops->history(x->env->queue, on_history, x);
}
