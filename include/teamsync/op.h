/* SPDX-License-Identifier: MIT */
/* The operation contract: everything that waits (a Redis command, an HTTP request, a flow) is a
 * `struct ts_op`, and all of them keep the same five promises.
 *
 *  1. The callback runs exactly once, and never before the starting call has returned.
 *  2. Starting never fails: a failure arrives through the callback like any other.
 *  3. Results are borrowed: they are gone when the callback returns. Keep one with its `_dup`.
 *  4. ts_op_cancel() is idempotent; after it no callback comes. What the other side was already
 *     told may still happen there.
 *  5. When an operation completes, its pointer is dead before the callback runs: the callback may
 *     start anything, free its owner, or both. The owner clears its own copy first thing.
 */
#ifndef TEAMSYNC_OP_H
#define TEAMSYNC_OP_H

#include "teamsync/error.h"

#include <stddef.h>

struct ts_op;

/* Embedded first in what an implementation keeps for one operation. */
struct ts_op {
    void (*cancel)(struct ts_op *op); /* releases the operation, runs no callback */
};

/* An answer that carries nothing but its error. */
typedef void ts_done_cb(const struct ts_error *err, void *arg);

/* Cancels what `*op` points to, if anything, and clears it. */
static inline void ts_op_cancel(struct ts_op **op)
{
    struct ts_op *running = *op;

    *op = NULL;
    if (running)
        running->cancel(running);
}

#endif
