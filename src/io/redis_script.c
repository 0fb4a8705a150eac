/* SPDX-License-Identifier: MIT */
/* Lua scripts by their SHA-1, sent whole when the server does not know them. */
#include "teamsync/mem.h"
#include "teamsync/redis.h"
#include "teamsync/text.h"

#include <openssl/evp.h>

#include <string.h>

struct call {
    struct ts_op op;
    struct ts_op *command;
    struct ts_redis *redis;
    struct ts_redis_script *script;
    ts_redis_cb *cb;
    void *arg;
    size_t count;
    const char *args[]; /* EVALSHA sha1 numkeys key… arg…; the texts are owned from [2] on */
};

static void on_reply(const struct ts_error *err, const struct ts_reply *reply, void *arg);

static void sign(struct ts_redis_script *script)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;

    if (script->sha1[0])
        return;
    if (EVP_Digest(script->source, strlen(script->source), digest, &length, EVP_sha1(), NULL) != 1)
        abort(); /* a libcrypto without SHA-1 cannot talk to Redis' script cache */
    ts_hex(digest, length, script->sha1);
}

static void free_call(struct call *call)
{
    for (size_t i = 2; i < call->count; i++)
        free((void *)(uintptr_t)call->args[i]);
    free(call);
}

static void cancel(struct ts_op *op)
{
    struct call *call = TS_CONTAINER_OF(op, struct call, op);

    ts_op_cancel(&call->command);
    free_call(call);
}

static void send_call(struct call *call, const char *command, const char *what)
{
    call->args[0] = command;
    call->args[1] = what;
    call->command = ts_redis_command(call->redis, call->args, call->count, 0, on_reply, call);
}

static void on_reply(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct call *call = arg;

    call->command = NULL;
    if (ts_text_starts_with(err->text, "NOSCRIPT") && strcmp(call->args[0], "EVALSHA") == 0) {
        send_call(call, "EVAL", call->script->source);
    } else {
        ts_redis_cb *cb = call->cb;
        void *cb_arg = call->arg;

        free_call(call);
        cb(err, reply, cb_arg);
    }
}

static size_t count_texts(const char *const *texts)
{
    size_t count = 0;

    while (texts && texts[count])
        count++;
    return count;
}

struct ts_op *ts_redis_eval(struct ts_redis *redis, struct ts_redis_script *script,
                            const char *const *keys, const char *const *argv, ts_redis_cb *cb,
                            void *arg)
{
    size_t key_count = count_texts(keys);
    size_t count = 3 + key_count + count_texts(argv);
    struct call *call = ts_alloc(sizeof(*call) + count * sizeof(call->args[0]));

    sign(script);
    call->op.cancel = cancel;
    call->redis = redis;
    call->script = script;
    call->cb = cb;
    call->arg = arg;
    call->count = count;
    call->args[2] = ts_format("%zu", key_count);
    for (size_t i = 0; i < key_count; i++)
        call->args[3 + i] = ts_strdup(keys[i]);
    for (size_t i = 3 + key_count; i < count; i++)
        call->args[i] = ts_strdup(argv[i - 3 - key_count]);
    send_call(call, "EVALSHA", script->sha1);
    return &call->op;
}
