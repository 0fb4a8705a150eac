/* SPDX-License-Identifier: MIT */
/* Inviting people of the directory: found by name, or named. */
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/path.h"
#include "cli/prompt.h"

#include "teamsync/text.h"

#include <stdint.h>
#include <string.h>

enum { AT_ONCE = 100 }; /* in one request of the API */

static const struct ts_column people_columns[] = {
    {"EMAIL", "email", TS_CELL_TEXT, NULL},
    {"NAME", "name", TS_CELL_TEXT, NULL},
    {"SUSPENDED", "suspended", TS_CELL_YES, NULL},
    {"ID", "id", TS_CELL_ID, NULL},
    {0},
};
static const struct ts_column invited_columns[] = {
    {"PERSON", "directory_user_id", TS_CELL_ID, NULL},
    {"STATUS", "status", TS_CELL_WORD, NULL},
    {"MEMBER", "member.email", TS_CELL_TEXT, NULL},
    {"DETAIL", "detail", TS_CELL_TEXT, NULL},
    {0},
};

static char *people_path(const struct ts_cli *cli, const char *search)
{
    char *path = ts_path("/api/v1/orgs/%/directory-users?unmatched=true", cli->org);

    ts_path_add_query(&path, "q", search);
    return path;
}

/* --- who --- */

struct chosen {
    struct ts_table *table; /* NULL: not shown */
    struct json_object *ids;
    const char *email; /* only who has this address; NULL: everybody */
};

static bool choose(struct json_object *person, void *arg)
{
    struct chosen *chosen = arg;
    const char *id = ts_text_at(person, "id");

    if (id &&
        (!chosen->email || ts_text_equal_nocase(ts_text_at(person, "email"), chosen->email))) {
        ts_json_append(chosen->ids, json_object_get(ts_at(person, "id")));
        if (chosen->table)
            ts_table_add(chosen->table, person);
    }
    return true;
}

/* Everybody who was searched for; shown, and a person asked whether they are meant. */
static int choose_searched(struct ts_cli *cli, const char *search, struct json_object *ids)
{
    TS_AUTOFREE char *path = people_path(cli, search);
    struct ts_table table;
    struct chosen chosen = {.table = &table, .ids = ids};
    bool is_whole;

    ts_table_begin(&table, &cli->err, people_columns);
    is_whole = ts_each(cli, path, choose, &chosen);
    ts_table_end(&table);
    if (!is_whole)
        return TS_EXIT_FAILED;
    if (json_object_array_length(ids) == 1)
        return ts_confirm(cli, "Invite this person to %s?", cli->org);
    if (json_object_array_length(ids) > 0)
        return ts_confirm(cli, "Invite these %zu to %s?", json_object_array_length(ids), cli->org);
    ts_complain("nobody is found who is not a member yet");
    ts_advise("teamsync invite %s --list shows who there is", cli->org);
    return TS_EXIT_FAILED;
}

static int choose_named(struct ts_cli *cli, struct json_object *ids)
{
    for (size_t i = 0; i < cli->word_count; i++) {
        const char *person = cli->words[i];
        size_t before = json_object_array_length(ids);
        TS_AUTOFREE char *path = people_path(cli, person);
        struct chosen chosen = {.ids = ids, .email = person};

        if (!strchr(person, '@')) {
            ts_json_append_text(ids, person);
            continue;
        }
        if (!ts_each(cli, path, choose, &chosen))
            return TS_EXIT_FAILED;
        if (json_object_array_length(ids) == before) {
            ts_complain("%s is a member already, or not in the directory", person);
            ts_advise("teamsync invite %s --list shows whom you can invite", cli->org);
            return TS_EXIT_FAILED;
        }
    }
    return -1;
}

/* --- inviting --- */

/* Some of the ids, from `first` on; NULL: it went wrong. */
static struct json_object *invite_some(struct ts_cli *cli, struct json_object *ids, size_t first)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/invitations", cli->org);
    struct json_object *body = ts_json_new_object();
    struct json_object *some = ts_json_new_array();

    for (size_t i = first; i < json_object_array_length(ids) && i < first + AT_ONCE; i++)
        ts_json_append(some, json_object_get(json_object_array_get_idx(ids, i)));
    ts_json_add(body, "directory_user_ids", some);
    if (ts_option(cli, "role"))
        ts_json_add_text(body, "role", ts_option(cli, "role"));
    return ts_ask(cli, "POST", path, body);
}

static bool is_well(struct json_object *item)
{
    const char *status = ts_text_at(item, "status");

    return ts_text_equal(status, "invited") || ts_text_equal(status, "already_member");
}

static int invite(struct ts_cli *cli, struct json_object *ids)
{
    TS_AUTOJSON struct json_object *whole = ts_json_new_object();
    struct json_object *all = ts_json_new_array();
    int code = TS_EXIT_DONE;

    ts_json_add(whole, "items", all);
    for (size_t at = 0; at < json_object_array_length(ids); at += AT_ONCE) {
        TS_AUTOJSON struct json_object *answer = invite_some(cli, ids, at);
        struct json_object *items = ts_json_array(answer, "items");

        if (!items)
            code = TS_EXIT_FAILED;
        for (size_t i = 0; items && i < json_object_array_length(items); i++) {
            struct json_object *item = json_object_array_get_idx(items, i);

            ts_json_append(all, json_object_get(item));
            code = is_well(item) ? code : TS_EXIT_FAILED;
        }
        if (!items)
            break;
    }
    if (cli->is_json)
        ts_say_json(&cli->out, whole);
    else
        ts_table_show(&cli->out, invited_columns, all, SIZE_MAX);
    return code;
}

int ts_run_invite(struct ts_cli *cli)
{
    const char *search = ts_option(cli, "search");
    TS_AUTOFREE char *path = people_path(cli, search);
    TS_AUTOJSON struct json_object *ids = ts_json_new_array();
    int denied;

    if (ts_option(cli, "list") && cli->word_count == 0)
        return ts_list(cli, &(struct ts_listing){.path = path,
                                                 .columns = people_columns,
                                                 .is_sparse = true,
                                                 .nothing = "nobody who is not a member yet"});
    if (ts_option(cli, "list") || (search != NULL) == (cli->word_count > 0))
        return ts_misused(cli, "either PERSON…, or --search TEXT, or --list");
    denied = search ? choose_searched(cli, search, ids) : choose_named(cli, ids);
    return denied >= 0 ? denied : invite(cli, ids);
}
