/* SPDX-License-Identifier: MIT */
/* Collecting the texts of a script call. */
#include "queue/args.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <inttypes.h>

void ts_args_add(struct ts_args *args, const char *text)
{
    if (args->count < TS_ARGS_MAX)
        args->texts[args->count++] = text;
}

void ts_args_add_made(struct ts_args *args, char *text)
{
    args->made[args->made_count++] = text;
    ts_args_add(args, text);
}

void ts_args_done(struct ts_args *args)
{
    for (size_t i = 0; i < args->made_count; i++)
        free(args->made[i]);
}

void ts_args_add_field(struct ts_args *args, const char *name, const char *text)
{
    if (!ts_text_is_empty(text)) {
        ts_args_add(args, name);
        ts_args_add(args, text);
    }
}

static void add_number_field(struct ts_args *args, const char *name, uint64_t number)
{
    if (number > 0) {
        ts_args_add(args, name);
        ts_args_add_made(args, ts_format("%" PRIu64, number));
    }
}

void ts_args_add_job(struct ts_args *args, const struct ts_job *job)
{
    ts_args_add_field(args, "type", ts_job_type_name(job->type));
    ts_args_add_field(args, "org", job->org);
    ts_args_add_field(args, "user", job->user);
    ts_args_add_field(args, "member", job->member);
    ts_args_add_field(args, "cause", job->cause);
    ts_args_add_field(args, "by", job->by);
    ts_args_add_field(args, "mode", job->is_preview ? "preview" : NULL);
    add_number_field(args, "attempt", job->attempt);
    add_number_field(args, "reread", job->reread);
    add_number_field(args, "absent", job->seen_absent);
    add_number_field(args, "first_us", job->first_us);
    add_number_field(args, "received_us", job->received_us);
}
