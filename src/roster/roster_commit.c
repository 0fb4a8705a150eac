/* SPDX-License-Identifier: MIT */
/* The commit: a plan as a JSON document for the script that writes it and ends the job. */
#include "roster/roster_internal.h"

#include "teamsync/call.h"
#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <inttypes.h>
#include <string.h>

extern const char ts_lua_roster_commit[];

static struct ts_redis_script commit_script = {.source = ts_lua_roster_commit};

static void add(struct json_object *json, const char *name, const char *text)
{
    ts_json_add_text(json, name, ts_text_or_empty(text));
}

static void add_u64(struct json_object *json, const char *name, uint64_t number)
{
    TS_AUTOFREE char *text = ts_format("%" PRIu64, number);

    ts_json_add_text(json, name, text);
}

/* The fields that the sync owns. */
static struct json_object *fields_of(const struct ts_member *m)
{
    struct json_object *set = ts_json_new_object();

    add(set, "status", ts_member_status_name(m->status));
    add(set, "manager", m->manager_id);
    add(set, "team", m->team);
    add(set, "sync_state", ts_sync_state_name(m->sync_state));
    add(set, "directory_id", m->directory_id);
    add(set, "directory_addresses", m->directory_addresses);
    add(set, "manager_source", ts_source_name(m->manager_source));
    add(set, "team_source", ts_source_name(m->team_source));
    add(set, "pending_manager", m->pending_manager);
    add(set, "detail", m->detail);
    add(set, "suspended_by", ts_suspended_by_name(m->suspended_by));
    add(set, "suspended_reason", ts_suspend_reason_name(m->suspended_reason));
    add(set, "status_before", ts_member_status_name(m->status_before));
    add(set, "kept_reason", ts_suspend_reason_name(m->kept_reason));
    return set;
}

/* --- history --- */

static void add_entry(struct json_object *history, const char *field, const char *before,
                      const char *after)
{
    struct json_object *entry = ts_json_new_object();

    add(entry, "field", field);
    add(entry, "before", before);
    add(entry, "after", after);
    ts_json_append(history, entry);
}

/* "active", "suspended (deleted)" */
static char *status_words(const struct ts_member *member)
{
    const char *status = ts_member_status_name(member->status);

    if (member->suspended_reason == TS_REASON_NONE)
        return ts_strdup(status);
    return ts_format("%s (%s)", status, ts_suspend_reason_name(member->suspended_reason));
}

static struct json_object *history_of(const struct ts_plan *plan)
{
    const struct ts_member *before = plan->before;
    const struct ts_member *after = &plan->after;
    struct json_object *history = ts_json_new_array();
    TS_AUTOFREE char *status_before = status_words(before);
    TS_AUTOFREE char *status_after = status_words(after);

    if (plan->changed & TS_CHANGED_LINK)
        add_entry(history, "link", before->directory_id, after->directory_id);
    if (plan->changed & TS_CHANGED_MANAGER)
        add_entry(history, "manager", before->manager_email, after->manager_email);
    if (plan->changed & TS_CHANGED_TEAM)
        add_entry(history, "team", before->team, after->team);
    if (plan->changed & TS_CHANGED_STATUS)
        add_entry(history, "status", status_before, status_after);
    return history;
}

/* --- the document --- */

static bool is_suspended(const struct ts_member *member)
{
    return member->status == TS_MEMBER_SUSPENDED;
}

static void add_later(struct json_object *json, const struct ts_later *later)
{
    struct json_object *object;
    TS_AUTOFREE char *text = NULL;

    if (!later)
        return;
    object = ts_json_new_object();
    text = ts_job_delayed_text(later->job);
    ts_json_add_number(object, "delay_ms", (int64_t)later->delay_ms);
    ts_json_add_text(object, "text", text);
    ts_json_add(json, "later", object);
}

static void add_lease(struct json_object *json, const struct ts_lease *lease)
{
    if (lease) {
        add(json, "run", lease->run_id);
        add_u64(json, "fence", lease->fence);
    }
}

static void add_job(struct json_object *json, const struct ts_job *job)
{
    const char *cause = job->cause ? job->cause : "manual";
    TS_AUTOFREE char *words = job->by ? ts_format("%s by %s", cause, job->by) : ts_strdup(cause);

    if (job->id)
        add(json, "job", job->id);
    add(json, "cause", words);
}

static char *document_of(const struct redis_roster *roster, const struct ts_commit *commit)
{
    TS_AUTOJSON struct json_object *json = ts_json_new_object();
    const struct ts_plan *plan = commit->plan;
    struct json_object *set = fields_of(&plan->after);

    add(set, "digest", commit->digest);
    add(json, "consumer", roster->consumer);
    add_job(json, commit->job);
    add(json, "org", commit->org);
    add(json, "revision", commit->revision);
    add(json, "member", plan->before->id);
    add_u64(json, "version", plan->before->version);
    add(json, "directory_id", commit->directory_id);
    add_u64(json, "observed_us", commit->observed_us);
    ts_json_add_number(json, "guard_min", commit->guard.min);
    ts_json_add_number(json, "guard_percent", commit->guard.percent);
    ts_json_add_bool(json, "links", plan->changed & TS_CHANGED_LINK);
    ts_json_add_bool(json, "new_manager",
                     (plan->changed & TS_CHANGED_MANAGER) && plan->after.manager_id);
    ts_json_add_bool(json, "suspends", !is_suspended(plan->before) && is_suspended(&plan->after));
    ts_json_add_bool(json, "reinstates", is_suspended(plan->before) && !is_suspended(&plan->after));
    ts_json_add_bool(json, "is_visible", plan->changed != 0);
    add(json, "reason", ts_suspend_reason_name(plan->reason));
    ts_json_add(json, "set", set);
    ts_json_add(json, "history", history_of(plan));
    add_later(json, commit->later);
    add_lease(json, commit->lease);
    return ts_json_print(json);
}

/* --- the operation --- */

static void on_committed(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    static const struct {
        const char *word;
        enum ts_committed how;
    } answers[] = {
        {"committed", TS_COMMITTED}, {"stale", TS_COMMIT_STALE}, {"overtaken", TS_COMMIT_OVERTAKEN},
        {"held", TS_COMMIT_HELD},    {"lost", TS_COMMIT_LOST},
    };
    struct ts_call call = ts_call_take(arg);
    struct ts_error failure = *err;
    enum ts_committed how = TS_COMMIT_LOST;

    if (ts_text_starts_with(err->text, "NOGROUP"))
        failure = ts_no_error; /* the queue was emptied: the job is nobody's */
    for (size_t i = 0; i < TS_COUNT_OF(answers); i++) {
        if (ts_text_equal(answers[i].word, ts_reply_text(reply)))
            how = answers[i].how;
    }
    ((ts_commit_cb *)call.cb)(&failure, how, call.arg);
}

struct ts_op *ts_roster_commit(struct ts_roster *port, const struct ts_commit *commit,
                               ts_commit_cb *cb, void *arg)
{
    struct redis_roster *roster = roster_of(port);
    struct ts_redis *redis = roster->redis;
    struct ts_call *call = ts_call_new(roster, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *document = document_of(roster, commit);
    TS_AUTOFREE char *jobs = ts_redis_key(redis, "jobs");
    TS_AUTOFREE char *pending = ts_redis_key(redis, "jobs:pending");
    TS_AUTOFREE char *delayed = ts_redis_key(redis, "jobs:delayed");
    TS_AUTOFREE char *prefix = ts_redis_key(redis, "member:%s:", commit->org);
    TS_AUTOFREE char *member = ts_format("%s%s", prefix, commit->plan->before->id);
    TS_AUTOFREE char *link = ts_redis_key(redis, "link:%s", commit->org);
    TS_AUTOFREE char *address = ts_redis_key(redis, "address:%s", commit->org);
    TS_AUTOFREE char *history = ts_redis_key(redis, "history:%s", commit->org);
    TS_AUTOFREE char *suspended = ts_redis_key(redis, "suspended:%s", commit->org);
    TS_AUTOFREE char *waiting = ts_redis_key(redis, "waiting:%s:", commit->org);
    TS_AUTOFREE char *email = ts_redis_key(redis, "email:%s", commit->org);
    TS_AUTOFREE char *hold = ts_redis_key(redis, "hold:%s", commit->org);
    TS_AUTOFREE char *lease = ts_redis_key(redis, "lease:%s", commit->org);
    TS_AUTOFREE char *undo = ts_redis_key(redis, "undo:%s:%s", commit->org,
                                          commit->lease ? commit->lease->run_id : "none");
    TS_AUTOFREE char *connection = ts_redis_key(redis, "connection:%s", commit->org);
    const char *keys[] = {jobs,      pending, delayed, member, link, address,    history,
                          suspended, email,   hold,    lease,  undo, connection, NULL};
    const char *words[] = {document, prefix, waiting, NULL};

    return ts_call_run(call, ts_redis_eval(redis, &commit_script, keys, words, on_committed, call));
}
