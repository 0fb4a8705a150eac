/* SPDX-License-Identifier: MIT */
/* The port to an org's members. Every write is one Lua script: it happens whole or not at all. */
#ifndef TEAMSYNC_ROSTER_H
#define TEAMSYNC_ROSTER_H

#include "teamsync/connection.h"
#include "teamsync/member.h"
#include "teamsync/op.h"
#include "teamsync/plan.h"
#include "teamsync/queue.h"
#include "teamsync/runs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ts_redis;

typedef void ts_member_cb(const struct ts_error *err, const struct ts_member *member, void *arg);
typedef void ts_members_cb(const struct ts_error *err, const struct ts_member *members,
                           size_t count, const char *next_cursor, void *arg);

/* Which members; NULL: whichever. */
struct ts_members_query {
    const char *org;
    const char *status; /* "active" */
    const char *sync;   /* "conflict" */
    const char *team;
    const char *text; /* in name or address, whatever the case and the accents */
    enum ts_members_order order;
    bool is_backward;
    const char *cursor; /* NULL: from the beginning */
    size_t limit;       /* at most 500 */
};

struct ts_team {
    const char *name;
    uint64_t members;
};
typedef void ts_teams_cb(const struct ts_error *err, const struct ts_team *teams, size_t count,
                         const char *next_cursor, void *arg);
/* How many members are how: by status, and by state of sync. */
struct ts_summary {
    uint64_t of_status[TS_MEMBER_STATUSES];
    uint64_t of_sync[TS_SYNC_STATES];
};
typedef void ts_summary_cb(const struct ts_error *err, const struct ts_summary *summary, void *arg);

/* What a person wants of a new member. */
struct ts_new_member {
    const char *org;
    const char *email;
    const char *name;         /* NULL: none */
    const char *role;         /* "owner" only for the org's first; NULL: "member" */
    const char *team;         /* NULL: none; else set by hand */
    const char *manager_id;   /* NULL: none; else set by hand */
    const char *directory_id; /* of the account that it is made for; NULL: not known */
    const char *revision;     /* of the connection that showed the account; NULL: none did */
    const char *cause;        /* in the history; NULL: "api" */
    const char *job;          /* that it is a part of; NULL: none */
    bool is_active;           /* else invited */
    bool is_protected;
    bool is_automatic; /* nobody asked for it: not if a person has removed them before */
    bool is_mailed;    /* a mail job is queued, if they are invited */
};

/* A person's decision about one member. */
struct ts_decision {
    const char *org;
    const char *member_id;
    const char *by; /* who, as the history tells it */
};
/* What they want changed; NULL: as it is. */
struct ts_member_edit {
    const char *name;
    const char *role;       /* "owner" hands the ownership over */
    const char *team;       /* "": none */
    const char *manager_id; /* "": none */
    const bool *is_protected;
};
/* The member as it is now, and what whoever decided should know, in sentences. */
typedef void ts_decided_cb(const struct ts_error *err, const struct ts_member *member,
                           const char *const *warnings, size_t warning_count, void *arg);

/* An invitation by a link. */
enum ts_invitation_state {
    TS_INVITATION_OPEN,
    TS_INVITATION_ACCEPTED,  /* they are in the team */
    TS_INVITATION_SUSPENDED, /* they have been suspended meanwhile, and stay so */
};
struct ts_invitation {
    enum ts_invitation_state state;
    const char *org;
    const char *org_name;
    const char *member_id;
    const char *email;
    const char *name;    /* NULL: none */
    uint64_t expires_us; /* wall clock */
};
typedef void ts_invitation_cb(const struct ts_error *err, const struct ts_invitation *invitation,
                              void *arg);
/* `member_ids` in the order of what was asked; NULL for nobody. */
typedef void ts_matched_cb(const struct ts_error *err, const char *const *member_ids, size_t count,
                           void *arg);

/* One change of one thing. */
struct ts_history_entry {
    const char *id;        /* the stream entry's id, also the cursor */
    const char *member_id; /* NULL: it concerns the org */
    const char *email;     /* the member's, at that time; NULL: it concerns the org */
    const char *field;     /* one of the words, see ts_history_field_is_known() */
    const char *before;    /* NULL: empty */
    const char *after;
    const char *cause; /* the job's cause, or "api"; "… by …" where it is known who asked for it */
    const char *job; /* the job's id; NULL for a person's own change */
    uint64_t at_us;
};
/* Which changes, newest first. NULL and 0: whatever. Older than 400 days are none. */
struct ts_history_query {
    const char *org;
    const char *member_id;
    const char *field;
    uint64_t since_us; /* from then on, to the millisecond */
    uint64_t until_us; /* before that */
    const char *cursor;
    size_t limit; /* at most 500 */
};
typedef void ts_history_cb(const struct ts_error *err, const struct ts_history_entry *entries,
                           size_t count, const char *next_cursor, void *arg);

/* What an org's history has behind one of its entries, oldest first; and how the org stands. */
struct ts_news_query {
    const char *org;
    const char *after; /* NULL: the newest; "0-0": from the beginning */
    size_t limit;      /* at least 1 */
    /* How large the hold was: as long as it is, it is not read, for a large one costs. TS_ANY_SIZE:
     * it is read. */
    uint64_t hold_size;
};
#define TS_ANY_SIZE UINT64_MAX
struct ts_news {
    const struct ts_history_entry *entries;
    size_t count;
    const char *newest; /* of these entries; without any: the one to go on behind */
    bool has_more;
    bool is_lost; /* there is no such entry (any more), or too much has happened since: nothing of
                   * it is here, and `newest` is the org's */
    enum ts_connection_state state;
    uint64_t hold_size;
    bool has_hold;    /* it was read: */
    const char *hold; /* its digest; NULL: nothing is held */
    uint64_t held;    /* suspensions in it */
    const char *runs; /* another text whenever one of the last TS_NEWS_RUNS has moved */
};
enum { TS_NEWS_RUNS = 3, TS_NEWS_MAX_BEHIND = 1000 };
typedef void ts_news_cb(const struct ts_error *err, const struct ts_news *news, void *arg);

/* The beginning of one user's sync. */
struct ts_begun {
    const char *directory_id; /* when the key is the address of a linked member, else NULL */
    uint64_t observed_us; /* Redis TIME, but later than any before: no read has begun before it */
};
typedef void ts_begun_cb(const struct ts_error *err, const struct ts_begun *begun, void *arg);

struct ts_view_query {
    const char *org;
    const char *directory_id;  /* NULL: not known */
    const char *primary_email; /* NULL: none (the user is gone) */
    const char *const *aliases;
    size_t alias_count;
    const char *manager_email; /* NULL: none */
};
typedef void ts_view_cb(const struct ts_error *err, const struct ts_view *view, void *arg);

/* How many suspensions may happen within 24 hours: `min`, or `percent` of the linked members if
 * that is more, and never more than half of them (one may always go). Counted and held where they
 * are written, so that any number of workers together keep it. */
struct ts_guard {
    uint32_t min;
    uint32_t percent;
};

/* The effect of one job and its acknowledgement, in one script. */
struct ts_commit {
    const struct ts_job *job; /* without an id it is nobody's job: none ends, and none is lost */
    const char *org;
    const char *revision;       /* of the connection that the user was read through */
    const struct ts_plan *plan; /* UNCHANGED or CHANGED */
    const char *directory_id;   /* of the user the plan is about */
    const char *digest;         /* of what was read, for compare(); NULL: look again next time */
    uint64_t observed_us;
    struct ts_guard guard;
    const struct ts_later *later; /* NULL: nothing follows */
    const struct ts_lease *lease; /* of the run that this is a part of: the job goes on, and nothing
                                   * is written when the lease is another's; NULL: the job ends */
};
enum ts_committed {
    TS_COMMITTED,        /* written, and the job is gone from the queue */
    TS_COMMIT_STALE,     /* a newer read was committed before, or the connection is off, or another,
                          * by now; nothing written, the job is gone */
    TS_COMMIT_OVERTAKEN, /* things changed since the view (the member's version, the link, the chain
                          * of managers, or the awaited manager has appeared):
                          * nothing written, the job is still ours; view and plan again */
    TS_COMMIT_HELD, /* the guard let this suspension not pass: nothing written, the job is still
                     * ours; plan again with the suspension held */
    TS_COMMIT_LOST, /* the job is not ours any more; nothing written */
};
typedef void ts_commit_cb(const struct ts_error *err, enum ts_committed how, void *arg);

/* A user as a listing shows them, against what is stored. `addresses` and `manager` are folded. */
struct ts_compared {
    const char *directory_id;
    const char *digest;
    const char *addresses; /* separated by blanks */
    const char *manager;   /* NULL: names none */
};
enum ts_comparison {
    TS_COMPARED_NOBODY,  /* concerns no member */
    TS_COMPARED_SAME,    /* linked, and nothing to be done */
    TS_COMPARED_CHANGED, /* linked, and to be looked at */
    TS_COMPARED_NEW,     /* not linked, but a member has one of the addresses */
};
struct ts_difference {
    enum ts_comparison comparison;
    bool has_manager; /* CHANGED: a manager that an empty field in the directory would clear */
    bool has_team;    /* CHANGED: likewise */
};
/* `differences` is in the order of what was asked. */
typedef void ts_compared_cb(const struct ts_error *err, const struct ts_difference *differences,
                            size_t count, void *arg);
/* Some linked directory ids; an id may be given twice. */
typedef void ts_links_cb(const struct ts_error *err, const char *const *directory_ids, size_t count,
                         const char *next_cursor, void *arg);

/* What waits for a person (rule 2.7): suspensions, and a run that would empty a field of too many.
 */
struct ts_held {
    const char *member_id;
    const char *email;
    const char *name;
    enum ts_suspend_reason reason;
    uint64_t since_us;
};
struct ts_loss {
    const char *field;  /* "email", "manager" or "team" */
    uint64_t members;   /* so many would lose it */
    uint64_t linked;    /* of so many */
    const char *digest; /* of who they are */
};
struct ts_hold {
    const char *digest; /* changes with the list; NULL: nothing is held */
    uint64_t opened_us;
    uint64_t expires_us;
    const struct ts_held *held;
    size_t held_count;
    struct ts_loss loss;  /* `field` is NULL: none */
    uint64_t guard_limit; /* so many may be suspended within 24 hours */
    uint64_t guard_used;  /* so many have been */
    uint64_t linked;
};
typedef void ts_hold_cb(const struct ts_error *err, const struct ts_hold *hold, void *arg);
/* `next_cursor` is NULL at the end. */
typedef void ts_unlinked_cb(const struct ts_error *err, const char *next_cursor, void *arg);
/* `count`: of the members concerned. */
typedef void ts_count_cb(const struct ts_error *err, uint64_t count, void *arg);

struct ts_roster {
    const struct ts_roster_ops *ops;
};

struct ts_roster_ops {
    struct ts_op *(*begin)(struct ts_roster *roster, const char *org, const char *user_key,
                           ts_begun_cb *cb, void *arg);
    struct ts_op *(*view)(struct ts_roster *roster, const struct ts_view_query *query,
                          ts_view_cb *cb, void *arg);
    struct ts_op *(*commit)(struct ts_roster *roster, const struct ts_commit *commit,
                            ts_commit_cb *cb, void *arg);

    /* At most 500 users. `clear_missing` as in ts_rules. */
    struct ts_op *(*compare)(struct ts_roster *roster, const char *org, bool clear_missing,
                             const struct ts_compared *users, size_t count, ts_compared_cb *cb,
                             void *arg);
    struct ts_op *(*links)(struct ts_roster *roster, const char *org, const char *cursor,
                           ts_links_cb *cb, void *arg);

    struct ts_op *(*get_hold)(struct ts_roster *roster, const char *org,
                              const struct ts_guard *guard, ts_hold_cb *cb, void *arg);
    /* Adds a loss to the hold. TS_NOT_FOUND: the lease is not this run's any more. */
    struct ts_op *(*hold_loss)(struct ts_roster *roster, const char *org,
                               const struct ts_lease *lease, const struct ts_loss *loss,
                               ts_done_cb *cb, void *arg);
    /* A person approves, or rejects, exactly the list with this digest. TS_NOT_FOUND: nothing is
     * held; TS_REJECTED: it is another list by now. The approved are looked at again, and suspended
     * if that is still right; the rejected stay, until the directory gives another reason. */
    struct ts_op *(*decide_hold)(struct ts_roster *roster, const char *org, const char *digest,
                                 bool approved, const char *by, ts_count_cb *cb, void *arg);
    /* Lifts the suspensions of one run that still stand; a person keeps these members. */
    struct ts_op *(*undo_run)(struct ts_roster *roster, const char *org, const char *run_id,
                              const char *by, ts_count_cb *cb, void *arg);

    /* While an org's connection is leaving: drops the links, and all that follows from them, of a
     * thousand members after the cursor (NULL: from the beginning). With the last ones it has left.
     * Names, teams, managers and suspensions stay. */
    struct ts_op *(*unlink)(struct ts_roster *roster, const char *org, const char *cursor,
                            ts_unlinked_cb *cb, void *arg);

    struct ts_op *(*get)(struct ts_roster *roster, const char *org, const char *member_id,
                         ts_member_cb *cb, void *arg);
    /* The cursor is a place in the order: nobody who stays where they are is missed, or shown
     * twice, when others move. A page may hold less than asked for, even nothing, and yet not be
     * the last.
     */
    struct ts_op *(*list)(struct ts_roster *roster, const struct ts_members_query *query,
                          ts_members_cb *cb, void *arg);
    /* By name; who has no team is in none of them. At most 500. */
    struct ts_op *(*teams)(struct ts_roster *roster, const char *org, const char *cursor,
                           size_t limit, ts_teams_cb *cb, void *arg);
    struct ts_op *(*summary)(struct ts_roster *roster, const char *org, ts_summary_cb *cb,
                             void *arg);
    /* Which members these users are, by their link or one of their addresses. At most 500. */
    struct ts_op *(*match)(struct ts_roster *roster, const char *org,
                           const struct ts_compared *users, size_t count, ts_matched_cb *cb,
                           void *arg);
    /* From now on `token` is the member's invitation, and none that they had before.
     * TS_NOT_FOUND: no such member; TS_REJECTED: they are not invited any more. */
    struct ts_op *(*open_invitation)(struct ts_roster *roster, const char *org,
                                     const char *member_id, const char *token, ts_invitation_cb *cb,
                                     void *arg);
    /* TS_NOT_FOUND: there is no such invitation any more. Accepting makes the member active, if it
     * is open; the answer tells how it is afterwards. */
    struct ts_op *(*find_invitation)(struct ts_roster *roster, const char *token,
                                     ts_invitation_cb *cb, void *arg);
    struct ts_op *(*accept_invitation)(struct ts_roster *roster, const char *token,
                                       ts_invitation_cb *cb, void *arg);
    /* TS_REJECTED: the address is a member's already, or the org has an owner, or they were removed
     * before. */
    struct ts_op *(*create)(struct ts_roster *roster, const struct ts_new_member *wanted,
                            ts_member_cb *cb, void *arg);

    /* TS_NOT_FOUND: there is no such member; TS_REJECTED: that may not be, for the reason in the
     * text. What changes nothing writes nothing. */
    struct ts_op *(*edit)(struct ts_roster *roster, const struct ts_decision *decision,
                          const struct ts_member_edit *edit, ts_decided_cb *cb, void *arg);
    struct ts_op *(*suspend)(struct ts_roster *roster, const struct ts_decision *decision,
                             ts_decided_cb *cb, void *arg);
    /* Of the directory's suspension it says that its reason is none for this member. */
    struct ts_op *(*unsuspend)(struct ts_roster *roster, const struct ts_decision *decision,
                               ts_decided_cb *cb, void *arg);
    /* For good, but for the history. Whoever reported to them has no manager any more. */
    struct ts_op *(*remove)(struct ts_roster *roster, const struct ts_decision *decision,
                            ts_done_cb *cb, void *arg);

    /* A page may hold less than asked for, even nothing, and yet not be the last. */
    struct ts_op *(*history)(struct ts_roster *roster, const struct ts_history_query *query,
                             ts_history_cb *cb, void *arg);
    struct ts_op *(*news)(struct ts_roster *roster, const struct ts_news_query *query,
                          ts_news_cb *cb, void *arg);
    /* Adds what a person did to the org: field, before, after and cause of `entry`. */
    struct ts_op *(*remember)(struct ts_roster *roster, const char *org,
                              const struct ts_history_entry *entry, ts_done_cb *cb, void *arg);
};

/* The store of target "builtin", in Redis. Keys: member:<org>:<id>, members:<org>, email:<org>,
 * link:<org>, history:<org>, hold:<org>; and of its own: order:<org> (members as they were made),
 * order:<org>:name:active:synced & co. (as they are sorted, see lua/orders.lua), address:<org> (a
 * linked user's addresses → member), invitation:<digest of its token> (an open one),
 * uninvited:<org> (the directory ids and addresses of those whom a person has removed),
 * waiting:<org>:<address> (who waits for that manager), suspended:<org> (the last day's
 * suspensions), undo:<org>:<run> (a run's suspensions), counts:<org> (members by status), clock
 * (the latest beginning). `consumer` is the queue's: a commit acknowledges jobs. */
struct ts_roster *ts_roster_redis_new(struct ts_redis *redis, const char *consumer);
void ts_roster_redis_free(struct ts_roster *roster); /* NULL is fine */

#endif
