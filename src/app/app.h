/* SPDX-License-Identifier: MIT */
/* The daemon's parts, built in order and taken down in reverse. */
#ifndef APP_APP_H
#define APP_APP_H

#include "app/config.h"

#include "teamsync/api.h"
#include "teamsync/flow.h"
#include "teamsync/http.h"
#include "teamsync/http_server.h"
#include "teamsync/log.h"
#include "teamsync/loop.h"
#include "teamsync/redis.h"
#include "teamsync/seal.h"
#include "teamsync/webhook.h"

#include <stdbool.h>

struct ts_health;

/* What is in Redis, over one link. Jobs have a patient one: a command waits until Redis is back.
 * Requests have an impatient one: whoever asks hears at once that it is away. */
struct ts_stores {
    struct ts_redis *redis;
    struct ts_queue *queue;
    struct ts_registry *registry;
    struct ts_roster *roster;
    struct ts_runs *runs;
    struct ts_flow_env env;
};

struct ts_app {
    struct ts_config *config;
    struct ts_loop *loop;
    char *consumer;
    struct ts_seal *seal;
    struct ts_stores for_jobs;
    struct ts_stores for_requests;
    struct ts_redis *blocking; /* waits for jobs */
    struct ts_clock *clock;
    struct ts_http *http;
    struct ts_directory *directory;
    struct ts_mailer *mailer; /* NULL: mail is not set up */
    char *notification_address;
    char *consent_address;
    struct ts_worker *worker;
    struct ts_op *schedule; /* runs with the worker */
    struct ts_webhook *webhook;
    struct ts_api *api;
    struct ts_health *health;
    struct ts_http_server *server;
    uint16_t port;  /* of the first address in server.listen */
    size_t started; /* how many parts stand */
};

/* Builds everything; false, and a log line, when a part does not start (what stands already is
 * taken down again). `config` is taken. */
bool ts_app_start(struct ts_app *app, struct ts_config *config);
void ts_app_stop(struct ts_app *app);
/* What may change while running goes from the configuration to where it is used. */
void ts_app_apply_settings(struct ts_app *app);

/* health.c: /healthz, /readyz, /metrics, and warnings about how Redis is set up. */
struct ts_health *ts_health_new(struct ts_redis *redis, struct ts_queue *queue);
void ts_health_add_routes(struct ts_health *health, struct ts_http_server *server);
void ts_health_warn_about_redis(struct ts_health *health);
void ts_health_set_stopping(struct ts_health *health); /* alive, but not ready any more */
void ts_health_free(struct ts_health *health);         /* after the server; NULL is fine */

/* census.c: sets the gauges of all orgs. */
struct ts_op *ts_census_start(struct ts_redis *redis, ts_done_cb *cb, void *arg);

/* notify.c: one datagram to the service manager, if there is one: "READY=1", "STOPPING=1", … */
void ts_notify(const char *state);
/* How often the service manager wants to hear "WATCHDOG=1", in ms; 0 for never. */
uint64_t ts_notify_watchdog_ms(void);

/* The words of log.level and log.format; false when one is unknown. */
bool ts_log_words(const struct ts_config *config, enum ts_log_level *ret_level,
                  enum ts_log_format *ret_format);

#endif
