/* SPDX-License-Identifier: MIT */
/* What monitoring asks: alive, ready, and in figures. */
#include "app/app.h"

#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/text.h"

#include <utlist.h>

#include <string.h>

enum { METRICS_MAX_BYTES = 4 << 20 };

struct ts_health {
    struct ts_redis *redis;
    struct ts_queue *queue;
    struct question *questions;
    struct ts_op *appendonly;
    struct ts_op *eviction;
    bool is_stopping;
};

/* A request that waits for an answer of Redis. */
struct question {
    struct question *prev, *next;
    struct ts_health *health;
    struct ts_request *request;
    struct ts_op *op;
};

static struct ts_request *release(struct question *q)
{
    struct ts_request *request = q->request;

    DL_DELETE(q->health->questions, q);
    ts_op_cancel(&q->op);
    free(q);
    return request;
}

static void ask_queue(struct ts_health *health, struct ts_request *request, ts_queue_stats_cb *cb)
{
    struct question *q = ts_alloc(sizeof(*q));

    q->health = health;
    q->request = request;
    DL_APPEND(health->questions, q);
    q->op = health->queue->ops->stats(health->queue, cb, q);
}

/* --- /healthz --- */

/* Its version is for operators. */
static void on_healthz(struct ts_request *request, void *arg)
{
    static const char for_all[] = "{\"alive\":true}\n";
    static const char for_admins[] = "{\"alive\":true,\"version\":\"" TS_VERSION "\"}\n";
    const char *alive = ts_request_is_admin(request) ? for_admins : for_all;

    (void)arg;
    ts_request_reply(request, 200, "application/json", alive, strlen(alive));
}

/* --- /readyz --- */

static const char no_redis[] = "Redis does not answer";

/* `reason`: why not; NULL when it is. */
static void reply_ready(struct ts_request *request, const char *reason)
{
    TS_AUTOFREE char *text = reason ? ts_format("{\"ready\":false,\"reasons\":[\"%s\"]}\n", reason)
                                    : ts_strdup("{\"ready\":true}\n");

    ts_request_reply(request, reason ? 503 : 200, "application/json", text, strlen(text));
}

static void on_stats_for_readyz(const struct ts_error *err, const struct ts_queue_stats *stats,
                                void *arg)
{
    struct question *q = arg;
    struct ts_request *request;

    q->op = NULL;
    request = release(q);
    if (err->cls != TS_OK)
        reply_ready(request, no_redis);
    else
        reply_ready(request, stats->depth >= stats->max_waiting ? "the queue is full" : NULL);
}

/* Without a connection the answer is known at once: a probe has little patience. */
static void on_readyz(struct ts_request *request, void *arg)
{
    struct ts_health *health = arg;

    if (health->is_stopping)
        reply_ready(request, "it is about to stop");
    else if (ts_redis_is_up(health->redis))
        ask_queue(health, request, on_stats_for_readyz);
    else
        reply_ready(request, no_redis);
}

/* --- /metrics --- */

/* Where Redis did not tell, the gauges keep what they showed last. */
static void reply_metrics(struct ts_request *request, bool redis_is_up)
{
    struct ts_buf out;

    ts_metric_set(TS_METRIC_REDIS_UP, NULL, NULL, redis_is_up ? 1 : 0);
    ts_buf_init(&out, METRICS_MAX_BYTES);
    ts_metrics_write(&out);
    ts_request_reply(request, 200, "text/plain; version=0.0.4", out.data, out.len);
    ts_buf_done(&out);
}

static void on_census(const struct ts_error *err, void *arg)
{
    struct question *q = arg;

    q->op = NULL;
    reply_metrics(release(q), err->cls == TS_OK);
}

static void on_stats_for_metrics(const struct ts_error *err, const struct ts_queue_stats *stats,
                                 void *arg)
{
    struct question *q = arg;

    q->op = NULL;
    if (err->cls != TS_OK) {
        reply_metrics(release(q), false);
        return;
    }
    ts_metric_set(TS_METRIC_QUEUE_DEPTH, NULL, NULL, (double)stats->depth);
    ts_metric_set(TS_METRIC_QUEUE_DELAYED, NULL, NULL, (double)stats->delayed);
    ts_metric_set(TS_METRIC_QUEUE_DEAD, NULL, NULL, (double)stats->dead);
    ts_metric_set(TS_METRIC_QUEUE_OLDEST_SECONDS, NULL, NULL, (double)stats->oldest_ms / 1000);
    q->op = ts_census_start(q->health->redis, on_census, q);
}

static void on_metrics(struct ts_request *request, void *arg)
{
    struct ts_health *health = arg;

    if (ts_redis_is_up(health->redis))
        ask_queue(health, request, on_stats_for_metrics);
    else
        reply_metrics(request, false);
}

/* --- how Redis is set up --- */

static const char *setting_of(const struct ts_reply *reply)
{
    const char *value = ts_reply_text(ts_reply_at(reply, 1));

    return value ? value : "";
}

static void on_appendonly(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_health *health = arg;

    health->appendonly = NULL;
    if (err->cls != TS_OK)
        ts_log(TS_LOG_INFO,
               "Redis does not tell its settings: appendonly and maxmemory-policy are not checked",
               "why", err->text, NULL);
    else if (strcmp(setting_of(reply), "no") == 0)
        ts_log(TS_LOG_WARNING,
               "Redis runs without appendonly: what it holds is lost when it crashes", "mend",
               "CONFIG SET appendonly yes", NULL);
}

static void on_eviction(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_health *health = arg;
    const char *policy = setting_of(reply);

    health->eviction = NULL;
    if (err->cls == TS_OK && *policy && strcmp(policy, "noeviction") != 0)
        ts_log(TS_LOG_WARNING, "Redis may evict keys when memory is short", "maxmemory-policy",
               policy, "mend", "CONFIG SET maxmemory-policy noeviction", NULL);
}

void ts_health_warn_about_redis(struct ts_health *health)
{
    static const char *const appendonly[] = {"CONFIG", "GET", "appendonly"};
    static const char *const eviction[] = {"CONFIG", "GET", "maxmemory-policy"};

    health->appendonly = ts_redis_command(health->redis, appendonly, 3, 0, on_appendonly, health);
    health->eviction = ts_redis_command(health->redis, eviction, 3, 0, on_eviction, health);
}

/* --- its life --- */

struct ts_health *ts_health_new(struct ts_redis *redis, struct ts_queue *queue)
{
    struct ts_health *health = ts_alloc(sizeof(*health));

    *health = (struct ts_health){.redis = redis, .queue = queue};
    return health;
}

void ts_health_add_routes(struct ts_health *health, struct ts_http_server *server)
{
    ts_http_server_route(server, "GET", "/healthz", on_healthz, health);
    ts_http_server_route(server, "GET", "/readyz", on_readyz, health);
    ts_http_server_route(server, "GET", "/metrics", on_metrics, health);
}

void ts_health_set_stopping(struct ts_health *health)
{
    health->is_stopping = true;
}

void ts_health_free(struct ts_health *health)
{
    if (!health)
        return;
    while (health->questions)
        (void)release(health->questions); /* their requests went with the server */
    ts_op_cancel(&health->appendonly);
    ts_op_cancel(&health->eviction);
    free(health);
}
