/* SPDX-License-Identifier: MIT */
/* What every fuzz target has: its entry, and properties that hold whatever the input. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(property)                                                                             \
    do {                                                                                           \
        if (!(property)) {                                                                         \
            (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #property);    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
