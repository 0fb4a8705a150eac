/* SPDX-License-Identifier: MIT */
/* What every flow is made of: an operation that does one thing after the other.
 *
 * A flow file reads from top to bottom, in the order it runs. Each step_x() enters its step and
 * awaits one operation; on_x() is its answer and resumes first thing. A function that hands over
 * to the next step does so as its last act: the flow may be gone afterwards. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "teamsync/connection.h"
#include "teamsync/error.h"
#include "teamsync/op.h"

#include <stdint.h>

struct ts_flow_env;
struct ts_flow {
    struct ts_op op;       /* first: a flow is an operation */
    struct ts_op *waiting; /* the one operation in flight */
    const char *name;      /* of the flow, a constant */
    const char *step;      /* a constant */
    const char *job_id;    /* what its log lines carry; borrowed, NULL: no job */
    uint64_t entered_ms;
};

/* For a step's X-macro table: X(symbol, "name"). */
#define TS_STEP_SYMBOL(symbol, name) symbol,
#define TS_STEP_NAME(symbol, name)   name,

void ts_flow_enter(struct ts_flow *flow, const char *step);
void ts_flow_await(struct ts_flow *flow, struct ts_op *op);
void ts_flow_resume(struct ts_flow *flow);
/* Cancels what is in flight; the owner frees the rest. Also clears the log's job. */
void ts_flow_leave(struct ts_flow *flow);

/* Says how it went to note that the directory accepts a connection again. */
void ts_flow_log_recovery(const char *org, const struct ts_error *err);

/* Says how it went to note that the directory refuses a connection, and why. */
void ts_flow_log_refusal(const char *org, const char *why, const struct ts_error *err);

struct ts_connection_change {
    const char *org;
    enum ts_connection_state before;
    enum ts_connection_state after;
    const char *deed;
    const char *by;
};
/* What a person did to the org's connection goes into its history: `deed` is "connected", … It is
 * done even if Redis does not take the note of it: then the log says so. */
void ts_flow_remember(struct ts_flow *flow, const struct ts_flow_env *env,
                      const struct ts_connection_change *change, ts_done_cb *cb);
void ts_flow_log_unremembered(const char *org, const struct ts_error *err);

/* For what needs auto-sync (rule 2.15): the error, or what is missing. */
struct ts_error ts_flow_missing(const struct ts_error *err, const struct ts_connection *connection);

/* How long it is until then, but never more than `longest_ms`, however wrong the clock is. */
uint64_t ts_left_ms(uint64_t until_us, uint64_t longest_ms);

#endif
