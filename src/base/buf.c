/* SPDX-License-Identifier: MIT */
/* Growing bytes with a limit. */
#include "teamsync/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_CAPACITY = 128 };

void ts_buf_init(struct ts_buf *buf, size_t max)
{
    *buf = (struct ts_buf){.data = ts_alloc(1), .capacity = 1, .max = max};
}

void ts_buf_done(struct ts_buf *buf)
{
    free(buf->data);
    *buf = (struct ts_buf){0};
}

void ts_buf_clear(struct ts_buf *buf)
{
    buf->len = 0;
    buf->overflown = false;
    buf->data[0] = '\0';
}

/* Makes room for `more` bytes and the NUL behind them. */
static int reserve(struct ts_buf *buf, size_t more)
{
    size_t capacity = buf->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : buf->capacity;

    if (more > buf->max - buf->len) {
        buf->overflown = true;
        return -ENOBUFS;
    }
    while (capacity < buf->len + more + 1)
        capacity *= 2;
    if (capacity > buf->capacity) {
        buf->data = ts_realloc(buf->data, capacity);
        buf->capacity = capacity;
    }
    return 0;
}

int ts_buf_add(struct ts_buf *buf, const void *bytes, size_t length)
{
    int result = reserve(buf, length);

    if (result < 0)
        return result;
    if (length)
        memcpy(buf->data + buf->len, bytes, length);
    buf->len += length;
    buf->data[buf->len] = '\0';
    return 0;
}

int ts_buf_add_text(struct ts_buf *buf, const char *text)
{
    return ts_buf_add(buf, text, strlen(text));
}

int ts_buf_addf(struct ts_buf *buf, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int length;
    int result;

    va_start(args, format);
    length = vasprintf(&text, format, args);
    va_end(args);
    result = length < 0 ? -ENOMEM : ts_buf_add(buf, text, (size_t)length);
    free(length < 0 ? NULL : text);
    return result;
}
