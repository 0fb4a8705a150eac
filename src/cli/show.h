/* SPDX-License-Identifier: MIT */
/* How most commands end: with what the API answered, as one JSON document or for people. Each takes
 * the answer and returns the exit code, that of a failure for NULL. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/cli.h"
#include "cli/table.h"

int ts_show_card(struct ts_cli *cli, const struct ts_column *card, struct json_object *answer);
/* After a line that says what was done. */
int ts_show_done(struct ts_cli *cli, const struct ts_column *card, struct json_object *answer,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
int ts_show_line(struct ts_cli *cli, struct json_object *answer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
