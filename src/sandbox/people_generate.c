/* SPDX-License-Identifier: MIT */
/* Any number of people, always the same ones: first a few with names to remember, then names made
 * of two lists and a number. Everybody's manager is somebody before them, at most seven to one. */
#include "sandbox/people.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

static const char *const given_names[] = {
    "Ada",    "Grace",  "Linus", "Edsger",  "Barbara", "Donald",    "Margaret", "Dennis", "Radia",
    "Ken",    "Hedy",   "Alan",  "Frances", "Tony",    "Katherine", "Niklaus",  "Jean",   "Brian",
    "Sophie", "Bjarne", "Anita", "Guido",   "Adele",   "Vint",      "Mary",     "Tim",    "Joan",
};
static const char *const family_names[] = {
    "Marlowe",  "Okafor",   "Lindqvist", "Moreau",    "Tanaka", "Silva",     "Novak",
    "Haddad",   "Kowalski", "Rossi",     "Fernandez", "Nguyen", "Schneider", "Dubois",
    "Andersen", "Petrov",   "Kaya",      "Mensah",    "Costa",  "Berg",      "Farah",
    "Ivanova",  "Santos",   "Weber",     "Mori",      "Keller", "Brandt",
};
static const char *const departments[] = {"Engineering", "Operations", "Sales",
                                          "Finance",     "Support",    "Design"};
enum { SPAN = 7 };

static const char *address_of(struct people *people, const char *domain, size_t index)
{
    size_t given = index % TS_COUNT_OF(given_names);
    size_t round = index / TS_COUNT_OF(given_names);
    TS_AUTOFREE char *name = ts_text_fold_email(given_names[given]);
    TS_AUTOFREE char *address =
        round ? ts_format("%s.%zu@%s", name, round, domain) : ts_format("%s@%s", name, domain);

    return people_text(people, address);
}

void people_generate(struct people *people, const char *domain, size_t count, uint64_t now_ms)
{
    people_begin_bulk(people);
    for (size_t i = 0; i < count; i++) {
        size_t names = TS_COUNT_OF(given_names);
        size_t round = i / names;
        const char *department = departments[i % TS_COUNT_OF(departments)];
        TS_AUTOFREE char *org_unit = ts_format("/%s", department);
        TS_AUTOFREE char *cost_center = ts_format("CC-%zu", i % TS_COUNT_OF(departments));
        struct person_state state = {
            .email = address_of(people, domain, i),
            .given_name = people_text(people, given_names[i % names]),
            .family_name = people_text(people, family_names[(i + round) % names]),
            .department = people_text(people, department),
            .cost_center = people_text(people, cost_center),
            .org_unit = people_text(people, org_unit),
            .manager = i == 0 ? NULL : address_of(people, domain, (i - 1) / SPAN),
        };

        (void)people_hire(people, &state, now_ms);
    }
    (void)people_end_bulk(people); /* every address has its own number */
}
