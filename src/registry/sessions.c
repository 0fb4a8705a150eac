/* SPDX-License-Identifier: MIT */
/* Signing in, in Redis: a login link under the digest of its secret, until it is taken or its life
 * is over; and a session, which is kept as a token is (tokens.c). */
#include "registry/registry_internal.h"

#include "teamsync/call.h"
#include "teamsync/digest.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <inttypes.h>

extern const char ts_lua_registry_put_login[];
extern const char ts_lua_registry_open_session[];

static struct ts_redis_script put_login_script = {.source = ts_lua_registry_put_login};
static struct ts_redis_script open_script = {.source = ts_lua_registry_open_session};

static void on_put(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    ts_call_done_or(arg, err, reply, ts_error_make(TS_NOT_FOUND, "there is no such org"));
}

struct ts_op *ts_registry_put_login(struct ts_registry *port, const struct ts_token *login,
                                    const char *secret, ts_done_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    char digest[TS_SHA256_TEXT];
    TS_AUTOFREE char *key =
        ts_redis_key(registry->redis, "login:%s", ts_sha256_text(secret, digest));
    TS_AUTOFREE char *org_key = ts_redis_key(registry->redis, "org:%s", login->org);
    TS_AUTOFREE char *permissions = ts_permissions_text(login->permissions);
    TS_AUTOFREE char *life = ts_format("%d", TS_LOGIN_LIFE_S * 1000);
    const char *keys[] = {key, org_key, NULL};
    const char *words[] = {login->org,  life,          "org",       login->org,   "name",
                           login->name, "permissions", permissions, "created_by", login->created_by,
                           NULL};

    return ts_call_run(
        call, ts_redis_eval(registry->redis, &put_login_script, keys, words, on_put, call));
}

static void on_opened(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error unknown = ts_error_make(TS_NOT_FOUND, "there is no such token or link");
    struct ts_token session;
    bool is_open = err->cls == TS_OK && ts_registry_read_token(reply, &session);

    ((ts_token_cb *)call.cb)(err->cls == TS_OK && !is_open ? &unknown : err,
                             is_open ? &session : NULL, call.arg);
}

struct ts_op *ts_registry_open_session(struct ts_registry *port, const struct ts_sign_in *sign_in,
                                       ts_token_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    uint64_t now_us = ts_wall_us();
    uint64_t ends_us = now_us + TS_SESSION_LIFE_S * 1000000ull;
    char shown[TS_SHA256_TEXT];
    char digest[TS_SHA256_TEXT];
    TS_AUTOFREE char *shown_key =
        sign_in->token
            ? ts_redis_key(registry->redis, "token:%s", ts_sha256_text(sign_in->token, shown))
            : ts_redis_key(registry->redis, "login:%s", ts_sha256_text(sign_in->link, shown));
    TS_AUTOFREE char *key =
        ts_redis_key(registry->redis, "token:%s", ts_sha256_text(sign_in->secret, digest));
    TS_AUTOFREE char *index_key = ts_redis_key(registry->redis, "tokens");
    TS_AUTOFREE char *prefix = ts_redis_key(registry->redis, "token:");
    TS_AUTOFREE char *now = ts_format("%" PRIu64, now_us);
    TS_AUTOFREE char *ends = ts_format("%" PRIu64, ends_us);
    const char *keys[] = {shown_key, key, index_key, NULL};
    const char *words[] = {
        sign_in->token ? shown : "", sign_in->id, digest, now, ends, prefix, NULL};

    return ts_call_run(call,
                       ts_redis_eval(registry->redis, &open_script, keys, words, on_opened, call));
}
