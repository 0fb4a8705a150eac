/* SPDX-License-Identifier: MIT */
/* A stand-in Google Workspace: the token endpoint, the Directory API's users and channels, real
 * notifications, and a control API to change people and to make things go wrong. Written from the
 * fact sheet GOOGLE.md; section numbers in the files are its. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "teamsync/loop.h"

#include <stddef.h>

struct ts_sandbox_options {
    const char *listen; /* NULL: "127.0.0.1:0" */
    const char *url;    /* as others reach it, behind a relay; NULL: where it listens */
    const char *domain; /* NULL: "acme.example" */
    const char *admin;  /* NULL: "admin@<domain>" */
    size_t people;      /* made beside the admin */
    const char *key;    /* the key file of an earlier life; NULL: a fresh key */
};

struct ts_sandbox;
/* NULL, and the reason, when it cannot listen or the key file holds no key. */
struct ts_sandbox *ts_sandbox_new(struct ts_loop *loop, const struct ts_sandbox_options *options,
                                  const char **ret_reason);
void ts_sandbox_free(struct ts_sandbox *sandbox);

/* Where it listens: "http://127.0.0.1:4711". */
const char *ts_sandbox_address(const struct ts_sandbox *sandbox);
/* A service account's key file, as JSON; its public half is what the token endpoint believes. */
const char *ts_sandbox_service_account_key(const struct ts_sandbox *sandbox);
/* Hires everybody of a JSON array, in the control API's form. NULL, or what is wrong. The same
 * people in the same order have the same ids. */
const char *ts_sandbox_seed(struct ts_sandbox *sandbox, const char *json);

#endif
