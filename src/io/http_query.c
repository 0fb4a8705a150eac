/* SPDX-License-Identifier: MIT */
/* ?name=value&… as application/x-www-form-urlencoded. */
#include "io/http_query.h"

#include "io/router.h"

#include "teamsync/mem.h"

#include <string.h>

static bool take_pair(const char *text, size_t length, struct ts_query *query)
{
    const char *equals = memchr(text, '=', length);
    size_t name_length = equals ? (size_t)(equals - text) : length;
    struct ts_query_pair *pair = &query->pairs[query->count];

    if (query->count == TS_QUERY_PAIRS_MAX)
        return false;
    query->count++;
    pair->name = ts_percent_decode(text, name_length, true);
    pair->value =
        equals ? ts_percent_decode(equals + 1, length - name_length - 1, true) : ts_strdup("");
    return pair->name && pair->value;
}

bool ts_query_parse(const char *text, struct ts_query *ret_query)
{
    *ret_query = (struct ts_query){0};
    while (text && *text) {
        size_t length = strcspn(text, "&");

        if (length > 0 && !take_pair(text, length, ret_query)) {
            ts_query_done(ret_query);
            return false;
        }
        text += length + (text[length] == '&' ? 1 : 0);
    }
    return true;
}

const char *ts_query_value(const struct ts_query *query, const char *name)
{
    for (size_t i = 0; i < query->count; i++) {
        if (strcmp(query->pairs[i].name, name) == 0)
            return query->pairs[i].value;
    }
    return NULL;
}

void ts_query_done(struct ts_query *query)
{
    for (size_t i = 0; i < query->count; i++) {
        free(query->pairs[i].name);
        free(query->pairs[i].value);
    }
    *query = (struct ts_query){0};
}
