/* SPDX-License-Identifier: MIT */
/* One member synced while somebody waits for it, step by step. */
#include "api/handlers.h"
#include "api/member_json.h"

static struct json_object *step_json(const struct ts_sync_step *step)
{
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "step", step->name);
    ts_json_add_bool(json, "ok", step->is_ok);
    ts_json_add_text(json, "text", step->text);
    return json;
}

static void on_synced(const struct ts_error *err, const struct ts_sync_step *steps, size_t count,
                      const struct ts_member *member, void *arg)
{
    struct ts_exchange *x = arg;
    struct json_object *json;
    struct json_object *array;

    if (!ts_exchange_went_well(x, err))
        return;
    json = ts_json_new_object();
    array = ts_json_new_array();
    for (size_t i = 0; i < count; i++)
        ts_json_append(array, step_json(&steps[i]));
    ts_json_add(json, "steps", array);
    ts_json_add(json, "member", ts_member_json(member));
    ts_exchange_reply(x, 200, json);
}

void ts_api_sync_member(struct ts_exchange *x)
{
    if (ts_exchange_body_is_empty(x))
        x->op = ts_sync_now_start(x->env, x->org, x->id, x->actor, on_synced, x);
}
