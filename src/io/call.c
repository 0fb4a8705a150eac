/* SPDX-License-Identifier: MIT */
/* Operations that are one command or one script. */
#include "teamsync/call.h"

#include "teamsync/mem.h"

static void cancel(struct ts_op *op)
{
    struct ts_call *call = TS_CONTAINER_OF(op, struct ts_call, op);

    ts_op_cancel(&call->running);
    free(call);
}

struct ts_call *ts_call_new(void *self, ts_call_cb *cb, void *arg)
{
    struct ts_call *call = ts_alloc(sizeof(*call));

    *call = (struct ts_call){.op.cancel = cancel, .self = self, .cb = cb, .arg = arg};
    return call;
}

struct ts_op *ts_call_run(struct ts_call *call, struct ts_op *running)
{
    call->running = running;
    return &call->op;
}

struct ts_call ts_call_take(struct ts_call *call)
{
    struct ts_call copy = *call;

    free(call);
    return copy;
}

void ts_call_on_done(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);

    (void)reply;
    ((ts_done_cb *)call.cb)(err, call.arg);
}

void ts_call_done_or(struct ts_call *call, const struct ts_error *err, const struct ts_reply *reply,
                     struct ts_error no)
{
    struct ts_call taken = ts_call_take(call);
    bool is_no = err->cls == TS_OK && ts_reply_number(reply) == 0;

    ((ts_done_cb *)taken.cb)(is_no ? &no : err, taken.arg);
}
