/* SPDX-License-Identifier: MIT */
/* The one digest that is kept in place of a secret. */
#ifndef TEAMSYNC_DIGEST_H
#define TEAMSYNC_DIGEST_H

#include <stddef.h>

enum { TS_SHA256_BYTES = 32 };

void ts_sha256(const void *bytes, size_t length, unsigned char ret[TS_SHA256_BYTES]);

#endif
