/* SPDX-License-Identifier: MIT */
/* A user resource as JSON → a directory user. Pure. */
#ifndef DIRECTORY_GOOGLE_GOOGLE_USER_JSON_H
#define DIRECTORY_GOOGLE_GOOGLE_USER_JSON_H

#include "teamsync/directory_user.h"
#include "teamsync/error.h"

struct json_object;

/* Texts are borrowed from the JSON; release the rest with ts_google_user_done(). TS_RETRY for what
 * cannot be understood: a field of a wrong type is never taken for an empty one, since that would
 * clear a member's manager or team. `team_from` may be NULL. */
struct ts_error ts_google_user_read(struct json_object *json, const char *team_from,
                                    struct ts_directory_user *ret_user);
void ts_google_user_done(struct ts_directory_user *user);

#endif
