/* SPDX-License-Identifier: MIT */
/* The ids of jobs that were given out and not let go of yet. */
#ifndef QUEUE_IN_HAND_H
#define QUEUE_IN_HAND_H

#include <stdbool.h>

struct ts_in_hand; /* NULL: none */

void ts_in_hand_add(struct ts_in_hand **set, const char *id);
bool ts_in_hand_has(struct ts_in_hand *set, const char *id);
void ts_in_hand_remove(struct ts_in_hand **set, const char *id);
void ts_in_hand_clear(struct ts_in_hand **set);

#endif
