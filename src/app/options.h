/* SPDX-License-Identifier: MIT */
/* The command line, and the configuration it names. */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "app/config.h"

#include <stdbool.h>

struct ts_options {
    const char *config_file; /* NULL: the defaults */
    bool check_config;
    bool print_config;
};

/* -1 to go on, else the exit status: everything was said. */
int ts_options_read(int argc, char **argv, struct ts_options *options);

/* The checked configuration; NULL, and a log line, when something is wrong with it. */
struct ts_config *ts_options_read_config(const char *file);
void ts_options_print_config(const struct ts_config *config);

#endif
