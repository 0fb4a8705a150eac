/* SPDX-License-Identifier: MIT */
/* Every route of the API, and what it takes to use it. */
#include "api/handlers.h"

#include "teamsync/mem.h"

#define ORG     "/api/v1/orgs/{org}"
#define DEAD    "/api/v1/dead-letters"
#define SESSION "/api/v1/session"
#define CONSENT "/oauth/google/callback"

const struct ts_api_route ts_api_routes[] = {
    {"GET", "/api/v1/openapi.json", TS_PUBLIC, ts_api_get_openapi, TS_CURSOR_NONE},
    {"POST", "/api/v1/orgs", TS_OPERATE, ts_api_create_org, TS_CURSOR_NONE},
    {"GET", "/api/v1/orgs", TS_OPERATE, ts_api_list_orgs, TS_CURSOR_ORG},
    {"GET", ORG, TS_MEMBERS_READ, ts_api_get_org, TS_CURSOR_NONE},
    {"PATCH", ORG, TS_INTEGRATIONS_MANAGE, ts_api_update_org, TS_CURSOR_NONE},
    {"PUT", ORG "/connection", TS_INTEGRATIONS_MANAGE, ts_api_put_connection, TS_CURSOR_NONE},
    {"GET", ORG "/connection", TS_MEMBERS_READ, ts_api_get_connection, TS_CURSOR_NONE},
    {"DELETE", ORG "/connection", TS_INTEGRATIONS_MANAGE, ts_api_delete_connection, TS_CURSOR_NONE},
    {"GET", ORG "/connection/authorize", TS_INTEGRATIONS_MANAGE, ts_api_authorize, TS_CURSOR_NONE},
    {"GET", CONSENT, TS_PUBLIC, ts_api_consent, TS_CURSOR_NONE},
    {"POST", CONSENT, TS_PUBLIC, ts_api_insist_on_consent, TS_CURSOR_NONE},
    {"PUT", ORG "/connection/auto-sync", TS_INTEGRATIONS_MANAGE | TS_MEMBERS_MANAGE,
     ts_api_put_auto_sync, TS_CURSOR_NONE},
    {"GET", ORG "/connection/preview", TS_INTEGRATIONS_MANAGE, ts_api_preview, TS_CURSOR_NONE},
    {"POST", ORG "/resync", TS_INTEGRATIONS_MANAGE, ts_api_resync, TS_CURSOR_NONE},
    {"GET", ORG "/resyncs", TS_MEMBERS_READ, ts_api_list_resyncs, TS_CURSOR_NONE},
    {"POST", ORG "/resyncs/{id}/undo", TS_MEMBERS_MANAGE, ts_api_undo_resync, TS_CURSOR_NONE},
    {"GET", ORG "/hold", TS_MEMBERS_READ, ts_api_get_hold, TS_CURSOR_NONE},
    {"POST", ORG "/hold/approve", TS_MEMBERS_MANAGE, ts_api_approve_hold, TS_CURSOR_NONE},
    {"POST", ORG "/hold/reject", TS_MEMBERS_MANAGE, ts_api_reject_hold, TS_CURSOR_NONE},
    {"GET", ORG "/members", TS_MEMBERS_READ, ts_api_list_members, TS_CURSOR_MEMBER},
    {"POST", ORG "/members", TS_MEMBERS_MANAGE, ts_api_create_member, TS_CURSOR_NONE},
    {"GET", ORG "/teams", TS_MEMBERS_READ, ts_api_list_teams, TS_CURSOR_PLACE},
    {"GET", ORG "/summary", TS_MEMBERS_READ, ts_api_get_summary, TS_CURSOR_NONE},
    {"GET", ORG "/members/{id}", TS_MEMBERS_READ, ts_api_get_member, TS_CURSOR_NONE},
    {"PATCH", ORG "/members/{id}", TS_MEMBERS_MANAGE, ts_api_update_member, TS_CURSOR_NONE},
    {"DELETE", ORG "/members/{id}", TS_MEMBERS_MANAGE, ts_api_delete_member, TS_CURSOR_NONE},
    {"POST", ORG "/members/{id}/suspend", TS_MEMBERS_MANAGE, ts_api_suspend_member, TS_CURSOR_NONE},
    {"POST", ORG "/members/{id}/unsuspend", TS_MEMBERS_MANAGE, ts_api_unsuspend_member,
     TS_CURSOR_NONE},
    {"GET", ORG "/members/{id}/history", TS_MEMBERS_READ, ts_api_list_member_history,
     TS_CURSOR_ENTRY},
    {"POST", ORG "/members/{id}/sync", TS_MEMBERS_MANAGE, ts_api_sync_member, TS_CURSOR_NONE},
    {"GET", ORG "/history", TS_MEMBERS_READ, ts_api_list_history, TS_CURSOR_ENTRY},
    {"GET", ORG "/history/export", TS_MEMBERS_READ, ts_api_export_history, TS_CURSOR_NONE},
    {"GET", ORG "/events", TS_MEMBERS_READ, ts_api_stream_events, TS_CURSOR_NONE},
    {"POST", ORG "/members/{id}/invitation", TS_MEMBERS_MANAGE, ts_api_invite_again,
     TS_CURSOR_NONE},
    {"GET", ORG "/directory-users", TS_MEMBERS_MANAGE, ts_api_list_directory_users,
     TS_CURSOR_TOKEN},
    {"POST", ORG "/invitations", TS_MEMBERS_MANAGE, ts_api_invite, TS_CURSOR_NONE},
    {"GET", "/invitations/{token}", TS_PUBLIC, ts_api_show_invitation, TS_CURSOR_NONE},
    {"POST", "/invitations/{token}", TS_PUBLIC, ts_api_accept_invitation, TS_CURSOR_NONE},
    {"POST", "/api/v1/tokens", TS_OPERATE, ts_api_create_token, TS_CURSOR_NONE},
    {"GET", "/api/v1/tokens", TS_OPERATE, ts_api_list_tokens, TS_CURSOR_ID},
    {"DELETE", "/api/v1/tokens/{id}", TS_OPERATE, ts_api_revoke_token, TS_CURSOR_NONE},
    {"GET", ORG "/managers", TS_MEMBERS_READ, ts_api_list_managers, TS_CURSOR_ID},
    {"POST", SESSION, TS_PUBLIC, ts_api_sign_in, TS_CURSOR_NONE},
    {"GET", SESSION, TS_WHOEVER_ASKS, ts_api_get_session, TS_CURSOR_NONE},
    {"DELETE", SESSION, TS_ANYBODY_KNOWN, ts_api_sign_out, TS_CURSOR_NONE},
    {"POST", "/api/v1/login-links", TS_OPERATE, ts_api_create_login_link, TS_CURSOR_NONE},
    {"POST", "/api/v1/secrets/rotate", TS_OPERATE | TS_ADMIN_SOCKET, ts_api_rotate_secrets,
     TS_CURSOR_NONE},
    {"GET", "/api/v1/queue", TS_OPERATE, ts_api_get_queue, TS_CURSOR_NONE},
    {"GET", "/api/v1/queue/history", TS_OPERATE, ts_api_get_queue_history, TS_CURSOR_NONE},
    {"GET", DEAD, TS_OPERATE, ts_api_list_dead_letters, TS_CURSOR_ENTRY},
    {"POST", DEAD "/{id}/retry", TS_OPERATE, ts_api_retry_dead_letter, TS_CURSOR_NONE},
    {"DELETE", DEAD "/{id}", TS_OPERATE, ts_api_delete_dead_letter, TS_CURSOR_NONE},
};
const size_t ts_api_route_count = TS_COUNT_OF(ts_api_routes);
