/* SPDX-License-Identifier: MIT */
/* The port to what is set up: orgs, their connections, notification channels, API tokens and
 * sessions. */
#ifndef TEAMSYNC_REGISTRY_H
#define TEAMSYNC_REGISTRY_H

#include "teamsync/connection.h"
#include "teamsync/op.h"
#include "teamsync/token.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ts_redis;
struct ts_seal;

typedef void ts_org_cb(const struct ts_error *err, const struct ts_org *org, void *arg);
/* `next_cursor` is NULL at the end. */
typedef void ts_orgs_cb(const struct ts_error *err, const struct ts_org *orgs, size_t count,
                        const char *next_cursor, void *arg);
/* TS_NOT_FOUND: there is no such org. An org without a connection is TS_CONNECTION_NONE.
 * TS_INTERNAL with a connection: its credentials do not open, this is the rest. */
typedef void ts_connection_cb(const struct ts_error *err, const struct ts_connection *connection,
                              void *arg);

/* A notification channel. */
struct ts_channel {
    const char *id;
    const char *org;
    unsigned char token_digest[32]; /* SHA-256 of its token; the token itself is not kept */
    const char *resource_id;        /* NULL until the watch was answered */
    const char *event;              /* the one it tells of; NULL: all */
    uint64_t expiration_us;
};
typedef void ts_channel_cb(const struct ts_error *err, const struct ts_channel *channel, void *arg);
typedef void ts_channels_cb(const struct ts_error *err, const struct ts_channel *channels,
                            size_t count, void *arg);

/* A consent that was begun, until its answer comes or its life is over. */
enum { TS_CONSENT_LIFE_S = 600 };
struct ts_consent {
    const char *org;
    const char *actor;    /* who began it */
    const char *verifier; /* a secret (directory.h) */
    bool is_by_admin;     /* on the admin socket */
};
/* What shows that an answer belongs to it; of neither is more kept than a digest. */
struct ts_consent_proof {
    const char *state;   /* names it; unguessable */
    const char *browser; /* the secret of who began it; NULL: it was not shown */
    bool insists;        /* a person saw whose it is, and wants it all the same */
};
/* Not taken, it still waits: the answer comes from another browser than the one that began.
 * TS_NOT_FOUND: there is none with this state, it is too old, or was taken. */
typedef void ts_consent_cb(const struct ts_error *err, const struct ts_consent *consent,
                           bool is_taken, void *arg);

/* TS_NOT_FOUND: no such token, or it has expired. */
typedef void ts_token_cb(const struct ts_error *err, const struct ts_token *token, void *arg);
typedef void ts_tokens_cb(const struct ts_error *err, const struct ts_token *tokens, size_t count,
                          const char *next_cursor, void *arg);

/* Signing in: what is shown, and the session that it opens. */
enum { TS_SESSION_LIFE_S = 12 * 3600, TS_LOGIN_LIFE_S = 600 };
struct ts_sign_in {
    const char *token; /* a secret; or NULL, and */
    const char *link;  /* that of a login link */
    const char *id;    /* the session's */
    const char *secret;
};

/* Rotation of the key that seals credentials. The steps: a new key seals from now on, while the old
 * ones still open; everything is sealed anew; the old keys go. */
typedef void ts_key_cb(const struct ts_error *err, const char *mark, void *arg);
enum ts_resealed {
    TS_RESEALED,           /* now */
    TS_RESEALED_BEFORE,    /* or there is nothing sealed */
    TS_RESEALED_OVERTAKEN, /* something else was put there meanwhile: look again */
    TS_RESEALED_NEVER,     /* no key opens it */
};
typedef void ts_resealed_cb(const struct ts_error *err, enum ts_resealed how, void *arg);

struct ts_registry {
    const struct ts_registry_ops *ops;
};

struct ts_registry_ops {
    /* TS_REJECTED when the id is taken. */
    struct ts_op *(*create_org)(struct ts_registry *registry, const struct ts_org *org,
                                ts_org_cb *cb, void *arg);
    /* Writes what differs from `before`, the org as it was read: what somebody else changes
     * meanwhile stays. */
    struct ts_op *(*update_org)(struct ts_registry *registry, const struct ts_org *before,
                                const struct ts_org *org, ts_org_cb *cb, void *arg);
    struct ts_op *(*get_org)(struct ts_registry *registry, const char *org, ts_org_cb *cb,
                             void *arg);
    struct ts_op *(*list_orgs)(struct ts_registry *registry, const char *cursor, size_t limit,
                               ts_orgs_cb *cb, void *arg);

    struct ts_op *(*get_connection)(struct ts_registry *registry, const char *org,
                                    ts_connection_cb *cb, void *arg);
    /* Stores provider, credentials (sealed), connected_by, subject, customer, may_suspend; the
     * state as given; a new revision in the place of the one given (NULL: there was none). TS_RETRY
     * when that is another one by now, while it is leaving, or when the key file here is not the
     * one in use. */
    struct ts_op *(*put_connection)(struct ts_registry *registry,
                                    const struct ts_connection *connection, ts_done_cb *cb,
                                    void *arg);
    /* Moves the state from one of `from` (a bit mask of 1 << enum ts_connection_state) to `to`,
     * without trouble; TS_REJECTED when it is in none of them. */
    struct ts_op *(*move_connection)(struct ts_registry *registry, const char *org, unsigned from,
                                     enum ts_connection_state to, ts_done_cb *cb, void *arg);
    /* Disconnected from here on: the credentials are gone, nobody who read them before writes
     * anything any more, and it is leaving until the roster has dropped the org's links. */
    struct ts_op *(*disconnect)(struct ts_registry *registry, const char *org, ts_done_cb *cb,
                                void *arg);
    /* The account behind the connection is an admin by now: subject, customer and may_suspend are
     * those given. TS_REJECTED: it has another revision by now. */
    struct ts_op *(*note_account)(struct ts_registry *registry,
                                  const struct ts_connection *connection, ts_done_cb *cb,
                                  void *arg);
    /* While auto-sync is on: a trouble with its reason, or (`why` NULL) the end of it. With any
     * trouble the state is `failing`, without one `active`. TS_REJECTED: nothing changed, but
     * perhaps the reason. */
    struct ts_op *(*set_trouble)(struct ts_registry *registry, const char *org,
                                 enum ts_trouble trouble, const struct ts_failure *why,
                                 ts_done_cb *cb, void *arg);
    /* Until when there is a live notification channel, and that it has brought something: nothing
     * is noted of a connection that is off by now. */
    struct ts_op *(*note_channel)(struct ts_registry *registry, const char *org, uint64_t until_us,
                                  ts_done_cb *cb, void *arg);
    struct ts_op *(*note_push)(struct ts_registry *registry, const char *org, ts_done_cb *cb,
                               void *arg);

    /* For the connection with this revision; TS_REJECTED: it has another one by now, or auto-sync
     * is off. */
    struct ts_op *(*put_channel)(struct ts_registry *registry, const struct ts_channel *channel,
                                 const char *revision, ts_done_cb *cb, void *arg);
    struct ts_op *(*get_channel)(struct ts_registry *registry, const char *id, ts_channel_cb *cb,
                                 void *arg);
    struct ts_op *(*list_channels)(struct ts_registry *registry, const char *org,
                                   ts_channels_cb *cb, void *arg);
    struct ts_op *(*remove_channel)(struct ts_registry *registry, const char *org, const char *id,
                                    ts_done_cb *cb, void *arg);

    struct ts_op *(*put_consent)(struct ts_registry *registry, const struct ts_consent_proof *proof,
                                 const struct ts_consent *consent, ts_done_cb *cb, void *arg);
    /* Once, and only by who began it, who insists, or where the admin socket began it. */
    struct ts_op *(*take_consent)(struct ts_registry *registry,
                                  const struct ts_consent_proof *proof, ts_consent_cb *cb,
                                  void *arg);

    /* A token or a session. Also notes that it is used, when that goes without waiting or failing.
     */
    struct ts_op *(*find_token)(struct ts_registry *registry, const char *secret, ts_token_cb *cb,
                                void *arg);
    /* Of `secret` only the digest is kept. TS_NOT_FOUND: there is no such org. */
    struct ts_op *(*create_token)(struct ts_registry *registry, const struct ts_token *token,
                                  const char *secret, ts_done_cb *cb, void *arg);
    /* Those of an org (NULL: all of them) and their sessions, in the order of their ids; those that
     * have ended are forgotten. A page may be short. */
    struct ts_op *(*list_tokens)(struct ts_registry *registry, const char *org, const char *cursor,
                                 size_t limit, ts_tokens_cb *cb, void *arg);
    struct ts_op *(*revoke_token)(struct ts_registry *registry, const char *id, ts_done_cb *cb,
                                  void *arg);

    /* For TS_LOGIN_LIFE_S: `secret`, once, opens a session with this name, org and permissions.
     * TS_NOT_FOUND: there is no such org. */
    struct ts_op *(*put_login)(struct ts_registry *registry, const struct ts_token *login,
                               const char *secret, ts_done_cb *cb, void *arg);
    /* The session, for TS_SESSION_LIFE_S; a link is taken with that. One that a token opened ends
     * with that token, and permits nothing that it does not. TS_NOT_FOUND: what is shown opens
     * nothing (any more). */
    struct ts_op *(*open_session)(struct ts_registry *registry, const struct ts_sign_in *sign_in,
                                  ts_token_cb *cb, void *arg);

    /* TS_REJECTED: the key file cannot be written, with the reason. */
    struct ts_op *(*add_key)(struct ts_registry *registry, ts_key_cb *cb, void *arg);
    struct ts_op *(*reseal)(struct ts_registry *registry, const char *org, ts_resealed_cb *cb,
                            void *arg);
    /* All keys but the one with this mark go. TS_REJECTED: another one has been added after it. */
    struct ts_op *(*keep_key)(struct ts_registry *registry, const char *mark, ts_done_cb *cb,
                              void *arg);
};

/* The Redis implementation; `redis` and `seal` outlive it. */
struct ts_registry *ts_registry_redis_new(struct ts_redis *redis, struct ts_seal *seal);
void ts_registry_redis_free(struct ts_registry *registry); /* NULL is fine */

#endif
