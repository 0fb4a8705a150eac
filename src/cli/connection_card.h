/* SPDX-License-Identifier: MIT */
/* A connection as connect, enable and status show it. */
#ifndef CLI_CONNECTION_CARD_H
#define CLI_CONNECTION_CARD_H

#include "cli/cli.h"

/* Shows and releases it; the exit code, that of a failure for NULL. `done`: what happened to it, as
 * "connected"; NULL: it is only looked at. */
int ts_connection_show(struct ts_cli *cli, struct json_object *connection, const char *done);

#endif
