/* SPDX-License-Identifier: MIT */
/* An event: lines of "field: value", and an empty one. */
#include "api/event_text.h"

#include <string.h>

/* A value has one line; of data there may be several. */
static void add_data(struct ts_buf *out, const char *data)
{
    for (;;) {
        size_t length = strcspn(data, "\r\n");

        (void)ts_buf_add_text(out, "data: ");
        (void)ts_buf_add(out, data, length);
        (void)ts_buf_add_text(out, "\n");
        data += length;
        if (*data == '\0')
            return;
        data += data[0] == '\r' && data[1] == '\n' ? 2 : 1;
    }
}

void ts_event_add(struct ts_buf *out, const char *name, const char *id, const char *data)
{
    (void)ts_buf_addf(out, "event: %s\n", name);
    if (id)
        (void)ts_buf_addf(out, "id: %s\n", id);
    add_data(out, data);
    (void)ts_buf_add_text(out, "\n");
}
