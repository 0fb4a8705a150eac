/* SPDX-License-Identifier: MIT */
/* Google's `fields` parameter: "nextPageToken,users(id,organizations/department)". Pure. */
#ifndef SANDBOX_FIELDS_MASK_H
#define SANDBOX_FIELDS_MASK_H

#include "teamsync/json.h"

/* A tree of names: {"users": {"id": {}, …}}; an empty object means everything. NULL for a mask that
 * is not one. */
struct json_object *fields_mask_parse(const char *text);
/* Removes from `json` what the mask does not name. */
void fields_mask_apply(struct json_object *mask, struct json_object *json);

#endif
