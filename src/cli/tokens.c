/* SPDX-License-Identifier: MIT */
/* API tokens, links that sign in to the web page, and the key that credentials are sealed with. */
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/options.h"
#include "cli/path.h"
#include "cli/values.h"

#include "teamsync/text.h"

#include <inttypes.h>

static const char tokens[] = "/api/v1/tokens";

static const struct ts_column columns[] = {
    {"ID", "id", TS_CELL_ID, NULL},
    {"KIND", "kind", TS_CELL_TEXT, NULL},
    {"NAME", "name", TS_CELL_TEXT, NULL},
    {"ORG", "org", TS_CELL_TEXT, NULL},
    {"LAST USED", "last_used_at", TS_CELL_AGE, NULL},
    {"EXPIRES", "expires_at", TS_CELL_AGE, NULL},
    {"PERMISSIONS", "permissions", TS_CELL_LIST, NULL},
    {"CREATED", "created_at", TS_CELL_AGE, NULL},
    {"BY", "created_by", TS_CELL_TEXT, NULL},
    {0},
};

/* --- a new one --- */

/* As named; or else all there are that make sense for `org`. */
static struct json_object *permissions_of(const struct ts_cli *cli, const char *org)
{
    static const char *const all[] = {"members:read", "members:manage", "integrations:manage",
                                      "operate"};
    size_t usual = TS_COUNT_OF(all) - (ts_text_equal(org, "*") ? 0 : 1);
    struct json_object *permissions = ts_json_new_array();
    const char *permission;
    size_t at = 0;

    while ((permission = ts_option_next(cli, "permission", &at)))
        ts_json_append_text(permissions, permission);
    for (size_t i = 0; i < usual && !ts_option(cli, "permission"); i++)
        ts_json_append_text(permissions, all[i]);
    return permissions;
}

static const char *name_of(const struct ts_cli *cli)
{
    const char *name = ts_option(cli, "name");
    const char *user = getenv("USER");

    if (name)
        return name;
    return ts_text_is_empty(user) ? "operator" : user;
}

/* The beginning of a token's body, and of a link's. */
static struct json_object *body_for(const struct ts_cli *cli, const char *org)
{
    struct json_object *body = ts_json_new_object();

    ts_json_add_text(body, "name", name_of(cli));
    ts_json_add_text(body, "org", org);
    ts_json_add(body, "permissions", permissions_of(cli, org));
    return body;
}

/* NULL: none was named. */
static const char *org_of(const struct ts_cli *cli)
{
    return cli->org ? cli->org : ts_text_or_null(getenv("TEAMSYNC_ORG"));
}

/* The secret is shown this once: alone on stdout, so that it can be taken from there. */
static void show_new(struct ts_cli *cli, struct json_object *token)
{
    if (cli->is_json) {
        ts_say_json(&cli->out, token);
        return;
    }
    if (!ts_option(cli, "quiet"))
        ts_say(&cli->err, TS_DIM, "token %s, for %s; it is not shown again:\n",
               ts_word_at(token, "id"), ts_word_at(token, "org"));
    ts_say(&cli->out, TS_PLAIN, "%s\n", ts_word_at(token, "token"));
}

int ts_run_token_create(struct ts_cli *cli)
{
    const char *org = org_of(cli);
    const char *expires = ts_option(cli, "expires");
    TS_AUTOJSON struct json_object *token = NULL;
    struct json_object *body;
    uint64_t seconds = 0;

    if (!org)
        return ts_misused(cli, "which org is it for? --org ORG, or --org '*' for all");
    if (!ts_option(cli, "permission"))
        return ts_misused(cli, "what may it? --permission members:read, for example");
    if (expires && (!ts_duration_parse(expires, &seconds) || seconds == 0))
        return ts_misused(cli, "--expires is how long it lasts: 90d, 12h");
    body = body_for(cli, org);
    if (expires)
        ts_json_add_number(body, "expires_in_s", (int64_t)seconds);
    token = ts_ask(cli, "POST", tokens, body);
    if (token)
        show_new(cli, token);
    return token ? TS_EXIT_DONE : TS_EXIT_FAILED;
}

/* --- those there are --- */

int ts_run_token_list(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_strdup(tokens);

    ts_path_add_query(&path, "org", cli->org);
    return ts_list(cli,
                   &(struct ts_listing){.path = path, .columns = columns, .nothing = "no tokens"});
}

int ts_run_token_revoke(struct ts_cli *cli)
{
    int code = TS_EXIT_DONE;

    for (size_t i = 0; i < cli->word_count; i++) {
        TS_AUTOFREE char *path = ts_path("/api/v1/tokens/%", cli->words[i]);
        TS_AUTOJSON struct json_object *answer = ts_ask(cli, "DELETE", path, NULL);

        if (!answer)
            code = TS_EXIT_FAILED;
        else if (!cli->is_json)
            ts_say(&cli->out, TS_PLAIN, "%s: revoked\n", cli->words[i]);
    }
    if (cli->is_json)
        ts_say(&cli->out, TS_PLAIN, "{}\n");
    return code;
}

/* --- a link for the web page --- */

int ts_run_login_link(struct ts_cli *cli)
{
    const char *org = org_of(cli) ? org_of(cli) : "*";
    TS_AUTOJSON struct json_object *link =
        ts_ask(cli, "POST", "/api/v1/login-links", body_for(cli, org));
    TS_AUTOFREE char *until = link ? ts_moment_show(ts_text_at(link, "expires_at")) : NULL;

    if (!link)
        return TS_EXIT_FAILED;
    if (cli->is_json) {
        ts_say_json(&cli->out, link);
        return TS_EXIT_DONE;
    }
    if (!ts_option(cli, "quiet"))
        ts_say(&cli->err, TS_DIM, "for %s; it is good once, until %s:\n", org, until);
    ts_say(&cli->out, TS_PLAIN, "%s\n", ts_word_at(link, "url"));
    return TS_EXIT_DONE;
}

/* --- the key --- */

int ts_run_key_rotate(struct ts_cli *cli)
{
    TS_AUTOJSON struct json_object *answer = ts_ask(cli, "POST", "/api/v1/secrets/rotate", NULL);
    int64_t failed = ts_number_at(answer, "failed");

    if (!answer)
        return TS_EXIT_FAILED;
    if (cli->is_json)
        ts_say_json(&cli->out, answer);
    else
        ts_say(&cli->out, TS_PLAIN, "%" PRId64 " credentials were sealed anew\n",
               ts_number_at(answer, "resealed"));
    if (failed == 0)
        return TS_EXIT_DONE;
    ts_complain("%" PRId64 " credentials could not be opened", failed);
    ts_advise("the daemon's log names them; keep the old key until they are mended");
    return TS_EXIT_FAILED;
}
