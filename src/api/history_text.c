/* SPDX-License-Identifier: MIT */
/* Changes as lines of text. */
#include "api/history.h"
#include "api/member_json.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <string.h>

/* --- CSV --- */

static bool is_formula(const char *text)
{
    return *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
}

static void add_quoted(struct ts_buf *out, const char *text)
{
    (void)ts_buf_add_text(out, "\"");
    for (const char *quote = strchr(text, '"'); quote; quote = strchr(text, '"')) {
        (void)ts_buf_add(out, text, (size_t)(quote - text));
        (void)ts_buf_add_text(out, "\"\"");
        text = quote + 1;
    }
    (void)ts_buf_add_text(out, text);
    (void)ts_buf_add_text(out, "\"");
}

static void add_cell(struct ts_buf *out, const char *text, const char *end)
{
    TS_AUTOFREE char *cell =
        ts_format("%s%s", text && is_formula(text) ? "'" : "", ts_text_or_empty(text));

    if (cell[strcspn(cell, ",\"\r\n")] == '\0')
        (void)ts_buf_add_text(out, cell);
    else
        add_quoted(out, cell);
    (void)ts_buf_add_text(out, end);
}

void ts_history_csv_begin(struct ts_buf *out)
{
    (void)ts_buf_add_text(out, "id,at,member,email,field,before,after,cause,job\r\n");
}

void ts_history_csv_add(struct ts_buf *out, const struct ts_history_entry *entry)
{
    char at[TS_TIME_TEXT];

    add_cell(out, entry->id, ",");
    add_cell(out, ts_time_text(entry->at_us, at), ",");
    add_cell(out, entry->member_id, ",");
    add_cell(out, entry->email, ",");
    add_cell(out, entry->field, ",");
    add_cell(out, entry->before, ",");
    add_cell(out, entry->after, ",");
    add_cell(out, entry->cause, ",");
    add_cell(out, entry->job, "\r\n");
}

/* --- JSON lines --- */

void ts_history_lines_add(struct ts_buf *out, const struct ts_history_entry *entry)
{
    TS_AUTOJSON struct json_object *json = ts_history_json(entry);
    TS_AUTOFREE char *line = ts_json_print(json);

    (void)ts_buf_add_text(out, line);
    (void)ts_buf_add_text(out, "\n");
}
