/* SPDX-License-Identifier: MIT */
/* Reading the daemon's figures from the text of GET /metrics; pure. */
#ifndef CLI_METRICS_H
#define CLI_METRICS_H

#include <stdbool.h>

struct ts_sample {
    char name[64];
    char org[72];    /* the label; "" without one */
    char status[16]; /* likewise */
    double value;
};

/* The next sample of the text; moves `*at` on. False at the end. Lines that are none are passed. */
bool ts_sample_next(const char **at, struct ts_sample *ret_sample);

#endif
