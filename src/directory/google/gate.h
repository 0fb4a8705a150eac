/* SPDX-License-Identifier: MIT */
/* May a request be made now? One gate per connection: it asks the breaker (is the service worth
 * asking?), counts what is under way, asks the limiter, and lets those in who wait, in the order
 * they came. */
#ifndef DIRECTORY_GOOGLE_GATE_H
#define DIRECTORY_GOOGLE_GATE_H

#include "teamsync/op.h"

struct ts_google_env;
struct ts_google_gate;
struct ts_google_verdict;

struct ts_google_gate *ts_google_gate_new(const struct ts_google_env *env); /* borrowed */
void ts_google_gate_free(struct ts_google_gate *gate); /* when nobody waits; NULL is fine */

/* TS_OK: one request may be made, and `*ret_pass` is its pass. TS_RETRY: not now. */
struct ts_op *ts_google_gate_enter(struct ts_google_gate *gate, unsigned *ret_pass, ts_done_cb *cb,
                                   void *arg);
/* What the request showed of the service. Where it is to be tried again, but the breaker is open,
 * its retry_after_ms becomes a time at which that makes sense. */
void ts_google_gate_tell(struct ts_google_gate *gate, unsigned pass,
                         struct ts_google_verdict *verdict);
/* It is over, however it ended. Gives the pass back and clears it; 0 is none. */
void ts_google_gate_leave(struct ts_google_gate *gate, unsigned *pass);

#endif
