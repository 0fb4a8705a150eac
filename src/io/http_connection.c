/* SPDX-License-Identifier: MIT */
/* Connections while they are open: what comes and goes is watched, to know whose turn it is, since
 * when, and how much is kept for it. Whom that sends away: http_cut.c. */
#include "io/http_internal.h"

#include "teamsync/time.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <utlist.h>

#include <string.h>
#include <sys/socket.h>

/* Of each header line evhttp makes a hundred bytes, be it as short as ":", in two takings. */
enum { TAKING_BYTES = 64 };

/* --- whose turn it is --- */

static void leave_waiting(struct ts_http_connection *connection)
{
    if (connection->waiting_since_ms)
        DL_DELETE(connection->face->waiting, connection);
    connection->waiting_since_ms = 0;
}

/* From now on: last in the list. */
static void wait_for_client(struct ts_http_connection *connection)
{
    leave_waiting(connection);
    connection->waiting_since_ms = ts_now_ms();
    DL_APPEND(connection->face->waiting, connection);
    ts_http_listen_if_room(connection->face->server);
}

static void keep(struct ts_http_connection *connection, size_t request_bytes, size_t answer_bytes)
{
    size_t before = connection->request_bytes + connection->answer_bytes;

    connection->request_bytes = request_bytes;
    connection->answer_bytes = answer_bytes;
    connection->face->kept_bytes += request_bytes + answer_bytes;
    connection->face->kept_bytes -= before;
    if (request_bytes + answer_bytes > before)
        ts_http_relieve(connection);
}

/* --- what comes --- */

/* The empty line after a request's header. Whole lines are taken out as they come, so it stands at
 * the beginning, or behind a line that has come with it. */
static bool shows_end_of_head(struct evbuffer *input)
{
    char start[2] = "";

    (void)evbuffer_copyout(input, start, sizeof(start));
    return start[0] == '\n' || (start[0] == '\r' && start[1] == '\n') ||
           evbuffer_search(input, "\n\n", 2, NULL).pos >= 0 ||
           evbuffer_search(input, "\n\r\n", 3, NULL).pos >= 0;
}

static void note_asking(struct ts_http_connection *connection, struct evbuffer *input)
{
    if (connection->asking_since_ms == 0)
        connection->asking_since_ms = ts_now_ms();
    if (!connection->has_head)
        connection->has_head = shows_end_of_head(input);
}

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
    struct ts_http_connection *connection = arg;
    size_t taking = info->n_deleted > 0 ? TAKING_BYTES : 0;

    keep(connection, connection->request_bytes + info->n_added + taking, connection->answer_bytes);
    if (info->n_added > 0 && !connection->is_answered)
        note_asking(connection, input);
}

/* The request before is answered, and the answer is read: what has come meanwhile is the next. */
static void begin_anew(struct ts_http_connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    size_t length = evbuffer_get_length(input);

    connection->is_answered = false;
    keep(connection, length, 0);
    wait_for_client(connection);
    if (length > 0)
        note_asking(connection, input);
}

/* --- what goes --- */

/* One piece of the answer is read, and the next one is not here yet: the client waits for us. */
static void pause_answer(struct ts_http_connection *connection)
{
    connection->is_answered = false;
    leave_waiting(connection);
    ts_http_listen_if_room(connection->face->server);
    ts_http_stream_taken(connection->in_pieces);
}

/* evhttp answers what is malformed or too large without asking anybody; and it says "100 Continue",
 * which is no answer, but what stands behind it is. Output is frozen: it can be looked at, not
 * read. */
static bool is_answer(struct evbuffer *output, const struct evbuffer_cb_info *info)
{
    static const char interim[] = "HTTP/1.1 1";
    struct evbuffer_iovec start = {0};
    bool is_interim;

    (void)evbuffer_peek(output, sizeof(interim) - 1, NULL, &start, 1);
    is_interim = start.iov_len >= sizeof(interim) - 1 &&
                 memcmp(start.iov_base, interim, sizeof(interim) - 1) == 0;
    return info->n_added > 0 && (info->orig_size > 0 || !is_interim);
}

static void begin_answer(struct ts_http_connection *connection)
{
    connection->is_answered = true;
    connection->asking_since_ms = 0;
    connection->has_head = false;
    wait_for_client(connection);
}

static void on_output(struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg)
{
    struct ts_http_connection *connection = arg;
    struct ts_http_server *server = connection->face->server;

    if (!connection->is_answered && is_answer(output, info)) {
        server->events[REFUSED] += server->is_replying ? 0 : 1;
        begin_answer(connection);
    }
    keep(connection, connection->request_bytes, evbuffer_get_length(output));
    if (connection->answer_bytes > 0 || !connection->is_answered)
        return;
    if (connection->in_pieces)
        pause_answer(connection);
    else
        begin_anew(connection);
}

/* --- coming and going --- */

static void forget(struct ts_http_connection *connection)
{
    struct ts_http_face *face = connection->face;

    leave_waiting(connection);
    ts_turn_cancel(face->server->loop, &connection->departure);
    keep(connection, 0, 0);
    HASH_DEL(face->server->connections, connection);
    face->open--;
    free(connection);
    ts_http_listen_if_room(face->server);
}

/* Else what has arrived would look like the whole answer. To connect TCP to nowhere is to reset it.
 */
static void reset_if_incomplete(const struct ts_http_connection *connection)
{
    static const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

    if (connection->ends_by_closing && (connection->in_pieces || connection->answer_bytes > 0))
        (void)connect(bufferevent_getfd(connection->stream), &nowhere, sizeof(nowhere));
}

static void on_closed(struct evhttp_connection *http, void *arg)
{
    struct ts_http_connection *connection = arg;

    (void)http;
    reset_if_incomplete(connection);
    if (connection->in_pieces)
        ts_http_stream_left(connection->in_pieces);
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

    connection->face->arriving--;
    bufferevent_getcb(stream, NULL, NULL, NULL, &http);
    if (http) {
        evhttp_connection_set_closecb(http, on_closed, connection);
        wait_for_client(connection);
    } else {
        forget(connection);
    }
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
    bufferevent_incref(stream); /* until its arrival */
    ts_turn_plan(server->loop, &connection->arrival, on_arrival, connection);
    face->open++;
    face->arriving++;
    ts_http_make_room(face);
    ts_http_listen_if_room(server);
    return stream;
}

struct ts_http_connection *ts_http_connection_of(struct ts_http_server *server,
                                                 struct evhttp_request *http)
{
    struct evhttp_connection *owner = evhttp_request_get_connection(http);
    struct bufferevent *stream = owner ? evhttp_connection_get_bufferevent(owner) : NULL;
    struct ts_http_connection *connection = NULL;

    HASH_FIND_PTR(server->connections, &stream, connection);
    return connection;
}

void ts_http_connection_asked(struct ts_http_server *server, struct evhttp_request *http)
{
    struct ts_http_connection *connection = ts_http_connection_of(server, http);

    if (!connection)
        return;
    leave_waiting(connection);
    ts_http_listen_if_room(server);
}

/* evhttp writes on the next turn, and by then the connection may have had to make room. */
void ts_http_connection_write(struct bufferevent *stream)
{
    struct evbuffer *output = bufferevent_get_output(stream);

    if (evbuffer_get_length(output) == 0)
        return;
    (void)evbuffer_unfreeze(output, 1);
    (void)evbuffer_write(output, bufferevent_getfd(stream));
    (void)evbuffer_freeze(output, 1);
}

void ts_http_connections_flush(struct ts_http_server *server)
{
    struct ts_http_connection *connection;
    struct ts_http_connection *next;

    HASH_ITER(hh, server->connections, connection, next)
    {
        if (connection->arrival.is_waiting) {
            ts_turn_cancel(server->loop, &connection->arrival);
            on_arrival(connection);
        } else {
            ts_http_connection_write(connection->stream);
        }
    }
}
