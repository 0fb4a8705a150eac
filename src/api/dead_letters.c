/* SPDX-License-Identifier: MIT */
/* Jobs that were given up: why, and what a person does about it. */
#include "api/handlers.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

/* --- looking --- */

/* Anybody may have written the job: what is no text is not shown. */
static void add_foreign(struct json_object *json, const char *name, const char *text)
{
    bool is_shown = !text || ts_text_is_printable(text);

    ts_json_add_text(json, name, is_shown ? text : "(not printable)");
}

static struct json_object *letter_json(const void *record)
{
    const struct ts_dead_letter *letter = record;
    struct json_object *json = ts_json_new_object();
    struct json_object *job = ts_json_new_object();

    for (size_t i = 0; i + 1 < letter->job_length; i += 2) {
        const char *name = letter->job[i];

        if (ts_text_is_printable(name))
            add_foreign(job, name, letter->job[i + 1]);
    }
    ts_json_add_text(json, "id", letter->id);
    ts_json_add(json, "job", job);
    add_foreign(json, "reason", letter->reason);
    ts_json_add_number(json, "attempts", letter->attempts);
    add_foreign(json, "first_error", letter->first_error);
    add_foreign(json, "last_error", letter->last_error);
    ts_json_add_time(json, "queued_at", letter->queued_us);
    ts_json_add_time(json, "died_at", letter->died_us);
    return json;
}

static void on_letters(const struct ts_error *err, const struct ts_dead_letter *letters,
                       size_t count, const char *next_cursor, void *arg)
{
    ts_exchange_reply_list(arg, err,
                           &(struct ts_list){.records = letters,
                                             .count = count,
                                             .size = sizeof(*letters),
                                             .json_of = letter_json,
                                             .next_cursor = next_cursor});
}

void ts_api_list_dead_letters(struct ts_exchange *x)
{
    struct ts_queue *queue = x->env->queue;

    x->op = queue->ops->list_dead(queue, x->cursor, x->limit, on_letters, x);
}

/* --- deciding --- */

static bool is_letter(struct ts_exchange *x)
{
    if (ts_job_id_is_valid(x->id))
        return true;
    ts_exchange_refuse(x, 404, "there is no such dead letter");
    return false;
}

void ts_api_retry_dead_letter(struct ts_exchange *x)
{
    struct ts_queue *queue = x->env->queue;

    if (is_letter(x) && ts_exchange_body_is_empty(x))
        x->op = queue->ops->revive(queue, x->id, x->actor, ts_exchange_on_enqueued, x);
}

void ts_api_delete_dead_letter(struct ts_exchange *x)
{
    struct ts_queue *queue = x->env->queue;

    if (is_letter(x) && ts_exchange_body_is_empty(x))
        x->op = queue->ops->discard(queue, x->id, ts_exchange_on_done, x);
}
