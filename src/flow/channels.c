/* SPDX-License-Identifier: MIT */
/* An org's notification channels brought in line: one live channel while auto-sync is on, none
 * while it is off. As it runs:
 *   connection -> list -> (announce -> watch -> record -> (recover)) -> close: stop, remove … ->
 * settle The channel is announced to the registry before it is opened, for its first message may be
 * quicker than the answer; a watch that fails is withdrawn. */
#include "flow/job_flow.h"

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
    X(STEP_WITHDRAW, "withdraw")                                                                   \
    X(STEP_RECORD, "record")                                                                       \
    X(STEP_RECOVER, "recover")                                                                     \
    X(STEP_STOP, "stop")                                                                           \
    X(STEP_REMOVE, "remove")

enum step { STEPS(TS_STEP_SYMBOL) };

enum { RENEWAL_MIN_MS = 5000 };

/* A channel that the registry knew when we looked. */
struct old {
    char *id;
    char *resource_id;
};

struct channels {
    struct ts_job_flow base; /* first */
    struct old *olds;        /* to be closed */
    size_t old_count;
    size_t next_old;
    char *id; /* of the channel that is opened */
    char *token;
    uint64_t live_until_us; /* of the channel that is kept or opened; 0: none */
    bool is_changed;
    struct ts_error failure; /* why the watch failed */
};

static void step_connection(struct channels *c);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_list(struct channels *c);
static void on_list(const struct ts_error *err, const struct ts_channel *channels, size_t count,
                    void *arg);
static void step_announce(struct channels *c);
static void on_announced(const struct ts_error *err, void *arg);
static void step_watch(struct channels *c);
static void on_watching(const struct ts_error *err, const struct ts_watching *watching, void *arg);
static void step_withdraw(struct channels *c, const struct ts_error *failure);
static void on_withdrawn(const struct ts_error *err, void *arg);
static void step_record(struct channels *c, const struct ts_watching *watching);
static void on_recorded(const struct ts_error *err, void *arg);
static void step_recover(struct channels *c);
static void on_recovered(const struct ts_error *err, void *arg);
static void close_next(struct channels *c);
static void step_stop(struct channels *c);
static void on_stopped(const struct ts_error *err, void *arg);
static void step_remove(struct channels *c);
static void on_removed(const struct ts_error *err, void *arg);
static void complete(struct channels *c);
static void settle(struct channels *c, const struct ts_ending *ending);
static void on_settled(enum ts_outcome outcome, void *arg);

static void release(struct channels *c)
{
    ts_job_flow_done(&c->base);
    for (size_t i = 0; i < c->old_count; i++) {
        free(c->olds[i].id);
        free(c->olds[i].resource_id);
    }
    free(c->olds);
    free(c->id);
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

static void fail(struct channels *c, const struct ts_error *err)
{
    struct ts_ending ending = ts_ending_of_error(&c->base, err);

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

/* The one that lives longest, if that is for a third of its life at least. Switching on always
 * opens a new one: what is there may have been opened with other credentials, and bring the news of
 * another directory. */
static const struct ts_channel *find_keeper(const struct channels *c,
                                            const struct ts_channel *channels, size_t count)
{
    uint64_t until_us = ts_wall_us() + c->base.env->channel_ttl_s * 1000000ull / 3;
    const struct ts_channel *keeper = NULL;

    if (!ts_connection_is_enabled(c->base.connection) || ts_job_flow_has_cause(&c->base, "enabled"))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (channels[i].resource_id && channels[i].expiration_us > until_us) {
            keeper = &channels[i];
            until_us = keeper->expiration_us;
        }
    }
    return keeper;
}

static void keep_list(struct channels *c, const struct ts_channel *channels, size_t count)
{
    const struct ts_channel *keeper = find_keeper(c, channels, count);

    c->live_until_us = keeper ? keeper->expiration_us : 0;
    c->olds = ts_alloc(count * sizeof(*c->olds));
    for (size_t i = 0; i < count; i++) {
        if (&channels[i] != keeper)
            c->olds[c->old_count++] = (struct old){
                .id = ts_strdup(channels[i].id),
                .resource_id = ts_strdup(channels[i].resource_id),
            };
    }
}

static void on_list(const struct ts_error *err, const struct ts_channel *channels, size_t count,
                    void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls == TS_OK)
        keep_list(c, channels, count);

    if (err->cls != TS_OK)
        fail(c, err);
    else if (ts_connection_is_enabled(c->base.connection) && c->live_until_us == 0)
        step_announce(c);
    else
        close_next(c);
}

static void put(struct channels *c, const char *resource_id, ts_done_cb *cb)
{
    struct ts_registry *registry = c->base.env->registry;
    struct ts_channel channel = {
        .id = c->id,
        .org = c->base.job->org,
        .resource_id = resource_id,
        .expiration_us = c->live_until_us,
    };

    ts_sha256(c->token, strlen(c->token), channel.token_digest);
    ts_flow_await(&c->base.flow, registry->ops->put_channel(registry, &channel, cb, c));
}

static void step_announce(struct channels *c)
{
    c->id = ts_random_id("channel-");
    c->token = ts_random_id("");
    c->live_until_us = ts_wall_us() + c->base.env->channel_ttl_s * 1000000ull;
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
    fail(c, &c->failure);
}

static void step_record(struct channels *c, const struct ts_watching *watching)
{
    if (watching->expiration_us > 0)
        c->live_until_us = watching->expiration_us;
    c->is_changed = true;
    enter(c, STEP_RECORD);
    put(c, watching->resource_id, on_recorded);
}

static void on_recorded(const struct ts_error *err, void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls != TS_OK)
        fail(c, err);
    else if (c->base.connection->state == TS_CONNECTION_FAILING)
        step_recover(c);
    else
        close_next(c);
}

static void step_recover(struct channels *c)
{
    struct ts_registry *registry = c->base.env->registry;

    enter(c, STEP_RECOVER);
    ts_flow_await(&c->base.flow,
                  registry->ops->move_connection(registry, c->base.job->org,
                                                 1u << TS_CONNECTION_FAILING, TS_CONNECTION_ACTIVE,
                                                 /* failure= */ NULL, on_recovered, c));
}

static void on_recovered(const struct ts_error *err, void *arg)
{
    struct channels *c = resume(arg);

    ts_job_flow_log_recovery(&c->base, err);
    close_next(c);
}

/* Without credentials, or without a resource id, nothing can be stopped: it runs out by itself. */
static void close_next(struct channels *c)
{
    bool has_credentials = !ts_text_is_empty(c->base.connection->credentials);

    if (c->next_old == c->old_count)
        complete(c);
    else if (has_credentials && c->olds[c->next_old].resource_id)
        step_stop(c);
    else
        step_remove(c);
}

static void step_stop(struct channels *c)
{
    struct ts_directory *directory = c->base.env->directory;
    const struct old *old = &c->olds[c->next_old];

    enter(c, STEP_STOP);
    ts_flow_await(&c->base.flow, directory->ops->stop(directory, c->base.connection, old->id,
                                                      old->resource_id, on_stopped, c));
}

static void on_stopped(const struct ts_error *err, void *arg)
{
    struct channels *c = resume(arg);

    if (err->cls != TS_OK)
        warn(c, "cannot stop an old channel, leaving it to run out", err);
    step_remove(c);
}

static void step_remove(struct channels *c)
{
    struct ts_registry *registry = c->base.env->registry;

    c->is_changed = true;
    enter(c, STEP_REMOVE);
    ts_flow_await(&c->base.flow,
                  registry->ops->remove_channel(registry, c->base.job->org, c->olds[c->next_old].id,
                                                on_removed, c));
}

static void on_removed(const struct ts_error *err, void *arg)
{
    struct channels *c = resume(arg);

    c->next_old++;
    if (err->cls != TS_OK)
        fail(c, err);
    else
        close_next(c);
}

/* Looked at again when three quarters of the channel's remaining life are over. */
static const struct ts_later *renewal(const struct channels *c, struct ts_follow_up *ret)
{
    uint64_t now = ts_wall_us();
    uint64_t left_ms = c->live_until_us > now ? (c->live_until_us - now) / 1000 : 0;
    uint64_t delay_ms = left_ms / 4 * 3;

    if (c->live_until_us == 0)
        return NULL;
    ret->job = (struct ts_job){.type = TS_JOB_CHANNELS, .org = c->base.job->org, .cause = "renew"};
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
