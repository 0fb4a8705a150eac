/* SPDX-License-Identifier: MIT */
/* What has changed: read in pages, or as it comes; and what concerns no member is added to it here.
 */
#include "roster/roster_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <inttypes.h>

extern const char ts_lua_roster_history[];
extern const char ts_lua_roster_news[];
extern const char ts_lua_roster_remember[];

static struct ts_redis_script history_script = {.source = ts_lua_roster_history};
static struct ts_redis_script news_script = {.source = ts_lua_roster_news};
static struct ts_redis_script remember_script = {.source = ts_lua_roster_remember};

/* --- reading --- */

static struct ts_history_entry read_entry(const struct ts_reply *entry)
{
    const struct ts_reply *fields = ts_reply_at(entry, 1);

    return (struct ts_history_entry){
        .id = ts_reply_text(ts_reply_at(entry, 0)),
        .member_id = ts_reply_field_text(fields, "member"),
        .email = ts_reply_field_text(fields, "email"),
        .field = ts_reply_field_text(fields, "field"),
        .before = ts_reply_field_text(fields, "before"),
        .after = ts_reply_field_text(fields, "after"),
        .cause = ts_reply_field_text(fields, "cause"),
        .job = ts_reply_field_text(fields, "job"),
        .at_us = ts_reply_field_number(fields, "at_us"),
    };
}

static void on_history(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    size_t count = ts_reply_count_from(reply, 1);
    TS_AUTOFREE struct ts_history_entry *entries = ts_alloc(count * sizeof(*entries));
    const char *cursor = ts_reply_text(ts_reply_at(reply, 0));

    for (size_t i = 0; i < count; i++)
        entries[i] = read_entry(ts_reply_at(reply, i + 1));
    ((ts_history_cb *)call.cb)(err, entries, count, ts_text_or_null(cursor), call.arg);
}

/* The id before which the page begins: the cursor, unless `until` is earlier. Newly allocated. */
static char *before_of(const struct ts_history_query *query)
{
    uint64_t until_ms = query->until_us / 1000;

    if (query->cursor && (!query->until_us || strtoull(query->cursor, NULL, 10) < until_ms))
        return ts_strdup(query->cursor);
    return query->until_us ? ts_format("%" PRIu64 "-0", until_ms) : ts_strdup("");
}

struct ts_op *ts_roster_history(struct ts_roster *port, const struct ts_history_query *query,
                                ts_history_cb *cb, void *arg)
{
    struct ts_redis *redis = roster_of(port)->redis;
    struct ts_call *call = ts_call_new(port, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *history = ts_redis_key(redis, "history:%s", query->org);
    TS_AUTOFREE char *since_ms = ts_format("%" PRIu64, query->since_us / 1000);
    TS_AUTOFREE char *before = before_of(query);
    TS_AUTOFREE char *count = ts_format("%zu", query->limit);
    const char *keys[] = {history, NULL};
    const char *words[] = {ts_text_or_empty(query->member_id),
                           ts_text_or_empty(query->field),
                           since_ms,
                           before,
                           count,
                           NULL};

    return ts_call_run(call, ts_redis_eval(redis, &history_script, keys, words, on_history, call));
}

/* --- as it comes --- */

enum { NEWS_PARTS = 7 }; /* of the script's answer, before the entries */

static void on_news(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    size_t parts = ts_reply_count(reply);
    size_t count = parts > NEWS_PARTS ? parts - NEWS_PARTS : 0;
    TS_AUTOFREE struct ts_history_entry *entries = ts_alloc(count * sizeof(*entries));
    const struct ts_reply *hold = ts_reply_at(reply, 5);
    const char *digest = ts_reply_text(ts_reply_at(hold, 0));
    struct ts_news news = {
        .entries = entries,
        .count = count,
        .newest = ts_reply_text(ts_reply_at(reply, 0)),
        .has_more = ts_reply_number(ts_reply_at(reply, 1)) == 1,
        .is_lost = ts_reply_number(ts_reply_at(reply, 2)) == 1,
        .hold_size = (uint64_t)ts_reply_number(ts_reply_at(reply, 4)),
        .has_hold = ts_reply_count(hold) > 0,
        .hold = ts_text_is_empty(digest) ? NULL : digest,
        .held = (uint64_t)ts_reply_number(ts_reply_at(hold, 1)),
        .runs = ts_reply_text(ts_reply_at(reply, 6)),
    };

    (void)ts_connection_state_parse(ts_reply_text(ts_reply_at(reply, 3)), &news.state);
    for (size_t i = 0; i < count; i++)
        entries[i] = read_entry(ts_reply_at(reply, NEWS_PARTS + i));
    ((ts_news_cb *)call.cb)(err, err->cls == TS_OK ? &news : NULL, call.arg);
}

struct ts_op *ts_roster_news(struct ts_roster *port, const struct ts_news_query *query,
                             ts_news_cb *cb, void *arg)
{
    struct ts_redis *redis = roster_of(port)->redis;
    struct ts_call *call = ts_call_new(port, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *history = ts_redis_key(redis, "history:%s", query->org);
    TS_AUTOFREE char *hold = ts_redis_key(redis, "hold:%s", query->org);
    TS_AUTOFREE char *connection = ts_redis_key(redis, "connection:%s", query->org);
    TS_AUTOFREE char *runs = ts_redis_key(redis, "runs:%s", query->org);
    TS_AUTOFREE char *run_prefix = ts_redis_key(redis, "run:%s:", query->org);
    TS_AUTOFREE char *limit = ts_format("%zu", query->limit);
    TS_AUTOFREE char *max_behind = ts_format("%d", TS_NEWS_MAX_BEHIND);
    TS_AUTOFREE char *run_count = ts_format("%d", TS_NEWS_RUNS);
    TS_AUTOFREE char *hold_size =
        query->hold_size == TS_ANY_SIZE ? ts_strdup("") : ts_format("%" PRIu64, query->hold_size);
    const char *keys[] = {history, hold, connection, runs, NULL};
    const char *words[] = {query->after ? query->after : "",
                           limit,
                           max_behind,
                           run_prefix,
                           run_count,
                           hold_size,
                           NULL};

    return ts_call_run(call, ts_redis_eval(redis, &news_script, keys, words, on_news, call));
}

/* --- adding --- */

struct ts_op *ts_roster_remember(struct ts_roster *port, const char *org,
                                 const struct ts_history_entry *entry, ts_done_cb *cb, void *arg)
{
    struct ts_redis *redis = roster_of(port)->redis;
    struct ts_call *call = ts_call_new(port, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *history = ts_redis_key(redis, "history:%s", org);
    const char *keys[] = {history, NULL};
    const char *words[] = {entry->field, ts_text_or_empty(entry->before),
                           ts_text_or_empty(entry->after), entry->cause, NULL};

    return ts_call_run(call,
                       ts_redis_eval(redis, &remember_script, keys, words, ts_call_on_done, call));
}
