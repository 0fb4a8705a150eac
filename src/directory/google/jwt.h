/* SPDX-License-Identifier: MIT */
/* The assertion a service account shows at the token endpoint. Pure. */
#ifndef DIRECTORY_GOOGLE_JWT_H
#define DIRECTORY_GOOGLE_JWT_H

#include <stdint.h>

struct ts_google_claims {
    const char *issuer;  /* the service account */
    const char *subject; /* whom it acts for */
    const char *scope;
    const char *audience;
    uint64_t issued_s; /* since 1970 */
};

/* NULL when the PEM text is an RSA key without a passphrase; else what is wrong, a constant. */
const char *ts_google_jwt_check_key(const char *pem);

/* RS256, valid for an hour; newly allocated, a secret. NULL: `*ret_problem` says why, a constant.
 * `key_id` may be NULL. */
char *ts_google_jwt_sign(const struct ts_google_claims *claims, const char *key_id, const char *pem,
                         const char **ret_problem);

#endif
