/* SPDX-License-Identifier: MIT */
/* Any bytes as the answer to users.list: every user of it is on the page, read or not, or it is no
 * page. */
#include "directory/google/google_page_json.h"
#include "fuzz/fuzz.h"

#include "teamsync/json.h"

static void check_page(const struct ts_directory_page *page, struct json_object *json)
{
    struct json_object *users = ts_json_array(json, "users");
    size_t count = users ? json_object_array_length(users) : 0;

    MUST(page->has_users == (users != NULL) && page->count + page->unread_count == count);
    for (size_t i = 0; i < page->count; i++) {
        const struct ts_directory_user *user = &page->users[i];

        MUST(user->id && *user->id && !strpbrk(user->id, " @\n"));
        MUST(user->is_deleted ? !user->primary_email : ts_text_is_email(user->primary_email));
    }
    MUST(!page->next_token || (*page->next_token && strcmp(page->next_token, "page-1") != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOJSON struct json_object *json = ts_json_parse((const char *)data, size, NULL);
    struct ts_directory_page page = {0};
    struct ts_error err = ts_google_page_read(json, "department", "page-1", &page);

    MUST(err.cls == TS_OK || err.cls == TS_RETRY);
    if (err.cls == TS_OK)
        check_page(&page, json);
    ts_google_page_done(&page);
    return 0;
}
