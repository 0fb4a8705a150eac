/* SPDX-License-Identifier: MIT */
/* The end of an org's links, a part at a time: no script keeps Redis from everybody else for long.
 */
#include "roster/roster_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

extern const char ts_lua_roster_unlink[];

static struct ts_redis_script unlink_script = {.source = ts_lua_roster_unlink};

#define PART "1000"

static void on_unlinked(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    const char *cursor = ts_reply_text(reply);

    ((ts_unlinked_cb *)call.cb)(err, ts_text_or_null(cursor), call.arg);
}

struct ts_op *ts_roster_unlink(struct ts_roster *port, const char *org, const char *cursor,
                               ts_unlinked_cb *cb, void *arg)
{
    struct ts_redis *redis = roster_of(port)->redis;
    struct ts_call *call = ts_call_new(port, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *connection = ts_redis_key(redis, "connection:%s", org);
    TS_AUTOFREE char *order = ts_redis_key(redis, "order:%s", org);
    TS_AUTOFREE char *link = ts_redis_key(redis, "link:%s", org);
    TS_AUTOFREE char *address = ts_redis_key(redis, "address:%s", org);
    TS_AUTOFREE char *hold = ts_redis_key(redis, "hold:%s", org);
    TS_AUTOFREE char *prefix = ts_redis_key(redis, "member:%s:", org);
    TS_AUTOFREE char *waiting = ts_redis_key(redis, "waiting:%s:", org);
    const char *keys[] = {connection, order, link, address, hold, NULL};
    const char *words[] = {prefix, waiting, ts_text_or_empty(cursor), PART, NULL};

    return ts_call_run(call, ts_redis_eval(redis, &unlink_script, keys, words, on_unlinked, call));
}
