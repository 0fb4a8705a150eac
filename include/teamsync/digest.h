/* SPDX-License-Identifier: MIT */
/* The one digest that is kept in place of a secret. */
#ifndef TEAMSYNC_DIGEST_H
#define TEAMSYNC_DIGEST_H

#include <stddef.h>

enum { TS_SHA256_BYTES = 32, TS_SHA256_TEXT = 2 * TS_SHA256_BYTES + 1 };

void ts_sha256(const void *bytes, size_t length, unsigned char ret[TS_SHA256_BYTES]);
/* Of a text, in hexadecimal digits. Returns `ret`. */
const char *ts_sha256_text(const char *text, char ret[TS_SHA256_TEXT]);

#endif
