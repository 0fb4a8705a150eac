/* SPDX-License-Identifier: MIT */
/* The port: putting the adapter together, and what its operations have in common. */
#include "teamsync/google.h"

#include "directory/google/google_internal.h"
#include "directory/google/refusal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <string.h>

enum { IDLE_MS = 15 * 60 * 1000, KEY_MAX_BYTES = 320 };

static char *mend(struct ts_directory *directory, const struct ts_connection *connection,
                  const char *code)
{
    struct ts_google_credentials *own = NULL;
    char *text;

    (void)ts_google_credentials_parse(connection->credentials, &own);
    text = ts_google_mend_text(code, own, ts_google_of(directory)->env.client_id);
    ts_google_credentials_free(own);
    return text;
}

static const struct ts_directory_ops ops = {
    .get_user = ts_google_get_user,
    .list_users = ts_google_list_users,
    .search_users = ts_google_search_users,
    .get_profile = ts_google_get_profile,
    .probe = ts_google_probe,
    .watch = ts_google_watch,
    .stop = ts_google_stop,
    .consent_url = ts_google_consent_url,
    .redeem = ts_google_redeem,
    .mend = mend,
};

static char *without_slash(const char *url)
{
    size_t length = strlen(url);

    while (length > 0 && url[length - 1] == '/')
        length--;
    return ts_memdup_text(url, length);
}

struct ts_directory *ts_google_new(struct ts_loop *loop, struct ts_http *http,
                                   const struct ts_google_options *options)
{
    struct ts_google *google = ts_alloc(sizeof(*google));

    google->port.ops = &ops;
    google->env = (struct ts_google_env){
        .loop = loop,
        .http = http,
        .api_url = without_slash(options->api_url),
        .token_url = ts_strdup(options->token_url),
        .auth_url = ts_strdup(options->auth_url),
        .client_id = ts_text_is_empty(options->client_id) ? NULL : ts_strdup(options->client_id),
        .client_secret = ts_strdup(options->client_secret),
        .requests_per_minute = options->requests_per_minute,
        .now_ms = ts_now_ms,
        .idle_ms = IDLE_MS,
    };
    google->sessions = ts_google_sessions_new(&google->env);
    return &google->port;
}

void ts_google_free(struct ts_directory *directory)
{
    struct ts_google *google = directory ? ts_google_of(directory) : NULL;

    if (!google)
        return;
    ts_google_sessions_free(google->sessions);
    free(google->env.api_url);
    free(google->env.token_url);
    free(google->env.auth_url);
    free(google->env.client_id);
    ts_free_secret(google->env.client_secret);
    free(google);
}

void ts_google_set_requests_per_minute(struct ts_directory *directory, unsigned requests_per_minute)
{
    ts_google_of(directory)->env.requests_per_minute = requests_per_minute;
}

void ts_google_task_open(struct ts_google_task *task, struct ts_directory *directory,
                         const struct ts_connection *connection, void (*cancel)(struct ts_op *op))
{
    task->op.cancel = cancel;
    task->session = ts_google_session_open(ts_google_of(directory)->sessions, connection);
}

void ts_google_task_call(struct ts_google_task *task, const struct ts_google_request *request,
                         ts_google_call_cb *cb)
{
    task->waiting = ts_google_call_start(task->session, request, cb, task);
}

void ts_google_task_leave(struct ts_google_task *task)
{
    ts_op_cancel(&task->waiting);
    ts_google_session_close(task->session);
}

/* "." and ".." would be taken for steps in the path. */
static bool is_sound(const char *key)
{
    return !ts_text_is_empty(key) && strlen(key) <= KEY_MAX_BYTES && ts_text_is_printable(key) &&
           strcmp(key, ".") != 0 && strcmp(key, "..") != 0;
}

char *ts_google_user_path(const char *key, const char *query)
{
    TS_AUTOFREE char *escaped = is_sound(key) ? ts_url_escape(key) : NULL;

    return escaped ? ts_format(TS_GOOGLE_USERS "/%s?%s", escaped, query) : NULL;
}
