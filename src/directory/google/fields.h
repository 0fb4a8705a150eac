/* SPDX-License-Identifier: MIT */
/* What is asked of Google about a user: exactly what the rules need (rule 2.14). Pure. */
#ifndef DIRECTORY_GOOGLE_FIELDS_H
#define DIRECTORY_GOOGLE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

/* "custom:<schema>.<field>": true, with a newly allocated schema and the field (in `team_from`). */
bool ts_google_custom_field(const char *team_from, char **ret_schema, const char **ret_field);

struct ts_connection;

/* The query of users.get without the "?", newly allocated. A connection that no admin made sees the
 * public profiles only; only where newcomers are invited it is asked when accounts were made. */
char *ts_google_user_query(const struct ts_connection *connection);
/* The same for a page of users.list; `page_token` is NULL for the first. */
char *ts_google_list_query(const struct ts_connection *connection, const char *page_token);

/* With names, and without what is synced: one user, and a page of those whom `clause` (as Google
 * wants it; NULL: none) finds. */
char *ts_google_profile_query(bool is_admin);
char *ts_google_search_query(bool is_admin, const char *clause, size_t limit,
                             const char *page_token);

#endif
