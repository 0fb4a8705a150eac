/* SPDX-License-Identifier: MIT */
/* Server-sent events as text (WHATWG HTML, "Server-sent events"). Pure. */
#ifndef API_EVENT_TEXT_H
#define API_EVENT_TEXT_H

#include "teamsync/buf.h"

/* One event. `id` is where the client goes on when it comes back; NULL: it stays as it was. */
void ts_event_add(struct ts_buf *out, const char *name, const char *id, const char *data);

/* How long a client waits before it comes back. */
#define TS_EVENT_RETRY "retry: 2000\n\n"
/* Says nothing, but that the connection lives. */
#define TS_EVENT_BEAT ":\n\n"

#endif
