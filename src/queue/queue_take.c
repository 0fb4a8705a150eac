/* SPDX-License-Identifier: MIT */
/* Taking jobs out of the stream: look for strays, that Redis gave us in a reply we never got, or
 * whose end it did not hear → take over what dead workers left → read what is new (waiting for it
 * on a connection of its own) → let equal jobs be queued again → hand out. Redis trouble is waited
 * out here. */
#include "queue/queue_internal.h"

#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <utlist.h>

#include <inttypes.h>
#include <string.h>

extern const char ts_lua_queue_take[];
extern const char ts_lua_queue_tidy[];

static struct ts_redis_script take_script = {.source = ts_lua_queue_take};
static struct ts_redis_script tidy_script = {.source = ts_lua_queue_tidy};

enum {
    BLOCK_MS = 1000,
    STRAYS_MAX = 4096,
    SECOND_LOOK_MS = 2000, /* what a dead connection still had under way has arrived by then */
    TIDY_EVERY_MS = 3600 * 1000,
    FIELDS_MAX = 64,
    TAKEOVERS_MAX = 10, /* who ends so many workers is not tried on another */
};

struct take {
    struct ts_op op;
    struct redis_queue *queue;
    size_t max;
    ts_taken_cb *cb;
    void *arg;
};

static void step_strays(struct redis_queue *queue);
static void on_strays(const struct ts_error *err, const struct ts_reply *reply, void *arg);
static void step_tidy(struct redis_queue *queue);
static void on_tidied(const struct ts_error *err, const struct ts_reply *reply, void *arg);
static void step_claim(struct redis_queue *queue);
static void on_claimed(const struct ts_error *err, const struct ts_reply *reply, void *arg);
static void step_read(struct redis_queue *queue);
static void on_read(const struct ts_error *err, const struct ts_reply *reply, void *arg);
static void step_start(struct redis_queue *queue);
static void on_started(const struct ts_error *err, const struct ts_reply *reply, void *arg);
static void hand_out(struct redis_queue *queue);

/* --- entries --- */

static size_t count_jobs(const struct taken *list)
{
    size_t count = 0;

    for (; list; list = list->next)
        count++;
    return count;
}

static void free_jobs(struct taken **list)
{
    while (*list) {
        struct taken *taken = *list;

        DL_DELETE(*list, taken);
        free(taken->job);
        free(taken);
    }
}

/* An entry that ends here, while taking goes on. */
struct removal {
    struct removal *prev, *next;
    struct redis_queue *queue;
    struct ts_op *op;
};

static struct removal *remove_aside(struct redis_queue *queue)
{
    struct removal *removal = ts_alloc(sizeof(*removal));

    removal->queue = queue;
    DL_APPEND(queue->removals, removal);
    return removal;
}

static void free_removal(struct removal *removal)
{
    DL_DELETE(removal->queue->removals, removal);
    ts_op_cancel(&removal->op);
    free(removal);
}

static void on_removed(const struct ts_error *err, void *arg)
{
    struct removal *removal = arg;

    (void)err; /* if it failed, the entry is found once more later */
    removal->op = NULL;
    free_removal(removal);
}

/* Fields of one entry: a flat array of name, value. */
static const char *parse_entry(const struct ts_reply *fields, struct ts_job *ret_job)
{
    struct ts_job_field parsed[FIELDS_MAX + 1];
    size_t count = 0;

    for (size_t i = 0; i + 1 < ts_reply_count(fields) && count <= FIELDS_MAX; i += 2) {
        const struct ts_reply *value = ts_reply_at(fields, i + 1);

        parsed[count++] = (struct ts_job_field){
            .name = ts_reply_text(ts_reply_at(fields, i)),
            .value = ts_reply_text(value),
            .value_length = ts_reply_length(value),
        };
    }
    return ts_job_parse(parsed, count, ret_job);
}

static void collect_entry(struct redis_queue *queue, const char *id, const struct ts_reply *fields,
                          bool is_taken_over)
{
    struct ts_job job = {0};
    const char *reason = parse_entry(fields, &job);

    if (ts_reply_is_nil(fields)) { /* somebody has deleted it from the stream */
        struct removal *removal = remove_aside(queue);

        removal->op =
            ts_queue_done(&queue->port, &(struct ts_job){.id = id}, NULL, on_removed, removal);
    } else if (reason) {
        struct removal *removal = remove_aside(queue);

        removal->op = ts_queue_bury_entry(queue, id, fields, reason, on_removed, removal);
    } else {
        struct taken *taken = ts_alloc(sizeof(*taken));

        job.id = id;
        if (job.first_us == 0) /* somebody else queued it: at the time that its id tells */
            job.first_us = strtoull(id, NULL, 10) * 1000;
        taken->job = ts_job_dup(&job);
        taken->is_taken_over = is_taken_over;
        DL_APPEND(queue->read_jobs, taken);
    }
}

/* Entries of XREADGROUP or XAUTOCLAIM: [[id, [name, value, …]], …]. What makes no sense is buried;
 * what we work on already is left out. */
static void collect(struct redis_queue *queue, const struct ts_reply *entries, bool is_taken_over)
{
    for (size_t i = 0; i < ts_reply_count(entries); i++) {
        const struct ts_reply *entry = ts_reply_at(entries, i);
        const char *id = ts_reply_text(ts_reply_at(entry, 0));

        if (id && !ts_in_hand_has(queue->in_hand, id))
            collect_entry(queue, id, ts_reply_at(entry, 1), is_taken_over);
    }
}

/* --- the steps --- */

/* Goes on with whatever comes next for the one who waits. */
static void go_on(void *arg)
{
    struct redis_queue *queue = arg;

    if (queue->reading)
        return;
    if (queue->leave)
        ts_queue_leave_go_on(queue);
    else if (!queue->taker)
        return;
    else if (queue->ready_jobs)
        hand_out(queue);
    else if (queue->read_jobs)
        step_start(queue);
    else if (ts_now_ms() >= queue->next_strays_ms)
        step_strays(queue);
    else if (ts_now_ms() >= queue->next_claim_ms)
        step_claim(queue);
    else if (ts_now_ms() >= queue->next_tidy_ms)
        step_tidy(queue);
    else
        step_read(queue);
}

static void pause_then_go_on(struct redis_queue *queue)
{
    ts_timer_set(queue->again_timer, TROUBLE_PAUSE_MS);
}

static void on_group(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct redis_queue *queue = arg;

    (void)reply;
    queue->reading = NULL;
    if (err->cls == TS_OK || ts_text_starts_with(err->text, "BUSYGROUP"))
        go_on(queue);
    else
        pause_then_go_on(queue);
}

/* The group is made where it is missing: on a new Redis, and after somebody flushed it. */
static void step_group(struct redis_queue *queue)
{
    const char *words[] = {"XGROUP", "CREATE", queue->jobs_key, "workers", "0", "MKSTREAM"};

    queue->reading = ts_redis_command(queue->redis, words, TS_COUNT_OF(words), 0, on_group, queue);
}

/* What a failed read means: make the group, or wait a little. */
static void recover(struct redis_queue *queue, const struct ts_error *err)
{
    if (ts_text_starts_with(err->text, "NOGROUP"))
        step_group(queue);
    else
        pause_then_go_on(queue);
}

/* All that Redis counts as ours; what we know of is left out. */
static void step_strays(struct redis_queue *queue)
{
    TS_AUTOFREE char *count = ts_format("%d", STRAYS_MAX);
    const char *words[] = {"XREADGROUP",    "GROUP",         "workers",
                           queue->consumer, "COUNT",         count,
                           "STREAMS",       queue->jobs_key, "0"};

    queue->reading = ts_redis_command(queue->redis, words, TS_COUNT_OF(words), 0, on_strays, queue);
}

static void on_strays(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct redis_queue *queue = arg;

    queue->reading = NULL;
    if (err->cls == TS_OK) {
        queue->next_strays_ms = queue->looks_twice ? ts_now_ms() + SECOND_LOOK_MS : UINT64_MAX;
        queue->looks_twice = false;
        collect(queue, ts_reply_at(ts_reply_at(reply, 0), 1), /* is_taken_over= */ false);
        go_on(queue);
    } else {
        recover(queue, err);
    }
}

static void step_tidy(struct redis_queue *queue)
{
    TS_AUTOFREE char *idle = ts_format("%d", TIDY_EVERY_MS);
    const char *keys[] = {queue->jobs_key, NULL};
    const char *words[] = {idle, NULL};

    queue->reading = ts_redis_eval(queue->redis, &tidy_script, keys, words, on_tidied, queue);
}

static void on_tidied(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct redis_queue *queue = arg;

    (void)err; /* the next time will do */
    (void)reply;
    queue->reading = NULL;
    queue->next_tidy_ms = ts_now_ms() + TIDY_EVERY_MS;
    go_on(queue);
}

static void step_claim(struct redis_queue *queue)
{
    TS_AUTOFREE char *idle = ts_format("%" PRIu32, queue->options.claim_after_ms);
    TS_AUTOFREE char *count = ts_format("%zu", queue->taker->max);
    const char *words[] = {"XAUTOCLAIM", queue->jobs_key, "workers", queue->consumer,
                           idle,         "0-0",           "COUNT",   count};

    queue->reading =
        ts_redis_command(queue->redis, words, TS_COUNT_OF(words), 0, on_claimed, queue);
}

static void on_claimed(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct redis_queue *queue = arg;

    queue->reading = NULL;
    if (err->cls == TS_OK) {
        collect(queue, ts_reply_at(reply, 1), /* is_taken_over= */ true);
        /* When there was as much as could be taken, there may be more. */
        if (!queue->taker || count_jobs(queue->read_jobs) < queue->taker->max)
            queue->next_claim_ms = ts_now_ms() + queue->options.claim_after_ms / 4;
        go_on(queue);
    } else {
        ts_queue_expect_strays(queue);
        recover(queue, err);
    }
}

static void step_read(struct redis_queue *queue)
{
    uint64_t now = ts_now_ms();
    uint64_t next_ms =
        queue->next_claim_ms < queue->next_strays_ms ? queue->next_claim_ms : queue->next_strays_ms;
    uint64_t until_next = next_ms > now ? next_ms - now : 1;
    uint64_t block_ms = until_next < BLOCK_MS ? until_next : BLOCK_MS;
    TS_AUTOFREE char *count = ts_format("%zu", queue->taker->max);
    TS_AUTOFREE char *block = ts_format("%" PRIu64, block_ms);
    const char *words[] = {"XREADGROUP", "GROUP", "workers", queue->consumer, "COUNT", count,
                           "BLOCK",      block,   "STREAMS", queue->jobs_key, ">"};

    queue->reading =
        ts_redis_command(queue->blocking, words, TS_COUNT_OF(words), BLOCK_MS, on_read, queue);
}

static void on_read(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct redis_queue *queue = arg;

    queue->reading = NULL;
    if (err->cls == TS_OK) {
        /* [[stream, entries]], or nil */
        collect(queue, ts_reply_at(ts_reply_at(reply, 0), 1), /* is_taken_over= */ false);
        go_on(queue);
    } else {
        ts_queue_expect_strays(queue);
        recover(queue, err);
    }
}

static void step_start(struct redis_queue *queue)
{
    size_t count = count_jobs(queue->read_jobs);
    TS_AUTOFREE const char **words = ts_alloc((7 * count + 2) * sizeof(*words));
    TS_AUTOFREE char *most = ts_format("%d", TAKEOVERS_MAX);
    const char *keys[] = {queue->jobs_key, queue->pending_key, NULL};
    const char **next = words;

    *next++ = most;
    for (const struct taken *taken = queue->read_jobs; taken; taken = taken->next) {
        const struct ts_job *job = taken->job;

        *next++ = job->id;
        *next++ = ts_job_type_name(job->type);
        *next++ = job->org;
        *next++ = ts_text_or_empty(job->user);
        *next++ = ts_text_or_empty(job->member);
        *next++ = job->is_preview ? "preview" : "";
        *next++ = taken->is_taken_over ? "1" : "";
    }
    queue->reading = ts_redis_eval(queue->redis, &take_script, keys, words, on_started, queue);
}

/* What queue_take.lua says about a job. */
enum { START_COVERED = 0, START_RUNS = 1, START_WORN_OUT = 2 };

static void sort_in(struct redis_queue *queue, struct taken *taken, int64_t answer,
                    uint64_t taken_us)
{
    if (answer == START_RUNS) {
        taken->job->taken_us = taken_us;
        DL_APPEND(queue->ready_jobs, taken);
        return;
    }
    if (answer == START_WORN_OUT) {
        struct removal *removal = remove_aside(queue);

        removal->op = ts_queue_bury(&queue->port, taken->job,
                                    "taken by ten workers, and none of them came to its end",
                                    on_removed, removal);
    }
    ts_metric_add(TS_METRIC_JOBS_TOTAL, ts_job_type_name(taken->job->type),
                  answer == START_WORN_OUT ? "buried" : "covered", 1);
    free(taken->job);
    free(taken);
}

/* Those whose work a resync will do are gone from the stream already. */
static void on_started(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct redis_queue *queue = arg;
    uint64_t taken_us = (uint64_t)ts_reply_number(ts_reply_at(reply, 0));

    queue->reading = NULL;
    if (err->cls != TS_OK) {
        pause_then_go_on(queue);
        return;
    }
    for (size_t i = 1; queue->read_jobs && i < ts_reply_count(reply); i++) {
        struct taken *taken = queue->read_jobs;

        DL_DELETE(queue->read_jobs, taken);
        sort_in(queue, taken, ts_reply_number(ts_reply_at(reply, i)), taken_us);
    }
    go_on(queue);
}

/* Gives up to `max` jobs; what a cancelled take left over goes to the next. */
static void hand_out(struct redis_queue *queue)
{
    struct take *take = queue->taker;
    size_t count = count_jobs(queue->ready_jobs);
    TS_AUTOFREE struct ts_job *jobs = NULL;
    struct taken *given = NULL;

    count = count < take->max ? count : take->max;
    jobs = ts_alloc(count * sizeof(*jobs));
    for (size_t i = 0; i < count; i++) {
        struct taken *taken = queue->ready_jobs;

        DL_DELETE(queue->ready_jobs, taken);
        DL_APPEND(given, taken);
        jobs[i] = *taken->job;
        ts_in_hand_add(&queue->in_hand, taken->job->id);
    }
    queue->taker = NULL;
    take->cb(&ts_no_error, jobs, count, take->arg);
    free(take);
    free_jobs(&given);
}

/* --- the operation --- */

static void cancel(struct ts_op *op)
{
    struct take *take = TS_CONTAINER_OF(op, struct take, op);

    take->queue->taker = NULL; /* what is under way goes on; its jobs wait for the next take */
    free(take);
}

struct ts_op *ts_queue_take(struct ts_queue *port, size_t max, ts_taken_cb *cb, void *arg)
{
    struct redis_queue *queue = TS_CONTAINER_OF(port, struct redis_queue, port);
    struct take *take = ts_alloc(sizeof(*take));

    *take = (struct take){.op.cancel = cancel, .queue = queue, .max = max, .cb = cb, .arg = arg};
    queue->taker = take;
    ts_queue_promote_start(queue);
    ts_queue_history_start(queue);
    if (!queue->reading)
        ts_timer_set(queue->again_timer, 0);
    return &take->op;
}

void ts_queue_let_go(struct ts_queue *port, const char *job_id)
{
    ts_in_hand_remove(&TS_CONTAINER_OF(port, struct redis_queue, port)->in_hand, job_id);
}

void ts_queue_take_open(struct redis_queue *queue)
{
    queue->again_timer = ts_timer_new(queue->loop, go_on, queue);
    queue->next_strays_ms = UINT64_MAX;
}

void ts_queue_take_close(struct redis_queue *queue)
{
    ts_op_cancel(&queue->reading);
    ts_timer_free(queue->again_timer);
    while (queue->removals)
        free_removal(queue->removals);
    free_jobs(&queue->read_jobs);
    free_jobs(&queue->ready_jobs);
    ts_in_hand_clear(&queue->in_hand);
    free(queue->taker);
}
