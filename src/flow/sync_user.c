/* SPDX-License-Identifier: MIT */
/* One person brought in line with the directory. Read it from top to bottom, as it runs:
 *   connection -> begin -> read -> (recover) -> view -> plan -> commit -> report
 * and wherever it cannot go on: settle -> report. Nothing is concluded from a read that failed. */
#include "flow/job_flow.h"

#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <stdio.h>
#include <string.h>

#define STEPS(X)                                                                                   \
    X(STEP_CONNECTION, "connection")                                                               \
    X(STEP_BEGIN, "begin")                                                                         \
    X(STEP_READ, "read")                                                                           \
    X(STEP_RECOVER, "recover")                                                                     \
    X(STEP_VIEW, "view")                                                                           \
    X(STEP_COMMIT, "commit")

enum step { STEPS(TS_STEP_SYMBOL) };

enum {
    VIEWS_MAX = 6, /* the first, and five more when somebody was quicker */
    INCOMPLETE_DELAY_MS = 10 * 1000,
    INCOMPLETE_PATIENCE_MS = 5 * 60 * 1000,
    INCOMPLETE_DELAY_MAX_MS = 6 * 3600 * 1000,
};

struct sync {
    struct ts_job_flow base; /* first */
    char *directory_id;      /* whom it is about; NULL: an address that nobody is linked by */
    uint64_t observed_us;    /* no read has begun before it */
    struct ts_directory_user *user; /* what was read; NULL: the directory does not know the id */
    unsigned views;
    bool is_held;            /* the guard lets no suspension pass */
    enum ts_verdict verdict; /* of the plan that is being committed */
    unsigned changed;
    char *member_id;
};

static void step_connection(struct sync *s);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_begin(struct sync *s);
static void on_begun(const struct ts_error *err, const struct ts_begun *begun, void *arg);
static void step_read(struct sync *s);
static void on_read(const struct ts_error *err, const struct ts_directory_user *user, void *arg);
static void step_recover(struct sync *s);
static void on_recovered(const struct ts_error *err, void *arg);
static void match(struct sync *s);
static void step_view(struct sync *s);
static void on_view(const struct ts_error *err, const struct ts_view *view, void *arg);
static void follow(struct sync *s, const struct ts_plan *plan);
static void settle_nobody(struct sync *s);
static void settle_absent(struct sync *s);
static void settle_incomplete(struct sync *s);
static void step_commit(struct sync *s, const struct ts_plan *plan);
static void on_committed(const struct ts_error *err, enum ts_committed how, void *arg);
static void settle(struct sync *s, const struct ts_ending *ending);
static void on_settled(enum ts_outcome outcome, void *arg);
static void report(struct sync *s, enum ts_outcome outcome);

static void release(struct sync *s)
{
    ts_job_flow_done(&s->base);
    free(s->directory_id);
    free(s->user);
    free(s->member_id);
    free(s);
}

static void cancel(struct ts_op *op)
{
    release((struct sync *)(void *)op);
}

static void enter(struct sync *s, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&s->base.flow, names[step]);
}

static struct sync *resume(void *arg)
{
    struct sync *s = arg;

    ts_flow_resume(&s->base.flow);
    return s;
}

static void fail(struct sync *s, const struct ts_error *err)
{
    struct ts_ending ending = ts_ending_of_error(&s->base, err);

    settle(s, &ending);
}

struct ts_op *ts_sync_user_start(const struct ts_flow_env *env, const struct ts_job *job,
                                 ts_flow_done_cb *cb, void *arg)
{
    struct sync *s = ts_alloc(sizeof(*s));

    ts_job_flow_init(&s->base, "sync_user", env, job, cancel);
    s->base.cb = cb;
    s->base.arg = arg;
    step_connection(s);
    return &s->base.flow.op;
}

static void step_connection(struct sync *s)
{
    struct ts_registry *registry = s->base.env->registry;

    enter(s, STEP_CONNECTION);
    ts_flow_await(&s->base.flow,
                  registry->ops->get_connection(registry, s->base.job->org, on_connection, s));
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct sync *s = resume(arg);

    if (err->cls == TS_OK)
        s->base.connection = ts_connection_dup(connection);

    if (err->cls == TS_NOT_FOUND)
        settle(s, &(struct ts_ending){.outcome = TS_OUTCOME_BURIED, .text = "unknown org"});
    else if (err->cls != TS_OK)
        fail(s, err);
    else if (!ts_connection_is_enabled(s->base.connection))
        settle(s, &(struct ts_ending){.outcome = TS_OUTCOME_DISABLED});
    else
        step_begin(s);
}

static void step_begin(struct sync *s)
{
    struct ts_roster *roster = s->base.env->roster;

    enter(s, STEP_BEGIN);
    ts_flow_await(&s->base.flow,
                  roster->ops->begin(roster, s->base.job->org, s->base.job->user, on_begun, s));
}

static void on_begun(const struct ts_error *err, const struct ts_begun *begun, void *arg)
{
    struct sync *s = resume(arg);

    if (err->cls != TS_OK) {
        fail(s, err);
    } else {
        bool is_address = strchr(s->base.job->user, '@');

        s->directory_id = ts_strdup(is_address ? begun->directory_id : s->base.job->user);
        s->observed_us = begun->observed_us;
        step_read(s);
    }
}

static void step_read(struct sync *s)
{
    struct ts_directory *directory = s->base.env->directory;
    const char *key = s->directory_id ? s->directory_id : s->base.job->user;

    enter(s, STEP_READ);
    ts_flow_await(&s->base.flow,
                  directory->ops->get_user(directory, s->base.connection, key, on_read, s));
}

/* An answer that the user exists also ends an absence that waited to be confirmed. */
static void keep(struct sync *s, const struct ts_directory_user *user)
{
    s->user = ts_directory_user_dup(user);
    s->base.job->seen_absent = false;
    if (!s->directory_id && !ts_text_is_empty(user->id))
        s->directory_id = ts_strdup(user->id);
}

static void on_read(const struct ts_error *err, const struct ts_directory_user *user, void *arg)
{
    struct sync *s = resume(arg);

    if (err->cls == TS_OK)
        keep(s, user);

    if (err->cls != TS_OK && err->cls != TS_NOT_FOUND)
        fail(s, err);
    else if (s->base.connection->state == TS_CONNECTION_FAILING)
        step_recover(s);
    else
        match(s);
}

static void step_recover(struct sync *s)
{
    struct ts_registry *registry = s->base.env->registry;

    enter(s, STEP_RECOVER);
    ts_flow_await(&s->base.flow,
                  registry->ops->move_connection(registry, s->base.job->org,
                                                 1u << TS_CONNECTION_FAILING, TS_CONNECTION_ACTIVE,
                                                 /* failure= */ NULL, on_recovered, s));
}

static void on_recovered(const struct ts_error *err, void *arg)
{
    struct sync *s = resume(arg);

    ts_job_flow_log_recovery(&s->base, err);
    match(s);
}

/* An address that no linked member has and the directory does not know concerns nobody. */
static void match(struct sync *s)
{
    if (s->directory_id)
        step_view(s);
    else
        settle_nobody(s);
}

static void step_view(struct sync *s)
{
    struct ts_roster *roster = s->base.env->roster;
    struct ts_view_query query = {.org = s->base.job->org, .directory_id = s->directory_id};

    if (s->user) {
        query.primary_email = s->user->primary_email;
        query.aliases = s->user->aliases;
        query.alias_count = s->user->alias_count;
        query.manager_email = s->user->manager_email;
    }
    s->views++;
    enter(s, STEP_VIEW);
    ts_flow_await(&s->base.flow, roster->ops->view(roster, &query, on_view, s));
}

static void on_view(const struct ts_error *err, const struct ts_view *view, void *arg)
{
    struct sync *s = resume(arg);

    if (err->cls != TS_OK) {
        fail(s, err);
    } else {
        const struct ts_connection *connection = s->base.connection;
        struct ts_rules rules = {
            .may_suspend = connection->may_suspend,
            .clear_missing = connection->clear_missing && connection->may_suspend,
            .hold_suspensions = s->is_held,
        };
        TS_CLEANUP(ts_plan_done)
        struct ts_plan plan = ts_plan_make(s->user, s->base.job->seen_absent, view, &rules);

        follow(s, &plan);
    }
}

static void follow(struct sync *s, const struct ts_plan *plan)
{
    switch (plan->verdict) {
    case TS_VERDICT_NOBODY:
        settle_nobody(s);
        break;
    case TS_VERDICT_CONFIRM:
        settle_absent(s);
        break;
    case TS_VERDICT_INCOMPLETE:
        settle_incomplete(s);
        break;
    case TS_VERDICT_UNCHANGED:
    case TS_VERDICT_CHANGED:
        step_commit(s, plan);
        break;
    }
}

/* The directory may show an old state for a while after a push: look again later, a few times. */
static const struct ts_later *reread_later(const struct sync *s, struct ts_follow_up *ret)
{
    const struct ts_flow_env *env = s->base.env;
    const struct ts_job *job = s->base.job;
    bool is_push =
        ts_job_flow_has_cause(&s->base, "push") || ts_job_flow_has_cause(&s->base, "reread");

    if (!is_push || job->reread >= env->reread_count)
        return NULL;
    ret->job = (struct ts_job){
        .type = TS_JOB_USER,
        .org = job->org,
        .user = job->user,
        .cause = "reread",
        .reread = job->reread + 1,
    };
    ret->later = (struct ts_later){
        .job = &ret->job,
        .delay_ms = env->reread_after_s[job->reread] * 1000ull,
    };
    return &ret->later;
}

static void settle_nobody(struct sync *s)
{
    struct ts_follow_up next;

    settle(s, &(struct ts_ending){.outcome = TS_OUTCOME_NOBODY, .later = reread_later(s, &next)});
}

/* Not even an old job is given up here: the second look is what proves the absence. */
static void settle_absent(struct sync *s)
{
    s->base.job->seen_absent = true;
    settle(s, &(struct ts_ending){.outcome = TS_OUTCOME_RETRIED, .delay_ms = TS_CONFIRM_DELAY_MS});
}

/* Often at first, then ever more seldom: a fifth of the time it has taken so far. */
static void settle_incomplete(struct sync *s)
{
    uint64_t age_ms = ts_job_flow_age_ms(&s->base);
    uint64_t delay_ms = age_ms < INCOMPLETE_PATIENCE_MS ? INCOMPLETE_DELAY_MS : age_ms / 5;
    struct ts_ending ending = ts_ending_put_off(
        &s->base, delay_ms < INCOMPLETE_DELAY_MAX_MS ? delay_ms : INCOMPLETE_DELAY_MAX_MS,
        "the directory does not say whether the user is suspended");

    settle(s, &ending);
}

static void step_commit(struct sync *s, const struct ts_plan *plan)
{
    struct ts_roster *roster = s->base.env->roster;
    bool is_unchanged = plan->verdict == TS_VERDICT_UNCHANGED;
    struct ts_follow_up next;
    struct ts_commit commit = {
        .job = s->base.job,
        .org = s->base.job->org,
        .plan = plan,
        .directory_id = s->directory_id,
        .observed_us = s->observed_us,
        .guard = s->base.env->guard,
        .later = is_unchanged ? reread_later(s, &next) : NULL,
    };

    s->verdict = plan->verdict;
    s->changed = plan->changed;
    free(s->member_id);
    s->member_id = ts_strdup(plan->after.id);
    enter(s, STEP_COMMIT);
    ts_flow_await(&s->base.flow, roster->ops->commit(roster, &commit, on_committed, s));
}

static enum ts_outcome outcome_of(enum ts_committed how, enum ts_verdict verdict)
{
    if (how == TS_COMMIT_STALE)
        return TS_OUTCOME_STALE;
    if (how == TS_COMMIT_LOST)
        return TS_OUTCOME_LOST;
    return verdict == TS_VERDICT_CHANGED ? TS_OUTCOME_CHANGED : TS_OUTCOME_UNCHANGED;
}

static void on_committed(const struct ts_error *err, enum ts_committed how, void *arg)
{
    struct sync *s = resume(arg);

    if (err->cls == TS_OK && how == TS_COMMIT_HELD)
        s->is_held = true;

    if (err->cls != TS_OK) {
        fail(s, err);
    } else if (how != TS_COMMIT_OVERTAKEN && how != TS_COMMIT_HELD) {
        report(s, outcome_of(how, s->verdict));
    } else if (s->views < VIEWS_MAX) {
        step_view(s);
    } else {
        struct ts_ending ending = ts_ending_put_off(
            &s->base, TS_OVERTAKEN_DELAY_MS, "the member was changed again and again meanwhile");

        settle(s, &ending);
    }
}

static void settle(struct sync *s, const struct ts_ending *ending)
{
    ts_job_flow_settle(&s->base, ending, on_settled);
}

static void on_settled(enum ts_outcome outcome, void *arg)
{
    report(arg, outcome);
}

/* "manager,team" */
static const char *changed_words(unsigned changed, char *ret, size_t capacity)
{
    static const char *const words[] = {"link", "manager", "team", "status", "state"};
    size_t length = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < TS_COUNT_OF(words); i++) {
        if (changed & (1u << i))
            length += (size_t)snprintf(ret + length, capacity - length, "%s%s", length ? "," : "",
                                       words[i]);
    }
    return ret;
}

static void measure(const struct sync *s, enum ts_outcome outcome)
{
    uint64_t now = ts_wall_us();
    uint64_t received = s->base.job->received_us;

    if (outcome == TS_OUTCOME_CHANGED && received > 0)
        ts_metric_observe(TS_METRIC_PUSH_TO_EFFECT_SECONDS, NULL,
                          now > received ? (double)(now - received) / 1e6 : 0);
}

static void report(struct sync *s, enum ts_outcome outcome)
{
    ts_flow_done_cb *cb = s->base.cb;
    void *arg = s->base.arg;
    char words[64];

    changed_words(outcome == TS_OUTCOME_CHANGED ? s->changed : 0, words, sizeof(words));
    measure(s, outcome);
    ts_job_flow_log(&s->base, outcome, "member synced", s->member_id, words[0] ? words : NULL);
    release(s);
    cb(outcome, arg);
}
