/* SPDX-License-Identifier: MIT */
/* The ends of a job, the same for every flow:
 *   (refuse the connection) -> finish: done | retry | put back | bury -> settled
 * A finish that fails is not tried again: the job is still in the stream, and is taken over. */
#include "flow/job_flow.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

static void step_refuse(struct ts_job_flow *flow);
static void on_refused(const struct ts_error *err, void *arg);
static void step_finish(struct ts_job_flow *flow);
static void on_finished(const struct ts_error *err, void *arg);

struct ts_ending ts_ending_put_off(const struct ts_job_flow *flow, uint64_t delay_ms,
                                   const char *text)
{
    bool is_too_old = ts_job_flow_age_ms(flow) > flow->env->give_up_after_s * 1000;

    return (struct ts_ending){
        .outcome = is_too_old ? TS_OUTCOME_BURIED : TS_OUTCOME_RETRIED,
        .delay_ms = delay_ms,
        .text = text,
    };
}

struct ts_ending ts_ending_of_error(const struct ts_job_flow *flow, const struct ts_error *err)
{
    unsigned attempt = err->is_untried ? 0 : flow->job->attempt;
    uint64_t delay_ms = ts_retry_delay_ms(attempt, err->retry_after_ms, ts_random_below(1000));
    struct ts_ending ending;

    if (err->cls == TS_REJECTED)
        return (struct ts_ending){.outcome = TS_OUTCOME_BURIED, .text = err->text};
    if (err->cls == TS_AUTH && delay_ms < TS_AUTH_DELAY_MS)
        delay_ms = TS_AUTH_DELAY_MS;
    ending = ts_ending_put_off(flow, delay_ms, err->text);
    ending.code = err->code;
    ending.is_untried = err->is_untried;
    ending.is_refused = err->cls == TS_AUTH && flow->connection;
    return ending;
}

void ts_job_flow_settle(struct ts_job_flow *flow, const struct ts_ending *ending,
                        ts_flow_done_cb *on_settled)
{
    flow->ending = *ending;
    flow->on_settled = on_settled;
    if (ending->text)
        flow->ending.text = ts_text_copy(flow->text, sizeof(flow->text), ending->text);
    if (ending->is_refused)
        step_refuse(flow);
    else
        step_finish(flow);
}

static void step_refuse(struct ts_job_flow *flow)
{
    struct ts_registry *registry = flow->env->registry;
    struct ts_failure why = {.text = flow->text, .code = flow->ending.code};

    ts_flow_enter(&flow->flow, "refuse");
    ts_flow_await(&flow->flow,
                  registry->ops->set_trouble(registry, flow->job->org, TS_TROUBLE_REFUSED, &why,
                                             on_refused, flow));
}

static void on_refused(const struct ts_error *err, void *arg)
{
    struct ts_job_flow *flow = arg;

    ts_flow_resume(&flow->flow);
    ts_flow_log_refusal(flow->job->org, flow->text, err);
    step_finish(flow);
}

static void step_finish(struct ts_job_flow *flow)
{
    struct ts_queue *queue = flow->env->queue;
    const struct ts_ending *ending = &flow->ending;
    struct ts_op *op;

    ts_flow_enter(&flow->flow, "finish");
    if (ending->outcome == TS_OUTCOME_RETRIED && ending->is_untried)
        op = queue->ops->put_back(queue, flow->job, ending->delay_ms, on_finished, flow);
    else if (ending->outcome == TS_OUTCOME_RETRIED)
        op = queue->ops->retry(queue, flow->job, ending->delay_ms, ending->text, on_finished, flow);
    else if (ending->outcome == TS_OUTCOME_BURIED)
        op = queue->ops->bury(queue, flow->job, ending->text, on_finished, flow);
    else
        op = queue->ops->done(queue, flow->job, ending->later, on_finished, flow);
    ts_flow_await(&flow->flow, op);
}

static void on_finished(const struct ts_error *err, void *arg)
{
    struct ts_job_flow *flow = arg;
    enum ts_outcome outcome = flow->ending.outcome;

    ts_flow_resume(&flow->flow);
    flow->ending.later = NULL; /* was the caller's */
    if (err->cls != TS_OK) {
        outcome = TS_OUTCOME_LOST;
        if (err->cls != TS_NOT_FOUND)
            ts_log(TS_LOG_WARNING, "cannot finish the job, it will be taken over", "org",
                   flow->job->org, "error", err->text, NULL);
    }
    flow->on_settled(outcome, flow);
}
