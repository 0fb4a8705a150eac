/* SPDX-License-Identifier: MIT */
/* The real HTTP server on a free port, a client that sends whatever bytes it is told to, and
 * operations that answer on a later turn of the loop, as the contract has it. */
#ifndef TESTS_UNIT_WEBHOOK_LOOPBACK_H
#define TESTS_UNIT_WEBHOOK_LOOPBACK_H

#include "support/test.h"
#include "support/wait.h"

#include "teamsync/buf.h"
#include "teamsync/http_server.h"
#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/op.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* --- an answer on a later turn --- */

struct late {
    struct ts_op op; /* first */
    struct ts_timer *timer;
    void (*answer)(void *call);
    void *call; /* allocated; released after the answer */
};

static inline void late_cancel(struct ts_op *op)
{
    struct late *late = (struct late *)(void *)op;

    ts_timer_free(late->timer);
    free(late->call);
    free(late);
}

static inline void late_fire(void *arg)
{
    struct late copy = *(struct late *)arg;

    ts_timer_free(copy.timer);
    free(arg);
    copy.answer(copy.call);
    free(copy.call);
}

static inline struct ts_op *late_start(struct ts_loop *loop, void (*answer)(void *call), void *call)
{
    struct late *late = ts_alloc(sizeof(*late));

    *late = (struct late){.op.cancel = late_cancel, .answer = answer, .call = call};
    late->timer = ts_timer_new(loop, late_fire, late);
    ts_timer_set(late->timer, 0);
    return &late->op;
}

/* --- the server --- */

struct loopback {
    struct ts_loop *loop;
    struct ts_http_server *server;
    uint16_t port;
    char admin_socket[64];
};

static inline void loopback_open(struct loopback *loopback)
{
    static unsigned opened; /* a test that failed may have left its socket */
    const struct ts_http_server_options options = {0};

    loopback->loop = ts_loop_new();
    loopback->server = ts_http_server_new(loopback->loop, &options);
    (void)snprintf(loopback->admin_socket, sizeof(loopback->admin_socket),
                   "/tmp/ts-test-%d-%u.sock", (int)getpid(), ++opened);
    assert_int_equal(ts_http_server_listen_tcp(loopback->server, "127.0.0.1:0", &loopback->port),
                     0);
    assert_int_equal(ts_http_server_listen_unix(loopback->server, loopback->admin_socket), 0);
}

/* --- a client --- */

struct answer {
    int status; /* 0: the connection was closed without an answer */
    char text[256 << 10];
    size_t length;
};

/* A connection that has sent its bytes, and waits. */
static inline int client_send(struct loopback *loopback, bool to_admin, const char *bytes,
                              size_t length)
{
    struct sockaddr_in tcp = {.sin_family = AF_INET,
                              .sin_port = htons(loopback->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    int line = socket(to_admin ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uint64_t deadline = ts_now_ms() + 10000;

    memcpy(local.sun_path, loopback->admin_socket, sizeof(loopback->admin_socket));
    assert_int_equal(to_admin ? connect(line, (const struct sockaddr *)&local, sizeof(local))
                              : connect(line, (const struct sockaddr *)&tcp, sizeof(tcp)),
                     0);
    assert_int_equal(fcntl(line, F_SETFL, O_NONBLOCK), 0);
    while (length > 0 && ts_now_ms() < deadline) {
        ssize_t sent = send(line, bytes, length, MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            break; /* closed: the answer tells why */
        bytes += sent > 0 ? sent : 0;
        length -= sent > 0 ? (size_t)sent : 0;
        ts_loop_turn(loopback->loop, sent > 0 ? 0 : 5);
    }
    return line;
}

/* What has come so far is added; true when the other side has closed. */
static inline bool client_receive(int line, struct answer *answer)
{
    ssize_t got =
        recv(line, answer->text + answer->length, sizeof(answer->text) - answer->length - 1, 0);

    if (got > 0)
        answer->length += (size_t)got;
    return got == 0 || (got < 0 && errno != EAGAIN);
}

/* Until the other side closes; requests say "Connection: close". */
static inline void client_finish(struct loopback *loopback, int line, struct answer *answer)
{
    uint64_t deadline = ts_now_ms() + 10000;
    bool is_closed;

    /* Short turns: the loop does not watch the client's side. */
    while (!(is_closed = client_receive(line, answer)) && ts_now_ms() < deadline)
        ts_loop_turn(loopback->loop, 1);
    assert_true(is_closed);
    (void)close(line);
    answer->text[answer->length] = '\0';
    if (strncmp(answer->text, "HTTP/1.1 ", 9) == 0)
        answer->status = (int)strtol(answer->text + 9, NULL, 10);
}

static inline struct answer *ask_bytes(struct loopback *loopback, bool to_admin, const char *bytes,
                                       size_t length)
{
    struct answer *answer = ts_alloc(sizeof(*answer));

    client_finish(loopback, client_send(loopback, to_admin, bytes, length), answer);
    return answer;
}

/* Behind the headers; "" when there is nothing. */
static inline const char *body_of(const struct answer *answer)
{
    const char *end = strstr(answer->text, "\r\n\r\n");

    return end ? end + 4 : "";
}

static inline bool answer_has(const struct answer *answer, const char *text)
{
    return strstr(answer->text, text) != NULL;
}

/* --- what was counted and logged --- */

static inline bool metrics_show(const char *line)
{
    struct ts_buf out;
    bool found;

    ts_buf_init(&out, 1 << 20);
    ts_metrics_write(&out);
    found = strstr(out.data, line) != NULL;
    ts_buf_done(&out);
    return found;
}

/* Standard error goes to a file until it is read back. */
struct captured {
    FILE *file;
    int terminal;
};

static inline struct captured capture_log(void)
{
    struct captured captured = {.file = tmpfile(), .terminal = dup(STDERR_FILENO)};

    assert_non_null(captured.file);
    (void)dup2(fileno(captured.file), STDERR_FILENO);
    return captured;
}

static inline char *captured_log(struct captured *captured)
{
    char *text = ts_alloc(64 << 10);

    (void)dup2(captured->terminal, STDERR_FILENO);
    (void)close(captured->terminal);
    rewind(captured->file);
    (void)fread(text, 1, (64 << 10) - 1, captured->file);
    (void)fclose(captured->file);
    return text;
}

#endif
