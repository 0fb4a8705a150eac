/* SPDX-License-Identifier: MIT */
/* Members: copies, and the words for their states. */
#include "teamsync/member.h"

#include "model/words.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

TS_DEFINE_WORDS(ts_member_status, ts_member_status, "invited", "active", "suspended")
TS_DEFINE_WORDS(ts_sync_state, ts_sync_state, "unmatched", "synced", "pending", "held", "conflict",
                "error")
TS_DEFINE_WORDS(ts_source, ts_source, "", "directory", "manual")
TS_DEFINE_WORDS(ts_suspended_by, ts_suspended_by, "", "directory", "manual")
TS_DEFINE_WORDS(ts_suspend_reason, ts_suspend_reason, "", "deleted", "suspended", "archived",
                "manual")
TS_DEFINE_WORDS(ts_members_order, ts_members_order, "created", "name", "email", "team")

/* Every text of a member, for what has to be done to each of them. */
#define MEMBER_TEXTS(X)                                                                            \
    X(id)                                                                                          \
    X(email)                                                                                       \
    X(name)                                                                                        \
    X(role)                                                                                        \
    X(manager_id)                                                                                  \
    X(manager_email)                                                                               \
    X(manager_name) X(team) X(directory_id) X(directory_addresses) X(pending_manager) X(detail)

struct ts_member *ts_member_dup(const struct ts_member *member)
{
    size_t bytes = sizeof(*member);
    struct ts_member *copy;
    char *tail;

    if (!member)
        return NULL;
#define ADD_BYTES(text) bytes += ts_packed_bytes(member->text);
    MEMBER_TEXTS(ADD_BYTES)
    copy = ts_alloc(bytes);
    tail = (char *)(copy + 1);
    *copy = *member;
#define PACK(text) copy->text = ts_pack_text(&tail, member->text);
    MEMBER_TEXTS(PACK)
    return copy;
}

bool ts_member_is_owner(const struct ts_member *member)
{
    return ts_text_equal(member->role, "owner");
}

bool ts_history_field_is_known(const char *word)
{
    static const char *const words[] = {"connection", "hold",      "link", "manager", "member",
                                        "name",       "protected", "role", "status",  "team"};

    for (size_t i = 0; i < TS_COUNT_OF(words); i++) {
        if (ts_text_equal(words[i], word))
            return true;
    }
    return false;
}
