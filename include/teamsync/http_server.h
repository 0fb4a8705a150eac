/* SPDX-License-Identifier: MIT */
/* An HTTP/1.1 server on evhttp: listeners, limits, routes, and replies that may come later. */
#ifndef TEAMSYNC_HTTP_SERVER_H
#define TEAMSYNC_HTTP_SERVER_H

#include "teamsync/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ts_loop;
struct ts_http_server;
struct ts_request; /* one request being answered; lives until it is replied to */

/* What clients may take. Whoever is silent, or slow beyond these times, is sent away.
 *
 * Newcomers are always let in: when all connections are taken, the one that has kept us waiting
 * longest goes – silent, in the middle of a request, unread, or idle between two – but never one
 * whose request is held by a handler. Only while all are held do newcomers wait in the backlog; so
 * no more requests are held than there are connections, and a handler that wants fewer counts.
 *
 * Memory: what clients have sent that is not answered, and the answers that they have not read,
 * count together, header fields as what they cost (112 bytes, be they two). Beyond `max_kept_bytes`
 * the one that has kept us waiting longest goes, of those with more than their share
 * (max_kept_bytes / max_connections). So all that is kept is at most twice max_kept_bytes, and
 * 4 KiB that a connection itself costs: 144 MiB by default. One connection's request is at most its
 * header, its body, and 128 KiB. A client that talks while it is answered in pieces counts too.
 *
 * The admin socket has the limits of a request, and none on how many. */
struct ts_http_server_options {
    size_t max_header_bytes;  /* 0: 16 KiB; more is answered 400 or the connection closed */
    size_t max_body_bytes;    /* 0: 128 KiB; more is answered 413 */
    size_t max_kept_bytes;    /* 0: 64 MiB */
    uint32_t idle_timeout_ms; /* 0: 15000; not a byte moves; four of it for an answer to be read */
    uint32_t head_timeout_ms; /* 0: 10000; from a request's first byte to the end of its header */
    uint32_t request_timeout_ms; /* 0: 30000; from there to the end of its body */
    unsigned max_connections;    /* 0: 4096, or fewer where descriptors are scarce */
};

struct ts_http_server *ts_http_server_new(struct ts_loop *loop,
                                          const struct ts_http_server_options *options);
/* Stops listening; requests still held are answered 503, those answered in pieces are aborted, and
 * nobody is told. NULL is fine. */
void ts_http_server_free(struct ts_http_server *server);

unsigned ts_http_server_max_connections(const struct ts_http_server *server);

/* "127.0.0.1:8080", "[::1]:8080", "localhost:0" (any free port; `*ret_port`, may be NULL, tells).
 */
TS_MUST_CHECK int ts_http_server_listen_tcp(struct ts_http_server *server, const char *address,
                                            uint16_t *ret_port);
/* A Unix socket with mode 0600, replacing a dead one; its requests are `is_admin`. */
TS_MUST_CHECK int ts_http_server_listen_unix(struct ts_http_server *server, const char *path);

/* Routes. `pattern` is like "/api/v1/orgs/{org}/members/{id}"; a {name} takes one non-empty
 * segment, percent-decoded. Asked in the order added. A path no route knows is 404; one that is
 * known with other methods is 405 with Allow. HEAD is answered by GET's handler. */
typedef void ts_request_handler(struct ts_request *request, void *arg);
void ts_http_server_route(struct ts_http_server *server, const char *method, const char *pattern,
                          ts_request_handler *handler, void *arg);

/* Reading; all borrowed from the request. */
const char *ts_request_method(const struct ts_request *request);
const char *ts_request_path(const struct ts_request *request);
const char *ts_request_param(const struct ts_request *request, const char *name); /* of the route */
const char *ts_request_query(const struct ts_request *request,
                             const char *name); /* ?name=…; NULL */
const char *ts_request_header(const struct ts_request *request, const char *name);
/* Whether the body is said to be application/json, with parameters or without. */
bool ts_request_is_json(const struct ts_request *request);
const char *ts_request_body(const struct ts_request *request, size_t *ret_length); /* never NULL */
const char *ts_request_peer(const struct ts_request *request); /* address, or "unix" */
bool ts_request_is_admin(const struct ts_request *request);

/* Answering, exactly once, now or later; the request is gone afterwards. Nobody may keep an answer,
 * unless the handler has added a Cache-Control of its own. */
void ts_request_add_header(struct ts_request *request, const char *name, const char *value);
void ts_request_reply(struct ts_request *request, int status, const char *content_type,
                      const char *body, size_t body_length);
/* application/problem+json (RFC 9457): {"type":"about:blank","title":…,"status":…,"detail":…}. The
 * title is the status' standard phrase; `detail` is for people. */
void ts_request_problem(struct ts_request *request, int status, const char *detail);
/* With further members: name, text, name, text, …, ended by NULL. */
void ts_request_problem_with(struct ts_request *request, int status, const char *detail,
                             const char *const *members);

/* Answering in pieces, where nobody knows how many: begin, write, …, and end, or abort. Each piece
 * is sent at once; whoever writes the next one only when told to, keeps no more than one here. A
 * client that does not read is sent away like any other. The two calls come on a turn of their own,
 * never from within begin or write.
 *
 * With HTTP/1.1 the pieces are chunks, and an answer without the last one is seen to be incomplete.
 * With HTTP/1.0 it ends with the connection; one that is incomplete is reset (over TCP). */
struct ts_stream {
    void (*on_writable)(void *arg); /* the client has taken all that was written, or begun */
    void (*on_gone)(void *arg);     /* the client has left: the request is gone */
};
/* `stream` is a constant. False: nobody wants pieces (HEAD); it is answered, and gone. */
TS_MUST_CHECK bool ts_request_begin(struct ts_request *request, int status,
                                    const char *content_type, const struct ts_stream *stream,
                                    void *arg);
/* `length` is not 0. */
void ts_request_write(struct ts_request *request, const char *bytes, size_t length);
/* The two ends; the request is gone. After an abort the client sees that something is missing. */
void ts_request_end(struct ts_request *request);
void ts_request_abort(struct ts_request *request);

#endif
