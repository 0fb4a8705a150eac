/* SPDX-License-Identifier: MIT */
/* The gauges of each org, read from Redis page by page. */
#include "app/app.h"

#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/text.h"

#include <string.h>

extern const char ts_lua_census[];

static struct ts_redis_script census_script = {.source = ts_lua_census};

struct census {
    struct ts_op op; /* first */
    struct ts_op *running;
    struct ts_redis *redis;
    ts_done_cb *cb;
    void *arg;
};

static void read_page(struct census *census, const char *cursor);

static void cancel(struct ts_op *op)
{
    struct census *census = (struct census *)(void *)op;

    ts_op_cancel(&census->running);
    free(census);
}

static void end(struct census *census, const struct ts_error *err)
{
    ts_done_cb *cb = census->cb;
    void *arg = census->arg;

    free(census);
    cb(err, arg);
}

static double number_at(const struct ts_reply *row, size_t index)
{
    return (double)ts_reply_number(ts_reply_at(row, index));
}

static void set_gauges(const struct ts_reply *row)
{
    const char *org = ts_reply_text(ts_reply_at(row, 0));
    double last_resync_us = number_at(row, 4);

    ts_metric_set(TS_METRIC_MEMBERS, org, "invited", number_at(row, 1));
    ts_metric_set(TS_METRIC_MEMBERS, org, "active", number_at(row, 2));
    ts_metric_set(TS_METRIC_MEMBERS, org, "suspended", number_at(row, 3));
    if (last_resync_us > 0)
        ts_metric_set(TS_METRIC_LAST_RESYNC_TIMESTAMP_SECONDS, org, NULL, last_resync_us / 1e6);
    ts_metric_set(TS_METRIC_CHANNELS_LIVE, org, NULL, number_at(row, 5));
    ts_metric_set(TS_METRIC_HOLDS_OPEN, org, NULL, number_at(row, 6));
}

static void on_page(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct census *census = arg;
    const char *cursor = ts_reply_text(ts_reply_at(reply, 0));

    census->running = NULL;
    for (size_t i = 1; i < ts_reply_count(reply); i++)
        set_gauges(ts_reply_at(reply, i));
    if (err->cls == TS_OK && cursor && strcmp(cursor, "0") != 0)
        read_page(census, cursor);
    else
        end(census, err);
}

static void read_page(struct census *census, const char *cursor)
{
    TS_AUTOFREE char *orgs = ts_redis_key(census->redis, "orgs");
    TS_AUTOFREE char *prefix = ts_redis_key(census->redis, "%s", "");
    const char *keys[] = {orgs, NULL};
    const char *words[] = {prefix, cursor, "100", NULL};

    census->running = ts_redis_eval(census->redis, &census_script, keys, words, on_page, census);
}

struct ts_op *ts_census_start(struct ts_redis *redis, ts_done_cb *cb, void *arg)
{
    struct census *census = ts_alloc(sizeof(*census));

    *census = (struct census){.op.cancel = cancel, .redis = redis, .cb = cb, .arg = arg};
    read_page(census, "0");
    return &census->op;
}
