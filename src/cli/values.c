/* SPDX-License-Identifier: MIT */
/* Durations and moments. */
#include "cli/values.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <inttypes.h>
#include <string.h>

static uint64_t seconds_of(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    case 'w':
        return UINT64_C(7) * 86400;
    default:
        return 0;
    }
}

bool ts_duration_parse(const char *text, uint64_t *ret_seconds)
{
    size_t length = strlen(text);
    uint64_t unit = length > 1 ? seconds_of(text[length - 1]) : 0;
    TS_AUTOFREE char *digits = ts_memdup_text(text, unit ? length - 1 : length);
    uint64_t number = 0;

    if (!ts_text_to_u64(digits, &number) || number > UINT32_MAX)
        return false;
    *ret_seconds = number * (unit ? unit : 1);
    return true;
}

char *ts_moment_parse(const char *text, uint64_t now_us)
{
    TS_AUTOFREE char *day = ts_format("%sT00:00:00Z", text);
    char shown[TS_TIME_TEXT];
    uint64_t seconds = 0;
    uint64_t us = 0;

    if (strchr(text, '-')) {
        if (!ts_time_parse(text, &us) && !ts_time_parse(day, &us))
            return NULL;
    } else {
        if (!ts_duration_parse(text, &seconds) || seconds >= now_us / 1000000)
            return NULL;
        us = now_us - seconds * 1000000;
    }
    return ts_strdup(ts_time_text(us, shown));
}

char *ts_moment_show(const char *rfc3339)
{
    uint64_t us = 0;
    char text[TS_TIME_TEXT];

    if (!ts_time_parse(rfc3339, &us))
        return ts_strdup(rfc3339);
    ts_time_text(us, text);
    return ts_format("%.10s %.8sZ", text, text + strlen("2026-11-24T"));
}

/* In the largest unit of which there are two, so that it is never off by much. */
char *ts_age_show(const char *rfc3339, uint64_t now_us)
{
    static const struct {
        const char *name;
        uint64_t seconds;
    } units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
    size_t unit = 0;
    uint64_t us = 0;
    uint64_t seconds;

    if (!ts_time_parse(rfc3339, &us))
        return ts_strdup(rfc3339);
    seconds = (us > now_us ? us - now_us : now_us - us) / 1000000;
    while (unit + 1 < TS_COUNT_OF(units) && seconds < 2 * units[unit].seconds)
        unit++;
    return ts_format(us > now_us ? "in %" PRIu64 " %s" : "%" PRIu64 " %s ago",
                     seconds / units[unit].seconds, units[unit].name);
}
