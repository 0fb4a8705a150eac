/* SPDX-License-Identifier: MIT */
/* An org's notification channels brought in line: while auto-sync is on, a live one for all events
 * (or one for each configured event); none while it is off. As it runs: connection -> list ->
 * open next: announce -> watch -> record … -> note -> (hear again) -> close (closing.c) -> settle;
 * when a watch fails: withdraw -> (alarm) -> settle, to be tried again, for ever; when the record
 * does, because auto-sync is off by now, or the connection another: stop -> settle, for nobody
 * would know of the channel. It is announced first: its first message may be quicker than the
 * answer. */
#include "flow/closing.h"
#include "flow/hearing.h"
#include "flow/job_flow.h"
#include "flow/known_channels.h"

#include "teamsync/digest.h"
#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <string.h>

#define STEPS(X)                                                                                   \
    X(STEP_CONNECTION, "connection")                                                               \
    X(STEP_LIST, "list")                                                                           \
    X(STEP_ANNOUNCE, "announce")                                                                   \
    X(STEP_WATCH, "watch")                                                                         \
    X(STEP_RECORD, "record")                                                                       \
    X(STEP_STOP, "stop")                                                                           \
    X(STEP_NOTE, "note")                                                                           \
    X(STEP_RECOVER, "recover")                                                                     \
    X(STEP_CLOSE, "close")                                                                         \
    X(STEP_WITHDRAW, "withdraw")                                                                   \
    X(STEP_ALARM, "alarm")

enum step { STEPS(TS_STEP_SYMBOL) };

enum { RENEWAL_MIN_MS = 5000, RETRY_MAX_MS = 5 * 60 * 1000 };
static const uint64_t alarm_after_us = 5ull * 60 * 1000000;

struct channels {
    struct ts_job_flow base; /* first */
    struct ts_known_channels known;
    size_t next_event; /* to be opened, unless there is one */
    char *id;          /* of the channel that is opened */
    char *token;
    char *resource_id; /* of the channel that has opened */
    uint64_t expiration_us;
    uint64_t live_until_us; /* of the first to end of all that are kept or opened; 0: none */
    bool is_changed;
    struct ts_error failure; /* why the watch or its record failed */
};

static void step_connection(struct channels *c);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_list(struct channels *c);
static void on_list(const struct ts_error *err, const struct ts_channel *channels, size_t count,
                    void *arg);
static void open_next(struct channels *c);
static void step_announce(struct channels *c);
static void on_announced(const struct ts_error *err, void *arg);
static void step_watch(struct channels *c);
static void on_watching(const struct ts_error *err, const struct ts_watching *watching, void *arg);
static void step_record(struct channels *c, const struct ts_watching *watching);
static void on_recorded(const struct ts_error *err, void *arg);
static void step_stop(struct channels *c, const struct ts_error *failure);
static void on_stopped(const struct ts_error *err, void *arg);
static void step_note(struct channels *c);
static void on_noted(const struct ts_error *err, void *arg);
static void step_recover(struct channels *c);
static void on_recovered(const struct ts_error *err, void *arg);
static void step_close(struct channels *c);
static void on_closed(const struct ts_error *err, void *arg);
static void complete(struct channels *c);
static void step_withdraw(struct channels *c, const struct ts_error *failure);
static void on_withdrawn(const struct ts_error *err, void *arg);
static void step_alarm(struct channels *c);
static void on_alarm(const struct ts_error *err, void *arg);
static void settle(struct channels *c, const struct ts_ending *ending);
static void on_settled(enum ts_outcome outcome, void *arg);

static void release(struct channels *c)
{
    ts_job_flow_done(&c->base);
    ts_known_channels_done(&c->known);
    free(c->id);
    free(c->resource_id);
    ts_free_secret(c->token);
    free(c);
}

static void cancel(struct ts_op *op)
{
    release((struct channels *)(void *)op);
}

static void enter(struct channels *c, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&c->base.flow, names[step]);
}

static struct channels *resume(void *arg)
{
    struct channels *c = arg;

    ts_flow_resume(&c->base.flow);
    return c;
}

/* Without channels an org is deaf: that is tried again and again, and never given up. */
static void fail(struct channels *c, const struct ts_error *err)
{
    struct ts_ending ending = ts_ending_of_error(&c->base, err);

    if (c->base.connection && ts_connection_is_enabled(c->base.connection)) {
        ending.outcome = TS_OUTCOME_RETRIED;
        if (ending.delay_ms == 0 || ending.delay_ms > RETRY_MAX_MS)
            ending.delay_ms = RETRY_MAX_MS;
    }
    settle(c, &ending);
}

static void warn(const struct channels *c, const char *message, const struct ts_error *err)
{
    ts_log(TS_LOG_WARNING, message, "org", c->base.job->org, "error", err->text, NULL);
}

struct ts_op *ts_channels_start(const struct ts_flow_env *env, const struct ts_job *job,
                                ts_flow_done_cb *cb, void *arg)
{
    struct channels *c = ts_alloc(sizeof(*c));

    ts_job_flow_init(&c->base, "channels", env, job, cancel);
    c->base.cb = cb;
    c->base.arg = arg;
    step_connection(c);
    return &c->base.flow.op;
}

static void step_connection(struct channels *c)
{
    struct ts_registry *registry = c->base.env->registry;

    enter(c, STEP_CONNECTION);
    ts_flow_await(&c->base.flow,
                  registry->ops->get_connection(registry, c->base.job->org, on_connection, c));
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls == TS_OK)
        c->base.connection = ts_connection_dup(connection);

    if (err->cls == TS_NOT_FOUND)
        settle(c, &(struct ts_ending){.outcome = TS_OUTCOME_BURIED, .text = "unknown org"});
    else if (err->cls != TS_OK)
        fail(c, err);
    else
        step_list(c);
}

static void step_list(struct channels *c)
{
    struct ts_registry *registry = c->base.env->registry;

    enter(c, STEP_LIST);
    ts_flow_await(&c->base.flow,
                  registry->ops->list_channels(registry, c->base.job->org, on_list, c));
}

static void on_list(const struct ts_error *err, const struct ts_channel *channels, size_t count,
                    void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls == TS_OK)
        c->known = ts_known_channels_keep(channels, count);

    if (err->cls != TS_OK)
        fail(c, err);
    else if (ts_connection_is_enabled(c->base.connection))
        open_next(c);
    else
        step_close(c);
}

/* --- opening --- */

/* Those there are may have been opened with other credentials, and bring the news of another
 * directory; or they have stopped bringing any. */
static bool replaces_all(const struct channels *c)
{
    return ts_job_flow_has_cause(&c->base, "enabled") ||
           ts_job_flow_has_cause(&c->base, "corrections") ||
           ts_job_flow_has_cause(&c->base, "admin");
}

static void count_life(struct channels *c, uint64_t until_us)
{
    if (c->live_until_us == 0 || until_us < c->live_until_us)
        c->live_until_us = until_us;
}

/* NULL: one channel for all events. */
static const char *event_of(const struct channels *c)
{
    const struct ts_flow_env *env = c->base.env;

    return env->event_count > 0 ? env->events[c->next_event] : NULL;
}

/* One is kept if it lives for a third of its life at least. */
static void open_next(struct channels *c)
{
    size_t wanted = c->base.env->event_count > 0 ? c->base.env->event_count : 1;
    uint64_t until_us = ts_wall_us() + c->base.env->channel_ttl_s * 1000000ull / 3;
    struct ts_known_channel *keeper = NULL;

    for (; c->next_event < wanted; c->next_event++) {
        keeper = replaces_all(c) ? NULL : ts_known_channels_find(&c->known, event_of(c), until_us);
        if (!keeper)
            break;
        keeper->is_kept = true;
        count_life(c, keeper->expiration_us);
    }
    if (c->next_event < wanted)
        step_announce(c);
    else
        step_note(c);
}

static void put(struct channels *c, const char *resource_id, ts_done_cb *cb)
{
    struct ts_registry *registry = c->base.env->registry;
    struct ts_channel channel = {
        .id = c->id,
        .org = c->base.job->org,
        .resource_id = resource_id,
        .event = event_of(c),
        .expiration_us = c->expiration_us,
    };

    ts_sha256(c->token, strlen(c->token), channel.token_digest);
    ts_flow_await(&c->base.flow, registry->ops->put_channel(registry, &channel,
                                                            c->base.connection->revision, cb, c));
}

static void step_announce(struct channels *c)
{
    free(c->id);
    ts_free_secret(c->token);
    c->id = ts_random_id("channel-");
    c->token = ts_random_id("");
    c->expiration_us = ts_wall_us() + c->base.env->channel_ttl_s * 1000000ull;
    enter(c, STEP_ANNOUNCE);
    put(c, /* resource_id= */ NULL, on_announced);
}

static void on_announced(const struct ts_error *err, void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls != TS_OK)
        fail(c, err);
    else
        step_watch(c);
}

static void step_watch(struct channels *c)
{
    const struct ts_flow_env *env = c->base.env;
    struct ts_watch watch = {
        .channel_id = c->id,
        .token = c->token,
        .address = env->notification_address,
        .event = event_of(c),
        .ttl_s = env->channel_ttl_s,
    };

    enter(c, STEP_WATCH);
    ts_flow_await(&c->base.flow, env->directory->ops->watch(env->directory, c->base.connection,
                                                            &watch, on_watching, c));
}

static void on_watching(const struct ts_error *err, const struct ts_watching *watching, void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls != TS_OK)
        step_withdraw(c, err);
    else
        step_record(c, watching);
}

static void step_record(struct channels *c, const struct ts_watching *watching)
{
    if (watching->expiration_us > 0)
        c->expiration_us = watching->expiration_us;
    free(c->resource_id);
    c->resource_id = ts_strdup(watching->resource_id);
    c->is_changed = true;
    enter(c, STEP_RECORD);
    put(c, c->resource_id, on_recorded);
}

static void on_recorded(const struct ts_error *err, void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls != TS_OK) {
        step_stop(c, err);
    } else {
        count_life(c, c->expiration_us);
        c->next_event++;
        open_next(c);
    }
}

static void step_stop(struct channels *c, const struct ts_error *failure)
{
    struct ts_directory *directory = c->base.env->directory;

    c->failure = *failure;
    enter(c, STEP_STOP);
    ts_flow_await(&c->base.flow, directory->ops->stop(directory, c->base.connection, c->id,
                                                      c->resource_id, on_stopped, c));
}

static void on_stopped(const struct ts_error *err, void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls != TS_OK)
        warn(c, "cannot stop a channel that was not recorded, leaving it to run out", err);
    fail(c, &c->failure);
}

static void step_note(struct channels *c)
{
    struct ts_registry *registry = c->base.env->registry;

    enter(c, STEP_NOTE);
    ts_flow_await(&c->base.flow, registry->ops->note_channel(registry, c->base.job->org,
                                                             c->live_until_us, on_noted, c));
}

static void on_noted(const struct ts_error *err, void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls != TS_OK)
        fail(c, err);
    else if (c->base.connection->deaf)
        step_recover(c);
    else
        step_close(c);
}

static void step_recover(struct channels *c)
{
    enter(c, STEP_RECOVER);
    ts_flow_await(&c->base.flow, ts_hearing_start(c->base.env, c->base.job->org, /* why= */ NULL,
                                                  on_recovered, c));
}

static void on_recovered(const struct ts_error *err, void *arg)
{
    (void)err;
    step_close(resume(arg));
}

/* --- closing --- */

static void step_close(struct channels *c)
{
    if (!ts_known_channels_next(&c->known)) {
        complete(c);
        return;
    }
    c->is_changed = true;
    enter(c, STEP_CLOSE);
    ts_flow_await(&c->base.flow,
                  ts_closing_start(c->base.env, c->base.connection, &c->known, on_closed, c));
}

static void on_closed(const struct ts_error *err, void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls != TS_OK)
        fail(c, err);
    else
        complete(c);
}

/* Looked at again when three quarters of its remaining life are over. */
static const struct ts_later *renewal(const struct channels *c, struct ts_follow_up *ret)
{
    uint64_t left_ms = ts_left_ms(c->live_until_us, c->base.env->channel_ttl_s * 1000ull);
    uint64_t delay_ms = left_ms / 4 * 3;

    if (c->live_until_us == 0)
        return NULL;
    ret->job = (struct ts_job){
        .type = TS_JOB_CHANNELS,
        .org = c->base.job->org,
        .cause = "renew",
        .is_timer = true,
    };
    ret->later = (struct ts_later){
        .job = &ret->job,
        .delay_ms = delay_ms > RENEWAL_MIN_MS ? delay_ms : RENEWAL_MIN_MS,
    };
    return &ret->later;
}

static void complete(struct channels *c)
{
    enum ts_outcome outcome = c->is_changed ? TS_OUTCOME_CHANGED : TS_OUTCOME_UNCHANGED;
    struct ts_follow_up next;

    if (!ts_connection_is_enabled(c->base.connection))
        outcome = TS_OUTCOME_DISABLED;
    settle(c, &(struct ts_ending){.outcome = outcome, .later = renewal(c, &next)});
}

/* --- no channel can be opened --- */

static void step_withdraw(struct channels *c, const struct ts_error *failure)
{
    struct ts_registry *registry = c->base.env->registry;

    c->failure = *failure;
    enter(c, STEP_WITHDRAW);
    ts_flow_await(&c->base.flow, registry->ops->remove_channel(registry, c->base.job->org, c->id,
                                                               on_withdrawn, c));
}

static void on_withdrawn(const struct ts_error *err, void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls != TS_OK)
        warn(c, "cannot remove a channel that did not open, ignoring", err);
    if (c->base.connection->channel_until_us + alarm_after_us < ts_wall_us())
        step_alarm(c);
    else
        fail(c, &c->failure);
}

static void step_alarm(struct channels *c)
{
    TS_AUTOFREE char *text =
        ts_format("no notification channel can be opened, changes are found by resyncs only: %s",
                  c->failure.text);
    struct ts_failure why = {.text = text, .code = c->failure.code};

    enter(c, STEP_ALARM);
    ts_flow_await(&c->base.flow,
                  ts_hearing_start(c->base.env, c->base.job->org, &why, on_alarm, c));
}

static void on_alarm(const struct ts_error *err, void *arg)
{
    struct channels *c = resume(arg);

    (void)err;
    fail(c, &c->failure);
}

/* --- the end --- */

static void settle(struct channels *c, const struct ts_ending *ending)
{
    ts_job_flow_settle(&c->base, ending, on_settled);
}

static void on_settled(enum ts_outcome outcome, void *arg)
{
    struct channels *c = arg;
    ts_flow_done_cb *cb = c->base.cb;
    void *cb_arg = c->base.arg;

    ts_job_flow_log(&c->base, outcome, "channels in line", NULL, NULL);
    release(c);
    cb(outcome, cb_arg);
}
