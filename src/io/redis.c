/* SPDX-License-Identifier: MIT */
/* One connection to Redis over hiredis' asynchronous interface, which knows neither time-outs nor
 * reconnecting: both are here. A command waits in `waiting` until the connection stands, then in
 * `sent` until its reply comes. There is one way down, drop(): it detaches hiredis first, then
 * fails what was sent, then plans the next attempt. Callbacks of commands run on the loop's next
 * turn or from hiredis' read, never from within the call that started the command. */
#include "teamsync/redis.h"

#include "io/io_internal.h"
#include "io/redis_internal.h"

#include "teamsync/buf.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <event2/event.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <utlist.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    CONNECT_TIMEOUT_MS = 2000,
    COMMAND_TIMEOUT_MS = 5000,
    RECONNECT_FIRST_MS = 50,
    RECONNECT_MAX_MS = 2000,
};

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_UP };

struct ts_redis {
    struct ts_loop *loop;
    struct ts_redis_place place;
    char *prefix;
    uint32_t connect_timeout_ms;
    uint32_t command_timeout_ms;
    enum link_state state;
    redisAsyncContext *link;
    struct command *waiting; /* not sent yet */
    struct command *sent;    /* in the order of their replies */
    struct command *failing; /* told on the next turn */
    struct ts_timer *retry_timer;
    struct ts_timer *connect_timer;
    struct ts_timer *deadline_timer;
    uint64_t next_deadline_ms; /* what the timer is set to; UINT64_MAX: nothing */
    uint32_t retry_ms;
    char trouble[96]; /* why the link went down last, or did not come up */
};

struct command {
    struct ts_op op;
    struct command *prev, *next;
    struct ts_redis *redis;
    char *bytes; /* in Redis' protocol; NULL once sent */
    size_t length;
    uint64_t deadline_ms;
    ts_redis_cb *cb; /* NULL once cancelled: only the reply is awaited */
    void *arg;
    struct ts_turn turn; /* for failing on the next turn */
    struct ts_error failure;
    struct command **home; /* the list it is in */
};

static void connect_now(void *arg);
static void drop(struct ts_redis *redis, const char *reason);
static void send_waiting(struct ts_redis *redis);

/* --- the end of a command --- */

static void move_to(struct command *command, struct command **list)
{
    if (command->home)
        DL_DELETE(*command->home, command);
    command->home = list;
    if (list)
        DL_APPEND(*list, command);
}

static void free_command(struct command *command)
{
    move_to(command, NULL);
    ts_turn_cancel(command->redis->loop, &command->turn);
    free(command->bytes);
    free(command);
}

static void finish(struct command *command, const struct ts_error *err,
                   const struct ts_reply *reply)
{
    ts_redis_cb *cb = command->cb;
    void *arg = command->arg;

    free_command(command);
    if (cb)
        cb(err, reply, arg);
}

static void on_failing(void *arg)
{
    struct command *command = arg;
    struct ts_error failure = command->failure;

    finish(command, &failure, NULL);
}

/* Fails a command on the next turn; until then it can still be cancelled. */
static void fail_later(struct command *command, const char *reason)
{
    move_to(command, &command->redis->failing);
    command->failure = ts_error_make(TS_RETRY, "redis: %s", reason);
    ts_turn_plan(command->redis->loop, &command->turn, on_failing, command);
}

/* A command that was sent cannot be taken back: its reply is awaited, and dropped. */
static void cancel(struct ts_op *op)
{
    struct command *command = TS_CONTAINER_OF(op, struct command, op);

    if (command->home == &command->redis->sent)
        command->cb = NULL;
    else
        free_command(command);
}

/* --- deadlines: one timer; it looks for what is late, and sets itself for the next --- */

static uint64_t earliest_deadline(const struct command *list, uint64_t earliest)
{
    for (const struct command *c = list; c; c = c->next)
        earliest = c->deadline_ms < earliest ? c->deadline_ms : earliest;
    return earliest;
}

/* Commands that end earlier do not move the timer: it may fire for nothing, never too late. */
static void set_deadline_timer(struct ts_redis *redis, uint64_t deadline_ms)
{
    uint64_t now = ts_now_ms();

    redis->next_deadline_ms = deadline_ms;
    if (deadline_ms == UINT64_MAX)
        ts_timer_clear(redis->deadline_timer);
    else
        ts_timer_set(redis->deadline_timer, deadline_ms > now ? deadline_ms - now : 0);
}

static void on_deadline(void *arg)
{
    struct ts_redis *redis = arg;
    uint64_t now = ts_now_ms();
    struct command *command;
    struct command *next;

    DL_FOREACH_SAFE(redis->waiting, command, next)
    {
        if (command->deadline_ms <= now)
            fail_later(command, *redis->trouble ? redis->trouble : "no connection");
    }
    /* Replies come in order: one that is late means that the connection is dead. */
    if (redis->sent && earliest_deadline(redis->sent, UINT64_MAX) <= now)
        drop(redis, "no reply in time");
    set_deadline_timer(
        redis, earliest_deadline(redis->sent, earliest_deadline(redis->waiting, UINT64_MAX)));
}

/* --- replies --- */

static bool starts_with_any(const char *text, const char *const *heads, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ts_text_starts_with(text, heads[i]))
            return true;
    }
    return false;
}

static enum ts_class class_of_error(const char *text)
{
    static const char *const later[] = {"LOADING",    "READONLY", "OOM",
                                        "BUSY",       "TRYAGAIN", "CLUSTERDOWN",
                                        "MASTERDOWN", "MISCONF",  "UNBLOCKED"};
    static const char *const refused[] = {"NOAUTH", "WRONGPASS", "NOPERM"};

    if (starts_with_any(text, later, TS_COUNT_OF(later)) && !ts_text_starts_with(text, "BUSYGROUP"))
        return TS_RETRY;
    if (starts_with_any(text, refused, TS_COUNT_OF(refused)))
        return TS_AUTH;
    return TS_INTERNAL;
}

static void on_reply(redisAsyncContext *link, void *raw_reply, void *arg)
{
    struct command *command = arg;
    redisReply *reply = raw_reply;
    struct ts_error err = ts_no_error;

    if (link->data == NULL || !reply) /* the link is being dropped: drop() sees to the commands */
        return;
    if (reply->type == REDIS_REPLY_ERROR)
        err = ts_error_make(class_of_error(reply->str), "%s", reply->str);
    finish(command, &err, err.cls == TS_OK ? (const struct ts_reply *)(const void *)reply : NULL);
}

/* --- the connection --- */

static void drop(struct ts_redis *redis, const char *reason)
{
    redisAsyncContext *link = redis->link;
    struct command *command;
    struct command *next;

    ts_text_copy(redis->trouble, sizeof(redis->trouble), reason);
    redis->link = NULL;
    redis->state = LINK_DOWN;
    ts_timer_clear(redis->connect_timer);
    if (link) {
        link->data = NULL;
        redisAsyncFree(link); /* calls on_reply() for every command; it looks away */
    }
    DL_FOREACH_SAFE(redis->sent, command, next)
    {
        if (command->cb)
            fail_later(command, redis->trouble);
        else
            free_command(command);
    }
    ts_timer_set(redis->retry_timer, redis->retry_ms);
    redis->retry_ms =
        redis->retry_ms * 2 < RECONNECT_MAX_MS ? redis->retry_ms * 2 : RECONNECT_MAX_MS;
}

static void on_connect_timeout(void *arg)
{
    drop(arg, "connecting took too long");
}

static void on_greeting(redisAsyncContext *link, void *raw_reply, void *arg)
{
    struct ts_redis *redis = link->data;
    redisReply *reply = raw_reply;
    bool is_last = arg != NULL;

    if (!redis)
        return;
    if (!reply || reply->type == REDIS_REPLY_ERROR) {
        /* drop() may free the link here: within a callback, hiredis defers that. */
        drop(redis, reply ? reply->str : "the connection was lost");
    } else if (is_last) {
        ts_timer_clear(redis->connect_timer);
        redis->state = LINK_UP;
        redis->trouble[0] = '\0';
        redis->retry_ms = RECONNECT_FIRST_MS;
        send_waiting(redis);
    }
}

/* AUTH and SELECT where the URL wants them; then a PING, whose answer says that the link stands. */
static void greet(struct ts_redis *redis)
{
    const struct ts_redis_place *place = &redis->place;

    if (place->password && place->user)
        redisAsyncCommand(redis->link, on_greeting, NULL, "AUTH %s %s", place->user,
                          place->password);
    else if (place->password)
        redisAsyncCommand(redis->link, on_greeting, NULL, "AUTH %s", place->password);
    if (place->database)
        redisAsyncCommand(redis->link, on_greeting, NULL, "SELECT %u", place->database);
    redisAsyncCommand(redis->link, on_greeting, redis, "PING");
}

static void on_connected(const redisAsyncContext *link, int status)
{
    struct ts_redis *redis = link->data;

    if (redis && status == REDIS_OK) {
        greet(redis);
    } else if (redis) {
        redis->link = NULL; /* hiredis frees a link that did not connect */
        drop(redis, "cannot connect");
    }
}

static void on_disconnected(const redisAsyncContext *link, int status)
{
    struct ts_redis *redis = link->data;

    (void)status;
    if (redis) {
        redis->link = NULL; /* and one that was closed by the other side */
        drop(redis, "the connection was lost");
    }
}

static void connect_now(void *arg)
{
    struct ts_redis *redis = arg;
    const struct ts_redis_place *place = &redis->place;
    redisAsyncContext *link = place->path ? redisAsyncConnectUnix(place->path)
                                          : redisAsyncConnect(place->host, place->port);

    if (!link || link->err) {
        if (link)
            redisAsyncFree(link);
        drop(redis, "cannot connect");
        return;
    }
    redis->link = link;
    redis->state = LINK_CONNECTING;
    link->data = redis;
    if (redisLibeventAttach(link, ts_loop_base(redis->loop)) != REDIS_OK)
        abort(); /* out of memory */
    redisAsyncSetConnectCallback(link, on_connected);
    redisAsyncSetDisconnectCallback(link, on_disconnected);
    ts_timer_set(redis->connect_timer, redis->connect_timeout_ms);
}

/* --- commands --- */

static void send_waiting(struct ts_redis *redis)
{
    struct command *command;

    while (redis->state == LINK_UP && (command = redis->waiting)) {
        move_to(command, &redis->sent);
        if (redisAsyncFormattedCommand(redis->link, on_reply, command, command->bytes,
                                       command->length) != REDIS_OK) {
            drop(redis, "the connection was lost");
            return;
        }
        free(TS_STEAL(command->bytes));
    }
}

struct ts_op *ts_redis_command(struct ts_redis *redis, const char *const *args, size_t count,
                               uint32_t extra_wait_ms, ts_redis_cb *cb, void *arg)
{
    struct command *command = ts_alloc(sizeof(*command));
    struct ts_buf bytes;

    ts_buf_init(&bytes, SIZE_MAX / 2);
    (void)ts_buf_addf(&bytes, "*%zu\r\n", count);
    for (size_t i = 0; i < count; i++) {
        (void)ts_buf_addf(&bytes, "$%zu\r\n", strlen(args[i]));
        (void)ts_buf_add_text(&bytes, args[i]);
        (void)ts_buf_add_text(&bytes, "\r\n");
    }
    command->op.cancel = cancel;
    command->redis = redis;
    command->bytes = bytes.data;
    command->length = bytes.len;
    command->deadline_ms = ts_now_ms() + redis->command_timeout_ms + extra_wait_ms;
    command->cb = cb;
    command->arg = arg;
    move_to(command, &redis->waiting);
    send_waiting(redis);
    if (command->deadline_ms < redis->next_deadline_ms)
        set_deadline_timer(redis, command->deadline_ms);
    return &command->op;
}

int ts_redis_new(struct ts_loop *loop, const struct ts_redis_options *options,
                 struct ts_redis **ret_redis, const char **ret_reason)
{
    struct ts_redis *redis = ts_alloc(sizeof(*redis));
    const char *reason = ts_redis_place_parse(options->url, &redis->place);

    if (reason) {
        free(redis);
        *ret_reason = reason;
        return -EINVAL;
    }
    redis->loop = loop;
    redis->prefix = ts_strdup(options->key_prefix ? options->key_prefix : "");
    redis->connect_timeout_ms =
        options->connect_timeout_ms ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    redis->command_timeout_ms =
        options->command_timeout_ms ? options->command_timeout_ms : COMMAND_TIMEOUT_MS;
    redis->retry_ms = RECONNECT_FIRST_MS;
    redis->next_deadline_ms = UINT64_MAX;
    redis->retry_timer = ts_timer_new(loop, connect_now, redis);
    redis->connect_timer = ts_timer_new(loop, on_connect_timeout, redis);
    redis->deadline_timer = ts_timer_new(loop, on_deadline, redis);
    connect_now(redis);
    *ret_redis = redis;
    return 0;
}

static void free_all(struct command *list)
{
    struct command *command;
    struct command *next;

    DL_FOREACH_SAFE(list, command, next)
    free_command(command);
}

void ts_redis_free(struct ts_redis *redis)
{
    if (!redis)
        return;
    if (redis->link) {
        redis->link->data = NULL;
        redisAsyncFree(redis->link);
    }
    free_all(redis->waiting);
    free_all(redis->sent);
    free_all(redis->failing);
    ts_timer_free(redis->retry_timer);
    ts_timer_free(redis->connect_timer);
    ts_timer_free(redis->deadline_timer);
    ts_redis_place_done(&redis->place);
    free(redis->prefix);
    free(redis);
}

bool ts_redis_is_up(const struct ts_redis *redis)
{
    return redis->state == LINK_UP;
}

const char *ts_redis_prefix(const struct ts_redis *redis)
{
    return redis->prefix;
}

char *ts_redis_key(const struct ts_redis *redis, const char *format, ...)
{
    char *rest = NULL;
    char *key;
    va_list args;
    int length;

    va_start(args, format);
    length = vasprintf(&rest, format, args);
    va_end(args);
    if (length < 0)
        abort(); /* out of memory */
    key = ts_format("%s%s", redis->prefix, rest);
    free(rest);
    return key;
}
