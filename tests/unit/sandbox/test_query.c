/* SPDX-License-Identifier: MIT */
/* Queries of users.list, as Google's manual has them (GOOGLE.md §D.5). */
#include "sandbox/query.h"
#include "support/test.h"

#include "teamsync/mem.h"

static const struct person_state mary = {
    .email = "mary.evans@acme.example",
    .aliases = "m.e@acme.example countess@acme.example",
    .given_name = "Mary Ann",
    .family_name = "O'Brien Evans",
    .department = "Human Resources",
    .is_suspended = true,
};

static void test_what_fits_and_what_does_not(void **state)
{
    static const struct {
        const char *query;
        bool fits;
    } cases[] = {
        {NULL, true},
        {"", true},
        {"mary", true},
        {"countess@acme.example", true},
        {"mar", false},
        {"email:MARY*", true},
        {"email:count*", true},
        {"email:evans*", false},
        {"email=m.e@acme.example", true},
        {"givenName:Mary", true},
        {"givenName:'Mary Ann'", true},
        {"givenName:'Ann Mary'", false},
        {"givenName=Mary", false},
        {"givenName:Ma", false},
        {"givenName:ma*", true},
        {"givenName:ann*", false},
        {"familyName:o\\'b*", true},
        {"familyName:'o\\'brien evans'", true},
        {"name='mary ann o\\'brien evans'", true},
        {"name:'ann o\\'brien'", true},
        {"name='mary ann'", false},
        {"orgDepartment:human", true},
        {"isSuspended=true", true},
        {"isSuspended=false", false},
        {"isSuspended=true isArchived=false isAdmin=false", true},
        {"mary isSuspended=false", false},
        {" mary  evans ", true},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        assert_true(query_is_valid(cases[i].query));
        if (query_fits(cases[i].query, &mary) != cases[i].fits)
            print_error("%s\n", cases[i].query);
        assert_int_equal(query_fits(cases[i].query, &mary), cases[i].fits);
    }
}

static void test_what_is_no_query(void **state)
{
    static const char *const wrong[] = {
        "*",           "name:mar*",        "shoeSize=42", "email:",           "name:'mary",
        "isAdmin=yes", "isAdmin:true",     "email=mary*", "email:m*y",        "o'brien",
        "mary'",       "orgDepartment:h*", "=x",          "givenName:'a' b'",
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(wrong); i++) {
        if (query_is_valid(wrong[i]))
            print_error("%s\n", wrong[i]);
        assert_false(query_is_valid(wrong[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_fits_and_what_does_not),
        cmocka_unit_test(test_what_is_no_query),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
