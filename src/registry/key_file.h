/* SPDX-License-Identifier: MIT */
/* The file that holds the keys of the seal: one a line, 64 hexadecimal digits each. The first one
 * seals, the others still open what was sealed before. It is only ever replaced whole, so that
 * whoever reads it, even after a crash, finds the keys from before or those from after. */
#ifndef REGISTRY_KEY_FILE_H
#define REGISTRY_KEY_FILE_H

#include "teamsync/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

enum { TS_KEY_BYTES = 32, TS_KEYS_MAX = 16 };

struct ts_keys {
    size_t count;
    unsigned char keys[TS_KEYS_MAX][TS_KEY_BYTES];
    struct stat file; /* as it was when it was read */
};

/* All return 0 or a negative errno: -EBADMSG for a file that holds something else than keys, -EPERM
 * when others may read it. `*ret` is written on success alone. */
TS_MUST_CHECK int ts_key_file_read(const char *path, struct ts_keys *ret);
/* As reading; where there is no file, one with a fresh key, and its folder, are made. */
TS_MUST_CHECK int ts_key_file_read_or_make(const char *path, struct ts_keys *ret);
/* Puts a fresh key before all others. -EMFILE: no more keys fit. */
TS_MUST_CHECK int ts_key_file_add(const char *path, struct ts_keys *ret);
/* Keeps the first key alone. -EBUSY: it is not `first` any more, another one was added. */
TS_MUST_CHECK int ts_key_file_keep(const char *path, const unsigned char first[TS_KEY_BYTES],
                                   struct ts_keys *ret);

/* Whether there is another file now than the one these were read from. */
bool ts_key_file_has_changed(const char *path, const struct ts_keys *keys);

#endif
