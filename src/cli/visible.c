/* SPDX-License-Identifier: MIT */
/* Escaping and measuring, character by character. */
#include "cli/visible.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <locale.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

void ts_visible_begin(void)
{
    (void)setlocale(LC_CTYPE, "C.UTF-8");
}

/* The next character, and its bytes; a byte that is none stands for itself. */
static wchar_t next_of(const char *text, size_t *ret_bytes)
{
    mbstate_t state = {0};
    wchar_t character = 0;
    size_t bytes = mbrtowc(&character, text, strlen(text), &state);

    if (bytes == (size_t)-1 || bytes == (size_t)-2 || !ts_text_is_utf8(text, bytes)) {
        *ret_bytes = 1;
        return (unsigned char)*text;
    }
    *ret_bytes = bytes;
    return character;
}

static bool is_between(wchar_t c, wchar_t first, wchar_t last)
{
    return c >= first && c <= last;
}

/* Controls; separators of lines; marks of direction (they can make a name read as another). The two
 * joiners, U+200C and U+200D, are none: Persian names and some emoji are written with them. */
static bool is_unsafe(wchar_t c, size_t bytes)
{
    return c < 0x20 || is_between(c, 0x7f, 0x9f) || (c >= 0x80 && bytes == 1) || c == 0x200b ||
           is_between(c, 0x200e, 0x200f) || is_between(c, 0x2028, 0x202e) ||
           is_between(c, 0x2060, 0x206f) || c == 0x061c || c == 0xfeff;
}

char *ts_visible(const char *text)
{
    struct ts_buf visible;
    size_t bytes;

    ts_buf_init(&visible, SIZE_MAX / 2);
    for (; *text; text += bytes) {
        wchar_t c = next_of(text, &bytes);

        if (is_unsafe(c, bytes))
            (void)ts_buf_addf(&visible, "\\u%04x", (unsigned)c);
        else
            (void)ts_buf_add(&visible, text, bytes);
    }
    return visible.data;
}

static size_t columns_of(wchar_t c)
{
    int columns = wcwidth(c);

    return columns < 0 ? 1 : (size_t)columns;
}

size_t ts_width_fits(const char *text, size_t columns)
{
    const char *at = text;
    size_t used = 0;
    size_t bytes;

    for (; *at; at += bytes) {
        used += columns_of(next_of(at, &bytes));
        if (used > columns)
            break;
    }
    return (size_t)(at - text);
}

size_t ts_width(const char *text)
{
    size_t width = 0;
    size_t bytes;

    for (; *text; text += bytes)
        width += columns_of(next_of(text, &bytes));
    return width;
}
