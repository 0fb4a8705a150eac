/* SPDX-License-Identifier: MIT */
/* Invitations: whom a directory's users are here, and the links that make a member active. Of a
 * link's token only the digest is kept; it is good for one member, once, for 14 days. */
#include "roster/roster_internal.h"

#include "teamsync/call.h"
#include "teamsync/digest.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <inttypes.h>
#include <string.h>

extern const char ts_lua_roster_match[];
extern const char ts_lua_roster_open_invitation[];
extern const char ts_lua_roster_invitation[];

static struct ts_redis_script match_script = {.source = ts_lua_roster_match};
static struct ts_redis_script open_script = {.source = ts_lua_roster_open_invitation};
static struct ts_redis_script invitation_script = {.source = ts_lua_roster_invitation};

static const uint64_t kept_ms = 14 * 86400000ull;

/* --- who is a member --- */

static void on_matched(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    size_t count = ts_reply_count(reply);
    TS_AUTOFREE const char **ids = ts_alloc(count * sizeof(*ids));

    for (size_t i = 0; i < count; i++) {
        const char *id = ts_reply_text(ts_reply_at(reply, i));

        ids[i] = ts_text_or_null(id);
    }
    ((ts_matched_cb *)call.cb)(err, ids, count, call.arg);
}

struct ts_op *ts_roster_match(struct ts_roster *port, const char *org,
                              const struct ts_compared *users, size_t count, ts_matched_cb *cb,
                              void *arg)
{
    struct redis_roster *roster = roster_of(port);
    struct ts_call *call = ts_call_new(roster, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *link = ts_redis_key(roster->redis, "link:%s", org);
    TS_AUTOFREE char *email = ts_redis_key(roster->redis, "email:%s", org);
    TS_AUTOFREE const char **words = ts_alloc((2 * count + 1) * sizeof(*words));
    const char *keys[] = {link, email, NULL};

    for (size_t i = 0; i < count; i++) {
        words[2 * i] = users[i].directory_id;
        words[2 * i + 1] = users[i].addresses;
    }
    return ts_call_run(call,
                       ts_redis_eval(roster->redis, &match_script, keys, words, on_matched, call));
}

/* --- a new one --- */

struct opening {
    struct ts_op op;
    struct ts_op *running;
    char *org;
    char *member_id;
    ts_invitation_cb *cb;
    void *arg;
};

static void free_opening(struct opening *opening)
{
    ts_op_cancel(&opening->running);
    free(opening->org);
    free(opening->member_id);
    free(opening);
}

static void cancel_opening(struct ts_op *op)
{
    free_opening(TS_CONTAINER_OF(op, struct opening, op));
}

static struct ts_error error_of_opening(const struct ts_reply *reply)
{
    const char *status = ts_reply_text(ts_reply_at(reply, 0));

    if (!status)
        return ts_error_make(TS_NOT_FOUND, "there is no such member");
    if (strcmp(status, "invited") != 0)
        return ts_error_make(TS_REJECTED, "this member is %s, not invited", status);
    return ts_no_error;
}

static void on_opened(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct opening *opening = arg;
    struct ts_error failure = err->cls == TS_OK ? error_of_opening(reply) : *err;
    const char *name = ts_reply_text(ts_reply_at(reply, 3));
    TS_AUTOFREE char *org = TS_STEAL(opening->org);
    TS_AUTOFREE char *member_id = TS_STEAL(opening->member_id);
    struct ts_invitation invitation = {
        .org = org,
        .org_name = ts_reply_text(ts_reply_at(reply, 1)),
        .member_id = member_id,
        .email = ts_reply_text(ts_reply_at(reply, 2)),
        .name = ts_text_or_null(name),
        .expires_us = ts_wall_us() + kept_ms * 1000,
    };
    ts_invitation_cb *cb = opening->cb;
    void *cb_arg = opening->arg;

    opening->running = NULL;
    free_opening(opening);
    cb(&failure, failure.cls == TS_OK ? &invitation : NULL, cb_arg);
}

struct ts_op *ts_roster_open_invitation(struct ts_roster *port, const char *org,
                                        const char *member_id, const char *token,
                                        ts_invitation_cb *cb, void *arg)
{
    struct ts_redis *redis = roster_of(port)->redis;
    struct opening *opening = ts_alloc(sizeof(*opening));
    char digest[TS_SHA256_TEXT];
    TS_AUTOFREE char *org_key = ts_redis_key(redis, "org:%s", org);
    TS_AUTOFREE char *member = ts_redis_key(redis, "member:%s:%s", org, member_id);
    TS_AUTOFREE char *prefix = ts_redis_key(redis, "invitation:");
    TS_AUTOFREE char *key = ts_format("%s%s", prefix, ts_sha256_text(token, digest));
    TS_AUTOFREE char *kept = ts_format("%" PRIu64, kept_ms);

    *opening = (struct opening){.op.cancel = cancel_opening,
                                .org = ts_strdup(org),
                                .member_id = ts_strdup(member_id),
                                .cb = cb,
                                .arg = arg};
    opening->running = ts_redis_eval(
        redis, &open_script, (const char *[]){org_key, member, key, NULL},
        (const char *[]){org, member_id, digest, kept, prefix, NULL}, on_opened, opening);
    return &opening->op;
}

/* --- one that a link names --- */

/* False for a word that tells of no member. */
static bool read_state(const struct ts_reply *reply, enum ts_invitation_state *ret)
{
    static const enum ts_invitation_state states[] = {
        [TS_MEMBER_INVITED] = TS_INVITATION_OPEN,
        [TS_MEMBER_ACTIVE] = TS_INVITATION_ACCEPTED,
        [TS_MEMBER_SUSPENDED] = TS_INVITATION_SUSPENDED,
    };
    enum ts_member_status status;

    if (!ts_member_status_parse(ts_reply_text(ts_reply_at(reply, 0)), &status))
        return false;
    *ret = states[status];
    return true;
}

static void on_invitation(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error failure = *err;
    const char *name = ts_reply_text(ts_reply_at(reply, 5));
    struct ts_invitation invitation = {
        .org = ts_reply_text(ts_reply_at(reply, 1)),
        .org_name = ts_reply_text(ts_reply_at(reply, 2)),
        .member_id = ts_reply_text(ts_reply_at(reply, 3)),
        .email = ts_reply_text(ts_reply_at(reply, 4)),
        .name = ts_text_or_null(name),
        .expires_us = ts_wall_us() + (uint64_t)ts_reply_number(ts_reply_at(reply, 6)) * 1000,
    };

    if (err->cls == TS_OK && !read_state(reply, &invitation.state))
        failure = ts_error_make(TS_NOT_FOUND, "there is no such invitation");
    ((ts_invitation_cb *)call.cb)(&failure, failure.cls == TS_OK ? &invitation : NULL, call.arg);
}

static struct ts_op *follow(struct ts_roster *port, const char *token, const char *accepts,
                            ts_invitation_cb *cb, void *arg)
{
    struct redis_roster *roster = roster_of(port);
    struct ts_call *call = ts_call_new(roster, (ts_call_cb *)cb, arg);
    char digest[TS_SHA256_TEXT];
    const char *prefix = ts_redis_prefix(roster->redis);
    TS_AUTOFREE char *key =
        ts_redis_key(roster->redis, "invitation:%s", ts_sha256_text(token, digest));

    return ts_call_run(call,
                       ts_redis_eval(roster->redis, &invitation_script, (const char *[]){key, NULL},
                                     (const char *[]){prefix, accepts, NULL}, on_invitation, call));
}

struct ts_op *ts_roster_find_invitation(struct ts_roster *port, const char *token,
                                        ts_invitation_cb *cb, void *arg)
{
    return follow(port, token, "", cb, arg);
}

struct ts_op *ts_roster_accept_invitation(struct ts_roster *port, const char *token,
                                          ts_invitation_cb *cb, void *arg)
{
    return follow(port, token, "1", cb, arg);
}
