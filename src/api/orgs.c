/* SPDX-License-Identifier: MIT */
/* Orgs and their settings. */
#include "api/handlers.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

static struct json_object *org_json(const void *record)
{
    const struct ts_org *org = record;
    struct json_object *json = ts_json_new_object();
    struct json_object *target = ts_json_new_object();
    struct json_object *sync = ts_json_new_object();
    struct json_object *invitations = ts_json_new_object();

    ts_json_add_text(json, "id", org->id);
    ts_json_add_text(json, "name", org->name);
    ts_json_add_text(target, "type", org->target);
    ts_json_add(json, "target", target);
    ts_json_add_text(sync, "team_from", org->team_from);
    ts_json_add_bool(sync, "clear_missing", org->clear_missing);
    ts_json_add(json, "sync", sync);
    ts_json_add_bool(invitations, "auto_invite", org->invites_since_us > 0);
    ts_json_add_text(invitations, "role", org->invite_role);
    ts_json_add(json, "invitations", invitations);
    ts_json_add_time(json, "created_at", org->created_us);
    return json;
}

static void reply_with(struct ts_exchange *x, const struct ts_error *err, const struct ts_org *org,
                       int status)
{
    if (ts_exchange_went_well(x, err))
        ts_exchange_reply(x, status, org_json(org));
}

static void on_org(const struct ts_error *err, const struct ts_org *org, void *arg)
{
    reply_with(arg, err, org, 200);
}

/* --- settings, in creating as in changing --- */

static const struct ts_body_field sync_fields[] = {
    {.name = "team_from", .type = TS_BODY_TEXT},
    {.name = "clear_missing", .type = TS_BODY_BOOL},
};

/* Takes {"sync": {…}} over into `org`; refuses and returns false when it makes no sense. */
static bool take_sync(struct ts_exchange *x, struct ts_org *org)
{
    struct json_object *sync = ts_json_object(x->body, "sync");
    const char *team_from = ts_json_text(sync, "team_from");

    if (!sync)
        return true;
    if (!ts_exchange_object_fits(x, sync, "sync.", sync_fields, TS_COUNT_OF(sync_fields)))
        return false;
    if (team_from && !ts_team_from_is_valid(team_from)) {
        ts_exchange_refuse(x, 400,
                           "sync.team_from must be department, org_unit, cost_center or "
                           "custom:<schema>.<field>");
        return false;
    }
    org->team_from = team_from ? team_from : org->team_from;
    org->clear_missing = ts_json_bool(sync, "clear_missing", org->clear_missing);
    return true;
}

static const struct ts_body_field invitations_fields[] = {
    {.name = "auto_invite", .type = TS_BODY_BOOL},
    {.name = "role", .type = TS_BODY_TEXT},
};

/* The same for {"invitations": {…}}. Whoever is in the directory already when it is switched on is
 * not invited by it: so the moment is kept, and is a new one each time. */
static bool take_invitations(struct ts_exchange *x, struct ts_org *org)
{
    struct json_object *invitations = ts_json_object(x->body, "invitations");
    const char *role = ts_json_text(invitations, "role");
    bool was_on = org->invites_since_us > 0;

    if (!invitations)
        return true;
    if (!ts_exchange_object_fits(x, invitations, "invitations.", invitations_fields,
                                 TS_COUNT_OF(invitations_fields)))
        return false;
    if (ts_text_equal(role, "owner")) {
        ts_exchange_refuse(x, 400, "invitations.role must not be owner");
        return false;
    }
    if (!ts_json_bool(invitations, "auto_invite", was_on))
        org->invites_since_us = 0;
    else if (!was_on)
        org->invites_since_us = ts_wall_us();
    org->invite_role = role ? role : org->invite_role;
    return true;
}

static bool target_is_known(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {
        {.name = "type", .type = TS_BODY_TEXT, .is_required = true}};
    struct json_object *target = ts_json_object(x->body, "target");

    if (!target)
        return true;
    if (!ts_exchange_object_fits(x, target, "target.", fields, TS_COUNT_OF(fields)))
        return false;
    if (ts_text_equal(ts_json_text(target, "type"), "builtin"))
        return true;
    ts_exchange_refuse(x, 400, "target.type must be builtin");
    return false;
}

/* --- handlers --- */

static void on_created(const struct ts_error *err, const struct ts_org *org, void *arg)
{
    struct ts_exchange *x = arg;

    if (err->cls == TS_OK) {
        TS_AUTOFREE char *location = ts_format("/api/v1/orgs/%s", org->id);

        ts_request_add_header(x->request, "Location", location);
    }
    reply_with(x, err, org, 201);
}

void ts_api_create_org(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {
        {.name = "id", .type = TS_BODY_TEXT, .is_required = true},
        {.name = "name", .type = TS_BODY_TEXT, .is_required = true},
        {.name = "target", .type = TS_BODY_OBJECT},
        {.name = "sync", .type = TS_BODY_OBJECT},
        {.name = "invitations", .type = TS_BODY_OBJECT},
    };
    struct ts_org org = {.target = "builtin", .team_from = "department", .invite_role = "member"};

    if (!ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)) || !target_is_known(x) ||
        !take_sync(x, &org) || !take_invitations(x, &org))
        return;
    org.id = ts_json_text(x->body, "id");
    org.name = ts_json_text(x->body, "name");
    if (!ts_org_id_is_valid(org.id))
        ts_exchange_refuse(x, 400, "id must be 1 to 63 of a-z, 0-9 and -");
    else
        x->op = x->env->registry->ops->create_org(x->env->registry, &org, on_created, x);
}

static void on_orgs(const struct ts_error *err, const struct ts_org *orgs, size_t count,
                    const char *next_cursor, void *arg)
{
    ts_exchange_reply_list(arg, err,
                           &(struct ts_list){.records = orgs,
                                             .count = count,
                                             .size = sizeof(*orgs),
                                             .json_of = org_json,
                                             .next_cursor = next_cursor});
}

void ts_api_list_orgs(struct ts_exchange *x)
{
    x->op = x->env->registry->ops->list_orgs(x->env->registry, x->cursor, x->limit, on_orgs, x);
}

void ts_api_get_org(struct ts_exchange *x)
{
    x->op = x->env->registry->ops->get_org(x->env->registry, x->org, on_org, x);
}

/* What is not named stays as it is: so it is read first. */
static void on_org_to_update(const struct ts_error *err, const struct ts_org *org, void *arg)
{
    struct ts_exchange *x = arg;
    struct ts_org changed;

    if (!ts_exchange_went_well(x, err))
        return;
    changed = *org;
    if (!take_sync(x, &changed) || !take_invitations(x, &changed))
        return;
    if (ts_json_text(x->body, "name"))
        changed.name = ts_json_text(x->body, "name");
    x->op = x->env->registry->ops->update_org(x->env->registry, org, &changed, on_org, x);
}

void ts_api_update_org(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {
        {.name = "name", .type = TS_BODY_TEXT},
        {.name = "sync", .type = TS_BODY_OBJECT},
        {.name = "invitations", .type = TS_BODY_OBJECT},
    };

    if (!ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)))
        return;
    if (ts_json_object(x->body, "invitations") && !ts_access_has(x, TS_MEMBERS_MANAGE))
        ts_exchange_refuse(x, 403,
                           "whom auto-invite makes a member, and with which role, is "
                           "decided with members:manage");
    else
        x->op = x->env->registry->ops->get_org(x->env->registry, x->org, on_org_to_update, x);
}
