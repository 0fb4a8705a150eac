/* SPDX-License-Identifier: MIT */
/* Members and their history as the API shows them. */
#ifndef API_MEMBER_JSON_H
#define API_MEMBER_JSON_H

#include "api/exchange.h"

ts_record_json ts_member_json;  /* of a struct ts_member */
ts_record_json ts_history_json; /* of a struct ts_history_entry */

#endif
