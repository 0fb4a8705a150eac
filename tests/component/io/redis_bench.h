/* SPDX-License-Identifier: MIT */
/* A Redis connection, and two servers that are written here: they say what the test says, and keep
 * what they hear. */
#ifndef TESTS_COMPONENT_IO_REDIS_BENCH_H
#define TESTS_COMPONENT_IO_REDIS_BENCH_H

#include "support/test.h"
#include "support/wait.h"

#include "teamsync/buf.h"
#include "teamsync/redis.h"
#include "teamsync/text.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COMMAND_MS = 200 };

struct server {
    int listener;
    uint16_t port;
    int line; /* the latest connection; -1: none */
    unsigned lines;
    struct ts_buf heard; /* on that one */
};

struct bench {
    struct ts_loop *loop;
    struct ts_redis *redis;
    struct server one;
    struct server two;
    unsigned answers;
    struct ts_error err;
    char *text;
    bool frees; /* the next answer frees the connection */
};

static inline void open_server(struct server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);

    s->line = -1;
    ts_buf_init(&s->heard, 1 << 20);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(s->listener, (const struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(s->listener, 8), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &length), 0);
    s->port = ntohs(address.sin_port);
}

static inline void hang_up(struct server *s)
{
    if (s->line >= 0)
        (void)close(s->line);
    s->line = -1;
    ts_buf_clear(&s->heard);
}

/* Nobody is there any more. */
static inline void leave_house(struct server *s)
{
    hang_up(s);
    if (s->listener >= 0)
        (void)close(s->listener);
    s->listener = -1;
}

/* Takes a new connection in place of the last, and hears what comes on it. */
static inline void listen_in(struct server *s)
{
    char chunk[4096];
    ssize_t got;
    int line = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (line >= 0) {
        hang_up(s);
        s->line = line;
        s->lines++;
    }
    while (s->line >= 0 && (got = recv(s->line, chunk, sizeof(chunk), 0)) > 0)
        assert_int_equal(ts_buf_add(&s->heard, chunk, (size_t)got), 0);
}

static inline bool has_heard(const struct server *s, const char *word)
{
    return strstr(s->heard.data, word) != NULL;
}

static inline void say(struct server *s, const char *bytes)
{
    ts_buf_clear(&s->heard);
    assert_int_equal(send(s->line, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
}

static inline int setup(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));

    b->loop = ts_loop_new();
    open_server(&b->one);
    open_server(&b->two);
    *state = b;
    return 0;
}

static inline int teardown(void **state)
{
    struct bench *b = *state;

    ts_redis_free(b->redis);
    ts_loop_free(b->loop);
    leave_house(&b->one);
    leave_house(&b->two);
    ts_buf_done(&b->one.heard);
    ts_buf_done(&b->two.heard);
    free(b->text);
    free(b);
    return 0;
}

/* The loop does not watch the servers' side: turns are short. */
#define SERVE_UNTIL(b, condition)                                                                  \
    __extension__({                                                                                \
        uint64_t until_ = ts_now_ms() + 10000;                                                     \
        while (!(condition) && ts_now_ms() < until_) {                                             \
            ts_loop_turn((b)->loop, 1);                                                            \
            listen_in(&(b)->one);                                                                  \
            listen_in(&(b)->two);                                                                  \
        }                                                                                          \
        (condition);                                                                               \
    })

static inline void open_url(struct bench *b, const char *url, uint32_t command_ms, bool impatient)
{
    struct ts_redis_options options = {.url = url,
                                       .connect_timeout_ms = 150,
                                       .command_timeout_ms = command_ms,
                                       .is_impatient = impatient};
    const char *reason = NULL;

    assert_int_equal(ts_redis_new(b->loop, &options, &b->redis, &reason), 0);
}

/* Greets back, on this server. */
static inline void bring_up_on(struct bench *b, struct server *s)
{
    assert_true(SERVE_UNTIL(b, has_heard(s, "PING")));
    say(s, "+PONG\r\n");
    assert_true(SERVE_UNTIL(b, ts_redis_is_up(b->redis)));
}

static inline void on_reply(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct bench *b = arg;

    b->answers++;
    b->err = *err;
    free(b->text);
    b->text = ts_strdup(ts_reply_text(reply));
    if (b->frees)
        ts_redis_free(TS_STEAL(b->redis));
}

static inline struct ts_op *start(struct bench *b, const char *word, uint32_t extra_wait_ms)
{
    return ts_redis_command(b->redis, &word, 1, extra_wait_ms, on_reply, b);
}

#endif
