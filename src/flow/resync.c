/* SPDX-License-Identifier: MIT */
/* A whole org looked at again: a job for every member. As it runs:
 *   connection -> page -> enqueue, one member after the other -> page … -> settle -> note -> report
 * The next resync follows from this one, so that an org has one chain of them: only jobs that are
 * part of the chain (cause "enabled" or "schedule") have a successor. */
#include "flow/job_flow.h"

#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#define STEPS(X)                                                                                   \
    X(STEP_CONNECTION, "connection")                                                               \
    X(STEP_PAGE, "page")                                                                           \
    X(STEP_ENQUEUE, "enqueue")                                                                     \
    X(STEP_NOTE, "note")

enum step { STEPS(TS_STEP_SYMBOL) };

enum { PAGE_MEMBERS = 500 };

struct resync {
    struct ts_job_flow base; /* first */
    char **users;            /* of the page: what to look up in the directory */
    size_t user_count;
    size_t next_user;
    char *cursor; /* of the next page; NULL at the end */
    uint64_t queued;
    uint64_t next_resync_us; /* 0: this one has no successor */
};

static void step_connection(struct resync *r);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_page(struct resync *r);
static void on_page(const struct ts_error *err, const struct ts_member *members, size_t count,
                    const char *next_cursor, void *arg);
static void go_on(struct resync *r);
static void step_enqueue(struct resync *r);
static void on_enqueued(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                        void *arg);
static void complete(struct resync *r);
static void settle(struct resync *r, const struct ts_ending *ending);
static void on_settled(enum ts_outcome outcome, void *arg);
static void step_note(struct resync *r);
static void on_noted(const struct ts_error *err, void *arg);
static void report(struct resync *r, enum ts_outcome outcome);

static void forget_page(struct resync *r)
{
    for (size_t i = 0; i < r->user_count; i++)
        free(r->users[i]);
    free(r->users);
    free(r->cursor);
    r->users = NULL;
    r->user_count = 0;
    r->next_user = 0;
    r->cursor = NULL;
}

static void release(struct resync *r)
{
    ts_job_flow_done(&r->base);
    forget_page(r);
    free(r);
}

static void cancel(struct ts_op *op)
{
    release((struct resync *)(void *)op);
}

static void enter(struct resync *r, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&r->base.flow, names[step]);
}

static struct resync *resume(void *arg)
{
    struct resync *r = arg;

    ts_flow_resume(&r->base.flow);
    return r;
}

static void fail(struct resync *r, const struct ts_error *err)
{
    struct ts_ending ending = ts_ending_of_error(&r->base, err);

    settle(r, &ending);
}

struct ts_op *ts_resync_start(const struct ts_flow_env *env, const struct ts_job *job,
                              ts_flow_done_cb *cb, void *arg)
{
    struct resync *r = ts_alloc(sizeof(*r));

    ts_job_flow_init(&r->base, "resync", env, job, cancel);
    r->base.cb = cb;
    r->base.arg = arg;
    step_connection(r);
    return &r->base.flow.op;
}

static void step_connection(struct resync *r)
{
    struct ts_registry *registry = r->base.env->registry;

    enter(r, STEP_CONNECTION);
    ts_flow_await(&r->base.flow,
                  registry->ops->get_connection(registry, r->base.job->org, on_connection, r));
}

/* After switching off and on again the old chain meets the new one: the job whose successor was
 * not the last to be scheduled ends its chain. Half an interval is more than clocks differ. */
static bool is_of_an_old_chain(const struct resync *r)
{
    uint64_t half_us = r->base.env->resync_interval_s * 500000ull;

    return ts_job_flow_has_cause(&r->base, "schedule") &&
           r->base.connection->next_resync_us > ts_wall_us() + half_us;
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct resync *r = resume(arg);

    if (err->cls == TS_OK)
        r->base.connection = ts_connection_dup(connection);

    if (err->cls == TS_NOT_FOUND)
        settle(r, &(struct ts_ending){.outcome = TS_OUTCOME_BURIED, .text = "unknown org"});
    else if (err->cls != TS_OK)
        fail(r, err);
    else if (!ts_connection_is_enabled(r->base.connection))
        settle(r, &(struct ts_ending){.outcome = TS_OUTCOME_DISABLED});
    else if (is_of_an_old_chain(r))
        settle(r, &(struct ts_ending){.outcome = TS_OUTCOME_STALE});
    else
        step_page(r);
}

static void step_page(struct resync *r)
{
    struct ts_roster *roster = r->base.env->roster;

    enter(r, STEP_PAGE);
    ts_flow_await(&r->base.flow,
                  roster->ops->list(roster, r->base.job->org, r->cursor, PAGE_MEMBERS, on_page, r));
}

static void keep_page(struct resync *r, const struct ts_member *members, size_t count,
                      const char *next_cursor)
{
    char *cursor = ts_strdup(next_cursor);

    forget_page(r);
    r->cursor = cursor;
    r->users = ts_alloc(count * sizeof(*r->users));
    for (size_t i = 0; i < count; i++) {
        const struct ts_member *member = &members[i];
        const char *user = member->directory_id ? member->directory_id : member->email;

        if (!ts_text_is_empty(user))
            r->users[r->user_count++] = ts_strdup(user);
    }
}

static void on_page(const struct ts_error *err, const struct ts_member *members, size_t count,
                    const char *next_cursor, void *arg)
{
    struct resync *r = resume(arg);

    if (err->cls != TS_OK) {
        fail(r, err);
    } else {
        keep_page(r, members, count, next_cursor);
        go_on(r);
    }
}

static void go_on(struct resync *r)
{
    if (r->next_user < r->user_count)
        step_enqueue(r);
    else if (r->cursor)
        step_page(r);
    else
        complete(r);
}

static void step_enqueue(struct resync *r)
{
    struct ts_queue *queue = r->base.env->queue;
    struct ts_job job = {
        .type = TS_JOB_USER,
        .org = r->base.job->org,
        .user = r->users[r->next_user++],
        .cause = "resync",
    };

    enter(r, STEP_ENQUEUE);
    ts_flow_await(&r->base.flow, queue->ops->enqueue(queue, &job, on_enqueued, r));
}

/* One record that the queue refuses does not stop the rest. */
static void on_enqueued(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                        void *arg)
{
    struct resync *r = resume(arg);

    (void)how;
    (void)job_id;
    r->queued += err->cls == TS_OK;
    if (err->cls == TS_REJECTED)
        ts_log(TS_LOG_WARNING, "member left out of the resync", "org", r->base.job->org, "user",
               r->users[r->next_user - 1], "error", err->text, NULL);

    if (err->cls != TS_OK && err->cls != TS_REJECTED)
        fail(r, err);
    else
        go_on(r);
}

/* A chain job that met this one waiting was coalesced into it: then this one carries the chain on.
 */
static bool is_of_the_chain(const struct resync *r)
{
    return ts_job_flow_has_cause(&r->base, "enabled") ||
           ts_job_flow_has_cause(&r->base, "schedule") ||
           r->base.connection->next_resync_us <= ts_wall_us();
}

static const struct ts_later *successor(const struct resync *r, struct ts_follow_up *ret)
{
    uint64_t interval_ms = r->base.env->resync_interval_s * 1000ull;
    uint64_t tenth = interval_ms / 10 < UINT32_MAX ? interval_ms / 10 : UINT32_MAX - 1;
    uint64_t delay_ms = interval_ms + ts_random_below((uint32_t)tenth + 1);

    if (!is_of_the_chain(r))
        return NULL;
    ret->job = (struct ts_job){.type = TS_JOB_RESYNC, .org = r->base.job->org, .cause = "schedule"};
    ret->later = (struct ts_later){.job = &ret->job, .delay_ms = delay_ms};
    return &ret->later;
}

static void complete(struct resync *r)
{
    struct ts_follow_up next;
    const struct ts_later *later = successor(r, &next);

    r->next_resync_us = later ? ts_wall_us() + later->delay_ms * 1000 : 0;
    settle(r, &(struct ts_ending){
                  .outcome = r->queued > 0 ? TS_OUTCOME_UNCHANGED : TS_OUTCOME_NOBODY,
                  .later = later,
              });
}

static void settle(struct resync *r, const struct ts_ending *ending)
{
    ts_job_flow_settle(&r->base, ending, on_settled);
}

static void on_settled(enum ts_outcome outcome, void *arg)
{
    struct resync *r = arg;

    if (outcome == TS_OUTCOME_UNCHANGED || outcome == TS_OUTCOME_NOBODY)
        step_note(r);
    else
        report(r, outcome);
}

/* Last, so that a job that is done twice (its worker died in between) never takes its own
 * successor for that of another chain. One outside the chain leaves the next time as it is. */
static void step_note(struct resync *r)
{
    struct ts_registry *registry = r->base.env->registry;
    uint64_t next_us =
        r->next_resync_us > 0 ? r->next_resync_us : r->base.connection->next_resync_us;

    enter(r, STEP_NOTE);
    ts_flow_await(&r->base.flow,
                  registry->ops->note_resync(registry, r->base.job->org, next_us, on_noted, r));
}

static void on_noted(const struct ts_error *err, void *arg)
{
    struct resync *r = resume(arg);

    if (err->cls != TS_OK)
        ts_log(TS_LOG_WARNING, "cannot note the resync, ignoring", "org", r->base.job->org, "error",
               err->text, NULL);
    report(r, r->base.ending.outcome);
}

static void report(struct resync *r, enum ts_outcome outcome)
{
    ts_flow_done_cb *cb = r->base.cb;
    void *arg = r->base.arg;

    ts_job_flow_log(&r->base, outcome, "members queued for a resync", NULL, NULL);
    release(r);
    cb(outcome, arg);
}
