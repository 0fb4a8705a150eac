/* SPDX-License-Identifier: MIT */
/* Where ports meet adapters: the table of parts, started from top to bottom. */
#include "app/app.h"

#include "teamsync/google.h"
#include "teamsync/http_client.h"
#include "teamsync/mailer.h"
#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/text.h"
#include "teamsync/ui.h"

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

/* --- Redis --- */

enum { BEAT_MS_MAX = 2000 }; /* people watch a resync's figures */
enum { REQUEST_CONNECT_MS = 1000, REQUEST_COMMAND_MS = 2000 };

static bool start_redis(struct ts_app *app)
{
    const struct ts_redis_options patient = {.url = app->config->redis.url,
                                             .key_prefix = app->config->redis.key_prefix};
    struct ts_redis_options impatient = patient;
    const char *reason = NULL;

    impatient.is_impatient = true;
    impatient.connect_timeout_ms = REQUEST_CONNECT_MS;
    impatient.command_timeout_ms = REQUEST_COMMAND_MS;
    if (ts_redis_new(app->loop, &patient, &app->for_jobs.redis, &reason) < 0)
        return failed("redis.url is not understood", NULL, reason);
    return ts_redis_new(app->loop, &patient, &app->blocking, &reason) == 0 &&
           ts_redis_new(app->loop, &impatient, &app->for_requests.redis, &reason) == 0;
}

static void stop_redis(struct ts_app *app)
{
    ts_redis_free(app->for_requests.redis);
    ts_redis_free(app->blocking);
    ts_redis_free(app->for_jobs.redis);
}

static void open_stores(struct ts_app *app, struct ts_stores *stores, struct ts_redis *blocking)
{
    const struct ts_queue_options options = {
        .consumer = app->consumer,
        .max_waiting = app->config->queue.max_waiting,
        .claim_after_ms = app->config->queue.claim_after_s * 1000,
    };

    stores->runs = ts_runs_redis_new(stores->redis, app->consumer, options.claim_after_ms);
    stores->queue = ts_queue_redis_new(app->loop, stores->redis, blocking, &options);
    stores->registry = ts_registry_redis_new(stores->redis, app->seal);
    stores->roster = ts_roster_redis_new(stores->redis, app->consumer);
}

static void close_stores(struct ts_stores *stores)
{
    ts_roster_redis_free(stores->roster);
    ts_registry_redis_free(stores->registry);
    ts_queue_redis_free(stores->queue);
    ts_runs_redis_free(stores->runs);
}

static bool start_stores(struct ts_app *app)
{
    app->clock = ts_clock_new(app->loop);
    open_stores(app, &app->for_jobs, app->blocking);
    open_stores(app, &app->for_requests, /* blocking= */ NULL);
    return true;
}

static void stop_stores(struct ts_app *app)
{
    close_stores(&app->for_requests);
    close_stores(&app->for_jobs);
    ts_clock_free(app->clock);
}

/* --- the directory --- */

static bool start_directory(struct ts_app *app)
{
    const struct ts_http_client_options http_options = {0};
    const struct ts_google_options options = {
        .api_url = app->config->google.api_url,
        .token_url = app->config->google.token_url,
        .auth_url = app->config->google.auth_url,
        .client_id = app->config->google.client_id,
        .client_secret = app->config->google.client_secret,
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

/* --- mail --- */

static bool start_mail(struct ts_app *app)
{
    const struct ts_mailer_options options = {
        .url = app->config->mail.url,
        .from = app->config->mail.from,
    };

    app->mailer = *options.url ? ts_mailer_smtp_new(app->loop, &options) : NULL;
    return true;
}

static void stop_mail(struct ts_app *app)
{
    ts_mailer_smtp_free(app->mailer);
}

/* --- jobs --- */

static void set_env(const struct ts_config *config, struct ts_flow_env *env)
{
    env->channel_ttl_s = config->google.channel_ttl_s;
    env->resync_interval_s = config->sync.resync_interval_s;
    env->reread_after_s = config->reread_after_s;
    env->reread_count = config->reread_count;
    env->guard =
        (struct ts_guard){.min = config->sync.guard_min, .percent = config->sync.guard_percent};
    env->field_loss_percent = config->sync.field_loss_percent;
    env->give_up_after_s = config->queue.give_up_after_s;
}

static void set_log(const struct ts_config *config)
{
    enum ts_log_level level = TS_LOG_INFO;
    enum ts_log_format format = TS_LOG_LOGFMT;

    (void)ts_log_words(config, &level, &format);
    ts_log_setup(level, format);
}

void ts_app_apply_settings(struct ts_app *app)
{
    const struct ts_config *config = app->config;

    set_log(config);
    set_env(config, &app->for_jobs.env);
    set_env(config, &app->for_requests.env);
    ts_queue_redis_set_max_waiting(app->for_jobs.queue, config->queue.max_waiting);
    ts_queue_redis_set_max_waiting(app->for_requests.queue, config->queue.max_waiting);
    ts_worker_set_concurrency(app->worker, config->queue.concurrency);
    ts_google_set_requests_per_minute(app->directory, config->google.requests_per_minute);
}

static uint32_t beat_ms(const struct ts_config *config)
{
    uint32_t quarter_ms = config->queue.claim_after_s * 1000 / 4;

    return quarter_ms < BEAT_MS_MAX ? quarter_ms : BEAT_MS_MAX;
}

static void open_env(struct ts_app *app, struct ts_stores *stores)
{
    stores->env = (struct ts_flow_env){
        .clock = app->clock,
        .queue = stores->queue,
        .registry = stores->registry,
        .roster = stores->roster,
        .runs = stores->runs,
        .directory = app->directory,
        .mailer = app->mailer,
        .public_url = app->config->server.public_url,
        .notification_address = app->notification_address,
        .consent_address = app->consent_address,
        .events = (const char *const *)app->config->events,
        .event_count = app->config->event_count,
        .beat_ms = beat_ms(app->config),
    };
    set_env(app->config, &stores->env);
}

static bool start_worker(struct ts_app *app)
{
    app->notification_address =
        ts_format("%s/webhooks/google-workspace", app->config->server.public_url);
    app->consent_address = ts_format("%s/oauth/google/callback", app->config->server.public_url);
    open_env(app, &app->for_jobs);
    open_env(app, &app->for_requests);
    app->worker = ts_worker_new(&app->for_jobs.env, app->config->queue.concurrency);
    return true;
}

static void stop_worker(struct ts_app *app)
{
    ts_op_cancel(&app->schedule);
    ts_worker_free(app->worker);
    free(app->notification_address);
    free(app->consent_address);
}

/* --- requests --- */

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
    app->webhook = ts_webhook_new(app->for_requests.registry, app->for_requests.queue);
    app->api = ts_api_new(&app->for_requests.env);
    app->health = ts_health_new(app->for_requests.redis, app->for_requests.queue);
    ts_webhook_add_routes(app->webhook, app->server);
    ts_api_add_routes(app->api, app->server);
    ts_health_add_routes(app->health, app->server);
    ts_ui_add_routes(app->server, ts_page_ui, ts_page_ui_count);
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
    {start_stores, stop_stores}, {start_directory, stop_directory}, {start_mail, stop_mail},
    {start_worker, stop_worker}, {start_server, stop_server},
};

bool ts_app_start(struct ts_app *app, struct ts_config *config)
{
    *app = (struct ts_app){.config = config};
    set_log(config); /* first: parts may have something to say */
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
