/* SPDX-License-Identifier: MIT */
/* The whole history as a file, newest first, however long it is: a page is read when the client has
 * taken the one before. As it runs: page -> (begin) -> write -> … -> end, or abort in the middle.
 */
#include "api/handlers.h"
#include "api/history.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

enum {
    PAGE = 500,
    PAGE_MAX_BYTES = 16 << 20, /* no entry that was ever written here comes near 32 KiB */
};

static const struct format {
    const char *name; /* also the file's ending */
    const char *content_type;
    void (*begin)(struct ts_buf *out); /* NULL: there is no line before the first */
    void (*add)(struct ts_buf *out, const struct ts_history_entry *entry);
} formats[] = {
    {"jsonl", "application/x-ndjson", NULL, ts_history_lines_add},
    {"csv", "text/csv; charset=utf-8", ts_history_csv_begin, ts_history_csv_add},
};

/* The exchange's operation, and goes with it. */
struct export
{
    struct ts_op op;    /* first */
    struct ts_op *page; /* on its way */
    struct ts_exchange *x;
    const struct format *format;
    struct ts_history_query query;
    char *cursor; /* of the next page */
    bool is_begun;
};

static void read_page(struct export *e);
static void on_page(const struct ts_error *err, const struct ts_history_entry *entries,
                    size_t count, const char *next_cursor, void *arg);
static bool begin(struct export *e);
static void write_page(struct export *e, const struct ts_buf *text, bool is_last);
static void on_writable(void *arg);
static void on_gone(void *arg);

static const struct ts_stream stream = {.on_writable = on_writable, .on_gone = on_gone};

static void cancel(struct ts_op *op)
{
    struct export *e = (struct export *)(void *)op;

    ts_op_cancel(&e->page);
    free(e->cursor);
    free(e);
}

static void read_page(struct export *e)
{
    struct ts_roster *roster = e->x->env->roster;

    e->query.cursor = e->cursor;
    e->page = roster->ops->history(roster, &e->query, on_page, e);
}

static void fail(struct export *e, const struct ts_error *err)
{
    struct ts_exchange *x = e->x;

    if (!e->is_begun) {
        ts_exchange_fail(x, err);
    } else {
        ts_log(TS_LOG_WARNING, "cannot go on with an export, closing it", "org", x->org, "error",
               err->text, NULL);
        ts_request_abort(x->request);
        ts_exchange_release(x);
    }
}

static void print_page(const struct export *e, const struct ts_history_entry *entries, size_t count,
                       struct ts_buf *out)
{
    if (!e->is_begun && e->format->begin)
        e->format->begin(out);
    for (size_t i = 0; i < count; i++)
        e->format->add(out, &entries[i]);
}

static void on_page(const struct ts_error *err, const struct ts_history_entry *entries,
                    size_t count, const char *next_cursor, void *arg)
{
    struct export *e = arg;
    struct ts_error too_large = ts_error_make(TS_INTERNAL, "a page of the history is too large");
    struct ts_buf text;

    e->page = NULL;
    free(e->cursor);
    e->cursor = ts_strdup(next_cursor);
    ts_buf_init(&text, PAGE_MAX_BYTES);
    print_page(e, entries, count, &text);
    if (err->cls != TS_OK)
        fail(e, err);
    else if (text.overflown)
        fail(e, &too_large);
    else if (e->is_begun || begin(e))
        write_page(e, &text, next_cursor == NULL);
    ts_buf_done(&text);
}

/* False: it was answered with that. */
static bool begin(struct export *e)
{
    struct ts_exchange *x = e->x;
    TS_AUTOFREE char *disposition =
        ts_format("attachment; filename=\"%s-history.%s\"", x->org, e->format->name);

    ts_request_add_header(x->request, "Content-Disposition", disposition);
    e->is_begun = ts_request_begin(x->request, 200, e->format->content_type, &stream, e);
    if (e->is_begun)
        return true;
    ts_exchange_release(x);
    return false;
}

/* Of a page without a fitting entry the client will take nothing: the next one follows at once. */
static void write_page(struct export *e, const struct ts_buf *text, bool is_last)
{
    struct ts_exchange *x = e->x;

    if (text->len > 0)
        ts_request_write(x->request, text->data, text->len);
    if (is_last) {
        ts_request_end(x->request);
        ts_exchange_release(x);
    } else if (text->len == 0) {
        read_page(e);
    }
}

static void on_writable(void *arg)
{
    struct export *e = arg;

    if (!e->page)
        read_page(e);
}

static void on_gone(void *arg)
{
    struct export *e = arg;

    ts_exchange_release(e->x);
}

/* --- the route --- */

static const struct format *format_of(const char *name)
{
    if (ts_text_is_empty(name))
        return &formats[0];
    for (size_t i = 0; i < TS_COUNT_OF(formats); i++) {
        if (ts_text_equal(formats[i].name, name))
            return &formats[i];
    }
    return NULL;
}

static void start(struct ts_exchange *x)
{
    const struct format *format = format_of(ts_request_query(x->request, "format"));
    struct ts_history_query query;
    struct export *e;

    if (!format) {
        ts_exchange_refuse(x, 400, "format must be jsonl or csv");
    } else if (ts_history_read_filters(x, &query)) {
        query.limit = PAGE;
        e = ts_alloc(sizeof(*e));
        *e = (struct export){.op.cancel = cancel, .x = x, .format = format, .query = query};
        x->op = &e->op;
        read_page(e);
    }
}

void ts_api_export_history(struct ts_exchange *x)
{
    ts_exchange_with_org(x, start);
}
