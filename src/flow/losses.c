/* SPDX-License-Identifier: MIT */
/* Counting what would be emptied. */
#include "flow/losses.h"

#include "teamsync/text.h"
#include "teamsync/time.h"

#include <inttypes.h>
#include <stdio.h>

enum { LEAST = 5, EMAIL = 0, MANAGER = 1, TEAM = 2 };

static const char *const names[TS_LOSS_FIELDS] = {"email", "manager", "team"};
static const uint64_t approval_us = 86400ull * 1000000;

static void lose(struct ts_losses *losses, const char *directory_id, int field)
{
    uint64_t mark = 0xcbf29ce484222325u + (uint64_t)field;

    for (const char *c = directory_id; *c; c++)
        mark = (mark ^ (unsigned char)*c) * 0x100000001b3u;
    losses->mark += mark ^ (mark >> 31);
    losses->members[field]++;
}

void ts_losses_count(struct ts_losses *losses, const char *directory_id,
                     const struct ts_directory_user *user, const struct ts_difference *difference)
{
    losses->linked++;
    if (difference->comparison != TS_COMPARED_CHANGED)
        return;
    if (!user) {
        lose(losses, directory_id, EMAIL);
        return;
    }
    if (difference->has_manager && ts_text_is_empty(user->manager_email))
        lose(losses, directory_id, MANAGER);
    if (difference->has_team && ts_text_is_empty(user->team))
        lose(losses, directory_id, TEAM);
}

static bool is_approved(const struct ts_losses *losses, const struct ts_connection *connection)
{
    return ts_text_equal(connection->approved_loss, losses->digest) &&
           connection->approved_loss_us + approval_us > ts_wall_us();
}

bool ts_losses_exceed(struct ts_losses *losses, uint32_t percent,
                      const struct ts_connection *connection, struct ts_loss *ret_loss)
{
    int worst = 0;

    for (int field = 1; field < TS_LOSS_FIELDS; field++) {
        if (losses->members[field] > losses->members[worst])
            worst = field;
    }
    (void)snprintf(losses->digest, sizeof(losses->digest), "%016" PRIx64, losses->mark);
    *ret_loss = (struct ts_loss){
        .field = names[worst],
        .members = losses->members[worst],
        .linked = losses->linked,
        .digest = losses->digest,
    };
    return losses->members[worst] >= LEAST &&
           losses->members[worst] * 100 > losses->linked * percent &&
           !is_approved(losses, connection);
}
