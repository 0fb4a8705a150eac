/* SPDX-License-Identifier: MIT */
/* Reading limit and cursor. */
#include "api/page.h"

#include "teamsync/connection.h"
#include "teamsync/job.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500, TOKEN_MAX_BYTES = 2000 };
/* Of a page token, whatever kind of base64 it may be. */
static const char token_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~!=+/";

static bool is_place(const char *text)
{
    size_t length;
    TS_AUTOFREE unsigned char *place =
        strlen(text) <= TOKEN_MAX_BYTES ? ts_base64url_decode(text, &length) : NULL;

    return place != NULL;
}

bool ts_cursor_fits(const char *text, enum ts_cursor kind)
{
    uint64_t number;

    switch (kind) {
    case TS_CURSOR_ORG:
        return ts_org_id_is_valid(text);
    case TS_CURSOR_NUMBER:
        return ts_text_to_u64(text, &number);
    case TS_CURSOR_ENTRY:
        return ts_job_id_is_valid(text);
    case TS_CURSOR_ID:
        return ts_text_is_id(text);
    case TS_CURSOR_PLACE:
        return is_place(text);
    case TS_CURSOR_MEMBER:
        return ts_text_to_u64(text, &number) || is_place(text);
    case TS_CURSOR_TOKEN:
        return strlen(text) <= TOKEN_MAX_BYTES && strspn(text, token_letters) == strlen(text);
    case TS_CURSOR_NONE:
    default:
        return false;
    }
}

bool ts_page_read(const char *limit, const char *cursor, enum ts_cursor kind, size_t *ret_limit,
                  const char **ret_cursor)
{
    uint64_t number = LIMIT_DEFAULT;

    if (limit && (!ts_text_to_u64(limit, &number) || number < 1 || number > LIMIT_MAX))
        return false;
    if (!ts_text_is_empty(cursor) && !ts_cursor_fits(cursor, kind))
        return false;
    *ret_limit = (size_t)number;
    *ret_cursor = ts_text_or_null(cursor);
    return true;
}
