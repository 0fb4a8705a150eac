/* SPDX-License-Identifier: MIT */
/* A list with an end: memory does not grow with the directory. */
#include "flow/kept.h"

#include "teamsync/mem.h"

enum { KEPT_MAX = 10000 };

void ts_kept_add(struct ts_kept *kept, const struct ts_directory_user *user, const char *id,
                 uint64_t observed_us)
{
    if (!kept->users)
        kept->users = ts_alloc(KEPT_MAX * sizeof(*kept->users));
    if (kept->count == KEPT_MAX) {
        kept->has_overflown = true;
        return;
    }
    kept->users[kept->count++] = (struct ts_kept_user){
        .user = user ? ts_directory_user_dup(user) : NULL,
        .id = ts_strdup(id),
        .observed_us = observed_us,
    };
}

static void forget(struct ts_kept_user *one)
{
    free(one->user);
    free(one->id);
}

void ts_kept_narrow(struct ts_kept *kept, const struct ts_difference *differences, size_t count)
{
    size_t left = 0;

    for (size_t i = 0; i < kept->count; i++) {
        if (i < count && differences[i].comparison == TS_COMPARED_CHANGED)
            kept->users[left++] = kept->users[i];
        else
            forget(&kept->users[i]);
    }
    kept->count = left;
}

void ts_kept_clear(struct ts_kept *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        forget(&kept->users[i]);
    kept->count = 0;
    kept->has_overflown = false;
}

void ts_kept_done(struct ts_kept *kept)
{
    ts_kept_clear(kept);
    free(kept->users);
}

struct ts_person_task *ts_kept_tasks(const struct ts_kept *kept,
                                     const struct ts_person_task *common)
{
    struct ts_person_task *tasks = ts_alloc(kept->count * sizeof(*tasks));

    for (size_t i = 0; i < kept->count; i++) {
        tasks[i] = *common;
        tasks[i].key = kept->users[i].id;
        tasks[i].listed = kept->users[i].user;
        tasks[i].listed_us = kept->users[i].observed_us;
    }
    return tasks;
}
