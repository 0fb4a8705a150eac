/* SPDX-License-Identifier: MIT */
/* Bytes that grow up to a limit set at birth. Always NUL-terminated behind `len`. */
#ifndef TEAMSYNC_BUF_H
#define TEAMSYNC_BUF_H

#include "teamsync/mem.h"

#include <stdbool.h>
#include <stddef.h>

struct ts_buf {
    char *data; /* never NULL once initialised; data[len] is 0 */
    size_t len;
    size_t capacity;
    size_t max;     /* the limit for `len` */
    bool overflown; /* something did not fit; content is what fitted before it */
};

void ts_buf_init(struct ts_buf *buf, size_t max);
void ts_buf_done(struct ts_buf *buf); /* frees the content; also for a zeroed struct */
void ts_buf_clear(struct ts_buf *buf);

/* -ENOBUFS, and `overflown` set, when the limit would be passed; nothing is added then. */
int ts_buf_add(struct ts_buf *buf, const void *bytes, size_t length);
int ts_buf_add_text(struct ts_buf *buf, const char *text);
int ts_buf_addf(struct ts_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
