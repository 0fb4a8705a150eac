/* SPDX-License-Identifier: MIT */
/* Changes of a team as they come, until somebody ends it. */
#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include "cli/cli.h"
#include "cli/table.h"

/* The last ones first. Returns the exit code of what did not work. */
int ts_follow(struct ts_cli *cli, const struct ts_column *columns);

#endif
