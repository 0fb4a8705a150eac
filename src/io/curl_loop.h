/* SPDX-License-Identifier: MIT */
/* libcurl's multi interface in the loop, for everybody who talks through curl. */
#ifndef IO_CURL_LOOP_H
#define IO_CURL_LOOP_H

#include "io/io_internal.h"

#include <curl/curl.h>

/* `transfer` is the CURLOPT_PRIVATE of an easy handle that has completed. It may start and cancel
 * transfers, and even close the whole. */
typedef void ts_curl_done_cb(void *transfer, CURLcode code);

/* Embedded. Easy handles are added to `multi`, and removed before it is closed. */
struct ts_curl_loop {
    struct ts_loop *loop;
    CURLM *multi;
    struct ts_timer *timer;
    struct ts_turn turn;
    ts_curl_done_cb *on_done;
};

void ts_curl_loop_open(struct ts_curl_loop *curl, struct ts_loop *loop, ts_curl_done_cb *on_done);
void ts_curl_loop_close(struct ts_curl_loop *curl);

#endif
