/* SPDX-License-Identifier: MIT */
/* API tokens: made, shown without their secret, and revoked. */
#include "api/handlers.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

enum { EXPIRES_MIN_S = 60, EXPIRES_MAX_S = 3653 * 86400 };

/* --- showing --- */

static struct json_object *permissions_json(unsigned permissions)
{
    struct json_object *words = ts_json_new_array();

    for (unsigned bit = 1; bit <= TS_ALL_PERMISSIONS; bit <<= 1) {
        if (permissions & bit)
            ts_json_append_text(words, ts_permission_name(bit));
    }
    return words;
}

static struct json_object *token_json(const void *record)
{
    const struct ts_token *token = record;
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "id", token->id);
    ts_json_add_text(json, "name", token->name);
    ts_json_add_text(json, "org", token->org);
    ts_json_add(json, "permissions", permissions_json(token->permissions));
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

/* "*": those that are for every org. */
static bool is_scope(const char *org)
{
    return ts_text_equal(org, "*") || ts_org_id_is_valid(org);
}

void ts_api_list_tokens(struct ts_exchange *x)
{
    struct ts_registry *registry = x->env->registry;
    const char *org = ts_request_query(x->request, "org");

    if (org && !is_scope(org))
        ts_exchange_refuse(x, 400, "org must be the id of one, or *");
    else
        x->op = registry->ops->list_tokens(registry, org, x->cursor, x->limit, on_tokens, x);
}

/* --- making --- */

/* The bits of a list of words; 0 when one is unknown or stands there twice. */
static unsigned read_permissions(struct json_object *words)
{
    unsigned permissions = 0;

    for (size_t i = 0; i < json_object_array_length(words); i++) {
        const char *word = json_object_get_string(json_object_array_get_idx(words, i));
        unsigned bit = ts_permission_parse(word);

        if (bit == 0 || (permissions & bit))
            return 0;
        permissions |= bit;
    }
    return permissions;
}

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
static void create(struct ts_exchange *x, unsigned permissions)
{
    struct ts_registry *registry = x->env->registry;
    TS_AUTOFREE_SECRET char *secret = ts_random_secret("ts_");
    TS_AUTOFREE char *id = ts_random_id("t_");
    uint64_t expires_in_s = 0;
    struct ts_token token = {.id = id,
                             .org = ts_json_text(x->body, "org"),
                             .name = ts_json_text(x->body, "name"),
                             .permissions = permissions,
                             .created_by = x->actor,
                             .created_us = ts_wall_us()};

    if (ts_json_u64(x->body, "expires_in_s", &expires_in_s))
        token.expires_us = token.created_us + expires_in_s * 1000000;
    x->draft = token_json(&token);
    ts_json_add_text(x->draft, "token", secret);
    x->op = registry->ops->create_token(registry, &token, secret, on_created, x);
}

void ts_api_create_token(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {
        {.name = "name", .type = TS_BODY_TEXT, .is_required = true},
        {.name = "org", .type = TS_BODY_TEXT, .is_required = true},
        {.name = "permissions", .type = TS_BODY_TEXTS, .is_required = true},
        {.name = "expires_in_s",
         .type = TS_BODY_NUMBER,
         .min = EXPIRES_MIN_S,
         .max = EXPIRES_MAX_S},
    };
    unsigned permissions;

    if (!ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)))
        return;
    permissions = read_permissions(ts_json_array(x->body, "permissions"));
    if (permissions == 0)
        ts_exchange_refuse(x, 400,
                           "permissions must be some of members:read, members:manage, "
                           "integrations:manage and operate, each of them once");
    else if (!is_scope(ts_json_text(x->body, "org")))
        ts_exchange_refuse(x, 400, "org must be the id of one, or *");
    else if (!ts_access_has(x, permissions))
        ts_exchange_refuse(x, 403, "nobody gives a permission that they do not have");
    else
        create(x, permissions);
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
