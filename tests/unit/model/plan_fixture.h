/* SPDX-License-Identifier: MIT */
/* People to plan with: Ada, who is linked to directory id 107, her boss, and her account. */
#ifndef TESTS_UNIT_MODEL_PLAN_FIXTURE_H
#define TESTS_UNIT_MODEL_PLAN_FIXTURE_H

#include "support/test.h"

#include "teamsync/mem.h"
#include "teamsync/plan.h"
#include "teamsync/text.h"

#include <string.h>

static const struct ts_rules admin_rules = {.may_suspend = true};

static inline struct ts_member ada(void)
{
    return (struct ts_member){
        .id = "m_ada",
        .email = "Ada@acme.example",
        .name = "Ada",
        .role = "member",
        .status = TS_MEMBER_ACTIVE,
        .team = "Ops",
        .team_source = TS_SOURCE_DIRECTORY,
        .sync_state = TS_SYNC_SYNCED,
        .directory_id = "107",
        .directory_addresses = "ada@acme.example",
        .version = 3,
    };
}

static inline struct ts_member boss(void)
{
    return (struct ts_member){.id = "m_boss", .email = "boss@acme.example", .role = "member"};
}

static inline struct ts_directory_user account(void)
{
    return (struct ts_directory_user){
        .id = "107",
        .primary_email = "ada@acme.example",
        .is_suspended = TS_NO,
        .is_archived = TS_NO,
        .team = "Ops",
    };
}

/* What applying the plan makes of the member. */
static inline struct ts_member applied(const struct ts_plan *plan)
{
    struct ts_member after = plan->after;

    after.version++;
    return after;
}

#endif
