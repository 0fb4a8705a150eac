/* SPDX-License-Identifier: MIT */
/* The HTTP port on libcurl's multi interface: connections are kept and shared, HTTP/2 where the
 * other side has it, TLS always verified, redirects never followed, gzip accepted. */
#ifndef TEAMSYNC_HTTP_CLIENT_H
#define TEAMSYNC_HTTP_CLIENT_H

#include "teamsync/http.h"

struct ts_loop;

struct ts_http_client_options {
    const char *user_agent;        /* NULL: "teamsync/<version> (gzip)" */
    const char *ca_file;           /* NULL: the system's */
    size_t max_response_bytes;     /* 0: 16 MiB; headers: curl's own, 300 KiB */
    uint32_t connect_timeout_ms;   /* 0: 5000 */
    uint32_t send_timeout_ms;      /* 0: 10000; until it is sent: a free connection is waited for */
    uint32_t timeout_ms;           /* 0: 30000; for the whole exchange */
    uint32_t slow_timeout_s;       /* 0: 10; for a reply that stands still or drips */
    long max_connections_per_host; /* 0: 64 */
    long max_connections;          /* 0: 128 */
};

struct ts_http *ts_http_client_new(struct ts_loop *loop,
                                   const struct ts_http_client_options *options);
void ts_http_client_free(struct ts_http *http); /* cancels what is under way; NULL is fine */

#endif
