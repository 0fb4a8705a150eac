/* SPDX-License-Identifier: MIT */
/* People: an array by number, an array by address, and a table of aliases. */
#include "sandbox/people.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <uthash.h>

#include <stdio.h>
#include <string.h>

static const char id_base[] = "1047"; /* and 17 digits of the number */

struct text {
    UT_hash_handle hh;
    char text[];
};

struct alias {
    UT_hash_handle hh;
    struct person *person;
    char address[];
};

struct past {
    struct past *older;
    struct person_state state;
    uint64_t until_ms;
};

struct entry {
    const char *folded;
    struct person *person;
};

struct people {
    struct text *texts;
    struct alias *aliases;
    struct person **by_number;
    size_t ever; /* how many there ever were */
    size_t capacity;
    struct entry *sorted;
    size_t count;
    bool is_bulk; /* `sorted` is not sorted */
};

struct people *people_new(void)
{
    return ts_alloc(sizeof(struct people));
}

static void free_past(struct person *person)
{
    while (person->past) {
        struct past *past = person->past;

        person->past = past->older;
        free(past);
    }
}

void people_free(struct people *people)
{
    struct text *text;
    struct text *next_text;
    struct alias *alias;
    struct alias *next_alias;

    HASH_ITER(hh, people->aliases, alias, next_alias)
    {
        HASH_DEL(people->aliases, alias);
        free(alias);
    }
    for (size_t i = 0; i < people->ever; i++) {
        free_past(people->by_number[i]);
        free(people->by_number[i]);
    }
    HASH_ITER(hh, people->texts, text, next_text)
    {
        HASH_DEL(people->texts, text);
        free(text);
    }
    free(people->by_number);
    free(people->sorted);
    free(people);
}

size_t people_count(const struct people *people)
{
    return people->count;
}

const char *people_text(struct people *people, const char *text)
{
    struct text *found = NULL;
    size_t length = text ? strlen(text) : 0;

    if (length == 0)
        return NULL;
    HASH_FIND(hh, people->texts, text, length, found);
    if (!found) {
        found = ts_alloc(sizeof(*found) + length + 1);
        memcpy(found->text, text, length);
        HASH_ADD(hh, people->texts, text, (unsigned)length, found);
    }
    return found->text;
}

static const char *fold(struct people *people, const char *address)
{
    TS_AUTOFREE char *folded = ts_text_fold_email(address);

    return people_text(people, folded);
}

char *person_id(const struct person *person, char ret[PERSON_ID_TEXT])
{
    (void)snprintf(ret, PERSON_ID_TEXT, "%s%017llu", id_base, (unsigned long long)person->number);
    return ret;
}

/* --- the order by address --- */

size_t people_index_after(const struct people *people, const char *after)
{
    size_t low = 0;
    size_t high = people->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(people->sorted[middle].folded, after) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct person *find_primary(const struct people *people, const char *folded)
{
    size_t index = people_index_after(people, folded);

    if (index > 0 && strcmp(people->sorted[index - 1].folded, folded) == 0)
        return people->sorted[index - 1].person;
    return NULL;
}

static void insert_sorted(struct people *people, struct person *person)
{
    const char *folded = fold(people, person->now.email);
    size_t index = people->is_bulk ? people->count : people_index_after(people, folded);

    memmove(people->sorted + index + 1, people->sorted + index,
            (people->count - index) * sizeof(*people->sorted));
    people->sorted[index] = (struct entry){.folded = folded, .person = person};
    people->count++;
}

static void remove_sorted(struct people *people, const struct person *person)
{
    size_t index = people_index_after(people, fold(people, person->now.email)) - 1;

    memmove(people->sorted + index, people->sorted + index + 1,
            (people->count - index - 1) * sizeof(*people->sorted));
    people->count--;
}

struct person *people_at(const struct people *people, size_t index)
{
    return index < people->count ? people->sorted[index].person : NULL;
}

struct person *people_deleted_at(const struct people *people, size_t index)
{
    for (size_t i = 0; i < people->ever; i++) {
        if (people->by_number[i]->deleted_ms && index-- == 0)
            return people->by_number[i];
    }
    return NULL;
}

/* --- aliases --- */

static struct alias *find_alias(const struct people *people, const char *folded)
{
    struct alias *found = NULL;

    HASH_FIND(hh, people->aliases, folded, strlen(folded), found);
    return found;
}

/* Calls `visit` for every word of a blank-separated list, folded. */
static bool each_alias(struct people *people, struct person *person, const char *aliases,
                       bool (*visit)(struct people *, struct person *, const char *folded))
{
    TS_AUTOFREE char *list = ts_text_fold_email(aliases);
    char *rest = list;
    char *word;

    while ((word = strsep(&rest, " "))) {
        if (*word && !visit(people, person, word))
            return false;
    }
    return true;
}

static bool add_alias(struct people *people, struct person *person, const char *folded)
{
    size_t length = strlen(folded);
    struct alias *alias = ts_alloc(sizeof(*alias) + length + 1);

    memcpy(alias->address, folded, length);
    alias->person = person;
    HASH_ADD(hh, people->aliases, address, (unsigned)length, alias);
    return true;
}

static bool drop_alias(struct people *people, struct person *person, const char *folded)
{
    struct alias *alias = find_alias(people, folded);

    if (alias && alias->person == person) {
        HASH_DEL(people->aliases, alias); /* NOLINT(clang-analyzer-core.NullDereference): uthash */
        free(alias);
    }
    return true;
}

static bool is_free_for(struct people *people, struct person *person, const char *folded)
{
    const struct person *primary = people->is_bulk ? NULL : find_primary(people, folded);
    const struct alias *alias = find_alias(people, folded);

    return (!primary || primary == person) && (!alias || alias->person == person);
}

/* --- finding --- */

static struct person *find_id(const struct people *people, const char *key)
{
    uint64_t number = 0;

    if (!ts_text_starts_with(key, id_base) || strlen(key) != 21 ||
        !ts_text_to_u64(key + strlen(id_base), &number) || number == 0 || number > people->ever)
        return NULL;
    return people->by_number[number - 1];
}

struct person *people_find(const struct people *people, const char *key)
{
    struct person *person = find_id(people, key);
    TS_AUTOFREE char *folded = ts_text_fold_email(key);
    const struct alias *alias;

    if (person)
        return person;
    person = find_primary(people, folded);
    if (person)
        return person;
    alias = find_alias(people, folded);
    return alias ? alias->person : NULL;
}

/* --- changing --- */

static void make_room(struct people *people)
{
    if (people->ever < people->capacity)
        return;
    people->capacity = people->capacity ? people->capacity * 2 : 64;
    people->by_number = ts_realloc(people->by_number, people->capacity * sizeof(struct person *));
    people->sorted = ts_realloc(people->sorted, people->capacity * sizeof(*people->sorted));
}

struct person *people_hire(struct people *people, const struct person_state *state, uint64_t now_ms)
{
    struct person *person;

    if (!is_free_for(people, NULL, fold(people, state->email)) ||
        (state->aliases && !each_alias(people, NULL, state->aliases, is_free_for)))
        return NULL;
    make_room(people);
    person = ts_alloc(sizeof(*person));
    *person = (struct person){.number = people->ever + 1, .created_ms = now_ms, .now = *state};
    people->by_number[people->ever++] = person;
    insert_sorted(people, person);
    if (state->aliases)
        (void)each_alias(people, person, state->aliases, add_alias);
    return person;
}

void people_begin_bulk(struct people *people)
{
    people->is_bulk = true;
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->folded, ((const struct entry *)b)->folded);
}

bool people_end_bulk(struct people *people)
{
    qsort(people->sorted, people->count, sizeof(*people->sorted), compare_entries);
    people->is_bulk = false;
    for (size_t i = 1; i < people->count; i++) {
        if (compare_entries(&people->sorted[i - 1], &people->sorted[i]) == 0)
            return false;
    }
    return true;
}

static void remember(struct person *person, uint64_t now_ms)
{
    struct past *past = ts_alloc(sizeof(*past));

    *past = (struct past){.older = person->past, .state = person->now, .until_ms = now_ms};
    person->past = past;
    person->revision++;
}

bool people_change(struct people *people, struct person *person, const struct person_state *state,
                   uint64_t now_ms)
{
    if (!is_free_for(people, person, fold(people, state->email)) ||
        (state->aliases && !each_alias(people, person, state->aliases, is_free_for)))
        return false;
    remember(person, now_ms);
    remove_sorted(people, person);
    if (person->now.aliases)
        (void)each_alias(people, person, person->now.aliases, drop_alias);
    person->now = *state;
    insert_sorted(people, person);
    if (state->aliases)
        (void)each_alias(people, person, state->aliases, add_alias);
    return true;
}

bool people_rename(struct people *people, struct person *person, const char *email, uint64_t now_ms)
{
    struct person_state state = person->now;
    TS_AUTOFREE char *aliases =
        state.aliases ? ts_format("%s %s", state.aliases, state.email) : ts_strdup(state.email);

    state.email = people_text(people, email);
    state.aliases = people_text(people, aliases);
    return people_change(people, person, &state, now_ms);
}

void people_delete(struct people *people, struct person *person, uint64_t now_ms)
{
    remember(person, now_ms);
    remove_sorted(people, person);
    if (person->now.aliases)
        (void)each_alias(people, person, person->now.aliases, drop_alias);
    person->deleted_ms = now_ms;
}

bool people_undelete(struct people *people, struct person *person, uint64_t now_ms)
{
    if (!person->deleted_ms || !is_free_for(people, person, fold(people, person->now.email)))
        return false;
    remember(person, now_ms);
    person->deleted_ms = 0;
    insert_sorted(people, person);
    if (person->now.aliases)
        (void)each_alias(people, person, person->now.aliases, add_alias);
    return true;
}

const struct person_state *person_at(const struct person *person, uint64_t then_ms)
{
    const struct person_state *state = &person->now;

    for (const struct past *past = person->past; past && past->until_ms > then_ms;
         past = past->older)
        state = &past->state;
    return person->created_ms > then_ms ? NULL : state;
}
