/* SPDX-License-Identifier: MIT */
/* Waiting, as an operation on the loop. */
#include "teamsync/clock.h"

#include "teamsync/loop.h"
#include "teamsync/mem.h"

struct loop_clock {
    struct ts_clock port; /* first */
    struct ts_loop *loop;
};

struct pause {
    struct ts_op op; /* first */
    struct ts_timer *timer;
    ts_done_cb *cb;
    void *arg;
};

static void cancel(struct ts_op *op)
{
    struct pause *pause = (struct pause *)(void *)op;

    ts_timer_free(pause->timer);
    free(pause);
}

static void on_timer(void *arg)
{
    struct pause *pause = arg;
    ts_done_cb *cb = pause->cb;
    void *cb_arg = pause->arg;

    cancel(&pause->op);
    cb(&ts_no_error, cb_arg);
}

static struct ts_op *start_pause(struct ts_clock *port, uint64_t delay_ms, ts_done_cb *cb,
                                 void *arg)
{
    struct loop_clock *clock = (struct loop_clock *)(void *)port;
    struct pause *pause = ts_alloc(sizeof(*pause));

    *pause = (struct pause){
        .op.cancel = cancel,
        .timer = ts_timer_new(clock->loop, on_timer, pause),
        .cb = cb,
        .arg = arg,
    };
    ts_timer_set(pause->timer, delay_ms);
    return &pause->op;
}

struct ts_clock *ts_clock_new(struct ts_loop *loop)
{
    static const struct ts_clock_ops ops = {.pause = start_pause};
    struct loop_clock *clock = ts_alloc(sizeof(*clock));

    *clock = (struct loop_clock){.port.ops = &ops, .loop = loop};
    return &clock->port;
}

void ts_clock_free(struct ts_clock *clock)
{
    free(clock);
}
