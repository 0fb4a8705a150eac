/* SPDX-License-Identifier: MIT */
/* The two synced fields: what the directory says wins; what it leaves empty clears only what the
 * sync itself set, unless the org wants more. */
#include "model/plan_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum { TEAM_MAX_BYTES = 200 };

/* Whether an empty field in the directory clears the member's (rule 2.4). */
static bool may_clear(enum ts_source source, const struct ts_rules *rules)
{
    return source == TS_SOURCE_DIRECTORY || rules->clear_missing;
}

/* Newly allocated, without blanks at the ends. */
static char *trimmed(const char *text)
{
    size_t skipped = strspn(text, " \t");
    size_t length = strlen(text + skipped);

    while (length > 0 && strchr(" \t", text[skipped + length - 1]))
        length--;
    return ts_memdup_text(text + skipped, length);
}

static void clear_team(struct ts_plan *plan, const struct ts_rules *rules)
{
    if (may_clear(plan->after.team_source, rules)) {
        plan->after.team = NULL;
        plan->after.team_source = TS_SOURCE_NONE;
    }
}

void ts_plan_team(struct ts_plan *plan, const struct ts_directory_user *user,
                  const struct ts_rules *rules)
{
    const char *team = ts_plan_keep(plan, trimmed(user->team ? user->team : ""));

    if (*team == '\0') {
        clear_team(plan, rules);
    } else if (strlen(team) > TEAM_MAX_BYTES || !ts_text_is_printable(team)) {
        ts_plan_refuse(plan, ts_strdup("the directory's team is too long or not printable; it was "
                                       "not taken over"));
    } else {
        plan->after.team = team;
        plan->after.team_source = TS_SOURCE_DIRECTORY;
    }
}

static void clear_manager(struct ts_plan *plan)
{
    plan->after.manager_id = NULL;
    plan->after.manager_email = NULL;
    plan->after.manager_name = NULL;
    plan->after.manager_source = TS_SOURCE_NONE;
}

static void set_manager(struct ts_plan *plan, const struct ts_member *manager)
{
    plan->after.manager_id = manager->id;
    plan->after.manager_email = manager->email;
    plan->after.manager_name = manager->name;
    plan->after.manager_source = TS_SOURCE_DIRECTORY;
}

void ts_plan_manager(struct ts_plan *plan, const struct ts_directory_user *user,
                     const struct ts_view *view, const struct ts_rules *rules)
{
    const char *address = user->manager_email;
    bool is_self = view->manager && ts_text_equal(view->manager->id, plan->before->id);

    plan->after.pending_manager = NULL;
    if (ts_text_is_empty(address)) {
        if (may_clear(plan->after.manager_source, rules))
            clear_manager(plan);
    } else if (is_self) {
        ts_plan_refuse(plan, ts_format("the directory names %.100s as their own manager", address));
    } else if (view->manager && view->manager_would_loop) {
        ts_plan_refuse(plan,
                       ts_format("%.100s as manager would make a circle of managers", address));
    } else if (view->manager) {
        set_manager(plan, view->manager);
    } else {
        /* The manager before is out of date, if the directory had named them. */
        plan->after.pending_manager = ts_plan_keep(plan, ts_text_fold_email(address));
        if (plan->after.manager_source == TS_SOURCE_DIRECTORY)
            clear_manager(plan);
    }
}
