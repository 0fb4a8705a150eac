/* SPDX-License-Identifier: MIT */
/* Members as the API sees them: one, and new ones. */
#include "roster/roster_internal.h"

#include "teamsync/call.h"
#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

extern const char ts_lua_roster_create[];
extern const char ts_lua_roster_get[];

static struct ts_redis_script create_script = {.source = ts_lua_roster_create};
static struct ts_redis_script get_script = {.source = ts_lua_roster_get};

/* --- one --- */

static void on_member(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error failure = *err;
    struct ts_member member;

    if (failure.cls == TS_OK)
        failure = ts_roster_read_member(reply, &member);
    ((ts_member_cb *)call.cb)(&failure, failure.cls == TS_OK ? &member : NULL, call.arg);
}

struct ts_op *ts_roster_get(struct ts_roster *port, const char *org, const char *member_id,
                            ts_member_cb *cb, void *arg)
{
    struct redis_roster *roster = roster_of(port);
    struct ts_call *call = ts_call_new(roster, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *prefix = ts_redis_key(roster->redis, "member:%s:", org);
    TS_AUTOFREE char *member_key = ts_format("%s%s", prefix, member_id);
    const char *keys[] = {member_key, NULL};
    const char *words[] = {prefix, member_id, NULL};

    return ts_call_run(call,
                       ts_redis_eval(roster->redis, &get_script, keys, words, on_member, call));
}

/* --- a new one: the script, then the member as it is read back --- */

struct creation {
    struct ts_op op;
    struct ts_op *running;
    struct ts_roster *roster;
    char *org;
    char *id;
    ts_member_cb *cb;
    void *arg;
};

static void free_creation(struct creation *creation)
{
    free(creation->org);
    free(creation->id);
    free(creation);
}

static void cancel_creation(struct ts_op *op)
{
    struct creation *creation = TS_CONTAINER_OF(op, struct creation, op);

    ts_op_cancel(&creation->running);
    free_creation(creation);
}

static void end_creation(const struct ts_error *err, const struct ts_member *member, void *arg)
{
    struct creation *creation = arg;
    ts_member_cb *cb = creation->cb;
    void *cb_arg = creation->arg;

    free_creation(creation);
    cb(err, member, cb_arg);
}

static struct ts_error error_of_creation(const char *answer)
{
    if (ts_text_equal(answer, "created"))
        return ts_no_error;
    if (ts_text_equal(answer, "no org"))
        return ts_error_make(TS_NOT_FOUND, "there is no such org");
    if (ts_text_equal(answer, "off"))
        return ts_error_make(TS_RETRY, "the connection is off, or another one, by now");
    if (ts_text_equal(answer, "taken"))
        return ts_error_make(TS_REJECTED, "this e-mail address is a member's already");
    if (ts_text_equal(answer, "uninvited"))
        return ts_error_make(TS_REJECTED, "a person has removed them from the team");
    if (ts_text_equal(answer, "owner"))
        return ts_error_make(TS_REJECTED, "the org has an owner already");
    return ts_error_make(TS_REJECTED, "manager_id names nobody in this org");
}

static void on_created(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct creation *creation = arg;
    struct ts_error answer = err->cls == TS_OK ? error_of_creation(ts_reply_text(reply)) : *err;

    if (answer.cls != TS_OK)
        end_creation(&answer, NULL, creation);
    else
        creation->running =
            ts_roster_get(creation->roster, creation->org, creation->id, end_creation, creation);
}

/* What is no part of the member. */
static struct json_object *creation_of(const struct ts_new_member *wanted)
{
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "directory_id", ts_text_or_empty(wanted->directory_id));
    ts_json_add_text(json, "revision", ts_text_or_empty(wanted->revision));
    ts_json_add_text(json, "cause", wanted->cause ? wanted->cause : "api");
    ts_json_add_text(json, "job", ts_text_or_empty(wanted->job));
    ts_json_add_bool(json, "is_automatic", wanted->is_automatic);
    ts_json_add_bool(json, "is_mailed", wanted->is_mailed);
    return json;
}

static char *document_of(const struct ts_new_member *wanted, const char *id)
{
    TS_AUTOJSON struct json_object *json = ts_json_new_object();
    TS_AUTOFREE char *folded = ts_text_fold_email(wanted->email);
    enum ts_member_status status = wanted->is_active ? TS_MEMBER_ACTIVE : TS_MEMBER_INVITED;
    const char *manual = ts_source_name(TS_SOURCE_MANUAL);

    ts_json_add_text(json, "org", wanted->org);
    ts_json_add_text(json, "folded", folded);
    ts_json_add_text(json, "id", id);
    ts_json_add_text(json, "email", wanted->email);
    ts_json_add_text(json, "name", ts_text_or_empty(wanted->name));
    ts_json_add_text(json, "role", wanted->role ? wanted->role : "member");
    ts_json_add_text(json, "status", ts_member_status_name(status));
    ts_json_add_text(json, "team", ts_text_or_empty(wanted->team));
    ts_json_add_text(json, "team_source", wanted->team ? manual : "");
    ts_json_add_text(json, "manager", ts_text_or_empty(wanted->manager_id));
    ts_json_add_text(json, "manager_source", wanted->manager_id ? manual : "");
    ts_json_add_text(json, "protected", wanted->is_protected ? "1" : "0");
    ts_json_add_text(json, "sync_state", ts_sync_state_name(TS_SYNC_UNMATCHED));
    ts_json_add(json, "creation", creation_of(wanted));
    return ts_json_print(json);
}

struct ts_op *ts_roster_create(struct ts_roster *port, const struct ts_new_member *wanted,
                               ts_member_cb *cb, void *arg)
{
    struct ts_redis *redis = roster_of(port)->redis;
    struct creation *creation = ts_alloc(sizeof(*creation));
    TS_AUTOFREE char *org = ts_redis_key(redis, "org:%s", wanted->org);
    TS_AUTOFREE char *prefix = ts_redis_key(redis, "member:%s:", wanted->org);
    TS_AUTOFREE char *email = ts_redis_key(redis, "email:%s", wanted->org);
    TS_AUTOFREE char *members = ts_redis_key(redis, "members:%s", wanted->org);
    TS_AUTOFREE char *order = ts_redis_key(redis, "order:%s", wanted->org);
    TS_AUTOFREE char *history = ts_redis_key(redis, "history:%s", wanted->org);
    TS_AUTOFREE char *jobs = ts_redis_key(redis, "jobs");
    TS_AUTOFREE char *pending = ts_redis_key(redis, "jobs:pending");
    TS_AUTOFREE char *connection = ts_redis_key(redis, "connection:%s", wanted->org);
    TS_AUTOFREE char *link = ts_redis_key(redis, "link:%s", wanted->org);
    TS_AUTOFREE char *uninvited = ts_redis_key(redis, "uninvited:%s", wanted->org);
    TS_AUTOFREE char *waiting = ts_redis_key(redis, "waiting:%s:", wanted->org);
    TS_AUTOFREE char *id = ts_random_id("m_");
    TS_AUTOFREE char *member = ts_format("%s%s", prefix, id);
    TS_AUTOFREE char *document = document_of(wanted, id);
    const char *keys[] = {org,  member,  email,      members, order,     history,
                          jobs, pending, connection, link,    uninvited, NULL};
    const char *words[] = {document, prefix, waiting, NULL};

    *creation = (struct creation){.op.cancel = cancel_creation,
                                  .roster = port,
                                  .org = ts_strdup(wanted->org),
                                  .id = TS_STEAL(id),
                                  .cb = cb,
                                  .arg = arg};
    creation->running = ts_redis_eval(redis, &create_script, keys, words, on_created, creation);
    return &creation->op;
}
