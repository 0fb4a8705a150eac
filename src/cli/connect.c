/* SPDX-License-Identifier: MIT */
/* An org's connection: made with a key or by consent, shown, and ended. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/path.h"
#include "cli/prompt.h"
#include "cli/show.h"

#include "teamsync/text.h"
#include "teamsync/time.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KEY_MAX_BYTES = 64 << 10, POLL_US = 500000 };

/* --- showing --- */

static char *channels(struct json_object *connection)
{
    size_t count = ts_count_at(connection, "channels");
    bool wants_some = ts_text_equal(ts_text_at(connection, "state"), "active") ||
                      ts_text_equal(ts_text_at(connection, "state"), "failing");

    return count > 0 || wants_some ? ts_format("%zu", count) : NULL;
}

/* They are counted by resyncs. */
static char *users(struct json_object *connection)
{
    int64_t count = ts_number_at(connection, "directory_users");

    return count > 0 ? ts_format("%" PRId64, count) : NULL;
}

static const struct ts_column card[] = {
    {"state", "state", TS_CELL_WORD, NULL},
    {"failure", "failure", TS_CELL_TEXT, NULL},
    {"notice", "notice", TS_CELL_TEXT, NULL},
    {"provider", "provider", TS_CELL_TEXT, NULL},
    {"connected by", "connected_by", TS_CELL_TEXT, NULL},
    {"connected", "connected_at", TS_CELL_TIME, NULL},
    {"suspends", "suspends", TS_CELL_YES, NULL},
    {"directory users", NULL, TS_CELL_NUMBER, users},
    {"channels", NULL, TS_CELL_NUMBER, channels},
    {"last push", "last_push_at", TS_CELL_TIME, NULL},
    {"last resync", "last_resync_at", TS_CELL_TIME, NULL},
    {"next resync", "next_resync_at", TS_CELL_TIME, NULL},
    {0},
};

/* Shows and releases it; the exit code, that of a failure for NULL. `done`: what happened to it;
 * NULL: it is only looked at. */
static int show(struct ts_cli *cli, struct json_object *connection, const char *done)
{
    bool is_unfinished = connection && ts_text_equal(ts_text_at(connection, "state"), "connected");
    int code = done ? ts_show_done(cli, card, connection, "%s %s", cli->org, done)
                    : ts_show_card(cli, card, connection);

    if (is_unfinished)
        ts_next(cli, "teamsync enable %s", cli->org);
    return code;
}

static struct json_object *get_connection(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/connection", cli->org);

    return ts_get(cli, path);
}

/* --- with a key --- */

/* NULL, and errno. */
static char *read_all(FILE *file)
{
    char *text = ts_alloc(KEY_MAX_BYTES + 1);
    size_t length = fread(text, 1, KEY_MAX_BYTES + 1, file);

    if (length <= KEY_MAX_BYTES && !ferror(file))
        return text; /* zeroed behind its end */
    if (!ferror(file))
        errno = EFBIG;
    explicit_bzero(text, KEY_MAX_BYTES + 1);
    free(text);
    return NULL;
}

static char *read_file(const char *name)
{
    FILE *file = fopen(name, "re");
    char *text = file ? read_all(file) : NULL;
    int failure = errno;

    if (file)
        (void)fclose(file);
    errno = failure;
    return text;
}

/* The service account's key; NULL: said why not. */
static struct json_object *read_key(const char *name)
{
    TS_AUTOFREE_SECRET char *text = strcmp(name, "-") == 0 ? read_all(stdin) : read_file(name);
    struct json_object *key = text ? ts_json_parse(text, strlen(text), NULL) : NULL;
    bool is_good = false;

    if (!text)
        ts_complain("%s cannot be read: %s", name, strerror(errno));
    else if (!json_object_is_type(key, json_type_object))
        ts_complain("%s is no key file: that is a JSON object", name);
    else if (!ts_text_equal(ts_text_at(key, "type"), "service_account"))
        ts_complain("%s is not the key file of a service account: its \"type\" is not "
                    "\"service_account\"",
                    name);
    else
        is_good = true;
    if (is_good)
        return key;
    ts_advise("the Google Cloud console makes one: the service account, Keys, Add key, JSON");
    json_object_put(key);
    return NULL;
}

static int connect_with_key(struct ts_cli *cli, const char *file, const char *subject)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/connection", cli->org);
    struct json_object *key = read_key(file);
    struct json_object *credentials;
    struct json_object *body;

    if (!key)
        return TS_EXIT_FAILED;
    credentials = ts_json_new_object();
    ts_json_add_text(credentials, "type", "service_account");
    ts_json_add_text(credentials, "subject", subject);
    ts_json_add(credentials, "key", key);
    body = ts_json_new_object();
    ts_json_add_text(body, "provider", "google-workspace");
    ts_json_add(body, "credentials", credentials);
    return show(cli, ts_ask(cli, "PUT", path, body), "is connected");
}

/* --- by consent --- */

/* Until it was connected after `before`, or the URL is worth nothing any more. */
static int wait_for_consent(struct ts_cli *cli, const char *before, const char *until)
{
    uint64_t until_us = UINT64_MAX;

    (void)ts_time_parse(until, &until_us);
    ts_say(&cli->err, TS_DIM, "waiting for the consent of an admin (Ctrl-C: no longer)\n");
    while (ts_wall_us() < until_us) {
        struct json_object *connection = get_connection(cli);

        if (!connection)
            return TS_EXIT_FAILED;
        if (!ts_text_equal(ts_text_at(connection, "state"), "disconnected") &&
            !ts_text_equal(ts_text_at(connection, "connected_at"), before))
            return show(cli, connection, "is connected");
        json_object_put(connection);
        (void)usleep(POLL_US);
    }
    ts_complain("nobody has agreed in time");
    ts_advise("teamsync connect %s --consent makes another URL", cli->org);
    return TS_EXIT_FAILED;
}

static int connect_by_consent(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/connection/authorize", cli->org);
    TS_AUTOJSON struct json_object *before = get_connection(cli);
    TS_AUTOJSON struct json_object *authorize = NULL;
    bool is_waiting = !ts_option(cli, "no-wait");

    ts_path_add_query(&path, "subject", ts_option(cli, "subject"));
    authorize = before ? ts_get(cli, path) : NULL;
    if (!authorize)
        return TS_EXIT_FAILED;
    if (cli->is_json && !is_waiting)
        ts_say_json(&cli->out, authorize);
    else /* the document is the connection that follows */
        ts_say(cli->is_json ? &cli->err : &cli->out, TS_PLAIN, "%s\n",
               ts_word_at(authorize, "url"));
    (void)fflush(stdout);
    if (!is_waiting)
        return TS_EXIT_DONE;
    return wait_for_consent(cli, ts_text_at(before, "connected_at"),
                            ts_text_at(authorize, "expires_at"));
}

int ts_run_connect(struct ts_cli *cli)
{
    const char *key = ts_option(cli, "key");
    const char *subject = ts_option(cli, "subject");

    if (ts_option(cli, "show"))
        return show(cli, get_connection(cli), NULL);
    if (ts_option(cli, "consent") && !key)
        return connect_by_consent(cli);
    if (!key || !subject || ts_option(cli, "consent"))
        return ts_misused(cli,
                          "either --key FILE --subject ADMIN (an admin's address), or --consent");
    return connect_with_key(cli, key, subject);
}

/* --- ending it --- */

int ts_run_disconnect(struct ts_cli *cli)
{
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/connection", cli->org);
    int denied = ts_confirm(
        cli, "Disconnect %s? Its credentials are erased; members and history stay.", cli->org);

    if (denied >= 0)
        return denied;
    return ts_show_line(cli, ts_ask(cli, "DELETE", path, NULL), "%s is disconnected", cli->org);
}
