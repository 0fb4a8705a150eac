/* SPDX-License-Identifier: MIT */
/* Any text as the query of a URL: refused, or pairs that are the same when written and read again.
 */
#include "fuzz/fuzz.h"
#include "io/http_query.h"

#include "teamsync/buf.h"
#include "teamsync/http.h"

static void write_query(const struct ts_query *query, struct ts_buf *out)
{
    for (size_t i = 0; i < query->count; i++) {
        TS_AUTOFREE char *name = ts_url_escape(query->pairs[i].name);
        TS_AUTOFREE char *value = ts_url_escape(query->pairs[i].value);

        (void)ts_buf_addf(out, "%s%s=%s", i ? "&" : "", name, value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *text = ts_memdup_text((const char *)data, size);
    struct ts_query query;
    struct ts_query again;
    struct ts_buf written;

    if (!ts_query_parse(text, &query)) {
        MUST(query.count == 0);
        return 0;
    }
    ts_buf_init(&written, 8 * size);
    write_query(&query, &written);
    MUST(ts_query_parse(written.data, &again) && again.count == query.count);
    for (size_t i = 0; i < query.count; i++) {
        MUST(strcmp(query.pairs[i].name, again.pairs[i].name) == 0);
        MUST(strcmp(query.pairs[i].value, again.pairs[i].value) == 0);
        MUST(ts_text_is_utf8(query.pairs[i].value, strlen(query.pairs[i].value)));
        MUST(ts_query_value(&query, query.pairs[i].name));
    }
    ts_buf_done(&written);
    ts_query_done(&again);
    ts_query_done(&query);
    return 0;
}
