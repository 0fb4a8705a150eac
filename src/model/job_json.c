/* SPDX-License-Identifier: MIT */
/* A job as it waits in jobs:delayed: a JSON object with the names of the stream's fields and texts
 * as values, so that a script can put it into the stream as it is. */
#include "teamsync/job.h"
#include "teamsync/json.h"
#include "teamsync/text.h"

#include <inttypes.h>

static void add_text(struct json_object *json, const char *name, const char *text)
{
    if (!ts_text_is_empty(text))
        ts_json_add_text(json, name, text);
}

static void add_number(struct json_object *json, const char *name, uint64_t number)
{
    TS_AUTOFREE char *text = ts_format("%" PRIu64, number);

    if (number > 0)
        ts_json_add_text(json, name, text);
}

char *ts_job_delayed_text(const struct ts_job *job)
{
    TS_AUTOJSON struct json_object *json = ts_json_new_object();
    TS_AUTOFREE char *nonce = job->is_timer ? NULL : ts_random_id("");

    add_text(json, "type", ts_job_type_name(job->type));
    add_text(json, "org", job->org);
    add_text(json, "user", job->user);
    add_text(json, "member", job->member);
    add_text(json, "cause", job->cause);
    add_text(json, "by", job->by);
    add_text(json, "mode", job->is_preview ? "preview" : NULL);
    add_number(json, "attempt", job->attempt);
    add_number(json, "reread", job->reread);
    add_number(json, "absent", job->seen_absent);
    add_number(json, "first_us", job->first_us);
    add_number(json, "received_us", job->received_us);
    add_text(json, "first_error", job->first_error);
    add_text(json, "nonce", nonce);
    return ts_json_print(json);
}
