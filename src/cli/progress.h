/* SPDX-License-Identifier: MIT */
/* How far something is, on one line of a terminal that is drawn again and again. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/screen.h"

#include <stdint.h>

struct ts_progress {
    uint64_t done;
    uint64_t total;     /* 0: not known */
    const char *what;   /* "users" */
    const char *beside; /* what is said besides; NULL: nothing */
};

/* "[#####     ]  50 %  1500 of 3000 users, 12 changed", of so many columns at most. Newly
 * allocated; pure. */
char *ts_progress_line(const struct ts_progress *progress, size_t columns);
/* Draws it where the screen is a terminal, and wipes it away. */
void ts_progress_draw(const struct ts_screen *screen, const struct ts_progress *progress);
void ts_progress_wipe(const struct ts_screen *screen);

#endif
