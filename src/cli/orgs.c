/* SPDX-License-Identifier: MIT */
/* Orgs and their settings. */
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/path.h"
#include "cli/show.h"

#include "teamsync/text.h"

static const struct ts_column list_columns[] = {
    {"ID", "id", TS_CELL_TEXT, NULL},
    {"NAME", "name", TS_CELL_TEXT, NULL},
    {"TEAM FROM", "sync.team_from", TS_CELL_TEXT, NULL},
    {"CREATED", "created_at", TS_CELL_TIME, NULL},
    {0},
};
static const struct ts_column card[] = {
    {"id", "id", TS_CELL_TEXT, NULL},
    {"name", "name", TS_CELL_TEXT, NULL},
    {"target", "target.type", TS_CELL_TEXT, NULL},
    {"team from", "sync.team_from", TS_CELL_TEXT, NULL},
    {"clear missing", "sync.clear_missing", TS_CELL_YES, NULL},
    {"auto-invite", "invitations.auto_invite", TS_CELL_YES, NULL},
    {"invited as", "invitations.role", TS_CELL_TEXT, NULL},
    {"created", "created_at", TS_CELL_TIME, NULL},
    {0},
};

int ts_run_org_list(struct ts_cli *cli)
{
    return ts_list(cli, &(struct ts_listing){.path = "/api/v1/orgs",
                                             .columns = list_columns,
                                             .nothing = "no orgs yet: teamsync org create ID"});
}

int ts_run_org_show(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%", cli->org);

    return ts_show_card(cli, card, ts_get(cli, path));
}

int ts_run_org_create(struct ts_cli *cli)
{
    const char *name = ts_option(cli, "name");
    struct json_object *body = ts_json_new_object();
    int code;

    ts_json_add_text(body, "id", cli->words[0]);
    ts_json_add_text(body, "name", name ? name : cli->words[0]);
    code = ts_show_done(cli, card, ts_ask(cli, "POST", "/api/v1/orgs", body), "%s is created",
                        cli->words[0]);
    if (code == TS_EXIT_DONE)
        ts_next(cli, "teamsync connect %s --key FILE --subject ADMIN, or --consent", cli->words[0]);
    return code;
}

/* --- changing --- */

static void add_flag(struct json_object *json, const char *key, const char *yes_or_no)
{
    if (yes_or_no)
        ts_json_add_bool(json, key, ts_text_equal(yes_or_no, "yes"));
}

static void add_text(struct json_object *json, const char *key, const char *text)
{
    if (text)
        ts_json_add_text(json, key, text);
}

/* What was not given is left as it is: it is not even named. */
static void add_part(struct json_object *body, const char *key, struct json_object *part)
{
    if (json_object_object_length(part) > 0)
        ts_json_add(body, key, part);
    else
        json_object_put(part);
}

int ts_run_org_set(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%", cli->org);
    struct json_object *body = ts_json_new_object();
    struct json_object *sync = ts_json_new_object();
    struct json_object *invitations = ts_json_new_object();

    add_text(body, "name", ts_option(cli, "name"));
    add_text(sync, "team_from", ts_option(cli, "team-from"));
    add_flag(sync, "clear_missing", ts_option(cli, "clear-missing"));
    add_flag(invitations, "auto_invite", ts_option(cli, "auto-invite"));
    add_text(invitations, "role", ts_option(cli, "invite-role"));
    add_part(body, "sync", sync);
    add_part(body, "invitations", invitations);
    if (json_object_object_length(body) > 0)
        return ts_show_done(cli, card, ts_ask(cli, "PATCH", path, body), "%s is changed", cli->org);
    json_object_put(body);
    return ts_misused(cli, "what shall be set?");
}
