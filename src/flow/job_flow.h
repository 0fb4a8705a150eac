/* SPDX-License-Identifier: MIT */
/* A flow that does one taken job, and the ends such a flow can have. */
#ifndef FLOW_JOB_FLOW_H
#define FLOW_JOB_FLOW_H

#include "flow/flow.h"

#include "teamsync/connection.h"
#include "teamsync/flow.h"
#include "teamsync/job.h"

#include <stdbool.h>
#include <stdint.h>

/* How a job is to end. */
struct ts_ending {
    enum ts_outcome outcome;      /* RETRIED: put off; BURIED: given up; any other: done */
    const struct ts_later *later; /* with done: the job that follows, NULL: none */
    uint64_t delay_ms;            /* with RETRIED */
    const char *text;             /* the error or the reason; NULL: nothing went wrong */
    const char *code;             /* the error's */
    bool is_untried; /* with RETRIED: that was no attempt; it comes again as if it had not run */
    bool is_refused; /* the directory refuses the connection: it is failing now */
};

struct ts_job_flow {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    struct ts_job *job; /* our own copy */
    uint64_t started_ms;
    struct ts_connection *connection; /* once it was read */
    struct ts_ending ending;          /* while it is settled; `text` points to the copy below */
    char text[sizeof(((struct ts_error *)NULL)->text)];
    ts_flow_done_cb *on_settled;
    ts_flow_done_cb *cb;
    void *arg;
};

/* A job that follows another, and room for it. */
struct ts_follow_up {
    struct ts_job job;
    struct ts_later later; /* `job` points to the one above */
};

/* How much later a look is repeated that was no failure. */
enum { TS_OVERTAKEN_DELAY_MS = 1000, TS_CONFIRM_DELAY_MS = 2000, TS_AUTH_DELAY_MS = 60000 };

void ts_job_flow_init(struct ts_job_flow *flow, const char *name, const struct ts_flow_env *env,
                      const struct ts_job *job, void (*cancel)(struct ts_op *op));
/* Releases the content, not the flow. */
void ts_job_flow_done(struct ts_job_flow *flow);
bool ts_job_flow_has_cause(const struct ts_job_flow *flow, const char *cause);
uint64_t ts_job_flow_age_ms(const struct ts_job_flow *flow);

/* Pure: what becomes of a job that ran into this error; and of one that is to come back after
 * `delay_ms`: it is buried instead when it has been tried for long enough. */
struct ts_ending ts_ending_of_error(const struct ts_job_flow *flow, const struct ts_error *err);
struct ts_ending ts_ending_put_off(const struct ts_job_flow *flow, uint64_t delay_ms,
                                   const char *text);

/* Ends the job in the queue, then calls `on_settled` with the flow as its argument. The outcome is
 * LOST when the job is not ours any more, or Redis did not take its end: then it stays in the
 * stream and is taken over. */
void ts_job_flow_settle(struct ts_job_flow *flow, const struct ts_ending *ending,
                        ts_flow_done_cb *on_settled);

/* One log line for the job; `what` names the work when it was done, e.g. "member synced". */
void ts_job_flow_log(const struct ts_job_flow *flow, enum ts_outcome outcome, const char *what,
                     const char *member_id, const char *changed);

#endif
