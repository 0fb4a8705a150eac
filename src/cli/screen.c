/* SPDX-License-Identifier: MIT */
/* Writing to a terminal, or to what is none. */
#include "cli/screen.h"

#include "cli/visible.h"

#include "teamsync/json.h"
#include "teamsync/text.h"

#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *const codes[] = {
    [TS_PLAIN] = "",       [TS_BOLD] = "\033[1m",   [TS_DIM] = "\033[2m",
    [TS_RED] = "\033[31m", [TS_GREEN] = "\033[32m", [TS_YELLOW] = "\033[33m",
};

void ts_screen_init(struct ts_screen *screen, FILE *file, bool no_colour)
{
    const char *terminal = getenv("TERM");
    struct winsize size = {0};

    *screen = (struct ts_screen){.file = file, .is_terminal = isatty(fileno(file)) == 1};
    if (!screen->is_terminal)
        return;
    screen->can_draw = terminal && *terminal && strcmp(terminal, "dumb") != 0;
    screen->has_colour = screen->can_draw && !no_colour && ts_text_is_empty(getenv("NO_COLOR"));
    if (ioctl(fileno(file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        screen->width = size.ws_col;
    else
        screen->width = 80;
}

/* The text escaped, but for the line's end; the colour ends before that. */
static void write_text(FILE *file, const char *text, const char *before, const char *after)
{
    size_t length = strlen(text);
    bool ends_line = length > 0 && text[length - 1] == '\n';
    TS_AUTOFREE char *line = ts_memdup_text(text, length - (ends_line ? 1 : 0));
    TS_AUTOFREE char *visible = ts_visible(line);

    (void)fprintf(file, "%s%s%s%s", before, visible, after, ends_line ? "\n" : "");
}

static void write_painted(const struct ts_screen *screen, enum ts_colour colour, const char *text)
{
    bool is_painted = screen->has_colour && colour != TS_PLAIN;

    write_text(screen->file, text, is_painted ? codes[colour] : "", is_painted ? "\033[0m" : "");
}

void ts_say(const struct ts_screen *screen, enum ts_colour colour, const char *format, ...)
{
    TS_AUTOFREE char *text = NULL;
    va_list args;

    va_start(args, format);
    text = ts_vformat(format, args);
    va_end(args);
    write_painted(screen, colour, text);
}

/* How much of the text goes into so many columns: whole words, and at least one. */
static size_t words_that_fit(const char *text, size_t columns)
{
    size_t fits = ts_width_fits(text, columns);
    size_t end = fits;

    if (text[fits] == '\0')
        return fits;
    while (end > 0 && text[end] != ' ')
        end--;
    return end > 0 ? end : fits + strcspn(text + fits, " ");
}

void ts_say_folded(const struct ts_screen *screen, enum ts_colour colour, size_t column,
                   size_t indent, const char *text)
{
    TS_AUTOFREE char *visible = ts_visible(text);
    const char *at = visible;

    while (screen->width > column && ts_width(at) > screen->width - column) {
        size_t length = words_that_fit(at, screen->width - column);
        TS_AUTOFREE char *line = ts_memdup_text(at, length);

        ts_say(screen, colour, "%s", line);
        at += length;
        at += strspn(at, " ");
        if (!*at)
            break;
        (void)fprintf(screen->file, "\n%*s", (int)indent, "");
        column = indent;
    }
    ts_say(screen, colour, "%s\n", at);
}

void ts_say_json(const struct ts_screen *screen, struct json_object *json)
{
    TS_AUTOFREE char *text = ts_json_print(json);

    ts_say(screen, TS_PLAIN, "%s\n", text);
}

__attribute__((format(printf, 2, 0))) static void complain(const char *head, const char *format,
                                                           va_list args)
{
    struct ts_screen screen;
    TS_AUTOFREE char *text = ts_vformat(format, args);

    (void)fflush(stdout);
    ts_screen_init(&screen, stderr, true);
    (void)fputs(head, stderr);
    ts_say_folded(&screen, TS_PLAIN, strlen(head), strlen("  "), text);
}

void ts_complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain("teamsync: ", format, args);
    va_end(args);
}

void ts_advise(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain("  ", format, args);
    va_end(args);
}

enum ts_colour ts_colour_of(const char *word)
{
    static const char *const red[] = {"failing", "failed", "conflict", "error", "lost"};
    static const char *const yellow[] = {"held", "pending", "suspended", "running", "disconnected"};

    for (size_t i = 0; i < TS_COUNT_OF(red); i++) {
        if (ts_text_equal(word, red[i]))
            return TS_RED;
    }
    for (size_t i = 0; i < TS_COUNT_OF(yellow); i++) {
        if (ts_text_equal(word, yellow[i]))
            return TS_YELLOW;
    }
    return TS_PLAIN;
}
