/* SPDX-License-Identifier: MIT */
/* Which paths fit which patterns, and what the {names} are. */
#include "io/router.h"
#include "support/test.h"

#include "teamsync/mem.h"

#include <string.h>

static void test_a_pattern_fits_its_paths_and_no_other(void **state)
{
    static const struct {
        const char *pattern;
        const char *path;
        bool fits;
    } cases[] = {
        {"/", "/", true},
        {"/", "", false},
        {"/", "/a", false},
        {"/a", "/a", true},
        {"/a", "/A", false},
        {"/a", "/ab", false},
        {"/ab", "/a", false},
        {"/a", "/a/", false},
        {"/a", "a", false},
        {"/a/b", "/a//b", false},
        {"/a/b", "/a", false},
        {"/a", "/a/b", false},
        {"/a", "/%61", false}, /* names of our own are written plainly */
        {"/a/{x}", "/a/b", true},
        {"/a/{x}", "/a/", false},
        {"/a/{x}", "/a", false},
        {"/a/{x}", "/a/b/", false},
        {"/a/{x}", "/a/b/c", false},
        {"/a/{x}/c", "/a/b/c", true},
        {"/a/{x}/c", "/a/b/d", false},
        {"/a/{x}/c", "/a//c", false},
        {"/{x}/{y}", "/a/b", true},
        {"/{x}", "/%2F", true},
        {"/{x}", "/%", false},
        {"/{x}", "/%4", false},
        {"/{x}", "/%zz", false},
        {"/{x}", "/%00", false},
        {"/{x}", "/%ff", false},
        {"/{x}", "/\xff", false},
        {"/{x}", "/%c3%a9", true},
        {"/{a}/{b}/{c}/{d}", "/1/2/3/4", true},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_route_params params = {0};

        if (ts_route_match(cases[i].pattern, cases[i].path, &params) != cases[i].fits)
            fail_msg("%s and %s", cases[i].pattern, cases[i].path);
        if (!cases[i].fits)
            assert_int_equal(params.count, 0);
        ts_route_params_done(&params);
    }
}

static void test_params_are_named_decoded_and_in_order(void **state)
{
    struct ts_route_params params = {0};

    (void)state;
    assert_true(ts_route_match("/orgs/{org}/members/{id}", "/orgs/acme+x/members/a%20b%2Fc%C3%A9",
                               &params));
    assert_int_equal(params.count, 2);
    assert_string_equal(params.params[0].name, "org");
    assert_string_equal(params.params[0].value, "acme+x"); /* a plus is a plus in a path */
    assert_string_equal(params.params[1].name, "id");
    assert_string_equal(params.params[1].value, "a b/c\xc3\xa9");
    ts_route_params_done(&params);
    ts_route_params_done(&params);
}

static void test_percent_decoding_is_strict(void **state)
{
    static const struct {
        const char *text;
        bool plus_is_blank;
        const char *decoded; /* NULL: refused */
    } cases[] = {
        {"", false, ""},           {"abc", false, "abc"}, {"a+b", false, "a+b"},
        {"a+b", true, "a b"},      {"%2b", true, "+"},    {"%41%6a", false, "Aj"},
        {"%", false, NULL},        {"%4", false, NULL},   {"%g0", false, NULL},
        {"a%00b", false, NULL},    {"%c3", false, NULL},  {"%c0%af", false, NULL},
        {"%ed%a0%80", true, NULL}, {"%25", false, "%"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *decoded =
            ts_percent_decode(cases[i].text, strlen(cases[i].text), cases[i].plus_is_blank);

        if (cases[i].decoded && (!decoded || strcmp(decoded, cases[i].decoded) != 0))
            fail_msg("%s became %s", cases[i].text, decoded ? decoded : "nothing");
        if (!cases[i].decoded)
            assert_null(decoded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pattern_fits_its_paths_and_no_other),
        cmocka_unit_test(test_params_are_named_decoded_and_in_order),
        cmocka_unit_test(test_percent_decoding_is_strict),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
