/* SPDX-License-Identifier: MIT */
/* Small questions about text, and the encodings that identifiers and tokens need. */
#ifndef TEAMSYNC_TEXT_H
#define TEAMSYNC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool ts_text_is_empty(const char *text);                 /* NULL or "" */
const char *ts_text_or_empty(const char *text);          /* "" for NULL */
const char *ts_text_or_null(const char *text);           /* NULL for "" */
bool ts_text_equal(const char *a, const char *b);        /* NULL equals NULL and "" */
bool ts_text_equal_nocase(const char *a, const char *b); /* ASCII case; same for NULL */
bool ts_text_starts_with(const char *text, const char *head);
bool ts_text_is_utf8(const char *bytes, size_t length); /* valid, shortest form, no NUL */
/* Newly allocated, with U+FFFD for each byte that is not UTF-8, as where a text was cut. */
char *ts_text_to_utf8(const char *text);
bool ts_text_is_printable(const char *text);                 /* UTF-8 of one line, no controls */
bool ts_text_to_u64(const char *text, uint64_t *ret_number); /* digits only, no overflow */

/* 1 to 64 letters, digits, "-" and "_": what is an id here and in directories. NULL is none. */
bool ts_text_is_id(const char *text);

/* `ret` holds `capacity` bytes; cut, never overrun; always terminated. Returns `ret`. */
char *ts_text_copy(char *ret, size_t capacity, const char *text);

/* Newly allocated, ASCII letters lowered: the form in which e-mail addresses are compared. */
char *ts_text_fold_email(const char *email);
/* something@something, no spaces or control characters, at most 254 bytes (RFC 5321 §4.5.3.1.3). */
bool ts_text_is_email(const char *text);

/* Base64 with the URL alphabet and without padding (RFC 4648 §5). Newly allocated. */
char *ts_base64url(const void *bytes, size_t length);
/* Newly allocated, with a NUL behind; NULL when `text` is not base64url. */
unsigned char *ts_base64url_decode(const char *text, size_t *ret_length);
/* Lower-case hexadecimal; `ret` holds 2 × length + 1 bytes. */
void ts_hex(const void *bytes, size_t length, char *ret);

/* For a URL: everything but unreserved (RFC 3986 §2.3) becomes %XX. Newly allocated. */
char *ts_url_escape(const char *text);

/* A fresh unguessable identifier: prefix + 24 letters and digits (about 124 bits). */
char *ts_random_id(const char *prefix);
/* A fresh secret for whoever is to show it again: prefix + 43 letters of base64url (256 bits). */
char *ts_random_secret(const char *prefix);
void ts_random_bytes(void *ret, size_t length);
uint32_t ts_random_below(uint32_t limit); /* uniform in [0, limit), limit > 0 */

/* A number as text, for log fields: lives as long as the enclosing block. */
#define TS_NUMBER(n) ts_format_number((char[24]){0}, (int64_t)(n))
const char *ts_format_number(char ret[24], int64_t number);

#endif
