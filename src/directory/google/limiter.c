/* SPDX-License-Identifier: MIT */
/* The bucket holds a minute's worth, so that a wave of leavers is handled at once, and refills
 * evenly. It is kept as one number, the time at which it will be full again. */
#include "directory/google/limiter.h"

enum { MINUTE_US = 60 * 1000 * 1000 };

/* One request's share of a minute. */
static uint64_t share_us(unsigned requests_per_minute)
{
    uint64_t share = MINUTE_US / (requests_per_minute > 0 ? requests_per_minute : 1);

    return share > 0 ? share : 1;
}

bool ts_google_limiter_take(struct ts_google_limiter *limiter, unsigned requests_per_minute,
                            uint64_t now_ms, uint64_t *ret_wait_ms)
{
    uint64_t now_us = now_ms * 1000;
    uint64_t full_at_us = (limiter->full_at_us > now_us ? limiter->full_at_us : now_us) +
                          share_us(requests_per_minute);

    if (full_at_us > now_us + MINUTE_US) {
        *ret_wait_ms = (full_at_us - now_us - MINUTE_US + 999) / 1000;
        return false;
    }
    limiter->full_at_us = full_at_us;
    return true;
}
