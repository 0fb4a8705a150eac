/* SPDX-License-Identifier: MIT */
/* A member's hash, read. */
#include "roster/roster_internal.h"

#include "teamsync/text.h"

static const char *text_of(const struct ts_reply *hash, const char *name)
{
    const char *text = ts_reply_text(ts_reply_field(hash, name));

    return ts_text_is_empty(text) ? NULL : text;
}

static uint64_t number_of(const struct ts_reply *hash, const char *name)
{
    return (uint64_t)ts_reply_number(ts_reply_field(hash, name));
}

static bool read_words(const struct ts_reply *hash, struct ts_member *member)
{
    const char *state = text_of(hash, "sync_state");
    const char *before = text_of(hash, "status_before");

    return ts_member_status_parse(text_of(hash, "status"), &member->status) &&
           (!state || ts_sync_state_parse(state, &member->sync_state)) &&
           (!before || ts_member_status_parse(before, &member->status_before)) &&
           ts_source_parse(text_of(hash, "manager_source"), &member->manager_source) &&
           ts_source_parse(text_of(hash, "team_source"), &member->team_source) &&
           ts_suspended_by_parse(text_of(hash, "suspended_by"), &member->suspended_by) &&
           ts_suspend_reason_parse(text_of(hash, "suspended_reason"), &member->suspended_reason) &&
           ts_suspend_reason_parse(text_of(hash, "kept_reason"), &member->kept_reason);
}

struct ts_error ts_roster_read_member(const struct ts_reply *hash, struct ts_member *ret_member)
{
    struct ts_member member = {
        .id = text_of(hash, "id"),
        .email = text_of(hash, "email"),
        .name = text_of(hash, "name"),
        .role = text_of(hash, "role"),
        .manager_id = text_of(hash, "manager"),
        .manager_email = text_of(hash, "manager_email"),
        .team = text_of(hash, "team"),
        .is_protected = number_of(hash, "protected") == 1,
        .directory_id = text_of(hash, "directory_id"),
        .directory_addresses = text_of(hash, "directory_addresses"),
        .pending_manager = text_of(hash, "pending_manager"),
        .detail = text_of(hash, "detail"),
        .last_synced_us = number_of(hash, "last_synced_us"),
        .observed_us = number_of(hash, "observed_us"),
        .suspended_us = number_of(hash, "suspended_us"),
        .created_us = number_of(hash, "created_us"),
        .updated_us = number_of(hash, "updated_us"),
        .version = number_of(hash, "version"),
    };

    if (ts_reply_count(hash) == 0)
        return ts_error_make(TS_NOT_FOUND, "there is no such member");
    if (!member.id || !member.email || !read_words(hash, &member))
        return ts_error_make(TS_INTERNAL, "the record of member %s is broken",
                             member.id ? member.id : "?");
    *ret_member = member;
    return ts_no_error;
}
