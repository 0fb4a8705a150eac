/* SPDX-License-Identifier: MIT */
/* The event loop: turns, timers and signals. One per process, one thread. */
#ifndef TEAMSYNC_LOOP_H
#define TEAMSYNC_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct ts_loop;
struct ts_timer;
typedef void ts_loop_cb(void *arg);

struct ts_loop *ts_loop_new(void);
void ts_loop_free(struct ts_loop *loop); /* after everything that uses it; NULL is fine */
void ts_loop_run(struct ts_loop *loop);  /* until ts_loop_stop() */
void ts_loop_stop(struct ts_loop *loop);
/* One round: waits at most `max_wait_ms` for something to happen. For tests and for draining. */
void ts_loop_turn(struct ts_loop *loop, uint32_t max_wait_ms);

/* A timer fires once per ts_timer_set(); setting it again moves it. Freeing forgets it. */
struct ts_timer *ts_timer_new(struct ts_loop *loop, ts_loop_cb *cb, void *arg);
void ts_timer_set(struct ts_timer *timer, uint64_t delay_ms); /* 0: on the next turn */
void ts_timer_clear(struct ts_timer *timer);
bool ts_timer_is_set(const struct ts_timer *timer);
void ts_timer_free(struct ts_timer *timer); /* NULL is fine */

/* Runs `cb` on every arrival of the signal, in the loop. The registration lives with the loop. */
void ts_loop_on_signal(struct ts_loop *loop, int signal_number, ts_loop_cb *cb, void *arg);

#endif
