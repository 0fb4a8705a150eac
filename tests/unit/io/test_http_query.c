/* SPDX-License-Identifier: MIT */
/* Queries: as forms write them, strictly decoded, and bounded. */
#include "io/http_query.h"
#include "support/test.h"

#include "teamsync/buf.h"

#include <string.h>

static void test_values_are_found_by_name(void **state)
{
    static const struct {
        const char *text;
        const char *name;
        const char *value;
    } cases[] = {
        {NULL, "a", NULL},     {"", "a", NULL},
        {"a=1", "a", "1"},     {"a=1&b=2", "b", "2"},
        {"a=1&a=2", "a", "1"}, {"a", "a", ""},
        {"a=", "a", ""},       {"a&b=2", "b", "2"},
        {"&&a=1&", "a", "1"},  {"A=1", "a", NULL},
        {"a=b=c", "a", "b=c"}, {"a=x+y%2B", "a", "x y+"},
        {"%61=1", "a", "1"},   {"a=%C3%A9", "a", "\xc3\xa9"},
        {"=1", "a", NULL},     {"=1", "", "1"},
        {"ab=1", "a", NULL},   {"a=1;b=2", "b", NULL},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_query query;
        const char *value;

        assert_true(ts_query_parse(cases[i].text, &query));
        value = ts_query_value(&query, cases[i].name);
        if (cases[i].value ? (!value || strcmp(value, cases[i].value) != 0) : value != NULL)
            fail_msg("%s: %s is %s", cases[i].text, cases[i].name, value ? value : "not there");
        ts_query_done(&query);
    }
}

static void test_what_does_not_decode_is_refused_and_leaves_nothing(void **state)
{
    static const char *const texts[] = {"a=%", "a=%4", "a=%zz", "a=%00", "a=%ff", "%=1", "a=1&b=%"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(texts); i++) {
        struct ts_query query;

        if (ts_query_parse(texts[i], &query))
            fail_msg("%s was taken", texts[i]);
        assert_int_equal(query.count, 0);
        assert_null(ts_query_value(&query, "a"));
    }
}

static void test_the_number_of_pairs_is_bounded(void **state)
{
    struct ts_query query;
    struct ts_buf text;

    (void)state;
    ts_buf_init(&text, 1000);
    for (int i = 0; i < TS_QUERY_PAIRS_MAX; i++)
        assert_int_equal(ts_buf_addf(&text, "n%d=%d&", i, i), 0);
    assert_true(ts_query_parse(text.data, &query));
    assert_string_equal(ts_query_value(&query, "n15"), "15");
    ts_query_done(&query);
    assert_int_equal(ts_buf_add_text(&text, "more"), 0);
    assert_false(ts_query_parse(text.data, &query));
    ts_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_found_by_name),
        cmocka_unit_test(test_what_does_not_decode_is_refused_and_leaves_nothing),
        cmocka_unit_test(test_the_number_of_pairs_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
