/* SPDX-License-Identifier: MIT */
/* An org, and its tie to a directory. */
#ifndef TEAMSYNC_CONNECTION_H
#define TEAMSYNC_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ts_connection_state {
    TS_CONNECTION_NONE,      /* disconnected */
    TS_CONNECTION_CONNECTED, /* verified and stored; auto-sync is off, nothing moves */
    TS_CONNECTION_ACTIVE,
    TS_CONNECTION_FAILING, /* auto-sync is on, but the directory refuses us; retried */
};

/* Why a connection is failing. */
struct ts_failure {
    const char *text; /* for people */
    const char *code; /* the directory's word for it (directory.h); NULL: none */
};

struct ts_connection {
    const char *org;
    const char *provider; /* "google-workspace" */
    enum ts_connection_state state;
    const char *revision;    /* changes whenever the credentials do; caches are keyed by it. NULL:
                              * not stored yet, and nothing is shared with an earlier try */
    const char *credentials; /* JSON as given by the admin, unsealed; a secret */
    const char *connected_by;
    const char *subject;   /* the account behind it, its primary address; NULL: not known */
    const char *customer;  /* the directory's own id; NULL: not known */
    bool is_leaving;       /* disconnected, but not all of its links are dropped yet */
    bool may_suspend;      /* an admin of the directory made it (rule 2.5) */
    bool clear_missing;    /* setting (rule 2.4) */
    const char *team_from; /* "department", "org_unit", "cost_center", "custom:<schema>.<field>" */
    uint64_t invites_since_us; /* setting: accounts made later are invited; 0: nobody is */
    const char *invite_role;   /* the role that those get */
    const char *refused;       /* why the directory refuses us; NULL: it does not */
    const char *refused_code;
    const char *deaf; /* why no notification can arrive; NULL: one can */
    const char *deaf_code;
    uint64_t connected_us;
    uint64_t last_push_us;
    uint64_t last_resync_us;
    uint64_t next_resync_us;
    uint64_t channel_until_us; /* until when there is, or was, a live notification channel */
    uint64_t directory_users;  /* how many the last resync saw */
    const char *approved_loss; /* digest of the field loss that a person approved; NULL: none */
    uint64_t approved_loss_us;
};

/* What makes an active connection failing. */
enum ts_trouble {
    TS_TROUBLE_REFUSED, /* the directory refuses our credentials */
    TS_TROUBLE_DEAF,    /* there has been no live notification channel for a while */
};

struct ts_org {
    const char *id; /* [a-z0-9-]{1,63} */
    const char *name;
    const char *target;    /* "builtin" */
    const char *team_from; /* settings of the sync */
    bool clear_missing;
    uint64_t invites_since_us; /* when auto-invite was switched on; 0: it is off */
    const char *invite_role;   /* of who is invited that way */
    uint64_t created_us;
};

bool ts_org_id_is_valid(const char *id);
bool ts_team_from_is_valid(const char *team_from);
/* On: notifications, jobs and suspensions are worked on (rule 2.15). */
bool ts_connection_is_enabled(const struct ts_connection *connection);
/* Why it is failing; the text is NULL when it is not. */
struct ts_failure ts_connection_failure(const struct ts_connection *connection);
/* Whether what `after` reaches is surely the directory that `before` is of: the same customer, or
 * where one of them does not tell it, accounts of the same domain, which is one directory's only.
 */
bool ts_connection_is_same_directory(const struct ts_connection *before,
                                     const struct ts_connection *after);

const char *ts_connection_state_name(enum ts_connection_state value);
bool ts_connection_state_parse(const char *word, enum ts_connection_state *ret);

/* One block; release with ts_connection_free(), which wipes the credentials. */
struct ts_connection *ts_connection_dup(const struct ts_connection *connection);
void ts_connection_free(struct ts_connection *connection);

#endif
