/* SPDX-License-Identifier: MIT */
/* What an answer of Google means. Pure: status and body in, a verdict out. */
#ifndef DIRECTORY_GOOGLE_GOOGLE_ERROR_H
#define DIRECTORY_GOOGLE_GOOGLE_ERROR_H

#include "teamsync/http.h"

#include <stdbool.h>

struct ts_google_verdict {
    struct ts_error err;
    bool is_deleted;   /* TS_OK, but the user asked for is deleted, and Google says so */
    bool is_throttled; /* TS_RETRY, because we ask too much */
    bool is_forbidden; /* TS_AUTH, because the account is not an admin */
};

struct ts_google_verdict ts_google_judge(const struct ts_http_response *response);
/* For an answer of the token endpoint. */
struct ts_error ts_google_judge_token(const struct ts_http_response *response);

/* A word from outside, fit for an error's text: letters, digits, "._-", at most 40 bytes; the
 * fallback for anything else. */
const char *ts_google_word(const char *word, const char *fallback);

#endif
