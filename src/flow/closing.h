/* SPDX-License-Identifier: MIT */
/* Notification channels closed: at the directory as far as that is possible, here for good. */
#ifndef FLOW_CLOSING_H
#define FLOW_CLOSING_H

#include "flow/known_channels.h"

#include "teamsync/flow.h"

/* Closes those of `known` that are not kept, of which there is one at least; NULL: whatever the
 * registry knows. `connection` is the one that they were opened through; both outlive it. What the
 * directory does not stop runs out by itself, and is not waited for beyond some seconds. An error
 * is the registry's. */
struct ts_op *ts_closing_start(const struct ts_flow_env *env,
                               const struct ts_connection *connection,
                               struct ts_known_channels *known, ts_done_cb *cb, void *arg);

#endif
