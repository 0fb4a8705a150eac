/* SPDX-License-Identifier: MIT */
/* One cookie among those that a browser shows. */
#include "api/cookie.h"
#include "support/test.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

static void test_a_cookie_is_found_by_its_whole_name(void **state)
{
    static const struct {
        const char *header;
        const char *value; /* of "a" */
    } cases[] = {
        {"a=1", "1"},          {"a=1; b=2", "1"},    {"b=2; a=1", "1"}, {"b=2;a=1", "1"},
        {"b=2;  ; a=1;", "1"}, {"a=1; a=2", "1"}, /* the one of the longer path comes first (RFC
                                                     6265 §5.4) */
        {"a=x=y", "x=y"},      {"a=\"1\"", "\"1\""}, {"a=", ""},        {"a=; b=2", ""},
        {NULL, NULL},          {"", NULL},           {"a", NULL},       {"a; b=2", NULL},
        {"b=2", NULL},         {"aa=1", NULL},       {"ba=1", NULL},    {"A=1", NULL},
        {"b=a=1", NULL},       {"b=2 a=1", NULL},    {";;;", NULL},     {"=1", NULL},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *value = ts_cookie_find(cases[i].header, "a");

        if (!value != !cases[i].value || !ts_text_equal(value, cases[i].value))
            print_error("%s\n", cases[i].header);
        assert_int_equal(!value, !cases[i].value);
        assert_true(ts_text_equal(value, cases[i].value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cookie_is_found_by_its_whole_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
