/* SPDX-License-Identifier: MIT */
/* One answer, shown and released. */
#include "cli/show.h"

#include <stdarg.h>

int ts_show_card(struct ts_cli *cli, const struct ts_column *card, struct json_object *answer)
{
    TS_AUTOJSON struct json_object *shown = answer;

    if (!shown)
        return TS_EXIT_FAILED;
    if (cli->is_json)
        ts_say_json(&cli->out, shown);
    else
        ts_card_show(&cli->out, card, shown);
    return TS_EXIT_DONE;
}

int ts_show_done(struct ts_cli *cli, const struct ts_column *card, struct json_object *answer,
                 const char *format, ...)
{
    TS_AUTOFREE char *line = NULL;
    va_list args;

    va_start(args, format);
    line = ts_vformat(format, args);
    va_end(args);
    if (answer)
        ts_done(cli, "%s", line);
    return ts_show_card(cli, card, answer);
}

int ts_show_line(struct ts_cli *cli, struct json_object *answer, const char *format, ...)
{
    TS_AUTOJSON struct json_object *shown = answer;
    TS_AUTOFREE char *line = NULL;
    va_list args;

    if (!shown)
        return TS_EXIT_FAILED;
    va_start(args, format);
    line = ts_vformat(format, args);
    va_end(args);
    if (cli->is_json)
        ts_say_json(&cli->out, shown);
    else
        ts_say(&cli->out, TS_PLAIN, "%s\n", line);
    return TS_EXIT_DONE;
}
