/* SPDX-License-Identifier: MIT */
/* Leaving: what is being read comes in first; then each job that was taken and not given out is put
 * back, so that nobody has to wait until it is taken over. As it runs:
 *   (read ->) put back -> put back -> … -> report */
#include "queue/queue_internal.h"

#include "teamsync/mem.h"

#include <utlist.h>

struct leave {
    struct ts_op op; /* first */
    struct redis_queue *queue;
    struct ts_op *running;
    ts_done_cb *cb;
    void *arg;
};

static void on_put_back(const struct ts_error *err, void *arg);

static void cancel(struct ts_op *op)
{
    struct leave *leave = TS_CONTAINER_OF(op, struct leave, op);

    leave->queue->leave = NULL;
    ts_op_cancel(&leave->running);
    free(leave);
}

struct ts_op *ts_queue_leave(struct ts_queue *port, ts_done_cb *cb, void *arg)
{
    struct redis_queue *queue = TS_CONTAINER_OF(port, struct redis_queue, port);
    struct leave *leave = ts_alloc(sizeof(*leave));

    *leave = (struct leave){.op.cancel = cancel, .queue = queue, .cb = cb, .arg = arg};
    queue->leave = leave;
    if (!queue->reading)
        ts_timer_set(queue->again_timer, 0);
    return &leave->op;
}

void ts_queue_leave_go_on(struct redis_queue *queue)
{
    struct leave *leave = queue->leave;
    struct taken **list = queue->ready_jobs ? &queue->ready_jobs : &queue->read_jobs;
    struct taken *taken = *list;

    if (leave->running)
        return;
    if (taken) {
        DL_DELETE(*list, taken);
        leave->running =
            ts_queue_put_back(&queue->port, taken->job, /* delay_ms= */ 0, on_put_back, leave);
        free(taken->job);
        free(taken);
    } else {
        ts_done_cb *cb = leave->cb;
        void *arg = leave->arg;

        cancel(&leave->op);
        cb(&ts_no_error, arg);
    }
}

/* What could not be put back is taken over. */
static void on_put_back(const struct ts_error *err, void *arg)
{
    struct leave *leave = arg;

    (void)err;
    leave->running = NULL;
    ts_queue_leave_go_on(leave->queue);
}
