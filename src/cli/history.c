/* SPDX-License-Identifier: MIT */
/* What changed: as a table, as it comes, and as an export that is either whole or not there. */
#include "cli/commands.h"
#include "cli/follow.h"
#include "cli/listing.h"
#include "cli/member_id.h"
#include "cli/options.h"
#include "cli/path.h"
#include "cli/values.h"

#include "teamsync/text.h"
#include "teamsync/time.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct ts_column columns[] = {
    {"AT", "at", TS_CELL_TIME, NULL},       {"MEMBER", "email", TS_CELL_TEXT, NULL},
    {"FIELD", "field", TS_CELL_TEXT, NULL}, {"BEFORE", "before", TS_CELL_TEXT, NULL},
    {"AFTER", "after", TS_CELL_TEXT, NULL}, {"CAUSE", "cause", TS_CELL_TEXT, NULL},
    {"JOB", "job", TS_CELL_ID, NULL},       {0},
};
static const struct ts_column members_columns[] = {
    {"AT", "at", TS_CELL_TIME, NULL},
    {"FIELD", "field", TS_CELL_TEXT, NULL},
    {"BEFORE", "before", TS_CELL_TEXT, NULL},
    {"AFTER", "after", TS_CELL_TEXT, NULL},
    {"CAUSE", "cause", TS_CELL_TEXT, NULL},
    {"JOB", "job", TS_CELL_ID, NULL},
    {0},
};
static const char nothing[] = "no changes";

int ts_run_member_history(struct ts_cli *cli)
{
    TS_AUTOFREE char *id = ts_member_id(cli, cli->words[0]);
    TS_AUTOFREE char *path = id ? ts_path("/api/v1/orgs/%/members/%/history", cli->org, id) : NULL;

    if (!path)
        return TS_EXIT_FAILED;
    return ts_list(
        cli, &(struct ts_listing){.path = path, .columns = members_columns, .nothing = nothing});
}

/* --- which changes --- */

/* Adds --since or --until; -1, or the exit code. */
static int add_moment(struct ts_cli *cli, char **path, const char *name)
{
    const char *text = ts_option(cli, name);
    TS_AUTOFREE char *moment = text ? ts_moment_parse(text, ts_wall_us()) : NULL;

    if (text && !moment)
        return ts_misused(cli, "--%s: \"%s\" is no time", name, text);
    ts_path_add_query(path, name, moment);
    return -1;
}

static int add_filters(struct ts_cli *cli, char **path)
{
    const char *member = ts_option(cli, "member");
    int wrong = add_moment(cli, path, "since");
    TS_AUTOFREE char *id = NULL;

    if (wrong < 0)
        wrong = add_moment(cli, path, "until");
    if (wrong >= 0)
        return wrong;
    id = member ? ts_member_id(cli, member) : NULL;
    if (member && !id)
        return TS_EXIT_FAILED;
    ts_path_add_query(path, "member", id);
    ts_path_add_query(path, "field", ts_option(cli, "field"));
    return -1;
}

/* --- the export --- */

/* Where it goes: under a name of its own until it is whole. */
struct output {
    FILE *file;
    char *name;
    char *partial; /* NULL: written where it is (a pipe, a device, stdout) */
    int error_number;
};

/* The rights that a new file has here. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);

    (void)umask(mask);
    return 0666 & ~mask;
}

static bool open_output(struct output *output, const char *name)
{
    struct stat found;
    int descriptor;

    *output = (struct output){.name = ts_strdup(name), .file = stdout};
    if (!name)
        return true;
    if (stat(name, &found) == 0 && !S_ISREG(found.st_mode)) {
        output->file = fopen(name, "we");
    } else {
        output->partial = ts_format("%s.XXXXXX", name);
        descriptor = mkstemp(output->partial);
        if (descriptor >= 0)
            (void)fchmod(descriptor, usual_mode());
        output->file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    }
    output->error_number = errno;
    return output->file;
}

static bool write_output(const char *bytes, size_t length, void *arg)
{
    struct output *output = arg;

    if (fwrite(bytes, 1, length, output->file) == length)
        return true;
    output->error_number = errno;
    return false;
}

/* Gives the file its name, or takes it away. False: it could not be written. */
static bool close_output(struct output *output, bool is_whole)
{
    bool is_written = output->file && fflush(output->file) == 0 && !ferror(output->file);

    if (is_written && is_whole && output->partial)
        is_written = fsync(fileno(output->file)) == 0;
    if (!is_written && output->error_number == 0)
        output->error_number = errno;
    if (output->file && output->file != stdout)
        is_written = fclose(output->file) == 0 && is_written;
    if (output->file && output->partial) {
        if (!is_written || !is_whole)
            (void)unlink(output->partial);
        else if (rename(output->partial, output->name) < 0)
            is_written = false;
    }
    free(output->partial);
    free(output->name);
    return is_written;
}

static int export(struct ts_cli *cli, const char *path)
{
    const char *name = ts_option(cli, "output");
    struct output output;
    bool is_whole = false;
    bool is_written = false;

    if (open_output(&output, name)) {
        output.error_number = 0;
        is_whole = ts_stream(cli, path, write_output, &output);
    }
    is_written = close_output(&output, is_whole);
    if (!is_written && output.error_number != EPIPE)
        ts_complain("%s cannot be written: %s", name ? name : "the output",
                    strerror(output.error_number));
    return is_whole && is_written ? TS_EXIT_DONE : TS_EXIT_FAILED;
}

static int follow(struct ts_cli *cli)
{
    static const char *const others[] = {"all",   "member", "field", "since",
                                         "until", "export", "output"};

    for (size_t i = 0; i < TS_COUNT_OF(others); i++) {
        if (ts_option(cli, others[i]))
            return ts_misused(cli, "--follow shows all that changes; it does not go with --%s",
                              others[i]);
    }
    return ts_follow(cli, columns);
}

int ts_run_history(struct ts_cli *cli)
{
    const char *format = ts_option(cli, "export");
    TS_AUTOFREE char *path =
        ts_path(format ? "/api/v1/orgs/%/history/export" : "/api/v1/orgs/%/history", cli->org);
    int wrong;

    if (ts_option(cli, "follow"))
        return follow(cli);
    if (ts_option(cli, "output") && !format)
        return ts_misused(cli, "--output is for --export");
    ts_path_add_query(&path, "format", format);
    wrong = add_filters(cli, &path);
    if (wrong >= 0)
        return wrong;
    if (format)
        return export(cli, path);
    return ts_list(cli, &(struct ts_listing){.path = path, .columns = columns, .nothing = nothing});
}
