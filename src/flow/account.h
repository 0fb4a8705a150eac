/* SPDX-License-Identifier: MIT */
/* The account behind a connection, asked anew who it is. */
#ifndef FLOW_ACCOUNT_H
#define FLOW_ACCOUNT_H

#include "teamsync/flow.h"

/* TS_AUTH also when it was an admin and is none any more, or is in another directory by now.
 * `became_admin`: it was none, and from now on the connection may suspend; that is noted, unless it
 * is dry. */
typedef void ts_account_cb(const struct ts_error *err, bool became_admin, void *arg);
struct ts_op *ts_account_start(const struct ts_flow_env *env,
                               const struct ts_connection *connection, bool is_dry,
                               ts_account_cb *cb, void *arg);

#endif
