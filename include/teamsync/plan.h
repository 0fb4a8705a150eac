/* SPDX-License-Identifier: MIT */
/* The rules of the sync (what to do with one directory user and one member), without a clock and
 * without I/O. Numbers in comments are the rules in the README's "Rules" section. */
#ifndef TEAMSYNC_PLAN_H
#define TEAMSYNC_PLAN_H

#include "teamsync/directory_user.h"
#include "teamsync/member.h"

#include <stdbool.h>
#include <stddef.h>

/* What the roster knows about a directory user: who is linked, who could be. All borrowed; NULL
 * where there is nobody. */
struct ts_view {
    const struct ts_member *linked;     /* linked to this directory id */
    const struct ts_member *by_primary; /* has the primary address */
    const struct ts_member *by_alias;   /* the one member who has one of the aliases */
    size_t alias_matches;               /* how many members have one of the aliases */
    const struct ts_member *manager;    /* linked to, or failing that matched by, the address */
    bool manager_would_loop;            /* that manager reports, over some steps, to us */
};

/* What is set for the org. */
struct ts_rules {
    bool may_suspend;   /* an admin of the directory made the connection */
    bool clear_missing; /* an admin read returned the user: empty there clears manual values too */
    bool hold_suspensions; /* the guard (rule 2.7) let no further one pass: it waits */
};

enum ts_verdict {
    TS_VERDICT_NOBODY,     /* no member is concerned; nothing to write */
    TS_VERDICT_UNCHANGED,  /* write only that it was looked at */
    TS_VERDICT_CHANGED,    /* write `after` and a history entry for each bit in `changed` */
    TS_VERDICT_INCOMPLETE, /* the directory left a flag out: read again, conclude nothing */
    TS_VERDICT_CONFIRM, /* absent, without the word "deleted": read once more, then it is proof */
};

enum ts_changed {
    TS_CHANGED_LINK = 1,
    TS_CHANGED_MANAGER = 2,
    TS_CHANGED_TEAM = 4,
    TS_CHANGED_STATUS = 8,
    TS_CHANGED_STATE = 16, /* sync state, pending manager or detail */
};

struct ts_plan {
    enum ts_verdict verdict;
    unsigned changed; /* bits of enum ts_changed */
    enum ts_suspend_reason
        reason;             /* why the directory would have them suspended; NONE: it would not */
    struct ts_member after; /* valid for UNCHANGED and CHANGED; texts borrowed from the inputs,
                             * from constants, or from `texts` */
    const struct ts_member *before; /* the member the plan was made for, from the view */
    char *texts[6];                 /* what the plan made itself; released by ts_plan_done() */
};

/* Whom the directory user belongs to (rule 2): the linked member, else the one with the primary
 * address, else the one member with an alias. `*ret_conflict` is true when that address belongs
 * to a member who is linked to another directory id: never inherited. */
const struct ts_member *ts_match(const struct ts_directory_user *user, const struct ts_view *view,
                                 bool *ret_conflict);

/* `user` is what the directory answered; NULL when it does not know the id, then `was_absent`
 * says that it also was so some seconds ago. The plan borrows from its inputs. */
struct ts_plan ts_plan_make(const struct ts_directory_user *user, bool was_absent,
                            const struct ts_view *view, const struct ts_rules *rules);
void ts_plan_done(struct ts_plan *plan);

/* The folded addresses of a user, primary first, without repeats, separated by blanks. Newly
 * allocated. */
char *ts_directory_user_addresses(const struct ts_directory_user *user);

#endif
