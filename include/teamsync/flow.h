/* SPDX-License-Identifier: MIT */
/* The flows: what happens to a job. They see ports, the model and base, nothing else. */
#ifndef TEAMSYNC_FLOW_H
#define TEAMSYNC_FLOW_H

#include "teamsync/clock.h"
#include "teamsync/directory.h"
#include "teamsync/mailer.h"
#include "teamsync/queue.h"
#include "teamsync/registry.h"
#include "teamsync/roster.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What every flow works with. Owned by the app; outlives the flows. */
struct ts_flow_env {
    struct ts_clock *clock;
    struct ts_queue *queue;
    struct ts_registry *registry;
    struct ts_roster *roster;
    struct ts_runs *runs;
    struct ts_directory *directory;
    struct ts_mailer *mailer;         /* NULL: mail is not set up */
    const char *public_url;           /* where people and Google reach the service */
    const char *notification_address; /* <public_url>/webhooks/google-workspace */
    const char *consent_address;      /* <public_url>/oauth/google/callback */
    const char *const *events;        /* a channel for each; none: one channel for all */
    size_t event_count;
    uint32_t channel_ttl_s;
    uint32_t resync_interval_s;
    uint32_t beat_ms;               /* how often a resync tells that it is alive */
    const uint32_t *reread_after_s; /* the read-lag re-reads (rule 2.13) */
    size_t reread_count;
    struct ts_guard guard;       /* of suspensions */
    uint32_t field_loss_percent; /* of linked members that a resync may empty a field of */
    uint64_t give_up_after_s;
};

/* How a job ended; the word is the metric's label. */
enum ts_outcome {
    TS_OUTCOME_CHANGED,
    TS_OUTCOME_UNCHANGED,
    TS_OUTCOME_NOBODY,   /* no member is concerned */
    TS_OUTCOME_DISABLED, /* auto-sync is off: nothing moves */
    TS_OUTCOME_STALE,
    TS_OUTCOME_HELD,   /* a resync waits for a person */
    TS_OUTCOME_FAILED, /* a resync came to no conclusion; the next one will */
    TS_OUTCOME_RETRIED,
    TS_OUTCOME_BURIED,
    TS_OUTCOME_LOST,     /* another worker has the job now */
    TS_OUTCOME_DEFERRED, /* others come first */
};
const char *ts_outcome_name(enum ts_outcome outcome);
typedef void ts_flow_done_cb(enum ts_outcome outcome, void *arg);

/* Each does one taken job whole: whatever happens, the job is done, put off, buried, or not ours
 * any more when `cb` runs. `job` is copied. As an operation: cancelling leaves the job in the
 * queue, to be taken over. */
struct ts_op *ts_sync_user_start(const struct ts_flow_env *env, const struct ts_job *job,
                                 ts_flow_done_cb *cb, void *arg);
struct ts_op *ts_resync_start(const struct ts_flow_env *env, const struct ts_job *job,
                              ts_flow_done_cb *cb, void *arg);
struct ts_op *ts_channels_start(const struct ts_flow_env *env, const struct ts_job *job,
                                ts_flow_done_cb *cb, void *arg);
struct ts_op *ts_send_invitation_start(const struct ts_flow_env *env, const struct ts_job *job,
                                       ts_flow_done_cb *cb, void *arg);

/* Only looks: what switching auto-sync on, or a resync, would change. TS_AUTH and TS_REJECTED carry
 * a text for the admin. */
struct ts_preview_item;
struct ts_preview {
    const struct ts_run *run; /* its figures: what would be */
    const struct ts_preview_item *items;
    size_t item_count; /* at most 1,000; edits made by hand that would be overwritten come first */
    uint64_t guard_limit;
    uint64_t guard_used;
    const struct ts_loss
        *loss; /* a field that too many would lose: the run would be held; or NULL */
};
struct ts_preview_item {
    const char *member_id;
    const char *email;
    unsigned changed;           /* bits of enum ts_changed */
    bool overwrites;            /* something that was set by hand */
    const char *manager_before; /* addresses; NULL: none */
    const char *manager_after;
    const char *team_before;
    const char *team_after;
    enum ts_member_status status_before;
    enum ts_member_status status_after;
    enum ts_suspend_reason reason;
};
typedef void ts_preview_cb(const struct ts_error *err, const struct ts_preview *preview, void *arg);
struct ts_op *ts_preview_start(const struct ts_flow_env *env, const char *org, ts_preview_cb *cb,
                               void *arg);

/* Syncs one member now, for a person who waits for it, with the code of the jobs; and explains it:
 * "connected", "read", "matched", "decided", "applied". The first step that is not ok is the last
 * one. TS_NOT_FOUND: no such member; TS_REJECTED: auto-sync is off. */
enum { TS_SYNC_STEPS = 5 };
struct ts_sync_step {
    const char *name;
    bool is_ok;
    const char *text; /* for people */
};
typedef void ts_sync_now_cb(const struct ts_error *err, const struct ts_sync_step *steps,
                            size_t count, const struct ts_member *member, void *arg);
struct ts_op *ts_sync_now_start(const struct ts_flow_env *env, const char *org,
                                const char *member_id, const char *by, ts_sync_now_cb *cb,
                                void *arg);

/* People of the directory, and which of them are members. TS_REJECTED says what is missing, or that
 * the cursor is none. */
struct ts_people_query {
    const char *org;
    const char *text;   /* NULL: everybody */
    const char *cursor; /* as a page before gave it; NULL: the first page */
    size_t limit;
    bool leaves_members_out; /* then a page may be short, even the last but one */
};
struct ts_found_person {
    const struct ts_directory_user *user;
    const char *member_id; /* NULL: no member */
};
typedef void ts_people_cb(const struct ts_error *err, const struct ts_found_person *people,
                          size_t count, const char *next_cursor, void *arg);
struct ts_op *ts_people_start(const struct ts_flow_env *env, const struct ts_people_query *query,
                              ts_people_cb *cb, void *arg);

/* Invites people of the directory: each is read by its id, and becomes a member who is invited.
 * TS_REJECTED says what is missing; else there is a result for each id, in their order. */
enum ts_invite_end {
    TS_INVITE_INVITED,
    TS_INVITE_MEMBER,     /* they are one already */
    TS_INVITE_NOT_FOUND,  /* the directory does not know the id, or says it is deleted */
    TS_INVITE_NOT_ACTIVE, /* the account is suspended or archived */
    TS_INVITE_FAILED,     /* see `err` */
};
struct ts_invite_result {
    const char *directory_id;
    enum ts_invite_end end;
    struct ts_error err;
    const struct ts_member *member; /* with INVITED */
};
typedef void ts_invitations_cb(const struct ts_error *err, const struct ts_invite_result *results,
                               size_t count, void *arg);
struct ts_invitees {
    const char *org;
    const char *const *directory_ids;
    size_t count;
    const char *role;
    const char *by; /* who invites them */
};
struct ts_op *ts_invitations_start(const struct ts_flow_env *env,
                                   const struct ts_invitees *invitees, ts_invitations_cb *cb,
                                   void *arg);

/* The link of an invitation, newly allocated; a secret, as its token is. */
char *ts_invitation_url(const struct ts_flow_env *env, const char *token);

/* Sees to it for as long as it runs that each org with auto-sync on has its timers. Never ends. */
struct ts_op *ts_schedule_start(const struct ts_flow_env *env);

/* Takes jobs and runs at most `concurrency` flows at once, of one org never more than it leaves
 * places free: one that hangs, and then another, still leave some for the rest. */
struct ts_worker;
struct ts_worker *ts_worker_new(const struct ts_flow_env *env, size_t concurrency);
void ts_worker_start(struct ts_worker *worker);
void ts_worker_set_concurrency(struct ts_worker *worker, size_t concurrency);
/* Takes no more jobs, and gives back those not begun; `cb` runs when the last running one has
 * ended, never before this returns. */
void ts_worker_drain(struct ts_worker *worker, void (*cb)(void *arg), void *arg);
size_t ts_worker_running(const struct ts_worker *worker);
void ts_worker_free(struct ts_worker *worker); /* cancels what runs; NULL is fine */

/* Verifies the credentials with the directory, then stores the connection (state `connected`).
 * TS_AUTH and TS_REJECTED carry a text for the admin. */
struct ts_op *ts_connect_start(const struct ts_flow_env *env, const struct ts_connection *wanted,
                               ts_done_cb *cb, void *arg);
/* A new key for all sealed credentials: adds it, seals everything anew, and when nothing is left
 * under the old keys, drops these. Whatever ends it halfway, everything still opens, and another
 * one does the rest. `failed`: what no key opens; the old keys are kept then. */
typedef void ts_rotated_cb(const struct ts_error *err, size_t resealed, size_t failed, void *arg);
struct ts_op *ts_rotate_start(const struct ts_flow_env *env, ts_rotated_cb *cb, void *arg);
/* Nothing is synced any more from early on; then channels and links go. Done again it goes on where
 * it was cut off. */
struct ts_op *ts_disconnect_start(const struct ts_flow_env *env, const char *org, const char *by,
                                  ts_done_cb *cb, void *arg);
/* The answer to a consent: its code redeemed, and the directory connected with what it is good for.
 * TS_NOT_FOUND: there is no such consent (any more). */
struct ts_consent_answer {
    struct ts_consent_proof proof;
    const char *code; /* a secret */
};
struct ts_consented {
    const char *org; /* NULL: not known */
    const char *actor;
    bool is_connected; /* else, and without an error: a person is to see whose it is, and insist */
};
typedef void ts_consented_cb(const struct ts_error *err, const struct ts_consented *how, void *arg);
struct ts_op *ts_consent_start(const struct ts_flow_env *env,
                               const struct ts_consent_answer *answer, ts_consented_cb *cb,
                               void *arg);
/* Auto-sync on: `connected` → `active`, then queues the channel and a resync. Off: the way back,
 * and queues the closing of the channel. TS_REJECTED says what is missing, or that it would be
 * switched on for another connection than the one that was looked at. */
struct ts_auto_sync {
    const char *org;
    bool is_on;
    const char *connected_at; /* of the one that was looked at; NULL: whichever it is */
    const char *by;
};
struct ts_op *ts_enable_start(const struct ts_flow_env *env, const struct ts_auto_sync *wanted,
                              ts_done_cb *cb, void *arg);

#endif
