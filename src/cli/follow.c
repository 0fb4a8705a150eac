/* SPDX-License-Identifier: MIT */
/* The last changes, then a stream of events (WHATWG HTML) that is begun anew, behind the last one,
 * whenever it ends. */
#include "cli/follow.h"

#include "cli/ask.h"
#include "cli/options.h"
#include "cli/path.h"

#include "teamsync/buf.h"
#include "teamsync/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LAST_ONES = 10,
    PATIENCE_S = 330, /* a stream ends after five minutes */
    AGAIN_S = 2,
    LINE_MAX_BYTES = 1 << 20,
};

struct follow {
    struct ts_cli *cli;
    struct ts_table table;
    bool has_begun; /* a stream */
    char *place;    /* the id to go on behind */

    struct ts_buf line; /* that is not complete */
    char *event;        /* whose lines come: what it is, */
    char *id;
    char *data;
};

/* --- what is shown --- */

static void show(struct follow *f, struct json_object *change)
{
    if (f->cli->is_json) {
        ts_say_json(&f->cli->out, change);
    } else {
        ts_table_add(&f->table, change);
        ts_table_settle(&f->table);
    }
}

static void go_on_behind(struct follow *f, const char *id)
{
    char *place = ts_strdup(id);

    free(f->place);
    f->place = place;
}

/* Oldest first. */
static bool show_last(struct follow *f, const char *path)
{
    size_t limit = ts_option_number(f->cli, "limit", LAST_ONES);
    TS_AUTOJSON struct json_object *page = ts_page(f->cli, path, NULL, limit);
    struct json_object *items = page ? ts_json_array(page, "items") : NULL;
    size_t count = items ? json_object_array_length(items) : 0;

    for (size_t i = count; i-- > 0;) {
        if (f->cli->is_json)
            show(f, json_object_array_get_idx(items, i));
        else
            ts_table_add(&f->table, json_object_array_get_idx(items, i));
    }
    ts_table_settle(&f->table);
    go_on_behind(f, count ? ts_text_at(json_object_array_get_idx(items, 0), "id") : "0-0");
    return page && fflush(f->cli->out.file) == 0;
}

/* --- what comes --- */

static void forget_event(struct follow *f)
{
    free(TS_STEAL(f->event));
    free(TS_STEAL(f->id));
    free(TS_STEAL(f->data));
}

static void take_event(struct follow *f)
{
    TS_AUTOJSON struct json_object *change = ts_text_equal(f->event, "member") && f->data
                                                 ? ts_json_parse(f->data, strlen(f->data), NULL)
                                                 : NULL;

    if (change)
        show(f, change);
    if (ts_text_equal(f->event, "reset"))
        ts_say(&f->cli->err, TS_DIM, "(what came in between is missing: teamsync history %s)\n",
               f->cli->org);
    if (f->id)
        go_on_behind(f, f->id);
    forget_event(f);
}

/* The value of "field: value"; newly allocated, NULL when it is another field. */
static char *value_of(const char *line, const char *field)
{
    return ts_text_starts_with(line, field) ? ts_strdup(line + strlen(field)) : NULL;
}

static void take_line(struct follow *f, const char *line)
{
    char *value;

    if (*line == '\0') {
        take_event(f);
    } else if ((value = value_of(line, "event: "))) {
        free(f->event);
        f->event = value;
    } else if ((value = value_of(line, "id: "))) {
        free(f->id);
        f->id = value;
    } else if ((value = value_of(line, "data: "))) {
        free(f->data);
        f->data = value;
    }
}

static bool on_bytes(const char *bytes, size_t length, void *arg)
{
    struct follow *f = arg;

    f->has_begun = true;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\n') {
            (void)ts_buf_add(&f->line, &bytes[i], 1);
        } else {
            take_line(f, f->line.data);
            ts_buf_clear(&f->line);
        }
    }
    return fflush(f->cli->out.file) == 0;
}

/* --- one stream after the other --- */

static bool is_to_go_on(const struct follow *f, const struct ts_answer *answer)
{
    switch (answer->trouble) {
    case TS_TROUBLE_NONE:
        return answer->status < 300 || (f->has_begun && answer->status == 503);
    case TS_TROUBLE_BROKEN:
        return true;
    case TS_TROUBLE_UNREACHABLE:
        return f->has_begun;
    case TS_TROUBLE_UNWRITTEN:
    default:
        return false;
    }
}

static bool listen_once(struct follow *f, const char *path)
{
    TS_AUTOFREE char *asked = ts_strdup(path);
    struct ts_answer answer;
    bool goes_on;

    ts_path_add_query(&asked, "last_event_id", f->place);
    ts_client_exchange(f->cli->client, "GET", asked, NULL, on_bytes, f, &answer);
    goes_on = is_to_go_on(f, &answer);
    if (!goes_on)
        (void)ts_is_good(f->cli, &answer);
    ts_answer_done(&answer);
    ts_buf_clear(&f->line);
    forget_event(f);
    return goes_on;
}

static void listen_for_ever(struct follow *f, const char *path)
{
    ts_client_set_patience(f->cli->client, PATIENCE_S);
    while (listen_once(f, path))
        (void)sleep(AGAIN_S);
}

int ts_follow(struct ts_cli *cli, const struct ts_column *columns)
{
    TS_AUTOFREE char *history = ts_path("/api/v1/orgs/%/history", cli->org);
    TS_AUTOFREE char *events = ts_path("/api/v1/orgs/%/events", cli->org);
    struct follow f = {.cli = cli};

    ts_buf_init(&f.line, LINE_MAX_BYTES);
    ts_table_begin(&f.table, &cli->out, columns);
    if (show_last(&f, history))
        listen_for_ever(&f, events);
    ts_table_end(&f.table);
    ts_buf_done(&f.line);
    forget_event(&f);
    free(f.place);
    return TS_EXIT_FAILED;
}
