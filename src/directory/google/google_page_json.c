/* SPDX-License-Identifier: MIT */
/* A page of the listing (GOOGLE.md §D.4). */
#include "directory/google/google_page_json.h"

#include "directory/google/google_user_json.h"
#include "directory/google/refusal.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

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

static void read_users(struct json_object *array, const char *team_from,
                       struct ts_directory_page *page)
{
    size_t count = array ? json_object_array_length(array) : 0;
    struct ts_directory_user *users = ts_alloc((count + 1) * sizeof(*users));
    const char **unread = ts_alloc((count + 1) * sizeof(*unread));

    page->users = users;
    page->unread = unread;
    for (size_t i = 0; i < count; i++) {
        struct json_object *json = json_object_array_get_idx(array, i);

        if (ts_google_user_read(json, team_from, &users[page->count]).cls == TS_OK)
            page->count++;
        else
            unread[page->unread_count++] = ts_json_text(json, "id"); /* NULL: not even that */
    }
}

/* A 400 for a page that follows is about its token, whatever else it may say (GOOGLE.md §K.8). */
struct ts_error ts_google_page_judge(const struct ts_error *err, const char *page_token)
{
    if (err->cls == TS_NOT_FOUND)
        return ts_google_refusal_error(TS_GOOGLE_SUBJECT_NOT_FOUND, "users.list:", NULL);
    if (page_token && ts_text_starts_with(err->text, "google: 400"))
        return ts_error_make(TS_REJECTED, "google: this cursor is not valid any more; begin anew");
    return *err;
}

struct ts_error ts_google_page_read(struct json_object *json, const char *team_from,
                                    const char *page_token, struct ts_directory_page *ret_page)
{
    struct ts_error err = check(json, page_token);
    struct json_object *users = ts_json_array(json, "users");

    if (err.cls != TS_OK)
        return err;
    *ret_page = (struct ts_directory_page){
        .has_users = users,
        .next_token = ts_json_text(json, "nextPageToken"),
    };
    read_users(users, team_from, ret_page);
    return ts_no_error;
}

void ts_google_page_done(struct ts_directory_page *page)
{
    struct ts_directory_user *users = (void *)(uintptr_t)page->users;

    for (size_t i = 0; i < page->count; i++)
        ts_google_user_done(&users[i]);
    free(users);
    free((void *)(uintptr_t)page->unread);
    *page = (struct ts_directory_page){0};
}
