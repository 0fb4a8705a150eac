/* SPDX-License-Identifier: MIT */
/* What waits for a person, and what they decide: holds, and a run's suspensions undone. */
#include "roster/roster_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <inttypes.h>

extern const char ts_lua_roster_get_hold[];
extern const char ts_lua_roster_hold_loss[];
extern const char ts_lua_roster_decide_hold[];
extern const char ts_lua_roster_undo_run[];

static struct ts_redis_script get_script = {.source = ts_lua_roster_get_hold};
static struct ts_redis_script loss_script = {.source = ts_lua_roster_hold_loss};
static struct ts_redis_script decide_script = {.source = ts_lua_roster_decide_hold};
static struct ts_redis_script undo_script = {.source = ts_lua_roster_undo_run};

enum { HEAD = 7 }; /* what stands before the members in the answer of roster_get_hold.lua */

static uint64_t number_at(const struct ts_reply *array, size_t index)
{
    return (uint64_t)ts_reply_number(ts_reply_at(array, index));
}

static const char *text_at(const struct ts_reply *array, size_t index)
{
    const char *text = ts_reply_text(ts_reply_at(array, index));

    return ts_text_or_null(text);
}

/* --- the hold --- */

static struct ts_held read_held(const struct ts_reply *entry)
{
    struct ts_held held = {
        .member_id = text_at(entry, 0),
        .since_us = number_at(entry, 2),
        .email = text_at(entry, 3),
        .name = text_at(entry, 4),
    };

    (void)ts_suspend_reason_parse(text_at(entry, 1), &held.reason);
    return held;
}

static struct ts_hold read_hold(const struct ts_reply *reply)
{
    const struct ts_reply *loss = ts_reply_at(reply, HEAD - 1);

    return (struct ts_hold){
        .guard_limit = number_at(reply, 0),
        .guard_used = number_at(reply, 1),
        .linked = number_at(reply, 2),
        .digest = text_at(reply, 3),
        .opened_us = number_at(reply, 4),
        .expires_us = text_at(reply, 3) ? ts_wall_us() + number_at(reply, 5) * 1000 : 0,
        .loss = {.field = text_at(loss, 0),
                 .members = number_at(loss, 1),
                 .linked = number_at(loss, 2),
                 .digest = text_at(loss, 3)},
    };
}

static void on_hold(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_hold hold = read_hold(reply);
    size_t count = ts_reply_count_from(reply, HEAD);
    TS_AUTOFREE struct ts_held *held = ts_alloc(count * sizeof(*held));

    for (size_t i = 0; i < count; i++)
        held[i] = read_held(ts_reply_at(reply, HEAD + i));
    hold.held = held;
    hold.held_count = count;
    ((ts_hold_cb *)call.cb)(err, err->cls == TS_OK ? &hold : NULL, call.arg);
}

struct ts_op *ts_roster_get_hold(struct ts_roster *port, const char *org,
                                 const struct ts_guard *guard, ts_hold_cb *cb, void *arg)
{
    struct ts_redis *redis = roster_of(port)->redis;
    struct ts_call *call = ts_call_new(port, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *hold = ts_redis_key(redis, "hold:%s", org);
    TS_AUTOFREE char *suspended = ts_redis_key(redis, "suspended:%s", org);
    TS_AUTOFREE char *link = ts_redis_key(redis, "link:%s", org);
    TS_AUTOFREE char *prefix = ts_redis_key(redis, "member:%s:", org);
    TS_AUTOFREE char *least = ts_format("%" PRIu32, guard->min);
    TS_AUTOFREE char *percent = ts_format("%" PRIu32, guard->percent);
    const char *keys[] = {hold, suspended, link, NULL};
    const char *words[] = {prefix, least, percent, NULL};

    return ts_call_run(call, ts_redis_eval(redis, &get_script, keys, words, on_hold, call));
}

static void on_held(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    ts_call_done_or(arg, err, reply,
                    ts_error_make(TS_NOT_FOUND, "the lease is not this run's any more"));
}

struct ts_op *ts_roster_hold_loss(struct ts_roster *port, const char *org,
                                  const struct ts_lease *lease, const struct ts_loss *loss,
                                  ts_done_cb *cb, void *arg)
{
    struct ts_redis *redis = roster_of(port)->redis;
    struct ts_call *call = ts_call_new(port, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *hold = ts_redis_key(redis, "hold:%s", org);
    TS_AUTOFREE char *lease_key = ts_redis_key(redis, "lease:%s", org);
    TS_AUTOFREE char *fence = ts_format("%" PRIu64, lease->fence);
    TS_AUTOFREE char *members = ts_format("%" PRIu64, loss->members);
    TS_AUTOFREE char *linked = ts_format("%" PRIu64, loss->linked);
    const char *keys[] = {hold, lease_key, NULL};
    const char *words[] = {fence, loss->field, members, linked, loss->digest, NULL};

    return ts_call_run(call, ts_redis_eval(redis, &loss_script, keys, words, on_held, call));
}

/* --- decisions --- */

/* The count, or what a negative one means. */
static struct ts_error error_of_decision(int64_t answer)
{
    if (answer == -1)
        return ts_error_make(TS_NOT_FOUND, "nothing is held");
    if (answer == -2)
        return ts_error_make(TS_REJECTED,
                             "the list has changed since; look at it again, and decide on that");
    return ts_no_error;
}

static void on_decided(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error answer = err->cls == TS_OK ? error_of_decision(ts_reply_number(reply)) : *err;

    ((ts_count_cb *)call.cb)(&answer, answer.cls == TS_OK ? (uint64_t)ts_reply_number(reply) : 0,
                             call.arg);
}

struct ts_op *ts_roster_decide_hold(struct ts_roster *port, const char *org, const char *digest,
                                    bool approved, const char *by, ts_count_cb *cb, void *arg)
{
    struct ts_redis *redis = roster_of(port)->redis;
    struct ts_call *call = ts_call_new(port, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *hold = ts_redis_key(redis, "hold:%s", org);
    TS_AUTOFREE char *jobs = ts_redis_key(redis, "jobs");
    TS_AUTOFREE char *pending = ts_redis_key(redis, "jobs:pending");
    TS_AUTOFREE char *connection = ts_redis_key(redis, "connection:%s", org);
    TS_AUTOFREE char *history = ts_redis_key(redis, "history:%s", org);
    TS_AUTOFREE char *prefix = ts_redis_key(redis, "member:%s:", org);
    const char *keys[] = {hold, jobs, pending, connection, history, NULL};
    const char *words[] = {digest, approved ? "approve" : "reject", prefix, org, by, NULL};

    return ts_call_run(call, ts_redis_eval(redis, &decide_script, keys, words, on_decided, call));
}

static void on_undone(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error unknown = ts_error_make(TS_NOT_FOUND, "there is no such run");
    int64_t count = ts_reply_number(reply);

    if (err->cls == TS_OK && count < 0)
        err = &unknown;
    ((ts_count_cb *)call.cb)(err, err->cls == TS_OK ? (uint64_t)count : 0, call.arg);
}

struct ts_op *ts_roster_undo_run(struct ts_roster *port, const char *org, const char *run_id,
                                 const char *by, ts_count_cb *cb, void *arg)
{
    struct ts_redis *redis = roster_of(port)->redis;
    struct ts_call *call = ts_call_new(port, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *undo = ts_redis_key(redis, "undo:%s:%s", org, run_id);
    TS_AUTOFREE char *run = ts_redis_key(redis, "run:%s:%s", org, run_id);
    TS_AUTOFREE char *history = ts_redis_key(redis, "history:%s", org);
    TS_AUTOFREE char *prefix = ts_redis_key(redis, "member:%s:", org);
    const char *keys[] = {undo, run, history, NULL};
    const char *words[] = {prefix, by, NULL};

    return ts_call_run(call, ts_redis_eval(redis, &undo_script, keys, words, on_undone, call));
}
