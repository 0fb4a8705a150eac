/* SPDX-License-Identifier: MIT */
/* Connections in Redis; credentials are sealed on the way in and unsealed on the way out. */
#include "registry/registry_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <inttypes.h>

extern const char ts_lua_registry_get_connection[];
extern const char ts_lua_registry_move_connection[];
extern const char ts_lua_registry_disconnect[];
extern const char ts_lua_registry_note_account[];
extern const char ts_lua_registry_set_trouble[];
extern const char ts_lua_registry_note_time[];

static struct ts_redis_script get_script = {.source = ts_lua_registry_get_connection};
static struct ts_redis_script disconnect_script = {.source = ts_lua_registry_disconnect};
static struct ts_redis_script account_script = {.source = ts_lua_registry_note_account};
static struct ts_redis_script move_script = {.source = ts_lua_registry_move_connection};
static struct ts_redis_script time_script = {.source = ts_lua_registry_note_time};
static struct ts_redis_script trouble_script = {.source = ts_lua_registry_set_trouble};

static struct ts_connection read_connection(const struct ts_reply *hash, const struct ts_org *org)
{
    struct ts_connection connection = {
        .org = org->id,
        .provider = ts_reply_field_text(hash, "provider"),
        .revision = ts_reply_field_text(hash, "revision"),
        .connected_by = ts_reply_field_text(hash, "connected_by"),
        .subject = ts_reply_field_text(hash, "subject"),
        .customer = ts_reply_field_text(hash, "customer"),
        .is_leaving = ts_reply_field_number(hash, "leaving") == 1,
        .may_suspend = ts_reply_field_number(hash, "may_suspend") == 1,
        .clear_missing = org->clear_missing,
        .team_from = org->team_from,
        .invites_since_us = org->invites_since_us,
        .invite_role = org->invite_role,
        .refused = ts_reply_field_text(hash, "refused"),
        .refused_code = ts_reply_field_text(hash, "refused_code"),
        .deaf = ts_reply_field_text(hash, "deaf"),
        .deaf_code = ts_reply_field_text(hash, "deaf_code"),
        .connected_us = ts_reply_field_number(hash, "connected_us"),
        .last_push_us = ts_reply_field_number(hash, "last_push_us"),
        .last_resync_us = ts_reply_field_number(hash, "last_resync_us"),
        .next_resync_us = ts_reply_field_number(hash, "next_resync_us"),
        .channel_until_us = ts_reply_field_number(hash, "channel_until_us"),
        .directory_users = ts_reply_field_number(hash, "directory_users"),
        .approved_loss = ts_reply_field_text(hash, "approved_loss"),
        .approved_loss_us = ts_reply_field_number(hash, "approved_loss_us"),
    };

    /* An unknown word reads as "disconnected": nothing moves. */
    (void)ts_connection_state_parse(ts_reply_field_text(hash, "state"), &connection.state);
    return connection;
}

static void on_connection(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    const struct redis_registry *registry = call.self;
    const struct ts_reply *hash = ts_reply_at(reply, 1);
    const char *sealed = ts_reply_field_text(hash, "credentials");
    struct ts_error failure = *err;
    struct ts_connection connection = {0};
    struct ts_org org = {0};
    TS_AUTOFREE_SECRET char *credentials = NULL;

    if (failure.cls == TS_OK && !ts_registry_read_org(ts_reply_at(reply, 0), &org))
        failure = ts_error_make(TS_NOT_FOUND, "there is no such org");
    if (failure.cls == TS_OK)
        connection = read_connection(hash, &org);
    if (failure.cls == TS_OK && sealed) {
        credentials = ts_unseal_text(registry->seal, org.id, sealed);
        connection.credentials = credentials;
        if (!credentials)
            failure = ts_error_make(TS_INTERNAL,
                                    "the credentials of %s do not open with this key file", org.id);
    }
    ((ts_connection_cb *)call.cb)(&failure, connection.org ? &connection : NULL, call.arg);
}

struct ts_op *ts_registry_get_connection(struct ts_registry *port, const char *org,
                                         ts_connection_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *org_key = ts_redis_key(registry->redis, "org:%s", org);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "connection:%s", org);
    const char *keys[] = {org_key, key, NULL};

    return ts_call_run(
        call, ts_redis_eval(registry->redis, &get_script, keys, NULL, on_connection, call));
}

static void on_stored(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error outdated = ts_error_make(
        TS_RETRY, "the key file here is not the one in use: copy it, or rotate the key");
    struct ts_error overtaken =
        ts_error_make(TS_RETRY, "the org is being connected or disconnected by somebody else just "
                                "now; try again in a moment");
    struct ts_error answer = *err;

    if (err->cls == TS_OK && ts_reply_number(reply) == STORED_NOT_UNDER_OLD_KEY)
        answer = outdated;
    else if (err->cls == TS_OK && ts_reply_number(reply) == STORED_NOT)
        answer = overtaken;
    ((ts_done_cb *)call.cb)(&answer, call.arg);
}

struct ts_op *ts_registry_put_connection(struct ts_registry *port,
                                         const struct ts_connection *connection, ts_done_cb *cb,
                                         void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *revision = ts_random_id("");
    TS_AUTOFREE char *now = ts_format("%" PRIu64, ts_wall_us());
    TS_AUTOFREE char *sealed =
        ts_seal_text(registry->seal, connection->org, connection->credentials);
    const char *words[] = {NULL,
                           "revision",
                           ts_text_or_empty(connection->revision),
                           "provider",
                           connection->provider,
                           "state",
                           ts_connection_state_name(connection->state),
                           "revision",
                           revision,
                           "credentials",
                           sealed,
                           "connected_by",
                           ts_text_or_empty(connection->connected_by),
                           "subject",
                           ts_text_or_empty(connection->subject),
                           "customer",
                           ts_text_or_empty(connection->customer),
                           "may_suspend",
                           connection->may_suspend ? "1" : "0",
                           "refused",
                           "",
                           "deaf",
                           "",
                           "connected_us",
                           now,
                           NULL};

    return ts_call_run(call,
                       ts_registry_store_sealed(registry, connection->org, words, on_stored, call));
}

struct ts_op *ts_registry_disconnect(struct ts_registry *port, const char *org, ts_done_cb *cb,
                                     void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "connection:%s", org);
    TS_AUTOFREE char *lease = ts_redis_key(registry->redis, "lease:%s", org);
    const char *keys[] = {key, lease, NULL};

    return ts_call_run(call, ts_redis_eval(registry->redis, &disconnect_script, keys, NULL,
                                           ts_call_on_done, call));
}

static void on_noted(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    ts_call_done_or(arg, err, reply,
                    ts_error_make(TS_REJECTED, "the connection is another one by now"));
}

struct ts_op *ts_registry_note_account(struct ts_registry *port,
                                       const struct ts_connection *connection, ts_done_cb *cb,
                                       void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "connection:%s", connection->org);
    const char *keys[] = {key, NULL};
    const char *words[] = {connection->revision,
                           "subject",
                           ts_text_or_empty(connection->subject),
                           "customer",
                           ts_text_or_empty(connection->customer),
                           "may_suspend",
                           connection->may_suspend ? "1" : "0",
                           NULL};

    return ts_call_run(
        call, ts_redis_eval(registry->redis, &account_script, keys, words, on_noted, call));
}

static void on_moved(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    ts_call_done_or(
        arg, err, reply,
        ts_error_make(TS_REJECTED, "the connection is not in a state that allows this"));
}

struct ts_op *ts_registry_move_connection(struct ts_registry *port, const char *org, unsigned from,
                                          enum ts_connection_state to, ts_done_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "connection:%s", org);
    const char *keys[] = {key, NULL};
    const char *words[8] = {ts_connection_state_name(to)};
    size_t count = 1;

    for (enum ts_connection_state state = TS_CONNECTION_NONE; state <= TS_CONNECTION_FAILING;
         state++) {
        if (from & (1u << state))
            words[count++] = ts_connection_state_name(state);
    }
    return ts_call_run(call,
                       ts_redis_eval(registry->redis, &move_script, keys, words, on_moved, call));
}

static void on_trouble(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    ts_call_done_or(arg, err, reply, ts_error_make(TS_REJECTED, "nothing has changed"));
}

struct ts_op *ts_registry_set_trouble(struct ts_registry *port, const char *org,
                                      enum ts_trouble trouble, const struct ts_failure *why,
                                      ts_done_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "connection:%s", org);
    const char *keys[] = {key, NULL};
    const char *words[] = {trouble == TS_TROUBLE_DEAF ? "deaf" : "refused", why ? why->text : "",
                           why ? ts_text_or_empty(why->code) : "", NULL};

    return ts_call_run(
        call, ts_redis_eval(registry->redis, &trouble_script, keys, words, on_trouble, call));
}

static struct ts_op *note_time(struct ts_registry *port, const char *org, const char *name,
                               uint64_t time_us, ts_done_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "connection:%s", org);
    TS_AUTOFREE char *time = ts_format("%" PRIu64, time_us);
    const char *keys[] = {key, NULL};
    const char *words[] = {name, time, NULL};

    return ts_call_run(
        call, ts_redis_eval(registry->redis, &time_script, keys, words, ts_call_on_done, call));
}

struct ts_op *ts_registry_note_push(struct ts_registry *port, const char *org, ts_done_cb *cb,
                                    void *arg)
{
    return note_time(port, org, "last_push_us", ts_wall_us(), cb, arg);
}

struct ts_op *ts_registry_note_channel(struct ts_registry *port, const char *org, uint64_t until_us,
                                       ts_done_cb *cb, void *arg)
{
    return note_time(port, org, "channel_until_us", until_us, cb, arg);
}
