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
    {"ID", "id", TS_CELL_ID, NULL},
    {0},
};

/* The words of these options as a query. Whether there are any. */
static bool add_query(struct ts_cli *cli, char **path, const char *const (*options)[2],
                      size_t count)
{
    bool has_any = false;

    for (size_t i = 0; i < count; i++) {
        const char *value = ts_option(cli, options[i][0]);

        ts_path_add_query(path, options[i][1], value);
        has_any = has_any || value;
    }
    return has_any;
}

int ts_run_members(struct ts_cli *cli)
{
    static const char *const filters[][2] = {
        {"status", "status"}, {"sync", "sync"}, {"team", "team"}, {"search", "q"}};
    static const char *const orders[][2] = {{"sort", "sort"}, {"order", "order"}};
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/members", cli->org);
    bool is_filtered = add_query(cli, &path, filters, TS_COUNT_OF(filters));

    (void)add_query(cli, &path, orders, TS_COUNT_OF(orders));
    return ts_list(cli,
                   &(struct ts_listing){.path = path,
                                        .columns = columns,
                                        .nothing = is_filtered ? "no such members" : "no members"});
}
