/* SPDX-License-Identifier: MIT */
/* Asking the person at the terminal. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "cli/cli.h"

bool ts_can_ask(const struct ts_cli *cli); /* stdin and stderr are a terminal */
/* -1: the person may be asked, or --yes was given; else the exit code, and it was said. For what
 * takes its time before it asks. */
int ts_may_confirm(const struct ts_cli *cli);
/* -1: yes (or --yes was given); else the exit code: it was denied, or there is nobody to ask. */
int ts_confirm(struct ts_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
