/* SPDX-License-Identifier: MIT */
/* Members and their history as the API shows them. */
#ifndef API_MEMBER_JSON_H
#define API_MEMBER_JSON_H

#include "teamsync/json.h"
#include "teamsync/roster.h"

struct json_object *ts_member_json(const struct ts_member *member);
struct json_object *ts_history_json(const struct ts_history_entry *entry);

#endif
