/* SPDX-License-Identifier: MIT */
/* One entry of the queue. */
#ifndef TEAMSYNC_JOB_H
#define TEAMSYNC_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ts_job_type {
    TS_JOB_USER,     /* bring one person in line: `user` is a directory id or an e-mail address */
    TS_JOB_RESYNC,   /* the whole org */
    TS_JOB_CHANNELS, /* open, replace or close the org's notification channel */
    TS_JOB_MAIL,     /* invite `member` by mail */
};

struct ts_job {
    const char *id; /* the stream entry's id; NULL before it is queued */
    enum ts_job_type type;
    const char *org;
    const char *user;   /* only for TS_JOB_USER, else NULL */
    const char *member; /* only for TS_JOB_MAIL, else NULL */
    const char *cause;  /* "push", "manual", "api", "schedule", …; NULL counts as "manual" */
    const char *by;     /* who asked for it: a token's name; NULL: nobody in particular */
    bool is_timer;      /* waits in jobs:delayed as the only one of its org, type and cause: a newer
                         * one takes its place */
    bool is_preview;    /* only for TS_JOB_RESYNC: write nothing, only tell what would change */
    unsigned attempt;   /* how often it was tried before */
    unsigned reread;    /* which of the read-lag re-reads this is (rule 2.13), 0 for none */
    bool seen_absent;   /* the attempt before found the user absent; a second answer is proof */
    uint64_t first_us;  /* when it was first queued, in Redis' time; 0: it is queued now */
    uint64_t taken_us;  /* when it was taken from the queue, in Redis' time */
    uint64_t received_us; /* when the notification came in, 0 for none; for push-to-effect */
    const char *first_error;
};

/* One block; release with free(). NULL stays NULL. */
struct ts_job *ts_job_dup(const struct ts_job *job);

/* An id as Redis gives it to entries of the queue and of the dead letters: "1700000000000-0". */
bool ts_job_id_is_valid(const char *id);

/* A job from the names and values of a stream entry, borrowed from them. Anyone may write to the
 * stream, so nothing is believed: returns NULL when the job makes sense, else the reason why not,
 * a sentence for the dead-letter list. Unknown names are ignored. Limits: user 320 bytes, other
 * values 200 bytes; printable UTF-8. */
struct ts_job_field {
    const char *name;
    const char *value;
    size_t value_length; /* may differ from strlen(): a NUL inside makes the job nonsense */
};
const char *ts_job_parse(const struct ts_job_field *fields, size_t count, struct ts_job *ret_job);

/* The job as it waits in jobs:delayed: JSON of the stream's field names, and a nonce that keeps two
 * alike jobs apart (a timer has none). Newly allocated. */
char *ts_job_delayed_text(const struct ts_job *job);

const char *ts_job_type_name(enum ts_job_type type);

/* How long to wait before attempt number `attempt` + 1: 1, 2, 4, 8, 16 s, then 1 min, doubling up
 * to 6 h; never less than `asked_ms` (Retry-After). `jitter` in [0, 1000) adds up to a quarter. */
uint64_t ts_retry_delay_ms(unsigned attempt, uint64_t asked_ms, unsigned jitter);

#endif
