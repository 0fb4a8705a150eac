/* SPDX-License-Identifier: MIT */
/* Matching of paths to routes; pure. */
#ifndef IO_ROUTER_H
#define IO_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

enum { TS_ROUTE_PARAMS_MAX = 4 };

/* What the {names} of a pattern stand for in one path; values are percent-decoded and owned. */
struct ts_route_params {
    size_t count;
    struct ts_route_param {
        char *name;
        char *value;
    } params[TS_ROUTE_PARAMS_MAX];
};

/* Whether `path` fits `pattern`; fills `params` (zeroed before) only then. A segment that does not
 * decode (a lone %, %00, not UTF-8) fits nothing. */
bool ts_route_match(const char *pattern, const char *path, struct ts_route_params *params);
void ts_route_params_done(struct ts_route_params *params);

/* Percent-decoded, newly allocated; with `plus_is_blank` as forms have it. NULL when it cannot be.
 */
char *ts_percent_decode(const char *text, size_t length, bool plus_is_blank);

#endif
