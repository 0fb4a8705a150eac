/* SPDX-License-Identifier: MIT */
/* The query of a URL; pure. */
#ifndef IO_HTTP_QUERY_H
#define IO_HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>

enum { TS_QUERY_PAIRS_MAX = 16 };

struct ts_query {
    size_t count;
    struct ts_query_pair {
        char *name;
        char *value; /* "" for a name alone */
    } pairs[TS_QUERY_PAIRS_MAX];
};

/* "a=b&c=d", as forms write it; NULL is empty. False, and `ret_query` empty, when it does not
 * decode (a lone %, %00, not UTF-8) or has too many pairs. */
bool ts_query_parse(const char *text, struct ts_query *ret_query);
const char *ts_query_value(const struct ts_query *query, const char *name); /* the first; NULL */
void ts_query_done(struct ts_query *query);

#endif
