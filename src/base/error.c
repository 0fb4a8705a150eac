/* SPDX-License-Identifier: MIT */
/* Making and naming errors. */
#include "teamsync/error.h"

#include <stdarg.h>
#include <stdio.h>

const struct ts_error ts_no_error = {.cls = TS_OK};

struct ts_error ts_error_make(enum ts_class cls, const char *format, ...)
{
    struct ts_error err = {.cls = cls};
    va_list args;

    va_start(args, format);
    (void)vsnprintf(err.text, sizeof(err.text), format, args);
    va_end(args);
    return err;
}

const char *ts_class_name(enum ts_class cls)
{
    static const char *const names[] = {
        [TS_OK] = "ok",     [TS_NOT_FOUND] = "not_found", [TS_RETRY] = "retry",
        [TS_AUTH] = "auth", [TS_REJECTED] = "rejected",   [TS_INTERNAL] = "internal",
    };

    return names[cls];
}
