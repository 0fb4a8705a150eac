/* SPDX-License-Identifier: MIT */
/* users.watch and channels.stop: opening and closing a notification channel. */
#include "directory/google/google_internal.h"
#include "directory/google/google_watching_json.h"
#include "directory/google/refusal.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/time.h"

static const uint64_t US_PER_S = 1000000;

struct watching {
    struct ts_google_task task; /* first */
    char *channel_id;
    uint32_t ttl_s;
    ts_directory_watch_cb *cb;
    void *arg;
};

struct stopping {
    struct ts_google_task task; /* first */
    ts_done_cb *cb;
    void *arg;
};

/* --- watch --- */

static void release_watching(struct watching *w)
{
    ts_google_task_leave(&w->task);
    free(w->channel_id);
    free(w);
}

static void cancel_watching(struct ts_op *op)
{
    release_watching((struct watching *)(void *)op);
}

/* There is nobody to be found here, only a channel to be had. */
static struct ts_error error_of_watch(const struct ts_error *err)
{
    struct ts_error outcome = *err;

    if (err->cls == TS_NOT_FOUND)
        outcome.cls = TS_AUTH;
    ts_google_name_error(&outcome);
    return outcome;
}

static void on_watching(const struct ts_error *err, const struct ts_google_answer *answer,
                        void *arg)
{
    struct watching *w = arg;
    ts_directory_watch_cb *cb = w->cb;
    void *cb_arg = w->arg;
    struct ts_error outcome = error_of_watch(err);
    struct ts_watching watching = {0};

    w->task.waiting = NULL;
    if (outcome.cls == TS_OK)
        outcome =
            ts_google_watching_read(answer->json, w->channel_id, w->ttl_s, ts_wall_us(), &watching);
    release_watching(w);
    cb(&outcome, outcome.cls == TS_OK ? &watching : NULL, cb_arg);
}

static char *print_watch(const struct ts_watch *watch)
{
    TS_AUTOJSON struct json_object *json = ts_json_new_object();
    TS_AUTOFREE char *expiration =
        ts_format("%llu", (unsigned long long)((ts_wall_us() + watch->ttl_s * US_PER_S) / 1000));

    ts_json_add_text(json, "id", watch->channel_id);
    ts_json_add_text(json, "type", "web_hook");
    ts_json_add_text(json, "address", watch->address);
    ts_json_add_text(json, "token", watch->token);
    ts_json_add_text(json, "expiration", expiration); /* int64 as text, in milliseconds */
    return ts_json_print(json);
}

struct ts_op *ts_google_watch(struct ts_directory *directory,
                              const struct ts_connection *connection, const struct ts_watch *watch,
                              ts_directory_watch_cb *cb, void *arg)
{
    struct watching *w = ts_alloc(sizeof(*w));
    TS_AUTOFREE_SECRET char *body = print_watch(watch);
    TS_AUTOFREE char *path = ts_format(
        TS_GOOGLE_USERS "/watch?customer=my_customer%s%s%s", watch->event ? "&event=" : "",
        watch->event ? watch->event : "", connection->may_suspend ? "" : "&viewType=domain_public");
    struct ts_google_request request = {
        .name = "users.watch",
        .verb = "POST",
        .path = path,
        .body = body,
    };

    ts_google_task_open(&w->task, directory, connection, cancel_watching);
    w->channel_id = ts_strdup(watch->channel_id);
    w->ttl_s = watch->ttl_s;
    w->cb = cb;
    w->arg = arg;
    ts_google_task_call(&w->task, &request, on_watching);
    return &w->task.op;
}

/* --- stop --- */

static void release_stopping(struct stopping *s)
{
    ts_google_task_leave(&s->task);
    free(s);
}

static void cancel_stopping(struct ts_op *op)
{
    release_stopping((struct stopping *)(void *)op);
}

static void on_stopped(const struct ts_error *err, const struct ts_google_answer *answer, void *arg)
{
    struct stopping *s = arg;
    ts_done_cb *cb = s->cb;
    void *cb_arg = s->arg;
    struct ts_error outcome = err->cls == TS_NOT_FOUND ? ts_no_error : *err;

    (void)answer;
    s->task.waiting = NULL;
    release_stopping(s);
    cb(&outcome, cb_arg);
}

static char *print_stop(const char *channel_id, const char *resource_id)
{
    TS_AUTOJSON struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "id", channel_id);
    ts_json_add_text(json, "resourceId", resource_id);
    return ts_json_print(json);
}

struct ts_op *ts_google_stop(struct ts_directory *directory, const struct ts_connection *connection,
                             const char *channel_id, const char *resource_id, ts_done_cb *cb,
                             void *arg)
{
    struct stopping *s = ts_alloc(sizeof(*s));
    TS_AUTOFREE char *body = print_stop(channel_id, resource_id);
    struct ts_google_request request = {
        .name = "channels.stop",
        .verb = "POST",
        .path = TS_GOOGLE_STOP,
        .body = body,
        .ignores_body = true,
    };

    ts_google_task_open(&s->task, directory, connection, cancel_stopping);
    s->cb = cb;
    s->arg = arg;
    ts_google_task_call(&s->task, &request, on_stopped);
    return &s->task.op;
}
