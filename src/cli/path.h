/* SPDX-License-Identifier: MIT */
/* Paths of the API; pure. */
#ifndef CLI_PATH_H
#define CLI_PATH_H

/* "/api/v1/orgs/%/members/%" with each % replaced by the next text, percent-encoded. Newly
 * allocated. */
char *ts_path(const char *pattern, ...);
/* Appends ?name=value, or &name=value, to `*path`; nothing for a NULL value. */
void ts_path_add_query(char **path, const char *name, const char *value);

#endif
