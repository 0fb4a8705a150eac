/* SPDX-License-Identifier: MIT */
/* users.get: one person as the rules need them, or as an invitation does. */
#include "directory/google/fields.h"
#include "directory/google/google_internal.h"
#include "directory/google/google_user_json.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

struct reading {
    struct ts_google_task task; /* first */
    char *key;
    char *team_from;
    ts_directory_user_cb *cb;
    void *arg;
};

static void release(struct reading *r)
{
    ts_google_task_leave(&r->task);
    free(r->key);
    free(r->team_from);
    free(r);
}

static void cancel(struct ts_op *op)
{
    release((struct reading *)(void *)op);
}

static bool is_address(const char *key)
{
    return strchr(key, '@');
}

/* The user may borrow the key. */
static struct ts_error read_answer(const struct reading *r, const char *key,
                                   const struct ts_google_answer *answer,
                                   struct ts_directory_user *ret_user)
{
    struct ts_error err;

    if (answer->is_deleted) {
        *ret_user = (struct ts_directory_user){
            .id = is_address(key) ? NULL : key,
            .is_deleted = true,
        };
        return ts_no_error;
    }
    err = ts_google_user_read(answer->json, r->team_from, ret_user);
    if (err.cls == TS_OK && !is_address(key) && strcmp(ret_user->id, key) != 0)
        return ts_error_make(TS_INTERNAL, "google: the answer is about another user");
    return err;
}

/* A 403 about an address says that it is of a foreign domain (GOOGLE.md §D.6), not that the
 * connection has lost its rights. */
static bool is_foreign(const char *key, const struct ts_google_answer *answer)
{
    return is_address(key) && answer && answer->is_forbidden;
}

static void on_user(const struct ts_error *err, const struct ts_google_answer *answer, void *arg)
{
    struct reading *r = arg;
    ts_directory_user_cb *cb = r->cb;
    void *cb_arg = r->arg;
    TS_CLEANUP(ts_google_user_done) struct ts_directory_user user = {0};
    struct ts_error outcome = *err;
    TS_AUTOFREE char *key = TS_STEAL(r->key);

    r->task.waiting = NULL;
    if (outcome.cls == TS_OK)
        outcome = read_answer(r, key, answer, &user);
    else if (is_foreign(key, answer))
        outcome =
            ts_error_make(TS_REJECTED, "google: this address may not be looked up; is it of a "
                                       "domain of this account?");
    release(r);
    cb(&outcome, outcome.cls == TS_OK ? &user : NULL, cb_arg);
}

static struct ts_op *start(struct ts_directory *directory, const struct ts_connection *connection,
                           const char *key, const char *query, ts_directory_user_cb *cb, void *arg)
{
    struct reading *r = ts_alloc(sizeof(*r));
    TS_AUTOFREE char *path = ts_google_user_path(key, query);
    struct ts_google_request request = {
        .name = "users.get",
        .verb = "GET",
        .path = path ? path : "",
        .refusal = path ? NULL : "this can be neither a user's id nor an address",
    };

    ts_google_task_open(&r->task, directory, connection, cancel);
    r->key = ts_strdup(key);
    r->team_from = ts_strdup(connection->team_from);
    r->cb = cb;
    r->arg = arg;
    ts_google_task_call(&r->task, &request, on_user);
    return &r->task.op;
}

struct ts_op *ts_google_get_user(struct ts_directory *directory,
                                 const struct ts_connection *connection, const char *key,
                                 ts_directory_user_cb *cb, void *arg)
{
    TS_AUTOFREE char *query = ts_google_user_query(connection);

    return start(directory, connection, key, query, cb, arg);
}

struct ts_op *ts_google_get_profile(struct ts_directory *directory,
                                    const struct ts_connection *connection, const char *id,
                                    ts_directory_user_cb *cb, void *arg)
{
    TS_AUTOFREE char *query = ts_google_profile_query(connection->may_suspend);

    return start(directory, connection, is_address(id) ? "" : id, query, cb, arg);
}
