/* SPDX-License-Identifier: MIT */
/* Values as people write and read them; pure, but for what "ago" counts from. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stdbool.h>
#include <stdint.h>

/* "90" (seconds), "30s", "15m", "12h", "90d", "2w". */
bool ts_duration_parse(const char *text, uint64_t *ret_seconds);
/* "7d" (ago), "2026-11-24", or RFC 3339, as RFC 3339; newly allocated, NULL when it is none. */
char *ts_moment_parse(const char *text, uint64_t now_us);
/* RFC 3339 as people read it: "2026-11-24 18:22:30Z". Newly allocated; other text stays. */
char *ts_moment_show(const char *rfc3339);
/* "12 s ago", "in 3 h". Newly allocated; other text stays. */
char *ts_age_show(const char *rfc3339, uint64_t now_us);

#endif
