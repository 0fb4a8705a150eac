/* SPDX-License-Identifier: MIT */
/* Closed -> open -> half-open -> closed, or open for longer. */
#include "directory/google/breaker.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum {
    FAILURES_MAX = 5,
    BACKOFF_MIN_MS = 1000,
    BACKOFF_MAX_MS = 60 * 1000,
    BELIEF_MAX_MS = 10 * 60 * 1000, /* a longer Retry-After is not waited for: a probe may ask */
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void change_state(struct ts_google_breaker *breaker)
{
    breaker->is_probing = false;
    if (++breaker->pass == 0)
        breaker->pass = 1;
}

void ts_google_breaker_init(struct ts_google_breaker *breaker)
{
    *breaker = (struct ts_google_breaker){.pass = 1};
}

bool ts_google_breaker_refuses(const struct ts_google_breaker *breaker, uint64_t now_ms)
{
    return breaker->backoff_ms > 0 && (breaker->is_probing || now_ms < breaker->open_until_ms);
}

struct ts_error ts_google_breaker_refusal(const struct ts_google_breaker *breaker, uint64_t now_ms,
                                          unsigned chance)
{
    static const char ours[] = "google: ";
    const char *reason = breaker->last.text;
    TS_AUTOFREE char *count =
        breaker->failures > 1 ? ts_format("%u requests", breaker->failures) : ts_strdup("request");
    uint64_t left_ms = breaker->open_until_ms > now_ms ? breaker->open_until_ms - now_ms : 0;
    struct ts_error err;

    if (ts_text_starts_with(reason, ours))
        reason += strlen(ours);
    err = ts_error_make(TS_RETRY, "google: not asked, for the last %s failed (%s)", count, reason);
    err.retry_after_ms = (uint32_t)(left_ms + breaker->spread_ms * chance / 1000);
    return err;
}

unsigned ts_google_breaker_enter(struct ts_google_breaker *breaker)
{
    breaker->is_probing = breaker->backoff_ms > 0;
    return breaker->pass;
}

static void close_it(struct ts_google_breaker *breaker)
{
    breaker->failures = 0;
    if (breaker->backoff_ms == 0)
        return;
    breaker->backoff_ms = 0;
    change_state(breaker);
}

static void open_it(struct ts_google_breaker *breaker, uint64_t now_ms, unsigned chance)
{
    uint64_t asked_ms = smaller(breaker->last.retry_after_ms, BELIEF_MAX_MS);
    uint64_t wait_ms;

    breaker->backoff_ms =
        breaker->backoff_ms > 0 ? smaller(breaker->backoff_ms * 2, BACKOFF_MAX_MS) : BACKOFF_MIN_MS;
    wait_ms = larger(breaker->backoff_ms, asked_ms);
    breaker->open_until_ms = now_ms + wait_ms + breaker->backoff_ms / 4 * chance / 1000;
    breaker->spread_ms = smaller(wait_ms, BACKOFF_MAX_MS);
    change_state(breaker);
}

void ts_google_breaker_tell(struct ts_google_breaker *breaker, unsigned pass,
                            const struct ts_google_verdict *verdict, uint64_t now_ms,
                            unsigned chance)
{
    if (pass != breaker->pass)
        return;
    if (verdict->health == TS_GOOGLE_WORKS) {
        close_it(breaker);
        return;
    }
    breaker->failures++;
    breaker->last = verdict->err;
    if (verdict->health == TS_GOOGLE_THROTTLES || breaker->failures >= FAILURES_MAX ||
        breaker->backoff_ms > 0)
        open_it(breaker, now_ms, chance);
}

void ts_google_breaker_leave(struct ts_google_breaker *breaker, unsigned pass)
{
    if (pass == breaker->pass)
        breaker->is_probing = false;
}
