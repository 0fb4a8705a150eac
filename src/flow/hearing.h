/* SPDX-License-Identifier: MIT */
/* Whether an org can hear of changes at all: the alarm when no notification channel lives, and its
 * end. Both ask for a resync: what was not heard is caught up with. */
#ifndef FLOW_HEARING_H
#define FLOW_HEARING_H

#include "teamsync/flow.h"

/* `why` NULL: it hears again. Answers when it is noted; trouble on the way is
 * logged, for nothing depends on it. */
struct ts_op *ts_hearing_start(const struct ts_flow_env *env, const char *org,
                               const struct ts_failure *why, ts_done_cb *cb, void *arg);

#endif
