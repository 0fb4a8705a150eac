/* SPDX-License-Identifier: MIT */
/* Taking jobs out of the stream: take over what dead workers left → read what is new (waiting for
 * it on a connection of its own) → let equal jobs be queued again → hand out. Redis trouble is
 * waited out here. Beside that, a timer moves delayed jobs into the stream when their time has
 * come. */
#include "queue/queue_internal.h"

#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <utlist.h>

#include <inttypes.h>
#include <string.h>

extern const char ts_lua_queue_take[];
extern const char ts_lua_queue_promote[];

static struct ts_redis_script take_script = {.source = ts_lua_queue_take};
static struct ts_redis_script promote_script = {.source = ts_lua_queue_promote};

enum {
    BLOCK_MS = 2000,
    TROUBLE_PAUSE_MS = 200,
    PROMOTE_MAX = 500,
    PROMOTE_EVERY_MS = 1000,
    FIELDS_MAX = 64,
};

struct take {
    struct ts_op op;
    struct redis_queue *queue;
    size_t max;
    ts_taken_cb *cb;
    void *arg;
};

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

static void on_buried(const struct ts_error *err, void *arg)
{
    (void)err; /* if it failed, the entry is claimed and buried once more later */
    (void)arg;
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

/* Entries of XREADGROUP or XAUTOCLAIM: [[id, [name, value, …]], …]. What makes no sense is buried.
 */
static void collect(struct redis_queue *queue, const struct ts_reply *entries)
{
    for (size_t i = 0; i < ts_reply_count(entries); i++) {
        const struct ts_reply *entry = ts_reply_at(entries, i);
        const char *id = ts_reply_text(ts_reply_at(entry, 0));
        const struct ts_reply *fields = ts_reply_at(entry, 1);
        struct ts_job job = {0};
        const char *reason = parse_entry(fields, &job);

        if (!id)
            continue;
        if (reason) {
            (void)ts_queue_bury_entry(queue, id, fields, reason, on_buried, NULL);
        } else {
            struct taken *taken = ts_alloc(sizeof(*taken));

            job.id = id;
            taken->job = ts_job_dup(&job);
            DL_APPEND(queue->read_jobs, taken);
        }
    }
}

/* --- the steps --- */

/* Goes on with whatever comes next for the one who waits. */
static void go_on(void *arg)
{
    struct redis_queue *queue = arg;

    if (!queue->taker || queue->reading)
        return;
    if (queue->ready_jobs)
        hand_out(queue);
    else if (queue->read_jobs)
        step_start(queue);
    else if (ts_now_ms() >= queue->next_claim_ms)
        step_claim(queue);
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
        collect(queue, ts_reply_at(reply, 1));
        /* When there was as much as could be taken, there may be more. */
        if (!queue->taker || count_jobs(queue->read_jobs) < queue->taker->max)
            queue->next_claim_ms = ts_now_ms() + queue->options.claim_after_ms / 4;
        go_on(queue);
    } else {
        recover(queue, err);
    }
}

static void step_read(struct redis_queue *queue)
{
    uint64_t until_claim = queue->next_claim_ms - ts_now_ms();
    uint64_t block_ms = until_claim < BLOCK_MS ? until_claim : BLOCK_MS;
    TS_AUTOFREE char *count = ts_format("%zu", queue->taker->max);
    TS_AUTOFREE char *block = ts_format("%" PRIu64, block_ms ? block_ms : 1);
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
        collect(queue, ts_reply_at(ts_reply_at(reply, 0), 1)); /* [[stream, entries]], or nil */
        go_on(queue);
    } else {
        recover(queue, err);
    }
}

static void step_start(struct redis_queue *queue)
{
    size_t count = count_jobs(queue->read_jobs);
    TS_AUTOFREE const char **words = ts_alloc((5 * count + 1) * sizeof(*words));
    const char *keys[] = {queue->jobs_key, queue->pending_key, NULL};
    const char **next = words;

    for (const struct taken *taken = queue->read_jobs; taken; taken = taken->next) {
        const struct ts_job *job = taken->job;

        *next++ = job->id;
        *next++ = ts_job_type_name(job->type);
        *next++ = job->org;
        *next++ = job->user ? job->user : "";
        *next++ = job->is_preview ? "preview" : "";
    }
    queue->reading = ts_redis_eval(queue->redis, &take_script, keys, words, on_started, queue);
}

/* Those whose work a resync will do are gone from the stream already. */
static void drop_covered(struct redis_queue *queue, const struct ts_reply *answers)
{
    struct taken *taken = queue->read_jobs;

    for (size_t i = 0; taken && i < ts_reply_count(answers); i++) {
        struct taken *next = taken->next;

        if (ts_reply_number(ts_reply_at(answers, i)) == 0) {
            ts_metric_add(TS_METRIC_JOBS_TOTAL, ts_job_type_name(taken->job->type), "covered", 1);
            DL_DELETE(queue->read_jobs, taken);
            free(taken->job);
            free(taken);
        }
        taken = next;
    }
}

static void on_started(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct redis_queue *queue = arg;

    queue->reading = NULL;
    if (err->cls == TS_OK) {
        drop_covered(queue, reply);
        DL_CONCAT(queue->ready_jobs, queue->read_jobs);
        queue->read_jobs = NULL;
        go_on(queue);
    } else {
        pause_then_go_on(queue);
    }
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
    if (!queue->reading)
        ts_timer_set(queue->again_timer, 0);
    return &take->op;
}

/* --- delayed jobs --- */

static void on_promoted(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct redis_queue *queue = arg;
    int64_t next_ms = ts_reply_number(reply);

    queue->promoting = NULL;
    if (err->cls != TS_OK || next_ms < 0 || next_ms > PROMOTE_EVERY_MS)
        next_ms = PROMOTE_EVERY_MS;
    ts_timer_set(queue->promote_timer, (uint64_t)next_ms);
}

static void promote(void *arg)
{
    struct redis_queue *queue = arg;
    const char *keys[] = {queue->delayed_key, queue->jobs_key, queue->pending_key, NULL};
    TS_AUTOFREE char *max = ts_format("%d", PROMOTE_MAX);
    const char *words[] = {max, NULL};

    queue->promoting =
        ts_redis_eval(queue->redis, &promote_script, keys, words, on_promoted, queue);
}

void ts_queue_take_open(struct redis_queue *queue)
{
    queue->again_timer = ts_timer_new(queue->loop, go_on, queue);
    queue->promote_timer = ts_timer_new(queue->loop, promote, queue);
    ts_timer_set(queue->promote_timer, 0);
}

void ts_queue_take_close(struct redis_queue *queue)
{
    ts_op_cancel(&queue->reading);
    ts_op_cancel(&queue->promoting);
    ts_timer_free(queue->again_timer);
    ts_timer_free(queue->promote_timer);
    free_jobs(&queue->read_jobs);
    free_jobs(&queue->ready_jobs);
    free(queue->taker);
}
