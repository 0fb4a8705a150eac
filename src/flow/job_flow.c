/* SPDX-License-Identifier: MIT */
/* The frame of a flow that does one job: what it holds, how old it is, and its line in the log. */
#include "flow/job_flow.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

void ts_job_flow_init(struct ts_job_flow *flow, const char *name, const struct ts_flow_env *env,
                      const struct ts_job *job, void (*cancel)(struct ts_op *op))
{
    flow->flow.op.cancel = cancel;
    flow->flow.name = name;
    flow->env = env;
    flow->job = ts_job_dup(job);
    flow->started_ms = ts_now_ms();
    flow->flow.job_id = flow->job->id;
}

void ts_job_flow_done(struct ts_job_flow *flow)
{
    ts_flow_leave(&flow->flow);
    ts_connection_free(flow->connection);
    free(flow->job);
}

bool ts_job_flow_has_cause(const struct ts_job_flow *flow, const char *cause)
{
    return ts_text_equal(flow->job->cause, cause);
}

/* How old it was when it was taken, by Redis' clock alone, and how long ago that is, by the time
 * that passes here: a wall clock that jumps makes no job old. */
uint64_t ts_job_flow_age_ms(const struct ts_job_flow *flow)
{
    const struct ts_job *job = flow->job;
    bool is_dated = job->first_us > 0 && job->taken_us > job->first_us;
    uint64_t waited_us = is_dated ? job->taken_us - job->first_us : 0;

    return waited_us / 1000 + (ts_now_ms() - flow->started_ms);
}

static enum ts_log_level level_of(const struct ts_job_flow *flow, enum ts_outcome outcome)
{
    if (outcome == TS_OUTCOME_BURIED)
        return TS_LOG_ERROR;
    if (outcome == TS_OUTCOME_LOST)
        return TS_LOG_WARNING;
    if (outcome == TS_OUTCOME_RETRIED && flow->ending.text)
        return TS_LOG_WARNING;
    return TS_LOG_INFO;
}

static const char *message_of(enum ts_outcome outcome, const char *what)
{
    if (outcome == TS_OUTCOME_BURIED)
        return "job given up";
    if (outcome == TS_OUTCOME_LOST)
        return "job is not ours any more, leaving it to another worker";
    if (outcome == TS_OUTCOME_RETRIED)
        return "job put off, retrying";
    return what;
}

void ts_job_flow_log(const struct ts_job_flow *flow, enum ts_outcome outcome, const char *what,
                     const char *member_id, const char *changed)
{
    const struct ts_job *job = flow->job;
    bool is_late = outcome == TS_OUTCOME_RETRIED;

    ts_log(level_of(flow, outcome), message_of(outcome, what), "type", ts_job_type_name(job->type),
           "org", job->org, "user", job->user, "member", member_id, "outcome",
           ts_outcome_name(outcome), "changed", changed, "cause",
           job->cause ? job->cause : "manual", "attempt", is_late ? TS_NUMBER(job->attempt) : NULL,
           "delay_ms", is_late ? TS_NUMBER(flow->ending.delay_ms) : NULL, "error",
           flow->ending.text, NULL);
}
