/* SPDX-License-Identifier: MIT */
/* The token endpoint's answer to a consent's code → who consented, and what lasts of it. Pure. */
#ifndef DIRECTORY_GOOGLE_GOOGLE_CONSENT_JSON_H
#define DIRECTORY_GOOGLE_GOOGLE_CONSENT_JSON_H

#include "teamsync/error.h"

#include <stddef.h>
#include <stdint.h>

struct ts_google_consented {
    char *refresh_token; /* a secret */
    char *email;         /* of the account */
};

/* The body of a 200. The id token comes straight from the endpoint, over TLS, so its signature need
 * not be looked at; what it says is checked (OpenID Connect Core §3.1.3.7): by Google, for this
 * client, now, about an account of a Workspace whose address is proven. */
struct ts_error ts_google_consent_read(const char *body, size_t length, const char *client_id,
                                       uint64_t now_s, struct ts_google_consented *ret);
void ts_google_consent_done(struct ts_google_consented *consented);

#endif
