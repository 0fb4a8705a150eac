/* SPDX-License-Identifier: MIT */
/* A resync job: one pass over the directory, and what surrounds it. As it runs:
 *   connection -> lease -> account -> (recover) -> pass -> (hold) -> end -> (channels) -> settle
 * Beside it a beat tells that the run is alive; where that fails, another has the run, and this
 * one stops at once. The next resync is a timer, one for each org: whatever happens, it is set
 * anew when this one is over. A preview is the same, without lease, commits and a successor. */
#include "flow/account.h"
#include "flow/job_flow.h"
#include "flow/pass.h"

#include "teamsync/clock.h"
#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <inttypes.h>

#define STEPS(X)                                                                                   \
    X(STEP_CONNECTION, "connection")                                                               \
    X(STEP_LEASE, "lease")                                                                         \
    X(STEP_ACCOUNT, "account")                                                                     \
    X(STEP_RECOVER, "recover")                                                                     \
    X(STEP_PASS, "pass")                                                                           \
    X(STEP_HOLD, "hold")                                                                           \
    X(STEP_END, "end")                                                                             \
    X(STEP_CHANNELS, "channels")

enum step { STEPS(TS_STEP_SYMBOL) };

enum {
    TRIES_MAX = 6, /* then the next one is awaited */
    REFUSED_DELAY_MAX_MS = 15 * 60 * 1000,
};
static const uint64_t trouble_interval_ms = 15ull * 60 * 1000;
static const uint64_t patience_us = 60ull * 1000000; /* with a channel that is about to be opened */

struct resync {
    struct ts_job_flow base; /* first */
    struct ts_run run;
    struct ts_lease lease;
    char *run_id;
    bool became_admin; /* the connection's account, since it was looked at last */
    struct ts_pass_task task;
    struct ts_op *beat;
    struct ts_ending ending; /* once the pass is over */
    char error[sizeof(((struct ts_error *)NULL)->text)];
    struct ts_follow_up next;
};

static void step_connection(struct resync *r);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_lease(struct resync *r);
static void on_lease(const struct ts_error *err, const struct ts_lease *lease, void *arg);
static void step_account(struct resync *r);
static void on_account(const struct ts_error *err, bool became_admin, void *arg);
static void step_recover(struct resync *r);
static void on_recovered(const struct ts_error *err, void *arg);
static void step_pass(struct resync *r);
static void on_passed(const struct ts_error *err, const struct ts_loss *loss, void *arg);
static void step_hold(struct resync *r, const struct ts_loss *loss);
static void on_hold(const struct ts_error *err, void *arg);
static void conclude(struct resync *r, const struct ts_error *err);
static void step_end(struct resync *r);
static void on_end(const struct ts_error *err, void *arg);
static void step_channels(struct resync *r);
static void on_channels(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                        void *arg);
static void settle(struct resync *r, const struct ts_ending *ending);
static void on_settled(enum ts_outcome outcome, void *arg);
static void report(struct resync *r, enum ts_outcome outcome);
static void pause_beat(struct resync *r);
static void on_beat(const struct ts_error *err, void *arg);

static void release(struct resync *r)
{
    ts_op_cancel(&r->beat);
    ts_job_flow_done(&r->base);
    free(r->run_id);
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

/* Looking needs a connection; writing needs auto-sync. */
static bool may_run(const struct resync *r)
{
    return ts_connection_is_enabled(r->base.connection) ||
           (r->base.job->is_preview && r->base.connection->state != TS_CONNECTION_NONE);
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct resync *r = resume(arg);

    if (err->cls == TS_OK)
        r->base.connection = ts_connection_dup(connection);

    if (err->cls == TS_NOT_FOUND) {
        settle(r, &(struct ts_ending){.outcome = TS_OUTCOME_BURIED, .text = "unknown org"});
    } else if (err->cls != TS_OK) {
        struct ts_ending ending = ts_ending_of_error(&r->base, err);

        settle(r, &ending);
    } else if (!may_run(r)) {
        settle(r, &(struct ts_ending){.outcome = TS_OUTCOME_DISABLED});
    } else {
        step_lease(r);
    }
}

static void step_lease(struct resync *r)
{
    struct ts_runs *runs = r->base.env->runs;

    enter(r, STEP_LEASE);
    ts_flow_await(&r->base.flow, runs->ops->begin(runs, r->base.job, on_lease, r));
}

static void on_lease(const struct ts_error *err, const struct ts_lease *lease, void *arg)
{
    struct resync *r = resume(arg);

    if (err->cls == TS_OK) {
        r->run_id = ts_strdup(lease->run_id);
        r->lease = (struct ts_lease){.run_id = r->run_id, .fence = lease->fence};
        pause_beat(r);
        step_account(r);
    } else if (err->cls == TS_NOT_FOUND) {
        report(r, TS_OUTCOME_LOST);
    } else {
        /* Busy is no failure: this one comes after that. */
        settle(r, &(struct ts_ending){
                      .outcome = TS_OUTCOME_RETRIED,
                      .delay_ms = err->retry_after_ms ? err->retry_after_ms : TS_OVERTAKEN_DELAY_MS,
                  });
    }
}

static void step_account(struct resync *r)
{
    enter(r, STEP_ACCOUNT);
    ts_flow_await(&r->base.flow, ts_account_start(r->base.env, r->base.connection,
                                                  r->base.job->is_preview, on_account, r));
}

static void on_account(const struct ts_error *err, bool became_admin, void *arg)
{
    struct resync *r = resume(arg);

    r->became_admin = became_admin;
    if (became_admin)
        r->base.connection->may_suspend = true;

    if (err->cls != TS_OK)
        conclude(r, err);
    else if (r->base.connection->refused && !r->base.job->is_preview)
        step_recover(r);
    else
        step_pass(r);
}

static void step_recover(struct resync *r)
{
    struct ts_registry *registry = r->base.env->registry;

    enter(r, STEP_RECOVER);
    ts_flow_await(&r->base.flow,
                  registry->ops->set_trouble(registry, r->base.job->org, TS_TROUBLE_REFUSED,
                                             /* why= */ NULL, on_recovered, r));
}

static void on_recovered(const struct ts_error *err, void *arg)
{
    struct resync *r = resume(arg);

    ts_flow_log_recovery(r->base.job->org, err);
    step_pass(r);
}

static void step_pass(struct resync *r)
{
    r->task = (struct ts_pass_task){
        .connection = r->base.connection,
        .job = r->base.job,
        .lease = r->base.job->is_preview ? NULL : &r->lease,
    };
    enter(r, STEP_PASS);
    ts_flow_await(&r->base.flow, ts_pass_start(r->base.env, &r->task, &r->run, on_passed, r));
}

static void on_passed(const struct ts_error *err, const struct ts_loss *loss, void *arg)
{
    struct resync *r = resume(arg);

    if (loss) {
        r->run.state = TS_RUN_HELD;
        step_hold(r, loss);
    } else {
        conclude(r, err);
    }
}

static void step_hold(struct resync *r, const struct ts_loss *loss)
{
    struct ts_roster *roster = r->base.env->roster;
    TS_AUTOFREE char *text =
        ts_format("%" PRIu64 " of %" PRIu64
                  " linked members would lose their %s; nothing was written, a person decides",
                  loss->members, loss->linked, loss->field);

    (void)ts_text_copy(r->error, sizeof(r->error), text);
    r->run.error = r->error;
    if (r->base.job->is_preview) {
        conclude(r, &ts_no_error);
        return;
    }
    enter(r, STEP_HOLD);
    ts_flow_await(&r->base.flow,
                  roster->ops->hold_loss(roster, r->base.job->org, &r->lease, loss, on_hold, r));
}

static void on_hold(const struct ts_error *err, void *arg)
{
    conclude(resume(arg), err);
}

/* --- the end --- */

static uint64_t interval_ms(const struct resync *r)
{
    const struct ts_flow_env *env = r->base.env;
    const struct ts_connection *connection = r->base.connection;
    uint64_t interval = env->resync_interval_s * 1000ull;

    /* The listing may have been behind the pushes that this one stood for (rules 2.11, 2.13). */
    if (ts_job_flow_has_cause(&r->base, "backlog") && env->reread_count > 0)
        return env->reread_after_s[env->reread_count - 1] * 1000ull;
    if ((connection->deaf || r->run.state == TS_RUN_FAILED) && interval > trouble_interval_ms)
        return trouble_interval_ms;
    return interval;
}

static const struct ts_later *successor(struct resync *r)
{
    uint64_t delay_ms = interval_ms(r);
    uint64_t tenth = delay_ms / 10 < UINT32_MAX ? delay_ms / 10 : UINT32_MAX - 1;

    if (r->base.job->is_preview)
        return NULL;
    delay_ms += ts_random_below((uint32_t)tenth + 1);
    r->run.next_us = ts_wall_us() + delay_ms * 1000;
    r->next.job = (struct ts_job){
        .type = TS_JOB_RESYNC,
        .org = r->base.job->org,
        .cause = "schedule",
        .is_timer = true,
    };
    r->next.later = (struct ts_later){.job = &r->next.job, .delay_ms = delay_ms};
    return &r->next.later;
}

/* A resync is never given up: after some tries it waits for its next time, or, while the directory
 * refuses us, is tried again and again. */
static struct ts_ending ending_of_failure(struct resync *r, const struct ts_error *err)
{
    struct ts_ending ending = {.outcome = TS_OUTCOME_FAILED, .text = r->error, .code = err->code};
    uint64_t delay_ms =
        ts_retry_delay_ms(r->base.job->attempt, err->retry_after_ms, ts_random_below(1000));
    bool is_worth_a_try = err->cls == TS_RETRY && r->base.job->attempt + 1 < TRIES_MAX;

    ending.is_refused = err->cls == TS_AUTH;
    if (err->cls == TS_AUTH && delay_ms < TS_AUTH_DELAY_MS)
        delay_ms = TS_AUTH_DELAY_MS;
    if (err->cls == TS_AUTH && delay_ms > REFUSED_DELAY_MAX_MS)
        delay_ms = REFUSED_DELAY_MAX_MS;
    if (!r->base.job->is_preview && (err->cls == TS_AUTH || is_worth_a_try)) {
        ending.outcome = TS_OUTCOME_RETRIED;
        ending.delay_ms = delay_ms;
    } else {
        ending.later = successor(r);
    }
    return ending;
}

static enum ts_outcome outcome_of(const struct resync *r)
{
    if (r->run.state == TS_RUN_HELD)
        return TS_OUTCOME_HELD;
    return r->run.changed > 0 ? TS_OUTCOME_CHANGED : TS_OUTCOME_UNCHANGED;
}

static void conclude(struct resync *r, const struct ts_error *err)
{
    if (err->cls == TS_NOT_FOUND) {
        report(r, TS_OUTCOME_LOST);
    } else if (err->cls == TS_OK) {
        if (r->run.state != TS_RUN_HELD)
            r->run.state = TS_RUN_DONE;
        r->ending = (struct ts_ending){.outcome = outcome_of(r), .later = successor(r)};
        step_end(r);
    } else {
        (void)ts_text_copy(r->error, sizeof(r->error), err->text);
        r->run.error = r->error;
        r->run.state = TS_RUN_FAILED;
        r->ending = ending_of_failure(r, err);
        step_end(r);
    }
}

static void step_end(struct resync *r)
{
    struct ts_runs *runs = r->base.env->runs;

    ts_op_cancel(&r->beat);
    enter(r, STEP_END);
    ts_flow_await(&r->base.flow, runs->ops->end(runs, r->base.job, &r->lease, &r->run, on_end, r));
}

/* Changes that push should have delivered, no channel at all, or one that an admin did not open: it
 * is time for a new one. */
static bool needs_channel(const struct resync *r)
{
    bool was_late = r->run.corrections > 0 && ts_job_flow_has_cause(&r->base, "schedule");
    bool has_none = r->base.connection->channel_until_us + patience_us < ts_wall_us();

    return r->run.state == TS_RUN_DONE && !r->base.job->is_preview &&
           (was_late || has_none || r->became_admin);
}

static void on_end(const struct ts_error *err, void *arg)
{
    struct resync *r = resume(arg);

    if (err->cls == TS_NOT_FOUND) {
        report(r, TS_OUTCOME_LOST);
        return;
    }
    if (err->cls != TS_OK)
        ts_log(TS_LOG_WARNING, "cannot write down how the resync ended, ignoring", "org",
               r->base.job->org, "error", err->text, NULL);
    if (needs_channel(r))
        step_channels(r);
    else
        settle(r, &r->ending);
}

static const char *cause_of_channels(const struct resync *r)
{
    if (r->became_admin)
        return "admin";
    return r->run.corrections > 0 ? "corrections" : "no-channel";
}

static void step_channels(struct resync *r)
{
    struct ts_queue *queue = r->base.env->queue;
    struct ts_job job = {
        .type = TS_JOB_CHANNELS,
        .org = r->base.job->org,
        .cause = cause_of_channels(r),
    };

    enter(r, STEP_CHANNELS);
    ts_flow_await(&r->base.flow, queue->ops->enqueue(queue, &job, on_channels, r));
}

static void on_channels(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                        void *arg)
{
    struct resync *r = resume(arg);

    (void)how;
    (void)job_id;
    if (err->cls != TS_OK)
        ts_log(TS_LOG_WARNING, "cannot ask for a new notification channel, ignoring", "org",
               r->base.job->org, "error", err->text, NULL);
    settle(r, &r->ending);
}

static void settle(struct resync *r, const struct ts_ending *ending)
{
    ts_job_flow_settle(&r->base, ending, on_settled);
}

static void on_settled(enum ts_outcome outcome, void *arg)
{
    report(arg, outcome);
}

static void log_figures(const struct resync *r)
{
    const struct ts_run *run = &r->run;

    ts_log(run->state == TS_RUN_DONE ? TS_LOG_INFO : TS_LOG_WARNING, "resync over", "org",
           r->base.job->org, "run", r->run_id, "state", ts_run_state_name(run->state), "why",
           run->error, "pages", TS_NUMBER(run->pages), "users", TS_NUMBER(run->users), "reads",
           TS_NUMBER(run->reads), "changed", TS_NUMBER(run->changed), "suspended",
           TS_NUMBER(run->suspended), "invited", TS_NUMBER(run->invited), "held",
           TS_NUMBER(run->held), "failed", TS_NUMBER(run->failed), "corrections",
           TS_NUMBER(run->corrections), NULL);
}

static void report(struct resync *r, enum ts_outcome outcome)
{
    ts_flow_done_cb *cb = r->base.cb;
    void *arg = r->base.arg;

    if (r->run.state != TS_RUN_RUNNING)
        log_figures(r);
    if (r->run.corrections > 0)
        ts_metric_add(TS_METRIC_RESYNC_CORRECTIONS_TOTAL, r->base.job->org, NULL,
                      (double)r->run.corrections);
    ts_job_flow_log(&r->base, outcome, "resynced", NULL, NULL);
    release(r);
    cb(outcome, arg);
}

/* --- the beat --- */

static void on_pause(const struct ts_error *err, void *arg)
{
    struct resync *r = arg;
    struct ts_runs *runs = r->base.env->runs;

    (void)err;
    r->beat = runs->ops->report(runs, r->base.job, &r->lease, &r->run, on_beat, r);
}

static void pause_beat(struct resync *r)
{
    struct ts_clock *clock = r->base.env->clock;

    r->beat = clock->ops->pause(clock, r->base.env->beat_ms, on_pause, r);
}

static void on_beat(const struct ts_error *err, void *arg)
{
    struct resync *r = arg;

    r->beat = NULL;
    if (err->cls == TS_NOT_FOUND) {
        ts_op_cancel(&r->base.flow.waiting);
        report(r, TS_OUTCOME_LOST);
    } else {
        pause_beat(r);
    }
}
