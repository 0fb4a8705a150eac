/* SPDX-License-Identifier: MIT */
/* A redis-server of the test's own: on a Unix socket in a fresh folder, with nothing kept on disk,
 * gone when the test ends, however it ends. */
#ifndef TESTS_SUPPORT_REDIS_SERVER_H
#define TESTS_SUPPORT_REDIS_SERVER_H

struct test_redis;
struct test_redis *test_redis_start(void);
const char *test_redis_url(const struct test_redis *server); /* unix:///… for ts_redis_new() */
void test_redis_kill(struct test_redis *server);             /* SIGKILL; keeps the folder */
void test_redis_restart(struct test_redis *server);          /* on the same socket, empty */
void test_redis_stop(struct test_redis *server);

/* Runs redis-cli with the words given (a shell line) and returns what it prints, allocated. */
char *test_redis_cli(const struct test_redis *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
