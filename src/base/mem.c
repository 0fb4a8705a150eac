/* SPDX-License-Identifier: MIT */
/* Allocation that ends the process instead of failing, and records packed into one block. */
#include "teamsync/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void *ts_must(void *pointer)
{
    if (!pointer) {
        (void)fputs("teamsync: out of memory; unfinished jobs stay in the queue\n", stderr);
        abort();
    }
    return pointer;
}

void *ts_alloc(size_t bytes)
{
    return ts_must(calloc(1, bytes ? bytes : 1));
}

void *ts_realloc(void *old, size_t bytes)
{
    return ts_must(realloc(old, bytes ? bytes : 1));
}

char *ts_strdup(const char *text)
{
    return text ? ts_must(strdup(text)) : NULL;
}

char *ts_memdup_text(const char *bytes, size_t length)
{
    char *copy = ts_alloc(length + 1);

    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

char *ts_vformat(const char *format, va_list args)
{
    char *text = NULL;
    int length = vasprintf(&text, format, args);

    return ts_must(length < 0 ? NULL : text);
}

char *ts_format(const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = ts_vformat(format, args);
    va_end(args);
    return text;
}

void ts_free_secret(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

size_t ts_packed_bytes(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

const char *ts_pack_text(char **tail, const char *text)
{
    size_t bytes = ts_packed_bytes(text);
    char *copy = *tail;

    if (!text)
        return NULL;
    memcpy(copy, text, bytes);
    *tail += bytes;
    return copy;
}
