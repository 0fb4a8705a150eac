/* SPDX-License-Identifier: MIT */
/* Reading a query, and what a person looks like to it. Case does not matter. */
#include "sandbox/query.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>
#include <strings.h>

enum { WORD_MAX = 200 };

enum field {
    ANY, /* no field is named */
    NAME,
    EMAIL,
    GIVEN_NAME,
    FAMILY_NAME,
    DEPARTMENT,
    IS_ADMIN,
    IS_SUSPENDED,
    IS_ARCHIVED,
};
static const char *const field_names[] = {
    "",        "name",        "email",      "givenName", "familyName", "orgDepartment",
    "isAdmin", "isSuspended", "isArchived",
};

struct clause {
    enum field field;
    enum { EQUALS, HOLDS, BEGINS } how;
    char value[WORD_MAX];
};

/* --- reading --- */

static bool knows_prefix(enum field field)
{
    return field == EMAIL || field == GIVEN_NAME || field == FAMILY_NAME;
}

static bool is_flag(enum field field)
{
    return field >= IS_ADMIN;
}

/* A value, in quotes or up to the next blank; returns where it ends, NULL when it has no end. */
static const char *read_value(const char *at, char ret[WORD_MAX])
{
    bool is_quoted = *at == '\'';
    size_t length = 0;

    at += is_quoted;
    while (*at && *at != '\'' && (is_quoted || *at != ' ') && length + 1 < WORD_MAX) {
        at += *at == '\\' && at[1];
        ret[length++] = *at++;
    }
    ret[length] = '\0';
    if (is_quoted)
        return *at == '\'' ? at + 1 : NULL;
    return *at == '\0' || *at == ' ' ? at : NULL;
}

static bool read_field(const char *name, size_t length, enum field *ret)
{
    for (size_t i = 1; i < TS_COUNT_OF(field_names); i++) {
        if (strlen(field_names[i]) == length && strncmp(field_names[i], name, length) == 0) {
            *ret = (enum field)i;
            return true;
        }
    }
    return false;
}

/* "x*": what begins so. A star has no other meaning. */
static bool read_star(struct clause *clause)
{
    char *star = strchr(clause->value, '*');

    if (!star)
        return true;
    if (star[1] || clause->how != HOLDS || !knows_prefix(clause->field))
        return false;
    *star = '\0';
    clause->how = BEGINS;
    return true;
}

/* Returns where the clause ends, NULL when it is none. */
static const char *read_clause(const char *at, struct clause *ret)
{
    size_t name = strcspn(at, ":= '");

    *ret = (struct clause){.field = ANY, .how = HOLDS};
    if (at[name] == ':' || at[name] == '=') {
        if (!read_field(at, name, &ret->field))
            return NULL;
        ret->how = at[name] == '=' ? EQUALS : HOLDS;
        at += name + 1;
    }
    at = read_value(at, ret->value);
    if (!at || *ret->value == '\0' || !read_star(ret) ||
        (is_flag(ret->field) && (ret->how != EQUALS || (strcmp(ret->value, "true") != 0 &&
                                                        strcmp(ret->value, "false") != 0))))
        return NULL;
    return at;
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " ");
}

bool query_is_valid(const char *query)
{
    struct clause clause;
    const char *at = skip_blanks(query ? query : "");

    while (at && *at) {
        at = read_clause(at, &clause);
        at = at ? skip_blanks(at) : NULL;
    }
    return at;
}

/* --- looking --- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* Whole words, in order. */
static bool holds(const char *text, const char *words)
{
    size_t length = strlen(words);

    for (const char *at = text; (at = strcasestr(at, words)); at++) {
        if ((at == text || !is_letter(at[-1])) && !is_letter(at[length]))
            return true;
    }
    return false;
}

static bool text_fits(const char *text, const struct clause *clause)
{
    if (!text)
        return false;
    if (clause->how == EQUALS)
        return strcasecmp(text, clause->value) == 0;
    if (clause->how == BEGINS)
        return strncasecmp(text, clause->value, strlen(clause->value)) == 0;
    return holds(text, clause->value);
}

static bool addresses_fit(const struct person_state *state, const struct clause *clause)
{
    TS_AUTOFREE char *aliases = ts_strdup(state->aliases);
    char *rest = aliases;
    char *alias;
    bool fits = text_fits(state->email, clause);

    while (!fits && rest && (alias = strsep(&rest, " ")))
        fits = text_fits(alias, clause);
    return fits;
}

static bool clause_fits(const struct clause *clause, const struct person_state *state)
{
    TS_AUTOFREE char *name = ts_format("%s %s", state->given_name ? state->given_name : "",
                                       state->family_name ? state->family_name : "");
    bool wanted = strcmp(clause->value, "true") == 0;

    switch (clause->field) {
    case NAME:
        return text_fits(name, clause);
    case EMAIL:
        return addresses_fit(state, clause);
    case GIVEN_NAME:
        return text_fits(state->given_name, clause);
    case FAMILY_NAME:
        return text_fits(state->family_name, clause);
    case DEPARTMENT:
        return text_fits(state->department, clause);
    case IS_ADMIN:
        return state->is_admin == wanted;
    case IS_SUSPENDED:
        return state->is_suspended == wanted;
    case IS_ARCHIVED:
        return state->is_archived == wanted;
    case ANY:
    default:
        return text_fits(state->given_name, clause) || text_fits(state->family_name, clause) ||
               addresses_fit(state, clause);
    }
}

bool query_fits(const char *query, const struct person_state *state)
{
    struct clause clause;
    const char *at = skip_blanks(query ? query : "");

    while (at && *at) {
        at = read_clause(at, &clause);
        if (!at || !clause_fits(&clause, state))
            return false;
        at = skip_blanks(at);
    }
    return true;
}
