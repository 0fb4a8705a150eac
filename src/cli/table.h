/* SPDX-License-Identifier: MIT */
/* A table of what the API lists. Rows are kept until the widths are settled, then go out as they
 * come. On a terminal a line ends where the terminal does: ids at its end are left out, and long
 * texts shortened, before a column is lost. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/screen.h"

enum ts_cell {
    TS_CELL_TEXT,
    TS_CELL_WORD, /* coloured by what it says */
    TS_CELL_TIME,
    TS_CELL_AGE,    /* a time as "5 min ago" */
    TS_CELL_ID,     /* never shortened */
    TS_CELL_NUMBER, /* to the right */
    TS_CELL_YES,    /* true is "yes", false nothing */
    TS_CELL_LIST,   /* its texts, with commas */
};

struct ts_column {
    const char *title;
    const char *key; /* "sync.state" */
    enum ts_cell cell;
    char *(*make)(struct json_object *item); /* NULL: as `cell` says; newly allocated */
};

enum { TS_COLUMNS_MAX = 12 };

struct ts_table {
    const struct ts_screen *screen;
    const struct ts_column *columns; /* up to one without a title */
    size_t column_count;
    size_t shown_count; /* of the columns */
    size_t widths[TS_COLUMNS_MAX];
    char **kept; /* cells, row by row */
    size_t kept_count;
    bool is_settled;
    bool is_narrow; /* texts are shortened */
};

void ts_table_begin(struct ts_table *table, const struct ts_screen *screen,
                    const struct ts_column *columns);
void ts_table_add(struct ts_table *table, struct json_object *item);
void ts_table_settle(struct ts_table *table); /* these rows decide about the widths */
void ts_table_end(struct ts_table *table);    /* all that was kept goes out */

/* One whole table, of the first `max` items of an array. */
void ts_table_show(const struct ts_screen *screen, const struct ts_column *columns,
                   struct json_object *items, size_t max);
/* "key:  value" for each column that has a value. */
void ts_card_show(const struct ts_screen *screen, const struct ts_column *columns,
                  struct json_object *item);

#endif
