/* SPDX-License-Identifier: MIT */
/* How many requests a connection may make: a token bucket. Pure; the caller brings the time. */
#ifndef DIRECTORY_GOOGLE_LIMITER_H
#define DIRECTORY_GOOGLE_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

/* All zero is a full bucket. */
struct ts_google_limiter {
    uint64_t full_at_us; /* when it will be full again */
};

/* True: one request is taken, and may be made now. False: nothing is taken, and `*ret_wait_ms` says
 * when there will be one. The rate may be another one each time: a bucket that is half full stays
 * so. */
bool ts_google_limiter_take(struct ts_google_limiter *limiter, unsigned requests_per_minute,
                            uint64_t now_ms, uint64_t *ret_wait_ms);

#endif
