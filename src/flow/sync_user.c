/* SPDX-License-Identifier: MIT */
/* A user job: one person brought in line (person.c), and the job's end. As it runs:
 *   connection -> person -> report, or where it cannot go on: settle -> report */
#include "flow/job_flow.h"
#include "flow/person.h"

#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <stdio.h>

#define STEPS(X)                                                                                   \
    X(STEP_CONNECTION, "connection")                                                               \
    X(STEP_PERSON, "person")

enum step { STEPS(TS_STEP_SYMBOL) };

enum {
    INCOMPLETE_DELAY_MS = 10 * 1000,
    INCOMPLETE_PATIENCE_MS = 5 * 60 * 1000,
    INCOMPLETE_DELAY_MAX_MS = 6 * 3600 * 1000,
};

struct sync {
    struct ts_job_flow base; /* first */
    struct ts_follow_up reread;
    unsigned changed; /* what was written */
    char *member_id;
};

static void step_connection(struct sync *s);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_person(struct sync *s);
static void on_person(const struct ts_person_result *result, void *arg);
static void settle_nobody(struct sync *s, const struct ts_person_result *result);
static void settle_absent(struct sync *s);
static void settle_incomplete(struct sync *s);
static void settle(struct sync *s, const struct ts_ending *ending);
static void on_settled(enum ts_outcome outcome, void *arg);
static void report(struct sync *s, enum ts_outcome outcome);

static void release(struct sync *s)
{
    ts_job_flow_done(&s->base);
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
        step_person(s);
}

/* The directory may show an old state for a while after a push: look again later, a few times. */
static const struct ts_later *reread_later(struct sync *s)
{
    const struct ts_flow_env *env = s->base.env;
    const struct ts_job *job = s->base.job;
    bool is_push =
        ts_job_flow_has_cause(&s->base, "push") || ts_job_flow_has_cause(&s->base, "reread");

    if (!is_push || job->reread >= env->reread_count)
        return NULL;
    s->reread.job = (struct ts_job){
        .type = TS_JOB_USER,
        .org = job->org,
        .user = job->user,
        .cause = "reread",
        .reread = job->reread + 1,
    };
    s->reread.later = (struct ts_later){
        .job = &s->reread.job,
        .delay_ms = env->reread_after_s[job->reread] * 1000ull,
    };
    return &s->reread.later;
}

static void step_person(struct sync *s)
{
    struct ts_person_task task = {
        .connection = s->base.connection,
        .job = s->base.job,
        .key = s->base.job->user,
        .reread = reread_later(s),
        .was_absent = s->base.job->seen_absent,
    };

    enter(s, STEP_PERSON);
    ts_flow_await(&s->base.flow, ts_person_start(s->base.env, &task, on_person, s));
}

static enum ts_outcome outcome_of(const struct ts_person_result *result)
{
    if (result->end == TS_PERSON_STALE)
        return TS_OUTCOME_STALE;
    if (result->end == TS_PERSON_LOST)
        return TS_OUTCOME_LOST;
    return result->changed ? TS_OUTCOME_CHANGED : TS_OUTCOME_UNCHANGED;
}

static void on_person(const struct ts_person_result *result, void *arg)
{
    struct sync *s = resume(arg);
    struct ts_ending ending;

    s->base.job->seen_absent = result->was_absent;
    s->changed = result->changed;
    s->member_id = ts_strdup(result->member_id);
    switch (result->end) {
    case TS_PERSON_COMMITTED:
    case TS_PERSON_STALE:
    case TS_PERSON_LOST:
        report(s, outcome_of(result));
        break;
    case TS_PERSON_NOBODY:
        settle_nobody(s, result);
        break;
    case TS_PERSON_ABSENT:
        settle_absent(s);
        break;
    case TS_PERSON_INCOMPLETE:
        settle_incomplete(s);
        break;
    case TS_PERSON_OVERTAKEN:
        ending = ts_ending_put_off(&s->base, TS_OVERTAKEN_DELAY_MS,
                                   "the member was changed again and again meanwhile");
        settle(s, &ending);
        break;
    case TS_PERSON_FAILED:
        fail(s, &result->err);
        break;
    }
}

static void settle_nobody(struct sync *s, const struct ts_person_result *result)
{
    enum ts_outcome outcome = result->is_invited ? TS_OUTCOME_CHANGED : TS_OUTCOME_NOBODY;

    settle(s, &(struct ts_ending){.outcome = outcome, .later = reread_later(s)});
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
