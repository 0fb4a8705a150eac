/* SPDX-License-Identifier: MIT */
/* The bucket holds a minute's worth, so that a wave of leavers is handled at once, and refills
 * evenly. It is kept as one number, the time at which it will be full again: requests that have to
 * wait are booked behind each other, each with its own time. */
#include "directory/google/limiter.h"

enum { MINUTE_US = 60 * 1000 * 1000 };

void ts_google_limiter_init(struct ts_google_limiter *limiter, unsigned requests_per_minute)
{
    uint64_t interval_us = MINUTE_US / (requests_per_minute > 0 ? requests_per_minute : 1);

    *limiter = (struct ts_google_limiter){
        .interval_us = interval_us > 0 ? interval_us : 1,
        .window_us = MINUTE_US,
    };
}

uint64_t ts_google_limiter_pause_left_ms(const struct ts_google_limiter *limiter, uint64_t now_ms)
{
    return limiter->paused_until_ms > now_ms ? limiter->paused_until_ms - now_ms : 0;
}

bool ts_google_limiter_take(struct ts_google_limiter *limiter, uint64_t now_ms,
                            uint64_t patience_ms, uint64_t *ret_wait_ms)
{
    uint64_t now_us = now_ms * 1000;
    uint64_t pause_ms = ts_google_limiter_pause_left_ms(limiter, now_ms);
    uint64_t full_at_us =
        (limiter->full_at_us > now_us ? limiter->full_at_us : now_us) + limiter->interval_us;
    uint64_t soonest_us = now_us + limiter->window_us;
    uint64_t wait_ms = full_at_us > soonest_us ? (full_at_us - soonest_us + 999) / 1000 : 0;

    *ret_wait_ms = wait_ms > pause_ms ? wait_ms : pause_ms;
    if (*ret_wait_ms > patience_ms)
        return false;
    limiter->full_at_us = full_at_us;
    return true;
}

void ts_google_limiter_pause(struct ts_google_limiter *limiter, uint64_t now_ms, uint64_t pause_ms)
{
    if (now_ms + pause_ms > limiter->paused_until_ms)
        limiter->paused_until_ms = now_ms + pause_ms;
}
