/* SPDX-License-Identifier: MIT */
/* Where ports meet adapters: the table of parts, started from top to bottom. */
#include "app/app.h"

#include "teamsync/google.h"
#include "teamsync/http_client.h"
#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool failed(const char *what, const char *which, const char *why)
{
    ts_log(TS_LOG_ERROR, what, "what", which, "why", why, NULL);
    return false;
}

static bool start_loop(struct ts_app *app)
{
    char host[64] = "host";
    TS_AUTOFREE char *suffix = ts_random_id("");

    (void)gethostname(host, sizeof(host) - 1);
    app->loop = ts_loop_new();
    app->consumer = ts_format("%s-%d-%.6s", host, (int)getpid(), suffix);
    return true;
}

static void stop_loop(struct ts_app *app)
{
    ts_loop_free(app->loop);
    free(app->consumer);
}

static bool start_seal(struct ts_app *app)
{
    const char *file = app->config->secrets.key_file;
    int result = ts_seal_open(file, &app->seal);

    if (result == -EPERM)
        return failed("the key file may be read by others; chmod 600 it", file, NULL);
    if (result == -EBADMSG)
        return failed("the key file holds no key", file, "64 hexadecimal digits are expected");
    return result == 0 || failed("the key file cannot be read or made", file, strerror(-result));
}

static void stop_seal(struct ts_app *app)
{
    ts_seal_free(app->seal);
}

static bool start_redis(struct ts_app *app)
{
    struct ts_redis_options options = {.url = app->config->redis.url,
                                       .key_prefix = app->config->redis.key_prefix};
    const char *reason = NULL;

    if (ts_redis_new(app->loop, &options, &app->redis, &reason) < 0)
        return failed("redis.url is not understood", NULL, reason);
    return ts_redis_new(app->loop, &options, &app->blocking, &reason) == 0;
}

static void stop_redis(struct ts_app *app)
{
    ts_redis_free(app->blocking);
    ts_redis_free(app->redis);
}

static bool start_stores(struct ts_app *app)
{
    const struct ts_queue_options options = {
        .consumer = app->consumer,
        .max_waiting = app->config->queue.max_waiting,
        .claim_after_ms = app->config->queue.claim_after_s * 1000,
    };

    app->clock = ts_clock_new(app->loop);
    app->runs = ts_runs_redis_new(app->redis, app->consumer, options.claim_after_ms);
    app->queue = ts_queue_redis_new(app->loop, app->redis, app->blocking, &options);
    app->registry = ts_registry_redis_new(app->redis, app->seal);
    app->roster = ts_roster_redis_new(app->redis, app->consumer);
    return true;
}

static void stop_stores(struct ts_app *app)
{
    ts_roster_redis_free(app->roster);
    ts_registry_redis_free(app->registry);
    ts_queue_redis_free(app->queue);
    ts_runs_redis_free(app->runs);
    ts_clock_free(app->clock);
}

static bool start_directory(struct ts_app *app)
{
    const struct ts_http_client_options http_options = {0};
    const struct ts_google_options options = {
        .api_url = app->config->google.api_url,
        .token_url = app->config->google.token_url,
        .requests_per_minute = app->config->google.requests_per_minute,
    };

    app->http = ts_http_client_new(app->loop, &http_options);
    app->directory = ts_google_new(app->loop, app->http, &options);
    return true;
}

static void stop_directory(struct ts_app *app)
{
    ts_google_free(app->directory);
    ts_http_client_free(app->http);
}

void ts_app_apply_settings(struct ts_app *app)
{
    const struct ts_config *config = app->config;
    enum ts_log_level level = TS_LOG_INFO;
    enum ts_log_format format = TS_LOG_LOGFMT;

    (void)ts_log_words(config, &level, &format);
    ts_log_setup(level, format);
    app->env.channel_ttl_s = config->google.channel_ttl_s;
    app->env.resync_interval_s = config->sync.resync_interval_s;
    app->env.reread_after_s = config->reread_after_s;
    app->env.reread_count = config->reread_count;
    app->env.guard =
        (struct ts_guard){.min = config->sync.guard_min, .percent = config->sync.guard_percent};
    app->env.field_loss_percent = config->sync.field_loss_percent;
    app->env.give_up_after_s = config->queue.give_up_after_s;
}

static bool start_worker(struct ts_app *app)
{
    const struct ts_config *config = app->config;

    app->notification_address =
        ts_format("%s/webhooks/google-workspace", config->server.public_url);
    app->env = (struct ts_flow_env){
        .clock = app->clock,
        .queue = app->queue,
        .registry = app->registry,
        .roster = app->roster,
        .runs = app->runs,
        .events = (const char *const *)config->events,
        .event_count = config->event_count,
        .beat_ms = config->queue.claim_after_s * 1000 / 4,
        .directory = app->directory,
        .notification_address = app->notification_address,
    };
    ts_app_apply_settings(app);
    app->worker = ts_worker_new(&app->env, config->queue.concurrency);
    return true;
}

static void stop_worker(struct ts_app *app)
{
    ts_op_cancel(&app->schedule);
    ts_worker_free(app->worker);
    free(app->notification_address);
}

static bool listen_everywhere(struct ts_app *app)
{
    for (size_t i = 0; i < app->config->listen_count; i++) {
        const char *address = app->config->listen[i];
        int result = ts_http_server_listen_tcp(app->server, address, i == 0 ? &app->port : NULL);

        if (result < 0)
            return failed("cannot listen", address, strerror(-result));
    }
    if (*app->config->server.admin_socket) {
        const char *path = app->config->server.admin_socket;
        int result = ts_http_server_listen_unix(app->server, path);

        if (result < 0)
            return failed("cannot listen on the admin socket", path, strerror(-result));
    }
    return true;
}

static bool start_server(struct ts_app *app)
{
    const struct ts_http_server_options options = {0};

    app->server = ts_http_server_new(app->loop, &options);
    app->webhook = ts_webhook_new(app->registry, app->queue);
    app->api = ts_api_new(&app->env);
    app->health = ts_health_new(app->redis, app->queue);
    ts_webhook_add_routes(app->webhook, app->server);
    ts_api_add_routes(app->api, app->server);
    ts_health_add_routes(app->health, app->server);
    return listen_everywhere(app);
}

static void stop_server(struct ts_app *app)
{
    ts_http_server_free(app->server);
    ts_health_free(app->health);
    ts_api_free(app->api);
    ts_webhook_free(app->webhook);
    ts_metrics_reset();
}

static const struct part {
    bool (*start)(struct ts_app *app);
    void (*stop)(struct ts_app *app); /* copes with a half-built part */
} parts[] = {
    {start_loop, stop_loop},     {start_seal, stop_seal},           {start_redis, stop_redis},
    {start_stores, stop_stores}, {start_directory, stop_directory}, {start_worker, stop_worker},
    {start_server, stop_server},
};

bool ts_app_start(struct ts_app *app, struct ts_config *config)
{
    *app = (struct ts_app){.config = config};
    ts_app_apply_settings(app); /* the log first: parts may have something to say */
    for (size_t i = 0; i < TS_COUNT_OF(parts); i++) {
        app->started = i + 1;
        if (!parts[i].start(app)) {
            ts_app_stop(app);
            return false;
        }
    }
    return true;
}

void ts_app_stop(struct ts_app *app)
{
    while (app->started > 0)
        parts[--app->started].stop(app);
    ts_config_free(app->config);
    *app = (struct ts_app){0};
}
