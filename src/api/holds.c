/* SPDX-License-Identifier: MIT */
/* What waits for a person, and their decision on exactly that. */
#include "api/handlers.h"

#include "teamsync/mem.h"

struct json_object *ts_loss_json(const struct ts_loss *loss)
{
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "field", loss->field);
    ts_json_add_number(json, "members", (int64_t)loss->members);
    ts_json_add_number(json, "linked", (int64_t)loss->linked);
    return json;
}

/* --- looking --- */

static struct json_object *held_json(const struct ts_held *held)
{
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "member", held->member_id);
    ts_json_add_text(json, "email", held->email);
    ts_json_add_text(json, "name", held->name);
    ts_json_add_text(json, "reason", ts_suspend_reason_name(held->reason));
    ts_json_add_time(json, "since", held->since_us);
    return json;
}

static struct json_object *hold_json(const struct ts_hold *hold)
{
    struct json_object *json = ts_json_new_object();
    struct json_object *items = ts_json_new_array();
    struct json_object *guard = ts_json_new_object();

    for (size_t i = 0; i < hold->held_count; i++)
        ts_json_append(items, held_json(&hold->held[i]));
    ts_json_add_number(guard, "limit", (int64_t)hold->guard_limit);
    ts_json_add_number(guard, "used", (int64_t)hold->guard_used);
    ts_json_add_number(guard, "linked", (int64_t)hold->linked);
    ts_json_add_bool(json, "open", hold->digest);
    ts_json_add_text(json, "digest", hold->digest);
    ts_json_add_time(json, "opened_at", hold->opened_us);
    ts_json_add_time(json, "expires_at", hold->expires_us);
    ts_json_add(json, "items", items);
    ts_json_add(json, "field_loss", hold->loss.field ? ts_loss_json(&hold->loss) : NULL);
    ts_json_add(json, "guard", guard);
    return json;
}

static void on_hold(const struct ts_error *err, const struct ts_hold *hold, void *arg)
{
    struct ts_exchange *x = arg;

    if (ts_exchange_went_well(x, err))
        ts_exchange_reply(x, 200, hold_json(hold));
}

void ts_api_get_hold(struct ts_exchange *x)
{
    x->op = x->env->roster->ops->get_hold(x->env->roster, x->org, &x->env->guard, on_hold, x);
}

/* --- deciding --- */

static void decide(struct ts_exchange *x, bool approved)
{
    static const struct ts_body_field fields[] = {
        {.name = "digest", .type = TS_BODY_TEXT, .is_required = true}};

    if (ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)))
        x->op = x->env->roster->ops->decide_hold(x->env->roster, x->org,
                                                 ts_json_text(x->body, "digest"), approved,
                                                 x->actor, ts_exchange_on_count, x);
}

void ts_api_approve_hold(struct ts_exchange *x)
{
    decide(x, true);
}

void ts_api_reject_hold(struct ts_exchange *x)
{
    decide(x, false);
}
