/* SPDX-License-Identifier: MIT */
/* teamsyncd: options → configuration → parts → the loop → a clean end. */
#include "app/app.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { DRAIN_MS = 10000, PRINT_MAX_BYTES = 64 << 10, LAST_WORDS_MS = 50 };

struct options {
    const char *config_file;
    bool check_config;
    bool print_config;
};

struct daemon {
    struct ts_app app;
    struct ts_timer *drain_timer;
    struct ts_timer *watchdog_timer;
    const char *config_file;
    bool is_stopping;
};

static const char usage[] =
    "usage: teamsyncd [-c FILE] [--check-config] [--print-config] [--version]\n"
    "Keeps a business's team in step with its Google Workspace directory.\n";

/* --- options and configuration --- */

/* -1 to go on, else the exit status. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option long_options[] = {
        {"config", required_argument, NULL, 'c'}, {"check-config", no_argument, NULL, 'k'},
        {"print-config", no_argument, NULL, 'p'}, {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
        if (option == 'c') {
            options->config_file = optarg;
        } else if (option == 'k') {
            options->check_config = true;
        } else if (option == 'p') {
            options->print_config = true;
        } else if (option == 'v') {
            (void)puts("teamsyncd " TS_VERSION);
            return 0;
        } else {
            (void)fputs(usage, option == 'h' ? stdout : stderr);
            return option == 'h' ? 0 : 2;
        }
    }
    if (optind < argc) {
        (void)fputs(usage, stderr);
        return 2;
    }
    return -1;
}

static struct ts_config *read_config(const char *file)
{
    struct ts_buf error;
    struct ts_config *config;
    TS_AUTOFREE char *wrong = NULL;

    ts_buf_init(&error, PRINT_MAX_BYTES);
    config = file ? ts_config_load(file, &error) : ts_config_new();
    wrong = config ? ts_config_check(config) : ts_strdup(error.data);
    ts_buf_done(&error);
    if (!wrong)
        return config;
    ts_log(TS_LOG_ERROR, "the configuration is wrong", "file", file, "why", wrong, NULL);
    ts_config_free(config);
    return NULL;
}

static void print_config(const struct ts_config *config)
{
    struct ts_buf out;

    ts_buf_init(&out, PRINT_MAX_BYTES);
    ts_config_print(config, &out);
    (void)fputs(out.data, stdout);
    ts_buf_done(&out);
}

static void set_log(const struct ts_config *config)
{
    enum ts_log_level level = TS_LOG_INFO;
    enum ts_log_format format = TS_LOG_LOGFMT;

    (void)ts_log_words(config, &level, &format);
    ts_log_setup(level, format);
}

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

/* Takes no more jobs, lets the running ones end, then leaves the loop. */
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
    ts_timer_set(daemon->drain_timer, DRAIN_MS);
    ts_worker_drain(daemon->app.worker, on_drained, daemon);
}

/* What can change while running does: the log, and the times of the sync. */
static void on_reload(void *arg)
{
    struct daemon *daemon = arg;
    struct ts_config *current = daemon->app.config;
    struct ts_config *fresh = read_config(daemon->config_file);
    struct ts_flow_env *env = &daemon->app.env;

    if (!fresh)
        return;
    set_log(fresh);
    memcpy(current->reread_after_s, fresh->reread_after_s, sizeof(current->reread_after_s));
    current->reread_count = fresh->reread_count;
    env->reread_count = fresh->reread_count;
    env->resync_interval_s = fresh->sync.resync_interval_s;
    env->channel_ttl_s = fresh->google.channel_ttl_s;
    env->give_up_after_s = fresh->queue.give_up_after_s;
    ts_log(TS_LOG_INFO, "reloaded", "changed",
           "log, sync, google.channel_ttl_s, queue.give_up_after_s; the rest needs a restart",
           NULL);
    ts_config_free(fresh);
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
    tell_ready(daemon);
    ts_loop_run(app->loop);
    ts_loop_turn(app->loop, LAST_WORDS_MS); /* what was answered last still goes out */
    ts_timer_free(daemon->drain_timer);
    ts_timer_free(daemon->watchdog_timer);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct daemon daemon = {0};
    struct ts_config *config;
    int status = read_options(argc, argv, &options);

    if (status >= 0)
        return status;
    config = read_config(options.config_file);
    if (!config)
        return 1;
    if (options.print_config)
        print_config(config);
    if (options.print_config || options.check_config) {
        ts_config_free(config);
        return 0;
    }
    set_log(config);
    (void)signal(SIGPIPE, SIG_IGN);
    daemon.config_file = options.config_file;
    if (!ts_app_start(&daemon.app, config))
        return 1;
    run(&daemon);
    ts_app_stop(&daemon.app);
    ts_log(TS_LOG_INFO, "stopped", NULL);
    return 0;
}
