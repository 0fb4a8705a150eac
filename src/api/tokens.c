/* SPDX-License-Identifier: MIT */
/* API tokens and sessions: made, shown without their secret, and revoked. */
#include "api/grant.h"
#include "api/handlers.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

enum { EXPIRES_MIN_S = 60, EXPIRES_MAX_S = 3653 * 86400 };

/* --- showing --- */

static struct json_object *token_json(const void *record)
{
    const struct ts_token *token = record;
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "id", token->id);
    ts_json_add_text(json, "kind", token->is_session ? "session" : "token");
    ts_json_add_text(json, "name", token->name);
    ts_json_add_text(json, "org", token->org);
    ts_json_add(json, "permissions", ts_permissions_json(token->permissions));
    ts_json_add_time(json, "created_at", token->created_us);
    ts_json_add_text(json, "created_by", token->created_by);
    ts_json_add_time(json, "expires_at", token->expires_us);
    ts_json_add_time(json, "last_used_at", token->last_used_us);
    return json;
}

static void on_tokens(const struct ts_error *err, const struct ts_token *tokens, size_t count,
                      const char *next_cursor, void *arg)
{
    ts_exchange_reply_list(arg, err,
                           &(struct ts_list){.records = tokens,
                                             .count = count,
                                             .size = sizeof(*tokens),
                                             .json_of = token_json,
                                             .next_cursor = next_cursor});
}

void ts_api_list_tokens(struct ts_exchange *x)
{
    struct ts_registry *registry = x->env->registry;
    const char *org = ts_request_query(x->request, "org");

    if (org && !ts_grant_is_scope(org))
        ts_exchange_refuse(x, 400, "org must be the id of one, or *");
    else
        x->op = registry->ops->list_tokens(registry, org, x->cursor, x->limit, on_tokens, x);
}

/* --- whom to ask, for who may not --- */

static struct json_object *manager_json(const void *record)
{
    const struct ts_token *token = record;
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "name", token->name);
    ts_json_add(json, "permissions", ts_permissions_json(token->permissions));
    return json;
}

static void on_managers(const struct ts_error *err, const struct ts_token *tokens, size_t count,
                        const char *next_cursor, void *arg)
{
    TS_AUTOFREE struct ts_token *managers = ts_alloc(count * sizeof(*managers));
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        if (!tokens[i].is_session &&
            (tokens[i].permissions & (TS_MEMBERS_MANAGE | TS_INTEGRATIONS_MANAGE)))
            managers[found++] = tokens[i];
    }
    ts_exchange_reply_list(arg, err,
                           &(struct ts_list){.records = managers,
                                             .count = found,
                                             .size = sizeof(*managers),
                                             .json_of = manager_json,
                                             .next_cursor = next_cursor});
}

static void list_managers(struct ts_exchange *x)
{
    struct ts_registry *registry = x->env->registry;

    x->op = registry->ops->list_tokens(registry, x->org, x->cursor, x->limit, on_managers, x);
}

void ts_api_list_managers(struct ts_exchange *x)
{
    ts_exchange_with_org(x, list_managers);
}

/* --- making --- */

static void on_created(const struct ts_error *err, void *arg)
{
    struct ts_exchange *x = arg;
    struct json_object *token = x->draft;

    if (!ts_exchange_went_well(x, err))
        return;
    ts_guesses_note_good(x->guesses, ts_json_text(token, "token")); /* before anybody uses it */
    ts_log(TS_LOG_INFO, "token created", "token", ts_json_text(token, "id"), "name",
           ts_json_text(token, "name"), "org", ts_json_text(token, "org"), "by", x->actor, NULL);
    ts_exchange_reply(x, 201, TS_STEAL(x->draft));
}

/* The answer is made before: its texts are the token's. */
static void create(struct ts_exchange *x, struct ts_token *token)
{
    struct ts_registry *registry = x->env->registry;
    TS_AUTOFREE_SECRET char *secret = ts_random_secret("ts_");
    TS_AUTOFREE char *id = ts_random_id("t_");
    uint64_t expires_in_s = 0;

    token->id = id;
    token->created_us = ts_wall_us();
    if (ts_json_u64(x->body, "expires_in_s", &expires_in_s))
        token->expires_us = token->created_us + expires_in_s * 1000000;
    x->draft = token_json(token);
    ts_json_add_text(x->draft, "token", secret);
    x->op = registry->ops->create_token(registry, token, secret, on_created, x);
}

void ts_api_create_token(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {
        TS_GRANT_FIELDS,
        {.name = "expires_in_s",
         .type = TS_BODY_NUMBER,
         .min = EXPIRES_MIN_S,
         .max = EXPIRES_MAX_S},
    };
    struct ts_token token;

    if (ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)) && ts_grant_read(x, &token))
        create(x, &token);
}

/* --- revoking --- */

static void on_revoked(const struct ts_error *err, void *arg)
{
    struct ts_exchange *x = arg;

    if (err->cls == TS_OK)
        ts_log(TS_LOG_INFO, "token revoked", "token", x->id, "by", x->actor, NULL);
    ts_exchange_on_done(err, x);
}

void ts_api_revoke_token(struct ts_exchange *x)
{
    struct ts_registry *registry = x->env->registry;

    if (ts_exchange_body_is_empty(x))
        x->op = registry->ops->revoke_token(registry, x->id, on_revoked, x);
}
