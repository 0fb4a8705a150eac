/* SPDX-License-Identifier: MIT */
/* What a person decides about one member. Each decision is a script of its own; all are given the
 * same keys, and answer alike (see decisions.lua). */
#include "roster/roster_internal.h"

#include "teamsync/call.h"
#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

extern const char ts_lua_roster_edit[];
extern const char ts_lua_roster_suspend[];
extern const char ts_lua_roster_unsuspend[];
extern const char ts_lua_roster_remove[];

static struct ts_redis_script edit_script = {.source = ts_lua_roster_edit};
static struct ts_redis_script suspend_script = {.source = ts_lua_roster_suspend};
static struct ts_redis_script unsuspend_script = {.source = ts_lua_roster_unsuspend};
static struct ts_redis_script remove_script = {.source = ts_lua_roster_remove};

enum { HEAD = 2 }; /* what stands before the warnings in an answer */

/* --- answers --- */

static struct ts_error error_of(const struct ts_error *err, const struct ts_reply *reply)
{
    const char *answer = ts_reply_text(ts_reply_at(reply, 0));

    if (err->cls != TS_OK || ts_text_equal(answer, "done"))
        return *err;
    if (ts_text_equal(answer, "nobody"))
        return ts_error_make(TS_NOT_FOUND, "there is no such member");
    return ts_error_make(TS_REJECTED, "%s", ts_reply_text(ts_reply_at(reply, 1)));
}

static void on_decided(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error failure = error_of(err, reply);
    size_t count = ts_reply_count_from(reply, HEAD);
    TS_AUTOFREE const char **warnings = ts_alloc(count * sizeof(*warnings));
    struct ts_member member;

    for (size_t i = 0; i < count; i++)
        warnings[i] = ts_reply_text(ts_reply_at(reply, HEAD + i));
    if (failure.cls == TS_OK)
        failure = ts_roster_read_member(ts_reply_at(reply, 1), &member);
    ((ts_decided_cb *)call.cb)(&failure, failure.cls == TS_OK ? &member : NULL, warnings, count,
                               call.arg);
}

static void on_removed(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error failure = error_of(err, reply);

    ((ts_done_cb *)call.cb)(&failure, call.arg);
}

/* --- decisions --- */

/* `more`: the script's own argument, or NULL. */
static struct ts_op *decide(struct ts_call *call, struct ts_redis_script *script,
                            const struct ts_decision *decision, const char *more, ts_redis_cb *cb)
{
    struct ts_redis *redis = ((struct redis_roster *)call->self)->redis;
    const char *org = decision->org;
    TS_AUTOFREE char *org_key = ts_redis_key(redis, "org:%s", org);
    TS_AUTOFREE char *connection = ts_redis_key(redis, "connection:%s", org);
    TS_AUTOFREE char *members = ts_redis_key(redis, "members:%s", org);
    TS_AUTOFREE char *order = ts_redis_key(redis, "order:%s", org);
    TS_AUTOFREE char *email = ts_redis_key(redis, "email:%s", org);
    TS_AUTOFREE char *link = ts_redis_key(redis, "link:%s", org);
    TS_AUTOFREE char *address = ts_redis_key(redis, "address:%s", org);
    TS_AUTOFREE char *hold = ts_redis_key(redis, "hold:%s", org);
    TS_AUTOFREE char *history = ts_redis_key(redis, "history:%s", org);
    TS_AUTOFREE char *jobs = ts_redis_key(redis, "jobs");
    TS_AUTOFREE char *pending = ts_redis_key(redis, "jobs:pending");
    TS_AUTOFREE char *uninvited = ts_redis_key(redis, "uninvited:%s", org);
    TS_AUTOFREE char *prefix = ts_redis_key(redis, "member:%s:", org);
    TS_AUTOFREE char *waiting = ts_redis_key(redis, "waiting:%s:", org);
    const char *keys[] = {org_key, connection, members, order,   email,     link, address,
                          hold,    history,    jobs,    pending, uninvited, NULL};
    const char *words[] = {decision->member_id, org, decision->by, prefix, waiting, more, NULL};

    return ts_call_run(call, ts_redis_eval(redis, script, keys, words, cb, call));
}

static char *document_of(const struct ts_member_edit *edit)
{
    TS_AUTOJSON struct json_object *json = ts_json_new_object();
    const char *is_protected = edit->is_protected ? (*edit->is_protected ? "1" : "0") : NULL;
    const struct {
        const char *name;
        const char *value;
    } fields[] = {{"name", edit->name},
                  {"role", edit->role},
                  {"team", edit->team},
                  {"manager", edit->manager_id},
                  {"protected", is_protected}};

    for (size_t i = 0; i < TS_COUNT_OF(fields); i++) {
        if (fields[i].value)
            ts_json_add_text(json, fields[i].name, fields[i].value);
    }
    return ts_json_print(json);
}

struct ts_op *ts_roster_edit(struct ts_roster *port, const struct ts_decision *decision,
                             const struct ts_member_edit *edit, ts_decided_cb *cb, void *arg)
{
    struct ts_call *call = ts_call_new(roster_of(port), (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *document = document_of(edit);

    return decide(call, &edit_script, decision, document, on_decided);
}

struct ts_op *ts_roster_suspend(struct ts_roster *port, const struct ts_decision *decision,
                                ts_decided_cb *cb, void *arg)
{
    struct ts_call *call = ts_call_new(roster_of(port), (ts_call_cb *)cb, arg);

    return decide(call, &suspend_script, decision, NULL, on_decided);
}

struct ts_op *ts_roster_unsuspend(struct ts_roster *port, const struct ts_decision *decision,
                                  ts_decided_cb *cb, void *arg)
{
    struct ts_call *call = ts_call_new(roster_of(port), (ts_call_cb *)cb, arg);

    return decide(call, &unsuspend_script, decision, NULL, on_decided);
}

struct ts_op *ts_roster_remove(struct ts_roster *port, const struct ts_decision *decision,
                               ts_done_cb *cb, void *arg)
{
    struct ts_call *call = ts_call_new(roster_of(port), (ts_call_cb *)cb, arg);

    return decide(call, &remove_script, decision, NULL, on_removed);
}
