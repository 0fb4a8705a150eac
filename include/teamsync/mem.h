/* SPDX-License-Identifier: MIT */
/* Memory: allocation never fails, it ends the process. Nothing is lost by that, because every
 * unfinished job is in Redis and is taken over; and no code needs a path that never runs. What the
 * outside may make us allocate is bounded where it enters (body, reply and header limits). */
#ifndef TEAMSYNC_MEM_H
#define TEAMSYNC_MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

void *ts_alloc(size_t bytes) __attribute__((malloc, returns_nonnull)); /* zeroed */
void *ts_realloc(void *old, size_t bytes) __attribute__((returns_nonnull));
char *ts_strdup(const char *text); /* NULL stays NULL */
char *ts_memdup_text(const char *bytes, size_t length) __attribute__((returns_nonnull));
char *ts_format(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));
char *ts_vformat(const char *format, va_list args)
    __attribute__((format(printf, 1, 0), returns_nonnull));

/* What a library gave: for its allocations, too, NULL ends the process. */
void *ts_must(void *pointer) __attribute__((returns_nonnull));

/* Overwrites a secret text, frees it, and accepts NULL. */
void ts_free_secret(char *secret);

/* One block for a record and the texts behind it: `ts_pack_text` copies `text` to `*tail`, moves
 * `*tail` on, and returns the copy (NULL for NULL). `ts_packed_bytes` says how much that takes. */
size_t ts_packed_bytes(const char *text);
const char *ts_pack_text(char **tail, const char *text);

static inline void ts_freep(void *pointer)
{
    free(*(void **)pointer);
}

static inline void ts_free_secretp(char **secret)
{
    ts_free_secret(*secret);
}

/* For clang, to be released is no use. */
#define TS_CLEANUP(function) __attribute__((cleanup(function), unused))
#define TS_AUTOFREE          TS_CLEANUP(ts_freep)
#define TS_AUTOFREE_SECRET   TS_CLEANUP(ts_free_secretp) /* a text that holds a secret */
#define TS_MUST_CHECK        __attribute__((warn_unused_result))

/* Hands the pointer over and clears the variable that owned it. */
#define TS_STEAL(pointer)                                                                          \
    __extension__({                                                                                \
        __typeof__(pointer) stolen_ = (pointer);                                                   \
        (pointer) = NULL;                                                                          \
        stolen_;                                                                                   \
    })

#define TS_CONTAINER_OF(pointer, type, member)                                                     \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))
#define TS_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
