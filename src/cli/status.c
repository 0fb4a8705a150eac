/* SPDX-License-Identifier: MIT */
/* How everything stands: the daemon, what needs attention, the queue, and org by org. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/metrics.h"
#include "cli/path.h"
#include "cli/table.h"

#include "teamsync/text.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

/* --- gathering: one JSON object that holds it all --- */

struct gathering {
    struct ts_cli *cli;
    struct json_object *members; /* by org: {"active": 40, …} */
    struct json_object *orgs;
    bool has_failed;
};

/* Members by status are among the metrics of all orgs: one request for all of them. */
static bool gather_members(struct gathering *g)
{
    TS_AUTOFREE char *metrics = ts_get_text(g->cli, "/metrics");
    const char *at = metrics;
    struct ts_sample sample;

    while (at && ts_sample_next(&at, &sample)) {
        struct json_object *org = ts_json_object(g->members, sample.org);

        if (strcmp(sample.name, "teamsync_members") != 0)
            continue;
        if (!org) {
            org = ts_json_new_object();
            ts_json_add(g->members, sample.org, org);
        }
        ts_json_add_number(org, sample.status, (int64_t)sample.value);
    }
    return metrics;
}

static bool gather_org(struct json_object *org, void *arg)
{
    struct gathering *g = arg;
    const char *id = ts_text_at(org, "id");
    TS_AUTOFREE char *connection_path = ts_path("/api/v1/orgs/%/connection", id ? id : "");
    TS_AUTOFREE char *hold_path = ts_path("/api/v1/orgs/%/hold", id ? id : "");
    struct json_object *connection = ts_get(g->cli, connection_path);
    struct json_object *hold = connection ? ts_get(g->cli, hold_path) : NULL;
    struct json_object *json;

    if (!hold) {
        json_object_put(connection);
        g->has_failed = true;
        return false;
    }
    json = ts_json_new_object();
    ts_json_add_text(json, "org", id);
    ts_json_add_text(json, "name", ts_text_at(org, "name"));
    ts_json_add(json, "connection", connection);
    ts_json_add(json, "hold", hold);
    ts_json_add(json, "members", json_object_get(ts_json_object(g->members, id ? id : "")));
    ts_json_append(g->orgs, json);
    return true;
}

static bool gather_orgs(struct gathering *g)
{
    TS_AUTOFREE char *path = NULL;
    TS_AUTOJSON struct json_object *org = NULL;

    if (!g->cli->org)
        return ts_each(g->cli, "/api/v1/orgs", gather_org, g) && !g->has_failed;
    path = ts_path("/api/v1/orgs/%", g->cli->org);
    org = ts_get(g->cli, path);
    return org && gather_org(org, g);
}

/* Adds "ready", "reasons" and "version"; false: there is no daemon. */
static bool gather_daemon(struct ts_cli *cli, struct json_object *all)
{
    int status = 0;
    TS_AUTOJSON struct json_object *alive = ts_get(cli, "/healthz");
    TS_AUTOJSON struct json_object *ready = alive ? ts_probe(cli, "/readyz", &status) : NULL;

    if (!alive)
        return false;
    ts_json_add_bool(all, "ready", status == 200);
    ts_json_add(all, "reasons", json_object_get(ts_json_array(ready, "reasons")));
    ts_json_add_text(all, "version", ts_text_at(alive, "version"));
    return true;
}

/* The queue is the operators': a token of one org sees none. */
static void gather_queue(struct ts_cli *cli, struct json_object *all)
{
    int status = 0;
    struct json_object *queue = ts_probe(cli, "/api/v1/queue", &status);

    if (status == 200) {
        ts_json_add(all, "queue", queue);
    } else {
        json_object_put(queue);
        ts_json_add(all, "queue", NULL);
    }
}

/* NULL: it went wrong, and was said. */
static struct json_object *gather(struct ts_cli *cli)
{
    TS_AUTOJSON struct json_object *members = ts_json_new_object();
    struct json_object *all = ts_json_new_object();
    struct gathering g = {.cli = cli, .members = members, .orgs = ts_json_new_array()};
    bool is_there = gather_daemon(cli, all);

    ts_json_add(all, "orgs", g.orgs);
    if (is_there)
        gather_queue(cli, all);
    /* While it is not ready, Redis may not tell of orgs: that it is not is the news. */
    if (is_there && (!ts_json_bool(all, "ready", false) || (gather_members(&g) && gather_orgs(&g))))
        return all;
    json_object_put(all);
    return NULL;
}

/* --- what needs attention --- */

static void warn_of_hold(const struct ts_screen *screen, const char *id, struct json_object *org)
{
    if (ts_at(org, "hold.field_loss"))
        ts_say(screen, TS_YELLOW,
               "! %s: a resync would empty a field of many: teamsync hold show %s\n", id, id);
    if (ts_count_at(org, "hold.items") > 0)
        ts_say(screen, TS_YELLOW,
               "! %s: %zu suspensions wait for a person: teamsync hold show %s\n", id,
               ts_count_at(org, "hold.items"), id);
}

static void warn_of_org(const struct ts_screen *screen, struct json_object *org)
{
    const char *id = ts_word_at(org, "org");
    const char *state = ts_text_at(org, "connection.state");
    const char *failure = ts_text_at(org, "connection.failure");
    const char *notice = ts_text_at(org, "connection.notice");

    if (ts_text_equal(state, "failing"))
        ts_say(screen, TS_RED, "! %s: failing: %s\n", id,
               failure ? failure : "it does not say why");
    else if (ts_text_equal(state, "disconnected"))
        ts_say(screen, TS_YELLOW, "! %s: not connected: teamsync connect %s --help\n", id, id);
    else if (ts_text_equal(state, "connected"))
        ts_say(screen, TS_YELLOW, "! %s: auto-sync is off: teamsync enable %s\n", id, id);
    else if (ts_count_at(org, "connection.channels") == 0)
        ts_say(screen, TS_YELLOW, "! %s: no notification channel is live\n", id);
    if (notice)
        ts_say(screen, TS_YELLOW, "! %s: %s\n", id, notice);
    warn_of_hold(screen, id, org);
}

static void warn(const struct ts_screen *screen, struct json_object *all)
{
    struct json_object *orgs = ts_json_array(all, "orgs");
    int64_t dead = ts_number_at(all, "queue.dead");

    for (size_t i = 0; i < json_object_array_length(orgs); i++)
        warn_of_org(screen, json_object_array_get_idx(orgs, i));
    if (dead > 0)
        ts_say(screen, TS_YELLOW, "! %" PRId64 " jobs were given up: teamsync dead list\n", dead);
}

/* --- showing --- */

static void show_daemon(const struct ts_cli *cli, struct json_object *all)
{
    const char *version = ts_text_at(all, "version");
    struct json_object *reasons = ts_json_array(all, "reasons");
    bool is_ready = ts_json_bool(all, "ready", false);

    ts_say(&cli->out, TS_PLAIN, "teamsyncd%s%s at %s: ", version ? " " : "", version ? version : "",
           ts_client_address(cli->client));
    if (is_ready)
        ts_say(&cli->out, TS_GREEN, "ready");
    else
        ts_say(&cli->out, TS_RED, "not ready");
    for (size_t i = 0; reasons && i < json_object_array_length(reasons); i++)
        ts_say(&cli->out, TS_RED, "%s%s", i ? ", " : ": ",
               json_object_get_string(json_object_array_get_idx(reasons, i)));
    ts_say(&cli->out, TS_PLAIN, "\n");
}

static void show_queue(const struct ts_screen *screen, struct json_object *all)
{
    if (ts_at(all, "queue"))
        ts_say(screen, TS_PLAIN,
               "queue: %" PRId64 " jobs, the oldest %" PRId64 " s old; %" PRId64
               " for later; %" PRId64 " given up\n",
               ts_number_at(all, "queue.depth"), ts_number_at(all, "queue.oldest_seconds"),
               ts_number_at(all, "queue.delayed"), ts_number_at(all, "queue.dead"));
}

static char *channels(struct json_object *org)
{
    return ts_format("%zu", ts_count_at(org, "connection.channels"));
}

static char *held(struct json_object *org)
{
    return ts_format("%zu", ts_count_at(org, "hold.items"));
}

static const struct ts_column columns[] = {
    {"ORG", "org", TS_CELL_TEXT, NULL},
    {"STATE", "connection.state", TS_CELL_WORD, NULL},
    {"ACTIVE", "members.active", TS_CELL_NUMBER, NULL},
    {"INVITED", "members.invited", TS_CELL_NUMBER, NULL},
    {"SUSPENDED", "members.suspended", TS_CELL_NUMBER, NULL},
    {"HELD", NULL, TS_CELL_NUMBER, held},
    {"LAST PUSH", "connection.last_push_at", TS_CELL_AGE, NULL},
    {"LAST RESYNC", "connection.last_resync_at", TS_CELL_AGE, NULL},
    {"NEXT RESYNC", "connection.next_resync_at", TS_CELL_AGE, NULL},
    {"CHANNELS", NULL, TS_CELL_NUMBER, channels},
    {0},
};

int ts_run_status(struct ts_cli *cli)
{
    TS_AUTOJSON struct json_object *all = gather(cli);

    if (!all)
        return TS_EXIT_FAILED;
    if (cli->is_json) {
        ts_say_json(&cli->out, all);
        return TS_EXIT_DONE;
    }
    show_daemon(cli, all);
    warn(&cli->out, all);
    show_queue(&cli->out, all);
    if (ts_count_at(all, "orgs") == 0 && ts_json_bool(all, "ready", false))
        ts_done(cli, "no orgs yet: teamsync org create ID");
    ts_table_show(&cli->out, columns, ts_json_array(all, "orgs"), SIZE_MAX);
    return TS_EXIT_DONE;
}
