/* SPDX-License-Identifier: MIT */
/* Building paths: whatever stands in a text, it stays one segment or one value. */
#include "cli/path.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

static void add_escaped(struct ts_buf *path, const char *text)
{
    TS_AUTOFREE char *escaped = ts_url_escape(text);

    (void)ts_buf_add_text(path, escaped);
}

char *ts_path(const char *pattern, ...)
{
    struct ts_buf path;
    va_list texts;

    ts_buf_init(&path, SIZE_MAX / 2);
    va_start(texts, pattern);
    for (; *pattern; pattern++) {
        if (*pattern == '%')
            add_escaped(&path, va_arg(texts, const char *));
        else
            (void)ts_buf_add(&path, pattern, 1);
    }
    va_end(texts);
    return path.data;
}

void ts_path_add_query(char **path, const char *name, const char *value)
{
    struct ts_buf longer;

    if (!value)
        return;
    ts_buf_init(&longer, SIZE_MAX / 2);
    (void)ts_buf_addf(&longer, "%s%c%s=", *path, strchr(*path, '?') ? '&' : '?', name);
    add_escaped(&longer, value);
    free(*path);
    *path = longer.data;
}
