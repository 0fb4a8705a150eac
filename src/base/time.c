/* SPDX-License-Identifier: MIT */
/* The two clocks, and times as text. */
#include "teamsync/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t read_clock(clockid_t which, uint64_t per_second)
{
    struct timespec now = {0};

    (void)clock_gettime(which, &now);
    return (uint64_t)now.tv_sec * per_second + (uint64_t)now.tv_nsec / (1000000000u / per_second);
}

uint64_t ts_now_ms(void)
{
    return read_clock(CLOCK_MONOTONIC, 1000);
}

uint64_t ts_wall_us(void)
{
    return read_clock(CLOCK_REALTIME, 1000000);
}

char *ts_time_text(uint64_t wall_us, char ret[TS_TIME_TEXT])
{
    time_t seconds = (time_t)(wall_us / 1000000);
    unsigned ms = (unsigned)(wall_us / 1000 % 1000);
    struct tm utc;
    size_t length = 0;

    ret[0] = '\0';
    if (wall_us > 0 && gmtime_r(&seconds, &utc))
        length = strftime(ret, TS_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &utc);
    if (length > 0)
        (void)snprintf(ret + length, TS_TIME_TEXT - length, ".%03uZ", ms);
    return ret;
}

/* The microseconds of ".123456…", and where the zone begins. */
static const char *parse_fraction(const char *text, uint64_t *ret_us)
{
    uint64_t us = 0;
    uint64_t unit = 100000;

    if (*text == '.') {
        for (text++; *text >= '0' && *text <= '9'; text++) {
            us += (uint64_t)(*text - '0') * unit;
            unit /= 10;
        }
    }
    *ret_us = us;
    return text;
}

/* "Z" or "+hh:mm". */
static bool parse_zone(const char *text, int64_t *ret_seconds)
{
    struct tm offset = {0};
    const char *end;

    *ret_seconds = 0;
    if (*text == 'Z' || *text == 'z')
        return text[1] == '\0';
    if (*text != '+' && *text != '-')
        return false;
    end = strptime(text + 1, "%H:%M", &offset);
    *ret_seconds =
        ((int64_t)offset.tm_hour * 3600 + (int64_t)offset.tm_min * 60) * (*text == '-' ? -1 : 1);
    return end && *end == '\0';
}

bool ts_time_parse(const char *text, uint64_t *ret_wall_us)
{
    const int64_t last_second = 253402300799; /* of the year 9999, the last that RFC 3339 knows */
    struct tm utc = {0};
    const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &utc) : NULL;
    uint64_t us = 0;
    int64_t zone = 0;
    int64_t seconds;

    if (!rest || !parse_zone(parse_fraction(rest, &us), &zone))
        return false;
    seconds = (int64_t)timegm(&utc) - zone;
    if (seconds < 0 || seconds > last_second)
        return false;
    *ret_wall_us = (uint64_t)seconds * 1000000 + us;
    return true;
}
