/* SPDX-License-Identifier: MIT */
/* Where the master is: the sentinels are asked in turn, each over an impatient connection of its
 * own that lives as long as the question. One that knows no such master, talks nonsense, or takes
 * its time is skipped, and the reasons are kept for the error. */
#include "io/redis_internal.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum { SENTINEL_TIMEOUT_MS = 500, TROUBLES_MAX_BYTES = 4096 };

struct question {
    struct ts_op op;
    struct ts_loop *loop;
    const struct ts_redis_place *place;
    size_t *turn;
    size_t asked; /* in vain */
    bool shows_credentials;
    struct ts_redis *sentinel;
    struct ts_op *command;
    struct ts_buf troubles;
    ts_redis_master_cb *cb;
    void *arg;
};

static void step_ask(struct question *q);

static void hang_up(struct question *q)
{
    ts_op_cancel(&q->command);
    ts_redis_free(TS_STEAL(q->sentinel));
}

static void free_question(struct question *q)
{
    hang_up(q);
    ts_buf_done(&q->troubles);
    free(q);
}

static void cancel(struct ts_op *op)
{
    free_question(TS_CONTAINER_OF(op, struct question, op));
}

static void settle(struct question *q, const struct ts_error *err, const struct ts_redis_host *host)
{
    ts_redis_master_cb *cb = q->cb;
    void *arg = q->arg;

    free_question(q);
    cb(err, host, arg);
}

/* NULL and the host, with a name of its own, or why not. */
static const char *read_answer(const struct ts_error *err, const struct ts_reply *reply,
                               struct ts_redis_host *ret_host)
{
    const char *name = ts_reply_text(ts_reply_at(reply, 0));
    int64_t port = ts_reply_number(ts_reply_at(reply, 1));

    if (err->cls != TS_OK)
        return ts_text_starts_with(err->text, "redis: ") ? err->text + strlen("redis: ")
                                                         : err->text;
    if (ts_reply_is_nil(reply))
        return "knows no such master";
    if (ts_text_is_empty(name) || port <= 0 || port > UINT16_MAX)
        return "its answer makes no sense";
    *ret_host = (struct ts_redis_host){.name = ts_strdup(name), .port = (uint16_t)port};
    return NULL;
}

static void step_next(struct question *q, const char *trouble)
{
    const struct ts_redis_host *host = &q->place->hosts[*q->turn];

    (void)ts_buf_addf(&q->troubles, "%s%s:%u: %s", q->asked ? "; " : "", host->name, host->port,
                      trouble);
    *q->turn = (*q->turn + 1) % q->place->host_count;
    q->shows_credentials = false;
    if (++q->asked < q->place->host_count) {
        step_ask(q);
    } else {
        struct ts_error err = ts_error_make(TS_RETRY, "no sentinel helps: %s", q->troubles.data);

        settle(q, &err, NULL);
    }
}

static void on_answer(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct question *q = arg;
    struct ts_redis_host host = {0};
    const char *trouble = read_answer(err, reply, &host);
    TS_AUTOFREE char *name = host.name;

    q->command = NULL;
    hang_up(q);
    if (!trouble) {
        settle(q, &ts_no_error, &host);
    } else if (ts_text_starts_with(trouble, "NOAUTH") && q->place->password &&
               !q->shows_credentials) {
        q->shows_credentials = true;
        step_ask(q);
    } else {
        step_next(q, trouble);
    }
}

static void step_ask(struct question *q)
{
    const struct ts_redis_place *place = q->place;
    const struct ts_redis_host *host = &place->hosts[*q->turn];
    const char *words[] = {"SENTINEL", "get-master-addr-by-name", place->master};
    const struct ts_redis_options options = {.connect_timeout_ms = SENTINEL_TIMEOUT_MS,
                                             .command_timeout_ms = SENTINEL_TIMEOUT_MS,
                                             .is_impatient = true};
    const struct ts_redis_place at = {
        .hosts = {{.name = ts_strdup(host->name), .port = host->port}},
        .host_count = 1,
        .user = q->shows_credentials ? ts_strdup(place->user) : NULL,
        .password = q->shows_credentials ? ts_strdup(place->password) : NULL,
    };

    q->sentinel = ts_redis_open(q->loop, &at, &options);
    q->command = ts_redis_command(q->sentinel, words, TS_COUNT_OF(words), 0, on_answer, q);
}

struct ts_op *ts_redis_ask_sentinels(struct ts_loop *loop, const struct ts_redis_place *place,
                                     size_t *turn, ts_redis_master_cb *cb, void *arg)
{
    struct question *q = ts_alloc(sizeof(*q));

    q->op.cancel = cancel;
    q->loop = loop;
    q->place = place;
    q->turn = turn;
    q->cb = cb;
    q->arg = arg;
    ts_buf_init(&q->troubles, TROUBLES_MAX_BYTES);
    step_ask(q);
    return &q->op;
}
