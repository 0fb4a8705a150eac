/* SPDX-License-Identifier: MIT */
/* teamsyncd: options → configuration → parts → the loop → a clean end. */
#include "app/app.h"
#include "app/options.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

enum {
    DRAIN_MS = 10000,
    DIFFERENCES_MAX_BYTES = 4096,
    LAST_WORDS_MS = 50,
    DESCRIPTORS_MAX = 65536
};

struct daemon {
    struct ts_app app;
    struct ts_timer *drain_timer;
    struct ts_timer *watchdog_timer;
    const char *config_file;
    bool is_stopping;
};

/* --- signals --- */

static void on_drained(void *arg)
{
    struct daemon *daemon = arg;

    ts_loop_stop(daemon->app.loop);
}

static void on_drain_timeout(void *arg)
{
    struct daemon *daemon = arg;

    ts_log(TS_LOG_WARNING, "some jobs did not end in time; they stay in the queue", "jobs",
           TS_NUMBER(ts_worker_running(daemon->app.worker)), NULL);
    ts_loop_stop(daemon->app.loop);
}

/* Is not ready any more, so that others are asked instead, but still answers whoever comes, streams
 * excepted; takes no more jobs, lets the running ones end, then leaves the loop. */
static void on_stop(void *arg)
{
    struct daemon *daemon = arg;

    if (daemon->is_stopping) {
        ts_loop_stop(daemon->app.loop); /* asked twice: at once */
        return;
    }
    daemon->is_stopping = true;
    ts_log(TS_LOG_INFO, "stopping", "running_jobs",
           TS_NUMBER(ts_worker_running(daemon->app.worker)), NULL);
    ts_notify("STOPPING=1");
    ts_health_set_stopping(daemon->app.health);
    ts_api_end_streams(daemon->app.api);
    ts_timer_set(daemon->drain_timer, DRAIN_MS);
    ts_worker_drain(daemon->app.worker, on_drained, daemon);
}

/* What can change while running does; the rest is named, and waits for a restart. */
static void on_reload(void *arg)
{
    struct daemon *daemon = arg;
    struct ts_config *fresh = ts_options_read_config(daemon->config_file);
    struct ts_buf fixed;

    if (!fresh)
        return;
    ts_buf_init(&fixed, DIFFERENCES_MAX_BYTES);
    ts_config_reload(daemon->app.config, fresh, &fixed);
    ts_config_free(fresh);
    ts_app_apply_settings(&daemon->app);
    if (fixed.len > 0)
        ts_log(TS_LOG_WARNING, "some changed settings take effect after a restart, ignoring",
               "settings", fixed.data, NULL);
    ts_log(TS_LOG_INFO, "reloaded", "file", daemon->config_file, NULL);
    ts_buf_done(&fixed);
}

static void on_watchdog(void *arg)
{
    struct daemon *daemon = arg;

    ts_notify("WATCHDOG=1");
    ts_timer_set(daemon->watchdog_timer, ts_notify_watchdog_ms());
}

/* --- the daemon --- */

static void tell_ready(const struct daemon *daemon)
{
    const struct ts_config *config = daemon->app.config;
    const char *first = config->listen[0];
    const char *colon = strrchr(first, ':');
    TS_AUTOFREE char *listen = ts_format("%.*s:%u", (int)(colon - first), first, daemon->app.port);

    ts_log(TS_LOG_INFO, "ready", "listen", listen, "admin_socket", config->server.admin_socket,
           "version", TS_VERSION, "consumer", daemon->app.consumer, NULL);
    ts_notify("READY=1");
}

static void run(struct daemon *daemon)
{
    struct ts_app *app = &daemon->app;

    daemon->drain_timer = ts_timer_new(app->loop, on_drain_timeout, daemon);
    daemon->watchdog_timer = ts_timer_new(app->loop, on_watchdog, daemon);
    ts_loop_on_signal(app->loop, SIGTERM, on_stop, daemon);
    ts_loop_on_signal(app->loop, SIGINT, on_stop, daemon);
    ts_loop_on_signal(app->loop, SIGHUP, on_reload, daemon);
    if (ts_notify_watchdog_ms() > 0)
        on_watchdog(daemon);
    ts_health_warn_about_redis(app->health);
    ts_worker_start(app->worker);
    app->schedule = ts_schedule_start(&app->for_jobs.env);
    tell_ready(daemon);
    ts_loop_run(app->loop);
    ts_loop_turn(app->loop, LAST_WORDS_MS); /* what was answered last still goes out */
    ts_timer_free(daemon->drain_timer);
    ts_timer_free(daemon->watchdog_timer);
}

/* As many descriptors as we may have: the server's limit of connections follows from it. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* What is freed is overwritten: copies of secrets that libraries make (a request's bytes, buffers
 * that grow) do not stay. Blocks below a kilobyte the C library may leave as they are. */
static void leave_no_traces(void)
{
    (void)mallopt(M_PERTURB, 0xff);
}

int main(int argc, char **argv)
{
    struct ts_options options = {0};
    struct daemon daemon = {0};
    struct ts_config *config;
    int status = ts_options_read(argc, argv, &options);

    if (status >= 0)
        return status;
    config = ts_options_read_config(options.config_file);
    if (!config)
        return 1;
    if (options.print_config || options.check_config) {
        if (options.print_config)
            ts_options_print_config(config);
        ts_config_free(config);
        return 0;
    }
    daemon.config_file = options.config_file;
    raise_descriptor_limit();
    leave_no_traces();
    if (!ts_app_start(&daemon.app, config))
        return 1;
    run(&daemon);
    ts_app_stop(&daemon.app);
    ts_log(TS_LOG_INFO, "stopped", NULL);
    return 0;
}
