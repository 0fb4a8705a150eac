/* SPDX-License-Identifier: MIT */
/* Waiting for a condition with a bound, by turning the loop. */
#ifndef TESTS_SUPPORT_WAIT_H
#define TESTS_SUPPORT_WAIT_H

#include "teamsync/loop.h"
#include "teamsync/time.h"

#include <stdbool.h>

/* Turns the loop until the condition holds; false when ten seconds have passed. */
#define TEST_WAIT(loop, condition)                                                                 \
    __extension__({                                                                                \
        uint64_t deadline_ = ts_now_ms() + 10000;                                                  \
        while (!(condition) && ts_now_ms() < deadline_)                                            \
            ts_loop_turn((loop), 20);                                                              \
        (condition);                                                                               \
    })

#endif
