/* SPDX-License-Identifier: MIT */
/* The queue, and the jobs that were given up. */
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/path.h"
#include "cli/show.h"

#include "teamsync/text.h"

static const char dead_letters[] = "/api/v1/dead-letters";

static const struct ts_column queue_card[] = {
    {"waiting or running", "depth", TS_CELL_NUMBER, NULL},
    {"running", "running", TS_CELL_NUMBER, NULL},
    {"oldest, in seconds", "oldest_seconds", TS_CELL_NUMBER, NULL},
    {"for later", "delayed", TS_CELL_NUMBER, NULL},
    {"given up", "dead", TS_CELL_NUMBER, NULL},
    {"limit", "max_waiting", TS_CELL_NUMBER, NULL},
    {0},
};

int ts_run_queue(struct ts_cli *cli)
{
    return ts_show_card(cli, queue_card, ts_get(cli, "/api/v1/queue"));
}

/* --- dead letters --- */

static const struct ts_column columns[] = {
    {"ID", "id", TS_CELL_ID, NULL},           {"DIED", "died_at", TS_CELL_AGE, NULL},
    {"TYPE", "job.type", TS_CELL_TEXT, NULL}, {"ORG", "job.org", TS_CELL_TEXT, NULL},
    {"USER", "job.user", TS_CELL_TEXT, NULL}, {"TRIED", "attempts", TS_CELL_NUMBER, NULL},
    {"REASON", "reason", TS_CELL_TEXT, NULL}, {0},
};
static const struct ts_column card[] = {
    {"id", "id", TS_CELL_TEXT, NULL},
    {"reason", "reason", TS_CELL_TEXT, NULL},
    {"first error", "first_error", TS_CELL_TEXT, NULL},
    {"last error", "last_error", TS_CELL_TEXT, NULL},
    {"tried", "attempts", TS_CELL_NUMBER, NULL},
    {"queued", "queued_at", TS_CELL_TIME, NULL},
    {"died", "died_at", TS_CELL_TIME, NULL},
    {"job", "job", TS_CELL_TEXT, NULL},
    {0},
};

int ts_run_dead_list(struct ts_cli *cli)
{
    return ts_list(cli, &(struct ts_listing){.path = dead_letters,
                                             .columns = columns,
                                             .nothing = "no job was given up"});
}

struct search {
    const char *id;
    struct json_object *found;
};

static bool is_other(struct json_object *letter, void *arg)
{
    struct search *search = arg;

    if (!ts_text_equal(ts_text_at(letter, "id"), search->id))
        return true;
    search->found = json_object_get(letter);
    return false;
}

int ts_run_dead_show(struct ts_cli *cli)
{
    struct search search = {.id = cli->words[0]};

    if (!ts_each(cli, dead_letters, is_other, &search))
        return TS_EXIT_FAILED;
    if (!search.found) {
        ts_complain("there is no dead letter %s", search.id);
        ts_advise("teamsync dead list shows what there is");
    }
    return ts_show_card(cli, card, search.found);
}

/* --- retrying and dropping --- */

/* One request for each of the ids; what was answered, as JSON, {"items": […]}. */
static int for_each_letter(struct ts_cli *cli, struct json_object *ids, const char *method,
                           const char *pattern, const char *done)
{
    TS_AUTOJSON struct json_object *whole = ts_json_new_object();
    struct json_object *answers = ts_json_new_array();
    size_t count = json_object_array_length(ids);

    ts_json_add(whole, "items", answers);
    for (size_t i = 0; i < count; i++) {
        const char *id = json_object_get_string(json_object_array_get_idx(ids, i));
        TS_AUTOFREE char *path = ts_path(pattern, id);
        struct json_object *answer = ts_ask(cli, method, path, NULL);

        if (!answer)
            continue;
        ts_json_append(answers, answer);
        if (!cli->is_json)
            ts_say(&cli->out, TS_PLAIN, "%s: %s\n", id, done);
    }
    if (cli->is_json)
        ts_say_json(&cli->out, whole);
    return json_object_array_length(answers) == count ? TS_EXIT_DONE : TS_EXIT_FAILED;
}

static struct json_object *named_ids(const struct ts_cli *cli)
{
    struct json_object *ids = ts_json_new_array();

    for (size_t i = 0; i < cli->word_count; i++)
        ts_json_append_text(ids, cli->words[i]);
    return ids;
}

static bool add_id(struct json_object *letter, void *arg)
{
    ts_json_append(arg, json_object_get(ts_at(letter, "id")));
    return true;
}

/* All are collected first: one that dies again at once is not tried again and again. */
int ts_run_dead_retry(struct ts_cli *cli)
{
    TS_AUTOJSON struct json_object *ids = named_ids(cli);
    bool is_all = ts_option(cli, "all");

    if (is_all == (cli->word_count > 0))
        return ts_misused(cli, "either ID… or --all");
    if (is_all && !ts_each(cli, dead_letters, add_id, ids))
        return TS_EXIT_FAILED;
    return for_each_letter(cli, ids, "POST", "/api/v1/dead-letters/%/retry", "queued anew");
}

int ts_run_dead_drop(struct ts_cli *cli)
{
    TS_AUTOJSON struct json_object *ids = named_ids(cli);

    return for_each_letter(cli, ids, "DELETE", "/api/v1/dead-letters/%", "dropped");
}
