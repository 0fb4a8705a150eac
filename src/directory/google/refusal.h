/* SPDX-License-Identifier: MIT */
/* Why Google does not do what a connection asks: a word for programs, a sentence that says what
 * happened, and how a person mends it. All of it stands in one table (refusal.c). */
#ifndef DIRECTORY_GOOGLE_REFUSAL_H
#define DIRECTORY_GOOGLE_REFUSAL_H

#include "teamsync/error.h"

struct ts_google_credentials;

enum ts_google_refusal {
    TS_GOOGLE_DELEGATION_MISSING,
    TS_GOOGLE_NO_IMPERSONATION,
    TS_GOOGLE_API_DISABLED,
    TS_GOOGLE_API_ACCESS_OFF,
    TS_GOOGLE_SCOPE_MISSING,
    TS_GOOGLE_SUBJECT_NOT_FOUND,
    TS_GOOGLE_SUBJECT_DELETED,
    TS_GOOGLE_SUBJECT_NOT_ADMIN,
    TS_GOOGLE_NOT_PERMITTED,
    TS_GOOGLE_DOMAIN_NOT_FOUND,
    TS_GOOGLE_OTHER_DIRECTORY,
    TS_GOOGLE_NO_WORKSPACE,
    TS_GOOGLE_KEY_INVALID,
    TS_GOOGLE_KEY_GONE,
    TS_GOOGLE_ACCOUNT_DELETED,
    TS_GOOGLE_CLOCK_SKEW,
    TS_GOOGLE_CONSENT_EXPIRED,
    TS_GOOGLE_CODE_REFUSED,
    TS_GOOGLE_NO_REFRESH_TOKEN,
    TS_GOOGLE_REDIRECT_MISMATCH,
    TS_GOOGLE_GRANT_REFUSED,
    TS_GOOGLE_CLIENT_BLOCKED,
    TS_GOOGLE_CLIENT_INTERNAL,
    TS_GOOGLE_CLIENT_UNKNOWN,
    TS_GOOGLE_TOKEN_REFUSED,
    TS_GOOGLE_CREDENTIALS_INCOMPLETE,
    TS_GOOGLE_REFUSED, /* in words that are not known here */
    TS_GOOGLE_THROTTLED,
    TS_GOOGLE_UNAVAILABLE,
    TS_GOOGLE_REFUSAL_COUNT,
};

/* The error that tells of it: "google: <where> <what happened> (<word>)". `word` may be NULL; it
 * is Google's own, and fit for a text. */
struct ts_error ts_google_refusal_error(enum ts_google_refusal refusal, const char *where,
                                        const char *word);
/* Of credentials that cannot be used, for the reason given. */
struct ts_error ts_google_incomplete(const char *problem);
/* An error that nobody gave a word gets the most general one that fits. */
void ts_google_name_error(struct ts_error *err);

/* How a person mends what this word names; newly allocated, NULL: it names nothing. `credentials`
 * and `client_id`, that of the service itself, may be NULL. */
char *ts_google_mend_text(const char *code, const struct ts_google_credentials *credentials,
                          const char *client_id);

#endif
