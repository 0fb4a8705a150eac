/* SPDX-License-Identifier: MIT */
/* The field-loss guard (rule 2.7): how many members a listing would take a field from. */
#ifndef FLOW_LOSSES_H
#define FLOW_LOSSES_H

#include "teamsync/connection.h"
#include "teamsync/directory_user.h"
#include "teamsync/roster.h"

enum { TS_LOSS_FIELDS = 3, TS_LOSS_DIGEST_TEXT = 17 };

struct ts_losses {
    uint64_t linked;
    uint64_t members[TS_LOSS_FIELDS];
    uint64_t mark; /* of who would lose what, whatever the order */
    char digest[TS_LOSS_DIGEST_TEXT];
};

/* A linked user; NULL for one whose record cannot be read: its address is lost. */
void ts_losses_count(struct ts_losses *losses, const char *directory_id,
                     const struct ts_directory_user *user, const struct ts_difference *difference);
/* Whether that is too much, and no person has approved just that; then with the worst field, and
 * the digest in `losses`. */
bool ts_losses_exceed(struct ts_losses *losses, uint32_t percent,
                      const struct ts_connection *connection, struct ts_loss *ret_loss);

#endif
