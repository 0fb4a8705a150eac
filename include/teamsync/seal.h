/* SPDX-License-Identifier: MIT */
/* Sealing of credentials at rest: AES-256-GCM under keys from a file. `context` (the org) is
 * authenticated along, so that a sealed text moved to another org does not open.
 *
 * The file's first key seals; all of them open. Who shares the file notices a change of it: before
 * sealing, and when a text does not open. */
#ifndef TEAMSYNC_SEAL_H
#define TEAMSYNC_SEAL_H

#include "teamsync/mem.h"

struct ts_seal;

/* Reads the key file (lines of 64 hexadecimal digits), or makes it, and its folder, with mode
 * 0600. Negative errno; -EBADMSG for a file that is not a key, -EPERM when others may read it. */
TS_MUST_CHECK int ts_seal_open(const char *key_file, struct ts_seal **ret_seal);
void ts_seal_free(struct ts_seal *seal); /* wipes the keys; NULL is fine */

/* Newly allocated text: "v1." + base64url(nonce, ciphertext, tag). */
char *ts_seal_text(const struct ts_seal *seal, const char *context, const char *text);
/* NULL when it was changed, moved, or sealed under a key that is not in the file. Release with
 * ts_free_secret(). */
char *ts_unseal_text(const struct ts_seal *seal, const char *context, const char *sealed);

/* Rotation. A key's mark names it and tells nothing of it. */
enum { TS_SEAL_MARK_TEXT = 17 };
/* The marks of all keys, the one that seals first, separated by blanks; newly allocated. */
char *ts_seal_marks(const struct ts_seal *seal);
/* A fresh key comes first; `ret_mark` tells which. Negative errno; -EMFILE: the file is full. */
TS_MUST_CHECK int ts_seal_add_key(struct ts_seal *seal, char ret_mark[TS_SEAL_MARK_TEXT]);
/* Drops all keys but that one. Negative errno; -EBUSY: it is not the first any more. */
TS_MUST_CHECK int ts_seal_keep_key(struct ts_seal *seal, const char *mark);
/* 1 and `*ret_sealed`: the same text, sealed under the first key. 0: it was already. -EBADMSG: it
 * does not open. */
TS_MUST_CHECK int ts_seal_renew(const struct ts_seal *seal, const char *context, const char *sealed,
                                char **ret_sealed);

#endif
