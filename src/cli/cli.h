/* SPDX-License-Identifier: MIT */
/* One call of teamsync: which command, what was given to it, and whom it talks with. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/client.h"
#include "cli/screen.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"

#include <stdbool.h>
#include <stddef.h>

enum ts_exit {
    TS_EXIT_DONE = 0,
    TS_EXIT_FAILED = 1, /* or refused */
    TS_EXIT_USAGE = 2,
    TS_EXIT_HELD = 3, /* a resync that waits for a person */
};

struct ts_option {
    const char *name;
    const char *value; /* what follows: "FILE", "N", or the choices "yes|no"; NULL: nothing */
    const char *help;
    char letter; /* its short form; 0: none */
};

struct ts_cli;
struct ts_command {
    const char *name;                /* one or two words: "member show" */
    const char *arguments;           /* "ORG MEMBER…"; [in brackets] what may be left out */
    const char *help;                /* one line */
    int (*run)(struct ts_cli *cli);  /* returns the exit code */
    const struct ts_option *options; /* up to one without a name; NULL: none of its own */
    const char *more;                /* what --help says besides; NULL: nothing */
};

enum { TS_GIVEN_MAX = 64 };

struct ts_cli {
    const struct ts_command *command;
    struct ts_given {
        const struct ts_option *option;
        const char *value; /* "" for a flag */
    } given[TS_GIVEN_MAX];
    size_t given_count;
    const char *org; /* where the command's arguments begin with one; NULL: none was named */
    char **words;    /* the arguments that follow it */
    size_t word_count;
    struct ts_client *client;
    struct ts_screen out;
    struct ts_screen err;
    bool is_json;
};

/* What happened, in a line; and what usually follows, for a person at a terminal. Neither with
 * --json. */
void ts_done(const struct ts_cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ts_next(const struct ts_cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What was given for an option, the last one; NULL when it was not given. */
const char *ts_option(const struct ts_cli *cli, const char *name);
/* The same one by one, for what may be repeated: NULL after the last. `*at` begins with 0. */
const char *ts_option_next(const struct ts_cli *cli, const char *name, size_t *at);
/* The option's number; `fallback` when it was not given (that it is one was checked before). */
size_t ts_option_number(const struct ts_cli *cli, const char *name, size_t fallback);

#endif
