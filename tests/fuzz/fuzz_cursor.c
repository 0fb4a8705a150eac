/* SPDX-License-Identifier: MIT */
/* Any two lines as limit and cursor of a list: what goes to Redis, or to the directory, is of the
 * form that was given out. */
#include "api/page.h"
#include "fuzz/fuzz.h"

static bool is_of_form(const char *cursor, enum ts_cursor kind)
{
    static const char digits[] = "0123456789";
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const size_t org_letters = 37;
    size_t first = strspn(cursor, digits);
    size_t second = cursor[first] ? strspn(cursor + first + 1, digits) : 0;

    if (kind == TS_CURSOR_ORG)
        return strspn(cursor, letters) == strlen(cursor) && !strpbrk(cursor, letters + org_letters);
    if (kind == TS_CURSOR_ID || kind == TS_CURSOR_PLACE || kind == TS_CURSOR_MEMBER)
        return strspn(cursor, letters) == strlen(cursor);
    if (kind == TS_CURSOR_NUMBER)
        return first == strlen(cursor);
    if (kind == TS_CURSOR_TOKEN) /* nothing that ends a parameter, or a line */
        return ts_text_is_printable(cursor) && !strpbrk(cursor, "&#%? \"'\\");
    return kind == TS_CURSOR_ENTRY && first && second && cursor[first] == '-' &&
           first + 1 + second == strlen(cursor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *text = ts_memdup_text((const char *)data, size);
    char *cursor = text;
    const char *limit = strsep(&cursor, "\n");

    for (enum ts_cursor kind = TS_CURSOR_NONE; kind <= TS_CURSOR_TOKEN; kind++) {
        size_t count = 0;
        const char *from = NULL;

        if (ts_page_read(*limit ? limit : NULL, cursor, kind, &count, &from)) {
            MUST(count >= 1 && count <= 500);
            MUST(!*limit || strtoul(limit, NULL, 10) == count);
            MUST(ts_text_equal(from, cursor) && (!from || (*from && is_of_form(from, kind))));
        }
    }
    return 0;
}
