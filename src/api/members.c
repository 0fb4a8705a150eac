/* SPDX-License-Identifier: MIT */
/* The team: its list, a new member, and one member. */
#include "api/handlers.h"
#include "api/member_json.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum { SEARCH_MAX_BYTES = 100, TEAM_MAX_BYTES = 200 };

static void on_member(const struct ts_error *err, const struct ts_member *member, void *arg)
{
    struct ts_exchange *x = arg;

    if (ts_exchange_went_well(x, err))
        ts_exchange_reply(x, 200, ts_member_json(member));
}

void ts_api_get_member(struct ts_exchange *x)
{
    x->op = x->env->roster->ops->get(x->env->roster, x->org, x->id, on_member, x);
}

/* --- the list: of an org that exists --- */

static void on_members(const struct ts_error *err, const struct ts_member *members, size_t count,
                       const char *next_cursor, void *arg)
{
    ts_exchange_reply_list(arg, err,
                           &(struct ts_list){.records = members,
                                             .count = count,
                                             .size = sizeof(*members),
                                             .json_of = ts_member_json,
                                             .next_cursor = next_cursor});
}

static const char *filter_of(const struct ts_exchange *x, const char *name)
{
    const char *value = ts_request_query(x->request, name);

    return ts_text_is_empty(value) ? NULL : value;
}

/* False, and the request refused, when one of the filters makes no sense. */
static bool filters_fit(struct ts_exchange *x, const struct ts_members_query *query)
{
    enum ts_member_status status;
    enum ts_sync_state sync;

    if (query->status && !ts_member_status_parse(query->status, &status))
        ts_exchange_refuse(x, 400, "status must be invited, active or suspended");
    else if (query->sync && !ts_sync_state_parse(query->sync, &sync))
        ts_exchange_refuse(x, 400,
                           "sync must be unmatched, synced, pending, held, conflict or error");
    else if (query->team &&
             (strlen(query->team) > TEAM_MAX_BYTES || !ts_text_is_printable(query->team)))
        ts_exchange_refuse(x, 400, "team must be printable, and at most %d bytes", TEAM_MAX_BYTES);
    else if (query->text &&
             (strlen(query->text) > SEARCH_MAX_BYTES || !ts_text_is_printable(query->text)))
        ts_exchange_refuse(x, 400, "q must be printable, and at most %d bytes", SEARCH_MAX_BYTES);
    else
        return true;
    return false;
}

/* ?sort=…&order=…: likewise, and when the cursor is one of another order. */
static bool order_fits(struct ts_exchange *x, struct ts_members_query *query)
{
    const char *sort = filter_of(x, "sort");
    const char *order = filter_of(x, "order");
    enum ts_cursor kind = TS_CURSOR_PLACE;

    if (sort && !ts_members_order_parse(sort, &query->order)) {
        ts_exchange_refuse(x, 400, "sort must be name, email, team or created");
        return false;
    }
    query->is_backward = ts_text_equal(order, "desc");
    if (query->order == TS_MEMBERS_AS_MADE)
        kind = TS_CURSOR_NUMBER;
    if (order && !query->is_backward && !ts_text_equal(order, "asc"))
        ts_exchange_refuse(x, 400, "order must be asc or desc");
    else if (query->cursor && !ts_cursor_fits(query->cursor, kind))
        ts_exchange_refuse(x, 400, "this cursor was given out for another order");
    else
        return true;
    return false;
}

static void list_members(struct ts_exchange *x)
{
    struct ts_members_query query = {
        .org = x->org,
        .status = filter_of(x, "status"),
        .sync = filter_of(x, "sync"),
        .team = filter_of(x, "team"),
        .text = filter_of(x, "q"),
        .cursor = x->cursor,
        .limit = x->limit,
    };

    if (filters_fit(x, &query) && order_fits(x, &query))
        x->op = x->env->roster->ops->list(x->env->roster, &query, on_members, x);
}

/* With ?email=: a list of the one member who has this address, or of nobody. */
static void on_view(const struct ts_error *err, const struct ts_view *view, void *arg)
{
    const struct ts_member *found = err->cls == TS_OK ? view->by_primary : NULL;

    ts_exchange_reply_list(arg, err,
                           &(struct ts_list){.records = found,
                                             .count = found ? 1 : 0,
                                             .size = sizeof(*found),
                                             .json_of = ts_member_json});
}

static void find_member(struct ts_exchange *x)
{
    const struct ts_view_query query = {.org = x->org,
                                        .primary_email = ts_request_query(x->request, "email")};

    x->op = x->env->roster->ops->view(x->env->roster, &query, on_view, x);
}

void ts_api_list_members(struct ts_exchange *x)
{
    const char *email = ts_request_query(x->request, "email");

    if (email && !ts_text_is_email(email))
        ts_exchange_refuse(x, 400, "email must be an e-mail address");
    else
        ts_exchange_with_org(x, email ? find_member : list_members);
}

/* --- a new member --- */

static void on_created(const struct ts_error *err, const struct ts_member *member, void *arg)
{
    struct ts_exchange *x = arg;

    if (ts_exchange_went_well(x, err)) {
        TS_AUTOFREE char *location = ts_format("/api/v1/orgs/%s/members/%s", x->org, member->id);

        struct json_object *json = ts_member_json(member);

        ts_json_add_bool(json, "mailed",
                         member->status == TS_MEMBER_INVITED && x->env->mailer != NULL);
        ts_request_add_header(x->request, "Location", location);
        ts_exchange_reply(x, 201, json);
    }
}

void ts_api_create_member(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {
        {.name = "email", .type = TS_BODY_TEXT, .is_required = true, .max_bytes = 254},
        {.name = "name", .type = TS_BODY_TEXT},
        {.name = "role", .type = TS_BODY_TEXT},
        {.name = "team", .type = TS_BODY_TEXT},
        {.name = "manager_id", .type = TS_BODY_TEXT},
        {.name = "status", .type = TS_BODY_TEXT},
        {.name = "protected", .type = TS_BODY_BOOL},
    };
    TS_AUTOFREE char *cause = ts_format("added by %s", x->actor);
    const char *status;
    struct ts_new_member wanted;

    if (!ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)))
        return;
    status = ts_json_text(x->body, "status");
    wanted = (struct ts_new_member){
        .org = x->org,
        .email = ts_json_text(x->body, "email"),
        .cause = cause,
        .name = ts_json_text(x->body, "name"),
        .role = ts_json_text(x->body, "role"),
        .team = ts_json_text(x->body, "team"),
        .manager_id = ts_json_text(x->body, "manager_id"),
        .is_active = ts_text_equal(status, "active"),
        .is_protected = ts_json_bool(x->body, "protected", false),
        .is_mailed = x->env->mailer != NULL,
    };
    if (!ts_text_is_email(wanted.email))
        ts_exchange_refuse(x, 400, "email must be an e-mail address");
    else if (status && !wanted.is_active && !ts_text_equal(status, "invited"))
        ts_exchange_refuse(x, 400, "status must be active or invited");
    else
        x->op = x->env->roster->ops->create(x->env->roster, &wanted, on_created, x);
}
