/* SPDX-License-Identifier: MIT */
/* The list of commands, and the page of one. */
#include "cli/usage.h"

#include "cli/visible.h"

#include "teamsync/text.h"

#include <string.h>

enum { COMMAND_WIDTH = 30, OPTION_WIDTH = 24 };

/* Names of several bytes a letter ("…") do not break the columns. */
static void put_pair(FILE *file, const char *left, const char *right, size_t width)
{
    size_t used = ts_width(left);

    (void)fprintf(file, "  %s%*s", left, used < width ? (int)(width - used) : 0, "");
    if (used >= width)
        (void)fprintf(file, "\n  %*s", (int)width, "");
    (void)fprintf(file, "%s\n", right);
}

static void put_options(FILE *file, const struct ts_option *options)
{
    for (; options && options->name; options++) {
        char letter[] = {'-', options->letter, ',', ' ', '\0'};
        TS_AUTOFREE char *name =
            ts_format("%s--%s%s%s", options->letter ? letter : "", options->name,
                      options->value ? " " : "", options->value ? options->value : "");

        put_pair(file, name, options->help, OPTION_WIDTH);
    }
}

void ts_usage_show(FILE *file, const char *group)
{
    size_t length = group ? strlen(group) : 0;

    (void)fprintf(file, "usage: teamsync [OPTION…] %s\n", group ? group : "COMMAND …");
    if (!group)
        (void)fputs("Operates teamsyncd, which keeps a business's team in step with its Google "
                    "Workspace directory.\n",
                    file);
    (void)fputs("\ncommands:\n", file);
    for (size_t i = 0; i < ts_command_count; i++) {
        const struct ts_command *command = &ts_commands[i];
        TS_AUTOFREE char *left = ts_format("%s %s", command->name, command->arguments);

        if (!group || (strncmp(command->name, group, length) == 0 && command->name[length] == ' '))
            put_pair(file, left, command->help, COMMAND_WIDTH);
    }
    (void)fputs("\noptions:\n", file);
    put_options(file, ts_global_options);
    if (!group)
        (void)fputs("\nThe exit code is 0 when it is done, 1 when it failed or was refused, 2 when "
                    "this was\ncalled wrongly. teamsync COMMAND --help says more.\n",
                    file);
}

void ts_help_show(FILE *file, const struct ts_command *command)
{
    bool has_options = command->options;

    (void)fprintf(file, "usage: teamsync %s%s%s%s\n%s\n", command->name,
                  has_options ? " [OPTION…]" : "", *command->arguments ? " " : "",
                  command->arguments, command->help);
    if (command->more)
        (void)fprintf(file, "\n%s", command->more);
    if (has_options) {
        (void)fputs("\noptions:\n", file);
        put_options(file, command->options);
    }
    (void)fputs("\noptions of every command:\n", file);
    put_options(file, ts_global_options);
}
