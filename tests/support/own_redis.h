/* SPDX-License-Identifier: MIT */
/* One redis-server for all tests of a program:
 *   return cmocka_run_group_tests(tests, start_server, stop_server);
 */
#ifndef TESTS_SUPPORT_OWN_REDIS_H
#define TESTS_SUPPORT_OWN_REDIS_H

#include "support/redis_server.h"
#include "support/test.h"

#include "teamsync/mem.h"

static struct test_redis *server;

static inline int start_server(void **state)
{
    (void)state;
    server = test_redis_start();
    return 0;
}

static inline int stop_server(void **state)
{
    (void)state;
    test_redis_stop(server);
    return 0;
}

/* What redis-cli prints for the words. */
#define ASSERT_REDIS(expected, ...)                                                                \
    do {                                                                                           \
        TS_AUTOFREE char *got_ = test_redis_cli(server, __VA_ARGS__);                              \
        assert_string_equal(got_, expected);                                                       \
    } while (0)

#endif
