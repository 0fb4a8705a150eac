/* SPDX-License-Identifier: MIT */
/* A question, and whether its answer is yes. */
#include "cli/prompt.h"

#include "cli/options.h"

#include "teamsync/text.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

bool ts_can_ask(const struct ts_cli *cli)
{
    return cli->err.is_terminal && isatty(STDIN_FILENO) == 1;
}

static bool read_yes(void)
{
    char line[16] = "";

    if (!fgets(line, sizeof(line), stdin)) {
        (void)fputc('\n', stderr); /* for the one that was not typed */
        return false;
    }
    line[strcspn(line, "\n")] = '\0';
    return ts_text_equal_nocase(line, "y") || ts_text_equal_nocase(line, "yes");
}

int ts_may_confirm(const struct ts_cli *cli)
{
    if (ts_option(cli, "yes") || ts_can_ask(cli))
        return -1;
    return ts_misused(cli, "there is no terminal to ask on: --yes says that it shall be done");
}

int ts_confirm(struct ts_cli *cli, const char *format, ...)
{
    TS_AUTOFREE char *question = NULL;
    int denied = ts_may_confirm(cli);
    va_list args;

    if (denied >= 0 || ts_option(cli, "yes"))
        return denied;
    va_start(args, format);
    question = ts_vformat(format, args);
    va_end(args);
    (void)fflush(stdout);
    ts_say(&cli->err, TS_BOLD, "%s [y/N] ", question);
    (void)fflush(stderr);
    if (read_yes())
        return -1;
    ts_complain("nothing was done");
    return TS_EXIT_FAILED;
}
