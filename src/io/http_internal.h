/* SPDX-License-Identifier: MIT */
/* Shared by the files of the HTTP server: listeners, connections, and a request while it is held.
 */
#ifndef IO_HTTP_INTERNAL_H
#define IO_HTTP_INTERNAL_H

#include "io/http_query.h"
#include "io/io_internal.h"
#include "io/router.h"

#include "teamsync/http_server.h"

#include <event2/http.h>
#include <uthash.h>

struct ts_route {
    struct ts_route *next;
    char *method;
    char *pattern;
    ts_request_handler *handler;
    void *arg;
};

/* One way in: connections from a network, or from the admin socket. */
struct ts_http_face {
    struct ts_http_server *server;
    struct evhttp *http;
    bool is_admin;
    struct ts_http_listener *listeners;
    struct ts_http_connection *waiting; /* where it is the client's turn, the longest first */
    unsigned open;                      /* connections */
    unsigned arriving;                  /* of these, accepted in this turn */
    size_t kept_bytes;
};

/* What clients can cause as often as they like: counted, and told once a second. */
enum ts_http_event { REFUSED, CUT_SLOW, CUT_ENDLESS, CUT_ROOM, CUT_MEMORY, ABORTED, HTTP_EVENTS };

struct ts_http_server {
    struct ts_loop *loop;
    struct ts_http_server_options options;
    struct ts_http_face public_face;
    struct ts_http_face admin_face;
    struct ts_route *routes;
    struct ts_request *held;
    bool is_replying; /* what is written now is our own answer, not evhttp's */
    struct ts_timer *sweep_timer;
    struct ts_http_connection *connections;
    unsigned events[HTTP_EVENTS]; /* not told yet */
};

/* A connection while it is open: whose turn it is, and what it makes us keep. */
struct ts_http_connection {
    UT_hash_handle hh;
    struct ts_http_connection *prev, *next; /* in `waiting` */
    struct ts_http_face *face;
    struct bufferevent *stream; /* the key; evhttp's */
    struct evbuffer_cb_entry *input_watch;
    struct evbuffer_cb_entry *output_watch;
    struct ts_turn arrival;
    struct ts_turn departure;
    uint64_t waiting_since_ms;    /* for the client: to ask, or to read; 0: it waits for us */
    uint64_t asking_since_ms;     /* the first byte of a request that is not complete; 0: none */
    bool has_head;                /* of that request */
    bool is_answered;             /* and the answer is not read yet */
    struct ts_request *in_pieces; /* what is answered so; NULL: nothing */
    bool ends_by_closing;         /* that answer, without any other sign of its end */
    size_t request_bytes;         /* what has come, and what evhttp makes of it */
    size_t answer_bytes;
};

struct ts_request {
    struct ts_request *prev, *next;
    struct ts_http_server *server;
    struct evhttp_request *http;
    struct ts_route_params params;
    struct ts_query query;
    char *body;
    size_t body_length;
    bool is_admin;

    /* While it is answered in pieces. */
    const struct ts_stream *stream; /* NULL: it is not */
    void *stream_arg;
    struct ts_http_connection *connection; /* NULL: the client has left */
    struct ts_turn turn;
};

/* http_server.c */
struct timeval ts_http_idle_time(const struct ts_http_server *server);

/* http_listen.c */
void ts_http_listen_if_room(struct ts_http_server *server);
void ts_http_listeners_free(struct ts_http_face *face);

/* http_connection.c */
struct bufferevent *ts_http_connection_new(struct event_base *base, void *arg); /* for evhttp */
void ts_http_connection_asked(struct ts_http_server *server, struct evhttp_request *http);
struct ts_http_connection *ts_http_connection_of(struct ts_http_server *server,
                                                 struct evhttp_request *http);
void ts_http_connection_write(struct bufferevent *stream);     /* what the client takes at once */
void ts_http_connections_flush(struct ts_http_server *server); /* before evhttp is freed */

/* http_reply.c */
void ts_http_begin_reply(struct ts_request *request, const char *content_type);
void ts_http_send_reply(struct ts_request *request, int status, struct evbuffer *body);
const char *ts_http_phrase(int status);
void ts_http_release(struct ts_request *request); /* our part of it */

/* http_stream.c */
void ts_http_stream_taken(struct ts_request *request); /* by the client: all that was written */
void ts_http_stream_left(struct ts_request *request);  /* by the client */

/* http_cut.c */
void ts_http_cut(struct ts_http_connection *connection, enum ts_http_event why);
void ts_http_make_room(struct ts_http_face *face);        /* for the one that has just come */
void ts_http_relieve(struct ts_http_connection *growing); /* the memory */
void ts_http_sweep(void *arg);                            /* the server: a timer calls it */
void ts_http_tell(struct ts_http_server *server); /* what has happened since the last time */

#endif
