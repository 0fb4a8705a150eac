/* SPDX-License-Identifier: MIT */
/* The handlers, by file. */
#ifndef API_HANDLERS_H
#define API_HANDLERS_H

#include "api/exchange.h"

/* openapi.c */
ts_api_handler ts_api_get_openapi;
extern const char ts_json_openapi[]; /* openapi.json, as the build embeds it */
/* orgs.c */
ts_api_handler ts_api_create_org, ts_api_list_orgs, ts_api_get_org, ts_api_update_org;
/* connections.c */
ts_api_handler ts_api_put_connection, ts_api_get_connection, ts_api_delete_connection,
    ts_api_put_auto_sync;
/* consents.c */
ts_api_handler ts_api_authorize, ts_api_consent, ts_api_insist_on_consent;
/* members.c */
ts_api_handler ts_api_list_members, ts_api_create_member, ts_api_get_member;
/* teams.c */
ts_api_handler ts_api_list_teams, ts_api_get_summary;
/* member_decisions.c */
ts_api_handler ts_api_update_member, ts_api_delete_member;
ts_api_handler ts_api_suspend_member, ts_api_unsuspend_member;
/* history.c */
ts_api_handler ts_api_list_history, ts_api_list_member_history;
/* history_export.c */
ts_api_handler ts_api_export_history;
/* events.c */
ts_api_handler ts_api_stream_events;
/* sync.c */
ts_api_handler ts_api_sync_member;
/* directory_users.c */
ts_api_handler ts_api_list_directory_users, ts_api_invite;
/* invitations.c */
ts_api_handler ts_api_invite_again, ts_api_show_invitation, ts_api_accept_invitation;
/* jobs.c */
ts_api_handler ts_api_get_queue;
ts_api_handler ts_api_get_queue_history;
/* dead_letters.c */
ts_api_handler ts_api_list_dead_letters, ts_api_retry_dead_letter, ts_api_delete_dead_letter;
/* tokens.c */
ts_api_handler ts_api_create_token, ts_api_list_tokens, ts_api_revoke_token, ts_api_list_managers;
/* sessions.c */
ts_api_handler ts_api_sign_in, ts_api_get_session, ts_api_sign_out;
/* login_links.c */
ts_api_handler ts_api_create_login_link;
/* secrets.c */
ts_api_handler ts_api_rotate_secrets;
/* resyncs.c */
ts_api_handler ts_api_resync, ts_api_list_resyncs, ts_api_undo_resync, ts_api_preview;
ts_record_json ts_run_json; /* of a struct ts_run */
/* holds.c */
ts_api_handler ts_api_get_hold, ts_api_approve_hold, ts_api_reject_hold;
struct json_object *ts_loss_json(const struct ts_loss *loss);

#endif
