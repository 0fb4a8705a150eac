/* SPDX-License-Identifier: MIT */
/* What waits for a person, and their decision on exactly that. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/path.h"
#include "cli/prompt.h"
#include "cli/show.h"

#include "teamsync/text.h"

#include <inttypes.h>
#include <stdint.h>

static const struct ts_column card[] = {
    {"digest", "digest", TS_CELL_TEXT, NULL},
    {"opened", "opened_at", TS_CELL_TIME, NULL},
    {"expires", "expires_at", TS_CELL_TIME, NULL},
    {"suspended within 24 h", "guard.used", TS_CELL_NUMBER, NULL},
    {"allowed without asking", "guard.limit", TS_CELL_NUMBER, NULL},
    {"linked members", "guard.linked", TS_CELL_NUMBER, NULL},
    {0},
};
static const struct ts_column columns[] = {
    {"EMAIL", "email", TS_CELL_TEXT, NULL},
    {"NAME", "name", TS_CELL_TEXT, NULL},
    {"IN THE DIRECTORY", "reason", TS_CELL_TEXT, NULL},
    {"SINCE", "since", TS_CELL_AGE, NULL},
    {0},
};

static struct json_object *get_hold(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/hold", cli->org);

    return ts_get(cli, path);
}

static void show(const struct ts_screen *screen, struct json_object *hold)
{
    struct json_object *loss = ts_json_object(hold, "field_loss");

    if (!ts_json_bool(hold, "open", false)) {
        ts_say(screen, TS_PLAIN, "nothing is held\n");
        return;
    }
    ts_card_show(screen, card, hold);
    if (loss)
        ts_say(screen, TS_YELLOW,
               "a resync would empty the %s of %" PRId64 " of %" PRId64 " members\n",
               ts_word_at(loss, "field"), ts_number_at(loss, "members"),
               ts_number_at(loss, "linked"));
    ts_table_show(screen, columns, ts_json_array(hold, "items"), SIZE_MAX);
}

int ts_run_hold_show(struct ts_cli *cli)
{
    TS_AUTOJSON struct json_object *hold = get_hold(cli);

    if (!hold)
        return TS_EXIT_FAILED;
    if (cli->is_json)
        ts_say_json(&cli->out, hold);
    else
        show(&cli->out, hold);
    return TS_EXIT_DONE;
}

/* --- deciding --- */

/* The digest of the list that a person looked at just now, newly allocated; NULL, and the exit
 * code: they do not want it, or nobody looks. */
static char *look(struct ts_cli *cli, const char *question, int *ret_code)
{
    TS_AUTOJSON struct json_object *hold = NULL;
    const char *digest;

    *ret_code = TS_EXIT_USAGE;
    if (!ts_can_ask(cli)) {
        (void)ts_misused(cli,
                         "there is no terminal to show the list on: name its DIGEST "
                         "(teamsync hold show %s)",
                         cli->org);
        return NULL;
    }
    *ret_code = TS_EXIT_FAILED;
    hold = get_hold(cli);
    digest = ts_text_at(hold, "digest");
    if (hold)
        show(&cli->err, hold);
    if (!digest)
        return NULL;
    *ret_code = ts_confirm(cli, "%s", question);
    return *ret_code >= 0 ? NULL : ts_strdup(digest);
}

static int decide(struct ts_cli *cli, const char *pattern, const char *question, const char *done)
{
    TS_AUTOFREE char *path = ts_path(pattern, cli->org);
    TS_AUTOFREE char *digest = NULL;
    struct json_object *answer;
    struct json_object *body;
    int code = -1;

    digest = cli->word_count ? ts_strdup(cli->words[0]) : look(cli, question, &code);
    if (!digest)
        return code;
    body = ts_json_new_object();
    ts_json_add_text(body, "digest", digest);
    answer = ts_ask(cli, "POST", path, body);
    return ts_show_line(cli, answer, "%s, for %" PRId64 " members", done,
                        ts_number_at(answer, "members"));
}

int ts_run_hold_approve(struct ts_cli *cli)
{
    return decide(cli, "/api/v1/orgs/%/hold/approve", "Shall this happen?", "approved");
}

int ts_run_hold_reject(struct ts_cli *cli)
{
    return decide(cli, "/api/v1/orgs/%/hold/reject", "Shall this not happen?", "rejected");
}
