/* SPDX-License-Identifier: MIT */
/* The first of those who wait is served, one a turn: refused, let in, or left to wait. When the
 * breaker opens they are all refused, so that none of them goes out in a wave afterwards. */
#include "directory/google/gate.h"

#include "directory/google/breaker.h"
#include "directory/google/env.h"
#include "directory/google/limiter.h"

#include "teamsync/text.h"

#include <utlist.h>

#include <assert.h>

enum {
    PATIENCE_MS = 5000, /* a job that has to wait longer is better put off */
    /* An org that hangs holds a quarter of the HTTP client's 64 connections to Google, not all; and
     * at 100 ms a request, 16 at once are still eight times what 1200 a minute come to. */
    UNDER_WAY_MAX = 16,
};

struct waiter {
    struct ts_op op; /* first */
    struct waiter *prev, *next;
    struct ts_google_gate *gate;
    uint64_t deadline_ms;
    unsigned *ret_pass;
    ts_done_cb *cb;
    void *arg;
};

struct ts_google_gate {
    const struct ts_google_env *env;
    struct ts_google_breaker breaker;
    struct ts_google_limiter limiter;
    unsigned under_way;
    struct waiter *waiters; /* in the order they came */
    struct ts_timer *timer; /* serves the first */
};

static void serve(void *arg);

static void wake(struct ts_google_gate *gate)
{
    if (gate->waiters)
        ts_timer_set(gate->timer, 0);
}

static void drop(struct waiter *waiter)
{
    DL_DELETE(waiter->gate->waiters, waiter);
    free(waiter);
}

static void cancel(struct ts_op *op)
{
    drop(TS_CONTAINER_OF(op, struct waiter, op));
}

/* NOLINTNEXTLINE(readability-non-const-parameter): answer() writes to it */
struct ts_op *ts_google_gate_enter(struct ts_google_gate *gate, unsigned *ret_pass, ts_done_cb *cb,
                                   void *arg)
{
    struct waiter *waiter = ts_alloc(sizeof(*waiter));

    *waiter = (struct waiter){
        .op.cancel = cancel,
        .gate = gate,
        .deadline_ms = gate->env->now_ms() + PATIENCE_MS,
        .ret_pass = ret_pass,
        .cb = cb,
        .arg = arg,
    };
    DL_APPEND(gate->waiters, waiter);
    if (gate->waiters == waiter)
        wake(gate);
    return &waiter->op;
}

/* Whether a request may be made now; else why not, and in `*ret_wait_ms` what to wait for it. */
static struct ts_error ask(struct ts_google_gate *gate, uint64_t patience_ms, uint64_t *ret_wait_ms)
{
    uint64_t now = gate->env->now_ms();
    struct ts_error err = ts_no_error;

    if (ts_google_breaker_refuses(&gate->breaker, now)) {
        err = ts_google_breaker_refusal(&gate->breaker, now, ts_random_below(1000));
    } else if (gate->under_way >= UNDER_WAY_MAX) {
        err =
            ts_error_make(TS_RETRY, "google: put off, %u requests are under way", gate->under_way);
        *ret_wait_ms = patience_ms; /* whoever leaves wakes us */
    } else if (!ts_google_limiter_take(&gate->limiter, gate->env->requests_per_minute, now,
                                       ret_wait_ms)) {
        err = ts_error_make(TS_RETRY, "google: put off, the limit of requests is reached");
        err.retry_after_ms = (uint32_t)*ret_wait_ms;
    }
    err.is_untried = err.cls != TS_OK;
    return err;
}

static void answer(struct waiter *waiter, const struct ts_error *err)
{
    struct ts_google_gate *gate = waiter->gate;
    struct waiter served = *waiter;

    drop(waiter);
    wake(gate);
    if (err->cls == TS_OK) {
        gate->under_way++;
        *served.ret_pass = ts_google_breaker_enter(&gate->breaker);
    }
    served.cb(err, served.arg);
}

static void serve(void *arg)
{
    struct ts_google_gate *gate = arg;
    struct waiter *first = gate->waiters;
    uint64_t now = gate->env->now_ms();
    uint64_t patience_ms = first && first->deadline_ms > now ? first->deadline_ms - now : 0;
    uint64_t wait_ms = 0;
    struct ts_error err;

    if (!first)
        return;
    err = ask(gate, patience_ms, &wait_ms);
    if (wait_ms > 0 && wait_ms <= patience_ms)
        ts_timer_set(gate->timer, wait_ms);
    else
        answer(first, &err);
}

void ts_google_gate_tell(struct ts_google_gate *gate, unsigned pass,
                         struct ts_google_verdict *verdict)
{
    uint64_t now = gate->env->now_ms();
    struct ts_error refusal;

    ts_google_breaker_tell(&gate->breaker, pass, verdict, now, ts_random_below(1000));
    if (verdict->err.cls == TS_RETRY && ts_google_breaker_refuses(&gate->breaker, now)) {
        refusal = ts_google_breaker_refusal(&gate->breaker, now, ts_random_below(1000));
        if (verdict->err.retry_after_ms < refusal.retry_after_ms)
            verdict->err.retry_after_ms = refusal.retry_after_ms;
    }
    wake(gate);
}

void ts_google_gate_leave(struct ts_google_gate *gate, unsigned *pass)
{
    if (*pass == 0)
        return;
    assert(gate->under_way > 0);
    gate->under_way--;
    ts_google_breaker_leave(&gate->breaker, *pass);
    *pass = 0;
    wake(gate);
}

struct ts_google_gate *ts_google_gate_new(const struct ts_google_env *env)
{
    struct ts_google_gate *gate = ts_alloc(sizeof(*gate));

    gate->env = env;
    gate->timer = ts_timer_new(env->loop, serve, gate);
    ts_google_breaker_init(&gate->breaker);
    return gate;
}

void ts_google_gate_free(struct ts_google_gate *gate)
{
    if (!gate)
        return;
    assert(!gate->waiters);
    ts_timer_free(gate->timer);
    free(gate);
}
