/* SPDX-License-Identifier: MIT */
/* Reading what is given: it makes sense, and nobody gives what they do not have. */
#include "api/grant.h"

#include "teamsync/text.h"

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

bool ts_grant_is_scope(const char *org)
{
    return ts_text_equal(org, "*") || ts_org_id_is_valid(org);
}

bool ts_grant_read(struct ts_exchange *x, struct ts_token *ret_token)
{
    struct ts_token token = {
        .org = ts_json_text(x->body, "org"),
        .name = ts_json_text(x->body, "name"),
        .permissions = read_permissions(ts_json_array(x->body, "permissions")),
        .created_by = x->actor,
    };

    if (token.permissions == 0)
        ts_exchange_refuse(x, 400,
                           "permissions must be some of members:read, members:manage, "
                           "integrations:manage and operate, each of them once");
    else if (!ts_grant_is_scope(token.org))
        ts_exchange_refuse(x, 400, "org must be the id of one, or *");
    else if (!ts_access_has(x, token.permissions))
        ts_exchange_refuse(x, 403, "nobody gives a permission that they do not have");
    else {
        *ret_token = token;
        return true;
    }
    return false;
}

struct json_object *ts_permissions_json(unsigned permissions)
{
    struct json_object *words = ts_json_new_array();

    for (unsigned bit = 1; bit <= TS_ALL_PERMISSIONS; bit <<= 1) {
        if (permissions & bit)
            ts_json_append_text(words, ts_permission_name(bit));
    }
    return words;
}
