/* SPDX-License-Identifier: MIT */
/* Two workers' queues on one real Redis, and what they were answered. */
#ifndef TESTS_COMPONENT_QUEUE_QUEUE_BENCH_H
#define TESTS_COMPONENT_QUEUE_QUEUE_BENCH_H

#include "support/redis_server.h"
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/mem.h"
#include "teamsync/queue.h"
#include "teamsync/redis.h"
#include "teamsync/text.h"

#include <string.h>

enum { CLAIM_AFTER_MS = 200, MAX_WAITING = 50 };

/* One daemon's share: two connections and a queue. */
struct peer {
    struct ts_redis *redis;
    struct ts_redis *blocking;
    struct ts_queue *queue;
};

struct bench {
    struct test_redis *server;
    struct ts_loop *loop;
    struct peer one;
    struct peer two;

    bool answered;
    struct ts_error err;
    enum ts_enqueued how;
    char *id;
    struct ts_job *job; /* the first that was taken */
    size_t taken;
    struct ts_queue_stats stats;
};

static inline void open_peer(struct bench *b, struct peer *peer, const char *consumer,
                             uint32_t claim_after_ms)
{
    const struct ts_redis_options options = {
        .url = test_redis_url(b->server), .key_prefix = "teamsync:", .command_timeout_ms = 1000};
    const struct ts_queue_options queue_options = {
        .consumer = consumer, .max_waiting = MAX_WAITING, .claim_after_ms = claim_after_ms};
    const char *reason = NULL;

    assert_int_equal(ts_redis_new(b->loop, &options, &peer->redis, &reason), 0);
    assert_int_equal(ts_redis_new(b->loop, &options, &peer->blocking, &reason), 0);
    peer->queue = ts_queue_redis_new(b->loop, peer->redis, peer->blocking, &queue_options);
}

static inline void close_peer(struct peer *peer)
{
    ts_queue_redis_free(peer->queue);
    ts_redis_free(peer->blocking);
    ts_redis_free(peer->redis);
}

static inline int setup(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));

    b->server = test_redis_start();
    b->loop = ts_loop_new();
    open_peer(b, &b->one, "one", CLAIM_AFTER_MS);
    open_peer(b, &b->two, "two", CLAIM_AFTER_MS);
    *state = b;
    return 0;
}

static inline int teardown(void **state)
{
    struct bench *b = *state;

    close_peer(&b->one);
    close_peer(&b->two);
    ts_loop_free(b->loop);
    test_redis_stop(b->server);
    free(b->id);
    free(b->job);
    free(b);
    return 0;
}

static inline void on_enqueued(const struct ts_error *err, enum ts_enqueued how, const char *id,
                               void *arg)
{
    struct bench *b = arg;

    b->answered = true;
    b->err = *err;
    b->how = how;
    free(b->id);
    b->id = ts_strdup(id);
}

static inline void on_taken(const struct ts_error *err, const struct ts_job *jobs, size_t count,
                            void *arg)
{
    struct bench *b = arg;

    assert_int_equal(err->cls, TS_OK);
    assert_true(count > 0);
    b->answered = true;
    b->taken += count;
    free(b->job);
    b->job = ts_job_dup(&jobs[0]);
}

static inline void on_done(const struct ts_error *err, void *arg)
{
    struct bench *b = arg;

    b->answered = true;
    b->err = *err;
}

static inline void on_stats(const struct ts_error *err, const struct ts_queue_stats *stats,
                            void *arg)
{
    struct bench *b = arg;

    assert_int_equal(err->cls, TS_OK);
    b->answered = true;
    b->stats = *stats;
}

static inline void wait_answer(struct bench *b)
{
    assert_true(TEST_WAIT(b->loop, b->answered));
    b->answered = false;
}

static inline void enqueue_of(struct bench *b, const char *org, const char *user)
{
    struct ts_job job = {.type = TS_JOB_USER, .org = org, .user = user, .cause = "push"};

    (void)b->one.queue->ops->enqueue(b->one.queue, &job, on_enqueued, b);
    wait_answer(b);
}

static inline void enqueue(struct bench *b, const char *user)
{
    enqueue_of(b, "acme", user);
}

static inline void take(struct bench *b, struct peer *peer)
{
    (void)peer->queue->ops->take(peer->queue, 4, on_taken, b);
    wait_answer(b);
}

static inline void finish(struct bench *b, struct peer *peer)
{
    (void)peer->queue->ops->done(peer->queue, b->job, NULL, on_done, b);
    wait_answer(b);
}

static inline void assert_cli(struct bench *b, const char *words, const char *expected)
{
    TS_AUTOFREE char *out = test_redis_cli(b->server, "%s", words);

    assert_string_equal(out, expected);
}

static inline bool is_count(struct bench *b, const char *words, uint64_t expected)
{
    TS_AUTOFREE char *out = test_redis_cli(b->server, "%s", words);
    uint64_t count = 0;

    return ts_text_to_u64(out, &count) && count == expected;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
