/* SPDX-License-Identifier: MIT */
/* Any text as what is searched for: each clause names one field, and holds one value that ends
 * where the clause does. */
#include "directory/google/search_clause.h"
#include "fuzz/fuzz.h"
#include "sandbox/query.h"

/* The stand-in reads what the original does. */
static void check(const char *words, enum ts_google_field field)
{
    TS_AUTOFREE char *clause = ts_google_search_clause(words, field);
    const char *value = clause ? strchr(clause, ':') + 1 : NULL;
    bool is_quoted = value && *value == '\'';

    MUST((clause == NULL) == (field == TS_GOOGLE_EVERYBODY));
    if (!value || strlen(clause) > 190) /* longer than it reads */
        return;
    MUST(query_is_valid(clause));
    MUST(is_quoted ? value[strlen(value) - 1] == '\'' : value[strlen(value) - 1] == '*');
    for (const char *c = value + is_quoted; *c && c[1]; c++) {
        MUST(*c != '*' && *c != '"' && (is_quoted || *c != ' '));
        MUST(*c != '\\' || c[1] == '\'');
        MUST(*c != '\'' || c[-1] == '\\');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *text = ts_memdup_text((const char *)data, size);
    TS_AUTOFREE char *words = ts_google_search_words(text);
    unsigned fields = 0;

    for (enum ts_google_field field = ts_google_search_first(words); field != TS_GOOGLE_NOTHING;
         field = ts_google_search_next(words, field)) {
        MUST(++fields <= 3);
        check(words, field);
    }
    MUST((fields == 0) == (*words == '\0'));
    return 0;
}
