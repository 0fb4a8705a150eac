/* SPDX-License-Identifier: MIT */
/* The directory's users, page after page; the next page is fetched while this one is worked on. */
#ifndef FLOW_LISTING_H
#define FLOW_LISTING_H

#include "teamsync/flow.h"

struct ts_listing;

/* A page of our own, to be released with ts_page_free(). */
struct ts_page {
    struct ts_directory_user **users;
    size_t count;
    char **unread; /* ids of users that are there but cannot be read; NULL: not even the id */
    size_t unread_count;
    bool has_users;
    bool is_last;
    uint64_t observed_us; /* Redis TIME before it was asked for */
};
void ts_page_free(struct ts_page *page); /* NULL is fine */

/* TS_REJECTED: the listing is not valid any more, to be begun anew. `page` is the receiver's. */
typedef void ts_page_cb(const struct ts_error *err, struct ts_page *page, void *arg);

/* `connection` outlives it. */
struct ts_listing *ts_listing_new(const struct ts_flow_env *env,
                                  const struct ts_connection *connection);
void ts_listing_free(struct ts_listing *listing); /* cancels what it fetches; NULL is fine */
/* Not after the last page, nor after an error. */
struct ts_op *ts_listing_next(struct ts_listing *listing, ts_page_cb *cb, void *arg);

#endif
