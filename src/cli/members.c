/* SPDX-License-Identifier: MIT */
/* The team: looked at, and searched. */
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/member_id.h"
#include "cli/path.h"

#include "teamsync/text.h"

#include <string.h>

/* --- which one --- */

char *ts_member_id(struct ts_cli *cli, const char *member)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/members?email=%", cli->org, member);
    TS_AUTOJSON struct json_object *page = NULL;
    struct json_object *first;

    if (!strchr(member, '@'))
        return ts_strdup(member);
    page = ts_page(cli, path, NULL, 1);
    if (!page)
        return NULL;
    first = json_object_array_get_idx(ts_json_array(page, "items"), 0);
    if (ts_text_equal_nocase(ts_text_at(first, "email"),
                             member)) /* an older daemon gives anybody */
        return ts_strdup(ts_text_at(first, "id"));
    ts_complain("%s has no member %s", cli->org, member);
    ts_advise("teamsync members %s --search TEXT looks for names and addresses", cli->org);
    return NULL;
}

/* --- the list --- */

static const struct ts_column columns[] = {
    {"EMAIL", "email", TS_CELL_TEXT, NULL},
    {"NAME", "name", TS_CELL_TEXT, NULL},
    {"STATUS", "status", TS_CELL_WORD, NULL},
    {"SYNC", "sync.state", TS_CELL_WORD, NULL},
    {"TEAM", "team", TS_CELL_TEXT, NULL},
    {"MANAGER", "manager.email", TS_CELL_TEXT, NULL},
    {"ROLE", "role", TS_CELL_TEXT, NULL},
    {"ID", "id", TS_CELL_TEXT, NULL},
    {0},
};

static bool is_wanted(const struct ts_cli *cli, const char *option, const char *value)
{
    const char *wanted = ts_option(cli, option);

    return !wanted || ts_text_equal(wanted, value);
}

static bool accepts(struct json_object *member, void *arg)
{
    const struct ts_cli *cli = arg;
    const char *search = ts_option(cli, "search");
    const char *name = ts_text_at(member, "name");
    const char *email = ts_text_at(member, "email");

    return is_wanted(cli, "status", ts_text_at(member, "status")) &&
           is_wanted(cli, "team", ts_text_at(member, "team")) &&
           is_wanted(cli, "sync", ts_text_at(member, "sync.state")) &&
           (!search || strcasestr(name ? name : "", search) ||
            strcasestr(email ? email : "", search));
}

int ts_run_members(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/members", cli->org);
    bool is_filtered = ts_option(cli, "status") || ts_option(cli, "team") ||
                       ts_option(cli, "sync") || ts_option(cli, "search");

    return ts_list(cli,
                   &(struct ts_listing){.path = path,
                                        .columns = columns,
                                        .nothing = is_filtered ? "no such members" : "no members",
                                        .accepts = is_filtered ? accepts : NULL,
                                        .arg = cli});
}
