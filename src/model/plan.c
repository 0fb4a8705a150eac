/* SPDX-License-Identifier: MIT */
/* One plan: is there enough to conclude from, whom does it concern, what should be, what differs.
 */
#include "teamsync/plan.h"

#include "model/plan_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

const struct ts_member *ts_match(const struct ts_directory_user *user, const struct ts_view *view,
                                 bool *ret_conflict)
{
    const struct ts_member *matched = view->by_primary;

    *ret_conflict = false;
    if (view->linked)
        return view->linked;
    if (!matched && view->alias_matches == 1)
        matched = view->by_alias;
    if (matched && matched->directory_id && !ts_text_equal(matched->directory_id, user->id))
        *ret_conflict = true;
    return matched;
}

/* --- what differs --- */

static bool link_differs(const struct ts_member *a, const struct ts_member *b)
{
    return !ts_text_equal(a->directory_id, b->directory_id);
}

static bool status_differs(const struct ts_member *a, const struct ts_member *b)
{
    return a->status != b->status || a->suspended_by != b->suspended_by ||
           a->suspended_reason != b->suspended_reason;
}

static bool state_differs(const struct ts_member *a, const struct ts_member *b)
{
    return a->sync_state != b->sync_state || a->manager_source != b->manager_source ||
           a->team_source != b->team_source || a->kept_reason != b->kept_reason ||
           !ts_text_equal(a->detail, b->detail) ||
           !ts_text_equal(a->pending_manager, b->pending_manager) ||
           !ts_text_equal(a->directory_addresses, b->directory_addresses);
}

/* A conflict stays until a person decides. */
static void keep_conflict(struct ts_plan *plan)
{
    if (plan->before->sync_state == TS_SYNC_CONFLICT) {
        plan->after.sync_state = TS_SYNC_CONFLICT;
        plan->after.detail = plan->before->detail;
    }
}

static void conclude(struct ts_plan *plan)
{
    const struct ts_member *before = plan->before;
    const struct ts_member *after = &plan->after;

    plan->changed =
        (link_differs(before, after) ? TS_CHANGED_LINK : 0u) |
        (ts_text_equal(before->manager_id, after->manager_id) ? 0u : TS_CHANGED_MANAGER) |
        (ts_text_equal(before->team, after->team) ? 0u : TS_CHANGED_TEAM) |
        (status_differs(before, after) ? TS_CHANGED_STATUS : 0u) |
        (state_differs(before, after) ? TS_CHANGED_STATE : 0u);
    plan->verdict = plan->changed ? TS_VERDICT_CHANGED : TS_VERDICT_UNCHANGED;
}

/* --- who is concerned --- */

static struct ts_plan plan_for(const struct ts_member *member)
{
    return (struct ts_plan){.before = member, .after = *member};
}

/* The address belongs to a member who is linked to somebody else: only that is written (rule 2.2).
 */
static struct ts_plan plan_conflict(const struct ts_member *member,
                                    const struct ts_directory_user *user)
{
    struct ts_plan plan = plan_for(member);

    plan.after.sync_state = TS_SYNC_CONFLICT;
    plan.after.detail =
        ts_plan_keep(&plan, ts_format("%s now belongs to another directory user (%s)",
                                      user->primary_email, user->id));
    conclude(&plan);
    return plan;
}

/* The directory does not have the user any more: only the status follows; nothing was read. */
static struct ts_plan plan_gone(const struct ts_view *view, const struct ts_rules *rules)
{
    struct ts_plan plan = {.verdict = TS_VERDICT_NOBODY};

    if (!view->linked)
        return plan;
    plan = plan_for(view->linked);
    plan.after.sync_state = plan.after.pending_manager ? TS_SYNC_PENDING : TS_SYNC_SYNCED;
    plan.after.detail = NULL;
    ts_plan_status(&plan, TS_REASON_DELETED, rules);
    keep_conflict(&plan);
    conclude(&plan);
    return plan;
}

static enum ts_suspend_reason reason_of(const struct ts_directory_user *user)
{
    if (user->is_suspended == TS_YES)
        return TS_REASON_SUSPENDED;
    return user->is_archived == TS_YES ? TS_REASON_ARCHIVED : TS_REASON_NONE;
}

static bool is_incomplete(const struct ts_directory_user *user)
{
    return reason_of(user) == TS_REASON_NONE &&
           (user->is_suspended == TS_UNKNOWN || user->is_archived == TS_UNKNOWN);
}

static struct ts_plan plan_present(const struct ts_member *member,
                                   const struct ts_directory_user *user, const struct ts_view *view,
                                   const struct ts_rules *rules)
{
    struct ts_plan plan = plan_for(member);

    plan.after.directory_id = user->id;
    plan.after.directory_addresses = ts_plan_keep(&plan, ts_directory_user_addresses(user));
    plan.after.sync_state = TS_SYNC_SYNCED;
    plan.after.detail = NULL;
    ts_plan_team(&plan, user, rules);
    ts_plan_manager(&plan, user, view, rules);
    if (!is_incomplete(user))
        ts_plan_status(&plan, reason_of(user), rules);
    if (plan.after.sync_state == TS_SYNC_SYNCED && plan.after.pending_manager)
        plan.after.sync_state = TS_SYNC_PENDING;
    keep_conflict(&plan);
    conclude(&plan);
    return plan;
}

struct ts_plan ts_plan_make(const struct ts_directory_user *user, bool was_absent,
                            const struct ts_view *view, const struct ts_rules *rules)
{
    const struct ts_member *member;
    bool conflict = false;

    if (!user && view->linked && !was_absent)
        return (struct ts_plan){.verdict = TS_VERDICT_CONFIRM};
    if (!user || user->is_deleted)
        return plan_gone(view, rules);
    member = ts_match(user, view, &conflict);
    if (!member)
        return (struct ts_plan){.verdict = TS_VERDICT_NOBODY};
    if (conflict)
        return plan_conflict(member, user);
    /* Who is not an admin never sees the flags (GOOGLE.md §E.3): fields follow, the status stays.
     */
    if (is_incomplete(user) && rules->may_suspend)
        return (struct ts_plan){.verdict = TS_VERDICT_INCOMPLETE};
    return plan_present(member, user, view, rules);
}
