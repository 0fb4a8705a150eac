/* SPDX-License-Identifier: MIT */
/* Fetching ahead. For each page: time -> list -> (pause, again) -> keep; whoever waits is given the
 * page, and the next one is fetched at once. */
#include "flow/listing.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

enum { TRIES_MAX = 5, PAUSE_MAX_MS = 20000, PAGES_MAX = 40000 };

struct ts_listing {
    const struct ts_flow_env *env;
    const struct ts_connection *connection;
    struct ts_op *fetching;
    char *token; /* of the page that is fetched; NULL: the first */
    uint64_t observed_us;
    unsigned tries;
    unsigned pages;
    struct ts_page *ready; /* fetched, not yet given out */
    struct ts_error failure;
    struct waiter *waiter;
};

struct waiter {
    struct ts_op op; /* first */
    struct ts_listing *listing;
    struct ts_op *handing; /* what is ready is given in a turn of its own */
    ts_page_cb *cb;
    void *arg;
};

static void step_time(struct ts_listing *l);
static void on_time(const struct ts_error *err, const struct ts_begun *begun, void *arg);
static void step_list(struct ts_listing *l);
static void on_page(const struct ts_error *err, const struct ts_directory_page *page, void *arg);
static void step_pause(struct ts_listing *l, const struct ts_error *err);
static void on_paused(const struct ts_error *err, void *arg);
static void hand_out(struct ts_listing *l);

void ts_page_free(struct ts_page *page)
{
    if (!page)
        return;
    for (size_t i = 0; i < page->count; i++)
        free(page->users[i]);
    for (size_t i = 0; i < page->unread_count; i++)
        free(page->unread[i]);
    free(page->users);
    free(page->unread);
    free(page);
}

struct ts_listing *ts_listing_new(const struct ts_flow_env *env,
                                  const struct ts_connection *connection)
{
    struct ts_listing *l = ts_alloc(sizeof(*l));

    l->env = env;
    l->connection = connection;
    l->failure = ts_no_error;
    step_time(l);
    return l;
}

void ts_listing_free(struct ts_listing *l)
{
    if (!l)
        return;
    ts_op_cancel(&l->fetching);
    ts_page_free(l->ready);
    free(l->token);
    free(l);
}

/* --- fetching --- */

static void step_time(struct ts_listing *l)
{
    struct ts_roster *roster = l->env->roster;

    l->fetching = roster->ops->begin(roster, l->connection->org, "", on_time, l);
}

static void on_time(const struct ts_error *err, const struct ts_begun *begun, void *arg)
{
    struct ts_listing *l = arg;

    l->fetching = NULL;
    if (err->cls != TS_OK) {
        l->failure = *err;
        hand_out(l);
    } else {
        l->observed_us = begun->observed_us;
        step_list(l);
    }
}

static void step_list(struct ts_listing *l)
{
    struct ts_directory *directory = l->env->directory;

    l->tries++;
    l->fetching = directory->ops->list_users(directory, l->connection, l->token, on_page, l);
}

static struct ts_page *page_dup(const struct ts_directory_page *page)
{
    struct ts_page *copy = ts_alloc(sizeof(*copy));

    copy->users = ts_alloc(page->count * sizeof(struct ts_directory_user *));
    copy->unread = ts_alloc(page->unread_count * sizeof(copy->unread[0]));
    for (; copy->count < page->count; copy->count++)
        copy->users[copy->count] = ts_directory_user_dup(&page->users[copy->count]);
    for (; copy->unread_count < page->unread_count; copy->unread_count++)
        copy->unread[copy->unread_count] = ts_strdup(page->unread[copy->unread_count]);
    copy->has_users = page->has_users;
    copy->is_last = !page->next_token;
    return copy;
}

static void keep(struct ts_listing *l, const struct ts_directory_page *page)
{
    l->ready = page_dup(page);
    l->ready->observed_us = l->observed_us;
    free(l->token);
    l->token = ts_strdup(page->next_token);
    l->tries = 0;
    if (++l->pages > PAGES_MAX)
        l->failure = ts_error_make(TS_RETRY, "the directory's listing has no end");
}

static void on_page(const struct ts_error *err, const struct ts_directory_page *page, void *arg)
{
    struct ts_listing *l = arg;

    l->fetching = NULL;
    if (err->cls == TS_RETRY && l->tries < TRIES_MAX && err->retry_after_ms <= PAUSE_MAX_MS) {
        step_pause(l, err);
    } else {
        if (err->cls == TS_OK)
            keep(l, page);
        else
            l->failure = *err;
        hand_out(l);
    }
}

static void step_pause(struct ts_listing *l, const struct ts_error *err)
{
    struct ts_clock *clock = l->env->clock;
    uint64_t delay_ms = ts_retry_delay_ms(l->tries - 1, err->retry_after_ms, ts_random_below(1000));

    l->fetching = clock->ops->pause(clock, delay_ms, on_paused, l);
}

static void on_paused(const struct ts_error *err, void *arg)
{
    struct ts_listing *l = arg;

    (void)err;
    l->fetching = NULL;
    step_time(l); /* the page is as old as the question that is answered */
}

/* --- giving out --- */

static void cancel_waiter(struct ts_op *op)
{
    struct waiter *waiter = (struct waiter *)(void *)op;

    ts_op_cancel(&waiter->handing);
    waiter->listing->waiter = NULL;
    free(waiter);
}

static void on_handing(const struct ts_error *err, void *arg)
{
    struct waiter *waiter = arg;

    (void)err;
    waiter->handing = NULL;
    hand_out(waiter->listing);
}

struct ts_op *ts_listing_next(struct ts_listing *l, ts_page_cb *cb, void *arg)
{
    struct waiter *waiter = ts_alloc(sizeof(*waiter));

    *waiter = (struct waiter){.op.cancel = cancel_waiter, .listing = l, .cb = cb, .arg = arg};
    l->waiter = waiter;
    if (l->ready || l->failure.cls != TS_OK)
        waiter->handing = l->env->clock->ops->pause(l->env->clock, 0, on_handing, waiter);
    return &waiter->op;
}

/* If somebody waits; else it is kept until they ask. */
static void hand_out(struct ts_listing *l)
{
    struct waiter *waiter = l->waiter;
    struct ts_page *page = l->failure.cls == TS_OK ? TS_STEAL(l->ready) : NULL;
    struct ts_error err = l->failure;
    ts_page_cb *cb;
    void *arg;

    if (!waiter || waiter->handing) {
        if (page)
            l->ready = page;
        return;
    }
    cb = waiter->cb;
    arg = waiter->arg;
    l->waiter = NULL;
    free(waiter);
    if (page && !page->is_last)
        step_time(l);
    cb(&err, page, arg);
}
