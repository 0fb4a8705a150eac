/* SPDX-License-Identifier: MIT */
/* Connections while they are open. evhttp ends the silent ones; here are the others: whoever sends
 * or reads drop by drop, or sends what never becomes a request. They end by shutdown(): evhttp
 * finds out by itself, and frees what it owns. */
#include "io/http_internal.h"

#include "teamsync/log.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <uthash.h>

#include <string.h>
#include <sys/socket.h>

enum {
    SWEEP_MS = 500,
    PATIENCE = 4,            /* × the idle time: for a whole request to come, or an answer to go */
    SLACK_BYTES = 128 << 10, /* chunk sizes, trailers, and the start of a next request */
};

struct ts_http_connection {
    UT_hash_handle hh;
    struct ts_http_face *face;
    struct bufferevent *stream; /* the key; evhttp's */
    struct evbuffer_cb_entry *input_watch;
    struct evbuffer_cb_entry *output_watch;
    uint64_t waiting_since_ms; /* for the client; 0: it waits for us */
    struct ts_turn arrival;
};

static void cut(struct ts_http_connection *connection, const char *why)
{
    ts_log(TS_LOG_INFO, "connection closed", "why", why, NULL);
    connection->waiting_since_ms = 0;
    (void)shutdown(bufferevent_getfd(connection->stream), SHUT_RDWR);
}

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
    struct ts_http_connection *connection = arg;
    const struct ts_http_server_options *options = &connection->face->server->options;

    if (info->n_added == 0)
        return;
    if (connection->waiting_since_ms == 0)
        connection->waiting_since_ms = ts_now_ms();
    /* evhttp has no limit of its own for the line that announces a chunk. */
    if (evbuffer_get_length(input) >
        options->max_header_bytes + options->max_body_bytes + SLACK_BYTES)
        cut(connection, "sends without end");
}

/* evhttp answers malformed and over-long requests without asking anybody; the log shall tell. */
static void tell_refusal(struct evbuffer *output)
{
    char head[64] = "";

    (void)evbuffer_copyout(output, head, sizeof(head) - 1);
    head[strcspn(head, "\r\n")] = '\0';
    if (ts_text_starts_with(head, "HTTP/1.") && head[8] == ' ' && head[9] == '4')
        ts_log(TS_LOG_INFO, "request refused", "answer", head + 9, "why", "malformed or too large",
               NULL);
}

static void on_output(struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg)
{
    struct ts_http_connection *connection = arg;

    if (info->n_added > 0 && info->orig_size == 0 && !connection->face->server->is_replying)
        tell_refusal(output);
    if (evbuffer_get_length(output) == 0)
        connection->waiting_since_ms = 0;
    else if (connection->waiting_since_ms == 0)
        connection->waiting_since_ms = ts_now_ms();
}

static void forget(struct ts_http_connection *connection)
{
    struct ts_http_server *server = connection->face->server;

    ts_turn_cancel(server->loop, &connection->arrival);
    HASH_DEL(server->connections, connection);
    if (!connection->face->is_admin &&
        server->public_connections-- == server->options.max_connections)
        ts_http_listen_if_room(server);
    free(connection);
}

static void on_closed(struct evhttp_connection *http, void *arg)
{
    struct ts_http_connection *connection = arg;

    (void)http;
    (void)evbuffer_remove_cb_entry(bufferevent_get_input(connection->stream),
                                   connection->input_watch);
    (void)evbuffer_remove_cb_entry(bufferevent_get_output(connection->stream),
                                   connection->output_watch);
    forget(connection);
}

/* The turn after accept(). evhttp shows a connection to nobody before its first request, but it is
 * what it has its own callbacks called with; none is set when it gave the connection up already. */
static void on_arrival(void *arg)
{
    struct ts_http_connection *connection = arg;
    struct bufferevent *stream = connection->stream;
    void *http = NULL;

    bufferevent_getcb(stream, NULL, NULL, NULL, &http);
    if (http)
        evhttp_connection_set_closecb(http, on_closed, connection);
    else
        forget(connection);
    (void)bufferevent_decref(stream);
}

struct bufferevent *ts_http_connection_new(struct event_base *base, void *arg)
{
    struct ts_http_face *face = arg;
    struct ts_http_server *server = face->server;
    struct ts_http_connection *connection = ts_alloc(sizeof(*connection));
    struct bufferevent *stream = bufferevent_socket_new(base, -1, 0);

    if (!stream)
        abort(); /* out of memory */
    connection->face = face;
    connection->stream = stream;
    connection->input_watch = evbuffer_add_cb(bufferevent_get_input(stream), on_input, connection);
    connection->output_watch =
        evbuffer_add_cb(bufferevent_get_output(stream), on_output, connection);
    HASH_ADD_PTR(server->connections, stream, connection);
    if (!face->is_admin && ++server->public_connections == server->options.max_connections)
        ts_http_listen_if_room(server);
    bufferevent_incref(stream); /* until its arrival */
    ts_turn_plan(server->loop, &connection->arrival, on_arrival, connection);
    return stream;
}

void ts_http_connection_asked(struct ts_http_server *server, struct evhttp_request *http)
{
    struct bufferevent *stream =
        evhttp_connection_get_bufferevent(evhttp_request_get_connection(http));
    struct ts_http_connection *connection = NULL;

    HASH_FIND_PTR(server->connections, &stream, connection);
    if (connection)
        connection->waiting_since_ms = 0;
}

void ts_http_sweep(void *arg)
{
    struct ts_http_server *server = arg;
    uint64_t limit_ms = (uint64_t)PATIENCE * server->options.idle_timeout_ms;
    uint64_t now = ts_now_ms();
    struct ts_http_connection *connection;
    struct ts_http_connection *next;

    HASH_ITER(hh, server->connections, connection, next)
    {
        if (connection->waiting_since_ms && now - connection->waiting_since_ms > limit_ms)
            cut(connection, "too slow");
    }
    ts_http_listen_if_room(server);
    ts_timer_set(server->sweep_timer, SWEEP_MS);
}

void ts_http_connections_flush(struct ts_http_server *server)
{
    struct ts_http_connection *connection;
    struct ts_http_connection *next;

    HASH_ITER(hh, server->connections, connection, next)
    {
        struct evbuffer *output = bufferevent_get_output(connection->stream);

        if (connection->arrival.is_waiting) {
            ts_turn_cancel(server->loop, &connection->arrival);
            on_arrival(connection);
        } else if (evbuffer_get_length(output) > 0 && evbuffer_unfreeze(output, 1) == 0) {
            (void)evbuffer_write(output, bufferevent_getfd(connection->stream));
        }
    }
}
