/* SPDX-License-Identifier: MIT */
/* The accounts of the stand-in directory: who there is, under which addresses, and what they were a
 * moment ago (for reads that lag). Pure memory, no clock: times are given. */
#ifndef SANDBOX_PEOPLE_H
#define SANDBOX_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What can be read of a person. All texts live as long as the people; NULL for none. */
struct person_state {
    const char *email; /* primary, as written */
    const char *given_name;
    const char *family_name;
    const char *department;
    const char *cost_center;
    const char *org_unit; /* "/Engineering" */
    const char *manager;  /* an address; not checked, as in the original */
    const char *aliases;  /* separated by blanks */
    const char *custom;   /* JSON: {"Schema": {"field": …}} */
    bool is_suspended;
    bool is_archived;
    bool is_admin;
};

struct person {
    uint64_t number; /* the id is PERSON_ID_BASE followed by it */
    uint64_t created_ms;
    uint64_t deleted_ms; /* 0 for a live account */
    unsigned revision;   /* counts changes; in the etag */
    struct person_state now;
    struct past *past; /* newest first */
};

struct people;
struct people *people_new(void);
void people_free(struct people *people);
size_t people_count(const struct people *people); /* live ones */

/* Keeps a text, shared with equal ones. NULL and "" give NULL. */
const char *people_text(struct people *people, const char *text);

/* Their id: 21 digits. */
enum { PERSON_ID_TEXT = 24 };
char *person_id(const struct person *person, char ret[PERSON_ID_TEXT]);

/* NULL when the address is taken. */
struct person *people_hire(struct people *people, const struct person_state *state,
                           uint64_t now_ms);

/* Between the two, hiring is quick for any number: the order is made at the end, and only then are
 * primary addresses compared; false when one was given twice. Nobody can be found meanwhile. */
void people_begin_bulk(struct people *people);
bool people_end_bulk(struct people *people);

/* By id, primary address or alias, in any case. Deleted ones only by id. */
struct person *people_find(const struct people *people, const char *key);
/* The live ones in the order of their folded primary addresses; NULL past the end. */
struct person *people_at(const struct people *people, size_t index);
/* The index of the first whose folded address is greater than `after`. */
size_t people_index_after(const struct people *people, const char *after);
struct person *people_deleted_at(const struct people *people, size_t index);

/* Every change goes through here: `state` replaces what the person is. False when its address, or
 * one of its aliases, is somebody else's. */
bool people_change(struct people *people, struct person *person, const struct person_state *state,
                   uint64_t now_ms);
/* The new primary address; the old one becomes an alias. */
bool people_rename(struct people *people, struct person *person, const char *email,
                   uint64_t now_ms);
void people_delete(struct people *people, struct person *person, uint64_t now_ms);
bool people_undelete(struct people *people, struct person *person, uint64_t now_ms);

/* What a read that lags sees: the state at `then_ms`; NULL when the person was not there yet. */
const struct person_state *person_at(const struct person *person, uint64_t then_ms);

/* people_generate.c: `count` people in departments, under managers. */
void people_generate(struct people *people, const char *domain, size_t count, uint64_t now_ms);

#endif
