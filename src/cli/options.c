/* SPDX-License-Identifier: MIT */
/* As it runs: options before the command → the command → its options and arguments → what is wrong
 * with them. */
#include "cli/options.h"

#include "cli/commands.h"
#include "cli/usage.h"

#include "teamsync/text.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { OPTIONS_MAX = 40, FIRST_CODE = 1000 };

/* --- what was given --- */

const char *ts_option_next(const struct ts_cli *cli, const char *name, size_t *at)
{
    while (*at < cli->given_count) {
        const struct ts_given *given = &cli->given[(*at)++];

        if (strcmp(given->option->name, name) == 0)
            return given->value;
    }
    return NULL;
}

const char *ts_option(const struct ts_cli *cli, const char *name)
{
    const char *last = NULL;
    const char *value;
    size_t at = 0;

    while ((value = ts_option_next(cli, name, &at)))
        last = value;
    return last;
}

size_t ts_option_number(const struct ts_cli *cli, const char *name, size_t fallback)
{
    const char *value = ts_option(cli, name);
    uint64_t number = fallback;

    return value && ts_text_to_u64(value, &number) ? (size_t)number : fallback;
}

/* Monitoring plugins have a number of their own for it. */
int ts_misuse_code(const struct ts_cli *cli)
{
    enum { UNKNOWN = 3 };

    return cli->command && cli->command->run == ts_run_health ? UNKNOWN : TS_EXIT_USAGE;
}

int ts_misused(const struct ts_cli *cli, const char *format, ...)
{
    TS_AUTOFREE char *text = NULL;
    va_list args;

    va_start(args, format);
    text = ts_vformat(format, args);
    va_end(args);
    ts_complain("%s", text);
    if (cli->command)
        ts_advise("teamsync %s --help", cli->command->name);
    else
        ts_advise("teamsync --help");
    return ts_misuse_code(cli);
}

/* --- options, by getopt --- */

struct grammar {
    const struct ts_option *known[OPTIONS_MAX];
    struct option long_options[OPTIONS_MAX + 1];
    char letters[2 * OPTIONS_MAX + 3];
    size_t count;
};

static void add_options(struct grammar *grammar, const struct ts_option *options)
{
    for (; options && options->name; options++) {
        size_t used = strlen(grammar->letters);

        assert(grammar->count < OPTIONS_MAX);
        grammar->known[grammar->count] = options;
        grammar->long_options[grammar->count] =
            (struct option){.name = options->name,
                            .has_arg = options->value ? required_argument : no_argument,
                            .val = FIRST_CODE + (int)grammar->count};
        if (options->letter)
            (void)snprintf(grammar->letters + used, sizeof(grammar->letters) - used, "%c%s",
                           options->letter, options->value ? ":" : "");
        grammar->count++;
    }
}

static const struct ts_option *option_of(const struct grammar *grammar, int code)
{
    for (size_t i = 0; i < grammar->count; i++) {
        if (code == FIRST_CODE + (int)i || code == grammar->known[i]->letter)
            return grammar->known[i];
    }
    return NULL;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);

    for (const char *at = choices; at; at = strchr(at, '|')) {
        at += *at == '|';
        if (length > 0 && strncmp(at, value, length) == 0 &&
            (at[length] == '|' || at[length] == '\0'))
            return true;
    }
    return false;
}

static int take_option(struct ts_cli *cli, const struct ts_option *option, const char *value)
{
    uint64_t number;

    if (option->value && strchr(option->value, '|') && !is_choice(option->value, value))
        return ts_misused(cli, "--%s is one of %s", option->name, option->value);
    if (ts_text_equal(option->value, "N") && !ts_text_to_u64(value, &number))
        return ts_misused(cli, "--%s is followed by a number, not by \"%s\"", option->name, value);
    if (cli->given_count == TS_GIVEN_MAX)
        return ts_misused(cli, "so many options?");
    cli->given[cli->given_count++] =
        (struct ts_given){.option = option, .value = value ? value : ""};
    return -1;
}

/* The options of `argv` (its first is the program), and `*ret_words`, where the rest begins. With
 * `before` they end at the first word; else words and options may be mixed. -1, or an exit code. */
static int read_options(struct ts_cli *cli, int argc, char **argv, bool before, int *ret_words)
{
    struct grammar grammar = {.letters = ""};
    int result = -1;
    int code;

    (void)snprintf(grammar.letters, sizeof(grammar.letters), before ? "+:" : ":");
    add_options(&grammar, ts_global_options);
    add_options(&grammar, cli->command ? cli->command->options : NULL);
    opterr = 0;
    optind = 0; /* getopt begins anew */
    while (result < 0 &&
           (code = getopt_long(argc, argv, grammar.letters, grammar.long_options, NULL)) != -1) {
        const struct ts_option *option = option_of(&grammar, code);

        if (option)
            result = take_option(cli, option, optarg);
        else if (code == ':')
            result = ts_misused(cli, "what belongs to it is missing after %s", argv[optind - 1]);
        else if (optopt > 0 && optopt < FIRST_CODE)
            result = ts_misused(cli, "there is no option -%c", optopt);
        else
            result = ts_misused(cli, "there is no option %s", argv[optind - 1]);
    }
    *ret_words = optind;
    return result;
}

/* --- arguments --- */

static bool is_org_id(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return length >= 1 && length <= 63 && text[length] == '\0';
}

/* ORG is what --org says (then it is no argument), or the first argument, or else $TEAMSYNC_ORG: no
 * member's or run's id, and no address, has the form of an org's. */
static void take_org(struct ts_cli *cli, size_t *min, size_t *max)
{
    const char *named = ts_option(cli, "org");
    const char *usual = getenv("TEAMSYNC_ORG");
    bool is_written = !named && cli->word_count > 0 && is_org_id(cli->words[0]);

    if (!named && !ts_text_is_empty(usual) && (!is_written || cli->word_count < *min))
        named = usual;
    if (named) {
        cli->org = named;
    } else if (cli->word_count > 0) {
        cli->org = *cli->words++;
        cli->word_count--;
    } else {
        return;
    }
    *min -= *min > 0;
    *max -= *max == SIZE_MAX ? 0 : 1;
}

static int read_arguments(struct ts_cli *cli)
{
    size_t min;
    size_t max;

    ts_command_count_arguments(cli->command, &min, &max);
    if (ts_command_takes_org(cli->command))
        take_org(cli, &min, &max);
    else
        cli->org = ts_option(cli, "org");
    if (cli->word_count >= min && cli->word_count <= max)
        return -1;
    if (!*cli->command->arguments)
        return ts_misused(cli, "%s takes no arguments", cli->command->name);
    return ts_misused(cli, "too %s arguments; it is: teamsync %s %s",
                      cli->word_count < min ? "few" : "many", cli->command->name,
                      cli->command->arguments);
}

static int refuse_word(struct ts_cli *cli, char *const *words, size_t count)
{
    if (count == 0) {
        ts_usage_show(stderr, NULL);
        return TS_EXIT_USAGE;
    }
    if (!ts_command_is_group(words[0]))
        return ts_misused(cli, "there is no command \"%s\"", words[0]);
    if (count > 1 && *words[1] != '-')
        return ts_misused(cli, "there is no command \"%s %s\"", words[0], words[1]);
    ts_usage_show(stderr, words[0]);
    return TS_EXIT_USAGE;
}

/* --help, after whatever names a command, a group of commands, or nothing. */
static int help(const struct ts_cli *cli, char *const *words, size_t count)
{
    if (cli->command)
        ts_help_show(stdout, cli->command);
    else
        ts_usage_show(stdout, count > 0 && ts_command_is_group(words[0]) ? words[0] : NULL);
    return TS_EXIT_DONE;
}

static bool asks_for_help(char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    }
    return false;
}

int ts_options_read(struct ts_cli *cli, int argc, char **argv)
{
    int words = 1;
    size_t taken = 0;
    size_t left;
    bool is_help;
    int result = read_options(cli, argc, argv, true, &words);

    if (result >= 0)
        return result;
    if (ts_option(cli, "version")) {
        (void)puts("teamsync " TS_VERSION);
        return TS_EXIT_DONE;
    }
    is_help = words < argc && strcmp(argv[words], "help") == 0; /* "help resync": "resync --help" */
    words += is_help;
    left = (size_t)(argc - words);
    cli->command = ts_command_find(argv + words, left, &taken);
    if (is_help || ts_option(cli, "help") || (!cli->command && asks_for_help(argv + words, left)))
        return help(cli, argv + words, left);
    if (!cli->command)
        return refuse_word(cli, argv + words, left);
    argv += words + (int)taken - 1;
    argc -= words + (int)taken - 1;
    result = read_options(cli, argc, argv, false, &words);
    if (result >= 0)
        return result;
    if (ts_option(cli, "help"))
        return help(cli, NULL, 0);
    cli->words = argv + words;
    cli->word_count = (size_t)(argc - words);
    cli->is_json = ts_option(cli, "json");
    return read_arguments(cli);
}
