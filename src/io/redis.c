/* SPDX-License-Identifier: MIT */
/* Commands and their ends. A command waits in `waiting` until the link stands, then in `sent` until
 * its reply comes, and goes back to `waiting` when the reply says that it did not run because
 * another server should be asked. Callbacks run on the loop's next turn or from the link's read,
 * never from within the call that started the command. */
#include "teamsync/redis.h"

#include "io/io_internal.h"
#include "io/redis_internal.h"

#include "teamsync/buf.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <utlist.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    CONNECT_TIMEOUT_MS = 2000,
    COMMAND_TIMEOUT_MS = 5000,
    MOVES_MAX = 5,
};

struct ts_redis {
    struct ts_loop *loop;
    struct ts_redis_link *link;
    char *prefix;
    uint32_t command_timeout_ms;
    bool is_impatient;
    uint64_t given;          /* how many commands so far */
    struct command *waiting; /* to be sent, in the order in which they were given */
    struct command *sent;    /* in the order of their replies */
    struct command *failing; /* told on the next turn */
    struct ts_timer *deadline_timer;
    uint64_t next_deadline_ms; /* what the timer is set to; UINT64_MAX: nothing */
};

struct command {
    struct ts_op op;
    struct command *prev, *next;
    struct ts_redis *redis;
    uint64_t number;
    char *bytes; /* in Redis' protocol */
    size_t length;
    uint64_t deadline_ms;
    unsigned moves;  /* how often it was sent on to another server */
    ts_redis_cb *cb; /* NULL once cancelled: only the reply is awaited */
    void *arg;
    struct ts_turn turn; /* for failing on the next turn */
    struct ts_error failure;
    struct command **home; /* the list it is in */
};

/* --- the end of a command --- */

static void move_to(struct command *command, struct command **list)
{
    if (command->home)
        DL_DELETE(*command->home, command);
    command->home = list;
    if (list)
        DL_APPEND(*list, command);
}

static int by_number(const struct command *a, const struct command *b)
{
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Whatever was given later, and waits already, is sent later. */
static void put_back(struct command *command)
{
    struct command **waiting = &command->redis->waiting;

    move_to(command, NULL);
    command->home = waiting;
    DL_INSERT_INORDER(*waiting, command, by_number);
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

static const char *trouble_of(const struct ts_redis *redis)
{
    const char *trouble = ts_redis_link_trouble(redis->link);

    return *trouble ? trouble : "no connection";
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
            fail_later(command, trouble_of(redis));
    }
    /* Replies come in order: one that is late means that the connection is dead. */
    if (redis->sent && earliest_deadline(redis->sent, UINT64_MAX) <= now)
        ts_redis_link_drop(redis->link, "no reply in time");
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
    static const char *const later[] = {"LOADING", "READONLY", "OOM", "BUSY", "MOVED", "ASK",
                                        "TRYAGAIN", "MISCONF", "CLUSTERDOWN", "MASTERDOWN",
                                        "NOREPLICAS", "UNBLOCKED",
                                        /* a key of a slot that is being migrated */
                                        "ERR Script attempted to access a non local key"};
    static const char *const refused[] = {"NOAUTH", "WRONGPASS", "NOPERM"};

    if (starts_with_any(text, later, TS_COUNT_OF(later)) && !ts_text_starts_with(text, "BUSYGROUP"))
        return TS_RETRY;
    if (starts_with_any(text, refused, TS_COUNT_OF(refused)))
        return TS_AUTH;
    return TS_INTERNAL;
}

/* What an error says about the server: that it does not serve, or that another one does. Returns
 * whether the command, which did not run, is to be sent again. */
static bool heed(struct command *command, const char *error)
{
    static const char *const useless[] = {"CLUSTERDOWN", "MASTERDOWN", "NOREPLICAS"};
    struct ts_redis *redis = command->redis;

    if (ts_text_starts_with(error, "MOVED "))
        return command->moves++ < MOVES_MAX && ts_redis_link_follow(redis->link, error);
    if (ts_text_starts_with(error, "READONLY")) {
        ts_redis_link_leave(redis->link, error);
        return !redis->is_impatient;
    }
    if (starts_with_any(error, useless, TS_COUNT_OF(useless)) &&
        ts_redis_link_has_choice(redis->link))
        ts_redis_link_leave(redis->link, error);
    return false;
}

static void on_reply(const struct ts_reply *reply, void *arg)
{
    struct command *command = arg;
    struct ts_redis *redis = command->redis;
    const char *error = ts_reply_error(reply);
    struct ts_error err = error ? ts_error_make(class_of_error(error), "%s", error) : ts_no_error;
    bool is_over = !error || !heed(command, error) || !command->cb;

    if (is_over)
        move_to(command, NULL);
    else
        put_back(command);
    if (!redis->sent)
        ts_redis_link_part(redis->link);
    if (is_over)
        finish(command, &err, error ? NULL : reply);
}

/* --- the link comes and goes --- */

static void on_up(void *arg)
{
    struct ts_redis *redis = arg;
    struct command *command;

    while (ts_redis_link_is_up(redis->link) && (command = redis->waiting)) {
        move_to(command, &redis->sent);
        ts_redis_link_send(redis->link, command->bytes, command->length, command);
    }
}

static void on_down(void *arg)
{
    struct ts_redis *redis = arg;
    struct command *command;
    struct command *next;

    DL_FOREACH_SAFE(redis->sent, command, next)
    {
        if (command->cb)
            fail_later(command, trouble_of(redis));
        else
            free_command(command);
    }
    if (redis->is_impatient && !ts_redis_link_is_promising(redis->link)) {
        DL_FOREACH_SAFE(redis->waiting, command, next)
        fail_later(command, trouble_of(redis));
    }
}

static const struct ts_redis_link_events link_events = {
    .up = on_up,
    .down = on_down,
    .reply = on_reply,
};

/* --- commands --- */

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
    command->number = redis->given++;
    command->bytes = bytes.data;
    command->length = bytes.len;
    command->deadline_ms = ts_now_ms() + redis->command_timeout_ms + extra_wait_ms;
    command->cb = cb;
    command->arg = arg;
    move_to(command, &redis->waiting);
    if (ts_redis_link_is_up(redis->link))
        on_up(redis);
    else if (redis->is_impatient && !ts_redis_link_is_promising(redis->link))
        fail_later(command, trouble_of(redis));
    if (command->deadline_ms < redis->next_deadline_ms)
        set_deadline_timer(redis, command->deadline_ms);
    return &command->op;
}

struct ts_redis *ts_redis_open(struct ts_loop *loop, const struct ts_redis_place *place,
                               const struct ts_redis_options *options)
{
    struct ts_redis *redis = ts_alloc(sizeof(*redis));
    uint32_t connect_ms =
        options->connect_timeout_ms ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;

    redis->loop = loop;
    redis->prefix = ts_strdup(options->key_prefix ? options->key_prefix : "");
    redis->command_timeout_ms =
        options->command_timeout_ms ? options->command_timeout_ms : COMMAND_TIMEOUT_MS;
    redis->is_impatient = options->is_impatient;
    redis->next_deadline_ms = UINT64_MAX;
    redis->deadline_timer = ts_timer_new(loop, on_deadline, redis);
    redis->link = ts_redis_link_new(loop, place, connect_ms, &link_events, redis);
    return redis;
}

int ts_redis_new(struct ts_loop *loop, const struct ts_redis_options *options,
                 struct ts_redis **ret_redis, const char **ret_reason)
{
    struct ts_redis_place place;
    const char *reason = ts_redis_place_parse(options->url, &place);

    if (reason) {
        *ret_reason = reason;
        return -EINVAL;
    }
    *ret_redis = ts_redis_open(loop, &place, options);
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
    ts_redis_link_free(redis->link);
    free_all(redis->waiting);
    free_all(redis->sent);
    free_all(redis->failing);
    ts_timer_free(redis->deadline_timer);
    free(redis->prefix);
    free(redis);
}

bool ts_redis_is_up(const struct ts_redis *redis)
{
    return ts_redis_link_is_up(redis->link);
}

const char *ts_redis_prefix(const struct ts_redis *redis)
{
    return redis->prefix;
}

char *ts_redis_key(const struct ts_redis *redis, const char *format, ...)
{
    TS_AUTOFREE char *rest = NULL;
    va_list args;

    va_start(args, format);
    rest = ts_vformat(format, args);
    va_end(args);
    return ts_format("%s%s", redis->prefix, rest);
}
