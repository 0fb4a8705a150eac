/* SPDX-License-Identifier: MIT */
/* The adapter itself, and what its operations are made of. */
#ifndef DIRECTORY_GOOGLE_GOOGLE_INTERNAL_H
#define DIRECTORY_GOOGLE_GOOGLE_INTERNAL_H

#include "directory/google/call.h"
#include "directory/google/env.h"
#include "directory/google/session.h"

#include "teamsync/directory.h"
#include "teamsync/google.h"

#define TS_GOOGLE_USERS "/admin/directory/v1/users"
#define TS_GOOGLE_STOP  "/admin/directory_v1/channels/stop" /* odd, but so it is */

struct ts_google {
    struct ts_directory port; /* first */
    struct ts_google_env env;
    struct ts_google_sessions *sessions;
};

static inline struct ts_google *ts_google_of(struct ts_directory *directory)
{
    return TS_CONTAINER_OF(directory, struct ts_google, port);
}

/* One operation of the port: a session, and one call at a time. */
struct ts_google_task {
    struct ts_op op; /* first */
    struct ts_google_session *session;
    struct ts_op *waiting;
};

/* The session that this connection shares with others. */
void ts_google_task_open(struct ts_google_task *task, struct ts_directory *directory,
                         const struct ts_connection *connection, void (*cancel)(struct ts_op *op));
void ts_google_task_call(struct ts_google_task *task, const struct ts_google_request *request,
                         ts_google_call_cb *cb);
/* Cancels what is in flight and closes the session; the owner frees the rest. */
void ts_google_task_leave(struct ts_google_task *task);

/* A user's address or id as it may stand in a path; NULL when it makes no sense there. */
char *ts_google_user_path(const char *key, const char *query);

struct ts_op *ts_google_get_user(struct ts_directory *directory,
                                 const struct ts_connection *connection, const char *key,
                                 ts_directory_user_cb *cb, void *arg);
struct ts_op *ts_google_list_users(struct ts_directory *directory,
                                   const struct ts_connection *connection, const char *page_token,
                                   ts_directory_page_cb *cb, void *arg);
struct ts_op *ts_google_search_users(struct ts_directory *directory,
                                     const struct ts_connection *connection,
                                     const struct ts_directory_search *wanted,
                                     ts_directory_page_cb *cb, void *arg);
struct ts_op *ts_google_get_profile(struct ts_directory *directory,
                                    const struct ts_connection *connection, const char *id,
                                    ts_directory_user_cb *cb, void *arg);
struct ts_op *ts_google_probe(struct ts_directory *directory,
                              const struct ts_connection *connection, ts_directory_probe_cb *cb,
                              void *arg);
struct ts_op *ts_google_watch(struct ts_directory *directory,
                              const struct ts_connection *connection, const struct ts_watch *watch,
                              ts_directory_watch_cb *cb, void *arg);
struct ts_op *ts_google_stop(struct ts_directory *directory, const struct ts_connection *connection,
                             const char *channel_id, const char *resource_id, ts_done_cb *cb,
                             void *arg);
char *ts_google_consent_url(struct ts_directory *directory,
                            const struct ts_directory_consent *consent);
struct ts_op *ts_google_redeem(struct ts_directory *directory,
                               const struct ts_directory_consent *consent, const char *code,
                               ts_directory_credentials_cb *cb, void *arg);

#endif
