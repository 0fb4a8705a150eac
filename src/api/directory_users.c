/* SPDX-License-Identifier: MIT */
/* People of the directory: who they are, and inviting them. */
#include "api/handlers.h"
#include "api/member_json.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum { SEARCH_MAX_BYTES = 100, INVITED_MAX = 100, ID_MAX_BYTES = 128 };

/* --- the list --- */

static void add_flag(struct json_object *json, const char *key, enum ts_tri value)
{
    if (value == TS_UNKNOWN)
        ts_json_add_text(json, key, NULL);
    else
        ts_json_add_bool(json, key, value == TS_YES);
}

static struct json_object *person_json(const void *record)
{
    const struct ts_found_person *person = record;
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "id", person->user->id);
    ts_json_add_text(json, "email", person->user->primary_email);
    ts_json_add_text(json, "name", person->user->name);
    add_flag(json, "suspended", person->user->is_suspended);
    add_flag(json, "archived", person->user->is_archived);
    ts_json_add_text(json, "member", person->member_id);
    return json;
}

static void on_people(const struct ts_error *err, const struct ts_found_person *people,
                      size_t count, const char *next_cursor, void *arg)
{
    ts_exchange_reply_list(arg, err,
                           &(struct ts_list){.records = people,
                                             .count = count,
                                             .size = sizeof(*people),
                                             .json_of = person_json,
                                             .next_cursor = next_cursor});
}

void ts_api_list_directory_users(struct ts_exchange *x)
{
    const char *unmatched = ts_request_query(x->request, "unmatched");
    const char *text = ts_request_query(x->request, "q");
    struct ts_people_query query = {
        .org = x->org,
        .text = ts_text_or_null(text),
        .cursor = x->cursor,
        .limit = x->limit,
        .leaves_members_out = ts_text_equal(unmatched, "true"),
    };

    if (unmatched && !query.leaves_members_out && strcmp(unmatched, "false") != 0)
        ts_exchange_refuse(x, 400, "unmatched must be true or false");
    else if (text && (strlen(text) > SEARCH_MAX_BYTES || !ts_text_is_printable(text)))
        ts_exchange_refuse(x, 400, "q must be printable, and at most %d bytes", SEARCH_MAX_BYTES);
    else
        x->op = ts_people_start(x->env, &query, on_people, x);
}

/* --- inviting --- */

static struct json_object *result_json(const struct ts_invite_result *result)
{
    static const struct {
        const char *status;
        const char *detail;
    } ends[] = {
        [TS_INVITE_INVITED] = {"invited", NULL},
        [TS_INVITE_MEMBER] = {"already_member", "this person is a member already"},
        [TS_INVITE_NOT_FOUND] = {"not_found", "the directory has no such account"},
        [TS_INVITE_NOT_ACTIVE] = {"not_active", "the account is suspended or archived"},
        [TS_INVITE_FAILED] = {"failed", NULL},
    };
    struct json_object *json = ts_json_new_object();
    bool has_failed = result->end == TS_INVITE_FAILED;

    ts_json_add_text(json, "directory_user_id", result->directory_id);
    ts_json_add_text(json, "status", ends[result->end].status);
    ts_json_add_text(json, "detail", has_failed ? result->err.text : ends[result->end].detail);
    ts_json_add(json, "member", result->member ? ts_member_json(result->member) : NULL);
    return json;
}

static void on_invited(const struct ts_error *err, const struct ts_invite_result *results,
                       size_t count, void *arg)
{
    struct ts_exchange *x = arg;
    struct json_object *items;
    struct json_object *reply;

    if (!ts_exchange_went_well(x, err))
        return;
    items = ts_json_new_array();
    for (size_t i = 0; i < count; i++)
        ts_json_append(items, result_json(&results[i]));
    reply = ts_json_new_object();
    ts_json_add(reply, "items", items);
    ts_json_add_bool(reply, "mailed", x->env->mailer != NULL);
    ts_exchange_reply(x, 200, reply);
}

void ts_api_invite(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {
        {.name = "directory_user_ids",
         .type = TS_BODY_TEXTS,
         .is_required = true,
         .max_bytes = ID_MAX_BYTES,
         .max_count = INVITED_MAX},
        {.name = "role", .type = TS_BODY_TEXT},
    };
    const char *ids[INVITED_MAX];
    struct json_object *list;
    const char *role;
    size_t count;

    if (!ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)))
        return;
    list = ts_json_array(x->body, "directory_user_ids");
    role = ts_json_text(x->body, "role");
    count = json_object_array_length(list);
    for (size_t i = 0; i < count; i++)
        ids[i] = json_object_get_string(json_object_array_get_idx(list, i));
    if (ts_text_equal(role, "owner"))
        ts_exchange_refuse(x, 400, "nobody is invited as the owner");
    else
        x->op = ts_invitations_start(x->env,
                                     &(struct ts_invitees){.org = x->org,
                                                           .directory_ids = ids,
                                                           .count = count,
                                                           .role = role ? role : "member",
                                                           .by = x->actor},
                                     on_invited, x);
}
