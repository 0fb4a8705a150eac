/* SPDX-License-Identifier: MIT */
/* The sentences, step by step. */
#include "flow/explain.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

enum { TEXT_MAX_BYTES = 8192 };

/* --- connected --- */

char *ts_explain_connection(const struct ts_connection *connection)
{
    const char *failure = ts_connection_failure(connection).text;
    const char *provider = ts_text_equal(connection->provider, "google-workspace")
                               ? "Google Workspace"
                               : connection->provider;
    const char *by = connection->connected_by ? connection->connected_by : "somebody";
    char since[TS_TIME_TEXT];

    (void)ts_time_text(connection->connected_us, since);
    if (!failure)
        return ts_format("%s, connected by %s on %s; auto-sync is on.", provider, by, since);
    return ts_format(
        "%s, connected by %s on %s; auto-sync is on, but the connection is failing: %s.", provider,
        by, since, failure);
}

/* --- read --- */

static const char *flags_of(const struct ts_directory_user *user)
{
    if (user->is_suspended == TS_YES)
        return user->is_archived == TS_YES ? "suspended and archived" : "suspended";
    if (user->is_archived == TS_YES)
        return "archived";
    if (user->is_suspended == TS_UNKNOWN || user->is_archived == TS_UNKNOWN)
        return "whether it is suspended is not shown";
    return "active";
}

static const char *team_word(const char *team_from)
{
    if (ts_text_equal(team_from, "org_unit"))
        return "organizational unit";
    if (ts_text_equal(team_from, "cost_center"))
        return "cost center";
    return ts_text_equal(team_from, "department") ? "department" : "team";
}

char *ts_explain_read(const struct ts_person_look *look, const struct ts_connection *connection,
                      const char *id)
{
    const struct ts_directory_user *user = look->user;

    if (!user)
        return ts_format("The directory does not know the account %s. It was asked twice, two "
                         "seconds apart.",
                         id);
    if (user->is_deleted)
        return ts_format("The directory says that the account %s is deleted.", id);
    return ts_format("Found as %s (account %s): %s; %s: %s; manager: %s.", user->primary_email,
                     user->id, flags_of(user), team_word(connection->team_from),
                     user->team ? user->team : "none",
                     user->manager_email ? user->manager_email : "none");
}

/* --- matched --- */

char *ts_explain_match(const struct ts_person_look *look, const char *member_id, bool *ret_ok)
{
    const struct ts_directory_user *user = look->user;
    const struct ts_view *view = look->view;
    bool is_there = user && !user->is_deleted;
    bool is_conflict = false;
    const struct ts_member *member = is_there ? ts_match(user, view, &is_conflict) : view->linked;

    *ret_ok = member && !is_conflict && ts_text_equal(member->id, member_id);
    if (!member)
        return ts_strdup(is_there ? "No member has an address of this account, or several have one."
                                  : "No member is linked to this account.");
    if (!ts_text_equal(member->id, member_id))
        return ts_format("The account is that of another member, %s.", member->email);
    if (is_conflict)
        return ts_format("%s belongs to this account now, but the member is linked to another one. "
                         "A person has to decide who it is.",
                         member->email);
    if (member == view->linked)
        return ts_strdup("By the link to this account that was made before.");
    return ts_format("By the address %s, %s of the account.", member->email,
                     member == view->by_primary ? "the primary one" : "an alias");
}

/* --- decided --- */

static const char *or_none(const char *text)
{
    return ts_text_is_empty(text) ? "none" : text;
}

static void add_status(struct ts_buf *out, const struct ts_plan *plan)
{
    const struct ts_member *before = plan->before;
    const struct ts_member *after = &plan->after;
    const char *reason = ts_suspend_reason_name(after->suspended_reason);

    if (after->status != TS_MEMBER_SUSPENDED)
        (void)ts_buf_addf(out, "Is reinstated: %s again. ", ts_member_status_name(after->status));
    else if (before->status != TS_MEMBER_SUSPENDED)
        (void)ts_buf_addf(out, "Is suspended (%s). ", reason);
    else if (after->suspended_by == TS_SUSPENDED_BY_MANUAL)
        (void)ts_buf_add_text(out, "Stays suspended until a person lifts it. ");
    else
        (void)ts_buf_addf(out, "Stays suspended, now because of: %s. ", reason);
}

/* Why something is not as the directory has it. */
static void add_detail(struct ts_buf *out, const struct ts_plan *plan)
{
    const struct ts_member *after = &plan->after;
    bool stays = plan->reason != TS_REASON_NONE && after->status != TS_MEMBER_SUSPENDED;

    if (after->sync_state == TS_SYNC_HELD)
        (void)ts_buf_addf(out, "Would be suspended: %s. ", after->detail);
    else if (after->detail)
        (void)ts_buf_addf(out, stays ? "Stays: %s. " : "To be looked at: %s. ", after->detail);
    if (after->pending_manager)
        (void)ts_buf_addf(out, "The manager %s is not a member yet, and is set when they are. ",
                          after->pending_manager);
}

static void add_changes(struct ts_buf *out, const struct ts_plan *plan)
{
    const struct ts_member *before = plan->before;
    const struct ts_member *after = &plan->after;

    if (plan->changed & TS_CHANGED_LINK)
        (void)ts_buf_addf(out, "Is linked to the account %s. ", after->directory_id);
    if (plan->changed & TS_CHANGED_MANAGER)
        (void)ts_buf_addf(out, "The manager changes from %s to %s. ",
                          or_none(before->manager_email), or_none(after->manager_email));
    if (plan->changed & TS_CHANGED_TEAM)
        (void)ts_buf_addf(out, "The team changes from %s to %s. ", or_none(before->team),
                          or_none(after->team));
    if (plan->changed & TS_CHANGED_STATUS)
        add_status(out, plan);
    if (plan->changed == 0)
        (void)ts_buf_add_text(out, "Nothing to change. ");
}

char *ts_explain_plan(const struct ts_plan *plan, bool *ret_ok)
{
    struct ts_buf out;

    *ret_ok = plan->verdict == TS_VERDICT_UNCHANGED || plan->verdict == TS_VERDICT_CHANGED;
    if (!*ret_ok)
        return ts_strdup("The directory left out whether the account is suspended, so nothing can "
                         "be decided. Try again in a while.");
    ts_buf_init(&out, TEXT_MAX_BYTES);
    add_changes(&out, plan);
    add_detail(&out, plan);
    if (out.len == 0)
        (void)ts_buf_add_text(&out, "Nothing that is shown changes. ");
    out.data[out.len - 1] = '\0'; /* the last blank */
    return out.data;
}

/* --- applied --- */

char *ts_explain_end(const struct ts_person_result *result, bool *ret_ok)
{
    *ret_ok = result->end == TS_PERSON_COMMITTED && !result->is_held;
    if (result->end == TS_PERSON_STALE)
        return ts_strdup("Nothing is written: something newer has been meanwhile.");
    if (result->end != TS_PERSON_COMMITTED)
        return ts_strdup(
            "Nothing is written: the member was changed again and again meanwhile. Try "
            "again.");
    if (result->is_held)
        return ts_strdup("The suspension waits in the hold, for a person to approve or reject it.");
    return ts_strdup(result->changed ? "Written." : "Nothing to write.");
}
