/* SPDX-License-Identifier: MIT */
/* Every command, in the order in which --help lists them. */
#include "cli/commands.h"

#include "teamsync/text.h"

#include <stdint.h>
#include <string.h>

#define YES                                                                                        \
    {                                                                                              \
        .name = "yes", .letter = 'y', .help = "do not ask"                                         \
    }
#define ALL                                                                                        \
    {                                                                                              \
        .name = "all", .help = "the whole list, however long"                                      \
    }
#define LIMIT                                                                                      \
    {                                                                                              \
        .name = "limit", .value = "N", .help = "at most so many (100)"                             \
    }
#define ROLE                                                                                       \
    {                                                                                              \
        .name = "role", .value = "ROLE", .help = "owner, admin, member, or one of your own"        \
    }
#define PERMISSION                                                                                 \
    {                                                                                              \
        .name = "permission", .value = "members:read|members:manage|integrations:manage|operate",  \
        .help = "what it may; may be repeated"                                                     \
    }
#define OPTIONS(...)                                                                               \
    (const struct ts_option[])                                                                     \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

#define MEMBER_IS "MEMBER is a member's id or e-mail address."
#define CHANGES                                                                                    \
    {.name = "field", .value = "FIELD", .help = "only changes of this field"},                     \
        {.name = "since", .value = "TIME", .help = "only from then on"},                           \
    {                                                                                              \
        .name = "until", .value = "TIME", .help = "only before"                                    \
    }
#define TIME_IS                                                                                    \
    "TIME is a date (2026-11-24), a time (2026-11-24T18:00:00Z), or how long ago (36h, 7d)."

const struct ts_option ts_global_options[] = {
    {.name = "socket",
     .value = "PATH",
     .help = "the daemon's admin socket ($TEAMSYNC_SOCKET, /run/teamsync/admin.sock)"},
    {.name = "url", .value = "URL", .help = "over TCP instead, with a token ($TEAMSYNC_URL)"},
    {.name = "token-file", .value = "FILE", .help = "where the token is ($TEAMSYNC_TOKEN)"},
    {.name = "org", .value = "ORG", .help = "instead of the argument ORG ($TEAMSYNC_ORG)"},
    {.name = "json", .help = "one JSON document, as the API gives it"},
    {.name = "no-color", .help = "no colours, as with $NO_COLOR"},
    {.name = "help", .letter = 'h', .help = "what a command does, and its options"},
    {.name = "version", .help = "the version of this program"},
    {0},
};

const struct ts_command ts_commands[] = {
    {"status", "[ORG]", "how everything stands, what needs attention first", ts_run_status, NULL,
     NULL},
    {"health", "", "one line and an exit code, for monitoring plugins", ts_run_health,
     OPTIONS({.name = "max-depth", .value = "N", .help = "more jobs in the queue are critical"},
             {.name = "max-age", .value = "TIME", .help = "an older job is critical (90, 15m)"},
             {.name = "max-dead", .value = "N", .help = "more dead letters are critical"}),
     "Exit code 0 is OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (it was called wrongly).\n"
     "Critical: the daemon cannot be reached or is not ready, or a limit is passed.\n"
     "A warning: more than half of a limit, any dead letter, an open hold, or a connection that\n"
     "is failing.\n"},

    {"org list", "", "the orgs", ts_run_org_list, OPTIONS(ALL, LIMIT), NULL},
    {"org create", "ID", "a new org", ts_run_org_create,
     OPTIONS({.name = "name", .value = "NAME", .help = "what people call it"}), NULL},
    {"org show", "ORG", "an org's settings", ts_run_org_show, NULL, NULL},
    {"org set", "ORG", "changes an org's settings", ts_run_org_set,
     OPTIONS({.name = "name", .value = "NAME", .help = "what people call it"},
             {.name = "team-from",
              .value = "FIELD",
              .help = "department, org_unit, cost_center or custom:SCHEMA.FIELD"},
             {.name = "clear-missing",
              .value = "yes|no",
              .help = "whether an empty field there empties ours"},
             {.name = "auto-invite",
              .value = "yes|no",
              .help = "whether new people of the directory are invited"},
             {.name = "invite-role", .value = "ROLE", .help = "as what they are invited"}),
     NULL},

    {"connect", "ORG", "connects an org to its directory", ts_run_connect,
     OPTIONS({.name = "key", .value = "FILE", .help = "a service account's key file; - is stdin"},
             {.name = "subject", .value = "ADMIN", .help = "the admin it acts for"},
             {.name = "consent", .help = "instead of a key: an admin agrees in a browser"},
             {.name = "no-wait", .help = "with --consent: only print the URL"},
             {.name = "show", .help = "only show the connection there is"}),
     "With a key:     teamsync connect acme --key key.json --subject admin@acme.example\n"
     "With consent:   teamsync connect acme --consent\n"},
    {"disconnect", "ORG", "ends the connection and erases its credentials", ts_run_disconnect,
     OPTIONS(YES), NULL},
    {"preview", "ORG", "what a resync would change", ts_run_preview, NULL, NULL},
    {"enable", "ORG", "auto-sync on, after a look at what it will change", ts_run_enable,
     OPTIONS(YES), NULL},
    {"disable", "ORG", "auto-sync off", ts_run_disable, NULL, NULL},

    {"members", "ORG", "an org's team", ts_run_members,
     OPTIONS(ALL, LIMIT,
             {.name = "status", .value = "invited|active|suspended", .help = "only these"},
             {.name = "team", .value = "TEAM", .help = "only of this team"},
             {.name = "sync",
              .value = "unmatched|synced|pending|held|conflict|error",
              .help = "only in this state"},
             {.name = "search", .value = "TEXT", .help = "only with this in name or address"},
             {.name = "sort", .value = "name|email|team|created", .help = "by what (created)"},
             {.name = "order", .value = "asc|desc", .help = "which way (asc)"}),
     NULL},
    {"member show", "ORG MEMBER…", "everything about a member", ts_run_member_show, NULL,
     MEMBER_IS "\n"},
    {"member add", "ORG EMAIL", "a new member", ts_run_member_add,
     OPTIONS({.name = "name", .value = "NAME", .help = "what people call them"}, ROLE,
             {.name = "team", .value = "TEAM", .help = "until a directory knows better"},
             {.name = "manager", .value = "MEMBER", .help = "likewise"},
             {.name = "status", .value = "invited|active", .help = "invited if not given"},
             {.name = "protected", .help = "never suspended by the sync"}),
     NULL},
    {"member edit", "ORG MEMBER…", "changes members", ts_run_member_edit,
     OPTIONS({.name = "name", .value = "NAME", .help = "what people call them"}, ROLE,
             {.name = "team", .value = "TEAM", .help = "\"\" for none"},
             {.name = "manager", .value = "MEMBER", .help = "\"\" for nobody"}),
     MEMBER_IS "\n--role owner hands the ownership over.\n"},
    {"member suspend", "ORG MEMBER…", "suspends members, until a person lifts it",
     ts_run_member_suspend, NULL, MEMBER_IS "\n"},
    {"member unsuspend", "ORG MEMBER…", "lifts suspensions", ts_run_member_unsuspend, NULL,
     MEMBER_IS "\n"},
    {"member protect", "ORG MEMBER…", "members whom the sync never suspends", ts_run_member_protect,
     NULL, MEMBER_IS "\n"},
    {"member unprotect", "ORG MEMBER…", "members whom it may suspend again",
     ts_run_member_unprotect, NULL, MEMBER_IS "\n"},
    {"member invite", "ORG MEMBER…", "mails them their invitation once more, or tells its link",
     ts_run_member_invite, NULL,
     "The link is told where no mail is set up. One that was mailed or told before "
     "ends.\n" MEMBER_IS "\n"},
    {"member delete", "ORG MEMBER…", "deletes members", ts_run_member_delete, OPTIONS(YES),
     MEMBER_IS "\n"},
    {"member sync", "ORG MEMBER…", "syncs members now, and explains each step", ts_run_member_sync,
     NULL, MEMBER_IS "\n"},
    {"member history", "ORG MEMBER", "what changed about a member, when and why",
     ts_run_member_history, OPTIONS(ALL, LIMIT), MEMBER_IS "\n"},
    {"invite", "ORG [PERSON…]", "invites people of the directory", ts_run_invite,
     OPTIONS({.name = "search", .value = "TEXT", .help = "all whose name or address begins so"},
             {.name = "list", .help = "only list who is not a member yet"}, ROLE, YES, ALL, LIMIT),
     "PERSON is a directory user's id or e-mail address. An id may look like an org: name the ORG\n"
     "before it, or with --org.\n"},

    {"resync", "ORG", "compares everybody with the directory", ts_run_resync,
     OPTIONS({.name = "preview", .help = "write nothing"},
             {.name = "wait", .help = "until it is over; Ctrl-C leaves it running"}),
     "With --wait the exit code is 0 when it is done, 1 when it failed, and 3 when it waits for\n"
     "a person: teamsync hold show ORG.\n"},
    {"resyncs", "ORG", "the last resyncs", ts_run_resyncs, OPTIONS(ALL, LIMIT), NULL},
    {"undo", "ORG RUN", "lifts the suspensions of a resync", ts_run_undo, OPTIONS(YES), NULL},
    {"hold show", "ORG", "what waits for a person", ts_run_hold_show, NULL, NULL},
    {"hold approve", "ORG [DIGEST]", "it shall happen", ts_run_hold_approve, NULL,
     "DIGEST names the list that was looked at: it is refused when the list is another by now.\n"
     "On a terminal it may be left out: the list is shown first. A digest may look like an org: "
     "name\n"
     "the ORG before it, or with --org.\n"},
    {"hold reject", "ORG [DIGEST]", "it shall not happen", ts_run_hold_reject, NULL,
     "DIGEST as for hold approve.\n"},
    {"history", "ORG", "what changed in a team, when and why", ts_run_history,
     OPTIONS(ALL, LIMIT, {.name = "member", .value = "MEMBER", .help = "only of this member"},
             CHANGES,
             {.name = "follow",
              .letter = 'f',
              .help = "the last ten, then each as it comes; Ctrl-C ends it"},
             {.name = "export", .value = "jsonl|csv", .help = "the whole, for programs"},
             {.name = "output",
              .value = "FILE",
              .letter = 'o',
              .help = "where an export goes; it is there when it is whole"}),
     MEMBER_IS "\n" TIME_IS "\n"},

    {"queue", "", "how the queue stands", ts_run_queue, NULL, NULL},
    {"dead list", "", "jobs that were given up", ts_run_dead_list, OPTIONS(ALL, LIMIT), NULL},
    {"dead show", "ID", "why a job was given up", ts_run_dead_show, NULL, NULL},
    {"dead retry", "[ID…]", "queues jobs anew", ts_run_dead_retry,
     OPTIONS({.name = "all", .help = "all of them"}), NULL},
    {"dead drop", "ID…", "forgets jobs", ts_run_dead_drop, NULL, NULL},

    {"token create", "", "a token for the API", ts_run_token_create,
     OPTIONS(PERMISSION, {.name = "name", .value = "NAME", .help = "whose it is, or what for"},
             {.name = "expires", .value = "TIME", .help = "90d, 12h; never if not given"},
             {.name = "quiet", .letter = 'q', .help = "print the token alone"}),
     "--org names the org it is for; --org '*' all of them.\n"
     "The token is shown this once.\n"},
    {"token list", "", "the tokens and sessions, without their secrets", ts_run_token_list,
     OPTIONS(ALL, LIMIT), "--org: only those of this org.\n"},
    {"token revoke", "ID…", "ends tokens with their sessions, or sessions", ts_run_token_revoke,
     NULL, NULL},
    {"login-link", "", "a link that signs in to the web page, once", ts_run_login_link,
     OPTIONS(PERMISSION, {.name = "name", .value = "NAME", .help = "who will be signed in"},
             {.name = "quiet", .letter = 'q', .help = "print the link alone"}),
     "--org names the org it is for; without it all of them.\n"
     "Without --permission it may all that there is, for an org all but operate.\n"
     "It is good for ten minutes; who follows it is signed in for twelve hours.\n"},
    {"key rotate", "", "seals all credentials with a new key", ts_run_key_rotate, NULL, NULL},
    {"completion", "bash|zsh", "a script that completes this program's words", ts_run_completion,
     NULL,
     "bash:  source <(teamsync completion bash)\n"
     "zsh:   source <(teamsync completion zsh)\n"},
};
const size_t ts_command_count = TS_COUNT_OF(ts_commands);

/* --- questions about it --- */

/* How many of the words the command's name takes; 0 when it is another one. */
static size_t words_taken(const struct ts_command *command, char *const *words, size_t count)
{
    const char *blank = strchr(command->name, ' ');
    size_t length = blank ? (size_t)(blank - command->name) : strlen(command->name);

    if (count == 0 || strlen(words[0]) != length || memcmp(words[0], command->name, length) != 0)
        return 0;
    if (!blank)
        return 1;
    return count > 1 && ts_text_equal(words[1], blank + 1) ? 2 : 0;
}

const struct ts_command *ts_command_find(char *const *words, size_t count, size_t *ret_taken)
{
    for (size_t i = 0; i < ts_command_count; i++) {
        size_t taken = words_taken(&ts_commands[i], words, count);

        if (taken) {
            *ret_taken = taken;
            return &ts_commands[i];
        }
    }
    return NULL;
}

bool ts_command_is_group(const char *word)
{
    size_t length = strlen(word);

    for (size_t i = 0; i < ts_command_count; i++) {
        if (ts_text_starts_with(ts_commands[i].name, word) && ts_commands[i].name[length] == ' ')
            return true;
    }
    return false;
}

void ts_command_count_arguments(const struct ts_command *command, size_t *ret_min, size_t *ret_max)
{
    const char *at = command->arguments;

    *ret_min = 0;
    *ret_max = 0;
    while (*at) {
        size_t length = strcspn(at, " ");

        *ret_min += *at != '[';
        *ret_max = memmem(at, length, "…", strlen("…")) ? SIZE_MAX : *ret_max + 1;
        at += length;
        at += strspn(at, " ");
    }
}

bool ts_command_takes_org(const struct ts_command *command)
{
    return ts_text_starts_with(command->arguments, "ORG") ||
           ts_text_starts_with(command->arguments, "[ORG]");
}
