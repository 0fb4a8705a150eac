/* SPDX-License-Identifier: MIT */
/* Any text on its way to a terminal: nothing in it steers that, it fits where it is cut to, and a
 * JSON document means the same. And any text as the daemon's metrics. */
#include "cli/metrics.h"
#include "cli/visible.h"
#include "fuzz/fuzz.h"

#include "teamsync/json.h"

static void check_visible(const char *text)
{
    TS_AUTOFREE char *visible = ts_visible(text);
    TS_AUTOFREE char *again = ts_visible(visible);
    size_t length = strlen(visible);

    MUST(ts_text_is_utf8(visible, length));
    MUST(strcmp(visible, again) == 0);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)visible[i];

        MUST(c >= 0x20 && c != 0x7f);
        MUST(c != 0xc2 || (unsigned char)visible[i + 1] >= 0xa0);
    }
    for (size_t columns = 0; columns < 20; columns++) {
        size_t bytes = ts_width_fits(visible, columns);
        TS_AUTOFREE char *cut = ts_memdup_text(visible, bytes);

        MUST(bytes <= length && ts_text_is_utf8(cut, bytes));
        MUST(ts_width(cut) <= columns);
    }
}

static void check_json(const char *text)
{
    TS_AUTOJSON struct json_object *json = ts_json_parse(text, strlen(text), NULL);
    TS_AUTOFREE char *printed = json ? ts_json_print(json) : NULL;
    TS_AUTOFREE char *visible = json ? ts_visible(printed) : NULL;
    TS_AUTOJSON struct json_object *again =
        json ? ts_json_parse(visible, strlen(visible), NULL) : NULL;
    TS_AUTOFREE char *printed_again = again ? ts_json_print(again) : NULL;

    MUST(!json || (again && strcmp(printed, printed_again) == 0));
}

static void check_metrics(const char *text)
{
    const char *at = text;
    struct ts_sample sample;

    while (ts_sample_next(&at, &sample))
        MUST(*sample.name && at > text);
    MUST(*at == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *text = ts_memdup_text((const char *)data, size);

    ts_visible_begin();
    check_visible(text);
    check_json(text);
    check_metrics(text);
    return 0;
}
