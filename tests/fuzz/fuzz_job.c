/* SPDX-License-Identifier: MIT */
/* Any bytes as a stream entry, names and values separated by newlines: a job or a reason. */
#include "teamsync/job.h"
#include "teamsync/mem.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 70 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *text = ts_memdup_text((const char *)data, size);
    struct ts_job_field fields[FIELDS_MAX];
    struct ts_job job = {0};
    size_t count = 0;
    char *end = text + size;

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
    if (!ts_job_parse(fields, count, &job)) {
        TS_AUTOFREE struct ts_job *copy = ts_job_dup(&job);
        TS_AUTOFREE char *delayed = ts_job_delayed_text(copy);

        if (!copy->org || (copy->type == TS_JOB_USER && !copy->user))
            abort();
    }
    return 0;
}
