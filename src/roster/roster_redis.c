/* SPDX-License-Identifier: MIT */
/* The roster in Redis: its life, and how one user's sync begins and looks around. */
#include "roster/roster_internal.h"

#include "teamsync/call.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

extern const char ts_lua_roster_begin[];
extern const char ts_lua_roster_view[];

static struct ts_redis_script begin_script = {.source = ts_lua_roster_begin};
static struct ts_redis_script view_script = {.source = ts_lua_roster_view};

enum { ALIASES_MAX = 64 };

/* --- begin --- */

static void on_begun(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    const char *directory_id = ts_reply_text(ts_reply_at(reply, 1));
    struct ts_begun begun = {
        .observed_us = (uint64_t)ts_reply_number(ts_reply_at(reply, 0)),
        .directory_id = ts_text_or_null(directory_id),
    };

    ((ts_begun_cb *)call.cb)(err, err->cls == TS_OK ? &begun : NULL, call.arg);
}

static struct ts_op *begin(struct ts_roster *port, const char *org, const char *user_key,
                           ts_begun_cb *cb, void *arg)
{
    struct redis_roster *roster = roster_of(port);
    struct ts_call *call = ts_call_new(roster, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *email_key = ts_redis_key(roster->redis, "email:%s", org);
    TS_AUTOFREE char *prefix = ts_redis_key(roster->redis, "member:%s:", org);
    TS_AUTOFREE char *clock_key = ts_redis_key(roster->redis, "clock");
    TS_AUTOFREE char *folded = ts_text_fold_email(ts_text_is_email(user_key) ? user_key : "");
    const char *keys[] = {email_key, clock_key, NULL};
    const char *words[] = {folded, prefix, NULL};

    return ts_call_run(call,
                       ts_redis_eval(roster->redis, &begin_script, keys, words, on_begun, call));
}

/* --- view --- */

/* One of the script's members; NULL when there is none. The first failure stays in `*failure`. */
static const struct ts_member *read_one(const struct ts_reply *hash, struct ts_member *room,
                                        struct ts_error *failure)
{
    struct ts_error err = ts_roster_read_member(hash, room);

    if (err.cls == TS_INTERNAL && failure->cls == TS_OK)
        *failure = err;
    return err.cls == TS_OK ? room : NULL;
}

static void on_view(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    struct ts_error failure = *err;
    struct ts_member rooms[4];
    struct ts_view view = {0};

    if (err->cls == TS_OK) {
        view.linked = read_one(ts_reply_at(reply, 0), &rooms[0], &failure);
        view.by_primary = read_one(ts_reply_at(reply, 1), &rooms[1], &failure);
        view.by_alias = read_one(ts_reply_at(reply, 2), &rooms[2], &failure);
        view.alias_matches = (size_t)ts_reply_number(ts_reply_at(reply, 3));
        view.manager = read_one(ts_reply_at(reply, 4), &rooms[3], &failure);
        view.manager_would_loop = ts_reply_number(ts_reply_at(reply, 5)) == 1;
    }
    ((ts_view_cb *)call.cb)(&failure, failure.cls == TS_OK ? &view : NULL, call.arg);
}

struct ts_op *ts_roster_view(struct ts_roster *port, const struct ts_view_query *query,
                             ts_view_cb *cb, void *arg)
{
    struct redis_roster *roster = roster_of(port);
    struct ts_call *call = ts_call_new(roster, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *prefix = ts_redis_key(roster->redis, "member:%s:", query->org);
    TS_AUTOFREE char *link_key = ts_redis_key(roster->redis, "link:%s", query->org);
    TS_AUTOFREE char *email_key = ts_redis_key(roster->redis, "email:%s", query->org);
    TS_AUTOFREE char *address_key = ts_redis_key(roster->redis, "address:%s", query->org);
    TS_AUTOFREE char *primary = ts_text_fold_email(query->primary_email);
    TS_AUTOFREE char *manager = ts_text_fold_email(query->manager_email);
    const char *keys[] = {link_key, email_key, address_key, NULL};
    const char *words[4 + ALIASES_MAX + 1] = {prefix, ts_text_or_empty(query->directory_id),
                                              primary, manager};
    size_t aliases = query->alias_count < ALIASES_MAX ? query->alias_count : ALIASES_MAX;
    struct ts_op *op;

    for (size_t i = 0; i < aliases; i++)
        words[4 + i] = ts_text_fold_email(query->aliases[i]);
    op = ts_call_run(call, ts_redis_eval(roster->redis, &view_script, keys, words, on_view, call));
    for (size_t i = 0; i < aliases; i++)
        free((void *)(uintptr_t)words[4 + i]);
    return op;
}

/* --- its life --- */

struct ts_roster *ts_roster_redis_new(struct ts_redis *redis, const char *consumer)
{
    static const struct ts_roster_ops ops = {
        .begin = begin,
        .view = ts_roster_view,
        .commit = ts_roster_commit,
        .compare = ts_roster_compare,
        .links = ts_roster_links,
        .get_hold = ts_roster_get_hold,
        .hold_loss = ts_roster_hold_loss,
        .decide_hold = ts_roster_decide_hold,
        .undo_run = ts_roster_undo_run,
        .unlink = ts_roster_unlink,
        .get = ts_roster_get,
        .list = ts_roster_list,
        .teams = ts_roster_teams,
        .summary = ts_roster_summary,
        .create = ts_roster_create,
        .edit = ts_roster_edit,
        .suspend = ts_roster_suspend,
        .unsuspend = ts_roster_unsuspend,
        .remove = ts_roster_remove,
        .match = ts_roster_match,
        .open_invitation = ts_roster_open_invitation,
        .find_invitation = ts_roster_find_invitation,
        .accept_invitation = ts_roster_accept_invitation,
        .history = ts_roster_history,
        .news = ts_roster_news,
        .remember = ts_roster_remember,
    };
    struct redis_roster *roster = ts_alloc(sizeof(*roster));

    *roster =
        (struct redis_roster){.port.ops = &ops, .redis = redis, .consumer = ts_strdup(consumer)};
    return &roster->port;
}

void ts_roster_redis_free(struct ts_roster *roster)
{
    if (!roster)
        return;
    free(roster_of(roster)->consumer);
    free(roster_of(roster));
}
