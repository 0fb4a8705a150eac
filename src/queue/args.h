/* SPDX-License-Identifier: MIT */
/* The texts of one script call: borrowed ones, and those made for it. */
#ifndef QUEUE_ARGS_H
#define QUEUE_ARGS_H

#include "teamsync/job.h"

enum { TS_ARGS_MAX = 160, TS_ARGS_MADE_MAX = 16 };

struct ts_args {
    const char *texts[TS_ARGS_MAX + 1]; /* ended by NULL */
    size_t count;
    char *made[TS_ARGS_MADE_MAX];
    size_t made_count;
};

void ts_args_add(struct ts_args *args, const char *text);
void ts_args_add_made(struct ts_args *args, char *text); /* takes it */
/* Name and value, unless the value is empty. */
void ts_args_add_field(struct ts_args *args, const char *name, const char *text);
/* The fields of a job as they stand in the stream; but not its first error. */
void ts_args_add_job(struct ts_args *args, const struct ts_job *job);
void ts_args_done(struct ts_args *args);

#endif
