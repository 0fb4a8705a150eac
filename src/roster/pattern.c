/* SPDX-License-Identifier: MIT */
/* A text as a Lua pattern that finds it in whatever case. Lua knows bytes, and no letters beyond
 * ASCII: where the two cases of a letter differ in a byte, either byte may stand there. */
#include "roster/roster_internal.h"

#include "teamsync/buf.h"

#include <ctype.h>
#include <limits.h>
#include <locale.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

static locale_t unicode(void)
{
    static locale_t locale;

    if (!locale)
        locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return locale;
}

static size_t encode(char ret[MB_LEN_MAX], wint_t letter)
{
    mbstate_t state = {0};

    return wcrtomb(ret, (wchar_t)letter, &state);
}

static void add_byte(struct ts_buf *pattern, char a, char b)
{
    if (a != b)
        (void)ts_buf_addf(pattern, "[%c%c]", a, b);
    else
        (void)ts_buf_addf(pattern, ispunct((unsigned char)a) ? "%%%c" : "%c", a);
}

/* The letter at `text`; returns its bytes. */
static size_t add_letter(struct ts_buf *pattern, const char *text)
{
    mbstate_t state = {0};
    wchar_t letter = 0;
    size_t bytes = mbrtowc(&letter, text, strlen(text), &state);
    char lower[MB_LEN_MAX];
    char upper[MB_LEN_MAX];
    bool has_cases = bytes <= MB_LEN_MAX && encode(lower, towlower((wint_t)letter)) == bytes &&
                     encode(upper, towupper((wint_t)letter)) == bytes;

    const char *one = has_cases ? lower : text;
    const char *other = has_cases ? upper : text;

    if (bytes > MB_LEN_MAX)
        bytes = 1;
    for (size_t i = 0; i < bytes; i++)
        add_byte(pattern, one[i], other[i]);
    return bytes;
}

char *ts_roster_pattern(const char *text)
{
    locale_t before = uselocale(unicode());
    struct ts_buf pattern;

    ts_buf_init(&pattern, SIZE_MAX / 2);
    while (*text)
        text += add_letter(&pattern, text);
    (void)uselocale(before);
    return pattern.data;
}
