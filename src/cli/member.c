/* SPDX-License-Identifier: MIT */
/* Single members: shown, made, changed. A command for several goes through them one by one; who
 * cannot be done is said, and the others are done. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/member_id.h"
#include "cli/options.h"
#include "cli/path.h"
#include "cli/prompt.h"
#include "cli/show.h"

#include "teamsync/text.h"

static char *member_path(const struct ts_cli *cli, const char *pattern, const char *id)
{
    return ts_path(pattern, cli->org, id);
}

/* --- one by one --- */

struct deed {
    /* What the API answers; NULL: it went wrong, and was said. */
    struct json_object *(*ask)(struct ts_cli *cli, const char *id);
    void (*show)(struct ts_cli *cli, const char *member, struct json_object *answer);
    const char *done; /* "suspended", where `show` is show_done */
};

static void show_done(struct ts_cli *cli, const char *member, const char *done)
{
    ts_say(&cli->out, TS_PLAIN, "%s: %s\n", member, done);
}

static struct json_object *do_one(struct ts_cli *cli, const struct deed *deed, const char *member)
{
    TS_AUTOFREE char *id = ts_member_id(cli, member);
    struct json_object *answer = id ? deed->ask(cli, id) : NULL;

    if (!answer || cli->is_json)
        return answer;
    if (deed->show)
        deed->show(cli, member, answer);
    else
        show_done(cli, member, deed->done);
    return answer;
}

/* As JSON: what was answered; for several an array of it. */
static int do_each(struct ts_cli *cli, const struct deed *deed)
{
    TS_AUTOJSON struct json_object *answers = ts_json_new_array();
    size_t done;

    for (size_t i = 0; i < cli->word_count; i++) {
        struct json_object *answer = do_one(cli, deed, cli->words[i]);

        if (answer)
            ts_json_append(answers, answer);
    }
    done = json_object_array_length(answers);
    if (cli->is_json && cli->word_count > 1)
        ts_say_json(&cli->out, answers);
    else if (cli->is_json && done == 1)
        ts_say_json(&cli->out, json_object_array_get_idx(answers, 0));
    return done == cli->word_count ? TS_EXIT_DONE : TS_EXIT_FAILED;
}

/* --- looking --- */

static const struct ts_column card[] = {
    {"email", "email", TS_CELL_TEXT, NULL},
    {"name", "name", TS_CELL_TEXT, NULL},
    {"role", "role", TS_CELL_TEXT, NULL},
    {"status", "status", TS_CELL_WORD, NULL},
    {"suspended by", "suspended.by", TS_CELL_TEXT, NULL},
    {"because", "suspended.reason", TS_CELL_TEXT, NULL},
    {"suspended", "suspended.at", TS_CELL_TIME, NULL},
    {"protected", "protected", TS_CELL_YES, NULL},
    {"team", "team", TS_CELL_TEXT, NULL},
    {"team set by", "sync.fields.team", TS_CELL_TEXT, NULL},
    {"manager", "manager.email", TS_CELL_TEXT, NULL},
    {"manager set by", "sync.fields.manager", TS_CELL_TEXT, NULL},
    {"awaited manager", "sync.pending_manager", TS_CELL_TEXT, NULL},
    {"sync", "sync.state", TS_CELL_WORD, NULL},
    {"detail", "sync.detail", TS_CELL_TEXT, NULL},
    {"directory user", "sync.directory_user_id", TS_CELL_TEXT, NULL},
    {"last synced", "sync.last_synced_at", TS_CELL_TIME, NULL},
    {"created", "created_at", TS_CELL_TIME, NULL},
    {"updated", "updated_at", TS_CELL_TIME, NULL},
    {"id", "id", TS_CELL_TEXT, NULL},
    {0},
};

static struct json_object *ask_show(struct ts_cli *cli, const char *id)
{
    TS_AUTOFREE char *path = member_path(cli, "/api/v1/orgs/%/members/%", id);

    return ts_get(cli, path);
}

static void show_card(struct ts_cli *cli, const char *member, struct json_object *answer)
{
    if (member != cli->words[0])
        (void)fputc('\n', cli->out.file);
    ts_card_show(&cli->out, card, answer);
}

int ts_run_member_show(struct ts_cli *cli)
{
    return do_each(cli, &(struct deed){.ask = ask_show, .show = show_card});
}

/* --- a person's own decisions --- */

static struct json_object *ask_suspend(struct ts_cli *cli, const char *id)
{
    TS_AUTOFREE char *path = member_path(cli, "/api/v1/orgs/%/members/%/suspend", id);

    return ts_ask(cli, "POST", path, NULL);
}

int ts_run_member_suspend(struct ts_cli *cli)
{
    return do_each(cli, &(struct deed){.ask = ask_suspend, .done = "suspended"});
}

static struct json_object *ask_unsuspend(struct ts_cli *cli, const char *id)
{
    TS_AUTOFREE char *path = member_path(cli, "/api/v1/orgs/%/members/%/unsuspend", id);

    return ts_ask(cli, "POST", path, NULL);
}

int ts_run_member_unsuspend(struct ts_cli *cli)
{
    return do_each(cli, &(struct deed){.ask = ask_unsuspend, .done = "not suspended any more"});
}

static struct json_object *patch(struct ts_cli *cli, const char *id, struct json_object *body)
{
    TS_AUTOFREE char *path = member_path(cli, "/api/v1/orgs/%/members/%", id);

    return ts_ask(cli, "PATCH", path, body);
}

static struct json_object *set_protected(struct ts_cli *cli, const char *id, bool on)
{
    struct json_object *body = ts_json_new_object();

    ts_json_add_bool(body, "protected", on);
    return patch(cli, id, body);
}

static struct json_object *ask_protect(struct ts_cli *cli, const char *id)
{
    return set_protected(cli, id, true);
}

int ts_run_member_protect(struct ts_cli *cli)
{
    return do_each(cli, &(struct deed){.ask = ask_protect, .done = "protected"});
}

static struct json_object *ask_unprotect(struct ts_cli *cli, const char *id)
{
    return set_protected(cli, id, false);
}

int ts_run_member_unprotect(struct ts_cli *cli)
{
    return do_each(cli, &(struct deed){.ask = ask_unprotect, .done = "not protected any more"});
}

static struct json_object *ask_invitation(struct ts_cli *cli, const char *id)
{
    TS_AUTOFREE char *path = member_path(cli, "/api/v1/orgs/%/members/%/invitation", id);

    return ts_ask(cli, "POST", path, NULL);
}

/* Where no mail is set up, there is a link to be passed on. */
static void show_invitation(struct ts_cli *cli, const char *member, struct json_object *answer)
{
    const char *url = ts_json_text(answer, "url");

    show_done(cli, member,
              url ? "invited by this link, which works once" : "their invitation is mailed");
    if (url)
        ts_say(&cli->out, TS_PLAIN, "%s\n", url);
}

int ts_run_member_invite(struct ts_cli *cli)
{
    return do_each(cli, &(struct deed){.ask = ask_invitation, .show = show_invitation});
}

static struct json_object *ask_delete(struct ts_cli *cli, const char *id)
{
    TS_AUTOFREE char *path = member_path(cli, "/api/v1/orgs/%/members/%", id);

    return ts_ask(cli, "DELETE", path, NULL);
}

int ts_run_member_delete(struct ts_cli *cli)
{
    int denied = cli->word_count == 1
                     ? ts_confirm(cli, "Delete %s from %s?", cli->words[0], cli->org)
                     : ts_confirm(cli, "Delete %zu members of %s?", cli->word_count, cli->org);

    return denied >= 0 ? denied
                       : do_each(cli, &(struct deed){.ask = ask_delete, .done = "deleted"});
}

/* --- changing --- */

/* What was given for an option; "" stands for none. */
static void add_clearable(struct json_object *body, const char *key, const char *value)
{
    if (value)
        ts_json_add_text(body, key, *value ? value : NULL);
}

/* What add and edit have in common; false: the manager is nobody, which was said. */
static bool add_fields(struct ts_cli *cli, struct json_object *body)
{
    const char *manager = ts_option(cli, "manager");
    TS_AUTOFREE char *manager_id = NULL;

    if (ts_option(cli, "name"))
        ts_json_add_text(body, "name", ts_option(cli, "name"));
    if (ts_option(cli, "role"))
        ts_json_add_text(body, "role", ts_option(cli, "role"));
    add_clearable(body, "team", ts_option(cli, "team"));
    if (manager) {
        manager_id = ts_member_id(cli, manager);
        if (!manager_id)
            return false;
        add_clearable(body, "manager_id", manager_id);
    }
    return true;
}

static struct json_object *ask_edit(struct ts_cli *cli, const char *id)
{
    struct json_object *body = ts_json_new_object();

    if (add_fields(cli, body))
        return patch(cli, id, body);
    json_object_put(body);
    return NULL;
}

static void show_edited(struct ts_cli *cli, const char *member, struct json_object *answer)
{
    struct json_object *warnings = ts_json_array(answer, "warnings");

    show_done(cli, member, "changed");
    for (size_t i = 0; warnings && i < json_object_array_length(warnings); i++)
        ts_say(&cli->err, TS_YELLOW, "  %s\n",
               json_object_get_string(json_object_array_get_idx(warnings, i)));
}

int ts_run_member_edit(struct ts_cli *cli)
{
    if (!ts_option(cli, "name") && !ts_option(cli, "role") && !ts_option(cli, "team") &&
        !ts_option(cli, "manager"))
        return ts_misused(cli, "what shall be changed?");
    return do_each(cli, &(struct deed){.ask = ask_edit, .show = show_edited});
}

int ts_run_member_add(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/members", cli->org);
    struct json_object *body = ts_json_new_object();

    ts_json_add_text(body, "email", cli->words[0]);
    if (!add_fields(cli, body)) {
        json_object_put(body);
        return TS_EXIT_FAILED;
    }
    if (ts_option(cli, "status"))
        ts_json_add_text(body, "status", ts_option(cli, "status"));
    if (ts_option(cli, "protected"))
        ts_json_add_bool(body, "protected", true);
    return ts_show_done(cli, card, ts_ask(cli, "POST", path, body), "%s is added to %s",
                        cli->words[0], cli->org);
}

/* --- sync now --- */

static struct json_object *ask_sync(struct ts_cli *cli, const char *id)
{
    TS_AUTOFREE char *path = member_path(cli, "/api/v1/orgs/%/members/%/sync", id);

    return ts_ask(cli, "POST", path, NULL);
}

static void show_steps(struct ts_cli *cli, const char *member, struct json_object *answer)
{
    struct json_object *steps = ts_json_array(answer, "steps");

    ts_say(&cli->out, TS_BOLD, "%s\n", member);
    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        struct json_object *step = json_object_array_get_idx(steps, i);
        bool is_ok = ts_json_bool(step, "ok", false);

        ts_say(&cli->out, is_ok ? TS_GREEN : TS_RED, "  %s ", is_ok ? "✓" : "✗");
        ts_say(&cli->out, TS_PLAIN, "%s\n", ts_word_at(step, "text"));
    }
}

int ts_run_member_sync(struct ts_cli *cli)
{
    return do_each(cli, &(struct deed){.ask = ask_sync, .show = show_steps});
}
