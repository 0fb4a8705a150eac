/* SPDX-License-Identifier: MIT */
/* Answering requests. */
#include "io/http_internal.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <event2/buffer.h>
#include <utlist.h>

#include <string.h>

enum { PROBLEM_MAX_BYTES = 4096 };

const char *ts_http_phrase(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {302, "Found"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i < TS_COUNT_OF(phrases); i++) {
        if (phrases[i].status == status)
            return phrases[i].phrase;
    }
    return "Other";
}

void ts_request_add_header(struct ts_request *request, const char *name, const char *value)
{
    (void)evhttp_add_header(evhttp_request_get_output_headers(request->http), name, value);
}

void ts_http_release(struct ts_request *request)
{
    ts_turn_cancel(request->server->loop, &request->turn);
    DL_DELETE(request->server->held, request);
    ts_route_params_done(&request->params);
    ts_query_done(&request->query);
    ts_free_secret(request->body); /* a body may carry credentials */
    free(request);
}

void ts_http_begin_reply(struct ts_request *request, const char *content_type)
{
    if (content_type)
        ts_request_add_header(request, "Content-Type", content_type);
    ts_request_add_header(request, "X-Content-Type-Options", "nosniff"); /* it is what it says */
    if (!evhttp_find_header(evhttp_request_get_output_headers(request->http), "Cache-Control"))
        ts_request_add_header(request, "Cache-Control", "no-store");
}

void ts_http_send_reply(struct ts_request *request, int status, struct evbuffer *body)
{
    struct ts_http_server *server = request->server;
    struct evhttp_request *http = request->http;
    struct evhttp_connection *connection = evhttp_request_get_connection(http);

    ts_http_release(request);
    server->is_replying = true;
    evhttp_send_reply(http, status, ts_http_phrase(status), body);
    server->is_replying = false;
    if (connection) /* else it broke, and the request went with it */
        ts_http_connection_write(evhttp_connection_get_bufferevent(connection));
}

void ts_request_reply(struct ts_request *request, int status, const char *content_type,
                      const char *body, size_t body_length)
{
    struct evbuffer *out = ts_must(evbuffer_new());

    ts_http_begin_reply(request, content_type);
    if (evhttp_request_get_command(request->http) == EVHTTP_REQ_HEAD)
        ts_request_add_header(request, "Content-Length", TS_NUMBER(body_length));
    else if (status != 204 && status != 304) /* for these, evhttp would send it all the same */
        (void)evbuffer_add(out, body, body_length);
    ts_http_send_reply(request, status, out);
    evbuffer_free(out);
}

static void add_quoted(struct ts_buf *out, const char *text)
{
    TS_AUTOFREE char *shown = ts_text_to_utf8(text); /* it may have been cut to its length */

    (void)ts_buf_add_text(out, "\"");
    for (const char *c = shown; *c; c++) {
        if (*c == '"' || *c == '\\')
            (void)ts_buf_addf(out, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            (void)ts_buf_addf(out, "\\u%04x", (unsigned char)*c);
        else
            (void)ts_buf_add(out, c, 1);
    }
    (void)ts_buf_add_text(out, "\"");
}

void ts_request_problem(struct ts_request *request, int status, const char *detail)
{
    static const char *const none[] = {NULL};

    ts_request_problem_with(request, status, detail, none);
}

void ts_request_problem_with(struct ts_request *request, int status, const char *detail,
                             const char *const *members)
{
    struct ts_buf out;

    ts_buf_init(&out, PROBLEM_MAX_BYTES);
    (void)ts_buf_addf(&out, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":",
                      ts_http_phrase(status), status);
    add_quoted(&out, detail);
    for (const char *const *at = members; *at; at += 2) {
        (void)ts_buf_addf(&out, ",\"%s\":", at[0]);
        add_quoted(&out, at[1]);
    }
    (void)ts_buf_add_text(&out, "}\n");
    ts_request_reply(request, status, "application/problem+json", out.data, out.len);
    ts_buf_done(&out);
}
