/* SPDX-License-Identifier: MIT */
/* What happens in an org, as it happens: an answer that goes on. It ends by itself, and the client
 * comes back: so a revoked token ends, too. */
#include "api/event_text.h"
#include "api/handlers.h"
#include "api/lookout.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum {
    BEAT_MS = 15000,
    BEATS = 20, /* five minutes */
};

/* The exchange's operation, and goes with it. */
struct events {
    struct ts_op op;    /* first */
    struct ts_op *beat; /* the next one */
    unsigned beats;
    struct ts_listener listener;
    struct ts_exchange *x;
};

static void wait_for_beat(struct events *e);
static void on_beat(const struct ts_error *err, void *arg);
static void on_writable(void *arg);
static void on_gone(void *arg);

static const struct ts_stream stream = {.on_writable = on_writable, .on_gone = on_gone};

static void cancel(struct ts_op *op)
{
    struct events *e = (struct events *)(void *)op;

    ts_op_cancel(&e->beat);
    ts_listener_leave(&e->listener);
    free(e);
}

static void say(struct events *e, const char *text, size_t length)
{
    e->listener.is_ready = false;
    ts_request_write(e->x->request, text, length);
}

static void finish(struct events *e)
{
    ts_request_end(e->x->request);
    ts_exchange_release(e->x);
}

/* --- what it hears --- */

static void on_told(struct ts_listener *listener, const char *text, size_t length)
{
    say(TS_CONTAINER_OF(listener, struct events, listener), text, length);
}

static void on_end(struct ts_listener *listener)
{
    finish(TS_CONTAINER_OF(listener, struct events, listener));
}

static const struct ts_listener_ops listener_ops = {.tell = on_told, .end = on_end};

/* --- what the client does --- */

static void on_writable(void *arg)
{
    struct events *e = arg;

    ts_listener_is_ready(&e->listener);
}

static void on_gone(void *arg)
{
    struct events *e = arg;

    ts_exchange_release(e->x);
}

static void wait_for_beat(struct events *e)
{
    struct ts_clock *clock = e->x->env->clock;

    e->beat = clock->ops->pause(clock, BEAT_MS, on_beat, e);
}

static void on_beat(const struct ts_error *err, void *arg)
{
    struct events *e = arg;

    (void)err;
    e->beat = NULL;
    if (++e->beats == BEATS) {
        finish(e);
    } else {
        if (e->listener.is_ready)
            say(e, TS_EVENT_BEAT, strlen(TS_EVENT_BEAT));
        wait_for_beat(e);
    }
}

/* --- the route --- */

/* Where the client was: it comes back with the header; who cannot send one has the query. */
static const char *last_id(const struct ts_exchange *x)
{
    const char *id = ts_request_header(x->request, "Last-Event-ID");

    if (ts_text_is_empty(id))
        id = ts_request_query(x->request, "last_event_id");
    return ts_text_is_empty(id) ? NULL : id;
}

static void listen_from(struct ts_exchange *x, const char *place)
{
    struct events *e = ts_alloc(sizeof(*e));

    *e = (struct events){.op.cancel = cancel, .listener.ops = &listener_ops, .x = x};
    ts_listener_join(&e->listener, x->lookouts, x->org, place);
    x->op = &e->op;
    ts_request_add_header(x->request, "X-Accel-Buffering", "no"); /* nginx would collect it */
    if (ts_request_begin(x->request, 200, "text/event-stream", &stream, e)) {
        say(e, TS_EVENT_RETRY, strlen(TS_EVENT_RETRY));
        wait_for_beat(e);
    } else {
        ts_exchange_release(x);
    }
}

static void start(struct ts_exchange *x)
{
    const char *place = last_id(x);

    if (place && !ts_job_id_is_valid(place))
        ts_exchange_refuse(x, 400, "Last-Event-ID is none that was given out");
    else if (!ts_lookouts_has_room(x->lookouts, x->org))
        ts_exchange_refuse(x, 503, "too many listen already");
    else
        listen_from(x, place);
}

void ts_api_stream_events(struct ts_exchange *x)
{
    ts_exchange_with_org(x, start);
}
