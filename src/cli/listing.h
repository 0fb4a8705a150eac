/* SPDX-License-Identifier: MIT */
/* A command that shows a list of the API, page by page, in constant memory: as a table, or as one
 * JSON document; up to --limit, or --all. */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include "cli/ask.h"
#include "cli/table.h"

struct ts_listing {
    const char *path;
    const struct ts_column *columns;
    const char *nothing; /* what is said when the list is empty: "no members" */
    bool is_sparse;      /* a page may hold much less than asked for: large ones are asked for */
};

int ts_list(struct ts_cli *cli, const struct ts_listing *listing); /* the exit code */

#endif
