/* SPDX-License-Identifier: MIT */
/* Who guesses tokens is slowed down: how many unknown ones each peer has shown lately. Behind a
 * proxy all have the same address; so a token that was good lately may always be asked about, and a
 * guesser locks out nobody who was here before. Pure: the clock is the caller's. */
#ifndef API_GUESSES_H
#define API_GUESSES_H

#include <stddef.h>
#include <stdint.h>

enum {
    TS_GUESSES_AT_ONCE = 10,    /* of one peer, before it has to wait */
    TS_GUESSES_EVERY_MS = 5000, /* then one in that time */
    TS_GUESSES_KEPT = 1024,     /* peers, and good tokens: the one not seen for longest goes */
};

struct ts_guesses;
struct ts_guesses *ts_guesses_new(void);
void ts_guesses_free(struct ts_guesses *guesses); /* NULL is fine */

/* 0: it may be asked about. Else in how many seconds. `peer` is an address; of IPv6 the first 64
 * bits count, for that is what one person has. */
uint32_t ts_guesses_wait_s(const struct ts_guesses *guesses, const char *peer, const char *token,
                           uint64_t now_ms);
/* How it turned out. */
void ts_guesses_note_good(struct ts_guesses *guesses, const char *token);
void ts_guesses_note_unknown(struct ts_guesses *guesses, const char *peer, const char *token,
                             uint64_t now_ms);

#endif
