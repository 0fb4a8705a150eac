/* SPDX-License-Identifier: MIT */
/* Any text as a Redis URL: a place, or a reason and nothing left behind. */
#include "fuzz/fuzz.h"
#include "io/redis_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ts_redis_place nowhere;
    TS_AUTOFREE char *url = ts_memdup_text((const char *)data, size);
    struct ts_redis_place place;
    const char *reason;

    memset(&place, 0, sizeof(place));
    reason = ts_redis_place_parse(url, &place);
    if (reason)
        MUST(*reason && memcmp(&place, &nowhere, sizeof(place)) == 0);
    else
        MUST(ts_text_starts_with(url, "redis") || ts_text_starts_with(url, "unix:///"));
    ts_redis_place_done(&place);
    ts_redis_place_done(&place); /* once more harms nothing */
    return 0;
}
