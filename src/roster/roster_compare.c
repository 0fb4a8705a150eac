/* SPDX-License-Identifier: MIT */
/* A listing against what is stored: which users need work, and whom it did not show. */
#include "roster/roster_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

extern const char ts_lua_roster_compare[];

static struct ts_redis_script compare_script = {.source = ts_lua_roster_compare};

/* --- compare --- */

/* A letter of the script's answer. */
static struct ts_difference difference_of(char letter)
{
    unsigned bits = (unsigned)(letter - 'a');

    switch (letter) {
    case '-':
        return (struct ts_difference){.comparison = TS_COMPARED_NOBODY};
    case '=':
        return (struct ts_difference){.comparison = TS_COMPARED_SAME};
    case '+':
        return (struct ts_difference){.comparison = TS_COMPARED_NEW};
    default:
        return (struct ts_difference){
            .comparison = TS_COMPARED_CHANGED,
            .has_manager = bits & 1,
            .has_team = bits & 2,
        };
    }
}

static void on_compared(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    const char *letters = ts_reply_text(reply);
    size_t count = letters ? strlen(letters) : 0;
    TS_AUTOFREE struct ts_difference *differences = ts_alloc(count * sizeof(*differences));

    for (size_t i = 0; i < count; i++)
        differences[i] = difference_of(letters[i]);
    ((ts_compared_cb *)call.cb)(err, differences, count, call.arg);
}

struct ts_op *ts_roster_compare(struct ts_roster *port, const char *org, bool clear_missing,
                                const struct ts_compared *users, size_t count, ts_compared_cb *cb,
                                void *arg)
{
    struct redis_roster *roster = roster_of(port);
    struct ts_call *call = ts_call_new(roster, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *link = ts_redis_key(roster->redis, "link:%s", org);
    TS_AUTOFREE char *email = ts_redis_key(roster->redis, "email:%s", org);
    TS_AUTOFREE char *address = ts_redis_key(roster->redis, "address:%s", org);
    TS_AUTOFREE char *prefix = ts_redis_key(roster->redis, "member:%s:", org);
    TS_AUTOFREE const char **words = ts_alloc((3 + 4 * count) * sizeof(*words));
    const char *keys[] = {link, email, address, NULL};
    const char **next = words;

    *next++ = prefix;
    *next++ = clear_missing ? "1" : "0";
    for (size_t i = 0; i < count; i++) {
        *next++ = users[i].directory_id;
        *next++ = users[i].digest;
        *next++ = users[i].addresses;
        *next++ = users[i].manager ? users[i].manager : "";
    }
    return ts_call_run(
        call, ts_redis_eval(roster->redis, &compare_script, keys, words, on_compared, call));
}

/* --- links --- */

/* HSCAN: [cursor, [id, member, id, member, …]] */
static void on_links(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    const char *cursor = ts_reply_text(ts_reply_at(reply, 0));
    const struct ts_reply *pairs = ts_reply_at(reply, 1);
    size_t count = ts_reply_count(pairs) / 2;
    TS_AUTOFREE const char **ids = ts_alloc(count * sizeof(*ids));

    for (size_t i = 0; i < count; i++)
        ids[i] = ts_reply_text(ts_reply_at(pairs, 2 * i));
    ((ts_links_cb *)call.cb)(err, ids, count, ts_text_equal(cursor, "0") ? NULL : cursor, call.arg);
}

struct ts_op *ts_roster_links(struct ts_roster *port, const char *org, const char *cursor,
                              ts_links_cb *cb, void *arg)
{
    struct redis_roster *roster = roster_of(port);
    struct ts_call *call = ts_call_new(roster, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *link = ts_redis_key(roster->redis, "link:%s", org);
    const char *words[] = {"HSCAN", link, cursor ? cursor : "0", "COUNT", "500"};

    return ts_call_run(
        call, ts_redis_command(roster->redis, words, TS_COUNT_OF(words), 0, on_links, call));
}
