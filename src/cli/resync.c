/* SPDX-License-Identifier: MIT */
/* Full resyncs: asked for, followed to their end, listed, undone. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/prompt.h"
#include "cli/show.h"

#include "teamsync/text.h"

#include <inttypes.h>
#include <unistd.h>

enum { POLL_US = 200000 };

static const struct ts_column columns[] = {
    {"ID", "id", TS_CELL_ID, NULL},
    {"STARTED", "started_at", TS_CELL_AGE, NULL},
    {"STATE", "state", TS_CELL_WORD, NULL},
    {"USERS", "users", TS_CELL_NUMBER, NULL},
    {"CHANGED", "changed", TS_CELL_NUMBER, NULL},
    {"SUSPENDED", "suspended", TS_CELL_NUMBER, NULL},
    {"HELD", "held", TS_CELL_NUMBER, NULL},
    {"CORRECTED", "corrections", TS_CELL_NUMBER, NULL},
    {"MODE", "mode", TS_CELL_TEXT, NULL},
    {"CAUSE", "cause", TS_CELL_TEXT, NULL},
    {"BY", "by", TS_CELL_TEXT, NULL},
    {"ERROR", "error", TS_CELL_TEXT, NULL},
    {0},
};

static char *runs_path(const struct ts_cli *cli)
{
    return ts_path("/api/v1/orgs/%/resyncs", cli->org);
}

int ts_run_resyncs(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = runs_path(cli);

    return ts_list(
        cli, &(struct ts_listing){.path = path, .columns = columns, .nothing = "no resyncs yet"});
}

/* --- following one --- */

struct follow {
    struct ts_cli *cli;
    const char *mode;           /* of the run that is waited for */
    struct json_object *before; /* the runs there were; a run is none of these */
    uint64_t total;             /* users of the directory, when they were counted last */
};

static bool is_among(struct json_object *runs, const char *id)
{
    for (size_t i = 0; i < json_object_array_length(runs); i++) {
        if (ts_text_equal(ts_text_at(json_object_array_get_idx(runs, i), "id"), id))
            return true;
    }
    return false;
}

/* Ours is the first that began after we asked: the earliest of the new ones, which come last. */
static struct json_object *find_run(const struct follow *follow, struct json_object *runs)
{
    for (size_t i = json_object_array_length(runs); i > 0; i--) {
        struct json_object *run = json_object_array_get_idx(runs, i - 1);

        if (ts_text_equal(ts_text_at(run, "mode"), follow->mode) &&
            !is_among(follow->before, ts_text_at(run, "id")))
            return run;
    }
    return NULL;
}

static void draw(const struct follow *follow, struct json_object *run)
{
    TS_AUTOFREE char *beside =
        run ? ts_format("%" PRId64 " changed", ts_number_at(run, "changed")) : NULL;
    struct ts_progress progress = {
        .done = (uint64_t)ts_number_at(run, "users"),
        .total = run ? follow->total : 0,
        .what = run ? "users" : "users; it waits for its turn",
        .beside = beside,
    };

    ts_progress_draw(&follow->cli->err, &progress);
}

/* The run when it is over; NULL: its end could not be learnt. */
static struct json_object *wait_for_run(const struct follow *follow)
{
    TS_AUTOFREE char *path = runs_path(follow->cli);

    for (;;) {
        TS_AUTOJSON struct json_object *page = ts_page(follow->cli, path, NULL, 100);
        struct json_object *run = page ? find_run(follow, ts_json_array(page, "items")) : NULL;

        if (!page)
            return NULL;
        if (run && !ts_text_equal(ts_text_at(run, "state"), "running")) {
            ts_progress_wipe(&follow->cli->err);
            return json_object_get(run);
        }
        draw(follow, run);
        (void)usleep(POLL_US);
    }
}

static int code_of(const char *state)
{
    if (ts_text_equal(state, "done"))
        return TS_EXIT_DONE;
    return ts_text_equal(state, "held") ? TS_EXIT_HELD : TS_EXIT_FAILED;
}

/* A run that is done may have left suspensions to a person: that is "held" too. */
static int show_end(struct ts_cli *cli, struct json_object *run)
{
    const char *state = ts_word_at(run, "state");
    bool is_preview = ts_text_equal(ts_text_at(run, "mode"), "preview");
    bool waits = !is_preview && ts_number_at(run, "held") > 0;
    int code = code_of(state);

    if (code == TS_EXIT_DONE && waits)
        code = TS_EXIT_HELD;
    if (cli->is_json) {
        ts_say_json(&cli->out, run);
        return code;
    }
    ts_say(&cli->out, ts_colour_of(state), "%s", state);
    ts_say(&cli->out, TS_PLAIN,
           ": %" PRId64 " users, %" PRId64 " changed, %" PRId64 " suspended, %" PRId64
           " held, %" PRId64 " corrected\n",
           ts_number_at(run, "users"), ts_number_at(run, "changed"), ts_number_at(run, "suspended"),
           ts_number_at(run, "held"), ts_number_at(run, "corrections"));
    if (ts_text_at(run, "error"))
        ts_complain("%s", ts_text_at(run, "error"));
    if (code == TS_EXIT_HELD)
        ts_advise("a person has to decide: teamsync hold show %s", cli->org);
    return code;
}

static int follow(struct ts_cli *cli, struct follow *f)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/connection", cli->org);
    TS_AUTOJSON struct json_object *connection = ts_get(cli, path);
    TS_AUTOJSON struct json_object *run = NULL;

    f->total = connection ? (uint64_t)ts_number_at(connection, "directory_users") : 0;
    run = connection ? wait_for_run(f) : NULL;
    return run ? show_end(cli, run) : TS_EXIT_FAILED;
}

int ts_run_resync(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/resync", cli->org);
    TS_AUTOFREE char *runs = runs_path(cli);
    TS_AUTOJSON struct json_object *known = ts_page(cli, runs, NULL, 100);
    struct json_object *answer;
    struct follow f = {.cli = cli,
                       .mode = ts_option(cli, "preview") ? "preview" : "apply",
                       .before = ts_json_array(known, "items")};
    struct json_object *body;

    if (!known)
        return TS_EXIT_FAILED;
    body = ts_json_new_object();
    ts_json_add_text(body, "mode", f.mode);
    answer = ts_ask(cli, "POST", path, body);
    if (answer && ts_option(cli, "wait")) {
        json_object_put(answer);
        return follow(cli, &f);
    }
    return ts_show_line(
        cli, answer, "%s: teamsync resyncs %s shows how it goes",
        ts_json_bool(answer, "coalesced", false) ? "one was queued already" : "queued", cli->org);
}

/* --- undoing --- */

int ts_run_undo(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/resyncs/%/undo", cli->org, cli->words[0]);
    struct json_object *answer;
    int denied = ts_confirm(cli,
                            "Lift the suspensions of %s? The sync leaves these members alone "
                            "afterwards.",
                            cli->words[0]);

    if (denied >= 0)
        return denied;
    answer = ts_ask(cli, "POST", path, NULL);
    return ts_show_line(cli, answer, "%" PRId64 " suspensions were lifted",
                        ts_number_at(answer, "members"));
}
