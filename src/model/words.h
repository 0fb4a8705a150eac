/* SPDX-License-Identifier: MIT */
/* Enums and their words: a table of words in the order of the values. */
#ifndef MODEL_WORDS_H
#define MODEL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The index of `word` in `words`; false when it is none of them. NULL counts as the empty word. */
bool ts_word_find(const char *const *words, size_t count, const char *word, size_t *ret_index);

/* Defines <name>_name() and <name>_parse() for `enum type` over the words given. */
#define TS_DEFINE_WORDS(name, type, ...)                                                           \
    static const char *const name##_words[] = {__VA_ARGS__};                                       \
    const char *name##_name(enum type value)                                                       \
    {                                                                                              \
        return name##_words[value];                                                                \
    }                                                                                              \
    bool name##_parse(const char *word, enum type *ret)                                            \
    {                                                                                              \
        size_t index;                                                                              \
        bool found = ts_word_find(name##_words, TS_COUNT_OF(name##_words), word, &index);          \
        if (found)                                                                                 \
            *ret = (enum type)index;                                                               \
        return found;                                                                              \
    }

#endif
