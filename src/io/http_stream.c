/* SPDX-License-Identifier: MIT */
/* Answering in pieces. Between two pieces the client waits for us, and its connection counts as one
 * whose request is held; but unlike there, evhttp reads, so that we see when the client leaves. */
#include "io/http_internal.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http_struct.h>

static void on_turn(void *arg)
{
    struct ts_request *request = arg;
    const struct ts_stream *stream = request->stream;
    void *stream_arg = request->stream_arg;

    if (!request->connection) {
        ts_request_abort(request);
        stream->on_gone(stream_arg);
    } else if (request->connection->answer_bytes == 0) {
        stream->on_writable(stream_arg);
    }
}

static void plan_turn(struct ts_request *request)
{
    if (!request->turn.is_waiting)
        ts_turn_plan(request->server->loop, &request->turn, on_turn, request);
}

void ts_http_stream_taken(struct ts_request *request)
{
    plan_turn(request);
}

void ts_http_stream_left(struct ts_request *request)
{
    request->connection = NULL;
    plan_turn(request);
}

/* --- beginning --- */

/* Without chunks the connection's end is that of the answer, whatever the client would like. */
static bool ends_by_closing(struct ts_request *request)
{
    struct evhttp_request *http = request->http;

    if (http->major > 1 || (http->major == 1 && http->minor >= 1))
        return false;
    (void)evhttp_remove_header(evhttp_request_get_input_headers(http), "Connection");
    ts_request_add_header(request, "Connection", "close");
    return true;
}

/* The client may be silent for as long as there is nothing to read. */
static void begin(struct ts_request *request, struct ts_http_connection *connection, int status)
{
    struct ts_http_server *server = request->server;
    struct timeval patience = ts_http_idle_time(server);

    connection->in_pieces = request;
    connection->ends_by_closing = ends_by_closing(request);
    (void)bufferevent_set_timeouts(connection->stream, NULL, &patience);
    server->is_replying = true;
    evhttp_send_reply_start(request->http, status, ts_http_phrase(status));
    server->is_replying = false;
    ts_http_connection_write(connection->stream);
}

bool ts_request_begin(struct ts_request *request, int status, const char *content_type,
                      const struct ts_stream *stream, void *arg)
{
    ts_http_begin_reply(request, content_type);
    if (evhttp_request_get_command(request->http) == EVHTTP_REQ_HEAD) {
        ts_http_send_reply(request, status, /* body= */ NULL);
        return false;
    }
    request->stream = stream;
    request->stream_arg = arg;
    request->connection = ts_http_connection_of(request->server, request->http);
    if (request->connection)
        begin(request, request->connection, status);
    else
        plan_turn(request); /* it broke while the request was held */
    return true;
}

/* --- pieces --- */

void ts_request_write(struct ts_request *request, const char *bytes, size_t length)
{
    struct ts_http_server *server = request->server;
    struct evbuffer *piece;

    if (!request->connection)
        return; /* and that is told on the next turn */
    piece = ts_must(evbuffer_new());
    (void)evbuffer_add(piece, bytes, length);
    server->is_replying = true;
    evhttp_send_reply_chunk(request->http, piece);
    server->is_replying = false;
    evbuffer_free(piece);
    ts_http_connection_write(request->connection->stream);
}

/* --- the end --- */

/* What is still unread is an answer like any other. Where all is read and closing is the end,
 * evhttp closes at once. */
static void complete(struct ts_request *request, struct ts_http_connection *connection)
{
    struct ts_http_server *server = request->server;
    struct evhttp_request *http = request->http;
    struct bufferevent *stream = connection->stream;
    struct timeval patience = ts_http_idle_time(server);
    bool closes_at_once = connection->ends_by_closing && connection->answer_bytes == 0;

    connection->in_pieces = NULL;
    (void)bufferevent_set_timeouts(stream, &patience, &patience);
    ts_http_release(request);
    server->is_replying = true;
    evhttp_send_reply_end(http);
    server->is_replying = false;
    if (!closes_at_once)
        ts_http_connection_write(stream);
}

void ts_request_end(struct ts_request *request)
{
    if (request->connection)
        complete(request, request->connection);
    else
        ts_request_abort(request);
}

/* evhttp lets go of a request whose connection breaks; the end is what frees it. */
void ts_request_abort(struct ts_request *request)
{
    if (request->connection)
        ts_http_cut(request->connection, ABORTED);
    evhttp_send_reply_end(request->http);
    ts_http_release(request);
}
