/* SPDX-License-Identifier: MIT */
/* What is given to somebody, with a token or a login link: a name, an org, and permissions. */
#ifndef API_GRANT_H
#define API_GRANT_H

#include "api/exchange.h"

/* The fields of a body that says so. */
#define TS_GRANT_FIELDS                                                                            \
    {.name = "name", .type = TS_BODY_TEXT, .is_required = true},                                   \
        {.name = "org", .type = TS_BODY_TEXT, .is_required = true},                                \
    {                                                                                              \
        .name = "permissions", .type = TS_BODY_TEXTS, .is_required = true                          \
    }

/* Name, org, permissions, and who gives them: the texts are the exchange's. False, and the request
 * refused, when it makes no sense, or is more than who asks has themselves. */
bool ts_grant_read(struct ts_exchange *x, struct ts_token *ret_token);

/* The id of an org, or "*" for all of them. */
bool ts_grant_is_scope(const char *org);

/* ["members:read", …] */
struct json_object *ts_permissions_json(unsigned permissions);

#endif
