/* SPDX-License-Identifier: MIT */
/* Many persons, some of them at once. */
#ifndef FLOW_BATCH_H
#define FLOW_BATCH_H

#include "flow/person.h"

#include <stddef.h>

/* `on_result` hears of each that ended, in no order; `task` is the one it was given. */
typedef void ts_batch_result_cb(const struct ts_person_result *result,
                                const struct ts_person_task *task, void *arg);

/* `tasks` outlive it. It is TS_OK when all have ended, however each one did. It stops early with
 * TS_NOT_FOUND when job or lease are lost, with TS_AUTH when the directory refuses the connection,
 * and with the last error when one after the other fails. */
struct ts_op *ts_batch_start(const struct ts_flow_env *env, const struct ts_person_task *tasks,
                             size_t count, ts_batch_result_cb *on_result, ts_done_cb *cb,
                             void *arg);

#endif
