/* SPDX-License-Identifier: MIT */
/* For monitoring plugins: one line, "OK - … | figures", and an exit code. */
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/metrics.h"
#include "cli/options.h"
#include "cli/path.h"
#include "cli/values.h"

#include "teamsync/buf.h"
#include "teamsync/text.h"

#include <inttypes.h>
#include <string.h>

enum { PATIENCE_S = 10, LINE_MAX_BYTES = 4096 };
enum health { HEALTH_OK, HEALTH_WARNING, HEALTH_CRITICAL, HEALTH_UNKNOWN };

struct figure {
    const char *name;
    const char *metric;
    const char *unit;
    double value;
    bool has_limit;
    double limit;
    bool warns_at_once; /* without a limit: any is worth a warning */
};

enum { DEPTH, OLDEST, DEAD, HOLDS, FAILING, FIGURES };

struct checkup {
    struct ts_cli *cli;
    struct figure figures[FIGURES];
    enum health health;
    char why[300];
};

/* The worst counts: what is known to be critical is worse than what is not known. */
static void note(struct checkup *c, enum health health, const char *why)
{
    static const int ranks[] = {
        [HEALTH_OK] = 0, [HEALTH_WARNING] = 1, [HEALTH_UNKNOWN] = 2, [HEALTH_CRITICAL] = 3};

    if (ranks[health] > ranks[c->health]) {
        c->health = health;
        ts_text_copy(c->why, sizeof(c->why), why);
    }
}

/* --- what is asked --- */

static bool is_ready(struct checkup *c)
{
    int status = 0;
    TS_AUTOJSON struct json_object *answer = ts_probe(c->cli, "/readyz", &status);
    struct json_object *reasons = ts_json_array(answer, "reasons");
    const char *reason =
        reasons ? json_object_get_string(json_object_array_get_idx(reasons, 0)) : NULL;
    TS_AUTOFREE char *why = NULL;

    if (status == 0)
        why = ts_format("the daemon at %s cannot be reached", ts_client_address(c->cli->client));
    else if (status != 200)
        why = ts_format("not ready: %s", reason ? reason : "it does not say why");
    if (why)
        note(c, HEALTH_CRITICAL, why);
    return !why;
}

/* False: these are not the metrics of a daemon that has looked at its queue. */
static bool read_figures(struct checkup *c, const char *metrics)
{
    struct ts_sample sample;
    bool has_depth = false;

    while (ts_sample_next(&metrics, &sample)) {
        has_depth = has_depth || strcmp(sample.name, c->figures[DEPTH].metric) == 0;
        for (size_t i = 0; i < FIGURES; i++) {
            if (c->figures[i].metric && strcmp(sample.name, c->figures[i].metric) == 0)
                c->figures[i].value += sample.value;
        }
    }
    return has_depth;
}

static bool count_failing(struct json_object *org, void *arg)
{
    struct checkup *c = arg;
    const char *id = ts_text_at(org, "id");
    TS_AUTOFREE char *path = ts_path("/api/v1/orgs/%/connection", id ? id : "");
    int status = 0;
    TS_AUTOJSON struct json_object *connection = ts_probe(c->cli, path, &status);

    if (status != 200)
        note(c, HEALTH_UNKNOWN, "not every org's connection could be looked at");
    c->figures[FAILING].value += ts_text_equal(ts_text_at(connection, "state"), "failing");
    return status == 200;
}

/* False: there are no figures. */
static bool look(struct checkup *c)
{
    TS_AUTOFREE char *metrics = ts_get_text(c->cli, "/metrics");
    bool is_whole = metrics && read_figures(c, metrics);

    if (!is_whole)
        note(c, HEALTH_UNKNOWN, "the figures could not be looked at");
    if (is_whole && !ts_each(c->cli, "/api/v1/orgs", count_failing, c))
        note(c, HEALTH_UNKNOWN, "the orgs could not be looked at");
    return is_whole;
}

/* --- what is thought of it --- */

static void judge(struct checkup *c, const struct figure *figure)
{
    TS_AUTOFREE char *why = ts_format("%s is %g%s", figure->name, figure->value, figure->unit);

    if (figure->has_limit && figure->value > figure->limit)
        note(c, HEALTH_CRITICAL, why);
    else if (figure->warns_at_once ? figure->value > 0
                                   : figure->has_limit && figure->value > figure->limit / 2)
        note(c, HEALTH_WARNING, why);
}

/* name=value;warning;critical */
static void add_figure(struct ts_buf *line, const struct figure *figure)
{
    (void)ts_buf_addf(line, " %s=%g%s;", figure->name, figure->value, figure->unit);
    if (figure->warns_at_once)
        (void)ts_buf_add_text(line, "0");
    else if (figure->has_limit)
        (void)ts_buf_addf(line, "%g", figure->limit / 2);
    (void)ts_buf_add_text(line, ";");
    if (figure->has_limit)
        (void)ts_buf_addf(line, "%g", figure->limit);
}

static struct json_object *as_json(const struct checkup *c, const char *word, bool is_known)
{
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "health", word);
    ts_json_add_text(json, "why", *c->why ? c->why : NULL);
    for (size_t i = 0; i < FIGURES && is_known; i++)
        ts_json_add(json, c->figures[i].name, ts_must(json_object_new_double(c->figures[i].value)));
    return json;
}

static void show(const struct checkup *c, bool is_known)
{
    static const char *const words[] = {[HEALTH_OK] = "OK",
                                        [HEALTH_WARNING] = "WARNING",
                                        [HEALTH_CRITICAL] = "CRITICAL",
                                        [HEALTH_UNKNOWN] = "UNKNOWN"};
    const char *word = words[c->health];
    struct ts_buf line;

    if (c->cli->is_json) {
        TS_AUTOJSON struct json_object *json = as_json(c, word, is_known);

        ts_say_json(&c->cli->out, json);
        return;
    }
    ts_buf_init(&line, LINE_MAX_BYTES);
    (void)ts_buf_addf(&line, "%s - %s", word, c->why);
    if (is_known) {
        (void)ts_buf_addf(&line, "%sdepth=%g oldest=%gs dead=%g |", *c->why ? "; " : "",
                          c->figures[DEPTH].value, c->figures[OLDEST].value,
                          c->figures[DEAD].value);
        for (size_t i = 0; i < FIGURES; i++)
            add_figure(&line, &c->figures[i]);
    }
    ts_say(&c->cli->out, TS_PLAIN, "%s\n", line.data);
    ts_buf_done(&line);
}

static void set_limit(struct figure *figure, const char *given, uint64_t limit)
{
    figure->has_limit = given != NULL;
    figure->limit = (double)limit;
}

int ts_run_health(struct ts_cli *cli)
{
    struct checkup c = {
        .cli = cli,
        .figures =
            {
                [DEPTH] = {.name = "depth", .metric = "teamsync_queue_depth", .unit = ""},
                [OLDEST] = {.name = "oldest",
                            .metric = "teamsync_queue_oldest_seconds",
                            .unit = "s"},
                [DEAD] = {.name = "dead",
                          .metric = "teamsync_queue_dead",
                          .unit = "",
                          .warns_at_once = true},
                [HOLDS] = {.name = "holds",
                           .metric = "teamsync_holds_open",
                           .unit = "",
                           .warns_at_once = true},
                [FAILING] = {.name = "failing", .unit = "", .warns_at_once = true},
            },
    };
    const char *max_age = ts_option(cli, "max-age");
    uint64_t seconds = 0;
    bool is_known;

    if (max_age && !ts_duration_parse(max_age, &seconds))
        return ts_misused(cli, "--max-age: \"%s\" is no duration", max_age);
    set_limit(&c.figures[DEPTH], ts_option(cli, "max-depth"),
              ts_option_number(cli, "max-depth", 0));
    set_limit(&c.figures[OLDEST], max_age, seconds);
    set_limit(&c.figures[DEAD], ts_option(cli, "max-dead"), ts_option_number(cli, "max-dead", 0));
    ts_client_set_patience(cli->client, PATIENCE_S);
    is_known = is_ready(&c) && look(&c);
    for (size_t i = 0; i < FIGURES && is_known; i++)
        judge(&c, &c.figures[i]);
    show(&c, is_known);
    return (int)c.health;
}
