/* SPDX-License-Identifier: MIT */
/* evhttp with limits and routes; a request is held until its handler replies. */
#include "teamsync/http_server.h"

#include "io/http_internal.h"

#include "teamsync/buf.h"
#include "teamsync/text.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <utlist.h>

#include <limits.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

enum {
    HEADER_MAX_BYTES = 16 << 10,
    BODY_MAX_BYTES = 128 << 10,
    KEPT_MAX_BYTES = 64 << 20,
    IDLE_TIMEOUT_MS = 15000,
    HEAD_TIMEOUT_MS = 10000,
    REQUEST_TIMEOUT_MS = 30000,
    CONNECTIONS_MAX = 4096,
    DESCRIPTORS_FREE = 100, /* for Redis, the directory, and files */
    ALL_METHODS = EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
                  EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH,
};

static const char *method_name(enum evhttp_cmd_type type)
{
    static const struct {
        enum evhttp_cmd_type type;
        const char *name;
    } methods[] = {
        {EVHTTP_REQ_GET, "GET"},     {EVHTTP_REQ_POST, "POST"},     {EVHTTP_REQ_HEAD, "HEAD"},
        {EVHTTP_REQ_PUT, "PUT"},     {EVHTTP_REQ_DELETE, "DELETE"}, {EVHTTP_REQ_OPTIONS, "OPTIONS"},
        {EVHTTP_REQ_PATCH, "PATCH"},
    };

    for (size_t i = 0; i < TS_COUNT_OF(methods); i++) {
        if (methods[i].type == type)
            return methods[i].name;
    }
    return "?";
}

/* --- a request's life --- */

static struct ts_request *hold(struct ts_http_face *face, struct evhttp_request *http)
{
    struct ts_request *request = ts_alloc(sizeof(*request));
    struct evbuffer *body = evhttp_request_get_input_buffer(http);

    request->server = face->server;
    request->http = http;
    request->is_admin = face->is_admin;
    request->body_length = evbuffer_get_length(body);
    request->body = ts_alloc(request->body_length + 1);
    (void)evbuffer_remove(body, request->body, request->body_length);
    DL_APPEND(face->server->held, request);
    ts_http_connection_asked(face->server, http);
    return request;
}

/* Sends the header "Allow" with a 405: the methods that this path has. */
static void refuse_method(struct ts_request *request, const char *path)
{
    struct ts_buf allow;
    struct ts_route *route;

    ts_buf_init(&allow, 256);
    LL_FOREACH(request->server->routes, route)
    {
        struct ts_route_params ignored = {0};

        if (ts_route_match(route->pattern, path, &ignored))
            (void)ts_buf_addf(&allow, "%s%s%s", allow.len ? ", " : "", route->method,
                              strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
        ts_route_params_done(&ignored);
    }
    ts_request_add_header(request, "Allow", allow.data);
    ts_buf_done(&allow);
    ts_request_problem(request, 405, "this path does not know this method");
}

static void dispatch(struct ts_request *request, const char *path)
{
    const char *method = ts_request_method(request);
    bool path_is_known = false;
    struct ts_route *route;

    LL_FOREACH(request->server->routes, route)
    {
        bool is_method = strcmp(route->method, method) == 0 ||
                         (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);

        if (!ts_route_match(route->pattern, path, &request->params))
            continue;
        if (is_method) {
            route->handler(request, route->arg);
            return;
        }
        path_is_known = true;
        ts_route_params_done(&request->params);
    }
    if (path_is_known)
        refuse_method(request, path);
    else
        ts_request_problem(request, 404, "there is nothing under this path");
}

/* What two readers could read in two ways is how requests are smuggled past a proxy: blanks in a
 * header's name, and more than one word on where the body ends (RFC 9112 §5.1, §6.3). */
static bool is_unambiguous(const struct evkeyvalq *headers)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    unsigned framings = 0;

    for (const struct evkeyval *h = headers->tqh_first; h; h = h->next.tqe_next) {
        bool is_coded = ts_text_equal_nocase(h->key, "Transfer-Encoding");

        if (*h->key == '\0' || h->key[strspn(h->key, token)] != '\0')
            return false;
        if (is_coded && !ts_text_equal_nocase(h->value, "chunked"))
            return false;
        framings += is_coded || ts_text_equal_nocase(h->key, "Content-Length") ? 1 : 0;
    }
    return framings <= 1;
}

static void refuse(struct ts_request *request, const char *detail)
{
    request->server->events[REFUSED]++;
    ts_request_add_header(request, "Connection", "close"); /* what follows cannot be trusted */
    ts_request_problem(request, 400, detail);
}

static void on_request(struct evhttp_request *http, void *arg)
{
    struct ts_request *request = hold(arg, http);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(http);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    const char *query = uri ? evhttp_uri_get_query(uri) : NULL;

    if (!is_unambiguous(evhttp_request_get_input_headers(http)))
        refuse(request, "the headers are malformed");
    else if (ts_text_is_empty(path) || !ts_query_parse(query, &request->query))
        refuse(request, "the request target is malformed");
    else
        dispatch(request, path);
}

/* --- the server --- */

/* A server that runs out of descriptors can neither accept nor reach Redis: some are left free. */
static unsigned affordable_connections(unsigned wanted)
{
    struct rlimit limit = {.rlim_cur = 1024};
    unsigned affordable;

    (void)getrlimit(RLIMIT_NOFILE, &limit);
    affordable = limit.rlim_cur > UINT_MAX ? UINT_MAX : (unsigned)limit.rlim_cur;
    affordable = affordable > 2 * DESCRIPTORS_FREE ? affordable - DESCRIPTORS_FREE : affordable / 2;
    return wanted < affordable ? wanted : affordable;
}

struct timeval ts_http_idle_time(const struct ts_http_server *server)
{
    uint32_t ms = server->options.idle_timeout_ms;

    return (struct timeval){.tv_sec = (time_t)(ms / 1000),
                            .tv_usec = (suseconds_t)(ms % 1000) * 1000};
}

static void open_face(struct ts_http_face *face, struct ts_http_server *server, bool is_admin)
{
    const struct ts_http_server_options *options = &server->options;
    struct timeval timeout = ts_http_idle_time(server);

    face->server = server;
    face->is_admin = is_admin;
    face->http = evhttp_new(ts_loop_base(server->loop));
    if (!face->http)
        abort(); /* out of memory */
    evhttp_set_max_headers_size(face->http, (ev_ssize_t)options->max_header_bytes);
    evhttp_set_max_body_size(face->http, (ev_ssize_t)options->max_body_bytes);
    evhttp_set_timeout_tv(face->http, &timeout);
    evhttp_set_allowed_methods(face->http, ALL_METHODS);
    evhttp_set_default_content_type(face->http, NULL);
    evhttp_set_bevcb(face->http, ts_http_connection_new, face);
    evhttp_set_gencb(face->http, on_request, face);
}

#define SET_DEFAULT(option, value) (option) = (option) ? (option) : (value)

static void set_options(struct ts_http_server_options *own,
                        const struct ts_http_server_options *options)
{
    *own = *options;
    SET_DEFAULT(own->max_header_bytes, HEADER_MAX_BYTES);
    SET_DEFAULT(own->max_body_bytes, BODY_MAX_BYTES);
    SET_DEFAULT(own->max_kept_bytes, KEPT_MAX_BYTES);
    SET_DEFAULT(own->idle_timeout_ms, IDLE_TIMEOUT_MS);
    SET_DEFAULT(own->head_timeout_ms, HEAD_TIMEOUT_MS);
    SET_DEFAULT(own->request_timeout_ms, REQUEST_TIMEOUT_MS);
    SET_DEFAULT(own->max_connections, CONNECTIONS_MAX);
    own->max_connections = affordable_connections(own->max_connections);
}

struct ts_http_server *ts_http_server_new(struct ts_loop *loop,
                                          const struct ts_http_server_options *options)
{
    struct ts_http_server *server = ts_alloc(sizeof(*server));

    server->loop = loop;
    set_options(&server->options, options);
    open_face(&server->public_face, server, false);
    open_face(&server->admin_face, server, true);
    server->sweep_timer = ts_timer_new(loop, ts_http_sweep, server);
    ts_http_sweep(server);
    return server;
}

unsigned ts_http_server_max_connections(const struct ts_http_server *server)
{
    return server->options.max_connections;
}

void ts_http_server_free(struct ts_http_server *server)
{
    if (!server)
        return;
    while (server->held) {
        if (server->held->stream)
            ts_request_abort(server->held);
        else
            ts_request_problem(server->held, 503, "the service is stopping");
    }
    ts_http_connections_flush(server);
    ts_http_listeners_free(&server->public_face);
    ts_http_listeners_free(&server->admin_face);
    evhttp_free(server->public_face.http);
    evhttp_free(server->admin_face.http);
    ts_timer_free(server->sweep_timer);
    ts_http_tell(server);
    while (server->routes) {
        struct ts_route *route = server->routes;

        LL_DELETE(server->routes, route);
        free(route->method);
        free(route->pattern);
        free(route);
    }
    free(server);
}

void ts_http_server_route(struct ts_http_server *server, const char *method, const char *pattern,
                          ts_request_handler *handler, void *arg)
{
    struct ts_route *route = ts_alloc(sizeof(*route));

    route->method = ts_strdup(method);
    route->pattern = ts_strdup(pattern);
    route->handler = handler;
    route->arg = arg;
    LL_APPEND(server->routes, route);
}

/* --- reading --- */

const char *ts_request_method(const struct ts_request *request)
{
    return method_name(evhttp_request_get_command(request->http));
}

const char *ts_request_path(const struct ts_request *request)
{
    return evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request->http));
}

const char *ts_request_param(const struct ts_request *request, const char *name)
{
    for (size_t i = 0; i < request->params.count; i++) {
        if (strcmp(request->params.params[i].name, name) == 0)
            return request->params.params[i].value;
    }
    return NULL;
}

const char *ts_request_query(const struct ts_request *request, const char *name)
{
    return ts_query_value(&request->query, name);
}

const char *ts_request_header(const struct ts_request *request, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(request->http), name);
}

bool ts_request_is_json(const struct ts_request *request)
{
    static const char wanted[] = "application/json";
    const char *type = ts_request_header(request, "Content-Type");

    return type && strncasecmp(type, wanted, strlen(wanted)) == 0 &&
           strchr("; \t", type[strlen(wanted)]) != NULL;
}

const char *ts_request_body(const struct ts_request *request, size_t *ret_length)
{
    *ret_length = request->body_length;
    return request->body;
}

const char *ts_request_peer(const struct ts_request *request)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request->http);
    char *address = NULL;
    ev_uint16_t port = 0;

    if (request->is_admin)
        return "unix";
    if (connection)
        evhttp_connection_get_peer(connection, &address, &port);
    return address ? address : "?";
}

bool ts_request_is_admin(const struct ts_request *request)
{
    return request->is_admin;
}
