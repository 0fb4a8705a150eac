/* SPDX-License-Identifier: MIT */
/* Suspension and reinstatement. What stands here is why nobody is suspended by mistake: only the
 * linked, never the owner or the protected, only with an admin's connection; and only what the sync
 * itself did is ever undone. */
#include "model/plan_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

static bool is_by(const struct ts_member *member, enum ts_suspended_by by)
{
    return member->status == TS_MEMBER_SUSPENDED && member->suspended_by == by;
}

static void suspend(struct ts_member *member, enum ts_suspend_reason reason)
{
    if (member->status != TS_MEMBER_SUSPENDED)
        member->status_before = member->status;
    member->status = TS_MEMBER_SUSPENDED;
    member->suspended_by = TS_SUSPENDED_BY_DIRECTORY;
    member->suspended_reason = reason;
    member->suspended_us = 0; /* the store says when */
}

static bool was_linked(const struct ts_plan *plan)
{
    return ts_text_equal(plan->before->directory_id, plan->after.directory_id);
}

static void reinstate(struct ts_member *member)
{
    member->status =
        member->status_before == TS_MEMBER_INVITED ? TS_MEMBER_INVITED : TS_MEMBER_ACTIVE;
    member->suspended_by = TS_SUSPENDED_BY_NONE;
    member->suspended_reason = TS_REASON_NONE;
    member->suspended_us = 0;
}

/* Suspended under a link that is not there any more: whether this is the same person, a person
 * decides (rule 2.8), and from now on the suspension is theirs. */
static void leave_to_a_person(struct ts_member *member)
{
    member->suspended_by = TS_SUSPENDED_BY_MANUAL;
}

/* Why this member may not be suspended although the directory says so; NULL when they may. */
static const char *exempt(const struct ts_member *member)
{
    if (ts_member_is_owner(member))
        return "the owner is never suspended";
    if (member->is_protected)
        return "this member is protected";
    return NULL;
}

/* A person's word stands as long as the directory's reason is the same. */
static bool is_kept(struct ts_member *member, enum ts_suspend_reason reason)
{
    if (member->kept_reason != reason)
        member->kept_reason = TS_REASON_NONE;
    return member->kept_reason != TS_REASON_NONE;
}

static void hold(struct ts_plan *plan, enum ts_suspend_reason reason)
{
    plan->after.sync_state = TS_SYNC_HELD;
    plan->after.detail = ts_plan_keep(
        plan, ts_format("%s in the directory; the suspension waits, for too many happened in a day",
                        ts_suspend_reason_name(reason)));
}

/* Why the member stays, unless there is something else to say already. */
static void explain(struct ts_plan *plan, enum ts_suspend_reason reason, const char *why)
{
    if (!plan->after.detail)
        plan->after.detail = ts_plan_keep(
            plan, ts_format("%s in the directory; %s", ts_suspend_reason_name(reason), why));
}

void ts_plan_status(struct ts_plan *plan, enum ts_suspend_reason reason,
                    const struct ts_rules *rules)
{
    struct ts_member *member = &plan->after;
    bool kept = is_kept(member, reason);

    plan->reason = reason;
    if (reason == TS_REASON_NONE) {
        if (is_by(member, TS_SUSPENDED_BY_DIRECTORY) && was_linked(plan))
            reinstate(member);
        else if (is_by(member, TS_SUSPENDED_BY_DIRECTORY))
            leave_to_a_person(member);
    } else if (is_by(member, TS_SUSPENDED_BY_MANUAL) ||
               (is_by(member, TS_SUSPENDED_BY_DIRECTORY) && member->suspended_reason == reason)) {
        return; /* suspended already; a person's suspension stays theirs */
    } else if (kept) {
        explain(plan, reason, "a person decided to keep this member");
    } else if (exempt(member)) {
        ts_plan_refuse(plan, ts_format("%s in the directory; %s", ts_suspend_reason_name(reason),
                                       exempt(member)));
    } else if (!rules->may_suspend) {
        explain(plan, reason, "this connection was not made by an admin and may not suspend");
    } else if (rules->hold_suspensions) {
        hold(plan, reason);
    } else {
        suspend(member, reason);
    }
}
