/* SPDX-License-Identifier: MIT */
/* Any bytes as a stream entry, names and values separated by newlines: a reason, or a job that can
 * be asked for, and that comes back the same from where it waits. */
#include "directory/google/google_internal.h"
#include "fuzz/fuzz.h"

#include "teamsync/job.h"
#include "teamsync/json.h"

#include <json-c/linkhash.h>

enum { FIELDS_MAX = 70 };

static size_t read_fields(char *text, char *end, struct ts_job_field fields[FIELDS_MAX])
{
    size_t count = 0;

    for (char *at = text; at < end && count < FIELDS_MAX; count++) {
        char *name = at;
        char *value = memchr(name, '\n', (size_t)(end - name));
        char *next;

        if (!value)
            break;
        *value++ = '\0';
        next = memchr(value, '\n', (size_t)(end - value));
        next = next ? next : end;
        *next = '\0';
        fields[count] = (struct ts_job_field){name, value, (size_t)(next - value)};
        at = next + 1;
    }
    return count;
}

static void check_same(const struct ts_job *a, const struct ts_job *b)
{
    MUST(a->type == b->type && ts_text_equal(a->org, b->org) && ts_text_equal(a->user, b->user));
    MUST(ts_text_equal(a->cause, b->cause) && ts_text_equal(a->by, b->by));
    MUST(a->is_preview == b->is_preview && a->seen_absent == b->seen_absent);
    MUST(a->attempt == b->attempt && a->reread == b->reread);
    MUST(a->first_us == b->first_us && a->received_us == b->received_us);
    MUST(ts_text_equal(a->first_error, b->first_error));
}

/* Out of jobs:delayed into the stream again, as its script does it. */
static void check_delayed(const struct ts_job *job)
{
    TS_AUTOFREE char *text = ts_job_delayed_text(job);
    TS_AUTOJSON struct json_object *json = ts_json_parse(text, strlen(text), NULL);
    struct json_object_iter at;
    struct ts_job_field fields[FIELDS_MAX];
    struct ts_job again = {0};
    size_t count = 0;

    MUST(json);
    json_object_object_foreachC(json, at)
    {
        MUST(json_object_is_type(at.val, json_type_string) && count < FIELDS_MAX);
        fields[count++] = (struct ts_job_field){at.key, json_object_get_string(at.val),
                                                (size_t)json_object_get_string_len(at.val)};
    }
    MUST(!ts_job_parse(fields, count, &again));
    check_same(job, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *text = ts_memdup_text((const char *)data, size);
    struct ts_job_field fields[FIELDS_MAX];
    size_t count = read_fields(text, text + size, fields);
    struct ts_job job = {0};
    const char *reason = ts_job_parse(fields, count, &job);

    if (!reason) {
        TS_AUTOFREE struct ts_job *copy = ts_job_dup(&job);
        TS_AUTOFREE char *path = copy->user ? ts_google_user_path(copy->user, "") : NULL;

        MUST(copy->org && (copy->type == TS_JOB_USER) == (path != NULL));
        check_same(&job, copy);
        check_delayed(copy);
    }
    MUST(!reason || *reason);
    return 0;
}
