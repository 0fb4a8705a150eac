/* SPDX-License-Identifier: MIT */
/* teamsync-sandbox: options, people, the loop. */
#include "sandbox/sandbox.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { PEOPLE_MAX = 1000000, FILE_MAX_BYTES = 256 << 20 };

static const char usage[] =
    "usage: teamsync-sandbox [--listen 127.0.0.1:0] [--domain acme.example] [--admin ADDRESS]\n"
    "                        [--people N] [--seed-file FILE] [--write-key FILE]\n"
    "                        [--url URL] [--read-key FILE]\n"
    "A stand-in Google Workspace. Its page, at /, changes people; GET /control describes the "
    "rest.\n"
    "  --seed-file  hires everybody of a JSON array, in the form of POST /control/users; the same\n"
    "               people in the same order have the same ids\n"
    "  --write-key  where the service account's key file goes\n"
    "  --read-key   the service account of an earlier life, instead of a fresh one\n"
    "  --url        as others reach it, where a relay stands before it\n";

struct arguments {
    struct ts_sandbox_options sandbox;
    const char *seed_file;
    const char *write_key;
    const char *read_key;
};

static bool read_arguments(int argc, char **argv, struct arguments *arguments)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'},
        {"domain", required_argument, NULL, 'd'},
        {"admin", required_argument, NULL, 'a'},
        {"people", required_argument, NULL, 'p'},
        {"seed-file", required_argument, NULL, 's'},
        {"write-key", required_argument, NULL, 'k'},
        {"read-key", required_argument, NULL, 'r'},
        {"url", required_argument, NULL, 'u'},
        {0},
    };
    uint64_t people = 0;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'l')
            arguments->sandbox.listen = optarg;
        else if (option == 'd')
            arguments->sandbox.domain = optarg;
        else if (option == 'a')
            arguments->sandbox.admin = optarg;
        else if (option == 's')
            arguments->seed_file = optarg;
        else if (option == 'k')
            arguments->write_key = optarg;
        else if (option == 'r')
            arguments->read_key = optarg;
        else if (option == 'u')
            arguments->sandbox.url = optarg;
        else if (option != 'p' || !ts_text_to_u64(optarg, &people) || people > PEOPLE_MAX)
            return false;
    }
    arguments->sandbox.people = (size_t)people;
    return optind == argc;
}

static bool write_key(const struct ts_sandbox *sandbox, const char *name)
{
    FILE *file = fopen(name, "we");

    bool is_written = file && fputs(ts_sandbox_service_account_key(sandbox), file) >= 0;

    return file && fclose(file) == 0 && is_written;
}

/* A file's text, newly allocated; NULL when it cannot be read. */
static char *read_text(const char *name)
{
    FILE *file = fopen(name, "re");
    struct ts_buf text;
    char chunk[65536];
    size_t got;

    if (!file)
        return NULL;
    ts_buf_init(&text, FILE_MAX_BYTES);
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        (void)ts_buf_add(&text, chunk, got);
    (void)fclose(file);
    return text.data;
}

static const char *seed(struct ts_sandbox *sandbox, const char *name)
{
    TS_AUTOFREE char *text = read_text(name);

    return text ? ts_sandbox_seed(sandbox, text) : "the seed file cannot be read";
}

static void on_stop(void *arg)
{
    ts_loop_stop(arg);
}

static int complain(const char *what)
{
    (void)fprintf(stderr, "teamsync-sandbox: %s\n", what);
    return 1;
}

static int run(struct ts_loop *loop, struct ts_sandbox *sandbox, const struct arguments *arguments)
{
    const char *wrong = arguments->seed_file ? seed(sandbox, arguments->seed_file) : NULL;

    if (wrong)
        return complain(wrong);
    if (arguments->write_key && !write_key(sandbox, arguments->write_key))
        return complain("the key file cannot be written");
    (void)printf("listening on %s\n", ts_sandbox_address(sandbox));
    (void)fflush(stdout);
    ts_loop_on_signal(loop, SIGTERM, on_stop, loop);
    ts_loop_on_signal(loop, SIGINT, on_stop, loop);
    ts_loop_run(loop);
    return 0;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {0};
    TS_AUTOFREE char *key = NULL;
    const char *reason = NULL;
    struct ts_loop *loop;
    struct ts_sandbox *sandbox;
    int status;

    if (!read_arguments(argc, argv, &arguments)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (arguments.read_key && !(key = read_text(arguments.read_key)))
        return complain("the key file cannot be read");
    arguments.sandbox.key = key;
    loop = ts_loop_new();
    sandbox = ts_sandbox_new(loop, &arguments.sandbox, &reason);
    status = sandbox ? run(loop, sandbox, &arguments) : complain(reason);
    ts_sandbox_free(sandbox);
    ts_loop_free(loop);
    return status;
}
