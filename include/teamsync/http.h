/* SPDX-License-Identifier: MIT */
/* The port to HTTP servers: one request out, one response or one error in. */
#ifndef TEAMSYNC_HTTP_H
#define TEAMSYNC_HTTP_H

#include "teamsync/op.h"

#include <stddef.h>
#include <stdint.h>

/* Copied by start(): may be gone when it returns. */
struct ts_http_request {
    const char *method; /* "GET", "POST", … */
    const char *url;
    const char *const *headers; /* "Name: value", ended by NULL; NULL for none */
    const char *body;           /* NULL for none */
    size_t body_length;
    uint32_t timeout_ms;       /* for the whole exchange; 0 means the client's default */
    size_t max_response_bytes; /* replies are read whole, up to this; 0 means the client's limit */
};

/* Any status is a response, not an error. */
struct ts_http_response {
    int status;
    uint32_t retry_after_ms;  /* from Retry-After, 0 for none (seconds and HTTP dates) */
    const char *content_type; /* "" for none */
    const char *body;         /* NUL-terminated behind body_length */
    size_t body_length;
};

/* `response` is NULL when err->cls is not TS_OK. TS_RETRY: no connection, time-out, broken reply;
 * TS_REJECTED: the reply is larger than the limit, or TLS verification failed. */
typedef void ts_http_cb(const struct ts_error *err, const struct ts_http_response *response,
                        void *arg);

struct ts_http {
    struct ts_op *(*start)(struct ts_http *http, const struct ts_http_request *request,
                           ts_http_cb *cb, void *arg);
};

/* URL text. Newly allocated; NULL when `url` is not an absolute http(s) URL. */
char *ts_url_host(const char *url); /* without port and brackets, lower case */
/* https anywhere; http only for a loopback host (127.0.0.0/8, ::1, localhost). */
_Bool ts_url_is_acceptable(const char *url);

#endif
