/* SPDX-License-Identifier: MIT */
/* What a notification says: headers and body in, a sound id out. Pure. */
#ifndef WEBHOOK_NOTIFICATION_H
#define WEBHOOK_NOTIFICATION_H

#include <stdbool.h>
#include <stddef.h>

/* Whether X-Goog-Channel-ID can be the id of a channel; NULL when it was not sent. */
bool ts_notification_names_channel(const char *channel_id);

/* Whether X-Goog-Resource-State says that this is the channel's first message: it works; nobody
 * changed. */
bool ts_notification_is_sync(const char *resource_state);

/* Whom the body is about. NULL with `*ret_user`, newly allocated, or why it is about nobody, a
 * constant. */
const char *ts_notification_read_user(const char *body, size_t length, char **ret_user);

#endif
