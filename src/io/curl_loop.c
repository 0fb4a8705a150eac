/* SPDX-License-Identifier: MIT */
/* curl and the loop. curl's callbacks only note what it wants: sockets become events, its time-out
 * becomes a timer, and what has completed is delivered on the next turn, so that curl is never
 * called from inside itself. */
#include "io/curl_loop.h"

#include "teamsync/mem.h"

#include <event2/event.h>

/* One message at a time, and nothing is touched after the last: it may be closed by then. */
static void deliver(void *arg)
{
    struct ts_curl_loop *curl = arg;
    int left = 0;
    CURLMsg *message = curl_multi_info_read(curl->multi, &left);
    void *transfer = NULL;
    CURLcode code;

    if (!message || message->msg != CURLMSG_DONE)
        return;
    code = message->data.result;
    (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
    if (left > 0)
        ts_turn_plan(curl->loop, &curl->turn, deliver, curl);
    curl->on_done(transfer, code);
}

static void plan_delivery(struct ts_curl_loop *curl)
{
    if (!curl->turn.is_waiting)
        ts_turn_plan(curl->loop, &curl->turn, deliver, curl);
}

static void on_socket_ready(evutil_socket_t descriptor, short what, void *arg)
{
    struct ts_curl_loop *curl = arg;
    int running = 0;
    int flags =
        ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0);

    (void)curl_multi_socket_action(curl->multi, descriptor, flags, &running);
    plan_delivery(curl);
}

static void on_timeout(void *arg)
{
    struct ts_curl_loop *curl = arg;
    int running = 0;

    (void)curl_multi_socket_action(curl->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    plan_delivery(curl);
}

/* curl wants a time-out: 0 means "soon", never "now" (that would be from inside it). */
static int on_timer_wanted(CURLM *multi, long timeout_ms, void *arg)
{
    struct ts_curl_loop *curl = arg;

    (void)multi;
    if (timeout_ms < 0)
        ts_timer_clear(curl->timer);
    else
        ts_timer_set(curl->timer, (uint64_t)timeout_ms);
    return 0;
}

static int on_socket_wanted(CURL *easy, curl_socket_t descriptor, int what, void *arg,
                            void *socket_arg)
{
    struct ts_curl_loop *curl = arg;
    struct event *event = socket_arg;
    short flags = EV_PERSIST;

    (void)easy;
    if (event)
        event_free(event);
    if (what == CURL_POLL_REMOVE) {
        (void)curl_multi_assign(curl->multi, descriptor, NULL);
        return 0;
    }
    if (what & CURL_POLL_IN)
        flags |= EV_READ;
    if (what & CURL_POLL_OUT)
        flags |= EV_WRITE;
    event = ts_must(event_new(ts_loop_base(curl->loop), descriptor, flags, on_socket_ready, curl));
    (void)event_add(event, NULL);
    (void)curl_multi_assign(curl->multi, descriptor, event);
    return 0;
}

void ts_curl_loop_open(struct ts_curl_loop *curl, struct ts_loop *loop, ts_curl_done_cb *on_done)
{
    *curl = (struct ts_curl_loop){.loop = loop, .on_done = on_done};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(curl->multi = curl_multi_init()))
        abort(); /* a broken installation */
    curl->timer = ts_timer_new(loop, on_timeout, curl);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, curl);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
    (void)curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
}

void ts_curl_loop_close(struct ts_curl_loop *curl)
{
    (void)curl_multi_cleanup(curl->multi);
    ts_turn_cancel(curl->loop, &curl->turn);
    ts_timer_free(curl->timer);
    curl_global_cleanup();
}
