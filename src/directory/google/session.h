/* SPDX-License-Identifier: MIT */
/* What is kept for a connection between its requests: credentials, token, gate. */
#ifndef DIRECTORY_GOOGLE_SESSION_H
#define DIRECTORY_GOOGLE_SESSION_H

#include "directory/google/credentials.h"
#include "directory/google/gate.h"
#include "directory/google/token.h"

#include "teamsync/connection.h"

#include <stdint.h>

struct ts_google_session {
    const struct ts_google_env *env;
    const char *problem; /* the credentials cannot be used: why, a constant; no tokens then */
    struct ts_google_credentials *credentials;
    struct ts_google_tokens *tokens;
    struct ts_google_gate *gate;
};

struct ts_google_sessions;
struct ts_google_sessions *ts_google_sessions_new(const struct ts_google_env *env);
void ts_google_sessions_free(struct ts_google_sessions *sessions);          /* when none is open */
size_t ts_google_sessions_count(const struct ts_google_sessions *sessions); /* kept ones */

/* One per org and revision of its connection, shared, and kept for a while after its last use. A
 * connection without a revision gets one of its own. */
struct ts_google_session *ts_google_session_open(struct ts_google_sessions *sessions,
                                                 const struct ts_connection *connection);
/* One of its own, that proves anew that the credentials are good; the gate is the shared one's. */
struct ts_google_session *ts_google_session_open_alone(struct ts_google_sessions *sessions,
                                                       const struct ts_connection *connection);
void ts_google_session_close(struct ts_google_session *session);

#endif
