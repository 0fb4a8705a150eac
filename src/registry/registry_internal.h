/* SPDX-License-Identifier: MIT */
/* The Redis registry, shared by its files. */
#ifndef REGISTRY_REGISTRY_INTERNAL_H
#define REGISTRY_REGISTRY_INTERNAL_H

#include "teamsync/redis.h"
#include "teamsync/registry.h"
#include "teamsync/seal.h"

struct redis_registry {
    struct ts_registry port;
    struct ts_redis *redis;
    struct ts_seal *seal;
};

static inline struct redis_registry *registry_of(struct ts_registry *port)
{
    return TS_CONTAINER_OF(port, struct redis_registry, port);
}

/* org:<org> → an org, borrowed; false when the hash is empty. */
bool ts_registry_read_org(const struct ts_reply *hash, struct ts_org *ret_org);

/* token:<digest> → a token or session, borrowed; false: there is none, or it has expired. */
bool ts_registry_read_token(const struct ts_reply *hash, struct ts_token *ret_token);

/* Stores fields of connection:<org>, sealed credentials among them; but none sealed under a key
 * that has been rotated away. `words` end with NULL: the first is free for the sealer's marks, then
 * a field and the value by which what is replaced is known ("": there is none), then field, value,
 * … Replies are numbers. */
enum stored { STORED_NOT_UNDER_OLD_KEY = -1, STORED_NOT, STORED };
struct ts_op *ts_registry_store_sealed(struct redis_registry *registry, const char *org,
                                       const char **words, ts_redis_cb *cb, void *arg);

/* The operations, by file. */
struct ts_op *ts_registry_create_org(struct ts_registry *, const struct ts_org *, ts_org_cb *,
                                     void *);
struct ts_op *ts_registry_update_org(struct ts_registry *, const struct ts_org *,
                                     const struct ts_org *, ts_org_cb *, void *);
struct ts_op *ts_registry_get_org(struct ts_registry *, const char *org, ts_org_cb *, void *);
struct ts_op *ts_registry_list_orgs(struct ts_registry *, const char *cursor, size_t limit,
                                    ts_orgs_cb *, void *);

struct ts_op *ts_registry_get_connection(struct ts_registry *, const char *org, ts_connection_cb *,
                                         void *);
struct ts_op *ts_registry_put_connection(struct ts_registry *, const struct ts_connection *,
                                         ts_done_cb *, void *);
struct ts_op *ts_registry_move_connection(struct ts_registry *, const char *org, unsigned from,
                                          enum ts_connection_state to, ts_done_cb *, void *);
struct ts_op *ts_registry_disconnect(struct ts_registry *, const char *org, ts_done_cb *, void *);
struct ts_op *ts_registry_note_account(struct ts_registry *, const struct ts_connection *,
                                       ts_done_cb *, void *);
struct ts_op *ts_registry_set_trouble(struct ts_registry *, const char *org, enum ts_trouble,
                                      const struct ts_failure *why, ts_done_cb *, void *);
struct ts_op *ts_registry_note_push(struct ts_registry *, const char *org, ts_done_cb *, void *);
struct ts_op *ts_registry_note_channel(struct ts_registry *, const char *org, uint64_t until_us,
                                       ts_done_cb *, void *);

struct ts_op *ts_registry_put_consent(struct ts_registry *, const struct ts_consent_proof *,
                                      const struct ts_consent *, ts_done_cb *, void *);
struct ts_op *ts_registry_take_consent(struct ts_registry *, const struct ts_consent_proof *,
                                       ts_consent_cb *, void *);

struct ts_op *ts_registry_put_channel(struct ts_registry *, const struct ts_channel *,
                                      const char *revision, ts_done_cb *, void *);
struct ts_op *ts_registry_get_channel(struct ts_registry *, const char *id, ts_channel_cb *,
                                      void *);
struct ts_op *ts_registry_list_channels(struct ts_registry *, const char *org, ts_channels_cb *,
                                        void *);
struct ts_op *ts_registry_remove_channel(struct ts_registry *, const char *org, const char *id,
                                         ts_done_cb *, void *);

struct ts_op *ts_registry_find_token(struct ts_registry *, const char *secret, ts_token_cb *,
                                     void *);
struct ts_op *ts_registry_create_token(struct ts_registry *, const struct ts_token *,
                                       const char *secret, ts_done_cb *, void *);
struct ts_op *ts_registry_list_tokens(struct ts_registry *, const char *org, const char *cursor,
                                      size_t limit, ts_tokens_cb *, void *);
struct ts_op *ts_registry_revoke_token(struct ts_registry *, const char *id, ts_done_cb *, void *);

struct ts_op *ts_registry_put_login(struct ts_registry *, const struct ts_token *login,
                                    const char *secret, ts_done_cb *, void *);
struct ts_op *ts_registry_open_session(struct ts_registry *, const struct ts_sign_in *,
                                       ts_token_cb *, void *);

struct ts_op *ts_registry_add_key(struct ts_registry *, ts_key_cb *, void *);
struct ts_op *ts_registry_reseal(struct ts_registry *, const char *org, ts_resealed_cb *, void *);
struct ts_op *ts_registry_keep_key(struct ts_registry *, const char *mark, ts_done_cb *, void *);

#endif
