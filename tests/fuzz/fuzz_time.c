/* SPDX-License-Identifier: MIT */
/* Any text as a time of a filter: what is taken for one is written down as the same millisecond. */
#include "fuzz/fuzz.h"

#include "teamsync/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *text = ts_memdup_text((const char *)data, size);
    char written[TS_TIME_TEXT];
    uint64_t us = 0;
    uint64_t again = 0;

    if (!ts_time_parse(text, &us)) {
        MUST(us == 0);
    } else if (us > 0) {
        MUST(ts_time_parse(ts_time_text(us, written), &again));
        MUST(again == us - us % 1000);
    }
    return 0;
}
