/* SPDX-License-Identifier: MIT */
/* Whether the service is worth asking. Closed: everybody may ask. Open, after five failures in a
 * row or at once when it says that we ask too much: nobody may, for 1, 2, 4 … 60 s. Then half-open:
 * one probe may, and its answer closes the breaker or opens it for longer. Pure; the caller brings
 * the time, and the chance (0 to 999) that spreads what would else come in waves. */
#ifndef DIRECTORY_GOOGLE_BREAKER_H
#define DIRECTORY_GOOGLE_BREAKER_H

#include "directory/google/google_error.h"

#include <stdbool.h>
#include <stdint.h>

struct ts_google_breaker {
    unsigned pass;          /* what is given out now; another one with each change of state */
    unsigned failures;      /* in a row */
    uint64_t backoff_ms;    /* 0: closed */
    uint64_t spread_ms;     /* those who are refused come back within as much after it opens up */
    uint64_t open_until_ms; /* half-open from then on */
    bool is_probing;
    struct ts_error last; /* failure */
};

void ts_google_breaker_init(struct ts_google_breaker *breaker);

bool ts_google_breaker_refuses(const struct ts_google_breaker *breaker, uint64_t now_ms);
/* Why, in words, and when to come back. */
struct ts_error ts_google_breaker_refusal(const struct ts_google_breaker *breaker, uint64_t now_ms,
                                          unsigned chance);

/* When it does not refuse: the pass of one request, never 0; the probe's, if it is half-open. */
unsigned ts_google_breaker_enter(struct ts_google_breaker *breaker);
/* What became of a request. The answer to one from before the last change of state is ignored:
 * those who were on their way when it opened neither lengthen nor end it. */
void ts_google_breaker_tell(struct ts_google_breaker *breaker, unsigned pass,
                            const struct ts_google_verdict *verdict, uint64_t now_ms,
                            unsigned chance);
/* It is over, told or not: a probe that was given up makes room for another. */
void ts_google_breaker_leave(struct ts_google_breaker *breaker, unsigned pass);

#endif
