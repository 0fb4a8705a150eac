/* SPDX-License-Identifier: MIT */
/* The ports, worked by hand: each call adds its words to a transcript and is held until the
 * test fires it. What it answers is the world described in the fields below. No loop, no clock, no
 * socket. */
#ifndef TESTS_SUPPORT_FAKE_PORTS_H
#define TESTS_SUPPORT_FAKE_PORTS_H

#include "teamsync/buf.h"
#include "teamsync/flow.h"

struct fake_call;

struct fake_ports {
    struct ts_queue queue;
    struct ts_registry registry;
    struct ts_roster roster;
    struct ts_directory directory;
    struct ts_clock clock;
    struct ts_runs runs;
    struct ts_mailer mailer; /* not in `env`, until a test puts it there */
    struct ts_flow_env env;

    /* The world, to be set by the test; filled with an enabled connection of "acme". */
    struct ts_connection connection;
    struct ts_begun begun;
    const struct ts_directory_user *user; /* NULL: the directory does not know the key */
    struct ts_view view;
    const struct ts_member *member; /* who is read by their id; NULL: nobody */
    enum ts_committed committed;
    unsigned overtaken; /* so many commits are overtaken first */
    const struct ts_directory_user *listed;
    size_t listed_count;
    size_t page_size;
    const char *const *unread; /* on every page */
    size_t unread_count;
    struct ts_difference difference; /* of everybody who is compared */
    const char *const *links;
    size_t link_count;
    const struct ts_org *orgs;
    size_t org_count;
    const struct ts_channel *channels;
    size_t channel_count;
    const enum ts_resealed *resealed; /* one after the other; then all is done before */
    size_t resealed_count;
    struct ts_watching watching;
    struct ts_directory_probe probe;
    unsigned unlink_parts;    /* how often the roster is asked until all links are dropped */
    bool opens_not;           /* the connection's credentials do not open */
    bool is_taken;            /* a consent, by whoever began it */
    struct ts_member created; /* TS_REJECTED when it has no id */
    struct ts_invitation invitation;
    const char *const *matches; /* members of the users on a page, in their order */
    const char *stuck;          /* orgs that begin so never learn of their connection; NULL: none */
    const struct ts_job *jobs;  /* handed out by the next take; then none are left */
    size_t job_count;

    /* What was asked for, beside the transcript. */
    unsigned fired;
    unsigned commits;
    unsigned suspensions; /* commits that suspend */
    uint64_t observed_us; /* of the last commit */
    uint64_t delay_ms;    /* of the last retry */
    char *text;           /* of the last retry; NULL: no error */
    bool is_absent;       /* the last retry keeps that the user was absent */
    struct ts_job *later; /* the last job to follow; NULL: none */
    uint64_t later_ms;
    uint64_t noted_until_us;
    uint64_t pause_ms;
    char *digest;      /* of the last commit */
    struct ts_run run; /* as it ended; its texts are gone */
    char *watched_id;
    char *watched_token;
    unsigned char announced_digest[32];
    uint64_t recorded_until_us;
    struct ts_connection *stored;
    const char *trouble_code; /* of the last one that began */
    char *mail;               /* the last one: subject and text */
    char *token;              /* of the last invitation */
    unsigned automatic;       /* members made without anybody asking for it */

    struct ts_buf transcript;
    struct fake_call *held; /* oldest first */
};

struct fake_ports *fake_ports_new(void);
void fake_ports_free(struct fake_ports *ports);
const char *fake_transcript(const struct fake_ports *ports);
size_t fake_held(const struct fake_ports *ports);
/* The word of the oldest held call, e.g. "get"; NULL when there is none. */
const char *fake_next(const struct fake_ports *ports);

/* Answers the oldest held call with what the world says, or with an error. */
void fake_fire(struct fake_ports *ports);
void fake_fire_error(struct fake_ports *ports, enum ts_class cls, const char *text);
void fake_fire_with(struct fake_ports *ports, const struct ts_error *err);
/* The next beat of a resync, which no other function fires. */
void fake_beat(struct fake_ports *ports);
/* Fires until the oldest is a call of that word, or none is left; then says whether it is. */
bool fake_run_to(struct fake_ports *ports, const char *word);
/* Fires until none is left; a take without jobs stays. */
void fake_run(struct fake_ports *ports);

#endif
