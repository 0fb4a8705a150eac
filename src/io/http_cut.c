/* SPDX-License-Identifier: MIT */
/* Whom the server sends away, and when: the slow, and, where there is no room or no memory, those
 * that have kept it waiting longest. Never a connection whose request is held, unless it is
 * answered in pieces to a client that talks all the same. And the log of it. */
#include "io/http_internal.h"

#include "teamsync/log.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <event2/bufferevent.h>
#include <utlist.h>

enum {
    SWEEP_MS = 1000,
    PATIENCE = 4,            /* × the idle time: for an answer to be read */
    SLACK_BYTES = 128 << 10, /* chunk sizes, trailers, and the start of a next request */
};

/* As if its time had run out: evhttp closes it at once, whatever is still to come, and frees what
 * it owns. Not from within what this connection's own buffers call. */
void ts_http_cut(struct ts_http_connection *connection, enum ts_http_event why)
{
    connection->face->server->events[why]++;
    bufferevent_trigger_event(connection->stream, BEV_EVENT_READING | BEV_EVENT_TIMEOUT, 0);
}

void ts_http_tell(struct ts_http_server *server)
{
    static const struct {
        enum ts_log_level level;
        const char *what;
        const char *why;
    } events[HTTP_EVENTS] = {
        [REFUSED] = {TS_LOG_INFO, "requests refused", "malformed or too large"},
        [CUT_SLOW] = {TS_LOG_INFO, "connections closed", "too slow"},
        [CUT_ENDLESS] = {TS_LOG_INFO, "connections closed", "sends without end"},
        [CUT_ROOM] = {TS_LOG_WARNING, "connections closed", "to make room for newcomers"},
        [CUT_MEMORY] = {TS_LOG_WARNING, "connections closed", "to free memory"},
        [ABORTED] = {TS_LOG_WARNING, "connections closed", "the answer could not be completed"},
    };

    for (size_t i = 0; i < HTTP_EVENTS; i++) {
        if (server->events[i] > 0)
            ts_log(events[i].level, events[i].what, "why", events[i].why, "count",
                   TS_NUMBER(server->events[i]), NULL);
        server->events[i] = 0;
    }
}

/* --- room --- */

void ts_http_make_room(struct ts_http_face *face)
{
    if (!face->is_admin && face->open > face->server->options.max_connections && face->waiting)
        ts_http_cut(face->waiting, CUT_ROOM);
}

/* --- memory --- */

static bool is_endless(const struct ts_http_connection *connection)
{
    const struct ts_http_server_options *options = &connection->face->server->options;

    return connection->request_bytes >
           options->max_header_bytes + options->max_body_bytes + SLACK_BYTES;
}

static bool is_over_budget(const struct ts_http_face *face)
{
    return !face->is_admin && face->kept_bytes > face->server->options.max_kept_bytes;
}

static bool has_more_than_its_share(const struct ts_http_connection *connection)
{
    const struct ts_http_server_options *options = &connection->face->server->options;

    return connection->request_bytes + connection->answer_bytes >
           options->max_kept_bytes / options->max_connections;
}

static bool has_to_go(const struct ts_http_connection *connection)
{
    return is_endless(connection) ||
           (is_over_budget(connection->face) && has_more_than_its_share(connection));
}

static void on_departure(void *arg)
{
    struct ts_http_connection *connection = arg;

    if ((connection->waiting_since_ms || connection->in_pieces) && has_to_go(connection))
        ts_http_cut(connection, is_endless(connection) ? CUT_ENDLESS : CUT_MEMORY);
}

/* At once, for within a turn all of them together could send many times the budget; only the one
 * that is growing, and within whose buffers we are, goes on the next turn. */
void ts_http_relieve(struct ts_http_connection *growing)
{
    struct ts_http_face *face = growing->face;
    struct ts_http_connection *connection;
    struct ts_http_connection *next;

    if (growing->departure.is_waiting || !has_to_go(growing))
        return;
    DL_FOREACH_SAFE(face->waiting, connection, next)
    {
        if (connection != growing && has_to_go(connection))
            ts_http_cut(connection, CUT_MEMORY);
    }
    if (has_to_go(growing))
        ts_turn_plan(face->server->loop, &growing->departure, on_departure, growing);
}

/* --- time --- */

static bool is_too_slow(const struct ts_http_connection *connection, uint64_t now)
{
    const struct ts_http_server_options *options = &connection->face->server->options;

    if (connection->is_answered)
        return now - connection->waiting_since_ms > (uint64_t)PATIENCE * options->idle_timeout_ms;
    if (connection->asking_since_ms == 0)
        return false; /* silent: evhttp ends it */
    return now - connection->asking_since_ms >
           (connection->has_head ? options->request_timeout_ms : options->head_timeout_ms);
}

static void cut_the_slow(struct ts_http_face *face)
{
    uint64_t now = ts_now_ms();
    struct ts_http_connection *connection;
    struct ts_http_connection *next;

    DL_FOREACH_SAFE(face->waiting, connection, next)
    {
        if (is_too_slow(connection, now))
            ts_http_cut(connection, CUT_SLOW);
    }
}

void ts_http_sweep(void *arg)
{
    struct ts_http_server *server = arg;

    cut_the_slow(&server->public_face);
    cut_the_slow(&server->admin_face);
    ts_http_tell(server);
    ts_http_listen_if_room(server);
    ts_timer_set(server->sweep_timer, SWEEP_MS);
}
