/* SPDX-License-Identifier: MIT */
/* A set of texts. */
#include "queue/in_hand.h"

#include "teamsync/mem.h"

#include <uthash.h>

#include <string.h>

struct ts_in_hand {
    UT_hash_handle hh;
    char id[];
};

static struct ts_in_hand *find(struct ts_in_hand *set, const char *id)
{
    struct ts_in_hand *found = NULL;

    HASH_FIND_STR(set, id, found);
    return found;
}

void ts_in_hand_add(struct ts_in_hand **set, const char *id)
{
    size_t length = strlen(id);
    struct ts_in_hand *entry;

    if (find(*set, id))
        return;
    entry = ts_alloc(sizeof(*entry) + length + 1);
    memcpy(entry->id, id, length);
    HASH_ADD_STR(*set, id, entry);
}

bool ts_in_hand_has(struct ts_in_hand *set, const char *id)
{
    return find(set, id) != NULL;
}

void ts_in_hand_remove(struct ts_in_hand **set, const char *id)
{
    struct ts_in_hand *entry = find(*set, id);

    if (entry)
        HASH_DEL(*set, entry);
    free(entry);
}

void ts_in_hand_clear(struct ts_in_hand **set)
{
    struct ts_in_hand *entry;
    struct ts_in_hand *next;

    HASH_ITER(hh, *set, entry, next)
    {
        HASH_DEL(*set, entry);
        free(entry);
    }
}
