/* SPDX-License-Identifier: MIT */
/* The HTTP port: one easy handle of libcurl for each exchange. */
#include "teamsync/http_client.h"

#include "io/curl_loop.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <utlist.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum {
    RESPONSE_MAX_BYTES = 16 << 20,
    CONNECT_TIMEOUT_MS = 5000,
    SEND_TIMEOUT_MS = 10000,
    TIMEOUT_MS = 30000,
    SLOW_TIMEOUT_S = 10,
    SLOW_BYTES_PER_S = 100,
    CONNECTIONS_PER_HOST = 64,
    CONNECTIONS = 128,
    /* A peer that is gone without a word: asked after 20 s of silence, believed after 20 more. */
    KEEPALIVE_IDLE_S = 20,
    KEEPALIVE_INTERVAL_S = 5,
    UNACKNOWLEDGED_MAX_MS = 20000,
};

struct client {
    struct ts_http port;
    struct ts_curl_loop curl;
    struct exchange *exchanges;
    struct ts_http_client_options options;
    char *user_agent;
    char *ca_file;
};

struct exchange {
    struct ts_op op;
    struct exchange *prev, *next;
    struct client *client;
    CURL *easy;
    struct curl_slist *headers;
    char *body;
    struct ts_buf response;
    struct ts_timer *sending; /* set until the request is sent */
    char error[CURL_ERROR_SIZE];
    ts_http_cb *cb;
    void *arg;
};

/* --- one exchange --- */

static void free_exchange(struct exchange *exchange)
{
    struct client *client = exchange->client;

    DL_DELETE(client->exchanges, exchange);
    (void)curl_multi_remove_handle(client->curl.multi, exchange->easy);
    curl_easy_cleanup(exchange->easy);
    curl_slist_free_all(exchange->headers);
    ts_free_secret(exchange->body); /* token requests carry secrets */
    ts_buf_done(&exchange->response);
    ts_timer_free(exchange->sending);
    free(exchange);
}

static void cancel(struct ts_op *op)
{
    free_exchange(TS_CONTAINER_OF(op, struct exchange, op));
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct exchange *exchange = arg;
    size_t length = size * count;

    return ts_buf_add(&exchange->response, bytes, length) == 0 ? length : 0;
}

static struct ts_error error_of(CURLcode code, const struct exchange *exchange)
{
    const char *text = exchange->error[0] ? exchange->error : curl_easy_strerror(code);

    if (exchange->response.overflown)
        return ts_error_make(TS_REJECTED, "http: the reply is longer than %zu bytes",
                             exchange->response.max);
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_URL_MALFORMAT ||
        code == CURLE_UNSUPPORTED_PROTOCOL)
        return ts_error_make(TS_REJECTED, "http: %s", text);
    return ts_error_make(TS_RETRY, "http: %s", text);
}

static uint32_t retry_after_ms(CURL *easy)
{
    curl_off_t seconds = 0;

    (void)curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds <= 0)
        return 0;
    return (uint32_t)(seconds > 86400 ? 86400 : seconds) * 1000;
}

static void complete(void *arg, CURLcode code)
{
    struct exchange *exchange = arg;
    struct ts_error err = code == CURLE_OK ? ts_no_error : error_of(code, exchange);
    struct ts_buf body = exchange->response;
    struct ts_http_response response = {.body = body.data, .body_length = body.len};
    TS_AUTOFREE char *content_type = NULL;
    const char *type = NULL;
    long status = 0;
    ts_http_cb *cb = exchange->cb;
    void *cb_arg = exchange->arg;

    (void)curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(exchange->easy, CURLINFO_CONTENT_TYPE, &type);
    content_type = ts_strdup(type ? type : "");
    response.status = (int)status;
    response.content_type = content_type;
    response.retry_after_ms = retry_after_ms(exchange->easy);
    exchange->response = (struct ts_buf){0};
    free_exchange(exchange);
    cb(&err, err.cls == TS_OK ? &response : NULL, cb_arg);
    ts_buf_done(&body);
}

/* curl's time-outs rest while an exchange waits for a connection; this one does not. */
static void on_not_sent(void *arg)
{
    struct exchange *exchange = arg;
    struct ts_error err = ts_error_make(TS_RETRY, "http: no connection was to be had within %u ms",
                                        exchange->client->options.send_timeout_ms);
    ts_http_cb *cb = exchange->cb;
    void *cb_arg = exchange->arg;

    free_exchange(exchange);
    cb(&err, NULL, cb_arg);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): as curl wants it */
static int on_sending(void *arg, char *address, char *own_address, int port, int own_port)
{
    struct exchange *exchange = arg;

    (void)address;
    (void)own_address;
    (void)port;
    (void)own_port;
    ts_timer_clear(exchange->sending);
    return CURL_PREREQFUNC_OK;
}

/* --- the port --- */

static void set_method(struct exchange *exchange, const struct ts_http_request *request)
{
    CURL *easy = exchange->easy;

    if (request->body) {
        exchange->body = ts_memdup_text(request->body, request->body_length);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange->body);
    } else if (strcmp(request->method, "POST") == 0) {
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    } else if (strcmp(request->method, "HEAD") == 0) {
        (void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    }
    (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_headers(struct exchange *exchange, const struct ts_http_request *request)
{
    for (const char *const *header = request->headers; header && *header; header++)
        exchange->headers = ts_must(curl_slist_append(exchange->headers, *header));
    /* No 100-continue. */
    exchange->headers = ts_must(curl_slist_append(exchange->headers, "Expect:"));
    (void)curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, exchange->headers);
}

/* Data that nobody acknowledges ends the connection, and with it whatever else runs over it: HTTP/2
 * would go on with one that is dead. */
static int on_socket_open(void *arg, curl_socket_t descriptor, curlsocktype purpose)
{
    unsigned limit_ms = UNACKNOWLEDGED_MAX_MS;

    (void)arg;
    (void)purpose;
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof(limit_ms));
    return CURL_SOCKOPT_OK;
}

static void set_limits(struct exchange *exchange, const struct ts_http_request *request)
{
    const struct ts_http_client_options *options = &exchange->client->options;
    CURL *easy = exchange->easy;
    uint32_t timeout_ms = request->timeout_ms ? request->timeout_ms : options->timeout_ms;

    ts_buf_init(&exchange->response, request->max_response_bytes ? request->max_response_bytes
                                                                 : options->max_response_bytes);
    exchange->sending = ts_timer_new(exchange->client->curl.loop, on_not_sent, exchange);
    ts_timer_set(exchange->sending, options->send_timeout_ms);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_sending);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_S);
    (void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)options->slow_timeout_s);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_IDLE_S);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_INTERVAL_S);
    (void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket_open);
}

static void set_policy(struct exchange *exchange)
{
    const struct client *client = exchange->client;
    CURL *easy = exchange->easy;

    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    (void)curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, client->user_agent);
    if (client->ca_file)
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file);
}

static struct ts_op *start(struct ts_http *http, const struct ts_http_request *request,
                           ts_http_cb *cb, void *arg)
{
    struct client *client = TS_CONTAINER_OF(http, struct client, port);
    struct exchange *exchange = ts_alloc(sizeof(*exchange));

    exchange->op.cancel = cancel;
    exchange->client = client;
    exchange->cb = cb;
    exchange->arg = arg;
    exchange->easy = curl_easy_init();
    if (!exchange->easy)
        abort(); /* out of memory */
    DL_APPEND(client->exchanges, exchange);
    set_policy(exchange);
    set_limits(exchange, request);
    set_method(exchange, request);
    set_headers(exchange, request);
    (void)curl_easy_setopt(exchange->easy, CURLOPT_URL, request->url);
    (void)curl_easy_setopt(exchange->easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(exchange->easy, CURLOPT_WRITEDATA, exchange);
    (void)curl_easy_setopt(exchange->easy, CURLOPT_ERRORBUFFER, exchange->error);
    (void)curl_easy_setopt(exchange->easy, CURLOPT_PRIVATE, exchange);
    (void)curl_multi_add_handle(client->curl.multi, exchange->easy); /* starts through the timer */
    return &exchange->op;
}

static void set_options(struct client *client, const struct ts_http_client_options *options)
{
    struct ts_http_client_options *own = &client->options;

    *own = *options;
    own->max_response_bytes =
        own->max_response_bytes ? own->max_response_bytes : RESPONSE_MAX_BYTES;
    own->connect_timeout_ms =
        own->connect_timeout_ms ? own->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    own->send_timeout_ms = own->send_timeout_ms ? own->send_timeout_ms : SEND_TIMEOUT_MS;
    own->timeout_ms = own->timeout_ms ? own->timeout_ms : TIMEOUT_MS;
    own->slow_timeout_s = own->slow_timeout_s ? own->slow_timeout_s : SLOW_TIMEOUT_S;
    if (own->max_connections_per_host == 0)
        own->max_connections_per_host = CONNECTIONS_PER_HOST;
    own->max_connections = own->max_connections ? own->max_connections : CONNECTIONS;
    client->ca_file = ts_strdup(options->ca_file);
    client->user_agent =
        ts_strdup(options->user_agent ? options->user_agent : "teamsync/" TS_VERSION " (gzip)");
}

struct ts_http *ts_http_client_new(struct ts_loop *loop,
                                   const struct ts_http_client_options *options)
{
    struct client *client = ts_alloc(sizeof(*client));

    client->port.start = start;
    ts_curl_loop_open(&client->curl, loop, complete);
    set_options(client, options);
    (void)curl_multi_setopt(client->curl.multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                            client->options.max_connections_per_host);
    (void)curl_multi_setopt(client->curl.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                            client->options.max_connections);
    return &client->port;
}

void ts_http_client_free(struct ts_http *http)
{
    struct client *client = http ? TS_CONTAINER_OF(http, struct client, port) : NULL;

    if (!client)
        return;
    while (client->exchanges)
        free_exchange(client->exchanges);
    ts_curl_loop_close(&client->curl);
    free(client->user_agent);
    free(client->ca_file);
    free(client);
}
