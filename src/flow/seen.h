/* SPDX-License-Identifier: MIT */
/* Which ids a listing has shown: a set of 64-bit hashes, 12 to 24 bytes an id. Two ids with the
 * same hash are taken for one: then somebody who is absent is not noticed this time. */
#ifndef FLOW_SEEN_H
#define FLOW_SEEN_H

#include <stdbool.h>

struct ts_seen;

struct ts_seen *ts_seen_new(void);
void ts_seen_free(struct ts_seen *seen);                /* NULL is fine */
bool ts_seen_add(struct ts_seen *seen, const char *id); /* false: it was there */
bool ts_seen_has(const struct ts_seen *seen, const char *id);

#endif
