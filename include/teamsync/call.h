/* SPDX-License-Identifier: MIT */
/* An adapter's operation that is one command or one script: it keeps whom to answer until the reply
 * is there, and as long as it is not, it can be cancelled.
 *
 *   struct ts_call *call = ts_call_new(self, (ts_call_cb *)cb, arg);
 *   return ts_call_run(call, ts_redis_eval(…, on_reply, call));
 *
 *   static void on_reply(const struct ts_error *err, const struct ts_reply *reply, void *arg)
 *   {
 *       struct ts_call call = ts_call_take(arg);
 *       ((ts_done_cb *)call.cb)(err, call.arg);
 *   }
 */
#ifndef TEAMSYNC_CALL_H
#define TEAMSYNC_CALL_H

#include "teamsync/redis.h"

typedef void ts_call_cb(void);

struct ts_call {
    struct ts_op op;
    struct ts_op *running;
    void *self;
    ts_call_cb *cb; /* to be cast back to what it was */
    void *arg;
};

struct ts_call *ts_call_new(void *self, ts_call_cb *cb, void *arg);
struct ts_op *ts_call_run(struct ts_call *call, struct ts_op *running);
/* The answer has come: a copy of the call, which itself is gone. */
struct ts_call ts_call_take(struct ts_call *call);

/* The whole answer to a ts_done_cb: where nothing of the reply matters; and where a reply of 0 says
 * "no", which is the error `no` then. */
ts_redis_cb ts_call_on_done;
void ts_call_done_or(struct ts_call *call, const struct ts_error *err, const struct ts_reply *reply,
                     struct ts_error no);

#endif
