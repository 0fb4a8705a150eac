/* SPDX-License-Identifier: MIT */
/* The port to time that passes. */
#ifndef TEAMSYNC_CLOCK_H
#define TEAMSYNC_CLOCK_H

#include "teamsync/op.h"

#include <stdint.h>

struct ts_loop;

struct ts_clock {
    const struct ts_clock_ops *ops;
};

struct ts_clock_ops {
    /* TS_OK after so long. */
    struct ts_op *(*pause)(struct ts_clock *clock, uint64_t delay_ms, ts_done_cb *cb, void *arg);
};

/* The event loop's timers. */
struct ts_clock *ts_clock_new(struct ts_loop *loop);
void ts_clock_free(struct ts_clock *clock); /* NULL is fine */

#endif
