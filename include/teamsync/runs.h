/* SPDX-License-Identifier: MIT */
/* The port to full resyncs as such: who runs one now, and how the last ones went. An org has one
 * run at a time that may write, the holder of the lease. */
#ifndef TEAMSYNC_RUNS_H
#define TEAMSYNC_RUNS_H

#include "teamsync/job.h"
#include "teamsync/op.h"
#include "teamsync/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ts_redis;

/* The right to write for an org. Whoever gets it later has a higher number, and from then on
 * nothing is written under a lower one. */
struct ts_lease {
    const char *run_id;
    uint64_t fence;
};

/* TS_RETRY with retry_after_ms: another run has the lease. TS_NOT_FOUND: the job is not ours. */
typedef void ts_lease_cb(const struct ts_error *err, const struct ts_lease *lease, void *arg);
typedef void ts_runs_cb(const struct ts_error *err, const struct ts_run *runs, size_t count,
                        void *arg);

struct ts_runs {
    const struct ts_runs_ops *ops;
};

struct ts_runs_ops {
    /* The run's `id` is made here. A preview takes no lease; its fence is 0. */
    struct ts_op *(*begin)(struct ts_runs *runs, const struct ts_job *job, ts_lease_cb *cb,
                           void *arg);
    /* The figures so far; and the run is alive: job and lease stay ours for another while.
     * TS_NOT_FOUND: one of them is not ours any more; nothing may be written any more. */
    struct ts_op *(*report)(struct ts_runs *runs, const struct ts_job *job,
                            const struct ts_lease *lease, const struct ts_run *run, ts_done_cb *cb,
                            void *arg);
    /* How it ended; gives the lease back. After a run that is DONE and no preview, its time and its
     * users are those of the last resync. */
    struct ts_op *(*end)(struct ts_runs *runs, const struct ts_job *job,
                         const struct ts_lease *lease, const struct ts_run *run, ts_done_cb *cb,
                         void *arg);
    /* The last ones, newest first. */
    struct ts_op *(*list)(struct ts_runs *runs, const char *org, size_t limit, ts_runs_cb *cb,
                          void *arg);
};

/* The Redis implementation. Keys: lease:<org> and fences (the leases and their numbers), runs:<org>
 * and run:<org>:<id> (the last 100). `lease_ms`: how long a run may be silent. */
struct ts_runs *ts_runs_redis_new(struct ts_redis *redis, const char *consumer, uint32_t lease_ms);
void ts_runs_redis_free(struct ts_runs *runs); /* NULL is fine */

#endif
