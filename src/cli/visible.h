/* SPDX-License-Identifier: MIT */
/* Text of others on a terminal: what it looks like, and how wide it is there. Needs the locale that
 * ts_visible_begin() chooses. */
#ifndef CLI_VISIBLE_H
#define CLI_VISIBLE_H

#include <stddef.h>

void ts_visible_begin(void); /* once, in main(): texts are UTF-8, whatever the user's locale is */

/* Control characters, and what turns the direction of writing, become "\u001b". Newly allocated. In
 * a JSON document this changes no text, only how it is written. */
char *ts_visible(const char *text);
size_t ts_width(const char *text); /* columns of a text without control characters */
/* The bytes of `text` that fit into so many columns. */
size_t ts_width_fits(const char *text, size_t columns);

#endif
