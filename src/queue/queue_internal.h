/* SPDX-License-Identifier: MIT */
/* The Redis queue, shared by the file that takes jobs and the one that does the rest. */
#ifndef QUEUE_QUEUE_INTERNAL_H
#define QUEUE_QUEUE_INTERNAL_H

#include "teamsync/loop.h"
#include "teamsync/queue.h"
#include "teamsync/redis.h"

/* A job that was taken from the stream and not yet given to anybody. */
struct taken {
    struct taken *prev, *next;
    struct ts_job *job;
};

struct redis_queue {
    struct ts_queue port;
    struct ts_loop *loop;
    struct ts_redis *redis;
    struct ts_redis *blocking;
    struct ts_queue_options options;
    char *consumer;
    char *jobs_key;
    char *pending_key;
    char *delayed_key;
    char *dead_key;

    struct take *taker;       /* the take() that waits */
    struct ts_op *reading;    /* the one command under way for it */
    struct taken *read_jobs;  /* read; their names in jobs:pending still stand */
    struct taken *ready_jobs; /* to be given out */
    struct ts_timer *again_timer;
    uint64_t next_claim_ms;

    struct ts_op *promoting;
    struct ts_timer *promote_timer;
};

/* queue_take.c */
struct ts_op *ts_queue_take(struct ts_queue *port, size_t max, ts_taken_cb *cb, void *arg);
void ts_queue_take_open(struct redis_queue *queue);
void ts_queue_take_close(struct redis_queue *queue);

/* queue_end.c */
struct ts_op *ts_queue_done(struct ts_queue *port, const struct ts_job *job,
                            const struct ts_later *later, ts_done_cb *cb, void *arg);
struct ts_op *ts_queue_retry(struct ts_queue *port, const struct ts_job *job, uint64_t delay_ms,
                             const char *error, ts_done_cb *cb, void *arg);
struct ts_op *ts_queue_bury(struct ts_queue *port, const struct ts_job *job, const char *reason,
                            ts_done_cb *cb, void *arg);
/* Moves a stream entry that makes no sense to the dead letters. */
struct ts_op *ts_queue_bury_entry(struct redis_queue *queue, const char *id,
                                  const struct ts_reply *fields, const char *reason, ts_done_cb *cb,
                                  void *arg);

#endif
