/* SPDX-License-Identifier: MIT */
/* From words to clauses. */
#include "directory/google/search_clause.h"

#include "teamsync/buf.h"
#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>
#include <strings.h>

enum { CLAUSE_MAX = 1000 };

char *ts_google_search_words(const char *text)
{
    char *words = ts_strdup(text);
    char *end = words;

    for (const char *c = text; c && *c; c++) {
        bool separates = (unsigned char)*c <= ' ' || strchr("\"\\*()[]{}<>=:,;|&!?", *c);

        if (!separates)
            *end++ = *c;
        else if (end > words && end[-1] != ' ')
            *end++ = ' ';
    }
    if (end && end > words && end[-1] == ' ')
        end--;
    if (end)
        *end = '\0';
    return words;
}

enum ts_google_field ts_google_search_first(const char *words)
{
    if (!words)
        return TS_GOOGLE_EVERYBODY;
    if (*words == '\0')
        return TS_GOOGLE_NOTHING;
    return strchr(words, ' ') ? TS_GOOGLE_NAME : TS_GOOGLE_EMAIL;
}

enum ts_google_field ts_google_search_next(const char *words, enum ts_google_field field)
{
    if (field == TS_GOOGLE_EMAIL && !strchr(words, '@'))
        return TS_GOOGLE_GIVEN_NAME;
    return field == TS_GOOGLE_GIVEN_NAME ? TS_GOOGLE_FAMILY_NAME : TS_GOOGLE_NOTHING;
}

static void add_escaped(struct ts_buf *clause, const char *words)
{
    for (const char *c = words; *c; c++) {
        if (*c == '\'')
            (void)ts_buf_add_text(clause, "\\");
        (void)ts_buf_add(clause, c, 1);
    }
}

char *ts_google_search_clause(const char *words, enum ts_google_field field)
{
    const char *name = field == TS_GOOGLE_EMAIL        ? "email"
                       : field == TS_GOOGLE_GIVEN_NAME ? "givenName"
                                                       : "familyName";
    struct ts_buf clause;

    if (field == TS_GOOGLE_EVERYBODY)
        return NULL;
    ts_buf_init(&clause, CLAUSE_MAX);
    (void)ts_buf_addf(&clause, "%s:%s", field == TS_GOOGLE_NAME ? "name" : name,
                      field == TS_GOOGLE_NAME ? "'" : "");
    add_escaped(&clause, words);
    (void)ts_buf_add_text(&clause, field == TS_GOOGLE_NAME ? "'" : "*");
    return clause.data;
}

static bool begins(struct json_object *value, const char *words)
{
    const char *text = json_object_get_string(value);

    return text && strncasecmp(text, words, strlen(words)) == 0;
}

static bool one_begins(struct json_object *texts, const char *words)
{
    bool found = false;

    for (size_t i = 0; texts && i < json_object_array_length(texts) && !found; i++)
        found = begins(json_object_array_get_idx(texts, i), words);
    return found;
}

bool ts_google_search_found_before(struct json_object *user, const char *words,
                                   enum ts_google_field field)
{
    bool is_later = field == TS_GOOGLE_GIVEN_NAME || field == TS_GOOGLE_FAMILY_NAME;
    const char *given = ts_json_text(ts_json_object(user, "name"), "givenName");

    if (!is_later)
        return false;
    if (begins(json_object_object_get(user, "primaryEmail"), words) ||
        one_begins(ts_json_array(user, "aliases"), words) ||
        one_begins(ts_json_array(user, "nonEditableAliases"), words))
        return true;
    return field == TS_GOOGLE_FAMILY_NAME && given && strncasecmp(given, words, strlen(words)) == 0;
}
