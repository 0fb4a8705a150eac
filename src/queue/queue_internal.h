/* SPDX-License-Identifier: MIT */
/* The Redis queue, shared by its files. */
#ifndef QUEUE_QUEUE_INTERNAL_H
#define QUEUE_QUEUE_INTERNAL_H

#include "queue/in_hand.h"

#include "teamsync/loop.h"
#include "teamsync/queue.h"
#include "teamsync/redis.h"
#include "teamsync/time.h"

/* A job that was taken from the stream and not yet given to anybody. */
struct taken {
    struct taken *prev, *next;
    struct ts_job *job;
    bool is_taken_over; /* from a worker that did not end it */
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
    char *history_key;

    struct take *taker;         /* the take() that waits */
    struct ts_op *reading;      /* the one command under way for it */
    struct taken *read_jobs;    /* read; their names in jobs:pending still stand */
    struct taken *ready_jobs;   /* to be given out */
    struct ts_in_hand *in_hand; /* given out */
    struct removal *removals;   /* of entries that nobody is given */
    struct ts_timer *again_timer;
    uint64_t next_claim_ms;
    uint64_t next_strays_ms; /* UINT64_MAX: there are none to look for */
    bool looks_twice;        /* for strays: once more a little later */
    uint64_t next_tidy_ms;

    struct leave *leave; /* the leave() that is under way */

    struct ts_op *promoting;
    struct ts_timer *promote_timer;
    struct ts_op *sampling;
    struct ts_timer *sample_timer;
};

enum { TROUBLE_PAUSE_MS = 200 };

/* Redis did not hear or did not answer: jobs may have been given to us that we do not know of. */
static inline void ts_queue_expect_strays(struct redis_queue *queue)
{
    queue->next_strays_ms = ts_now_ms() + TROUBLE_PAUSE_MS;
    queue->looks_twice = true;
}

/* queue_redis.c: the answer to an enqueue. */
void ts_queue_on_enqueued(const struct ts_error *err, const struct ts_reply *reply, void *arg);

/* queue_take.c */
struct ts_op *ts_queue_take(struct ts_queue *port, size_t max, ts_taken_cb *cb, void *arg);
void ts_queue_let_go(struct ts_queue *port, const char *job_id);
void ts_queue_take_open(struct redis_queue *queue);
void ts_queue_take_close(struct redis_queue *queue);

/* queue_promote.c */
void ts_queue_promote_start(struct redis_queue *queue); /* once is enough */
void ts_queue_promote_stop(struct redis_queue *queue);

/* queue_history.c */
void ts_queue_history_start(struct redis_queue *queue); /* once is enough */
void ts_queue_history_stop(struct redis_queue *queue);
struct ts_op *ts_queue_history(struct ts_queue *port, ts_queue_history_cb *cb, void *arg);

/* queue_leave.c */
struct ts_op *ts_queue_leave(struct ts_queue *port, ts_done_cb *cb, void *arg);
void ts_queue_leave_go_on(struct redis_queue *queue); /* nothing is being read any more */

/* dead_letters.c */
struct ts_op *ts_queue_list_dead(struct ts_queue *port, const char *cursor, size_t limit,
                                 ts_dead_letters_cb *cb, void *arg);
struct ts_op *ts_queue_revive(struct ts_queue *port, const char *letter_id, const char *by,
                              ts_enqueued_cb *cb, void *arg);
struct ts_op *ts_queue_discard(struct ts_queue *port, const char *letter_id, ts_done_cb *cb,
                               void *arg);

/* queue_end.c */
struct ts_op *ts_queue_done(struct ts_queue *port, const struct ts_job *job,
                            const struct ts_later *later, ts_done_cb *cb, void *arg);
struct ts_op *ts_queue_retry(struct ts_queue *port, const struct ts_job *job, uint64_t delay_ms,
                             const char *error, ts_done_cb *cb, void *arg);
struct ts_op *ts_queue_bury(struct ts_queue *port, const struct ts_job *job, const char *reason,
                            ts_done_cb *cb, void *arg);
struct ts_op *ts_queue_put_back(struct ts_queue *port, const struct ts_job *job, uint64_t delay_ms,
                                ts_done_cb *cb, void *arg);
/* Moves a stream entry that makes no sense to the dead letters. */
struct ts_op *ts_queue_bury_entry(struct redis_queue *queue, const char *id,
                                  const struct ts_reply *fields, const char *reason, ts_done_cb *cb,
                                  void *arg);

#endif
