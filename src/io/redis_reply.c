/* SPDX-License-Identifier: MIT */
/* Reading replies: hiredis' reply under a name of our own, with accessors that are total. */
#include "io/redis_internal.h"

#include "teamsync/redis.h"
#include "teamsync/text.h"

#include <hiredis/hiredis.h>

#include <string.h>

static const redisReply *raw(const struct ts_reply *reply)
{
    return (const redisReply *)(const void *)reply;
}

static bool is_text(const redisReply *reply)
{
    return reply && (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS);
}

bool ts_reply_is_nil(const struct ts_reply *reply)
{
    return !reply || raw(reply)->type == REDIS_REPLY_NIL;
}

const char *ts_reply_text(const struct ts_reply *reply)
{
    return is_text(raw(reply)) ? raw(reply)->str : NULL;
}

size_t ts_reply_length(const struct ts_reply *reply)
{
    return is_text(raw(reply)) ? (size_t)raw(reply)->len : 0;
}

const char *ts_reply_error(const struct ts_reply *reply)
{
    return reply && raw(reply)->type == REDIS_REPLY_ERROR ? raw(reply)->str : NULL;
}

int64_t ts_reply_number(const struct ts_reply *reply)
{
    uint64_t number = 0;

    if (reply && raw(reply)->type == REDIS_REPLY_INTEGER)
        return raw(reply)->integer;
    (void)ts_text_to_u64(ts_reply_text(reply), &number);
    return (int64_t)number;
}

size_t ts_reply_count(const struct ts_reply *reply)
{
    return reply && raw(reply)->type == REDIS_REPLY_ARRAY ? raw(reply)->elements : 0;
}

const struct ts_reply *ts_reply_at(const struct ts_reply *reply, size_t index)
{
    if (index >= ts_reply_count(reply))
        return NULL;
    return (const struct ts_reply *)(const void *)raw(reply)->element[index];
}

size_t ts_reply_count_from(const struct ts_reply *reply, size_t head)
{
    size_t count = ts_reply_count(reply);

    return count > head ? count - head : 0;
}

const struct ts_reply *ts_reply_field(const struct ts_reply *reply, const char *name)
{
    for (size_t i = 0; i + 1 < ts_reply_count(reply); i += 2) {
        if (ts_text_equal(ts_reply_text(ts_reply_at(reply, i)), name))
            return ts_reply_at(reply, i + 1);
    }
    return NULL;
}

const char *ts_reply_field_text(const struct ts_reply *reply, const char *name)
{
    return ts_text_or_null(ts_reply_text(ts_reply_field(reply, name)));
}

uint64_t ts_reply_field_number(const struct ts_reply *reply, const char *name)
{
    return (uint64_t)ts_reply_number(ts_reply_field(reply, name));
}
