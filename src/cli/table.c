/* SPDX-License-Identifier: MIT */
/* Cells, their widths, and lines. */
#include "cli/table.h"

#include "cli/ask.h"
#include "cli/values.h"
#include "cli/visible.h"

#include "teamsync/buf.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <stdint.h>
#include <string.h>

static const char nothing[] = "-";
static const size_t gap = 2;

/* --- cells --- */

static char *join(struct json_object *list)
{
    struct ts_buf joined;

    ts_buf_init(&joined, SIZE_MAX / 2);
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        const char *text = json_object_get_string(json_object_array_get_idx(list, i));

        (void)ts_buf_addf(&joined, "%s%s", i ? "," : "", text ? text : nothing);
    }
    return joined.data;
}

static char *raw_cell(const struct ts_column *column, struct json_object *item)
{
    struct json_object *value = column->make ? NULL : ts_at(item, column->key);

    if (column->make)
        return column->make(item);
    if (!value)
        return NULL;
    if (column->cell == TS_CELL_TIME)
        return ts_moment_show(json_object_get_string(value));
    if (column->cell == TS_CELL_AGE)
        return ts_age_show(json_object_get_string(value), ts_wall_us());
    if (column->cell == TS_CELL_YES)
        return json_object_get_boolean(value) ? ts_strdup("yes") : NULL;
    if (json_object_is_type(value, json_type_array))
        return join(value);
    return ts_strdup(json_object_get_string(value));
}

/* Newly allocated, safe to be shown; NULL when there is nothing. */
static char *cell_of(const struct ts_column *column, struct json_object *item)
{
    TS_AUTOFREE char *raw = raw_cell(column, item);

    return ts_text_is_empty(raw) ? NULL : ts_visible(raw);
}

/* --- lines --- */

static enum ts_colour colour_of(enum ts_cell cell, const char *text)
{
    return cell == TS_CELL_WORD ? ts_colour_of(text) : TS_PLAIN;
}

static void write_blanks(const struct ts_screen *screen, size_t count)
{
    (void)fprintf(screen->file, "%*s", (int)count, "");
}

/* As much of it as there is room for. */
static void write_cut(const struct ts_screen *screen, const char *text, size_t room)
{
    (void)fprintf(screen->file, "%.*s…", (int)ts_width_fits(text, room - 1), text);
}

static bool may_be_shortened(const struct ts_table *table, size_t column)
{
    return table->columns[column].cell == TS_CELL_TEXT ||
           table->columns[column].cell == TS_CELL_LIST;
}

/* The text, or what its column has room for. Newly allocated. */
static char *shorten(const struct ts_table *table, size_t column, const char *text)
{
    size_t width = table->widths[column];

    if (!table->is_narrow || !may_be_shortened(table, column) || ts_width(text) <= width)
        return ts_strdup(text);
    return ts_format("%.*s…", (int)ts_width_fits(text, width - 1), text);
}

/* One cell of what is left of the line. Returns what is left then. */
static size_t write_cell(const struct ts_table *table, size_t column, const char *whole,
                         enum ts_colour colour, size_t room)
{
    const struct ts_screen *screen = table->screen;
    TS_AUTOFREE char *text = shorten(table, column, whole);
    size_t width = ts_width(text);
    size_t pad = table->widths[column] > width ? table->widths[column] - width : 0;
    bool is_right = table->columns[column].cell == TS_CELL_NUMBER;

    if (width > room || (is_right && width + pad > room)) {
        write_cut(screen, text, room);
        return 0;
    }
    write_blanks(screen, is_right ? pad : 0);
    ts_say(screen, colour, "%s", text);
    if (column + 1 == table->shown_count || width + pad + gap >= room)
        return 0; /* nothing follows, for want of columns or of room */
    write_blanks(screen, (is_right ? 0 : pad) + gap);
    return room - width - pad - gap;
}

/* `cells` NULL: the titles. */
static void write_line(const struct ts_table *table, char *const *cells)
{
    size_t room = table->screen->width ? table->screen->width : SIZE_MAX;

    for (size_t i = 0; i < table->shown_count && room > 0; i++) {
        const struct ts_column *column = &table->columns[i];
        const char *cell = cells && cells[i] ? cells[i] : nothing;

        if (cells)
            room = write_cell(table, i, cell, colour_of(column->cell, cell), room);
        else
            room = write_cell(table, i, column->title, TS_BOLD, room);
    }
    (void)fputc('\n', table->screen->file);
}

/* --- the table --- */

void ts_table_begin(struct ts_table *table, const struct ts_screen *screen,
                    const struct ts_column *columns)
{
    *table = (struct ts_table){.screen = screen, .columns = columns};
    while (columns[table->column_count].title) {
        table->widths[table->column_count] = ts_width(columns[table->column_count].title);
        table->column_count++;
    }
    table->shown_count = table->column_count;
}

void ts_table_add(struct ts_table *table, struct json_object *item)
{
    size_t wanted = (table->kept_count + table->column_count) * sizeof(*table->kept);
    char **cells;

    table->kept = ts_realloc(table->kept, wanted);
    cells = table->kept + table->kept_count;
    for (size_t i = 0; i < table->column_count; i++)
        cells[i] = cell_of(&table->columns[i], item);
    table->kept_count += table->column_count;
}

static void widen(struct ts_table *table)
{
    for (size_t i = 0; i < table->kept_count; i++) {
        size_t column = i % table->column_count;
        size_t width = table->kept[i] ? ts_width(table->kept[i]) : strlen(nothing);

        if (width > table->widths[column])
            table->widths[column] = width;
    }
}

static size_t line_width(const struct ts_table *table)
{
    size_t width = 0;

    for (size_t i = 0; i < table->shown_count; i++)
        width += table->widths[i] + (i ? gap : 0);
    return width;
}

/* The width of the longest texts, as long as what is left of them can be recognised; the first
 * column names the row. NULL: none is left. */
static size_t *widest(struct ts_table *table)
{
    enum { LEAST = 10, LEAST_OF_NAMES = 24 };
    size_t least = LEAST_OF_NAMES;
    size_t *found = NULL;

    for (size_t i = 0; i < table->shown_count; i++) {
        size_t *width = &table->widths[i];

        if (!may_be_shortened(table, i))
            continue;
        if (*width > least && *width > ts_width(table->columns[i].title) &&
            (!found || *width > *found))
            found = width;
        least = LEAST;
    }
    return found;
}

static void narrow(struct ts_table *table)
{
    while (line_width(table) > table->screen->width) {
        size_t *width = widest(table);

        if (table->columns[table->shown_count - 1].cell == TS_CELL_ID && table->shown_count > 1) {
            table->shown_count--;
        } else if (width) {
            --*width;
            table->is_narrow = true;
        } else {
            return;
        }
    }
}

void ts_table_settle(struct ts_table *table)
{
    if (table->kept_count == 0)
        return;
    if (!table->is_settled) {
        widen(table);
        if (table->screen->width)
            narrow(table);
        write_line(table, NULL);
        table->is_settled = true;
    }
    for (size_t i = 0; i < table->kept_count; i += table->column_count)
        write_line(table, table->kept + i);
    for (size_t i = 0; i < table->kept_count; i++)
        free(table->kept[i]);
    table->kept_count = 0;
}

void ts_table_end(struct ts_table *table)
{
    ts_table_settle(table);
    free(table->kept);
    table->kept = NULL;
}

void ts_table_show(const struct ts_screen *screen, const struct ts_column *columns,
                   struct json_object *items, size_t max)
{
    size_t count = items ? json_object_array_length(items) : 0;
    struct ts_table table;

    ts_table_begin(&table, screen, columns);
    for (size_t i = 0; i < count && i < max; i++)
        ts_table_add(&table, json_object_array_get_idx(items, i));
    ts_table_end(&table);
}

/* A time is told in both ways. */
static char *card_cell_of(const struct ts_column *column, struct json_object *item)
{
    struct ts_column ago = {.key = column->key, .cell = TS_CELL_AGE};
    TS_AUTOFREE char *cell = cell_of(column, item);
    TS_AUTOFREE char *age = cell && column->cell == TS_CELL_TIME ? cell_of(&ago, item) : NULL;

    return age ? ts_format("%s (%s)", cell, age) : TS_STEAL(cell);
}

void ts_card_show(const struct ts_screen *screen, const struct ts_column *columns,
                  struct json_object *item)
{
    size_t width = 0;

    for (const struct ts_column *c = columns; c->title; c++)
        width = ts_width(c->title) > width ? ts_width(c->title) : width;
    for (const struct ts_column *c = columns; c->title; c++) {
        TS_AUTOFREE char *cell = card_cell_of(c, item);

        if (!cell)
            continue;
        ts_say(screen, TS_DIM, "%s:", c->title);
        (void)fprintf(screen->file, "%*s", (int)(width - ts_width(c->title) + 1), "");
        ts_say_folded(screen, colour_of(c->cell, cell), width + 2, width + 2, cell);
    }
}
