/* SPDX-License-Identifier: MIT */
/* Where access tokens come from: one source per session, one request at a time for all who wait. */
#ifndef DIRECTORY_GOOGLE_TOKEN_H
#define DIRECTORY_GOOGLE_TOKEN_H

#include "teamsync/http.h"

struct ts_google_env;
struct ts_google_credentials;
struct ts_google_gate;
struct ts_google_tokens;

/* Asks the token endpoint: a form in, its answer out. */
struct ts_op *ts_google_token_ask(const struct ts_google_env *env, const char *form, ts_http_cb *cb,
                                  void *arg);

/* All are borrowed and outlive it. The gate is told what renewals show of the service. */
struct ts_google_tokens *ts_google_tokens_new(const struct ts_google_env *env,
                                              const struct ts_google_credentials *credentials,
                                              struct ts_google_gate *gate);
void ts_google_tokens_free(struct ts_google_tokens *tokens); /* when nobody waits; NULL is fine */

/* The token, borrowed until the next turn, with its number; NULL: wait for a renewal. */
const char *ts_google_token_current(const struct ts_google_tokens *tokens, unsigned *ret_number);

/* Waits for the renewal that is under way, or starts one, on the pass of who asks. After TS_OK ask
 * again for the current. */
struct ts_op *ts_google_token_renew(struct ts_google_tokens *tokens, unsigned pass, ts_done_cb *cb,
                                    void *arg);

/* The token of that number was refused; a newer one stays. */
void ts_google_token_spoil(struct ts_google_tokens *tokens, unsigned number);

#endif
