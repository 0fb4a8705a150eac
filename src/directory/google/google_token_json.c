/* SPDX-License-Identifier: MIT */
/* An access token (GOOGLE.md §E.1, §E.2). */
#include "directory/google/google_token_json.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"

#include <stdbool.h>
#include <string.h>

enum { LIFETIME_DEFAULT_S = 3600, LIFETIME_MAX_S = 24 * 3600, TOKEN_MAX_BYTES = 8192 };

/* It goes into a header: visible ASCII only. */
static bool is_token(const char *text)
{
    size_t length = text ? strlen(text) : 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    }
    return length > 0 && length <= TOKEN_MAX_BYTES;
}

struct ts_error ts_google_token_read(const char *body, size_t length, char **ret_token,
                                     uint64_t *ret_lifetime_s)
{
    TS_AUTOJSON struct json_object *json = ts_json_parse(body, length, NULL);
    const char *token = ts_json_text(json, "access_token");
    uint64_t lifetime_s = LIFETIME_DEFAULT_S;

    (void)ts_json_u64(json, "expires_in", &lifetime_s);
    if (!is_token(token) || lifetime_s == 0) /* with no life in it we would ask for ever */
        return ts_error_make(TS_RETRY, "google: token: the answer was not understood");
    *ret_token = ts_strdup(token);
    *ret_lifetime_s = lifetime_s < LIFETIME_MAX_S ? lifetime_s : LIFETIME_MAX_S;
    return ts_no_error;
}
