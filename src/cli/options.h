/* SPDX-License-Identifier: MIT */
/* Reading the command line by the table of commands. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

/* -1: go on; else the exit code, and everything has been said (--help, --version, a wrong word). */
int ts_options_read(struct ts_cli *cli, int argc, char **argv);
/* A command called wrongly: says so, and where to look. Returns TS_EXIT_USAGE. */
int ts_misused(const struct ts_cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

int ts_misuse_code(const struct ts_cli *cli); /* without a word */

#endif
