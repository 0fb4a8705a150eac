/* SPDX-License-Identifier: MIT */
/* What a person types, and what Google is asked. */
#include "directory/google/fields.h"
#include "directory/google/search_clause.h"
#include "support/test.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"

#include <string.h>

/* The clauses one after the other, separated by blanks. */
static char *clauses(const char *text)
{
    TS_AUTOFREE char *words = ts_google_search_words(text);
    char *all = ts_strdup("");

    for (enum ts_google_field field = ts_google_search_first(words); field != TS_GOOGLE_NOTHING;
         field = ts_google_search_next(words, field)) {
        TS_AUTOFREE char *clause = ts_google_search_clause(words, field);
        char *longer = ts_format("%s%s%s", all, *all ? " " : "", clause ? clause : "(everybody)");

        free(all);
        all = longer;
    }
    return all;
}

static void test_words_become_clauses(void **state)
{
    static const struct {
        const char *text;
        const char *clauses;
    } cases[] = {
        {NULL, "(everybody)"},
        {"ada", "email:ada* givenName:ada* familyName:ada*"},
        {"  ada ", "email:ada* givenName:ada* familyName:ada*"},
        {"ada@", "email:ada@*"},
        {"ada.l-o_v+x@acme.example", "email:ada.l-o_v+x@acme.example*"},
        {"Ada  Marlowe", "name:'Ada Marlowe'"},
        {"o'brien", "email:o\\'brien* givenName:o\\'brien* familyName:o\\'brien*"},
        {"Mary O'Brien", "name:'Mary O\\'Brien'"},
        {"łódź", "email:łódź* givenName:łódź* familyName:łódź*"},
        {"ada*", "email:ada* givenName:ada* familyName:ada*"},
        {"ada isAdmin=true", "name:'ada isAdmin true'"},
        {"x' isAdmin=true '", "name:'x\\' isAdmin true \\''"},
        {"x\\' isAdmin:true", "name:'x \\' isAdmin true'"},
        {"\"ada\" (or) [bob]", "name:'ada or bob'"},
        {"a\nb\tc", "name:'a b c'"},
        {"", ""},
        {"***", ""},
        {" \\ ", ""},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *got = clauses(cases[i].text);

        assert_string_equal(got, cases[i].clauses);
    }
}

static void test_who_was_found_before_is_not_found_again(void **state)
{
    static const char text[] = "{\"primaryEmail\":\"adele@x.io\",\"aliases\":[\"del@x.io\"],"
                               "\"name\":{\"givenName\":\"Del\",\"familyName\":\"Delgado\"}}";
    TS_AUTOJSON struct json_object *user = ts_json_parse(text, strlen(text), NULL);
    static const char strange[] = "{\"aliases\":[1,null],\"name\":[]}";
    TS_AUTOJSON struct json_object *odd = ts_json_parse(strange, strlen(strange), NULL);

    (void)state;
    assert_non_null(odd);
    assert_false(ts_google_search_found_before(user, "adele", TS_GOOGLE_EMAIL));
    assert_true(ts_google_search_found_before(user, "ADE", TS_GOOGLE_GIVEN_NAME));
    assert_true(ts_google_search_found_before(user, "del@", TS_GOOGLE_FAMILY_NAME));
    assert_true(ts_google_search_found_before(user, "del", TS_GOOGLE_FAMILY_NAME));
    assert_false(ts_google_search_found_before(user, "delg", TS_GOOGLE_FAMILY_NAME));
    assert_false(ts_google_search_found_before(user, "adele", TS_GOOGLE_NAME));
    assert_false(ts_google_search_found_before(odd, "x", TS_GOOGLE_FAMILY_NAME));
    assert_false(ts_google_search_found_before(NULL, "x", TS_GOOGLE_FAMILY_NAME));
}

#define WHO                                                                                        \
    "id%2CprimaryEmail%2Caliases%2CnonEditableAliases%2Cname%28givenName%2CfamilyName%2CfullName%" \
    "29"
#define PRIVATE "%2Csuspended%2Carchived%2CdeletionTime%2CcreationTime"

static void test_names_are_asked_for_here_and_nothing_that_is_synced(void **state)
{
    TS_AUTOFREE char *admin = ts_google_profile_query(true);
    TS_AUTOFREE char *other = ts_google_profile_query(false);

    (void)state;
    assert_string_equal(admin, "projection=basic&fields=" WHO PRIVATE);
    assert_string_equal(other, "projection=basic&viewType=domain_public&fields=" WHO);
}

static void test_nothing_can_be_slipped_into_the_request(void **state)
{
    TS_AUTOFREE char *query = ts_google_search_query(true, "email:a&fields=*", 7, "t&customer=x#");
    TS_AUTOFREE char *plain = ts_google_search_query(false, NULL, 500, NULL);

    (void)state;
    assert_string_equal(query, "customer=my_customer&maxResults=7&orderBy=email&projection=basic"
                               "&fields=nextPageToken%2Cusers%28" WHO PRIVATE "%29"
                               "&query=email%3Aa%26fields%3D%2A&pageToken=t%26customer%3Dx%23");
    assert_string_equal(plain, "customer=my_customer&maxResults=500&orderBy=email&projection=basic"
                               "&viewType=domain_public&fields=nextPageToken%2Cusers%28" WHO "%29");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_become_clauses),
        cmocka_unit_test(test_who_was_found_before_is_not_found_again),
        cmocka_unit_test(test_names_are_asked_for_here_and_nothing_that_is_synced),
        cmocka_unit_test(test_nothing_can_be_slipped_into_the_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
