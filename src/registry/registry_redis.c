/* SPDX-License-Identifier: MIT */
/* The registry in Redis: its life, and its orgs. */
#include "registry/registry_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <inttypes.h>

extern const char ts_lua_registry_create_org[];
extern const char ts_lua_registry_update_org[];
extern const char ts_lua_registry_list_orgs[];

static struct ts_redis_script create_script = {.source = ts_lua_registry_create_org};
static struct ts_redis_script update_script = {.source = ts_lua_registry_update_org};
static struct ts_redis_script list_script = {.source = ts_lua_registry_list_orgs};

bool ts_registry_read_org(const struct ts_reply *hash, struct ts_org *ret_org)
{
    struct ts_org org = {
        .id = ts_reply_field_text(hash, "id"),
        .name = ts_reply_field_text(hash, "name"),
        .target = ts_reply_field_text(hash, "target"),
        .team_from = ts_reply_field_text(hash, "team_from"),
        .clear_missing = ts_reply_field_number(hash, "clear_missing") == 1,
        .invites_since_us = ts_reply_field_number(hash, "invites_since_us"),
        .invite_role = ts_reply_field_text(hash, "invite_role"),
        .created_us = ts_reply_field_number(hash, "created_us"),
    };

    if (!org.id)
        return false;
    org.target = org.target ? org.target : "builtin";
    org.team_from = org.team_from ? org.team_from : "department";
    org.invite_role = org.invite_role ? org.invite_role : "member";
    *ret_org = org;
    return true;
}

/* --- making and changing: the script, then the org as it is read back --- */

struct org_call {
    struct ts_op op;
    struct ts_op *running;
    struct ts_registry *registry;
    char *org;
    struct ts_error no;
    ts_org_cb *cb;
    void *arg;
};

static void free_org_call(struct org_call *call)
{
    free(call->org);
    free(call);
}

static void cancel_org_call(struct ts_op *op)
{
    struct org_call *call = TS_CONTAINER_OF(op, struct org_call, op);

    ts_op_cancel(&call->running);
    free_org_call(call);
}

static void end_org_call(const struct ts_error *err, const struct ts_org *org, void *arg)
{
    struct org_call *call = arg;
    ts_org_cb *cb = call->cb;
    void *cb_arg = call->arg;

    free_org_call(call);
    cb(err, org, cb_arg);
}

static void on_org_written(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct org_call *call = arg;
    struct ts_error failure = err->cls == TS_OK ? call->no : *err;

    if (err->cls != TS_OK || ts_reply_number(reply) == 0)
        end_org_call(&failure, NULL, call);
    else
        call->running = ts_registry_get_org(call->registry, call->org, end_org_call, call);
}

static struct org_call *new_org_call(struct ts_registry *port, const char *org, struct ts_error no,
                                     ts_org_cb *cb, void *arg)
{
    struct org_call *call = ts_alloc(sizeof(*call));

    *call = (struct org_call){.op.cancel = cancel_org_call,
                              .registry = port,
                              .org = ts_strdup(org),
                              .no = no,
                              .cb = cb,
                              .arg = arg};
    return call;
}

static const char *flag_of(bool is_so)
{
    return is_so ? "1" : "0";
}

struct ts_op *ts_registry_create_org(struct ts_registry *port, const struct ts_org *org,
                                     ts_org_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct org_call *call = new_org_call(
        port, org->id, ts_error_make(TS_REJECTED, "the org %s exists already", org->id), cb, arg);
    TS_AUTOFREE char *org_key = ts_redis_key(registry->redis, "org:%s", org->id);
    TS_AUTOFREE char *orgs_key = ts_redis_key(registry->redis, "orgs");
    TS_AUTOFREE char *created = ts_format("%" PRIu64, ts_wall_us());
    TS_AUTOFREE char *invites = ts_format("%" PRIu64, org->invites_since_us);
    const char *keys[] = {org_key, orgs_key, NULL};
    const char *words[] = {org->id,
                           "id",
                           org->id,
                           "name",
                           org->name,
                           "target",
                           org->target,
                           "team_from",
                           org->team_from,
                           "clear_missing",
                           flag_of(org->clear_missing),
                           "invites_since_us",
                           invites,
                           "invite_role",
                           org->invite_role,
                           "created_us",
                           created,
                           NULL};

    call->running =
        ts_redis_eval(registry->redis, &create_script, keys, words, on_org_written, call);
    return &call->op;
}

/* Adds a field that has changed, and its new value, behind `count` words; returns how many there
 * are. */
static size_t add_changed(const char **words, size_t count, const char *field, const char *before,
                          const char *after)
{
    if (ts_text_equal(before, after))
        return count;
    words[count] = field;
    words[count + 1] = after;
    return count + 2;
}

struct ts_op *ts_registry_update_org(struct ts_registry *port, const struct ts_org *before,
                                     const struct ts_org *org, ts_org_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct org_call *call = new_org_call(
        port, org->id, ts_error_make(TS_NOT_FOUND, "there is no org %s", org->id), cb, arg);
    TS_AUTOFREE char *org_key = ts_redis_key(registry->redis, "org:%s", org->id);
    TS_AUTOFREE char *invited = ts_format("%" PRIu64, before->invites_since_us);
    TS_AUTOFREE char *invites = ts_format("%" PRIu64, org->invites_since_us);
    const char *keys[] = {org_key, NULL};
    const char *words[2 * 5 + 1] = {NULL};
    size_t count = 0;

    count = add_changed(words, count, "name", before->name, org->name);
    count = add_changed(words, count, "team_from", before->team_from, org->team_from);
    count = add_changed(words, count, "clear_missing", flag_of(before->clear_missing),
                        flag_of(org->clear_missing));
    count = add_changed(words, count, "invites_since_us", invited, invites);
    (void)add_changed(words, count, "invite_role", before->invite_role, org->invite_role);
    call->running =
        ts_redis_eval(registry->redis, &update_script, keys, words, on_org_written, call);
    return &call->op;
}

/* --- reading --- */

static void on_org(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error missing = ts_error_make(TS_NOT_FOUND, "there is no such org");
    struct ts_org org;
    bool found = err->cls == TS_OK && ts_registry_read_org(reply, &org);

    ((ts_org_cb *)call.cb)(err->cls == TS_OK && !found ? &missing : err, found ? &org : NULL,
                           call.arg);
}

struct ts_op *ts_registry_get_org(struct ts_registry *port, const char *org, ts_org_cb *cb,
                                  void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "org:%s", org);
    const char *words[] = {"HGETALL", key};

    return ts_call_run(call, ts_redis_command(registry->redis, words, 2, 0, on_org, call));
}

static void on_orgs(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    size_t count = ts_reply_count_from(reply, 1);
    TS_AUTOFREE struct ts_org *orgs = ts_alloc(count * sizeof(*orgs));
    bool more = ts_reply_number(ts_reply_at(reply, 0)) == 1;
    size_t read = 0;

    for (size_t i = 0; i < count; i++)
        read += ts_registry_read_org(ts_reply_at(reply, i + 1), &orgs[read]);
    ((ts_orgs_cb *)call.cb)(err, orgs, read, more && read ? orgs[read - 1].id : NULL, call.arg);
}

struct ts_op *ts_registry_list_orgs(struct ts_registry *port, const char *cursor, size_t limit,
                                    ts_orgs_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *orgs_key = ts_redis_key(registry->redis, "orgs");
    TS_AUTOFREE char *prefix = ts_redis_key(registry->redis, "org:");
    TS_AUTOFREE char *count = ts_format("%zu", limit);
    const char *keys[] = {orgs_key, NULL};
    const char *words[] = {prefix, ts_text_or_empty(cursor), count, NULL};

    return ts_call_run(call,
                       ts_redis_eval(registry->redis, &list_script, keys, words, on_orgs, call));
}

/* --- its life --- */

struct ts_registry *ts_registry_redis_new(struct ts_redis *redis, struct ts_seal *seal)
{
    static const struct ts_registry_ops ops = {
        .create_org = ts_registry_create_org,
        .update_org = ts_registry_update_org,
        .get_org = ts_registry_get_org,
        .list_orgs = ts_registry_list_orgs,
        .get_connection = ts_registry_get_connection,
        .put_connection = ts_registry_put_connection,
        .move_connection = ts_registry_move_connection,
        .disconnect = ts_registry_disconnect,
        .note_account = ts_registry_note_account,
        .set_trouble = ts_registry_set_trouble,
        .note_push = ts_registry_note_push,
        .note_channel = ts_registry_note_channel,
        .put_channel = ts_registry_put_channel,
        .get_channel = ts_registry_get_channel,
        .list_channels = ts_registry_list_channels,
        .remove_channel = ts_registry_remove_channel,
        .put_consent = ts_registry_put_consent,
        .take_consent = ts_registry_take_consent,
        .find_token = ts_registry_find_token,
        .create_token = ts_registry_create_token,
        .list_tokens = ts_registry_list_tokens,
        .revoke_token = ts_registry_revoke_token,
        .put_login = ts_registry_put_login,
        .open_session = ts_registry_open_session,
        .add_key = ts_registry_add_key,
        .reseal = ts_registry_reseal,
        .keep_key = ts_registry_keep_key,
    };
    struct redis_registry *registry = ts_alloc(sizeof(*registry));

    *registry = (struct redis_registry){.port.ops = &ops, .redis = redis, .seal = seal};
    return &registry->port;
}

void ts_registry_redis_free(struct ts_registry *registry)
{
    free(registry ? registry_of(registry) : NULL);
}
