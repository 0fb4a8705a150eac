/* SPDX-License-Identifier: MIT */
/* Two clocks: `now` is monotonic and for waiting, `wall` is for people, Redis and Google. */
#ifndef TEAMSYNC_TIME_H
#define TEAMSYNC_TIME_H

#include <stdbool.h>
#include <stdint.h>

uint64_t ts_now_ms(void);  /* CLOCK_MONOTONIC */
uint64_t ts_wall_us(void); /* microseconds since 1970, UTC */

/* RFC 3339 in UTC with milliseconds: "2026-11-23T18:22:30.123Z". Returns `ret`; "" for 0. */
enum { TS_TIME_TEXT = 32 };
char *ts_time_text(uint64_t wall_us, char ret[TS_TIME_TEXT]);
bool ts_time_parse(const char *text, uint64_t *ret_wall_us); /* RFC 3339 */

#endif
