/* SPDX-License-Identifier: MIT */
/* What a sync does, in sentences for whoever manages the team. Pure. The texts are newly allocated.
 */
#ifndef FLOW_EXPLAIN_H
#define FLOW_EXPLAIN_H

#include "flow/person.h"

#include <stdbool.h>

char *ts_explain_connection(const struct ts_connection *connection);
/* What the directory says about the account; `id` is what it was asked for. */
char *ts_explain_read(const struct ts_person_look *look, const struct ts_connection *connection,
                      const char *id);
/* Whose account that is. `*ret_ok` is false when it is not, or not for certain, this member's. */
char *ts_explain_match(const struct ts_person_look *look, const char *member_id, bool *ret_ok);
/* What follows from it. `*ret_ok` is false when nothing can be decided. */
char *ts_explain_plan(const struct ts_plan *plan, bool *ret_ok);
/* What became of it. `*ret_ok` is false when it did not happen, or waits. */
char *ts_explain_end(const struct ts_person_result *result, bool *ret_ok);

#endif
