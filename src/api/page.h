/* SPDX-License-Identifier: MIT */
/* What part of a list is asked for. Pure. */
#ifndef API_PAGE_H
#define API_PAGE_H

#include <stdbool.h>
#include <stddef.h>

/* What a list gives out as its cursor: only such a text goes back to Redis, or (a token) to the
 * directory. */
enum ts_cursor {
    TS_CURSOR_NONE,
    TS_CURSOR_ORG,
    TS_CURSOR_NUMBER,
    TS_CURSOR_ENTRY,
    TS_CURSOR_ID,
    TS_CURSOR_PLACE,  /* in an order: base64url */
    TS_CURSOR_MEMBER, /* a number or a place: which, depends on how the list is sorted */
    TS_CURSOR_TOKEN
};

/* ?limit=…&cursor=…, each NULL where it was not sent. False when the limit is not 1 to 500, or the
 * cursor none of its kind. An empty cursor is that of the first page, as is none: NULL. */
bool ts_page_read(const char *limit, const char *cursor, enum ts_cursor kind, size_t *ret_limit,
                  const char **ret_cursor);

/* Whether a cursor is of this kind. */
bool ts_cursor_fits(const char *text, enum ts_cursor kind);

#endif
