/* SPDX-License-Identifier: MIT */
/* What a person decides about one member: an edit, a suspension, an end. */
#include "api/handlers.h"
#include "api/member_json.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

static struct ts_decision decision_of(const struct ts_exchange *x)
{
    return (struct ts_decision){.org = x->org, .member_id = x->id, .by = x->actor};
}

/* The member, and what whoever decided should know. */
static void on_decided(const struct ts_error *err, const struct ts_member *member,
                       const char *const *warnings, size_t warning_count, void *arg)
{
    struct ts_exchange *x = arg;
    struct json_object *json;
    struct json_object *array;

    if (!ts_exchange_went_well(x, err))
        return;
    json = ts_member_json(member);
    array = ts_json_new_array();
    for (size_t i = 0; i < warning_count; i++)
        ts_json_append_text(array, warnings[i]);
    ts_json_add(json, "warnings", array);
    ts_exchange_reply(x, 200, json);
}

/* --- an edit --- */

/* NULL when the body does not name it, "" when it is null there. */
static const char *text_or_none(struct json_object *body, const char *name)
{
    const char *text = ts_json_text(body, name);

    if (!json_object_object_get_ex(body, name, NULL))
        return NULL;
    return ts_text_or_empty(text);
}

void ts_api_update_member(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {
        {.name = "name", .type = TS_BODY_TEXT},
        {.name = "role", .type = TS_BODY_TEXT, .max_bytes = 100},
        {.name = "team", .type = TS_BODY_TEXT, .may_be_null = true},
        {.name = "manager_id", .type = TS_BODY_TEXT, .may_be_null = true},
        {.name = "protected", .type = TS_BODY_BOOL},
    };
    struct ts_decision decision = decision_of(x);
    bool is_protected = ts_json_bool(x->body, "protected", false);
    struct ts_member_edit edit = {
        .name = ts_json_text(x->body, "name"),
        .role = ts_json_text(x->body, "role"),
        .team = text_or_none(x->body, "team"),
        .manager_id = text_or_none(x->body, "manager_id"),
        .is_protected =
            json_object_object_get_ex(x->body, "protected", NULL) ? &is_protected : NULL,
    };

    if (json_object_object_get_ex(x->body, "email", NULL))
        ts_exchange_refuse(x, 400,
                           "email cannot be edited: people are matched by it; delete this "
                           "member, and invite the new address");
    else if (ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)))
        x->op = x->env->roster->ops->edit(x->env->roster, &decision, &edit, on_decided, x);
}

/* --- suspended, and back --- */

void ts_api_suspend_member(struct ts_exchange *x)
{
    struct ts_decision decision = decision_of(x);

    if (ts_exchange_body_is_empty(x))
        x->op = x->env->roster->ops->suspend(x->env->roster, &decision, on_decided, x);
}

void ts_api_unsuspend_member(struct ts_exchange *x)
{
    struct ts_decision decision = decision_of(x);

    if (ts_exchange_body_is_empty(x))
        x->op = x->env->roster->ops->unsuspend(x->env->roster, &decision, on_decided, x);
}

/* --- deleted --- */

void ts_api_delete_member(struct ts_exchange *x)
{
    struct ts_decision decision = decision_of(x);

    if (ts_exchange_body_is_empty(x))
        x->op = x->env->roster->ops->remove(x->env->roster, &decision, ts_exchange_on_done, x);
}
