/* SPDX-License-Identifier: MIT */
/* The directory port for Google Workspace (Admin SDK Directory API v1). */
#ifndef TEAMSYNC_GOOGLE_H
#define TEAMSYNC_GOOGLE_H

#include "teamsync/directory.h"
#include "teamsync/http.h"

#include <stdint.h>

struct ts_loop;

struct ts_google_options {
    const char *api_url;   /* "https://admin.googleapis.com" */
    const char *token_url; /* "https://oauth2.googleapis.com/token"; also the JWT's audience */
    const char *auth_url;  /* "https://accounts.google.com/o/oauth2/v2/auth" */
    const char *client_id; /* for consents; NULL or "": none */
    const char *client_secret;
    unsigned requests_per_minute; /* per connection */
};

struct ts_directory *ts_google_new(struct ts_loop *loop, struct ts_http *http,
                                   const struct ts_google_options *options);
void ts_google_free(struct ts_directory *directory); /* NULL is fine */
/* From the next request on, for connections in use too. */
void ts_google_set_requests_per_minute(struct ts_directory *directory,
                                       unsigned requests_per_minute);

/* NULL when the credentials (JSON: type service_account with key and subject, or authorized_user
 * with client_id, client_secret, refresh_token) can be used; else what is missing, a constant. */
const char *ts_google_check_credentials(const char *json);

#endif
