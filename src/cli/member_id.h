/* SPDX-License-Identifier: MIT */
/* Members as people name them. */
#ifndef CLI_MEMBER_ID_H
#define CLI_MEMBER_ID_H

#include "cli/cli.h"

/* The id of the member with that id or e-mail address, newly allocated; NULL: there is none, which
 * was said. */
char *ts_member_id(struct ts_cli *cli, const char *member);

#endif
