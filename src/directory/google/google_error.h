/* SPDX-License-Identifier: MIT */
/* What an answer of Google means. Pure: status and body in, a verdict out. */
#ifndef DIRECTORY_GOOGLE_GOOGLE_ERROR_H
#define DIRECTORY_GOOGLE_GOOGLE_ERROR_H

#include "teamsync/http.h"

#include <stdbool.h>

/* What a request showed of the service, whatever came of what was asked. */
enum ts_google_health {
    TS_GOOGLE_WORKS, /* a refusal or an absence is an answer too */
    TS_GOOGLE_FAILS,
    TS_GOOGLE_THROTTLES, /* we ask too much */
};

struct ts_google_verdict {
    struct ts_error err;
    enum ts_google_health health;
    bool is_deleted;   /* TS_OK, but the user asked for is deleted, and Google says so */
    bool is_forbidden; /* TS_AUTH, because the account is not an admin */
};

/* Whatever is not TS_OK, TS_NOT_FOUND or TS_INTERNAL has a code (refusal.h). */
struct ts_google_verdict ts_google_judge(const struct ts_http_response *response);
/* For an answer of the token endpoint. */
struct ts_google_verdict ts_google_judge_token(const struct ts_http_response *response);
/* For no answer, or one that nobody understands. TS_RETRY: it says nothing about what was asked. */
struct ts_google_verdict ts_google_judge_failure(const struct ts_error *err);

/* A word from outside, fit for an error's text: letters, digits, "._-", at most 40 bytes; the
 * fallback for anything else. */
const char *ts_google_word(const char *word, const char *fallback);

#endif
