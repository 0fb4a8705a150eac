/* SPDX-License-Identifier: MIT */
/* Shared by the files of the HTTP server: listeners, and a request while it is held. */
#ifndef IO_HTTP_INTERNAL_H
#define IO_HTTP_INTERNAL_H

#include "io/http_query.h"
#include "io/io_internal.h"
#include "io/router.h"

#include "teamsync/http_server.h"

#include <event2/http.h>

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
};

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
    unsigned public_connections;
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
};

/* http_listen.c */
void ts_http_listen_if_room(struct ts_http_server *server);
void ts_http_listeners_free(struct ts_http_face *face);

/* http_connection.c */
struct bufferevent *ts_http_connection_new(struct event_base *base, void *arg); /* for evhttp */
void ts_http_connection_asked(struct ts_http_server *server, struct evhttp_request *http);
void ts_http_connections_flush(struct ts_http_server *server); /* before evhttp is freed */
void ts_http_sweep(void *arg);

#endif
