/* SPDX-License-Identifier: MIT */
/* What the files of io share: the libevent base, and "the next turn". */
#ifndef IO_IO_INTERNAL_H
#define IO_IO_INTERNAL_H

#include "teamsync/loop.h"

#include <stdbool.h>

struct event_base;
struct event_base *ts_loop_base(struct ts_loop *loop);

/* A call on the loop's next turn: how completions reach their callbacks without recursion.
 * Embedded; `cb` may free what it is embedded in. */
struct ts_turn {
    struct ts_turn *prev, *next;
    ts_loop_cb *cb;
    void *arg;
    bool is_waiting;
};
void ts_turn_plan(struct ts_loop *loop, struct ts_turn *turn, ts_loop_cb *cb, void *arg);
void ts_turn_cancel(struct ts_loop *loop, struct ts_turn *turn); /* also when not planned */

#endif
