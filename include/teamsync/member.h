/* SPDX-License-Identifier: MIT */
/* A person in an org's team, with the state of their sync. */
#ifndef TEAMSYNC_MEMBER_H
#define TEAMSYNC_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

enum ts_member_status { TS_MEMBER_INVITED, TS_MEMBER_ACTIVE, TS_MEMBER_SUSPENDED };
enum { TS_MEMBER_STATUSES = TS_MEMBER_SUSPENDED + 1 };

enum ts_sync_state {
    TS_SYNC_UNMATCHED, /* no directory user has been linked */
    TS_SYNC_SYNCED,
    TS_SYNC_PENDING,  /* linked; the manager is not a member yet */
    TS_SYNC_HELD,     /* a suspension waits for a person */
    TS_SYNC_CONFLICT, /* the address now belongs to another directory user; a person decides */
    TS_SYNC_ERROR,    /* a rule refused something; `detail` says what */
};
enum { TS_SYNC_STATES = TS_SYNC_ERROR + 1 };

/* Who set a synced field last. */
enum ts_source { TS_SOURCE_NONE, TS_SOURCE_DIRECTORY, TS_SOURCE_MANUAL };

enum ts_suspended_by { TS_SUSPENDED_BY_NONE, TS_SUSPENDED_BY_DIRECTORY, TS_SUSPENDED_BY_MANUAL };
enum ts_suspend_reason {
    TS_REASON_NONE,
    TS_REASON_DELETED,
    TS_REASON_SUSPENDED,
    TS_REASON_ARCHIVED,
    TS_REASON_MANUAL,
};

/* How a list of members is sorted: names and teams as people do, whatever the case and the accents;
 * who has no name is sorted by their address, who has no team comes behind all teams. */
enum ts_members_order {
    TS_MEMBERS_AS_MADE,
    TS_MEMBERS_BY_NAME,
    TS_MEMBERS_BY_EMAIL,
    TS_MEMBERS_BY_TEAM, /* and by name within a team */
};

/* Texts may be NULL for "none". Times are wall-clock microseconds, 0 for never. */
struct ts_member {
    const char *id; /* "m_…" */
    const char *email;
    const char *name;
    const char *role; /* "owner", "admin", "member", or the business's own word */
    enum ts_member_status status;
    const char *manager_id;    /* a member of the same org */
    const char *manager_email; /* that member's address, joined on reading */
    const char *manager_name;  /* likewise */
    const char *team;
    bool is_protected; /* never suspended by the sync */

    enum ts_sync_state sync_state;
    const char *directory_id;        /* the link; NULL while unmatched */
    const char *directory_addresses; /* the linked user's addresses, folded, separated by blanks */
    enum ts_source manager_source;
    enum ts_source team_source;
    const char *pending_manager; /* folded address of a manager who is not a member yet */
    const char *detail;          /* one sentence for people */
    uint64_t last_synced_us;
    uint64_t observed_us; /* when the directory read behind this state began (Redis TIME) */

    enum ts_suspended_by suspended_by;
    enum ts_suspend_reason suspended_reason;
    uint64_t suspended_us;
    enum ts_member_status status_before; /* what a reinstatement restores */
    enum ts_suspend_reason kept_reason;  /* a person decided that this is no reason to suspend them;
                                          * NONE: nobody did */

    uint64_t created_us;
    uint64_t updated_us;
    uint64_t version; /* counts every write; a commit names the one it was planned against */
};

/* One block; release with free(). NULL stays NULL. */
struct ts_member *ts_member_dup(const struct ts_member *member);

bool ts_member_is_owner(const struct ts_member *member);

/* The words of the API and of Redis; the empty text for …_NONE. The parsers answer false, and
 * leave `ret` alone, for a word that is not one; the empty text is …_NONE where there is one. */
const char *ts_member_status_name(enum ts_member_status value);
const char *ts_sync_state_name(enum ts_sync_state value);
const char *ts_source_name(enum ts_source value);
const char *ts_suspended_by_name(enum ts_suspended_by value);
const char *ts_suspend_reason_name(enum ts_suspend_reason value);
const char *ts_members_order_name(enum ts_members_order value); /* "created", "name", … */
bool ts_member_status_parse(const char *word, enum ts_member_status *ret);
bool ts_sync_state_parse(const char *word, enum ts_sync_state *ret);
bool ts_source_parse(const char *word, enum ts_source *ret);
bool ts_suspended_by_parse(const char *word, enum ts_suspended_by *ret);
bool ts_suspend_reason_parse(const char *word, enum ts_suspend_reason *ret);
bool ts_members_order_parse(const char *word, enum ts_members_order *ret);

/* What a history tells of. */
bool ts_history_field_is_known(const char *word);

#endif
