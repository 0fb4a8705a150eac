/* SPDX-License-Identifier: MIT */
/* Web pages that are part of the program: files of a folder `page`, embedded by the build. They are
 * the same for everybody, and hold nothing that is anybody's: what is, comes over the API. */
#ifndef TEAMSYNC_UI_H
#define TEAMSYNC_UI_H

#include "teamsync/http_server.h"

#include <stddef.h>

struct ts_asset {
    const char *path; /* "index.html" is answered at /, "core/dom.js" at /ui/core/dom.js */
    const char *etag; /* quoted; another one for other bytes */
    const char *bytes;
    size_t length;
};

/* The page of people who manage a team, and of those who run the service. */
extern struct ts_asset ts_page_ui[];
extern const size_t ts_page_ui_count;

/* Serves them, under a policy that lets no other script or style in. `assets` stay where they are.
 */
void ts_ui_add_routes(struct ts_http_server *server, struct ts_asset *assets, size_t count);

#endif
