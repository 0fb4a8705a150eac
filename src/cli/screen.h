/* SPDX-License-Identifier: MIT */
/* Where output goes: a terminal has a width and may have colours; a pipe has neither. And what goes
 * there: every text that is not ours goes through here, so that it cannot steer a terminal. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct json_object;

enum ts_colour { TS_PLAIN, TS_BOLD, TS_DIM, TS_RED, TS_GREEN, TS_YELLOW };

struct ts_screen {
    FILE *file;
    bool is_terminal;
    bool has_colour;
    bool can_draw; /* a line may be drawn anew */
    size_t width;  /* of a terminal; else 0 */
};

/* No colours where NO_COLOR is set, or TERM says that there are none. */
void ts_screen_init(struct ts_screen *screen, FILE *file, bool no_colour);

/* One line or a part of it, its control characters escaped (but for the line's end). */
void ts_say(const struct ts_screen *screen, enum ts_colour colour, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The rest of a line whose first `column` columns are written. Where it is longer than the terminal
 * is wide, it goes on below, indented. */
void ts_say_folded(const struct ts_screen *screen, enum ts_colour colour, size_t column,
                   size_t indent, const char *text);
void ts_say_json(const struct ts_screen *screen, struct json_object *json); /* a line */

/* What is the matter, on stderr: "teamsync: …"; and below it what to do about it. */
void ts_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ts_advise(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The colour that a word of the API stands for: "failing" is red, "held" yellow. */
enum ts_colour ts_colour_of(const char *word);

#endif
