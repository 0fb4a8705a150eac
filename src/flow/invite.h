/* SPDX-License-Identifier: MIT */
/* One person of the directory becomes a member who is invited. */
#ifndef FLOW_INVITE_H
#define FLOW_INVITE_H

#include "teamsync/flow.h"

#include <stdbool.h>

/* All borrowed, and outliving the operation. */
struct ts_invite_task {
    const struct ts_connection *connection;
    const char *directory_id;
    const char *role;
    const char *by;           /* who invites them; NULL: nobody asked for it, see below */
    const struct ts_job *job; /* that it is a part of then */
};
typedef void ts_invite_cb(const struct ts_invite_result *result, void *arg);

struct ts_op *ts_invite_start(const struct ts_flow_env *env, const struct ts_invite_task *task,
                              ts_invite_cb *cb, void *arg);

/* Auto-invite. Whether this account is to be invited without anybody asking for it: it is live for
 * certain, and was made after auto-invite had been switched on. So ticking a box never mails a
 * company: who was there before is listed for a person to decide, and so is who has been there and
 * comes back. Nor is anybody invited whom a person has removed from the team, and nobody by a
 * connection that no admin made: it does not see who is suspended, nor when accounts were made. */
bool ts_is_newcomer(const struct ts_connection *connection, const struct ts_directory_user *user);

#endif
