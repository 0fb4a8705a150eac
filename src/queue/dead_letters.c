/* SPDX-License-Identifier: MIT */
/* The jobs that were given up: looking at them, trying them again, and dropping them. */
#include "queue/args.h"
#include "queue/queue_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <inttypes.h>
#include <string.h>

extern const char ts_lua_dead_revive[];

static struct ts_redis_script revive_script = {.source = ts_lua_dead_revive};

/* --- the list --- */

/* What burying writes beside the job's own fields; those of the same name further back are not
 * ours. */
static bool is_about_the_end(const char *name)
{
    static const char *const names[] = {"dead_us", "reason",      "first_error", "last_error",
                                        "attempt", "received_us", "first_us"};

    for (size_t i = 0; i < TS_COUNT_OF(names); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static const char *field_of(const struct ts_reply *fields, const char *name)
{
    return ts_reply_text(ts_reply_field(fields, name));
}

/* The letter of a stream entry; its `job` points into `room`, which has a place for each text. */
static struct ts_dead_letter read_letter(const struct ts_reply *entry, const char **room)
{
    const struct ts_reply *fields = ts_reply_at(entry, 1);
    struct ts_dead_letter letter = {
        .id = ts_reply_text(ts_reply_at(entry, 0)),
        .reason = field_of(fields, "reason"),
        .first_error = field_of(fields, "first_error"),
        .last_error = field_of(fields, "last_error"),
        .queued_us = ts_reply_field_number(fields, "first_us"),
        .died_us = ts_reply_field_number(fields, "dead_us"),
        .job = room,
    };

    if (letter.last_error) /* what never was a job was never tried */
        letter.attempts = (unsigned)ts_reply_field_number(fields, "attempt") + 1;
    for (size_t i = 0; i + 1 < ts_reply_count(fields); i += 2) {
        const char *name = ts_reply_text(ts_reply_at(fields, i));
        const char *value = ts_reply_text(ts_reply_at(fields, i + 1));

        if (name && value && !is_about_the_end(name)) {
            room[letter.job_length++] = name;
            room[letter.job_length++] = value;
        }
    }
    return letter;
}

static void on_list(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    size_t limit = (size_t)(uintptr_t)call.self;
    size_t found = ts_reply_count(reply);
    size_t count = found < limit ? found : limit;
    TS_AUTOFREE struct ts_dead_letter *letters = ts_alloc((count + 1) * sizeof(*letters));
    TS_AUTOFREE const char **room = NULL;
    size_t texts = 0;

    for (size_t i = 0; i < count; i++)
        texts += ts_reply_count(ts_reply_at(ts_reply_at(reply, i), 1));
    room = ts_alloc((texts + 1) * sizeof(*room));
    texts = 0;
    for (size_t i = 0; i < count; i++) {
        letters[i] = read_letter(ts_reply_at(reply, i), room + texts);
        texts += letters[i].job_length;
    }
    ((ts_dead_letters_cb *)call.cb)(err, letters, count,
                                    found > limit ? letters[count - 1].id : NULL, call.arg);
}

/* One more than wanted is read, to know whether there are more. */
struct ts_op *ts_queue_list_dead(struct ts_queue *port, const char *cursor, size_t limit,
                                 ts_dead_letters_cb *cb, void *arg)
{
    struct redis_queue *queue = TS_CONTAINER_OF(port, struct redis_queue, port);
    struct ts_call *call = ts_call_new((void *)(uintptr_t)limit, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *count = ts_format("%zu", limit + 1);
    TS_AUTOFREE char *from = cursor ? ts_format("(%s", cursor) : ts_strdup("+");
    const char *words[] = {"XREVRANGE", queue->dead_key, from, "-", "COUNT", count};

    return ts_call_run(call,
                       ts_redis_command(queue->redis, words, TS_COUNT_OF(words), 0, on_list, call));
}

/* --- trying again --- */

static void on_revived(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call *call = arg;
    struct ts_error absent = ts_error_make(TS_NOT_FOUND, "there is no such dead letter");
    struct ts_error nonsense =
        ts_error_make(TS_REJECTED, "it never was a job: there is nothing to try again");

    if (err->cls == TS_OK && ts_reply_count(reply) == 0)
        err = &absent;
    else if (ts_text_starts_with(err->text, "NOJOB"))
        err = &nonsense;
    ts_queue_on_enqueued(err, reply, call);
}

struct ts_op *ts_queue_revive(struct ts_queue *port, const char *letter_id, const char *by,
                              ts_enqueued_cb *cb, void *arg)
{
    struct redis_queue *queue = TS_CONTAINER_OF(port, struct redis_queue, port);
    struct ts_call *call = ts_call_new(queue, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *max = ts_format("%" PRIu64, queue->options.max_waiting);
    const char *keys[] = {queue->jobs_key, queue->pending_key, queue->dead_key, NULL};
    const char *words[] = {max, letter_id, ts_text_or_empty(by), NULL};

    return ts_call_run(call,
                       ts_redis_eval(queue->redis, &revive_script, keys, words, on_revived, call));
}

/* --- dropping --- */

static void on_discarded(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    ts_call_done_or(arg, err, reply, ts_error_make(TS_NOT_FOUND, "there is no such dead letter"));
}

struct ts_op *ts_queue_discard(struct ts_queue *port, const char *letter_id, ts_done_cb *cb,
                               void *arg)
{
    struct redis_queue *queue = TS_CONTAINER_OF(port, struct redis_queue, port);
    struct ts_call *call = ts_call_new(queue, (ts_call_cb *)cb, arg);
    const char *words[] = {"XDEL", queue->dead_key, letter_id};

    return ts_call_run(
        call, ts_redis_command(queue->redis, words, TS_COUNT_OF(words), 0, on_discarded, call));
}
