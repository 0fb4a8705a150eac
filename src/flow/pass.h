/* SPDX-License-Identifier: MIT */
/* One pass over a whole directory: everybody it lists against what is stored, and the proof for
 * everybody it does not list. A resync writes what differs; a preview only plans it, by the same
 * code.
 */
#ifndef FLOW_PASS_H
#define FLOW_PASS_H

#include "flow/batch.h"

struct ts_pass_task {
    const struct ts_connection *connection;
    const struct ts_job *job;
    const struct ts_lease *lease; /* NULL: it is a dry pass and writes nothing */
    ts_batch_result_cb
        *on_person; /* hears of everybody who was looked at closer; NULL: nobody does */
    void *arg;
};

/* `loss` is given when the pass stopped because it would empty a field of too many (then nothing
 * has been written), else NULL. A failed pass concluded nothing about who is absent. */
typedef void ts_pass_cb(const struct ts_error *err, const struct ts_loss *loss, void *arg);

/* `run` gets its figures while the pass runs; task and run outlive the operation. */
struct ts_op *ts_pass_start(const struct ts_flow_env *env, const struct ts_pass_task *task,
                            struct ts_run *run, ts_pass_cb *cb, void *arg);

#endif
