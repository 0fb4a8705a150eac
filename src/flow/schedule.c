/* SPDX-License-Identifier: MIT */
/* Sees to it, at start and then every hour, that each org with auto-sync on has its two timers: the
 * next resync, and the next look at its channels. A timer that waits is left alone; one that is
 * missing, perhaps because Redis came back from an old copy, is set again. As it runs, for ever:
 *   orgs -> for each: connection -> (resync timer -> channels timer) … -> next page … -> pause */
#include "flow/flow.h"

#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#define STEPS(X)                                                                                   \
    X(STEP_ORGS, "orgs")                                                                           \
    X(STEP_CONNECTION, "connection")                                                               \
    X(STEP_RESYNC, "resync")                                                                       \
    X(STEP_CHANNELS, "channels")                                                                   \
    X(STEP_PAUSE, "pause")

enum step { STEPS(TS_STEP_SYMBOL) };

enum { PAGE = 100, ROUND_MS = 60 * 60 * 1000, FAILED_ROUND_MS = 60 * 1000 };
/* A job without a timer may be running just now: it sets its own at its end. */
enum { DELAY_MIN_MS = 15 * 60 * 1000 };

struct schedule {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    char *orgs[PAGE];
    size_t org_count;
    size_t next_org;
    char *cursor;
    uint64_t channel_until_us; /* of the org that is looked at */
};

static void step_orgs(struct schedule *s);
static void on_orgs(const struct ts_error *err, const struct ts_org *orgs, size_t count,
                    const char *next_cursor, void *arg);
static void next_org(struct schedule *s);
static void step_connection(struct schedule *s);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_resync(struct schedule *s, uint64_t due_us);
static void on_resync(const struct ts_error *err, void *arg);
static void step_channels(struct schedule *s);
static void on_channels(const struct ts_error *err, void *arg);
static void step_pause(struct schedule *s, uint64_t delay_ms);
static void on_pause(const struct ts_error *err, void *arg);

static void forget_page(struct schedule *s)
{
    while (s->org_count > 0)
        free(s->orgs[--s->org_count]);
    s->next_org = 0;
}

static void keep_cursor(struct schedule *s, const char *cursor)
{
    free(s->cursor);
    s->cursor = ts_strdup(cursor);
}

static void cancel(struct ts_op *op)
{
    struct schedule *s = (struct schedule *)(void *)op;

    ts_flow_leave(&s->flow);
    forget_page(s);
    free(s->cursor);
    free(s);
}

static void enter(struct schedule *s, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&s->flow, names[step]);
}

static struct schedule *resume(void *arg)
{
    struct schedule *s = arg;

    ts_flow_resume(&s->flow);
    return s;
}

struct ts_op *ts_schedule_start(const struct ts_flow_env *env)
{
    struct schedule *s = ts_alloc(sizeof(*s));

    s->flow.op.cancel = cancel;
    s->flow.name = "schedule";
    s->env = env;
    step_orgs(s);
    return &s->flow.op;
}

/* What is missing stays so until the next round, which is soon. */
static void fail(struct schedule *s, const struct ts_error *err)
{
    ts_log(TS_LOG_WARNING, "cannot look after the timers, trying again", "error", err->text, NULL);
    keep_cursor(s, NULL);
    step_pause(s, FAILED_ROUND_MS);
}

static void step_orgs(struct schedule *s)
{
    struct ts_registry *registry = s->env->registry;

    forget_page(s);
    enter(s, STEP_ORGS);
    ts_flow_await(&s->flow, registry->ops->list_orgs(registry, s->cursor, PAGE, on_orgs, s));
}

static void on_orgs(const struct ts_error *err, const struct ts_org *orgs, size_t count,
                    const char *next_cursor, void *arg)
{
    struct schedule *s = resume(arg);

    if (err->cls != TS_OK) {
        fail(s, err);
        return;
    }
    for (size_t i = 0; i < count && i < PAGE; i++)
        s->orgs[s->org_count++] = ts_strdup(orgs[i].id);
    keep_cursor(s, next_cursor);
    next_org(s);
}

static void next_org(struct schedule *s)
{
    if (s->next_org < s->org_count)
        step_connection(s);
    else if (s->cursor)
        step_orgs(s);
    else
        step_pause(s, ROUND_MS);
}

static void step_connection(struct schedule *s)
{
    struct ts_registry *registry = s->env->registry;

    enter(s, STEP_CONNECTION);
    ts_flow_await(&s->flow,
                  registry->ops->get_connection(registry, s->orgs[s->next_org], on_connection, s));
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct schedule *s = resume(arg);

    if (err->cls == TS_RETRY) {
        fail(s, err);
    } else if (err->cls == TS_OK && ts_connection_is_enabled(connection)) {
        s->channel_until_us = connection->channel_until_us;
        step_resync(s, connection->next_resync_us);
    } else {
        s->next_org++;
        next_org(s);
    }
}

static void keep_timer(struct schedule *s, enum ts_job_type type, const char *cause,
                       uint64_t left_ms, ts_done_cb *cb)
{
    struct ts_queue *queue = s->env->queue;
    struct ts_job job = {
        .type = type,
        .org = s->orgs[s->next_org],
        .cause = cause,
        .is_timer = true,
    };
    uint64_t least_ms = DELAY_MIN_MS + ts_random_below(DELAY_MIN_MS);
    struct ts_later later = {.job = &job, .delay_ms = left_ms > least_ms ? left_ms : least_ms};

    ts_flow_await(&s->flow, queue->ops->keep_timer(queue, &later, cb, s));
}

static void step_resync(struct schedule *s, uint64_t due_us)
{
    uint64_t longest_ms = s->env->resync_interval_s * 1100ull; /* a tenth is by chance */

    enter(s, STEP_RESYNC);
    keep_timer(s, TS_JOB_RESYNC, "schedule", ts_left_ms(due_us, longest_ms), on_resync);
}

static void on_resync(const struct ts_error *err, void *arg)
{
    struct schedule *s = resume(arg);

    if (err->cls != TS_OK)
        fail(s, err);
    else
        step_channels(s);
}

/* Too late for the renewal is early enough: the look at the channels opens a new one. */
static void step_channels(struct schedule *s)
{
    uint64_t left_ms = ts_left_ms(s->channel_until_us, s->env->channel_ttl_s * 1000ull);

    enter(s, STEP_CHANNELS);
    keep_timer(s, TS_JOB_CHANNELS, "renew", left_ms / 4 * 3, on_channels);
}

static void on_channels(const struct ts_error *err, void *arg)
{
    struct schedule *s = resume(arg);

    if (err->cls != TS_OK) {
        fail(s, err);
    } else {
        s->next_org++;
        next_org(s);
    }
}

static void step_pause(struct schedule *s, uint64_t delay_ms)
{
    struct ts_clock *clock = s->env->clock;

    enter(s, STEP_PAUSE);
    ts_flow_await(&s->flow, clock->ops->pause(clock, delay_ms, on_pause, s));
}

static void on_pause(const struct ts_error *err, void *arg)
{
    (void)err;
    step_orgs(resume(arg));
}
