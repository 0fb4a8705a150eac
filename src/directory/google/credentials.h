/* SPDX-License-Identifier: MIT */
/* What an admin gives us to reach Google with. */
#ifndef DIRECTORY_GOOGLE_CREDENTIALS_H
#define DIRECTORY_GOOGLE_CREDENTIALS_H

#include <stdbool.h>

struct ts_google_credentials {
    bool is_service_account; /* else an authorised user's consent */
    char *subject;           /* the address of the account behind the connection */

    char *client_id; /* what an admin trusts; of a service account it may be NULL */

    char *client_email; /* of a service account */
    char *key_id;       /* may be NULL */
    char *private_key;  /* PEM */
    char *project;      /* may be NULL */

    char *client_secret; /* of a consent */
    char *refresh_token;
};

/* NULL with `*ret_credentials`, or what is wrong with them, a constant. */
const char *ts_google_credentials_parse(const char *json,
                                        struct ts_google_credentials **ret_credentials);
void ts_google_credentials_free(struct ts_google_credentials *credentials); /* NULL is fine */

#endif
