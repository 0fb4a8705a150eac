/* SPDX-License-Identifier: MIT */
/* Every route of the API, and what it takes to use it. */
#include "api/handlers.h"

#include "teamsync/mem.h"

#define ORG "/api/v1/orgs/{org}"

const struct ts_api_route ts_api_routes[] = {
    {"POST", "/api/v1/orgs", TS_OPERATE, ts_api_create_org},
    {"GET", "/api/v1/orgs", TS_OPERATE, ts_api_list_orgs},
    {"GET", ORG, TS_MEMBERS_READ, ts_api_get_org},
    {"PATCH", ORG, TS_INTEGRATIONS_MANAGE, ts_api_update_org},
    {"PUT", ORG "/connection", TS_INTEGRATIONS_MANAGE, ts_api_put_connection},
    {"GET", ORG "/connection", TS_MEMBERS_READ, ts_api_get_connection},
    {"PUT", ORG "/connection/auto-sync", TS_INTEGRATIONS_MANAGE | TS_MEMBERS_MANAGE,
     ts_api_put_auto_sync},
    {"POST", ORG "/resync", TS_INTEGRATIONS_MANAGE, ts_api_resync},
    {"GET", ORG "/members", TS_MEMBERS_READ, ts_api_list_members},
    {"POST", ORG "/members", TS_MEMBERS_MANAGE, ts_api_create_member},
    {"GET", ORG "/members/{id}", TS_MEMBERS_READ, ts_api_get_member},
    {"GET", ORG "/members/{id}/history", TS_MEMBERS_READ, ts_api_get_history},
    {"POST", ORG "/members/{id}/sync", TS_MEMBERS_MANAGE, ts_api_sync_member},
    {"GET", "/api/v1/queue", TS_OPERATE, ts_api_get_queue},
};
const size_t ts_api_route_count = TS_COUNT_OF(ts_api_routes);
