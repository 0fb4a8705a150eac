/* SPDX-License-Identifier: MIT */
/* users.list: one page of everybody, as the rules need them. */
#include "directory/google/fields.h"
#include "directory/google/google_internal.h"
#include "directory/google/google_page_json.h"
#include "directory/google/refusal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

enum { PAGE_MAX_BYTES = 16 << 20 }; /* 500 users, 32 KiB each */

struct listing {
    struct ts_google_task task; /* first */
    char *team_from;
    char *page_token; /* NULL: the first page */
    ts_directory_page_cb *cb;
    void *arg;
};

static void release(struct listing *l)
{
    ts_google_task_leave(&l->task);
    free(l->team_from);
    free(l->page_token);
    free(l);
}

static void cancel(struct ts_op *op)
{
    release((struct listing *)(void *)op);
}

/* A 400 for a page that follows is about its token, whatever else it may say (GOOGLE.md §K.8). */
static struct ts_error judge(const struct ts_error *err, const struct listing *l)
{
    if (err->cls == TS_NOT_FOUND)
        return ts_google_refusal_error(TS_GOOGLE_SUBJECT_NOT_FOUND, "users.list:", NULL);
    if (l->page_token && ts_text_starts_with(err->text, "google: 400"))
        return ts_error_make(TS_REJECTED, "google: 400 the page token is not valid any more");
    return *err;
}

static void on_page(const struct ts_error *err, const struct ts_google_answer *answer, void *arg)
{
    struct listing *l = arg;
    ts_directory_page_cb *cb = l->cb;
    void *cb_arg = l->arg;
    struct ts_error outcome = judge(err, l);
    TS_CLEANUP(ts_google_page_done) struct ts_directory_page page = {0};

    l->task.waiting = NULL;
    if (outcome.cls == TS_OK)
        outcome = ts_google_page_read(answer->json, l->team_from, l->page_token, &page);
    release(l);
    cb(&outcome, outcome.cls == TS_OK ? &page : NULL, cb_arg);
}

struct ts_op *ts_google_list_users(struct ts_directory *directory,
                                   const struct ts_connection *connection, const char *page_token,
                                   ts_directory_page_cb *cb, void *arg)
{
    struct listing *l = ts_alloc(sizeof(*l));
    TS_AUTOFREE char *query = ts_google_list_query(connection, page_token);
    TS_AUTOFREE char *path = ts_format(TS_GOOGLE_USERS "?%s", query);
    struct ts_google_request request = {
        .name = "users.list",
        .verb = "GET",
        .path = path,
        .max_bytes = PAGE_MAX_BYTES,
    };

    l->task.op.cancel = cancel;
    l->task.session = ts_google_session_open(ts_google_of(directory)->sessions, connection);
    l->team_from = ts_strdup(connection->team_from);
    l->page_token = ts_strdup(page_token);
    l->cb = cb;
    l->arg = arg;
    ts_google_task_call(&l->task, &request, on_page);
    return &l->task.op;
}
