/* SPDX-License-Identifier: MIT */
/* Looking up a word in a table. */
#include "model/words.h"

#include "teamsync/text.h"

bool ts_word_find(const char *const *words, size_t count, const char *word, size_t *ret_index)
{
    for (size_t i = 0; i < count; i++) {
        if (ts_text_equal(words[i], word)) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}
