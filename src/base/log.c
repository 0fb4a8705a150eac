/* SPDX-License-Identifier: MIT */
/* Log lines: pairs in, one escaped line out, written with a single call so that lines of several
 * processes on one descriptor do not mix. */
#include "teamsync/log.h"

#include "teamsync/buf.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 8192, VALUE_MAX_BYTES = 1024, LINES_A_SECOND = 10 };

static enum ts_log_level threshold = TS_LOG_INFO;
static enum ts_log_format line_format = TS_LOG_LOGFMT;
static char job[128];

void ts_log_setup(enum ts_log_level level, enum ts_log_format format)
{
    threshold = level;
    line_format = format;
}

bool ts_log_is_on(enum ts_log_level level)
{
    return level <= threshold;
}

void ts_log_set_job(const char *job_id)
{
    ts_text_copy(job, sizeof(job), job_id);
}

static bool needs_quotes(const char *value)
{
    for (const char *c = value; *c; c++) {
        if (*c <= ' ' || *c == '"' || *c == '=' || *c == '\\' || *c == 0x7f)
            return true;
    }
    return *value == '\0' || !ts_text_is_utf8(value, strlen(value));
}

/* Between quotes, as JSON wants it; bytes that are not UTF-8 are shown by their number. */
static void add_escaped(struct ts_buf *line, const char *value)
{
    size_t length = strnlen(value, VALUE_MAX_BYTES);
    bool is_utf8 = ts_text_is_utf8(value, length);

    (void)ts_buf_add_text(line, "\"");
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];

        if (c == '"' || c == '\\')
            (void)ts_buf_addf(line, "\\%c", c);
        else if (c < 0x20 || c == 0x7f || (c > 0x7f && !is_utf8))
            (void)ts_buf_addf(line, "\\u%04x", c);
        else
            (void)ts_buf_add(line, &c, 1);
    }
    (void)ts_buf_add_text(line, "\"");
}

static void add_pair(struct ts_buf *line, const char *name, const char *value)
{
    if (line_format == TS_LOG_JSON) {
        (void)ts_buf_addf(line, "%s\"%s\":", line->len ? "," : "{", name);
        add_escaped(line, value);
    } else {
        (void)ts_buf_addf(line, "%s%s=", line->len ? " " : "", name);
        if (needs_quotes(value))
            add_escaped(line, value);
        else
            (void)ts_buf_add(line, value, strnlen(value, VALUE_MAX_BYTES));
    }
}

static void add_head(struct ts_buf *line, enum ts_log_level level, const char *message)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    char now[TS_TIME_TEXT];

    add_pair(line, "time", ts_time_text(ts_wall_us(), now));
    add_pair(line, "level", names[level]);
    add_pair(line, "msg", message);
    if (job[0])
        add_pair(line, "job", job);
}

void ts_log(enum ts_log_level level, const char *message, ...)
{
    struct ts_buf line;
    va_list pairs;
    const char *name;

    if (!ts_log_is_on(level))
        return;
    ts_buf_init(&line, LINE_MAX_BYTES);
    add_head(&line, level, message);
    va_start(pairs, message);
    while ((name = va_arg(pairs, const char *))) {
        const char *value = va_arg(pairs, const char *);

        if (value)
            add_pair(&line, name, value);
    }
    va_end(pairs);
    line.max += 2; /* the end of the line always fits */
    (void)ts_buf_add_text(&line, line_format == TS_LOG_JSON ? "}\n" : "\n");
    if (write(STDERR_FILENO, line.data, line.len) < 0)
        (void)0; /* nobody reads our log; nothing better to do than to go on */
    ts_buf_done(&line);
}

bool ts_log_has_room(struct ts_log_room *room, uint64_t now_ms, unsigned *ret_left_out)
{
    if (now_ms - room->since_ms >= 1000) {
        room->since_ms = now_ms;
        room->said = 0;
    }
    if (room->said == LINES_A_SECOND) {
        room->left_out++;
        return false;
    }
    room->said++;
    *ret_left_out = room->left_out;
    room->left_out = 0;
    return true;
}
