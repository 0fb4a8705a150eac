/* SPDX-License-Identifier: MIT */
/* A roster on a Redis of the test's own, asked and answered in one line each. The org is "acme";
 * answers of several parts are written down as one text, so that a test compares it at once. */
#ifndef TESTS_COMPONENT_ROSTER_ROSTER_WORLD_H
#define TESTS_COMPONENT_ROSTER_ROSTER_WORLD_H

#include "support/own_redis.h"
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/redis.h"
#include "teamsync/roster.h"
#include "teamsync/text.h"

#include <stdio.h>
#include <string.h>

/* The parts, and the last answer. */
static struct world {
    struct ts_loop *loop;
    struct ts_redis *redis;
    struct ts_roster *roster;
    size_t answers;
    struct ts_error err;
    struct ts_member *member; /* taken by whoever asked */
    char *text;
    char *cursor;
} w;

/* --- answers --- */

static inline void note(const struct ts_error *err)
{
    w.answers++;
    w.err = *err;
}

static inline void say(char *text)
{
    free(w.text);
    w.text = text;
}

static inline void on_member(const struct ts_error *err, const struct ts_member *member, void *arg)
{
    (void)arg;
    note(err);
    assert_int_equal(err->cls == TS_OK, member != NULL);
    free(w.member);
    w.member = ts_member_dup(member);
}

static inline void keep_cursor(const char *cursor)
{
    free(w.cursor);
    w.cursor = ts_strdup(cursor);
}

/* "ada@x.io grace@x.io" */
static inline void on_members(const struct ts_error *err, const struct ts_member *members,
                              size_t count, const char *next_cursor, void *arg)
{
    struct ts_buf list;

    (void)arg;
    note(err);
    ts_buf_init(&list, 1 << 16);
    for (size_t i = 0; i < count; i++)
        (void)ts_buf_addf(&list, "%s%s", i ? " " : "", members[i].email);
    say(list.data ? list.data : ts_strdup(""));
    keep_cursor(next_cursor);
}

/* "team Sales>R&D push; link ->1001 push", newest first */
static inline void on_history(const struct ts_error *err, const struct ts_history_entry *entries,
                              size_t count, const char *next_cursor, void *arg)
{
    struct ts_buf list;

    (void)arg;
    note(err);
    ts_buf_init(&list, 1 << 16);
    for (size_t i = 0; i < count; i++) {
        assert_true(entries[i].id && entries[i].at_us > 0);
        (void)ts_buf_addf(&list, "%s%s %s>%s %s", i ? "; " : "", entries[i].field,
                          entries[i].before ? entries[i].before : "-",
                          entries[i].after ? entries[i].after : "-", entries[i].cause);
    }
    say(list.data ? list.data : ts_strdup(""));
    keep_cursor(next_cursor);
}

/* --- questions --- */

static inline void await_answer(struct ts_op *op)
{
    size_t before = w.answers;

    assert_non_null(op);
    assert_true(TEST_WAIT(w.loop, w.answers > before));
    assert_int_equal(w.answers, before + 1);
}

static inline struct ts_member *create(const struct ts_new_member *wanted)
{
    await_answer(w.roster->ops->create(w.roster, wanted, on_member, NULL));
    return TS_STEAL(w.member);
}

static inline struct ts_member *make(const char *email)
{
    struct ts_member *member =
        create(&(struct ts_new_member){.org = "acme", .email = email, .is_active = true});

    assert_non_null(member);
    return member;
}

static inline struct ts_member *make_under(const char *email, const struct ts_member *manager)
{
    struct ts_member *member = create(&(struct ts_new_member){
        .org = "acme", .email = email, .manager_id = manager->id, .is_active = true});

    assert_non_null(member);
    return member;
}

static inline struct ts_member *get(const char *org, const char *id)
{
    await_answer(w.roster->ops->get(w.roster, org, id, on_member, NULL));
    return TS_STEAL(w.member);
}

static inline const char *list_those(const struct ts_members_query *filters)
{
    TS_AUTOFREE char *from = ts_strdup(filters->cursor);
    struct ts_members_query query = *filters;

    query.cursor = from;
    await_answer(w.roster->ops->list(w.roster, &query, on_members, NULL));
    return w.text;
}

static inline const char *list(const char *org, const char *cursor, size_t limit)
{
    return list_those(&(struct ts_members_query){.org = org, .cursor = cursor, .limit = limit});
}

#define LIST_THOSE(...)                                                                            \
    list_those(&(struct ts_members_query){.org = "acme", .limit = 100, __VA_ARGS__})

static inline const char *history_of(const struct ts_history_query *filters)
{
    TS_AUTOFREE char *from = ts_strdup(filters->cursor);
    struct ts_history_query query = *filters;

    query.org = "acme";
    query.cursor = from;
    await_answer(w.roster->ops->history(w.roster, &query, on_history, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    return w.text;
}

static inline const char *history(const char *member_id, const char *cursor, size_t limit)
{
    return history_of(
        &(struct ts_history_query){.member_id = member_id, .cursor = cursor, .limit = limit});
}

/* --- its life --- */

static inline void open_redis(uint32_t command_timeout_ms)
{
    struct ts_redis_options options = {.url = test_redis_url(server),
                                       .key_prefix = "teamsync:",
                                       .command_timeout_ms = command_timeout_ms};
    const char *reason = NULL;

    assert_int_equal(ts_redis_new(w.loop, &options, &w.redis, &reason), 0);
    w.roster = ts_roster_redis_new(w.redis, "worker-1");
}

static inline void close_redis(void)
{
    ts_roster_redis_free(w.roster);
    ts_redis_free(w.redis);
}

static inline int set_up(void **state)
{
    (void)state;
    w = (struct world){.loop = ts_loop_new()};
    free(test_redis_cli(server, "FLUSHALL"));
    free(test_redis_cli(server, "HSET teamsync:org:acme name Acme"));
    free(test_redis_cli(server, "XGROUP CREATE teamsync:jobs workers 0 MKSTREAM"));
    open_redis(/* command_timeout_ms= */ 0);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    close_redis();
    ts_loop_free(w.loop);
    free(w.member);
    free(w.text);
    free(w.cursor);
    return 0;
}

#endif
