/* SPDX-License-Identifier: MIT */
/* Which daemon is talked with, and with which token. */
#ifndef CLI_ENDPOINT_H
#define CLI_ENDPOINT_H

#include "cli/cli.h"

/* NULL: said why not. */
struct ts_client *ts_endpoint_open(const struct ts_cli *cli);

#endif
