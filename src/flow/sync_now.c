/* SPDX-License-Identifier: MIT */
/* One member synced while a person waits, and every step explained. As it runs:
 *   member -> connection -> person -> (refuse) -> member again -> report
 * It is nobody's job: what it commits ends none. */
#include "flow/explain.h"
#include "flow/flow.h"
#include "flow/person.h"

#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"

#include <string.h>

#define STEPS(X)                                                                                   \
    X(STEP_MEMBER, "member")                                                                       \
    X(STEP_CONNECTION, "connection")                                                               \
    X(STEP_PERSON, "person")                                                                       \
    X(STEP_REFUSE, "refuse")                                                                       \
    X(STEP_MEMBER_AGAIN, "member again")

enum step { STEPS(TS_STEP_SYMBOL) };

struct told {
    bool is_ok;
    char *text;
};

struct sync_now {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    char *org;
    char *member_id;
    char *by;
    char *key;         /* what the directory is asked for */
    struct ts_job job; /* nobody's: the cause, and who asked */
    struct ts_connection *connection;
    struct told read; /* by the last plan; no text: there was none */
    struct told matched;
    struct told decided;
    struct ts_sync_step steps[TS_SYNC_STEPS];
    char *texts[TS_SYNC_STEPS]; /* of the steps */
    size_t count;
    ts_sync_now_cb *cb;
    void *arg;
};

static void step_member(struct sync_now *s);
static void on_member(const struct ts_error *err, const struct ts_member *member, void *arg);
static void step_connection(struct sync_now *s);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_person(struct sync_now *s);
static void on_look(const struct ts_person_look *look, void *arg);
static void on_person(const struct ts_person_result *result, void *arg);
static void step_refuse(struct sync_now *s, const struct ts_error *err);
static void on_refused(const struct ts_error *err, void *arg);
static void step_member_again(struct sync_now *s);
static void on_member_again(const struct ts_error *err, const struct ts_member *member, void *arg);
static void report(struct sync_now *s, const struct ts_error *err, const struct ts_member *member);

static void release(struct sync_now *s)
{
    ts_flow_leave(&s->flow);
    ts_connection_free(s->connection);
    for (size_t i = 0; i < s->count; i++)
        free(s->texts[i]);
    free(s->read.text);
    free(s->matched.text);
    free(s->decided.text);
    free(s->org);
    free(s->member_id);
    free(s->by);
    free(s->key);
    free(s);
}

static void cancel(struct ts_op *op)
{
    release((struct sync_now *)(void *)op);
}

static void enter(struct sync_now *s, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&s->flow, names[step]);
}

static struct sync_now *resume(void *arg)
{
    struct sync_now *s = arg;

    ts_flow_resume(&s->flow);
    return s;
}

/* The next step, unless one before it went wrong. Takes `text`. */
static void tell(struct sync_now *s, const char *name, bool is_ok, char *text)
{
    if (s->count > 0 && !s->steps[s->count - 1].is_ok) {
        free(text);
    } else {
        s->steps[s->count] = (struct ts_sync_step){.name = name, .is_ok = is_ok, .text = text};
        s->texts[s->count] = text;
        s->count++;
    }
}

struct ts_op *ts_sync_now_start(const struct ts_flow_env *env, const char *org,
                                const char *member_id, const char *by, ts_sync_now_cb *cb,
                                void *arg)
{
    struct sync_now *s = ts_alloc(sizeof(*s));

    s->flow.op.cancel = cancel;
    s->flow.name = "sync_now";
    s->env = env;
    s->org = ts_strdup(org);
    s->member_id = ts_strdup(member_id);
    s->by = ts_strdup(by);
    s->job = (struct ts_job){.type = TS_JOB_USER, .org = s->org, .cause = "sync-now", .by = s->by};
    s->cb = cb;
    s->arg = arg;
    step_member(s);
    return &s->flow.op;
}

static void step_member(struct sync_now *s)
{
    struct ts_roster *roster = s->env->roster;

    enter(s, STEP_MEMBER);
    ts_flow_await(&s->flow, roster->ops->get(roster, s->org, s->member_id, on_member, s));
}

static void on_member(const struct ts_error *err, const struct ts_member *member, void *arg)
{
    struct sync_now *s = resume(arg);

    if (err->cls != TS_OK) {
        report(s, err, NULL);
    } else {
        s->key = ts_strdup(member->directory_id ? member->directory_id : member->email);
        step_connection(s);
    }
}

static void step_connection(struct sync_now *s)
{
    struct ts_registry *registry = s->env->registry;

    enter(s, STEP_CONNECTION);
    ts_flow_await(&s->flow, registry->ops->get_connection(registry, s->org, on_connection, s));
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct sync_now *s = resume(arg);
    struct ts_error off = ts_error_make(TS_REJECTED, "auto-sync is off, so nothing is synced");

    if (err->cls != TS_OK) {
        report(s, err, NULL);
    } else if (!ts_connection_is_enabled(connection)) {
        report(s, &off, NULL);
    } else {
        s->connection = ts_connection_dup(connection);
        tell(s, "connected", true, ts_explain_connection(connection));
        step_person(s);
    }
}

static void step_person(struct sync_now *s)
{
    struct ts_person_task task = {
        .connection = s->connection,
        .job = &s->job,
        .key = s->key,
        .confirms_absence = true,
        .member_id = s->member_id,
        .on_look = on_look,
        .on_look_arg = s,
    };

    enter(s, STEP_PERSON);
    ts_flow_await(&s->flow, ts_person_start(s->env, &task, on_person, s));
}

static void on_look(const struct ts_person_look *look, void *arg)
{
    struct sync_now *s = arg;

    free(s->read.text);
    free(s->matched.text);
    free(s->decided.text);
    s->read = (struct told){true, ts_explain_read(look, s->connection, s->key)};
    s->matched.text = ts_explain_match(look, s->member_id, &s->matched.is_ok);
    s->decided.text = ts_explain_plan(look->plan, &s->decided.is_ok);
}

/* Where there was no plan, nobody is linked, and the directory does not know the address. */
static void tell_all(struct sync_now *s, const struct ts_person_result *result)
{
    bool is_ok = false;
    char *end = ts_explain_end(result, &is_ok);

    if (result->is_unread)
        tell(s, "read", false, ts_format("The directory gave no answer: %s.", result->err.text));
    else if (!s->read.text)
        tell(s, "read", false,
             ts_format("The directory has no account with the address %s.", s->key));
    else
        tell(s, "read", true, TS_STEAL(s->read.text));
    tell(s, "matched", s->matched.is_ok, TS_STEAL(s->matched.text));
    tell(s, "decided", s->decided.is_ok, TS_STEAL(s->decided.text));
    tell(s, "applied", is_ok, end);
}

static void on_person(const struct ts_person_result *result, void *arg)
{
    struct sync_now *s = resume(arg);

    if (result->end == TS_PERSON_FAILED && !result->is_unread) {
        report(s, &result->err, NULL);
        return;
    }
    tell_all(s, result);
    ts_log(TS_LOG_INFO, "member synced on demand", "org", s->org, "member", s->member_id, "by",
           s->by, "step", s->steps[s->count - 1].name, "ok",
           s->steps[s->count - 1].is_ok ? "yes" : "no", NULL);
    if (result->end == TS_PERSON_FAILED && result->err.cls == TS_AUTH)
        step_refuse(s, &result->err);
    else
        step_member_again(s);
}

/* As a job does: the connection is failing now. */
static void step_refuse(struct sync_now *s, const struct ts_error *err)
{
    struct ts_registry *registry = s->env->registry;
    struct ts_failure why = {.text = err->text, .code = err->code};

    enter(s, STEP_REFUSE);
    ts_flow_await(&s->flow, registry->ops->set_trouble(registry, s->org, TS_TROUBLE_REFUSED, &why,
                                                       on_refused, s));
}

static void on_refused(const struct ts_error *err, void *arg)
{
    struct sync_now *s = resume(arg);

    ts_flow_log_refusal(s->org, s->steps[s->count - 1].text, err);
    step_member_again(s);
}

static void step_member_again(struct sync_now *s)
{
    struct ts_roster *roster = s->env->roster;

    enter(s, STEP_MEMBER_AGAIN);
    ts_flow_await(&s->flow, roster->ops->get(roster, s->org, s->member_id, on_member_again, s));
}

static void on_member_again(const struct ts_error *err, const struct ts_member *member, void *arg)
{
    report(resume(arg), err, member);
}

/* The flow is over before the callback runs, but what it tells outlives that. */
static void report(struct sync_now *s, const struct ts_error *err, const struct ts_member *member)
{
    struct sync_now told = *s;

    memset(s->texts, 0, sizeof(s->texts));
    release(s);
    told.cb(err, told.steps, err->cls == TS_OK ? told.count : 0, member, told.arg);
    for (size_t i = 0; i < told.count; i++)
        free(told.texts[i]);
}
