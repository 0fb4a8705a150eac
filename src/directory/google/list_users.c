/* SPDX-License-Identifier: MIT */
/* users.list: one page of everybody, as the rules need them. */
#include "directory/google/fields.h"
#include "directory/google/google_internal.h"
#include "directory/google/google_user_json.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

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

/* A page as it is read; `users` and `unread` have room for all of them. */
struct reading {
    struct ts_directory_user *users;
    size_t count;
    const char **unread;
    size_t unread_count;
};

static void read_users(struct json_object *array, const char *team_from, struct reading *r)
{
    size_t count = array ? json_object_array_length(array) : 0;

    r->users = ts_alloc((count + 1) * sizeof(*r->users));
    r->unread = ts_alloc((count + 1) * sizeof(*r->unread));
    for (size_t i = 0; i < count; i++) {
        struct json_object *json = json_object_array_get_idx(array, i);
        struct ts_error err = ts_google_user_read(json, team_from, &r->users[r->count]);

        if (err.cls == TS_OK) {
            r->count++;
        } else {
            ts_google_user_done(&r->users[r->count]);
            r->users[r->count] = (struct ts_directory_user){0};
            r->unread[r->unread_count++] = ts_json_text(json, "id"); /* NULL: not even that */
        }
    }
}

static void free_reading(struct reading *r)
{
    for (size_t i = 0; i < r->count; i++)
        ts_google_user_done(&r->users[i]);
    free(r->users);
    free(r->unread);
}

/* What would be taken for the last page of a listing that goes on is an error. */
static struct ts_error check(struct json_object *json, const char *page_token)
{
    struct json_object *users = json_object_object_get(json, "users");
    struct json_object *next = json_object_object_get(json, "nextPageToken");
    const char *token = ts_json_text(json, "nextPageToken");

    if (users && !json_object_is_type(users, json_type_array))
        return ts_error_make(TS_RETRY, "google: the listing's users are no list");
    if (next && ts_text_is_empty(token))
        return ts_error_make(TS_RETRY, "google: the listing's page token is no text");
    if (token && ts_text_equal(token, page_token))
        return ts_error_make(TS_RETRY, "google: the listing's pages run in a circle");
    return ts_no_error;
}

/* A 400 for a page that follows is about its token, whatever else it may say (GOOGLE.md §K.8). */
static struct ts_error judge(const struct ts_error *err, const struct listing *l)
{
    if (err->cls == TS_NOT_FOUND)
        return ts_error_make(TS_AUTH, "google: the directory does not know the account");
    if (l->page_token && ts_text_starts_with(err->text, "google: 400"))
        return ts_error_make(TS_REJECTED, "google: 400 the page token is not valid any more");
    return *err;
}

static void on_page(const struct ts_error *err, const struct ts_google_answer *answer, void *arg)
{
    struct listing *l = arg;
    ts_directory_page_cb *cb = l->cb;
    void *cb_arg = l->arg;
    TS_CLEANUP(free_reading) struct reading r = {0};
    struct ts_error outcome = judge(err, l);
    struct ts_directory_page page = {0};

    l->task.waiting = NULL;
    if (outcome.cls == TS_OK)
        outcome = check(answer->json, l->page_token);
    if (outcome.cls == TS_OK) {
        struct json_object *users = ts_json_array(answer->json, "users");

        read_users(users, l->team_from, &r);
        page = (struct ts_directory_page){
            .users = r.users,
            .count = r.count,
            .unread = r.unread,
            .unread_count = r.unread_count,
            .has_users = users,
            .next_token = ts_json_text(answer->json, "nextPageToken"),
        };
    }
    release(l);
    cb(&outcome, outcome.cls == TS_OK ? &page : NULL, cb_arg);
}

struct ts_op *ts_google_list_users(struct ts_directory *directory,
                                   const struct ts_connection *connection, const char *page_token,
                                   ts_directory_page_cb *cb, void *arg)
{
    struct listing *l = ts_alloc(sizeof(*l));
    TS_AUTOFREE char *query =
        ts_google_list_query(connection->team_from, connection->may_suspend, page_token);
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
