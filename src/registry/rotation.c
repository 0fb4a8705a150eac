/* SPDX-License-Identifier: MIT */
/* Rotating the key that seals credentials. Redis keeps the mark of the one that seals by now (the
 * key `sealing_key`): whoever does not know that one can store nothing, so that no text comes,
 * however late, under a key that is about to go. */
#include "registry/registry_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <errno.h>
#include <string.h>

extern const char ts_lua_registry_store_sealed[];

static struct ts_redis_script store_script = {.source = ts_lua_registry_store_sealed};

struct ts_op *ts_registry_store_sealed(struct redis_registry *registry, const char *org,
                                       const char **words, ts_redis_cb *cb, void *arg)
{
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "connection:%s", org);
    TS_AUTOFREE char *mark_key = ts_redis_key(registry->redis, "sealing_key");
    TS_AUTOFREE char *marks = ts_seal_marks(registry->seal);
    const char *keys[] = {key, mark_key, NULL};

    words[0] = marks;
    return ts_redis_eval(registry->redis, &store_script, keys, words, cb, arg);
}

/* --- the first and the last step: the key file --- */

struct key_call {
    struct ts_op op;
    struct ts_op *running;
    struct redis_registry *registry;
    char mark[TS_SEAL_MARK_TEXT];
    ts_key_cb *on_added;
    ts_done_cb *on_kept;
    void *arg;
};

static void cancel_key_call(struct ts_op *op)
{
    struct key_call *call = TS_CONTAINER_OF(op, struct key_call, op);

    ts_op_cancel(&call->running);
    free(call);
}

static void end_key_call(struct key_call *call, const struct ts_error *err)
{
    struct key_call copy = *call;

    free(call);
    if (copy.on_added)
        copy.on_added(err, err->cls == TS_OK ? copy.mark : NULL, copy.arg);
    else
        copy.on_kept(err, copy.arg);
}

/* What a number of the seal's means to a person who rotates. */
static struct ts_error error_of(int result)
{
    if (result == -EBUSY)
        return ts_error_make(TS_REJECTED, "another rotation has begun meanwhile");
    if (result == -EMFILE)
        return ts_error_make(TS_REJECTED, "the key file is full: what does not open has to be "
                                          "connected anew, or erased from the file by hand");
    return result < 0 ? ts_error_make(TS_REJECTED, "the key file: %s", strerror(-result))
                      : ts_no_error;
}

/* Redis is asked first, though for both the file is what matters: nothing begins while it is away.
 */
static struct ts_op *ask_mark(struct ts_registry *port, struct key_call *call, ts_redis_cb *cb)
{
    struct redis_registry *registry = registry_of(port);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "sealing_key");
    const char *words[] = {"GET", key};

    call->op.cancel = cancel_key_call;
    call->registry = registry;
    call->running = ts_redis_command(registry->redis, words, TS_COUNT_OF(words), 0, cb, call);
    return &call->op;
}

static void on_marked(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    (void)reply;
    end_key_call(arg, err);
}

static void on_mark_to_replace(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct key_call *call = arg;
    struct ts_redis *redis = call->registry->redis;
    TS_AUTOFREE char *key = ts_redis_key(redis, "sealing_key");
    const char *words[] = {"SET", key, call->mark};
    struct ts_error answer = *err;

    (void)reply;
    if (answer.cls == TS_OK)
        answer = error_of(ts_seal_add_key(call->registry->seal, call->mark));
    if (answer.cls != TS_OK)
        end_key_call(call, &answer);
    else
        call->running = ts_redis_command(redis, words, TS_COUNT_OF(words), 0, on_marked, call);
}

struct ts_op *ts_registry_add_key(struct ts_registry *port, ts_key_cb *cb, void *arg)
{
    struct key_call *call = ts_alloc(sizeof(*call));

    call->on_added = cb;
    call->arg = arg;
    return ask_mark(port, call, on_mark_to_replace);
}

static void on_mark_to_keep(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct key_call *call = arg;
    struct ts_error answer = *err;
    bool is_ours = ts_text_equal(ts_reply_text(reply), call->mark);

    if (answer.cls == TS_OK)
        answer = error_of(is_ours ? ts_seal_keep_key(call->registry->seal, call->mark) : -EBUSY);
    end_key_call(call, &answer);
}

struct ts_op *ts_registry_keep_key(struct ts_registry *port, const char *mark, ts_done_cb *cb,
                                   void *arg)
{
    struct key_call *call = ts_alloc(sizeof(*call));

    (void)ts_text_copy(call->mark, sizeof(call->mark), mark);
    call->on_kept = cb;
    call->arg = arg;
    return ask_mark(port, call, on_mark_to_keep);
}

/* --- between them, for each org: what it has sealed is sealed anew --- */

struct reseal_call {
    struct ts_op op;
    struct ts_op *running;
    struct redis_registry *registry;
    char *org;
    ts_resealed_cb *cb;
    void *arg;
};

static void free_reseal_call(struct reseal_call *call)
{
    free(call->org);
    free(call);
}

static void cancel_reseal_call(struct ts_op *op)
{
    struct reseal_call *call = TS_CONTAINER_OF(op, struct reseal_call, op);

    ts_op_cancel(&call->running);
    free_reseal_call(call);
}

static void end_reseal_call(struct reseal_call *call, const struct ts_error *err,
                            enum ts_resealed how)
{
    ts_resealed_cb *cb = call->cb;
    void *arg = call->arg;

    free_reseal_call(call);
    cb(err, how, arg);
}

static void on_resealed(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    bool is_stored = ts_reply_number(reply) == STORED;

    end_reseal_call(arg, err, is_stored ? TS_RESEALED : TS_RESEALED_OVERTAKEN);
}

static void on_sealed(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct reseal_call *call = arg;
    const char *sealed = ts_reply_text(reply);
    TS_AUTOFREE char *renewed = NULL;
    int result = 0;

    if (err->cls == TS_OK && !ts_text_is_empty(sealed))
        result = ts_seal_renew(call->registry->seal, call->org, sealed, &renewed);
    if (result > 0) {
        const char *words[] = {NULL, "credentials", sealed, "credentials", renewed, NULL};

        call->running =
            ts_registry_store_sealed(call->registry, call->org, words, on_resealed, call);
    } else {
        end_reseal_call(call, err, result < 0 ? TS_RESEALED_NEVER : TS_RESEALED_BEFORE);
    }
}

struct ts_op *ts_registry_reseal(struct ts_registry *port, const char *org, ts_resealed_cb *cb,
                                 void *arg)
{
    struct reseal_call *call = ts_alloc(sizeof(*call));
    struct redis_registry *registry = registry_of(port);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "connection:%s", org);
    const char *words[] = {"HGET", key, "credentials"};

    *call = (struct reseal_call){.op.cancel = cancel_reseal_call,
                                 .registry = registry,
                                 .org = ts_strdup(org),
                                 .cb = cb,
                                 .arg = arg};
    call->running =
        ts_redis_command(registry->redis, words, TS_COUNT_OF(words), 0, on_sealed, call);
    return &call->op;
}
