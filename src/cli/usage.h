/* SPDX-License-Identifier: MIT */
/* What --help says, made from the table of commands. */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include "cli/commands.h"

#include <stdio.h>

void ts_usage_show(FILE *file, const char *group); /* NULL: all commands */
void ts_help_show(FILE *file, const struct ts_command *command);

#endif
