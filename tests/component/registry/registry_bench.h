/* SPDX-License-Identifier: MIT */
/* Registries as daemons have them, each with a link and a seal of its own, on one redis-server and
 * one key file; and the last answer. */
#ifndef TESTS_COMPONENT_REGISTRY_REGISTRY_BENCH_H
#define TESTS_COMPONENT_REGISTRY_REGISTRY_BENCH_H

#include "support/own_redis.h"
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/redis.h"
#include "teamsync/registry.h"
#include "teamsync/seal.h"
#include "teamsync/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct bench_daemon {
    struct ts_redis *redis;
    struct ts_seal *seal;
    struct ts_registry *registry;
};

static struct bench {
    struct ts_loop *loop;
    char folder[64];
    char key_file[128];
    struct bench_daemon one;
    struct bench_daemon two;
    size_t answers;
    struct ts_error err;
    struct ts_buf text; /* of the last answer */
} bench;

static inline void redis_does(const char *words)
{
    free(test_redis_cli(server, "%s", words));
}

/* --- answers --- */

static inline void await_answer(struct ts_op *op)
{
    size_t before = bench.answers;

    assert_non_null(op);
    assert_true(TEST_WAIT(bench.loop, bench.answers > before));
}

static inline void answered(const struct ts_error *err)
{
    bench.answers++;
    bench.err = *err;
    ts_buf_clear(&bench.text);
}

#define ANSWER(...) assert_int_equal(ts_buf_addf(&bench.text, __VA_ARGS__), 0)

static inline void on_done(const struct ts_error *err, void *arg)
{
    (void)arg;
    answered(err);
}

static inline void on_any_org(const struct ts_error *err, const struct ts_org *org, void *arg)
{
    (void)org;
    (void)arg;
    answered(err);
}

static inline void create_org(const char *id)
{
    struct ts_org org = {.id = id,
                         .name = id,
                         .target = "builtin",
                         .team_from = "department",
                         .invite_role = "member"};

    await_answer(bench.one.registry->ops->create_org(bench.one.registry, &org, on_any_org, NULL));
    assert_int_equal(bench.err.cls, TS_OK);
}

/* --- its life --- */

static inline void open_daemon(struct bench_daemon *daemon)
{
    const struct ts_redis_options options = {
        .url = test_redis_url(server), .key_prefix = "teamsync:", .is_impatient = true};
    const char *reason = NULL;

    assert_int_equal(ts_redis_new(bench.loop, &options, &daemon->redis, &reason), 0);
    assert_int_equal(ts_seal_open(bench.key_file, &daemon->seal), 0);
    daemon->registry = ts_registry_redis_new(daemon->redis, daemon->seal);
    assert_true(TEST_WAIT(bench.loop, ts_redis_is_up(daemon->redis)));
}

static inline void close_daemon(struct bench_daemon *daemon)
{
    ts_registry_redis_free(daemon->registry);
    ts_redis_free(daemon->redis);
    ts_seal_free(daemon->seal);
}

static inline int open_bench(void **state)
{
    (void)state;
    redis_does("FLUSHALL");
    bench = (struct bench){.loop = ts_loop_new()};
    ts_buf_init(&bench.text, 1 << 16);
    (void)snprintf(bench.folder, sizeof(bench.folder), "/tmp/teamsync-test-XXXXXX");
    assert_non_null(mkdtemp(bench.folder));
    (void)snprintf(bench.key_file, sizeof(bench.key_file), "%s/secret.key", bench.folder);
    open_daemon(&bench.one);
    open_daemon(&bench.two);
    return 0;
}

static inline int close_bench(void **state)
{
    (void)state;
    close_daemon(&bench.one);
    close_daemon(&bench.two);
    ts_loop_free(bench.loop);
    ts_buf_done(&bench.text);
    (void)unlink(bench.key_file);
    assert_int_equal(rmdir(bench.folder), 0);
    return 0;
}

#define BENCH_TEST(function) cmocka_unit_test_setup_teardown(function, open_bench, close_bench)

#endif
