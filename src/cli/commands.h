/* SPDX-License-Identifier: MIT */
/* The table of commands: usage, --help and the shells' completions are all made from it. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct ts_command ts_commands[];
extern const size_t ts_command_count;
extern const struct ts_option ts_global_options[]; /* up to one without a name */

/* The command whose name the words begin with, and how many of them it takes; NULL: none. */
const struct ts_command *ts_command_find(char *const *words, size_t count, size_t *ret_taken);
bool ts_command_is_group(const char *word); /* "member" */

/* How many arguments it takes, ORG included; SIZE_MAX: any number. */
void ts_command_count_arguments(const struct ts_command *command, size_t *ret_min, size_t *ret_max);
bool ts_command_takes_org(const struct ts_command *command);

/* By file. */
int ts_run_status(struct ts_cli *cli);
int ts_run_health(struct ts_cli *cli);

int ts_run_org_list(struct ts_cli *cli);
int ts_run_org_create(struct ts_cli *cli);
int ts_run_org_show(struct ts_cli *cli);
int ts_run_org_set(struct ts_cli *cli);

int ts_run_connect(struct ts_cli *cli);
int ts_run_disconnect(struct ts_cli *cli);

int ts_run_enable(struct ts_cli *cli);
int ts_run_disable(struct ts_cli *cli);
int ts_run_preview(struct ts_cli *cli);

int ts_run_members(struct ts_cli *cli);
int ts_run_member_show(struct ts_cli *cli);
int ts_run_member_history(struct ts_cli *cli);
int ts_run_history(struct ts_cli *cli);

int ts_run_member_add(struct ts_cli *cli);
int ts_run_member_edit(struct ts_cli *cli);
int ts_run_member_suspend(struct ts_cli *cli);
int ts_run_member_unsuspend(struct ts_cli *cli);
int ts_run_member_protect(struct ts_cli *cli);
int ts_run_member_unprotect(struct ts_cli *cli);
int ts_run_member_invite(struct ts_cli *cli);
int ts_run_member_delete(struct ts_cli *cli);
int ts_run_member_sync(struct ts_cli *cli);

int ts_run_invite(struct ts_cli *cli);

int ts_run_resync(struct ts_cli *cli);
int ts_run_resyncs(struct ts_cli *cli);
int ts_run_undo(struct ts_cli *cli);

int ts_run_hold_show(struct ts_cli *cli);
int ts_run_hold_approve(struct ts_cli *cli);
int ts_run_hold_reject(struct ts_cli *cli);

int ts_run_queue(struct ts_cli *cli);
int ts_run_dead_list(struct ts_cli *cli);
int ts_run_dead_show(struct ts_cli *cli);
int ts_run_dead_retry(struct ts_cli *cli);
int ts_run_dead_drop(struct ts_cli *cli);

int ts_run_token_create(struct ts_cli *cli);
int ts_run_token_list(struct ts_cli *cli);
int ts_run_token_revoke(struct ts_cli *cli);
int ts_run_login_link(struct ts_cli *cli);
int ts_run_key_rotate(struct ts_cli *cli);

int ts_run_completion(struct ts_cli *cli);

#endif
