/* SPDX-License-Identifier: MIT */
/* Auto-sync: what it would change, on, and off. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/path.h"
#include "cli/prompt.h"
#include "cli/table.h"

#include "teamsync/buf.h"
#include "teamsync/text.h"

#include <json-c/json_object_iterator.h>

#include <inttypes.h>
#include <stdint.h>

enum { SHOWN_MAX = 20 }; /* members, before a person is asked */

/* --- the preview --- */

static void add_change(struct ts_buf *text, const char *field, struct json_object *change)
{
    const char *before = ts_text_at(change, "before");
    const char *after = ts_text_at(change, "after");
    const char *reason = ts_text_at(change, "reason");

    (void)ts_buf_addf(text, "%s%s: %s → %s", text->len ? "; " : "", field, before ? before : "none",
                      after ? after : "none");
    if (reason)
        (void)ts_buf_addf(text, " (%s)", reason);
}

/* "team: Sales → Marketing; status: active → suspended" */
static char *changes(struct json_object *item)
{
    TS_AUTOJSON struct json_object *none = ts_json_new_object();
    struct json_object *object = ts_json_object(item, "changes");
    struct json_object_iterator at = json_object_iter_begin(object ? object : none);
    struct json_object_iterator end = json_object_iter_end(object ? object : none);
    struct ts_buf text;

    ts_buf_init(&text, SIZE_MAX / 2);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
        add_change(&text, json_object_iter_peek_name(&at), json_object_iter_peek_value(&at));
    if (text.len == 0 && ts_json_bool(item, "links", false))
        (void)ts_buf_add_text(&text, "is linked");
    return text.data;
}

static const struct ts_column columns[] = {
    {"MEMBER", "email", TS_CELL_TEXT, NULL},
    {"MANUAL EDIT LOST", "overwrites_manual_edit", TS_CELL_YES, NULL},
    {"CHANGES", NULL, TS_CELL_TEXT, changes},
    {0},
};

static void say_figures(const struct ts_screen *screen, struct json_object *figures)
{
    static const struct {
        const char *key;
        const char *words;
    } known[] = {
        {"linked", "linked for the first time"},   {"suspended", "suspended"},
        {"held", "suspensions held for a person"}, {"reinstated", "reinstated"},
        {"failed", "could not be read"},
    };
    struct ts_buf text;

    ts_buf_init(&text, SIZE_MAX / 2);
    (void)ts_buf_addf(&text,
                      "%" PRId64 " members would change, with %" PRId64 " users in the directory",
                      ts_number_at(figures, "changed"), ts_number_at(figures, "users"));
    for (size_t i = 0; i < TS_COUNT_OF(known); i++) {
        int64_t number = ts_number_at(figures, known[i].key);

        if (number > 0)
            (void)ts_buf_addf(&text, "; %" PRId64 " %s", number, known[i].words);
    }
    ts_say(screen, TS_BOLD, "%s\n", text.data);
    ts_buf_done(&text);
}

static void show_preview(const struct ts_screen *screen, struct json_object *preview, size_t max)
{
    struct json_object *items = ts_json_array(preview, "items");
    struct json_object *loss = ts_json_object(preview, "field_loss");

    say_figures(screen, ts_json_object(preview, "figures"));
    if (loss)
        ts_say(screen, TS_RED,
               "%" PRId64 " of %" PRId64 " members would lose their %s: nothing would be written "
               "before a person approves that\n",
               ts_number_at(loss, "members"), ts_number_at(loss, "linked"),
               ts_word_at(loss, "field"));
    ts_table_show(screen, columns, items, max);
}

static struct json_object *get_preview(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/connection/preview", cli->org);

    return ts_get(cli, path);
}

int ts_run_preview(struct ts_cli *cli)
{
    TS_AUTOJSON struct json_object *preview = get_preview(cli);

    if (!preview)
        return TS_EXIT_FAILED;
    if (cli->is_json)
        ts_say_json(&cli->out, preview);
    else
        show_preview(&cli->out, preview, SIZE_MAX);
    return TS_EXIT_DONE;
}

/* --- the switch --- */

static int turn(struct ts_cli *cli, bool on)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/connection/auto-sync", cli->org);
    TS_AUTOJSON struct json_object *connection = NULL;
    struct json_object *body = ts_json_new_object();

    ts_json_add_bool(body, "enabled", on);
    connection = ts_ask(cli, "PUT", path, body);
    if (!connection)
        return TS_EXIT_FAILED;
    if (cli->is_json)
        ts_say_json(&cli->out, connection);
    ts_done(cli,
            on ? "auto-sync is on: %s is active, and a first resync runs"
               : "auto-sync is off: nothing of %s moves any more",
            cli->org);
    if (on)
        ts_next(cli, "teamsync status");
    return TS_EXIT_DONE;
}

/* Manual edits that would be lost come first in a preview: they are seen. It goes to stderr where
 * stdout is for the document. */
int ts_run_enable(struct ts_cli *cli)
{
    const struct ts_screen *screen = cli->is_json ? &cli->err : &cli->out;
    TS_AUTOJSON struct json_object *preview = NULL;
    int denied = ts_may_confirm(cli);

    if (denied >= 0)
        return denied;
    preview = get_preview(cli);
    if (!preview)
        return TS_EXIT_FAILED;
    show_preview(screen, preview, SHOWN_MAX);
    if (ts_count_at(preview, "items") > SHOWN_MAX)
        ts_say(screen, TS_DIM, "(the first %d; teamsync preview %s shows all)\n", SHOWN_MAX,
               cli->org);
    ts_say(screen, TS_YELLOW,
           "With auto-sync on, manual edits to manager and team are overwritten by the "
           "directory.\n");
    denied = ts_confirm(cli, "Enable auto-sync for %s?", cli->org);
    return denied >= 0 ? denied : turn(cli, true);
}

int ts_run_disable(struct ts_cli *cli)
{
    return turn(cli, false);
}
