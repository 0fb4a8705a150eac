/* SPDX-License-Identifier: MIT */
/* Who is to be looked at closer, kept until it is their turn. */
#ifndef FLOW_KEPT_H
#define FLOW_KEPT_H

#include "flow/person.h"

#include "teamsync/roster.h"

#include <stdbool.h>
#include <stddef.h>

struct ts_kept_user {
    struct ts_directory_user *user; /* as a listing shows them; NULL: it does not */
    char *id;
    uint64_t observed_us; /* Redis TIME before that listing was asked for */
};

/* Zeroed, it is empty. */
struct ts_kept {
    struct ts_kept_user *users;
    size_t count;
    bool has_overflown; /* there were more than can be kept: 10,000 */
};

void ts_kept_add(struct ts_kept *kept, const struct ts_directory_user *user, const char *id,
                 uint64_t observed_us);
/* Forgets those whom a comparison, in the same order, shows as unchanged. */
void ts_kept_narrow(struct ts_kept *kept, const struct ts_difference *differences, size_t count);
void ts_kept_clear(struct ts_kept *kept);
void ts_kept_done(struct ts_kept *kept);

/* A task for each, like `common` but for whom it is about; to be freed before they are. */
struct ts_person_task *ts_kept_tasks(const struct ts_kept *kept,
                                     const struct ts_person_task *common);

#endif
