/* SPDX-License-Identifier: MIT */
/* teamsync_members{org="acme",status="active"} 40 */
#include "cli/metrics.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <stdlib.h>
#include <string.h>

/* What stands behind name=" of the labels; nothing for a label that is not there. */
static void read_label(const char *labels, const char *name, char *ret, size_t capacity)
{
    TS_AUTOFREE char *head = ts_format("%s=\"", name);
    const char *found = strstr(labels, head);
    const char *value = found ? found + strlen(head) : "";
    TS_AUTOFREE char *text = ts_memdup_text(value, strcspn(value, "\""));

    ts_text_copy(ret, capacity, text);
}

static bool read_sample(const char *line, struct ts_sample *ret)
{
    size_t name_length = strcspn(line, "{ ");
    const char *labels = line[name_length] == '{' ? line + name_length : "";
    const char *value = strrchr(line, ' ');
    TS_AUTOFREE char *name = ts_memdup_text(line, name_length);
    char *end = NULL;

    if (name_length == 0 || *line == '#' || !value)
        return false;
    ts_text_copy(ret->name, sizeof(ret->name), name);
    read_label(labels, "org", ret->org, sizeof(ret->org));
    read_label(labels, "status", ret->status, sizeof(ret->status));
    ret->value = strtod(value + 1, &end);
    return end > value + 1 && *end == '\0';
}

bool ts_sample_next(const char **at, struct ts_sample *ret_sample)
{
    bool is_sample = false;

    while (**at && !is_sample) {
        size_t length = strcspn(*at, "\n");
        TS_AUTOFREE char *line = ts_memdup_text(*at, length);

        is_sample = read_sample(line, ret_sample);
        *at += length + ((*at)[length] == '\n');
    }
    return is_sample;
}
