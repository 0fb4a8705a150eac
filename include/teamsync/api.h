/* SPDX-License-Identifier: MIT */
/* The HTTP API under /api/v1: permission first, then one port call or one flow, then JSON. */
#ifndef TEAMSYNC_API_H
#define TEAMSYNC_API_H

#include "teamsync/flow.h"
#include "teamsync/http_server.h"

struct ts_api;
struct ts_api *ts_api_new(const struct ts_flow_env *env);
void ts_api_add_routes(struct ts_api *api, struct ts_http_server *server);
/* Those that would go on for long end now, and none begins any more. */
void ts_api_end_streams(struct ts_api *api);
void ts_api_free(struct ts_api *api); /* after the server; NULL is fine */

#endif
