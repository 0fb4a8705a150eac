/* SPDX-License-Identifier: MIT */
/* The token endpoint's answer as JSON → an access token. Pure. */
#ifndef DIRECTORY_GOOGLE_GOOGLE_TOKEN_JSON_H
#define DIRECTORY_GOOGLE_GOOGLE_TOKEN_JSON_H

#include "teamsync/error.h"

#include <stddef.h>
#include <stdint.h>

/* The body of a 200. The token is newly allocated (ts_free_secret()) and fit for a header; it lives
 * a second to a day. TS_RETRY for anything else. */
struct ts_error ts_google_token_read(const char *body, size_t length, char **ret_token,
                                     uint64_t *ret_lifetime_s);

#endif
