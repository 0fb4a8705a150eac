/* SPDX-License-Identifier: MIT */
/* The `query` of users.list (§D.5): clauses separated by blanks, all of which have to hold. Pure.
 */
#ifndef SANDBOX_QUERY_H
#define SANDBOX_QUERY_H

#include "sandbox/people.h"

/* NULL is the query that everybody fits. */
bool query_is_valid(const char *query);
bool query_fits(const char *query, const struct person_state *state);

#endif
