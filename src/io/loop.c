/* SPDX-License-Identifier: MIT */
/* libevent's base, timers and signals, and the list of calls that wait for the next turn. */
#include "teamsync/loop.h"

#include "io/io_internal.h"

#include "teamsync/mem.h"

#include <event2/event.h>
#include <utlist.h>

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNALS_MAX = 8 };

struct ts_loop {
    struct event_base *base;
    struct event *turn_event;
    struct ts_turn *turns;
    struct signal_watch {
        struct event *event;
        ts_loop_cb *cb;
        void *arg;
    } signals[SIGNALS_MAX];
    size_t signal_count;
};

struct ts_timer {
    struct event *event;
    ts_loop_cb *cb;
    void *arg;
};

/* Runs what was planned before this turn; what is planned meanwhile waits for the one after. */
static void on_turn(evutil_socket_t descriptor, short what, void *arg)
{
    struct ts_loop *loop = arg;
    struct ts_turn last = {0};

    (void)descriptor;
    (void)what;
    DL_APPEND(loop->turns, &last);
    while (loop->turns != &last) {
        struct ts_turn *turn = loop->turns;

        DL_DELETE(loop->turns, turn);
        turn->is_waiting = false;
        turn->cb(turn->arg);
    }
    DL_DELETE(loop->turns, &last);
    if (loop->turns)
        event_active(loop->turn_event, 0, 0);
}

/* What libevent keeps is what others have sent and are told, secrets among it. */
static void wipe_and_free(void *block)
{
    if (block)
        explicit_bzero(block, malloc_usable_size(block));
    free(block);
}

struct ts_loop *ts_loop_new(void)
{
    struct ts_loop *loop = ts_alloc(sizeof(*loop));

    event_set_mem_functions(malloc, realloc, wipe_and_free);
    /* A peer that is gone is an error of write(), not the end of the process. */
    (void)signal(SIGPIPE, SIG_IGN);
    loop->base = event_base_new();
    if (!loop->base)
        abort(); /* no epoll, no descriptors: there is nothing this process could do */
    loop->turn_event = ts_must(event_new(loop->base, -1, 0, on_turn, loop));
    return loop;
}

void ts_loop_free(struct ts_loop *loop)
{
    if (!loop)
        return;
    for (size_t i = 0; i < loop->signal_count; i++)
        event_free(loop->signals[i].event);
    event_free(loop->turn_event);
    event_base_free(loop->base);
    free(loop);
}

struct event_base *ts_loop_base(struct ts_loop *loop)
{
    return loop->base;
}

void ts_loop_run(struct ts_loop *loop)
{
    (void)event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void ts_loop_stop(struct ts_loop *loop)
{
    (void)event_base_loopbreak(loop->base);
}

static void on_wait_is_over(evutil_socket_t descriptor, short what, void *arg)
{
    (void)descriptor;
    (void)what;
    (void)arg;
}

static struct timeval time_of(uint64_t ms)
{
    return (struct timeval){.tv_sec = (time_t)(ms / 1000),
                            .tv_usec = (suseconds_t)(ms % 1000) * 1000};
}

void ts_loop_turn(struct ts_loop *loop, uint32_t max_wait_ms)
{
    struct event *bound = ts_must(event_new(loop->base, -1, 0, on_wait_is_over, NULL));
    struct timeval wait = time_of(max_wait_ms);

    (void)event_add(bound, &wait);
    (void)event_base_loop(loop->base, EVLOOP_ONCE);
    event_free(bound);
}

void ts_turn_plan(struct ts_loop *loop, struct ts_turn *turn, ts_loop_cb *cb, void *arg)
{
    turn->cb = cb;
    turn->arg = arg;
    turn->is_waiting = true;
    DL_APPEND(loop->turns, turn);
    event_active(loop->turn_event, 0, 0);
}

void ts_turn_cancel(struct ts_loop *loop, struct ts_turn *turn)
{
    if (turn->is_waiting)
        DL_DELETE(loop->turns, turn);
    turn->is_waiting = false;
}

static void on_timer(evutil_socket_t descriptor, short what, void *arg)
{
    struct ts_timer *timer = arg;

    (void)descriptor;
    (void)what;
    timer->cb(timer->arg);
}

struct ts_timer *ts_timer_new(struct ts_loop *loop, ts_loop_cb *cb, void *arg)
{
    struct ts_timer *timer = ts_alloc(sizeof(*timer));

    timer->event = ts_must(evtimer_new(loop->base, on_timer, timer));
    timer->cb = cb;
    timer->arg = arg;
    return timer;
}

void ts_timer_set(struct ts_timer *timer, uint64_t delay_ms)
{
    struct timeval delay = time_of(delay_ms);

    (void)evtimer_add(timer->event, &delay);
}

void ts_timer_clear(struct ts_timer *timer)
{
    (void)evtimer_del(timer->event);
}

bool ts_timer_is_set(const struct ts_timer *timer)
{
    return evtimer_pending(timer->event, NULL);
}

void ts_timer_free(struct ts_timer *timer)
{
    if (!timer)
        return;
    event_free(timer->event);
    free(timer);
}

static void on_signal(evutil_socket_t signal_number, short what, void *arg)
{
    struct signal_watch *watch = arg;

    (void)signal_number;
    (void)what;
    watch->cb(watch->arg);
}

void ts_loop_on_signal(struct ts_loop *loop, int signal_number, ts_loop_cb *cb, void *arg)
{
    struct signal_watch *watch = &loop->signals[loop->signal_count];

    if (loop->signal_count == SIGNALS_MAX)
        abort(); /* a defect: signals are registered once, at start */
    loop->signal_count++;
    *watch = (struct signal_watch){.cb = cb, .arg = arg};
    watch->event = evsignal_new(loop->base, signal_number, on_signal, watch);
    (void)evsignal_add(watch->event, NULL);
}
