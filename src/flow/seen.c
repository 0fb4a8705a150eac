/* SPDX-License-Identifier: MIT */
/* Open addressing over a power of two, at most two thirds full. */
#include "flow/seen.h"

#include "teamsync/mem.h"

#include <stdint.h>

enum { CAPACITY_MIN = 1024 };

struct ts_seen {
    uint64_t *hashes; /* 0: free */
    size_t capacity;
    size_t count;
};

/* FNV-1a, 64 bits; never 0. */
static uint64_t hash_of(const char *id)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (; *id; id++)
        hash = (hash ^ (unsigned char)*id) * 0x100000001b3u;
    hash ^= hash >> 29;
    return hash ? hash : 1;
}

/* Where the hash is, or would go. */
static size_t find(const struct ts_seen *seen, uint64_t hash)
{
    size_t at = hash & (seen->capacity - 1);

    while (seen->hashes[at] != 0 && seen->hashes[at] != hash)
        at = (at + 1) & (seen->capacity - 1);
    return at;
}

struct ts_seen *ts_seen_new(void)
{
    struct ts_seen *seen = ts_alloc(sizeof(*seen));

    seen->capacity = CAPACITY_MIN;
    seen->hashes = ts_alloc(seen->capacity * sizeof(seen->hashes[0]));
    return seen;
}

void ts_seen_free(struct ts_seen *seen)
{
    if (!seen)
        return;
    free(seen->hashes);
    free(seen);
}

static void grow(struct ts_seen *seen)
{
    struct ts_seen old = *seen;

    seen->capacity *= 2;
    seen->hashes = ts_alloc(seen->capacity * sizeof(seen->hashes[0]));
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.hashes[i] != 0)
            seen->hashes[find(seen, old.hashes[i])] = old.hashes[i];
    }
    free(old.hashes);
}

bool ts_seen_add(struct ts_seen *seen, const char *id)
{
    uint64_t hash = hash_of(id);
    size_t at = find(seen, hash);

    if (seen->hashes[at] == hash)
        return false;
    seen->hashes[at] = hash;
    if (++seen->count * 3 > seen->capacity * 2)
        grow(seen);
    return true;
}

bool ts_seen_has(const struct ts_seen *seen, const char *id)
{
    return seen->hashes[find(seen, hash_of(id))] != 0;
}
