/* SPDX-License-Identifier: MIT */
/* teamsync: the words → the command → the daemon → an exit code. */
#include "cli/endpoint.h"
#include "cli/options.h"
#include "cli/visible.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What was written has to arrive. Where a pipe's reader has left, nobody wants to hear of it. */
static int finish(int code)
{
    bool is_written = fflush(stdout) == 0 && !ferror(stdout);

    if (is_written)
        return code;
    if (errno != EPIPE)
        ts_complain("the output cannot be written: %s", strerror(errno));
    return TS_EXIT_FAILED;
}

int main(int argc, char **argv)
{
    struct ts_cli cli = {0};
    int code;

    ts_visible_begin();
    code = ts_options_read(&cli, argc, argv);
    if (code >= 0)
        return finish(code);
    ts_screen_init(&cli.out, stdout, ts_option(&cli, "no-color"));
    ts_screen_init(&cli.err, stderr, ts_option(&cli, "no-color"));
    cli.client = ts_endpoint_open(&cli);
    code = cli.client ? cli.command->run(&cli) : ts_misuse_code(&cli);
    ts_client_free(cli.client);
    return finish(code);
}
