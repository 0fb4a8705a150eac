/* SPDX-License-Identifier: MIT */
/* The Redis roster, shared by its files. */
#ifndef ROSTER_ROSTER_INTERNAL_H
#define ROSTER_ROSTER_INTERNAL_H

#include "teamsync/mem.h"
#include "teamsync/redis.h"
#include "teamsync/roster.h"

struct redis_roster {
    struct ts_roster port;
    struct ts_redis *redis;
    char *consumer;
};

static inline struct redis_roster *roster_of(struct ts_roster *port)
{
    return TS_CONTAINER_OF(port, struct redis_roster, port);
}

/* A member as a script returns it, borrowed from the reply. TS_NOT_FOUND for an empty hash,
 * TS_INTERNAL for one with a word that is none. */
struct ts_error ts_roster_read_member(const struct ts_reply *hash, struct ts_member *ret_member);

/* As ts_redis_eval(), of a script that needs the org's members to be arranged, and answers nil
 * where they are not: then they are, and it is asked again. Its key is order:<org>; `words` (ended
 * by NULL) follow the prefix of member hashes, and "1" when it is asked again. */
enum { TS_ARRANGED_WORDS_MAX = 8 };
struct ts_op *ts_roster_ask_arranged(struct ts_redis *redis, struct ts_redis_script *script,
                                     const char *org, const char *const *words, ts_redis_cb *cb,
                                     void *arg);

struct ts_op *ts_roster_view(struct ts_roster *, const struct ts_view_query *, ts_view_cb *,
                             void *);
struct ts_op *ts_roster_commit(struct ts_roster *, const struct ts_commit *, ts_commit_cb *,
                               void *);
struct ts_op *ts_roster_compare(struct ts_roster *, const char *org, bool clear_missing,
                                const struct ts_compared *, size_t count, ts_compared_cb *, void *);
struct ts_op *ts_roster_links(struct ts_roster *, const char *org, const char *cursor,
                              ts_links_cb *, void *);
struct ts_op *ts_roster_get_hold(struct ts_roster *, const char *org, const struct ts_guard *,
                                 ts_hold_cb *, void *);
struct ts_op *ts_roster_hold_loss(struct ts_roster *, const char *org, const struct ts_lease *,
                                  const struct ts_loss *, ts_done_cb *, void *);
struct ts_op *ts_roster_decide_hold(struct ts_roster *, const char *org, const char *digest,
                                    bool approved, const char *by, ts_count_cb *, void *);
struct ts_op *ts_roster_undo_run(struct ts_roster *, const char *org, const char *run_id,
                                 const char *by, ts_count_cb *, void *);
struct ts_op *ts_roster_unlink(struct ts_roster *, const char *org, const char *cursor,
                               ts_unlinked_cb *, void *);
struct ts_op *ts_roster_get(struct ts_roster *, const char *org, const char *member_id,
                            ts_member_cb *, void *);
struct ts_op *ts_roster_list(struct ts_roster *, const struct ts_members_query *, ts_members_cb *,
                             void *);
struct ts_op *ts_roster_teams(struct ts_roster *, const char *org, const char *cursor, size_t limit,
                              ts_teams_cb *, void *);
struct ts_op *ts_roster_summary(struct ts_roster *, const char *org, ts_summary_cb *, void *);
struct ts_op *ts_roster_create(struct ts_roster *, const struct ts_new_member *, ts_member_cb *,
                               void *);
struct ts_op *ts_roster_edit(struct ts_roster *, const struct ts_decision *,
                             const struct ts_member_edit *, ts_decided_cb *, void *);
struct ts_op *ts_roster_suspend(struct ts_roster *, const struct ts_decision *, ts_decided_cb *,
                                void *);
struct ts_op *ts_roster_unsuspend(struct ts_roster *, const struct ts_decision *, ts_decided_cb *,
                                  void *);
struct ts_op *ts_roster_remove(struct ts_roster *, const struct ts_decision *, ts_done_cb *,
                               void *);
struct ts_op *ts_roster_history(struct ts_roster *, const struct ts_history_query *,
                                ts_history_cb *, void *);
struct ts_op *ts_roster_news(struct ts_roster *, const struct ts_news_query *, ts_news_cb *,
                             void *);
struct ts_op *ts_roster_remember(struct ts_roster *, const char *org,
                                 const struct ts_history_entry *, ts_done_cb *, void *);
struct ts_op *ts_roster_match(struct ts_roster *, const char *org, const struct ts_compared *,
                              size_t count, ts_matched_cb *, void *);
struct ts_op *ts_roster_open_invitation(struct ts_roster *, const char *org, const char *member_id,
                                        const char *token, ts_invitation_cb *, void *);
struct ts_op *ts_roster_find_invitation(struct ts_roster *, const char *token, ts_invitation_cb *,
                                        void *);
struct ts_op *ts_roster_accept_invitation(struct ts_roster *, const char *token, ts_invitation_cb *,
                                          void *);

#endif
