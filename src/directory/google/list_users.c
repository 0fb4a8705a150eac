/* SPDX-License-Identifier: MIT */
/* users.list: one page of everybody, as the rules need them. */
#include "directory/google/fields.h"
#include "directory/google/google_internal.h"
#include "directory/google/google_page_json.h"

#include "teamsync/mem.h"

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

static void on_page(const struct ts_error *err, const struct ts_google_answer *answer, void *arg)
{
    struct listing *l = arg;
    ts_directory_page_cb *cb = l->cb;
    void *cb_arg = l->arg;
    struct ts_error outcome = ts_google_page_judge(err, l->page_token);
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
        .max_bytes = TS_GOOGLE_PAGE_MAX_BYTES,
    };

    ts_google_task_open(&l->task, directory, connection, cancel);
    l->team_from = ts_strdup(connection->team_from);
    l->page_token = ts_strdup(page_token);
    l->cb = cb;
    l->arg = arg;
    ts_google_task_call(&l->task, &request, on_page);
    return &l->task.op;
}
