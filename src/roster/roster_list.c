/* SPDX-License-Identifier: MIT */
/* The team: a page of it in some order, its teams, and how many are how. */
#include "roster/roster_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

extern const char ts_lua_roster_list[];
extern const char ts_lua_roster_teams[];
extern const char ts_lua_roster_summary[];

static struct ts_redis_script list_script = {.source = ts_lua_roster_list};
static struct ts_redis_script teams_script = {.source = ts_lua_roster_teams};
static struct ts_redis_script summary_script = {.source = ts_lua_roster_summary};

/* --- cursors: a place is any bytes, and goes out as letters; a time goes as it is --- */

static char *cursor_of(const struct ts_reply *place)
{
    const char *bytes = ts_text_or_null(ts_reply_text(place));

    return bytes ? ts_base64url(bytes, ts_reply_length(place)) : NULL;
}

static char *place_of(const char *cursor)
{
    size_t length;
    char *place = cursor ? (char *)ts_base64url_decode(cursor, &length) : NULL;

    return place ? place : ts_strdup("");
}

/* --- a page of members --- */

static void give_members(struct ts_call call, const struct ts_error *err,
                         const struct ts_reply *reply, const char *next_cursor)
{
    struct ts_error failure = *err;
    size_t count = ts_reply_count_from(reply, 1);
    TS_AUTOFREE struct ts_member *members = ts_alloc(count * sizeof(*members));

    for (size_t i = 0; i < count && failure.cls == TS_OK; i++)
        failure = ts_roster_read_member(ts_reply_at(reply, i + 1), &members[i]);
    ((ts_members_cb *)call.cb)(&failure, members, failure.cls == TS_OK ? count : 0, next_cursor,
                               call.arg);
}

static void on_made(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    const char *cursor = ts_reply_text(ts_reply_at(reply, 0));

    give_members(ts_call_take(arg), err, reply, ts_text_or_null(cursor));
}

static void on_sorted(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    TS_AUTOFREE char *cursor = cursor_of(ts_reply_at(reply, 0));

    give_members(ts_call_take(arg), err, reply, cursor);
}

struct ts_op *ts_roster_list(struct ts_roster *port, const struct ts_members_query *query,
                             ts_members_cb *cb, void *arg)
{
    struct redis_roster *roster = roster_of(port);
    struct ts_call *call = ts_call_new(roster, (ts_call_cb *)cb, arg);
    bool is_sorted = query->order != TS_MEMBERS_AS_MADE;
    TS_AUTOFREE char *place = is_sorted ? place_of(query->cursor) : NULL;
    TS_AUTOFREE char *count = ts_format("%zu", query->limit);
    const char *words[] = {ts_text_or_empty(query->status),
                           ts_text_or_empty(query->sync),
                           ts_text_or_empty(query->team),
                           ts_text_or_empty(query->text),
                           is_sorted ? place : ts_text_or_empty(query->cursor),
                           count,
                           ts_members_order_name(query->order),
                           query->is_backward ? "1" : "",
                           NULL};

    return ts_call_run(call, ts_roster_ask_arranged(roster->redis, &list_script, query->org, words,
                                                    is_sorted ? on_sorted : on_made, call));
}

/* --- a page of teams --- */

static void on_teams(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    TS_AUTOFREE char *cursor = cursor_of(ts_reply_at(reply, 0));
    size_t count = ts_reply_count_from(reply, 1);
    TS_AUTOFREE struct ts_team *teams = ts_alloc(count * sizeof(*teams));

    for (size_t i = 0; i < count; i++) {
        const struct ts_reply *team = ts_reply_at(reply, i + 1);

        teams[i] = (struct ts_team){.name = ts_reply_text(ts_reply_at(team, 0)),
                                    .members = (uint64_t)ts_reply_number(ts_reply_at(team, 1))};
    }
    ((ts_teams_cb *)call.cb)(err, teams, count, cursor, call.arg);
}

struct ts_op *ts_roster_teams(struct ts_roster *port, const char *org, const char *cursor,
                              size_t limit, ts_teams_cb *cb, void *arg)
{
    struct redis_roster *roster = roster_of(port);
    struct ts_call *call = ts_call_new(roster, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *place = place_of(cursor);
    TS_AUTOFREE char *count = ts_format("%zu", limit);
    const char *words[] = {place, count, NULL};

    return ts_call_run(
        call, ts_roster_ask_arranged(roster->redis, &teams_script, org, words, on_teams, call));
}

/* --- how many are how --- */

static void on_summary(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_summary summary;
    size_t at = 0;

    for (size_t i = 0; i < TS_MEMBER_STATUSES; i++)
        summary.of_status[i] = (uint64_t)ts_reply_number(ts_reply_at(reply, at++));
    for (size_t i = 0; i < TS_SYNC_STATES; i++)
        summary.of_sync[i] = (uint64_t)ts_reply_number(ts_reply_at(reply, at++));
    ((ts_summary_cb *)call.cb)(err, err->cls == TS_OK ? &summary : NULL, call.arg);
}

struct ts_op *ts_roster_summary(struct ts_roster *port, const char *org, ts_summary_cb *cb,
                                void *arg)
{
    struct redis_roster *roster = roster_of(port);
    struct ts_call *call = ts_call_new(roster, (ts_call_cb *)cb, arg);
    const char *words[] = {NULL};

    return ts_call_run(
        call, ts_roster_ask_arranged(roster->redis, &summary_script, org, words, on_summary, call));
}
