/* SPDX-License-Identifier: MIT */
/* Counters, gauges and histograms in Prometheus' text format (version 0.0.4). The names are in one
 * table in base/metrics.c and are part of the product's contract. */
#ifndef TEAMSYNC_METRICS_H
#define TEAMSYNC_METRICS_H

#include "teamsync/buf.h"

#include <stdint.h>

enum ts_metric {
    TS_METRIC_QUEUE_DEPTH,
    TS_METRIC_QUEUE_OLDEST_SECONDS,
    TS_METRIC_QUEUE_DELAYED,
    TS_METRIC_QUEUE_DEAD,
    TS_METRIC_JOBS_TOTAL,                    /* type, outcome */
    TS_METRIC_JOB_SECONDS,                   /* type; histogram */
    TS_METRIC_NOTIFICATIONS_TOTAL,           /* result */
    TS_METRIC_PUSH_TO_EFFECT_SECONDS,        /* histogram */
    TS_METRIC_DIRECTORY_REQUESTS_TOTAL,      /* method, outcome */
    TS_METRIC_MEMBERS,                       /* org, status */
    TS_METRIC_LAST_RESYNC_TIMESTAMP_SECONDS, /* org */
    TS_METRIC_RESYNC_CORRECTIONS_TOTAL,      /* org */
    TS_METRIC_CHANNELS_LIVE,                 /* org */
    TS_METRIC_HOLDS_OPEN,                    /* org */
    TS_METRIC_REDIS_UP,
    TS_METRIC_LAST,
};

/* Labels beyond what the metric has are ignored; missing ones are NULL. At most 4096 label
 * combinations per metric are kept; further ones are counted under the labels "other". */
void ts_metric_add(enum ts_metric metric, const char *label1, const char *label2, double amount);
void ts_metric_set(enum ts_metric metric, const char *label1, const char *label2, double value);
void ts_metric_observe(enum ts_metric metric, const char *label1, double seconds);

void ts_metrics_write(struct ts_buf *out);
void ts_metrics_reset(void); /* forgets every value, for tests and for a clean exit */

#endif
