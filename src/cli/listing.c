/* SPDX-License-Identifier: MIT */
/* Pages in, rows out. */
#include "cli/listing.h"

#include "teamsync/text.h"

#include <stdint.h>

enum { PAGE = 500, LIMIT_DEFAULT = 100 };

struct walk {
    struct ts_cli *cli;
    const struct ts_listing *listing;
    struct ts_table table;
    size_t shown;
    size_t limit;
    bool is_cut;    /* within a page: no cursor stands there */
    bool has_begun; /* the JSON document */
};

static size_t limit_of(const struct ts_cli *cli)
{
    return ts_option_number(cli, "limit", ts_option(cli, "all") ? SIZE_MAX : LIMIT_DEFAULT);
}

/* As large as will be shown of it. */
static size_t page_size(const struct walk *walk)
{
    size_t left = walk->limit - walk->shown;

    return walk->listing->is_sparse || left > PAGE ? PAGE : left;
}

static void show_item(struct walk *walk, struct json_object *item)
{
    TS_AUTOFREE char *text = NULL;

    if (!walk->cli->is_json) {
        ts_table_add(&walk->table, item);
    } else {
        text = ts_json_print(item);
        ts_say(&walk->cli->out, TS_PLAIN, "%s%s", walk->shown ? "," : "", text);
    }
    walk->shown++;
}

static void show_page(struct walk *walk, struct json_object *items)
{
    if (walk->cli->is_json && !walk->has_begun)
        ts_say(&walk->cli->out, TS_PLAIN, "{\"items\":[");
    walk->has_begun = true;
    for (size_t i = 0; i < json_object_array_length(items) && !walk->is_cut; i++) {
        walk->is_cut = walk->shown == walk->limit;
        if (!walk->is_cut)
            show_item(walk, json_object_array_get_idx(items, i));
    }
    ts_table_settle(&walk->table);
}

/* `cursor`: of what follows, NULL at the end of the list. */
static void end(struct walk *walk, const char *cursor)
{
    struct ts_cli *cli = walk->cli;
    TS_AUTOJSON struct json_object *rest = ts_json_new_object();
    TS_AUTOFREE char *text = NULL;

    if (cli->is_json) {
        ts_json_add_text(rest, "next_cursor", walk->is_cut ? NULL : cursor);
        text = ts_json_print(rest);
        ts_say(&cli->out, TS_PLAIN, "],%s\n", text + 1);
    } else if (walk->shown == 0) {
        ts_say(&cli->err, TS_PLAIN, "%s\n", walk->listing->nothing);
    } else if (cursor || walk->is_cut) {
        (void)fflush(cli->out.file);
        ts_say(&cli->err, TS_DIM, "(%zu shown; for more: --all, or --limit N)\n", walk->shown);
    }
}

static int go(struct walk *walk)
{
    TS_AUTOFREE char *cursor = NULL;

    do {
        TS_AUTOJSON struct json_object *page =
            ts_page(walk->cli, walk->listing->path, cursor, page_size(walk));

        if (!page)
            return TS_EXIT_FAILED;
        free(cursor);
        cursor = ts_strdup(ts_text_at(page, "next_cursor"));
        show_page(walk, ts_json_array(page, "items"));
    } while (cursor && walk->shown < walk->limit);
    end(walk, cursor);
    return TS_EXIT_DONE;
}

int ts_list(struct ts_cli *cli, const struct ts_listing *listing)
{
    struct walk walk = {.cli = cli, .listing = listing, .limit = limit_of(cli)};
    int code;

    ts_table_begin(&walk.table, &cli->out, listing->columns);
    code = go(&walk);
    ts_table_end(&walk.table);
    return code;
}
