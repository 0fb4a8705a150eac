/* SPDX-License-Identifier: MIT */
/* A member, and a change, as JSON. */
#include "api/member_json.h"

#include "teamsync/text.h"

/* The words for "none" are null in JSON. */
static void add_word(struct json_object *json, const char *key, const char *word)
{
    ts_json_add_text(json, key, ts_text_or_null(word));
}

static struct json_object *manager_json(const struct ts_member *member)
{
    struct json_object *manager;

    if (!member->manager_id)
        return NULL;
    manager = ts_json_new_object();
    ts_json_add_text(manager, "id", member->manager_id);
    ts_json_add_text(manager, "email", member->manager_email);
    ts_json_add_text(manager, "name", member->manager_name);
    return manager;
}

static struct json_object *sync_json(const struct ts_member *member)
{
    struct json_object *sync = ts_json_new_object();
    struct json_object *fields = ts_json_new_object();

    ts_json_add_text(sync, "state", ts_sync_state_name(member->sync_state));
    ts_json_add_text(sync, "source", member->directory_id ? "google-workspace" : NULL);
    ts_json_add_text(sync, "directory_user_id", member->directory_id);
    ts_json_add_time(sync, "last_synced_at", member->last_synced_us);
    add_word(fields, "manager", ts_source_name(member->manager_source));
    add_word(fields, "team", ts_source_name(member->team_source));
    ts_json_add(sync, "fields", fields);
    ts_json_add_text(sync, "pending_manager", member->pending_manager);
    ts_json_add_text(sync, "detail", member->detail);
    return sync;
}

static struct json_object *suspended_json(const struct ts_member *member)
{
    struct json_object *suspended;

    if (member->status != TS_MEMBER_SUSPENDED)
        return NULL;
    suspended = ts_json_new_object();
    add_word(suspended, "by", ts_suspended_by_name(member->suspended_by));
    add_word(suspended, "reason", ts_suspend_reason_name(member->suspended_reason));
    ts_json_add_time(suspended, "at", member->suspended_us);
    return suspended;
}

struct json_object *ts_member_json(const void *record)
{
    const struct ts_member *member = record;
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "id", member->id);
    ts_json_add_text(json, "email", member->email);
    ts_json_add_text(json, "name", member->name);
    ts_json_add_text(json, "role", member->role);
    ts_json_add_text(json, "status", ts_member_status_name(member->status));
    ts_json_add(json, "manager", manager_json(member));
    ts_json_add_text(json, "team", member->team);
    ts_json_add(json, "sync", sync_json(member));
    ts_json_add(json, "suspended", suspended_json(member));
    ts_json_add_bool(json, "protected", member->is_protected);
    ts_json_add_time(json, "created_at", member->created_us);
    ts_json_add_time(json, "updated_at", member->updated_us);
    return json;
}

struct json_object *ts_history_json(const void *record)
{
    const struct ts_history_entry *entry = record;
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "id", entry->id);
    ts_json_add_text(json, "member", entry->member_id);
    ts_json_add_text(json, "email", entry->email);
    ts_json_add_text(json, "field", entry->field);
    ts_json_add_text(json, "before", entry->before);
    ts_json_add_text(json, "after", entry->after);
    ts_json_add_text(json, "cause", entry->cause);
    ts_json_add_text(json, "job", entry->job);
    ts_json_add_time(json, "at", entry->at_us);
    return json;
}
