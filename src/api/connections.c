/* SPDX-License-Identifier: MIT */
/* An org's connection to its directory: made, shown, ended, and its auto-sync switched. */
#include "api/handlers.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

enum { KEY_MAX_BYTES = 8 << 10 };

/* --- showing --- */

/* What the connection cannot do, though it works; newly allocated, NULL: nothing. */
static char *notice_of(const struct ts_connection *connection)
{
    if (connection->state == TS_CONNECTION_NONE || connection->may_suspend)
        return NULL;
    return ts_format("%s is no admin of the directory: teams and managers are kept in step, but "
                     "nobody is ever suspended. Make the account an admin, and the next resync "
                     "sees it.",
                     connection->subject ? connection->subject : "The connection's account");
}

static struct json_object *connection_json(struct ts_directory *directory,
                                           const struct ts_connection *connection)
{
    struct json_object *json = ts_json_new_object();
    struct ts_failure failure = ts_connection_failure(connection);
    TS_AUTOFREE char *notice = notice_of(connection);
    TS_AUTOFREE char *mend =
        failure.code ? directory->ops->mend(directory, connection, failure.code) : NULL;

    ts_json_add_text(json, "state", ts_connection_state_name(connection->state));
    ts_json_add_text(json, "provider", connection->provider);
    ts_json_add_text(json, "account", connection->subject);
    ts_json_add_text(json, "connected_by", connection->connected_by);
    ts_json_add_time(json, "connected_at", connection->connected_us);
    ts_json_add_bool(json, "suspends", connection->may_suspend);
    ts_json_add_text(json, "notice", notice);
    ts_json_add_time(json, "last_push_at", connection->last_push_us);
    ts_json_add_time(json, "last_resync_at", connection->last_resync_us);
    ts_json_add_time(json, "next_resync_at", connection->next_resync_us);
    ts_json_add_time(json, "channel_until", connection->channel_until_us);
    ts_json_add_number(json, "directory_users", (int64_t)connection->directory_users);
    ts_json_add_text(json, "failure", failure.text);
    ts_json_add_text(json, "failure_code", failure.code);
    ts_json_add_text(json, "mend", mend);
    return json;
}

static void on_channels(const struct ts_error *err, const struct ts_channel *channels, size_t count,
                        void *arg)
{
    struct ts_exchange *x = arg;
    struct json_object *array;

    if (!ts_exchange_went_well(x, err))
        return;
    array = ts_json_new_array();
    for (size_t i = 0; i < count; i++) {
        struct json_object *channel = ts_json_new_object();

        ts_json_add_text(channel, "id", channels[i].id);
        ts_json_add_text(channel, "event", channels[i].event);
        ts_json_add_time(channel, "expires_at", channels[i].expiration_us);
        ts_json_append(array, channel);
    }
    ts_json_add(x->draft, "channels", array);
    ts_exchange_reply(x, 200, TS_STEAL(x->draft));
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct ts_exchange *x = arg;

    if (ts_exchange_went_well(x, err)) {
        x->draft = connection_json(x->env->directory, connection);
        x->op = x->env->registry->ops->list_channels(x->env->registry, x->org, on_channels, x);
    }
}

void ts_api_get_connection(struct ts_exchange *x)
{
    x->op = x->env->registry->ops->get_connection(x->env->registry, x->org, on_connection, x);
}

/* --- connecting --- */

static char *credentials_of(const struct ts_exchange *x)
{
    return ts_json_print(ts_json_object(x->body, "credentials"));
}

static void on_connected(const struct ts_error *err, void *arg)
{
    struct ts_exchange *x = arg;

    x->op = NULL;
    if (err->cls == TS_OK) {
        ts_api_get_connection(x);
    } else {
        TS_AUTOFREE_SECRET char *credentials = credentials_of(x);
        struct ts_connection tried = {.org = x->org, .credentials = credentials};

        ts_exchange_fail_to_connect(x, err, &tried);
    }
}

static void on_org_to_connect(const struct ts_error *err, const struct ts_org *org, void *arg)
{
    struct ts_exchange *x = arg;
    struct ts_connection wanted = {.org = x->org, .provider = "google-workspace"};
    TS_AUTOFREE_SECRET char *credentials = NULL;

    if (!ts_exchange_went_well(x, err))
        return;
    credentials = credentials_of(x);
    wanted.credentials = credentials;
    wanted.team_from = org->team_from;
    wanted.clear_missing = org->clear_missing;
    wanted.connected_by = ts_json_text(x->body, "connected_by");
    if (!wanted.connected_by)
        wanted.connected_by = x->actor;
    x->op = ts_connect_start(x->env, &wanted, on_connected, x);
}

void ts_api_put_connection(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {
        {.name = "provider", .type = TS_BODY_TEXT, .is_required = true},
        {.name = "credentials", .type = TS_BODY_OBJECT, .is_required = true},
        {.name = "connected_by", .type = TS_BODY_TEXT}, /* last: only on the admin socket */
    };
    static const struct ts_body_field credential_fields[] = {
        {.name = "type", .type = TS_BODY_TEXT, .is_required = true},
        {.name = "subject", .type = TS_BODY_TEXT},
        {.name = "key", .type = TS_BODY_OBJECT},
        {.name = "client_id", .type = TS_BODY_TEXT, .max_bytes = 500},
        {.name = "client_secret", .type = TS_BODY_TEXT, .max_bytes = 500},
        {.name = "refresh_token", .type = TS_BODY_TEXT, .max_bytes = KEY_MAX_BYTES},
    };
    size_t field_count = TS_COUNT_OF(fields) - (ts_request_is_admin(x->request) ? 0 : 1);

    if (!ts_exchange_body_fits(x, fields, field_count) ||
        !ts_exchange_object_fits(x, ts_json_object(x->body, "credentials"), "credentials.",
                                 credential_fields, TS_COUNT_OF(credential_fields)))
        return;
    if (!ts_text_equal(ts_json_text(x->body, "provider"), "google-workspace"))
        ts_exchange_refuse(x, 400, "provider must be google-workspace");
    else
        x->op = x->env->registry->ops->get_org(x->env->registry, x->org, on_org_to_connect, x);
}

/* --- disconnecting --- */

void ts_api_delete_connection(struct ts_exchange *x)
{
    x->op = ts_disconnect_start(x->env, x->org, x->actor, ts_exchange_on_done, x);
}

/* --- auto-sync --- */

static void on_enabled(const struct ts_error *err, void *arg)
{
    struct ts_exchange *x = arg;

    if (ts_exchange_went_well(x, err))
        ts_api_get_connection(x);
}

void ts_api_put_auto_sync(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {
        {.name = "enabled", .type = TS_BODY_BOOL, .is_required = true},
        {.name = "connected_at", .type = TS_BODY_TEXT},
    };
    struct ts_auto_sync wanted = {.org = x->org, .by = x->actor};

    if (!ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)))
        return;
    wanted.is_on = ts_json_bool(x->body, "enabled", false);
    wanted.connected_at = ts_json_text(x->body, "connected_at");
    x->op = ts_enable_start(x->env, &wanted, on_enabled, x);
}
