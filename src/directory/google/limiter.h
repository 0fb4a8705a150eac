/* SPDX-License-Identifier: MIT */
/* How many requests a connection may make: a token bucket. Pure; the caller brings the time. */
#ifndef DIRECTORY_GOOGLE_LIMITER_H
#define DIRECTORY_GOOGLE_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

struct ts_google_limiter {
    uint64_t interval_us; /* one request's share of a minute */
    uint64_t window_us;   /* how long a full bucket lasts: a minute */
    uint64_t full_at_us;  /* when the bucket will be full again */
    uint64_t paused_until_ms;
};

void ts_google_limiter_init(struct ts_google_limiter *limiter, unsigned requests_per_minute);

/* True: one request is taken and may be made in `*ret_wait_ms`. False: that would be longer than
 * `patience_ms`; nothing is taken, and `*ret_wait_ms` says how long. */
bool ts_google_limiter_take(struct ts_google_limiter *limiter, uint64_t now_ms,
                            uint64_t patience_ms, uint64_t *ret_wait_ms);

/* Nobody is to ask for a while: the other side said that it is too much. */
void ts_google_limiter_pause(struct ts_google_limiter *limiter, uint64_t now_ms, uint64_t pause_ms);
uint64_t ts_google_limiter_pause_left_ms(const struct ts_google_limiter *limiter, uint64_t now_ms);

#endif
