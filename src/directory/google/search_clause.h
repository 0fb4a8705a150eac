/* SPDX-License-Identifier: MIT */
/* What a person types, as searches that Google understands (GOOGLE.md §D.5). Pure.
 *
 * Google has no "or", and no search that finds the beginning of any name. So one word is looked for
 * in one field after the other: addresses, given names, family names. Several words are a name. */
#ifndef DIRECTORY_GOOGLE_SEARCH_CLAUSE_H
#define DIRECTORY_GOOGLE_SEARCH_CLAUSE_H

#include <stdbool.h>

struct json_object;

/* The letter stands in page tokens. */
enum ts_google_field {
    TS_GOOGLE_NOTHING = 0, /* there is nothing to look for, or nowhere else */
    TS_GOOGLE_EVERYBODY = 'a',
    TS_GOOGLE_EMAIL = 'e',
    TS_GOOGLE_GIVEN_NAME = 'g',
    TS_GOOGLE_FAMILY_NAME = 'f',
    TS_GOOGLE_NAME = 'n',
};

/* The words in a text, one blank between two, without what means something to Google. Newly
 * allocated; NULL stays NULL. */
char *ts_google_search_words(const char *text);

/* Where to begin (`words` NULL: everybody), and where to go on. */
enum ts_google_field ts_google_search_first(const char *words);
enum ts_google_field ts_google_search_next(const char *words, enum ts_google_field field);

/* The clause, newly allocated; NULL for everybody. */
char *ts_google_search_clause(const char *words, enum ts_google_field field);

/* Whether this user was found in a field before this one. */
bool ts_google_search_found_before(struct json_object *user, const char *words,
                                   enum ts_google_field field);

#endif
