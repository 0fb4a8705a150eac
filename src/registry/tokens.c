/* SPDX-License-Identifier: MIT */
/* API tokens and sessions in Redis: under the digest of its secret what each may, and an index of
 * their ids. */
#include "registry/registry_internal.h"

#include "teamsync/call.h"
#include "teamsync/digest.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <inttypes.h>

extern const char ts_lua_registry_create_token[];
extern const char ts_lua_registry_list_tokens[];
extern const char ts_lua_registry_revoke_token[];
extern const char ts_lua_registry_find_token[];

static struct ts_redis_script create_script = {.source = ts_lua_registry_create_token};
static struct ts_redis_script list_script = {.source = ts_lua_registry_list_tokens};
static struct ts_redis_script revoke_script = {.source = ts_lua_registry_revoke_token};
static struct ts_redis_script find_script = {.source = ts_lua_registry_find_token};

static const uint64_t note_every_us = 60000000;

/* --- reading --- */

bool ts_registry_read_token(const struct ts_reply *hash, struct ts_token *ret_token)
{
    struct ts_token token = {
        .id = ts_reply_field_text(hash, "id"),
        .is_session = ts_text_equal(ts_reply_field_text(hash, "kind"), "session"),
        .org = ts_reply_field_text(hash, "org"),
        .name = ts_reply_field_text(hash, "name"),
        .permissions = ts_permissions_parse(ts_reply_field_text(hash, "permissions")),
        .created_by = ts_reply_field_text(hash, "created_by"),
        .created_us = ts_reply_field_number(hash, "created_us"),
        .expires_us = ts_reply_field_number(hash, "expires_us"),
        .last_used_us = ts_reply_field_number(hash, "last_used_us"),
    };

    if (!token.org || (token.expires_us > 0 && token.expires_us <= ts_wall_us()))
        return false;
    *ret_token = token;
    return true;
}

/* {its hash, that of the token it was made from}. A session is nothing without that token, and
 * permits nothing that it does not. */
static bool read_record(const struct ts_reply *record, struct ts_token *ret_token)
{
    const struct ts_reply *hash = ts_reply_at(record, 0);
    struct ts_token parent;

    if (!ts_registry_read_token(hash, ret_token))
        return false;
    if (!ts_reply_field_text(hash, "parent"))
        return true;
    if (!ts_registry_read_token(ts_reply_at(record, 1), &parent) ||
        !ts_text_equal(parent.org, ret_token->org))
        return false;
    ret_token->permissions &= parent.permissions;
    return true;
}

static void on_token(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error unknown = ts_error_make(TS_NOT_FOUND, "there is no such token");
    struct ts_token token;
    bool found = err->cls == TS_OK && read_record(reply, &token);

    ((ts_token_cb *)call.cb)(err->cls == TS_OK && !found ? &unknown : err, found ? &token : NULL,
                             call.arg);
}

struct ts_op *ts_registry_find_token(struct ts_registry *port, const char *secret, ts_token_cb *cb,
                                     void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    uint64_t now_us = ts_wall_us();
    char digest[TS_SHA256_TEXT];
    TS_AUTOFREE char *key =
        ts_redis_key(registry->redis, "token:%s", ts_sha256_text(secret, digest));
    TS_AUTOFREE char *prefix = ts_redis_key(registry->redis, "token:");
    TS_AUTOFREE char *now = ts_format("%" PRIu64, now_us);
    TS_AUTOFREE char *noted_since = ts_format("%" PRIu64, now_us - note_every_us);
    const char *keys[] = {key, NULL};
    const char *words[] = {now, noted_since, prefix, NULL};

    return ts_call_run(call,
                       ts_redis_eval(registry->redis, &find_script, keys, words, on_token, call));
}

static void on_tokens(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    size_t count = ts_reply_count_from(reply, 1);
    TS_AUTOFREE struct ts_token *tokens = ts_alloc(count * sizeof(*tokens));
    const char *next_cursor = ts_text_or_null(ts_reply_text(ts_reply_at(reply, 0)));
    size_t read = 0;

    for (size_t i = 0; i < count; i++)
        read += read_record(ts_reply_at(reply, i + 1), &tokens[read]);
    ((ts_tokens_cb *)call.cb)(err, tokens, read, next_cursor, call.arg);
}

struct ts_op *ts_registry_list_tokens(struct ts_registry *port, const char *org, const char *cursor,
                                      size_t limit, ts_tokens_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *index_key = ts_redis_key(registry->redis, "tokens");
    TS_AUTOFREE char *prefix = ts_redis_key(registry->redis, "token:");
    TS_AUTOFREE char *count = ts_format("%zu", limit);
    const char *keys[] = {index_key, NULL};
    const char *words[] = {prefix, ts_text_or_empty(org), ts_text_or_empty(cursor), count, NULL};

    return ts_call_run(call,
                       ts_redis_eval(registry->redis, &list_script, keys, words, on_tokens, call));
}

/* --- writing --- */

static void on_created(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    ts_call_done_or(arg, err, reply, ts_error_make(TS_NOT_FOUND, "there is no such org"));
}

struct ts_op *ts_registry_create_token(struct ts_registry *port, const struct ts_token *token,
                                       const char *secret, ts_done_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    char digest[TS_SHA256_TEXT];
    TS_AUTOFREE char *key =
        ts_redis_key(registry->redis, "token:%s", ts_sha256_text(secret, digest));
    TS_AUTOFREE char *index_key = ts_redis_key(registry->redis, "tokens");
    TS_AUTOFREE char *org_key = ts_redis_key(registry->redis, "org:%s", token->org);
    TS_AUTOFREE char *permissions = ts_permissions_text(token->permissions);
    TS_AUTOFREE char *created = ts_format("%" PRIu64, token->created_us);
    TS_AUTOFREE char *expires = ts_format("%" PRIu64, token->expires_us);
    TS_AUTOFREE char *expires_ms = ts_format("%" PRIu64, token->expires_us / 1000);
    const char *keys[] = {key, index_key, org_key, NULL};
    const char *words[] = {token->id,     digest,
                           token->org,    expires_ms,
                           "id",          token->id,
                           "org",         token->org,
                           "name",        token->name,
                           "permissions", permissions,
                           "created_by",  token->created_by,
                           "created_us",  created,
                           "expires_us",  expires,
                           NULL};

    return ts_call_run(
        call, ts_redis_eval(registry->redis, &create_script, keys, words, on_created, call));
}

static void on_revoked(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    ts_call_done_or(arg, err, reply, ts_error_make(TS_NOT_FOUND, "there is no such token"));
}

struct ts_op *ts_registry_revoke_token(struct ts_registry *port, const char *id, ts_done_cb *cb,
                                       void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *index_key = ts_redis_key(registry->redis, "tokens");
    TS_AUTOFREE char *prefix = ts_redis_key(registry->redis, "token:");
    const char *keys[] = {index_key, NULL};
    const char *words[] = {id, prefix, NULL};

    return ts_call_run(
        call, ts_redis_eval(registry->redis, &revoke_script, keys, words, on_revoked, call));
}
