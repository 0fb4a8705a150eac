/* SPDX-License-Identifier: MIT */
/* Any two header lines and body as a notification: a user whom a job may name, or a reason. */
#include "directory/google/google_internal.h"
#include "fuzz/fuzz.h"
#include "webhook/notification.h"

#include "teamsync/job.h"
#include "teamsync/json.h"

static void check_user(const char *user, const char *body, size_t length)
{
    const struct ts_job_field fields[] = {
        {"type", "user", 4}, {"org", "acme", 4}, {"user", user, strlen(user)}};
    TS_AUTOJSON struct json_object *json = ts_json_parse(body, length, NULL);
    TS_AUTOFREE char *path = ts_google_user_path(user, "q");
    TS_AUTOFREE char *plain = ts_format(TS_GOOGLE_USERS "/%s?q", user);
    struct ts_job job = {0};

    MUST(strcmp(user, ts_json_text(json, "id")) == 0);
    MUST(!ts_job_parse(fields, TS_COUNT_OF(fields), &job) && strcmp(job.user, user) == 0);
    MUST(ts_text_equal(path, plain)); /* nothing in it needs escaping */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *text = ts_memdup_text((const char *)data, size);
    TS_AUTOFREE char *user = NULL;
    char *body = text;
    const char *channel_id = strsep(&body, "\n");
    const char *state = strsep(&body, "\n");
    size_t length = body ? (size_t)(text + size - body) : 0;
    const char *reason = ts_notification_read_user(body ? body : "", length, &user);

    (void)ts_notification_is_sync(state);
    if (ts_notification_names_channel(channel_id))
        MUST(*channel_id && strlen(channel_id) <= 64 && !strpbrk(channel_id, "\r\n\t\x1b\x7f"));
    MUST(!reason != !user);
    if (user)
        check_user(user, body, length);
    return 0;
}
