/* SPDX-License-Identifier: MIT */
/* A question to an org whose members are arranged in orders (lua/orders.lua). Where some are not
 * yet, for they are older than the orders, that is done first, a part at a time: no script keeps
 * Redis from everybody else for long. Whoever changes meanwhile arranges themselves. */
#include "roster/roster_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

extern const char ts_lua_roster_arrange[];

static struct ts_redis_script arrange_script = {.source = ts_lua_roster_arrange};

#define PART "1000"

struct question {
    struct ts_op op; /* first */
    struct ts_op *running;
    struct ts_redis *redis;
    struct ts_redis_script *script;
    char *made;
    char *prefix;
    char *words[TS_ARRANGED_WORDS_MAX + 1];
    bool was_arranged;
    ts_redis_cb *cb;
    void *arg;
};

static void free_question(struct question *q)
{
    for (size_t i = 0; i < TS_COUNT_OF(q->words); i++)
        free(q->words[i]);
    free(q->made);
    free(q->prefix);
    free(q);
}

static void cancel(struct ts_op *op)
{
    struct question *q = (struct question *)(void *)op;

    ts_op_cancel(&q->running);
    free_question(q);
}

static void answer(struct question *q, const struct ts_error *err, const struct ts_reply *reply)
{
    ts_redis_cb *cb = q->cb;
    void *arg = q->arg;

    free_question(q);
    cb(err, reply, arg);
}

static void step_ask(struct question *q);
static void step_arrange(struct question *q, const char *cursor);

static void on_answer(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct question *q = arg;

    q->running = NULL;
    if (err->cls == TS_OK && ts_reply_is_nil(reply) && !q->was_arranged)
        step_arrange(q, "");
    else
        answer(q, err, reply);
}

static void step_ask(struct question *q)
{
    const char *keys[] = {q->made, NULL};
    const char *words[2 + TS_ARRANGED_WORDS_MAX + 1] = {q->prefix, q->was_arranged ? "1" : ""};

    for (size_t i = 0; q->words[i]; i++)
        words[2 + i] = q->words[i];
    q->running = ts_redis_eval(q->redis, q->script, keys, words, on_answer, q);
}

static void on_arranged(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct question *q = arg;
    const char *cursor = ts_reply_text(reply);

    q->running = NULL;
    q->was_arranged = ts_text_is_empty(cursor);
    if (err->cls != TS_OK)
        answer(q, err, NULL);
    else if (q->was_arranged)
        step_ask(q);
    else
        step_arrange(q, cursor);
}

static void step_arrange(struct question *q, const char *cursor)
{
    const char *keys[] = {q->made, NULL};
    const char *words[] = {q->prefix, cursor, PART, NULL};

    q->running = ts_redis_eval(q->redis, &arrange_script, keys, words, on_arranged, q);
}

struct ts_op *ts_roster_ask_arranged(struct ts_redis *redis, struct ts_redis_script *script,
                                     const char *org, const char *const *words, ts_redis_cb *cb,
                                     void *arg)
{
    struct question *q = ts_alloc(sizeof(*q));

    *q = (struct question){.op.cancel = cancel,
                           .redis = redis,
                           .script = script,
                           .made = ts_redis_key(redis, "order:%s", org),
                           .prefix = ts_redis_key(redis, "member:%s:", org),
                           .cb = cb,
                           .arg = arg};
    for (size_t i = 0; words[i]; i++)
        q->words[i] = ts_strdup(words[i]);
    step_ask(q);
    return &q->op;
}
