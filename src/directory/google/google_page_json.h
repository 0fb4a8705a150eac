/* SPDX-License-Identifier: MIT */
/* The answer to users.list as JSON → a page of the listing. Pure. */
#ifndef DIRECTORY_GOOGLE_GOOGLE_PAGE_JSON_H
#define DIRECTORY_GOOGLE_GOOGLE_PAGE_JSON_H

#include "teamsync/directory.h"

struct json_object;

enum { TS_GOOGLE_PAGE_MAX_BYTES = 16 << 20 }; /* 500 users, 32 KiB each */

/* What an error of users.list means. TS_REJECTED: the page token is not valid any more. */
struct ts_error ts_google_page_judge(const struct ts_error *err, const char *page_token);

/* The answer to a request with `page_token` (NULL: the first page). Texts are borrowed from the
 * JSON; release the rest with ts_google_page_done(). TS_RETRY for what would be taken for the last
 * page of a listing that goes on. A user who cannot be understood is one of the unread. */
struct ts_error ts_google_page_read(struct json_object *json, const char *team_from,
                                    const char *page_token, struct ts_directory_page *ret_page);
void ts_google_page_done(struct ts_directory_page *page);

#endif
