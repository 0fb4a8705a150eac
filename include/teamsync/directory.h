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

/* Some of them, for a person who looks for somebody. */
struct ts_directory_search {
    const char *text;       /* a name, or how a name or an address begins; NULL: everybody */
    size_t limit;           /* 1 to 500 */
    const char *page_token; /* as a page before gave it; NULL: the first page */
};

/* What connecting found out. */
struct ts_directory_probe {
    bool is_admin;        /* the subject is a (delegated or super) admin */
    const char *subject;  /* the account behind the connection, its primary address */
    const char *customer; /* the directory's own id, where it is told; NULL: it is not */
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

/* A person's consent in place of credentials (RFC 6749 §4.1, RFC 7636). */
struct ts_directory_consent {
    const char *state;       /* comes back with the answer, and names it */
    const char *verifier;    /* proves that who redeems the code is who asked for it; a secret */
    const char *redirect_to; /* where the answer goes */
    const char *hint;        /* the account to be offered; NULL: none */
};
/* `credentials` as ts_connection has them; a secret. */
typedef void ts_directory_credentials_cb(const struct ts_error *err, const char *credentials,
                                         void *arg);

/* Codes of errors that others than an adapter find out, too; all further ones are its own. */
#define TS_DIRECTORY_NOT_ADMIN "subject_not_admin" /* any more, but an admin connected it */
#define TS_DIRECTORY_OTHER     "other_directory"   /* than the one that the links are of */

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
    /* With names. TS_REJECTED: the page token is none, or not any more, or the text holds nothing
     * to look for. */
    struct ts_op *(*search_users)(struct ts_directory *directory,
                                  const struct ts_connection *connection,
                                  const struct ts_directory_search *search,
                                  ts_directory_page_cb *cb, void *arg);
    /* As get_user, for an invitation: who it is and whether the account is live, with the name. */
    struct ts_op *(*get_profile)(struct ts_directory *directory,
                                 const struct ts_connection *connection, const char *id,
                                 ts_directory_user_cb *cb, void *arg);
    /* Token, one read of the subject, one listing of one user. */
    struct ts_op *(*probe)(struct ts_directory *directory, const struct ts_connection *connection,
                           ts_directory_probe_cb *cb, void *arg);
    struct ts_op *(*watch)(struct ts_directory *directory, const struct ts_connection *connection,
                           const struct ts_watch *watch, ts_directory_watch_cb *cb, void *arg);
    /* A channel that is not there any more counts as stopped. */
    struct ts_op *(*stop)(struct ts_directory *directory, const struct ts_connection *connection,
                          const char *channel_id, const char *resource_id, ts_done_cb *cb,
                          void *arg);

    /* Where a person consents; newly allocated, NULL: this service has no client for that. */
    char *(*consent_url)(struct ts_directory *directory,
                         const struct ts_directory_consent *consent);
    /* The credentials that a consent's code is good for, once. */
    struct ts_op *(*redeem)(struct ts_directory *directory,
                            const struct ts_directory_consent *consent, const char *code,
                            ts_directory_credentials_cb *cb, void *arg);

    /* How a person mends what an error's code names: what to click where, with what this connection
     * has there (its credentials may be NULL). Newly allocated; NULL: the code names nothing. */
    char *(*mend)(struct ts_directory *directory, const struct ts_connection *connection,
                  const char *code);
};

#endif
