/* SPDX-License-Identifier: MIT */
/* The answer to users.watch as JSON → a channel that is open. Pure. */
#ifndef DIRECTORY_GOOGLE_GOOGLE_WATCHING_JSON_H
#define DIRECTORY_GOOGLE_GOOGLE_WATCHING_JSON_H

#include "teamsync/directory.h"

struct json_object;

/* What became of the channel that was asked for at `now_us` for `ttl_s`. Its resource id is
 * borrowed from the JSON. TS_RETRY for what cannot be understood. */
struct ts_error ts_google_watching_read(struct json_object *json, const char *channel_id,
                                        uint32_t ttl_s, uint64_t now_us, struct ts_watching *ret);

#endif
