/* SPDX-License-Identifier: MIT */
/* The port to a directory (Google Workspace first). Every operation is done with the credentials of
 * the connection given; tokens and rate limits are the adapter's own affair. */
#ifndef TEAMSYNC_DIRECTORY_H
#define TEAMSYNC_DIRECTORY_H

#include "teamsync/connection.h"
#include "teamsync/directory_user.h"
#include "teamsync/op.h"

#include <stdbool.h>
#include <stdint.h>

/* err->cls: TS_OK with the user (its `is_deleted` may be set); TS_NOT_FOUND: the directory does not
 * know this key (404), said by the directory and not by a proxy; TS_RETRY, TS_AUTH, TS_REJECTED,
 * TS_INTERNAL: nothing is known about the user, and nothing may be concluded. */
typedef void ts_directory_user_cb(const struct ts_error *err, const struct ts_directory_user *user,
                                  void *arg);

/* A page of the listing of all users, in no order that matters. */
struct ts_directory_page {
    const struct ts_directory_user *users;
    size_t count;
    const char *const *unread; /* ids of users that are there, but whose record makes no sense */
    size_t unread_count;
    bool has_users;         /* it names users; a page that does not is an end, or implausible */
    const char *next_token; /* NULL: the last page */
};
/* TS_REJECTED for a page that is not the first: its token is not valid any more. */
typedef void ts_directory_page_cb(const struct ts_error *err, const struct ts_directory_page *page,
                                  void *arg);

/* What connecting found out. */
struct ts_directory_probe {
    bool is_admin;       /* the subject is a (delegated or super) admin */
    const char *subject; /* the account behind the connection, its primary address */
};
typedef void ts_directory_probe_cb(const struct ts_error *err,
                                   const struct ts_directory_probe *probe, void *arg);

struct ts_watch {
    const char *channel_id; /* ≤ 64 characters, new for every call */
    const char *token;      /* ≤ 256 characters, comes back with each notification */
    const char *address;    /* where notifications go */
    const char *event;      /* "add", "update", … ; NULL: all */
    uint32_t ttl_s;         /* asked for; the answer decides */
};
struct ts_watching {
    const char *resource_id; /* needed to stop the channel */
    uint64_t expiration_us;  /* wall clock */
};
typedef void ts_directory_watch_cb(const struct ts_error *err, const struct ts_watching *watching,
                                   void *arg);

struct ts_directory {
    const struct ts_directory_ops *ops;
};

struct ts_directory_ops {
    /* `key`: an immutable id or an address. Asked by id, an answer about another id is an error. */
    struct ts_op *(*get_user)(struct ts_directory *directory,
                              const struct ts_connection *connection, const char *key,
                              ts_directory_user_cb *cb, void *arg);
    /* At most 500 users; `page_token` is NULL for the first page. */
    struct ts_op *(*list_users)(struct ts_directory *directory,
                                const struct ts_connection *connection, const char *page_token,
                                ts_directory_page_cb *cb, void *arg);
    /* Token, one read of the subject, one listing of one user. */
    struct ts_op *(*probe)(struct ts_directory *directory, const struct ts_connection *connection,
                           ts_directory_probe_cb *cb, void *arg);
    struct ts_op *(*watch)(struct ts_directory *directory, const struct ts_connection *connection,
                           const struct ts_watch *watch, ts_directory_watch_cb *cb, void *arg);
    /* A channel that is not there any more counts as stopped. */
    struct ts_op *(*stop)(struct ts_directory *directory, const struct ts_connection *connection,
                          const char *channel_id, const char *resource_id, ts_done_cb *cb,
                          void *arg);
};

#endif
