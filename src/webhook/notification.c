/* SPDX-License-Identifier: MIT */
/* Reading a notification. Of the body only the id is believed, and of the id only that it looks
 * like one. */
#include "webhook/notification.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum { CHANNEL_ID_MAX = 64 };

bool ts_notification_names_channel(const char *channel_id)
{
    return !ts_text_is_empty(channel_id) && strlen(channel_id) <= CHANNEL_ID_MAX &&
           ts_text_is_printable(channel_id);
}

bool ts_notification_is_sync(const char *resource_state)
{
    return ts_text_equal_nocase(resource_state, "sync");
}

const char *ts_notification_read_user(const char *body, size_t length, char **ret_user)
{
    TS_AUTOJSON struct json_object *json = ts_json_parse(body, length, NULL);
    const char *id = ts_json_text(json, "id");

    if (!json)
        return "the body is not JSON";
    if (!ts_text_is_id(id))
        return "the body has no id of a user";
    *ret_user = ts_strdup(id);
    return NULL;
}
