/* SPDX-License-Identifier: MIT */
/* Sealing of credentials at rest: AES-256-GCM under a key from a file. `context` (the org) is
 * authenticated along, so that a sealed text moved to another org does not open. */
#ifndef TEAMSYNC_SEAL_H
#define TEAMSYNC_SEAL_H

#include "teamsync/mem.h"

struct ts_seal;

/* Reads the key file (64 hexadecimal digits and a newline), or makes it, and its folder, with mode
 * 0600. Negative errno; -EBADMSG for a file that is not a key, -EPERM when others may read it. */
TS_MUST_CHECK int ts_seal_open(const char *key_file, struct ts_seal **ret_seal);
void ts_seal_free(struct ts_seal *seal); /* wipes the key; NULL is fine */

/* Newly allocated text: "v1." + base64url(nonce, ciphertext, tag). */
char *ts_seal_text(const struct ts_seal *seal, const char *context, const char *text);
/* NULL when it was changed, moved, or sealed under another key. Release with ts_free_secret(). */
char *ts_unseal_text(const struct ts_seal *seal, const char *context, const char *sealed);

#endif
