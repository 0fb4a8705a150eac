/* SPDX-License-Identifier: MIT */
/* What a plan writes down: the texts that it makes itself, and the first refusal. */
#include "model/plan_internal.h"

#include "teamsync/mem.h"

#include <stdlib.h>

const char *ts_plan_keep(struct ts_plan *plan, char *text)
{
    for (size_t i = 0; i < TS_COUNT_OF(plan->texts); i++) {
        if (!plan->texts[i]) {
            plan->texts[i] = text;
            return text;
        }
    }
    abort(); /* a defect: a plan makes at most as many texts as it has room for */
}

void ts_plan_done(struct ts_plan *plan)
{
    for (size_t i = 0; i < TS_COUNT_OF(plan->texts); i++)
        free(plan->texts[i]);
    *plan = (struct ts_plan){0};
}

void ts_plan_refuse(struct ts_plan *plan, char *sentence)
{
    if (plan->after.sync_state == TS_SYNC_ERROR) {
        free(sentence);
        return;
    }
    plan->after.sync_state = TS_SYNC_ERROR;
    plan->after.detail = ts_plan_keep(plan, sentence);
}
