/* SPDX-License-Identifier: MIT */
/* Two tables with the same bound: of peers, each with its bucket, and of tokens that were good. */
#include "api/guesses.h"

#include "teamsync/digest.h"
#include "teamsync/mem.h"

#include <uthash.h>

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

struct known {
    UT_hash_handle hh;                  /* in the order in which they were seen last */
    unsigned char key[TS_SHA256_BYTES]; /* of a token, or of a peer's network */
    uint64_t full_ms;                   /* of a peer: when its bucket is full again */
};

struct ts_guesses {
    struct known *peers;
    struct known *good_tokens;
};

/* --- tables --- */

static struct known *find(struct known *table, const unsigned char key[TS_SHA256_BYTES])
{
    struct known *found;

    HASH_FIND(hh, table, key, TS_SHA256_BYTES, found);
    return found;
}

static void forget(struct known **table, struct known *known)
{
    if (!known)
        return;
    HASH_DELETE(hh, *table, known);
    free(known);
}

/* Seen now: the one that was found, or a new one, becomes the last to go. */
static struct known *see(struct known **table, const unsigned char key[TS_SHA256_BYTES])
{
    struct known *known = find(*table, key);

    if (known) {
        HASH_DELETE(hh, *table, known);
    } else {
        known = ts_alloc(sizeof(*known));
        memcpy(known->key, key, TS_SHA256_BYTES);
    }
    HASH_ADD(hh, *table, key, TS_SHA256_BYTES, known);
    if (HASH_COUNT(*table) > TS_GUESSES_KEPT)
        forget(table, *table); /* the head is the first in that order */
    return known;
}

static void forget_all(struct known **table)
{
    while (*table)
        forget(table, *table);
}

/* --- keys --- */

static void key_of_token(const char *token, unsigned char ret[TS_SHA256_BYTES])
{
    ts_sha256(token, strlen(token), ret);
}

static void key_of_peer(const char *peer, unsigned char ret[TS_SHA256_BYTES])
{
    struct in6_addr address;
    bool is_v6 = inet_pton(AF_INET6, peer, &address) == 1 && !IN6_IS_ADDR_V4MAPPED(&address);

    if (is_v6)
        ts_sha256(&address, sizeof(address) / 2, ret);
    else
        ts_sha256(peer, strlen(peer), ret);
}

/* --- buckets --- */

uint32_t ts_guesses_wait_s(const struct ts_guesses *guesses, const char *peer, const char *token,
                           uint64_t now_ms)
{
    static const uint64_t room_ms = (TS_GUESSES_AT_ONCE - 1ull) * TS_GUESSES_EVERY_MS;
    unsigned char key[TS_SHA256_BYTES];
    const struct known *bucket;

    key_of_peer(peer, key);
    bucket = find(guesses->peers, key);
    if (!bucket || bucket->full_ms <= now_ms + room_ms)
        return 0;
    key_of_token(token, key);
    if (find(guesses->good_tokens, key))
        return 0;
    return (uint32_t)((bucket->full_ms - now_ms - room_ms + 999) / 1000);
}

void ts_guesses_note_good(struct ts_guesses *guesses, const char *token)
{
    unsigned char key[TS_SHA256_BYTES];

    key_of_token(token, key);
    (void)see(&guesses->good_tokens, key);
}

void ts_guesses_note_unknown(struct ts_guesses *guesses, const char *peer, const char *token,
                             uint64_t now_ms)
{
    static const uint64_t most_ms = 1ull * TS_GUESSES_AT_ONCE * TS_GUESSES_EVERY_MS;
    unsigned char key[TS_SHA256_BYTES];
    struct known *bucket;

    key_of_token(token, key);
    forget(&guesses->good_tokens, find(guesses->good_tokens, key)); /* revoked, or expired */
    key_of_peer(peer, key);
    bucket = see(&guesses->peers, key);
    bucket->full_ms = (bucket->full_ms > now_ms ? bucket->full_ms : now_ms) + TS_GUESSES_EVERY_MS;
    if (bucket->full_ms > now_ms + most_ms)
        bucket->full_ms = now_ms + most_ms; /* many were under way at once */
}

/* --- their life --- */

struct ts_guesses *ts_guesses_new(void)
{
    return ts_alloc(sizeof(struct ts_guesses));
}

void ts_guesses_free(struct ts_guesses *guesses)
{
    if (!guesses)
        return;
    forget_all(&guesses->peers);
    forget_all(&guesses->good_tokens);
    free(guesses);
}
