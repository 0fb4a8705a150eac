/* SPDX-License-Identifier: MIT */
/* What was done, and what usually follows. */
#include "cli/cli.h"

#include <stdarg.h>

void ts_done(const struct ts_cli *cli, const char *format, ...)
{
    TS_AUTOFREE char *text = NULL;
    va_list args;

    va_start(args, format);
    text = ts_vformat(format, args);
    va_end(args);
    if (!cli->is_json)
        ts_say_folded(&cli->out, TS_PLAIN, 0, 0, text);
}

void ts_next(const struct ts_cli *cli, const char *format, ...)
{
    TS_AUTOFREE char *text = NULL;
    va_list args;

    va_start(args, format);
    text = ts_vformat(format, args);
    va_end(args);
    if (cli->is_json || !cli->err.is_terminal)
        return;
    (void)fflush(cli->out.file);
    ts_say(&cli->err, TS_DIM, "next: %s\n", text);
}
