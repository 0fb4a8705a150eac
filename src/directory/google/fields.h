/* SPDX-License-Identifier: MIT */
/* What is asked of Google about a user: exactly what the rules need (rule 2.14). Pure. */
#ifndef DIRECTORY_GOOGLE_FIELDS_H
#define DIRECTORY_GOOGLE_FIELDS_H

#include <stdbool.h>

/* "custom:<schema>.<field>": true, with a newly allocated schema and the field (in `team_from`). */
bool ts_google_custom_field(const char *team_from, char **ret_schema, const char **ret_field);

/* The query of users.get without the "?", newly allocated. `team_from` may be NULL. A connection
 * that no admin made sees the public profiles only. */
char *ts_google_user_query(const char *team_from, bool is_admin);
/* The same for a page of users.list; `page_token` is NULL for the first. */
char *ts_google_list_query(const char *team_from, bool is_admin, const char *page_token);

#endif
