/* SPDX-License-Identifier: MIT */
/* Reading the command line, and the configuration that it names. */
#include "app/options.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"

#include <getopt.h>
#include <stdio.h>

enum { PRINT_MAX_BYTES = 64 << 10 };

static const char usage[] =
    "usage: teamsyncd [-c FILE] [--check-config] [--print-config] [--version]\n"
    "Keeps a business's team in step with its Google Workspace directory.\n";

int ts_options_read(int argc, char **argv, struct ts_options *options)
{
    static const struct option long_options[] = {
        {"config", required_argument, NULL, 'c'}, {"check-config", no_argument, NULL, 'k'},
        {"print-config", no_argument, NULL, 'p'}, {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
        if (option == 'c') {
            options->config_file = optarg;
        } else if (option == 'k') {
            options->check_config = true;
        } else if (option == 'p') {
            options->print_config = true;
        } else if (option == 'v') {
            (void)puts("teamsyncd " TS_VERSION);
            return 0;
        } else {
            (void)fputs(usage, option == 'h' ? stdout : stderr);
            return option == 'h' ? 0 : 2;
        }
    }
    if (optind < argc) {
        (void)fputs(usage, stderr);
        return 2;
    }
    return -1;
}

struct ts_config *ts_options_read_config(const char *file)
{
    struct ts_buf error;
    struct ts_config *config;
    TS_AUTOFREE char *wrong = NULL;

    ts_buf_init(&error, PRINT_MAX_BYTES);
    config = file ? ts_config_load(file, &error) : ts_config_new();
    wrong = config ? ts_config_check(config) : ts_strdup(error.data);
    ts_buf_done(&error);
    if (!wrong)
        return config;
    ts_log(TS_LOG_ERROR, "the configuration is wrong", "file", file, "why", wrong, NULL);
    ts_config_free(config);
    return NULL;
}

void ts_options_print_config(const struct ts_config *config)
{
    struct ts_buf out;

    ts_buf_init(&out, PRINT_MAX_BYTES);
    ts_config_print(config, &out);
    (void)fputs(out.data, stdout);
    ts_buf_done(&out);
}
