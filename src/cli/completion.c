/* SPDX-License-Identifier: MIT */
/* The completion script, written from the table of commands. zsh runs bash's through bashcompinit.
 */
#include "cli/commands.h"
#include "cli/options.h"

#include "teamsync/text.h"

#include <stdio.h>
#include <string.h>

/* What the daemon knows is offered, too, where it answers at once. The shell expands what it
 * offers: only names without a meaning to it are. An address is completed until its @, where bash
 * ends a word. */
static const char head[] =
    "# teamsync completion, made by: teamsync completion\n"
    "_teamsync_ask() {\n"
    "    [[ \"$cur\" == -* ]] || timeout 0.3 teamsync \"${at[@]}\" \"$@\" </dev/null 2>/dev/null "
    "|\n"
    "        awk 'NR > 1 && $1 ~ /^[A-Za-z0-9@._+-]+$/ { print $1 }'\n"
    "}\n"
    "_teamsync_orgs() { _teamsync_ask org list --all; }\n"
    "_teamsync_members() { _teamsync_ask members \"$org\" --search \"$cur\" --limit 50; }\n"
    "_teamsync() {\n"
    "    local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD - 1]}\" name=\"\" "
    "i\n"
    "    local line=\"${COMP_LINE:0:${COMP_POINT:-0}}\" org=\"$TEAMSYNC_ORG\" at=() word\n"
    "    COMPREPLY=()\n"
    "    [[ \"${line##* }\" != *@* ]] || return 0\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        case \"${COMP_WORDS[i]}\" in\n";
static const char after_skipping[] = "        -*) ;;\n"
                                     "        *) name=\"${name:+$name }${COMP_WORDS[i]}\" ;;\n"
                                     "        esac\n"
                                     "    done\n"
                                     "    case \"$name \" in\n";
static const char tail[] = "    esac\n"
                           "}\n"
                           "complete -F _teamsync teamsync\n";
static const char for_zsh[] = "#compdef teamsync\n"
                              "autoload -Uz compinit bashcompinit\n"
                              "(( $+functions[compdef] )) || compinit\n"
                              "bashcompinit\n";
/* Loaded from a file of this name when it was wanted first: it is wanted now. */
static const char for_zsh_now[] =
    "[[ \"${funcstack[1]}\" != _teamsync ]] || _bash_complete -F _teamsync\n";

/* "a|b" as "a b". */
static void put_choices(const char *choices)
{
    for (; *choices; choices++)
        (void)putchar(*choices == '|' ? ' ' : *choices);
}

static void put_names(const struct ts_option *options)
{
    for (; options && options->name; options++)
        (void)printf(" --%s", options->name);
}

/* What may follow an option: one of its choices, a file, what the daemon knows, or whatever people
 * like. */
static void put_value(const char *value)
{
    if (strchr(value, '|')) {
        (void)fputs(") COMPREPLY=($(compgen -W \"", stdout);
        put_choices(value);
        (void)fputs("\" -- \"$cur\")) ;;\n", stdout);
    } else if (ts_text_equal(value, "FILE") || ts_text_equal(value, "PATH")) {
        (void)fputs(") COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n", stdout);
    } else if (ts_text_equal(value, "ORG") || ts_text_equal(value, "MEMBER")) {
        (void)printf(") COMPREPLY=($(compgen -W \"$(_teamsync_%s)\" -- \"$cur\")) ;;\n",
                     ts_text_equal(value, "ORG") ? "orgs" : "members");
    } else {
        (void)fputs(") ;;\n", stdout);
    }
}

static void put_values(const struct ts_option *options)
{
    for (; options && options->name; options++) {
        if (!options->value)
            continue;
        (void)printf("        --%s", options->name);
        if (options->letter)
            (void)printf(" | -%c", options->letter);
        put_value(options->value);
    }
}

/* Which org it is about: the first word behind the command, if there is one. */
static void put_org(const char *name)
{
    (void)printf("        word=\"${name#%s}\"\n        word=\"${word# }\"\n"
                 "        [[ -z \"$word\" ]] || org=\"${word%%%% *}\"\n",
                 name);
}

/* One branch: `arguments` may follow, as choices or names that the daemon knows, and options. */
static void put_branch(const char *name, const char *arguments, const struct ts_option *options)
{
    bool is_of_org = ts_text_starts_with(arguments + (*arguments == '['), "ORG");

    (void)printf("    \"%s%s\"*)\n", name, *name ? " " : "");
    if (is_of_org)
        put_org(name);
    (void)fputs("        case \"$prev\" in\n", stdout);
    put_values(options);
    put_values(ts_global_options);
    (void)fputs("        *) COMPREPLY=($(compgen -W \"", stdout);
    if (*arguments >= 'a') /* else it is a name for what may follow */
        put_choices(arguments);
    if (is_of_org)
        (void)fputs("$([[ -n \"$org\" ]] || _teamsync_orgs)", stdout);
    if (strstr(arguments, " MEMBER"))
        (void)fputs("$([[ -z \"$org\" ]] || _teamsync_members)", stdout);
    put_names(options);
    put_names(ts_global_options);
    (void)fputs("\" -- \"$cur\")) ;;\n        esac\n        ;;\n", stdout);
}

/* The first words of all commands, or the second ones of a group's, each once, as choices. */
static char *next_words(const char *group)
{
    char *words = ts_strdup("");
    size_t skipped = group ? strlen(group) + 1 : 0;

    for (size_t i = 0; i < ts_command_count; i++) {
        const char *name = ts_commands[i].name;
        TS_AUTOFREE char *word = NULL;
        TS_AUTOFREE char *before = words;
        TS_AUTOFREE char *marked = ts_format("|%s|", words);
        TS_AUTOFREE char *looked_for = NULL;
        bool is_of_group =
            !group || (strncmp(name, group, skipped - 1) == 0 && name[skipped - 1] == ' ');

        word = is_of_group ? ts_memdup_text(name + skipped, strcspn(name + skipped, " "))
                           : ts_strdup("");
        looked_for = ts_format("|%s|", word);
        if (!is_of_group || strstr(marked, looked_for))
            words = TS_STEAL(before);
        else
            words = ts_format("%s%s%s", before, *before ? "|" : "", word);
    }
    return words;
}

static void put_groups(const char *first_words)
{
    for (const char *at = first_words; *at; at += strspn(at, "|")) {
        size_t length = strcspn(at, "|");
        TS_AUTOFREE char *word = ts_memdup_text(at, length);
        TS_AUTOFREE char *words = ts_command_is_group(word) ? next_words(word) : NULL;

        if (words)
            put_branch(word, words, NULL);
        at += length;
    }
}

/* The longest names come first: a shell takes the first branch that fits. */
static void put_script(void)
{
    TS_AUTOFREE char *first_words = next_words(NULL);

    (void)fputs(head, stdout);
    for (const struct ts_option *o = ts_global_options; o->name; o++) {
        if (o->value)
            (void)printf("        --%s) %s; ((i++)) ;;\n", o->name,
                         ts_text_equal(o->value, "ORG")
                             ? "org=\"${COMP_WORDS[i + 1]}\""
                             : "at+=(\"${COMP_WORDS[i]}\" \"${COMP_WORDS[i + 1]}\")");
    }
    (void)fputs(after_skipping, stdout);
    for (size_t i = 0; i < ts_command_count; i++) {
        const struct ts_command *command = &ts_commands[i];

        put_branch(command->name, command->arguments, command->options);
    }
    put_groups(first_words);
    put_branch("", first_words, NULL);
    (void)fputs(tail, stdout);
}

int ts_run_completion(struct ts_cli *cli)
{
    const char *shell = cli->words[0];

    if (!ts_text_equal(shell, "bash") && !ts_text_equal(shell, "zsh"))
        return ts_misused(cli, "there is a script for bash, and one for zsh");
    if (ts_text_equal(shell, "zsh"))
        (void)fputs(for_zsh, stdout);
    put_script();
    if (ts_text_equal(shell, "zsh"))
        (void)fputs(for_zsh_now, stdout);
    return TS_EXIT_DONE;
}
