/* SPDX-License-Identifier: MIT */
/* The port to the job queue. A job is in the stream until it is done, put off or buried; whoever
 * took it and dies loses it to another worker after `claim_after`. */
#ifndef TEAMSYNC_QUEUE_H
#define TEAMSYNC_QUEUE_H

#include "teamsync/job.h"
#include "teamsync/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ts_loop;
struct ts_redis;

enum ts_enqueued {
    TS_ENQUEUED,  /* a new entry */
    TS_COALESCED, /* an equal job waits already; it will do the work */
};
/* TS_RETRY also when the queue is full (`max_waiting`). `job_id` is that of the entry that waits.
 */
typedef void ts_enqueued_cb(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                            void *arg);
/* `jobs` are borrowed; every one of them is to be ended with exactly one of done, retry, put_back,
 * bury, or a commit of the roster, and let go of after that. */
typedef void ts_taken_cb(const struct ts_error *err, const struct ts_job *jobs, size_t count,
                         void *arg);

struct ts_queue_stats {
    uint64_t depth;   /* waiting and running */
    uint64_t running; /* taken by some worker */
    uint64_t delayed;
    uint64_t dead;
    uint64_t oldest_ms; /* age of the oldest entry, 0 when empty */
    uint64_t max_waiting;
};
typedef void ts_queue_stats_cb(const struct ts_error *err, const struct ts_queue_stats *stats,
                               void *arg);

/* How it stood at one minute. */
struct ts_queue_sample {
    uint64_t at_us;
    uint64_t depth;
    uint64_t delayed;
    uint64_t dead;
    uint64_t oldest_ms;
    bool is_counted;   /* by Redis from 7.0 on: */
    uint64_t enqueued; /* how many entries there had ever been; never less, but after a loss */
};
/* The oldest first. */
typedef void ts_queue_history_cb(const struct ts_error *err, const struct ts_queue_sample *samples,
                                 size_t count, void *arg);

/* A job that was given up. Texts are as they were written, by anybody; NULL where there is none. */
struct ts_dead_letter {
    const char *id; /* the letter's; also the cursor */
    const char *reason;
    const char *first_error;
    const char *last_error;
    unsigned attempts; /* how often it was tried; 0: it never was a job */
    uint64_t queued_us;
    uint64_t died_us;
    const char *const *job; /* its fields: name, value, name, value, … */
    size_t job_length;      /* how many texts that are */
};
/* The newest first. `next_cursor` is NULL at the end. */
typedef void ts_dead_letters_cb(const struct ts_error *err, const struct ts_dead_letter *letters,
                                size_t count, const char *next_cursor, void *arg);

/* A job to be queued at a later time, together with finishing another; NULL where none is. */
struct ts_later {
    const struct ts_job *job;
    uint64_t delay_ms;
};

struct ts_queue {
    const struct ts_queue_ops *ops;
};

struct ts_queue_ops {
    /* A user whose job waits is not queued again; one whose job is running is queued once more. */
    struct ts_op *(*enqueue)(struct ts_queue *queue, const struct ts_job *job, ts_enqueued_cb *cb,
                             void *arg);
    /* Sets a timer (`is_timer`), unless it waits already. */
    struct ts_op *(*keep_timer)(struct ts_queue *queue, const struct ts_later *later,
                                ts_done_cb *cb, void *arg);
    /* Waits until there is at least one job, then gives at most `max`. Redis trouble is waited out
     * inside: err is always TS_OK. Entries that make no sense are buried inside, and never seen. */
    struct ts_op *(*take)(struct ts_queue *queue, size_t max, ts_taken_cb *cb, void *arg);
    /* Three ends of a job. TS_NOT_FOUND: it is not ours any more (another worker took it).
     * `error` is NULL when a look is only repeated and nothing went wrong. */
    struct ts_op *(*done)(struct ts_queue *queue, const struct ts_job *job,
                          const struct ts_later *later, ts_done_cb *cb, void *arg);
    struct ts_op *(*retry)(struct ts_queue *queue, const struct ts_job *job, uint64_t delay_ms,
                           const char *error, ts_done_cb *cb, void *arg);
    struct ts_op *(*bury)(struct ts_queue *queue, const struct ts_job *job, const char *reason,
                          ts_done_cb *cb, void *arg);
    /* The fourth: it is not its turn here. It comes again as if it had not been taken. */
    struct ts_op *(*put_back)(struct ts_queue *queue, const struct ts_job *job, uint64_t delay_ms,
                              ts_done_cb *cb, void *arg);
    /* Nobody here works on the job any more. If its end did not reach Redis, it is given out
     * again: to us at once, or to another worker after `claim_after`. */
    void (*let_go)(struct ts_queue *queue, const char *job_id);
    /* Whatever was taken and not given out goes back; nothing more is to be taken. */
    struct ts_op *(*leave)(struct ts_queue *queue, ts_done_cb *cb, void *arg);

    struct ts_op *(*list_dead)(struct ts_queue *queue, const char *cursor, size_t limit,
                               ts_dead_letters_cb *cb, void *arg);
    /* Queues the letter's job anew, its first attempt, for `by`, and drops the letter.
     * TS_NOT_FOUND; TS_REJECTED: it never was a job. */
    struct ts_op *(*revive)(struct ts_queue *queue, const char *letter_id, const char *by,
                            ts_enqueued_cb *cb, void *arg);
    struct ts_op *(*discard)(struct ts_queue *queue, const char *letter_id, ts_done_cb *cb,
                             void *arg);

    struct ts_op *(*stats)(struct ts_queue *queue, ts_queue_stats_cb *cb, void *arg);
    /* The last 24 hours, a sample a minute, by whoever takes jobs; those that nobody could take are
     * missing. */
    struct ts_op *(*history)(struct ts_queue *queue, ts_queue_history_cb *cb, void *arg);
};

/* The Redis implementation. Keys: jobs, jobs:delayed, jobs:dead, jobs:pending, queue:history; group
 * "workers". `redis` is for everything that answers at once; `blocking` is a second connection,
 * used only for waiting (NULL for a queue that nobody takes from). Both outlive the queue. */
struct ts_queue_options {
    const char *consumer; /* this process' name in the group, unique */
    uint64_t max_waiting;
    uint32_t claim_after_ms;
};
struct ts_queue *ts_queue_redis_new(struct ts_loop *loop, struct ts_redis *redis,
                                    struct ts_redis *blocking,
                                    const struct ts_queue_options *options);
void ts_queue_redis_set_max_waiting(struct ts_queue *queue, uint64_t max_waiting);
void ts_queue_redis_free(struct ts_queue *queue); /* NULL is fine */

#endif
