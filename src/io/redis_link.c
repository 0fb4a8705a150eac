/* SPDX-License-Identifier: MIT */
/* The link to a Redis server over hiredis' asynchronous interface, which knows neither time-outs
 * nor reconnecting: both are here. Where to go is, in this order: the target that a MOVED or a
 * sentinel named, the sentinels for one, the Unix socket, the URL's hosts in turn. There is one way
 * down, go_down(): it detaches hiredis, tells who sent something, and plans the next attempt. */
#include "io/io_internal.h"
#include "io/redis_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <event2/event.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <stdio.h>
#include <string.h>

enum {
    RECONNECT_FIRST_MS = 50,
    RECONNECT_MAX_MS = 500, /* and a link that stood as long begins with the first again */
};

enum link_state { LINK_DOWN, LINK_ASKING, LINK_CONNECTING, LINK_UP, LINK_LEAVING };

struct ts_redis_link {
    struct ts_loop *loop;
    struct ts_redis_place place;
    uint32_t connect_timeout_ms;
    const struct ts_redis_link_events *events;
    void *arg;
    enum link_state state;
    redisAsyncContext *context;
    struct ts_op *asking;        /* the sentinels */
    struct ts_redis_host target; /* no name: none */
    size_t turn;                 /* which of the place's hosts is next */
    bool is_moving;              /* to the target, because of a MOVED */
    bool has_tried;              /* the first attempt has come to an end */
    struct ts_timer *retry_timer;
    struct ts_timer *connect_timer;
    uint64_t up_since_ms;
    uint32_t retry_ms;
    char trouble[144];
};

/* --- where to --- */

/* Takes over the host's name. */
static void set_target(struct ts_redis_link *link, struct ts_redis_host host)
{
    free(link->target.name);
    link->target = host;
}

static void forget_target(struct ts_redis_link *link)
{
    set_target(link, (struct ts_redis_host){0});
}

static const struct ts_redis_host *current_host(const struct ts_redis_link *link)
{
    return link->target.name ? &link->target : &link->place.hosts[link->turn];
}

/* The server that was tried, or that the sentinel of this turn named, is not the right one. */
static void look_elsewhere(struct ts_redis_link *link)
{
    forget_target(link);
    link->is_moving = false;
    if (link->place.host_count > 0)
        link->turn = (link->turn + 1) % link->place.host_count;
}

bool ts_redis_link_has_choice(const struct ts_redis_link *link)
{
    return link->place.master || link->place.host_count > 1;
}

/* --- down --- */

static void go_down(struct ts_redis_link *link)
{
    redisAsyncContext *context = TS_STEAL(link->context);
    bool has_stood = link->state == LINK_UP || link->state == LINK_LEAVING;

    if (!has_stood)
        look_elsewhere(link);
    else if (link->place.master)
        forget_target(link); /* another one may be the master by now */
    if (has_stood && ts_now_ms() - link->up_since_ms >= RECONNECT_MAX_MS)
        link->retry_ms = RECONNECT_FIRST_MS;
    link->state = LINK_DOWN;
    link->has_tried = true;
    ts_op_cancel(&link->asking);
    ts_timer_clear(link->connect_timer);
    if (context) {
        context->data = NULL;
        redisAsyncFree(context); /* calls on_reply() for all that was sent; it looks away */
    }
    ts_timer_set(link->retry_timer, link->retry_ms);
    link->retry_ms = link->retry_ms * 2 < RECONNECT_MAX_MS ? link->retry_ms * 2 : RECONNECT_MAX_MS;
    link->events->down(link->arg);
}

void ts_redis_link_drop(struct ts_redis_link *link, const char *reason)
{
    ts_text_copy(link->trouble, sizeof(link->trouble), reason);
    go_down(link);
}

void ts_redis_link_leave(struct ts_redis_link *link, const char *reason)
{
    if (link->state != LINK_UP)
        return;
    look_elsewhere(link);
    link->state = LINK_LEAVING;
    ts_text_copy(link->trouble, sizeof(link->trouble), reason);
}

/* "MOVED <slot> <host>:<port>": an empty host is the one that says so. */
bool ts_redis_link_follow(struct ts_redis_link *link, const char *moved)
{
    const char *host = strrchr(moved, ' ') + 1;
    const char *colon = strrchr(host, ':');
    const char *same = current_host(link)->name;
    struct ts_redis_host target;
    uint64_t port;

    if (link->state != LINK_UP)
        return true; /* on the way out already: the next server will tell */
    if (!colon || !ts_text_to_u64(colon + 1, &port) || port == 0 || port > UINT16_MAX ||
        *host == '?' || (colon == host && !same))
        return false;
    target.name = colon > host ? ts_memdup_text(host, (size_t)(colon - host)) : ts_strdup(same);
    target.port = (uint16_t)port;
    set_target(link, target);
    link->is_moving = true;
    link->state = LINK_LEAVING;
    ts_text_copy(link->trouble, sizeof(link->trouble), moved);
    return true;
}

void ts_redis_link_part(struct ts_redis_link *link)
{
    if (link->state == LINK_LEAVING)
        go_down(link);
}

/* --- up --- */

static void come_up(struct ts_redis_link *link)
{
    ts_timer_clear(link->connect_timer);
    link->state = LINK_UP;
    link->has_tried = true;
    link->is_moving = false;
    link->trouble[0] = '\0';
    link->up_since_ms = ts_now_ms();
    link->events->up(link->arg);
}

static void on_greeting(redisAsyncContext *context, void *raw_reply, void *arg)
{
    struct ts_redis_link *link = context->data;
    redisReply *reply = raw_reply;
    bool is_last = arg != NULL;

    if (!link)
        return;
    if (!reply || reply->type == REDIS_REPLY_ERROR) {
        /* This may free the context: within a callback, hiredis defers that. */
        ts_redis_link_drop(link, reply ? reply->str : "the connection was lost");
    } else if (is_last) {
        come_up(link);
    }
}

/* AUTH and SELECT where the URL wants them; then a PING, whose answer says that the link stands. */
static void greet(struct ts_redis_link *link)
{
    const struct ts_redis_place *place = &link->place;

    if (place->password && place->user)
        redisAsyncCommand(link->context, on_greeting, NULL, "AUTH %s %s", place->user,
                          place->password);
    else if (place->password)
        redisAsyncCommand(link->context, on_greeting, NULL, "AUTH %s", place->password);
    if (place->database)
        redisAsyncCommand(link->context, on_greeting, NULL, "SELECT %u", place->database);
    redisAsyncCommand(link->context, on_greeting, link, "PING");
}

static void give_up_connecting(struct ts_redis_link *link, const char *why)
{
    const struct ts_redis_host *host = current_host(link);

    if (host->name)
        (void)snprintf(link->trouble, sizeof(link->trouble), "cannot connect to %s:%u: %s",
                       host->name, host->port, why);
    else
        (void)snprintf(link->trouble, sizeof(link->trouble), "cannot connect to %s: %s",
                       link->place.path, why);
    go_down(link);
}

static void on_connect_timeout(void *arg)
{
    give_up_connecting(arg, "it took too long");
}

static void on_connected(const redisAsyncContext *context, int status)
{
    struct ts_redis_link *link = context->data;

    if (link && status == REDIS_OK) {
        greet(link);
    } else if (link) {
        link->context = NULL; /* hiredis frees one that did not connect */
        give_up_connecting(link, context->c.errstr);
    }
}

static void on_disconnected(const redisAsyncContext *context, int status)
{
    struct ts_redis_link *link = context->data;

    (void)status;
    if (link) {
        link->context = NULL; /* and one that was closed by the other side */
        ts_redis_link_drop(link, "the connection was lost");
    }
}

static void step_connect(struct ts_redis_link *link)
{
    const struct ts_redis_host *host = current_host(link);
    redisAsyncContext *context = host->name ? redisAsyncConnect(host->name, host->port)
                                            : redisAsyncConnectUnix(link->place.path);

    if (!context)
        abort(); /* out of memory */
    if (context->err) {
        give_up_connecting(link, context->errstr);
        redisAsyncFree(context);
        return;
    }
    link->context = context;
    link->state = LINK_CONNECTING;
    context->data = link;
    if (redisLibeventAttach(context, ts_loop_base(link->loop)) != REDIS_OK)
        abort(); /* out of memory */
    redisAsyncSetConnectCallback(context, on_connected);
    redisAsyncSetDisconnectCallback(context, on_disconnected);
    ts_timer_set(link->connect_timer, link->connect_timeout_ms);
}

static void on_master(const struct ts_error *err, const struct ts_redis_host *host, void *arg)
{
    struct ts_redis_link *link = arg;

    link->asking = NULL;
    if (err->cls == TS_OK) {
        set_target(link, (struct ts_redis_host){.name = ts_strdup(host->name), .port = host->port});
        step_connect(link);
    } else {
        ts_redis_link_drop(link, err->text);
    }
}

static void step_find(void *arg)
{
    struct ts_redis_link *link = arg;

    if (link->place.master && !link->target.name) {
        link->state = LINK_ASKING;
        link->asking =
            ts_redis_ask_sentinels(link->loop, &link->place, &link->turn, on_master, link);
    } else {
        step_connect(link);
    }
}

/* --- while it is up --- */

static void on_reply(redisAsyncContext *context, void *reply, void *what)
{
    struct ts_redis_link *link = context->data;

    if (link && reply) /* else it goes down, and who sent something is told by that */
        link->events->reply(reply, what);
}

void ts_redis_link_send(struct ts_redis_link *link, const char *bytes, size_t length, void *what)
{
    if (redisAsyncFormattedCommand(link->context, on_reply, what, bytes, length) != REDIS_OK)
        ts_redis_link_drop(link, "the connection was lost");
}

bool ts_redis_link_is_up(const struct ts_redis_link *link)
{
    return link->state == LINK_UP;
}

bool ts_redis_link_is_promising(const struct ts_redis_link *link)
{
    return link->state == LINK_UP || link->is_moving || !link->has_tried;
}

const char *ts_redis_link_trouble(const struct ts_redis_link *link)
{
    return link->trouble;
}

/* --- its life --- */

struct ts_redis_link *ts_redis_link_new(struct ts_loop *loop, const struct ts_redis_place *place,
                                        uint32_t connect_timeout_ms,
                                        const struct ts_redis_link_events *events, void *arg)
{
    struct ts_redis_link *link = ts_alloc(sizeof(*link));

    *link = (struct ts_redis_link){
        .loop = loop,
        .place = *place,
        .connect_timeout_ms = connect_timeout_ms,
        .events = events,
        .arg = arg,
        .retry_ms = RECONNECT_FIRST_MS,
    };
    link->retry_timer = ts_timer_new(loop, step_find, link);
    link->connect_timer = ts_timer_new(loop, on_connect_timeout, link);
    ts_timer_set(link->retry_timer, 0);
    return link;
}

void ts_redis_link_free(struct ts_redis_link *link)
{
    if (!link)
        return;
    ts_op_cancel(&link->asking);
    if (link->context) {
        link->context->data = NULL;
        redisAsyncFree(link->context);
    }
    ts_timer_free(link->retry_timer);
    ts_timer_free(link->connect_timer);
    forget_target(link);
    ts_redis_place_done(&link->place);
    free(link);
}
