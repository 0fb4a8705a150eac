/* SPDX-License-Identifier: MIT */
/* The table of metrics, their values, and their text for Prometheus. */
#include "teamsync/metrics.h"

#include "teamsync/text.h"

#include <uthash.h>

#include <stdio.h>
#include <string.h>

enum kind { GAUGE, COUNTER, HISTOGRAM };
enum { LABEL_SETS_MAX = 4096, BUCKETS = 14 };

static const struct description {
    enum kind kind;
    const char *name;
    const char *label1;
    const char *label2;
    const char *help;
} descriptions[TS_METRIC_LAST] = {
    [TS_METRIC_QUEUE_DEPTH] = {GAUGE, "teamsync_queue_depth", NULL, NULL,
                               "Jobs waiting or running."},
    [TS_METRIC_QUEUE_OLDEST_SECONDS] = {GAUGE, "teamsync_queue_oldest_seconds", NULL, NULL,
                                        "Age of the oldest job in the queue."},
    [TS_METRIC_QUEUE_DELAYED] = {GAUGE, "teamsync_queue_delayed", NULL, NULL,
                                 "Jobs that wait for their time."},
    [TS_METRIC_QUEUE_DEAD] = {GAUGE, "teamsync_queue_dead", NULL, NULL, "Jobs given up."},
    [TS_METRIC_JOBS_TOTAL] = {COUNTER, "teamsync_jobs_total", "type", "outcome", "Jobs ended."},
    [TS_METRIC_JOB_SECONDS] = {HISTOGRAM, "teamsync_job_seconds", "type", NULL,
                               "From taking a job to its end."},
    [TS_METRIC_NOTIFICATIONS_TOTAL] = {COUNTER, "teamsync_notifications_total", "result", NULL,
                                       "Notifications received."},
    [TS_METRIC_PUSH_TO_EFFECT_SECONDS] = {HISTOGRAM, "teamsync_push_to_effect_seconds", NULL, NULL,
                                          "From receiving a notification to its committed effect."},
    [TS_METRIC_DIRECTORY_REQUESTS_TOTAL] = {COUNTER, "teamsync_directory_requests_total", "method",
                                            "outcome", "Requests to the directory."},
    [TS_METRIC_MEMBERS] = {GAUGE, "teamsync_members", "org", "status", "Members of an org."},
    [TS_METRIC_LAST_RESYNC_TIMESTAMP_SECONDS] = {GAUGE, "teamsync_last_resync_timestamp_seconds",
                                                 "org", NULL, "When the last full resync ended."},
    [TS_METRIC_RESYNC_CORRECTIONS_TOTAL] = {COUNTER, "teamsync_resync_corrections_total", "org",
                                            NULL, "Changes that push should have delivered."},
    [TS_METRIC_CHANNELS_LIVE] = {GAUGE, "teamsync_channels_live", "org", NULL,
                                 "Live notification channels."},
    [TS_METRIC_HOLDS_OPEN] = {GAUGE, "teamsync_holds_open", "org", NULL,
                              "Holds that wait for a person."},
    [TS_METRIC_REDIS_UP] = {GAUGE, "teamsync_redis_up", NULL, NULL, "1 while Redis answers."},
};

/* Upper bounds in seconds: from a fast local effect to one that waited for a quota. */
static const double bounds[BUCKETS] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                       0.25,  0.5,    1,     2.5,  5,     10,   60};

struct series {
    UT_hash_handle hh;
    double value; /* of a histogram: the sum */
    uint64_t count;
    uint64_t buckets[BUCKETS];
    const char *label1;
    const char *label2;
    char key[]; /* label1 NUL label2 NUL */
};

static struct series *all[TS_METRIC_LAST];

static struct series *series_of(enum ts_metric metric, const char *label1, const char *label2)
{
    const struct description *d = &descriptions[metric];
    char key[256];
    size_t first;
    size_t length;
    struct series *found = NULL;

    ts_text_copy(key, sizeof(key) / 2, d->label1 ? label1 : NULL);
    first = strlen(key) + 1;
    ts_text_copy(key + first, sizeof(key) / 2, d->label2 ? label2 : NULL);
    length = first + strlen(key + first) + 1;
    HASH_FIND(hh, all[metric], key, length, found);
    if (found)
        return found;
    if (HASH_COUNT(all[metric]) >= LABEL_SETS_MAX && strcmp(key, "other") != 0)
        return series_of(metric, "other", "other");
    found = ts_alloc(sizeof(*found) + length);
    memcpy(found->key, key, length);
    found->label1 = found->key;
    found->label2 = found->key + first;
    HASH_ADD(hh, all[metric], key, (unsigned)length, found);
    return found;
}

void ts_metric_add(enum ts_metric metric, const char *label1, const char *label2, double amount)
{
    series_of(metric, label1, label2)->value += amount;
}

void ts_metric_set(enum ts_metric metric, const char *label1, const char *label2, double value)
{
    series_of(metric, label1, label2)->value = value;
}

void ts_metric_observe(enum ts_metric metric, const char *label1, double seconds)
{
    struct series *series = series_of(metric, label1, NULL);

    series->value += seconds;
    series->count++;
    for (size_t i = 0; i < BUCKETS; i++)
        series->buckets[i] += seconds <= bounds[i];
}

/* name="value" with the three characters escaped that the text format wants escaped. */
static void write_label(struct ts_buf *out, const char *name, const char *value, bool first)
{
    (void)ts_buf_addf(out, "%s%s=\"", first ? "" : ",", name);
    for (const char *c = value; *c; c++) {
        if (*c == '\n')
            (void)ts_buf_add_text(out, "\\n");
        else if (*c == '"' || *c == '\\')
            (void)ts_buf_addf(out, "\\%c", *c);
        else
            (void)ts_buf_add(out, c, 1);
    }
    (void)ts_buf_add_text(out, "\"");
}

static void write_labels(struct ts_buf *out, const struct description *d,
                         const struct series *series, const char *bound)
{
    bool first = true;

    if (!d->label1 && !bound)
        return;
    (void)ts_buf_add_text(out, "{");
    if (d->label1) {
        write_label(out, d->label1, series->label1, first);
        first = false;
    }
    if (d->label2)
        write_label(out, d->label2, series->label2, first);
    if (bound)
        write_label(out, "le", bound, first);
    (void)ts_buf_add_text(out, "}");
}

static void write_histogram(struct ts_buf *out, const struct description *d,
                            const struct series *series)
{
    char bound[32];

    for (size_t i = 0; i <= BUCKETS; i++) {
        if (i < BUCKETS)
            (void)snprintf(bound, sizeof(bound), "%g", bounds[i]);
        (void)ts_buf_addf(out, "%s_bucket", d->name);
        write_labels(out, d, series, i < BUCKETS ? bound : "+Inf");
        (void)ts_buf_addf(out, " %llu\n",
                          (unsigned long long)(i < BUCKETS ? series->buckets[i] : series->count));
    }
    (void)ts_buf_addf(out, "%s_sum", d->name);
    write_labels(out, d, series, NULL);
    (void)ts_buf_addf(out, " %.9g\n%s_count", series->value, d->name);
    write_labels(out, d, series, NULL);
    (void)ts_buf_addf(out, " %llu\n", (unsigned long long)series->count);
}

static void write_metric(struct ts_buf *out, enum ts_metric metric)
{
    static const char *const kinds[] = {"gauge", "counter", "histogram"};
    const struct description *d = &descriptions[metric];

    (void)ts_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", d->name, d->help, d->name,
                      kinds[d->kind]);
    for (const struct series *s = all[metric]; s; s = s->hh.next) {
        if (d->kind == HISTOGRAM) {
            write_histogram(out, d, s);
        } else {
            (void)ts_buf_add_text(out, d->name);
            write_labels(out, d, s, NULL);
            (void)ts_buf_addf(out, " %.15g\n", s->value);
        }
    }
}

void ts_metrics_write(struct ts_buf *out)
{
    for (enum ts_metric metric = 0; metric < TS_METRIC_LAST; metric++)
        write_metric(out, metric);
}

void ts_metrics_reset(void)
{
    for (enum ts_metric metric = 0; metric < TS_METRIC_LAST; metric++) {
        struct series *series;
        struct series *next;

        HASH_ITER(hh, all[metric], series, next)
        {
            HASH_DEL(all[metric], series);
            free(series);
        }
    }
}
