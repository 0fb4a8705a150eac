/* SPDX-License-Identifier: MIT */
/* The parts of a plan. Each looks at one question and writes its answer into `plan->after`. */
#ifndef MODEL_PLAN_INTERNAL_H
#define MODEL_PLAN_INTERNAL_H

#include "teamsync/plan.h"

/* plan_notes.c. Keeps a text made for the plan until ts_plan_done(); returns it. */
const char *ts_plan_keep(struct ts_plan *plan, char *text);

/* A rule refused something: the member shows it. The first refusal stays. */
void ts_plan_refuse(struct ts_plan *plan, char *sentence);

/* plan_fields.c: team and manager (rules 2.3, 2.4). */
void ts_plan_team(struct ts_plan *plan, const struct ts_directory_user *user,
                  const struct ts_rules *rules);
void ts_plan_manager(struct ts_plan *plan, const struct ts_directory_user *user,
                     const struct ts_view *view, const struct ts_rules *rules);

/* plan_status.c: suspension and reinstatement (rules 2.5, 2.8). `reason` is TS_REASON_NONE for a
 * user who is there and in use. */
void ts_plan_status(struct ts_plan *plan, enum ts_suspend_reason reason,
                    const struct ts_rules *rules);

#endif
