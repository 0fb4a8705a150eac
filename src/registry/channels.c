/* SPDX-License-Identifier: MIT */
/* Notification channels in Redis. Of their tokens only digests are kept. */
#include "registry/registry_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <inttypes.h>
#include <string.h>

extern const char ts_lua_registry_put_channel[];
extern const char ts_lua_registry_list_channels[];

static struct ts_redis_script put_script = {.source = ts_lua_registry_put_channel};
static struct ts_redis_script list_script = {.source = ts_lua_registry_list_channels};

enum { DIGEST_BYTES = 32, DIGEST_TEXT = 2 * DIGEST_BYTES + 1 };
static const uint64_t forget_after_ms = 3600000; /* after its expiration */

static bool read_digest(const char *text, unsigned char ret[DIGEST_BYTES])
{
    static const char digits[] = "0123456789abcdef";

    if (!text || strlen(text) != DIGEST_TEXT - 1 || text[strspn(text, digits)] != '\0')
        return false;
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        ret[i] = (unsigned char)((strchr(digits, text[2 * i]) - digits) * 16 +
                                 (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}

static bool read_channel(const struct ts_reply *hash, struct ts_channel *ret_channel)
{
    struct ts_channel channel = {
        .id = ts_reply_field_text(hash, "id"),
        .org = ts_reply_field_text(hash, "org"),
        .resource_id = ts_reply_field_text(hash, "resource_id"),
        .event = ts_reply_field_text(hash, "event"),
        .expiration_us = ts_reply_field_number(hash, "expiration_us"),
    };

    if (!channel.id || !channel.org ||
        !read_digest(ts_reply_field_text(hash, "token_digest"), channel.token_digest))
        return false;
    *ret_channel = channel;
    return true;
}

static void on_put(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    ts_call_done_or(arg, err, reply,
                    ts_error_make(TS_REJECTED, "the connection is off, or another one, by now"));
}

struct ts_op *ts_registry_put_channel(struct ts_registry *port, const struct ts_channel *channel,
                                      const char *revision, ts_done_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "channel:%s", channel->id);
    TS_AUTOFREE char *set_key = ts_redis_key(registry->redis, "channels:%s", channel->org);
    TS_AUTOFREE char *connection_key = ts_redis_key(registry->redis, "connection:%s", channel->org);
    TS_AUTOFREE char *expiration = ts_format("%" PRIu64, channel->expiration_us);
    TS_AUTOFREE char *forget =
        ts_format("%" PRIu64, channel->expiration_us / 1000 + forget_after_ms);
    char digest[DIGEST_TEXT];
    const char *keys[] = {key, set_key, connection_key, NULL};
    const char *words[] = {channel->id,
                           forget,
                           ts_text_or_empty(revision),
                           "id",
                           channel->id,
                           "org",
                           channel->org,
                           "token_digest",
                           digest,
                           "expiration_us",
                           expiration,
                           "resource_id",
                           ts_text_or_empty(channel->resource_id),
                           "event",
                           ts_text_or_empty(channel->event),
                           NULL};

    ts_hex(channel->token_digest, DIGEST_BYTES, digest);
    return ts_call_run(call,
                       ts_redis_eval(registry->redis, &put_script, keys, words, on_put, call));
}

static void on_channel(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error missing = ts_error_make(TS_NOT_FOUND, "there is no such channel");
    struct ts_channel channel;
    bool found = err->cls == TS_OK && read_channel(reply, &channel);

    ((ts_channel_cb *)call.cb)(err->cls == TS_OK && !found ? &missing : err,
                               found ? &channel : NULL, call.arg);
}

struct ts_op *ts_registry_get_channel(struct ts_registry *port, const char *id, ts_channel_cb *cb,
                                      void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "channel:%s", id);
    const char *words[] = {"HGETALL", key};

    return ts_call_run(call, ts_redis_command(registry->redis, words, 2, 0, on_channel, call));
}

static void on_channels(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    size_t count = ts_reply_count(reply);
    TS_AUTOFREE struct ts_channel *channels = ts_alloc(count * sizeof(*channels));
    size_t read = 0;

    for (size_t i = 0; i < count; i++)
        read += read_channel(ts_reply_at(reply, i), &channels[read]);
    ((ts_channels_cb *)call.cb)(err, channels, read, call.arg);
}

struct ts_op *ts_registry_list_channels(struct ts_registry *port, const char *org,
                                        ts_channels_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *set_key = ts_redis_key(registry->redis, "channels:%s", org);
    TS_AUTOFREE char *prefix = ts_redis_key(registry->redis, "channel:");
    const char *keys[] = {set_key, NULL};
    const char *words[] = {prefix, NULL};

    return ts_call_run(
        call, ts_redis_eval(registry->redis, &list_script, keys, words, on_channels, call));
}

/* The set is tidied by the next listing. */
struct ts_op *ts_registry_remove_channel(struct ts_registry *port, const char *org, const char *id,
                                         ts_done_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = ts_redis_key(registry->redis, "channel:%s", id);
    const char *words[] = {"DEL", key};

    (void)org;
    return ts_call_run(call, ts_redis_command(registry->redis, words, 2, 0, ts_call_on_done, call));
}
