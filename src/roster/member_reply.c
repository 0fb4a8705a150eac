/* SPDX-License-Identifier: MIT */
/* A member's hash, read. */
#include "roster/roster_internal.h"

#include "teamsync/text.h"

static bool read_words(const struct ts_reply *hash, struct ts_member *member)
{
    const char *state = ts_reply_field_text(hash, "sync_state");
    const char *before = ts_reply_field_text(hash, "status_before");

    return ts_member_status_parse(ts_reply_field_text(hash, "status"), &member->status) &&
           (!state || ts_sync_state_parse(state, &member->sync_state)) &&
           (!before || ts_member_status_parse(before, &member->status_before)) &&
           ts_source_parse(ts_reply_field_text(hash, "manager_source"), &member->manager_source) &&
           ts_source_parse(ts_reply_field_text(hash, "team_source"), &member->team_source) &&
           ts_suspended_by_parse(ts_reply_field_text(hash, "suspended_by"),
                                 &member->suspended_by) &&
           ts_suspend_reason_parse(ts_reply_field_text(hash, "suspended_reason"),
                                   &member->suspended_reason) &&
           ts_suspend_reason_parse(ts_reply_field_text(hash, "kept_reason"), &member->kept_reason);
}

struct ts_error ts_roster_read_member(const struct ts_reply *hash, struct ts_member *ret_member)
{
    struct ts_member member = {
        .id = ts_reply_field_text(hash, "id"),
        .email = ts_reply_field_text(hash, "email"),
        .name = ts_reply_field_text(hash, "name"),
        .role = ts_reply_field_text(hash, "role"),
        .manager_id = ts_reply_field_text(hash, "manager"),
        .manager_email = ts_reply_field_text(hash, "manager_email"),
        .manager_name = ts_reply_field_text(hash, "manager_name"),
        .team = ts_reply_field_text(hash, "team"),
        .is_protected = ts_reply_field_number(hash, "protected") == 1,
        .directory_id = ts_reply_field_text(hash, "directory_id"),
        .directory_addresses = ts_reply_field_text(hash, "directory_addresses"),
        .pending_manager = ts_reply_field_text(hash, "pending_manager"),
        .detail = ts_reply_field_text(hash, "detail"),
        .last_synced_us = ts_reply_field_number(hash, "last_synced_us"),
        .observed_us = ts_reply_field_number(hash, "observed_us"),
        .suspended_us = ts_reply_field_number(hash, "suspended_us"),
        .created_us = ts_reply_field_number(hash, "created_us"),
        .updated_us = ts_reply_field_number(hash, "updated_us"),
        .version = ts_reply_field_number(hash, "version"),
    };

    if (ts_reply_count(hash) == 0)
        return ts_error_make(TS_NOT_FOUND, "there is no such member");
    if (!member.id || !member.email || !read_words(hash, &member))
        return ts_error_make(TS_INTERNAL, "the record of member %s is broken",
                             member.id ? member.id : "?");
    *ret_member = member;
    return ts_no_error;
}
