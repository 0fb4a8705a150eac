/* SPDX-License-Identifier: MIT */
/* One Redis connection: a command in, a reply or an error out. It reconnects by itself with
 * back-off, and goes where the data is: to the master that the sentinels name, to the node that a
 * cluster's MOVED names, away from a server that became a replica. On a patient connection commands
 * given while it is down wait until their own time is up; on an impatient one they fail on the
 * next turn, except before the very first attempt has ended, and while a MOVED is followed.
 *
 * A fail-over is over within a bounded time. That a server is gone is noticed at once when it
 * closes the connection, else when a command's time is up. Once sentinels or cluster have agreed on
 * another, it takes at most: an attempt at the old one that is under way (connect_timeout_ms), the
 * longest pause between attempts (half a second), half a second for each sentinel that does not
 * answer, and connect_timeout_ms for the new one; in a cluster, pause and connect_timeout_ms once
 * more for each of the URL's hosts that does not answer. (A host given by name may take longer:
 * looking it up has no time-out of ours.) */
#ifndef TEAMSYNC_REDIS_H
#define TEAMSYNC_REDIS_H

#include "teamsync/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ts_loop;
struct ts_redis;
struct ts_reply; /* opaque, borrowed for the duration of the callback */

struct ts_redis_options {
    /* redis://[[user]:password@]host[:port][,host2[:port]…][/db]: several are a cluster's nodes;
     * redis+sentinel://[[user]:password@]host[:port][,host2[:port]…]/master[/db]: the credentials
     * are the master's, and a sentinel's that asks for some; unix:///path[?db=n] */
    const char *url;
    const char *key_prefix;      /* "teamsync:" */
    uint32_t connect_timeout_ms; /* 0: 2000 */
    uint32_t command_timeout_ms; /* 0: 5000 */
    bool is_impatient;
};

/* -EINVAL for a URL it does not understand, with `*ret_reason` (a constant). Connects at once, in
 * the background. */
int ts_redis_new(struct ts_loop *loop, const struct ts_redis_options *options,
                 struct ts_redis **ret_redis, const char **ret_reason);
void ts_redis_free(struct ts_redis *redis); /* cancels what is under way; NULL is fine */

bool ts_redis_is_up(const struct ts_redis *redis);
const char *ts_redis_prefix(const struct ts_redis *redis);
/* Prefix + formatted rest, newly allocated. */
char *ts_redis_key(const struct ts_redis *redis, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));

/* err: TS_RETRY when the connection failed, the time was up, or Redis cannot do it now: LOADING,
 * OOM, BUSY, MISCONF, NOREPLICAS, TRYAGAIN, ASK, CLUSTERDOWN, MASTERDOWN, a MOVED too many, or
 * READONLY on an impatient connection (a command may or may not have run when the connection was
 * lost: make it repeatable); TS_AUTH for NOAUTH, WRONGPASS, NOPERM; TS_INTERNAL for any other error
 * reply. `reply` is NULL unless err->cls is TS_OK. */
typedef void ts_redis_cb(const struct ts_error *err, const struct ts_reply *reply, void *arg);

/* `args` are texts; copied. `extra_wait_ms` is added to the command's time, for blocking reads. */
struct ts_op *ts_redis_command(struct ts_redis *redis, const char *const *args, size_t count,
                               uint32_t extra_wait_ms, ts_redis_cb *cb, void *arg);

/* A Lua script that stands beside the code and is embedded by the build as `ts_lua_<name>`. Sent
 * by its SHA-1, and once more whole when the server does not know it (NOSCRIPT). */
struct ts_redis_script {
    const char *source;
    char sha1[41]; /* filled on first use */
};
/* `keys` and `argv` are texts ended by NULL. KEYS are given whole, prefix included. */
struct ts_op *ts_redis_eval(struct ts_redis *redis, struct ts_redis_script *script,
                            const char *const *keys, const char *const *argv, ts_redis_cb *cb,
                            void *arg);

/* Reading a reply. Accessors are total: a wrong type reads as NULL, 0, or no elements. */
bool ts_reply_is_nil(const struct ts_reply *reply);      /* also true for NULL */
const char *ts_reply_text(const struct ts_reply *reply); /* string or status; NUL behind it */
size_t ts_reply_length(const struct ts_reply *reply);
int64_t ts_reply_number(const struct ts_reply *reply); /* integer, or a text of digits */
size_t ts_reply_count(const struct ts_reply *reply);   /* elements of an array */
const struct ts_reply *ts_reply_at(const struct ts_reply *reply, size_t index);
size_t ts_reply_count_from(const struct ts_reply *reply, size_t head); /* those behind a head */

/* In a flat array name, value, name, value, … (HGETALL): the value, or NULL; as a text, NULL for ""
 * too; as a number that is none below 0. */
const struct ts_reply *ts_reply_field(const struct ts_reply *reply, const char *name);
const char *ts_reply_field_text(const struct ts_reply *reply, const char *name);
uint64_t ts_reply_field_number(const struct ts_reply *reply, const char *name);

#endif
