/* SPDX-License-Identifier: MIT */
/* The HTTP server on a free port and on a Unix socket, with routes that echo, hold, and stay
 * silent; and a client of bare sockets, for what no decent client would send. */
#ifndef TESTS_COMPONENT_IO_HTTP_BENCH_H
#define TESTS_COMPONENT_IO_HTTP_BENCH_H

#include "support/test.h"
#include "support/wait.h"

#include "teamsync/buf.h"
#include "teamsync/http_server.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLOSE "Connection: close\r\n\r\n"

enum { HELD_MAX = 8 };

struct bench {
    struct ts_loop *loop;
    struct ts_http_server *server;
    uint16_t port;
    char folder[32];
    char path[64]; /* of the Unix socket */
    unsigned asked;
    struct ts_request *held[HELD_MAX];
    size_t held_count;
};

/* "METHOD path peer admin|public name=<param> q=<query> h=<header> <length>:<body>" */
static inline void on_echo(struct ts_request *request, void *arg)
{
    struct bench *b = arg;
    size_t length = 0;
    const char *body = ts_request_body(request, &length);
    const char *name = ts_request_param(request, "name");
    const char *query = ts_request_query(request, "q");
    const char *header = ts_request_header(request, "X-Test");
    struct ts_buf out;

    b->asked++;
    ts_buf_init(&out, SIZE_MAX / 2);
    (void)ts_buf_addf(&out, "%s %s %s %s name=%s q=%s h=%s %zu:", ts_request_method(request),
                      ts_request_path(request), ts_request_peer(request),
                      ts_request_is_admin(request) ? "admin" : "public", name ? name : "-",
                      query ? query : "-", header ? header : "-", length);
    (void)ts_buf_add(&out, body, length);
    ts_request_add_header(request, "X-Echo", "yes");
    ts_request_reply(request, 200, "text/plain", out.data, out.len);
    ts_buf_done(&out);
}

static inline void on_hold(struct ts_request *request, void *arg)
{
    struct bench *b = arg;

    b->asked++;
    assert_true(b->held_count < HELD_MAX);
    b->held[b->held_count++] = request;
}

static inline struct bench *bench_open(const struct ts_http_server_options *options)
{
    struct bench *b = ts_alloc(sizeof(*b));

    b->loop = ts_loop_new();
    b->server = ts_http_server_new(b->loop, options);
    (void)snprintf(b->folder, sizeof(b->folder), "/tmp/teamsync-io-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    (void)snprintf(b->path, sizeof(b->path), "%s/run/admin.sock", b->folder);
    assert_int_equal(ts_http_server_listen_tcp(b->server, "127.0.0.1:0", &b->port), 0);
    assert_int_equal(ts_http_server_listen_unix(b->server, b->path), 0);
    ts_http_server_route(b->server, "GET", "/echo/{name}", on_echo, b);
    ts_http_server_route(b->server, "GET", "/echo", on_echo, b);
    ts_http_server_route(b->server, "POST", "/echo", on_echo, b);
    ts_http_server_route(b->server, "PUT", "/echo", on_echo, b);
    ts_http_server_route(b->server, "PATCH", "/echo", on_echo, b);
    ts_http_server_route(b->server, "DELETE", "/echo", on_echo, b);
    ts_http_server_route(b->server, "GET", "/hold", on_hold, b);
    ts_http_server_route(b->server, "POST", "/hold", on_hold, b);
    return b;
}

static inline void bench_close(struct bench *b)
{
    TS_AUTOFREE char *run = ts_format("%s/run", b->folder);

    ts_http_server_free(b->server);
    ts_loop_free(b->loop);
    assert_int_equal(access(b->path, F_OK), -1); /* the socket goes with the server */
    (void)rmdir(run);
    (void)rmdir(b->folder);
    free(b);
}

/* --- a client of bare sockets --- */

struct line {
    struct bench *bench;
    int descriptor;
    struct ts_buf in;
    bool is_closed; /* by the server */
};

static inline void line_open_to(struct line *line, struct bench *b, const struct sockaddr *address,
                                socklen_t length)
{
    *line = (struct line){.bench = b};
    ts_buf_init(&line->in, 8 << 20);
    line->descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(line->descriptor, address, length), 0);
    assert_int_equal(fcntl(line->descriptor, F_SETFL, O_NONBLOCK), 0);
}

static inline void line_open(struct line *line, struct bench *b)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(b->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    line_open_to(line, b, (const struct sockaddr *)&address, sizeof(address));
}

static inline void line_open_unix(struct line *line, struct bench *b)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memcpy(address.sun_path, b->path, sizeof(b->path));
    line_open_to(line, b, (const struct sockaddr *)&address, sizeof(address));
}

static inline void line_close(struct line *line)
{
    (void)close(line->descriptor);
    ts_buf_done(&line->in);
}

/* Takes in what has come; true when something is new. */
static inline bool line_receive(struct line *line)
{
    char chunk[65536];
    ssize_t got = recv(line->descriptor, chunk, sizeof(chunk), 0);

    if (got > 0)
        (void)ts_buf_add(&line->in, chunk, (size_t)got);
    else if (got == 0 || errno != EAGAIN)
        line->is_closed = true;
    return got > 0;
}

static inline void line_send_bytes(struct line *line, const char *bytes, size_t length)
{
    uint64_t deadline = ts_now_ms() + 10000;

    while (length > 0 && !line->is_closed && ts_now_ms() < deadline) {
        ssize_t sent = send(line->descriptor, bytes, length, MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            return; /* closed: what was received tells why */
        bytes += sent > 0 ? sent : 0;
        length -= sent > 0 ? (size_t)sent : 0;
        ts_loop_turn(line->bench->loop, sent > 0 ? 0 : 5);
    }
}

static inline void line_send(struct line *line, const char *text)
{
    line_send_bytes(line, text, strlen(text));
}

/* The loop does not watch this side of the line: turns are short. */
#define LINE_WAIT(line, condition)                                                                 \
    __extension__({                                                                                \
        uint64_t until_ = ts_now_ms() + 10000;                                                     \
        while (!(condition) && ts_now_ms() < until_) {                                             \
            ts_loop_turn((line)->bench->loop, 1);                                                  \
            (void)line_receive(line);                                                              \
        }                                                                                          \
        (condition);                                                                               \
    })

static inline unsigned line_count(const struct line *line, const char *text)
{
    unsigned count = 0;

    for (const char *at = strstr(line->in.data, text); at; at = strstr(at + 1, text))
        count++;
    return count;
}

/* The status of the first answer; 0: none has come. */
static inline int line_status(const struct line *line)
{
    if (strncmp(line->in.data, "HTTP/1.1 ", 9) != 0 && strncmp(line->in.data, "HTTP/1.0 ", 9) != 0)
        return 0;
    return (int)strtol(line->in.data + 9, NULL, 10);
}

/* Sends, and waits until the server has closed: the status of its answer. */
static inline int line_ask(struct line *line, const char *bytes, size_t length)
{
    line_send_bytes(line, bytes, length);
    assert_true(LINE_WAIT(line, line->is_closed));
    return line_status(line);
}

#endif
