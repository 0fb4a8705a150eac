/* SPDX-License-Identifier: MIT */
/* Entering a step, waiting, and going on. */
#include "flow/flow.h"

#include "teamsync/flow.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

void ts_flow_enter(struct ts_flow *flow, const char *step)
{
    ts_log_set_job(flow->job_id);
    flow->step = step;
    flow->entered_ms = ts_now_ms();
    ts_log(TS_LOG_DEBUG, "step", "flow", flow->name, "step", step, NULL);
}

void ts_flow_await(struct ts_flow *flow, struct ts_op *op)
{
    flow->waiting = op;
    ts_log_set_job(NULL);
}

void ts_flow_resume(struct ts_flow *flow)
{
    flow->waiting = NULL;
    ts_log_set_job(flow->job_id);
    if (ts_log_is_on(TS_LOG_DEBUG))
        ts_log(TS_LOG_DEBUG, "step answered", "flow", flow->name, "step", flow->step, "ms",
               TS_NUMBER(ts_now_ms() - flow->entered_ms), NULL);
}

void ts_flow_leave(struct ts_flow *flow)
{
    ts_op_cancel(&flow->waiting);
    ts_log_set_job(NULL);
}

void ts_flow_log_recovery(const char *org, const struct ts_error *err)
{
    if (err->cls == TS_OK)
        ts_log(TS_LOG_INFO, "the directory accepts the connection again", "org", org, NULL);
    else if (err->cls != TS_REJECTED) /* rejected: another worker has done it */
        ts_log(TS_LOG_WARNING, "cannot note that the directory accepts the connection, ignoring",
               "org", org, "error", err->text, NULL);
}

void ts_flow_log_refusal(const char *org, const char *why, const struct ts_error *err)
{
    if (err->cls == TS_OK)
        ts_log(TS_LOG_ERROR, "the directory refuses the connection", "org", org, "error", why,
               NULL);
    else if (err->cls != TS_REJECTED) /* rejected: it was failing before, or is switched off */
        ts_log(TS_LOG_WARNING, "cannot mark the connection as failing, ignoring", "org", org,
               "error", err->text, NULL);
}

void ts_flow_remember(struct ts_flow *flow, const struct ts_flow_env *env,
                      const struct ts_connection_change *change, ts_done_cb *cb)
{
    TS_AUTOFREE char *cause = ts_format("%s by %s", change->deed, change->by);
    struct ts_history_entry entry = {
        .field = "connection",
        .before = ts_connection_state_name(change->before),
        .after = ts_connection_state_name(change->after),
        .cause = cause,
    };

    ts_flow_await(flow, env->roster->ops->remember(env->roster, change->org, &entry, cb, flow));
}

void ts_flow_log_unremembered(const char *org, const struct ts_error *err)
{
    if (err->cls != TS_OK)
        ts_log(TS_LOG_WARNING, "cannot add it to the history, ignoring", "org", org, "error",
               err->text, NULL);
}

struct ts_error ts_flow_missing(const struct ts_error *err, const struct ts_connection *connection)
{
    if (err->cls != TS_OK || ts_connection_is_enabled(connection))
        return *err;
    if (connection->state == TS_CONNECTION_NONE)
        return ts_error_make(TS_REJECTED, "connect a directory first, and enable auto-sync");
    return ts_error_make(TS_REJECTED, "enable auto-sync first: until then nothing is read");
}

uint64_t ts_left_ms(uint64_t until_us, uint64_t longest_ms)
{
    uint64_t now = ts_wall_us();
    uint64_t left_ms = until_us > now ? (until_us - now) / 1000 : 0;

    return left_ms < longest_ms ? left_ms : longest_ms;
}

const char *ts_outcome_name(enum ts_outcome outcome)
{
    static const char *const names[] = {
        [TS_OUTCOME_CHANGED] = "changed",   [TS_OUTCOME_UNCHANGED] = "unchanged",
        [TS_OUTCOME_NOBODY] = "nobody",     [TS_OUTCOME_DISABLED] = "disabled",
        [TS_OUTCOME_STALE] = "stale",       [TS_OUTCOME_HELD] = "held",
        [TS_OUTCOME_FAILED] = "failed",     [TS_OUTCOME_RETRIED] = "retried",
        [TS_OUTCOME_BURIED] = "buried",     [TS_OUTCOME_LOST] = "lost",
        [TS_OUTCOME_DEFERRED] = "deferred",
    };

    return names[outcome];
}
