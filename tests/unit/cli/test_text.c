/* SPDX-License-Identifier: MIT */
/* What people write and read: durations and moments, paths, names of others on a terminal, a bar.
 */
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/values.h"
#include "cli/visible.h"
#include "support/test.h"

#include "teamsync/mem.h"

#include <string.h>

static const uint64_t now_us = 1764000000000000; /* 2025-11-24T16:00:00Z */

static void test_durations(void **state)
{
    static const struct {
        const char *text;
        uint64_t seconds;
    } good[] = {{"0", 0},       {"90", 90},       {"30s", 30},    {"15m", 900},
                {"12h", 43200}, {"90d", 7776000}, {"2w", 1209600}};
    static const char *const wrong[] = {"",   "d",   "-1",  "1.5h", "1y",         "12 h",
                                        " 1", "1d2", "0x1", "1D",   "4294967296", "99999999999w"};
    uint64_t seconds = 0;

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(good); i++) {
        assert_true(ts_duration_parse(good[i].text, &seconds));
        assert_int_equal(seconds, good[i].seconds);
    }
    for (size_t i = 0; i < TS_COUNT_OF(wrong); i++)
        assert_false(ts_duration_parse(wrong[i], &seconds));
}

static void test_moments(void **state)
{
    static const struct {
        const char *text;
        const char *moment;
    } good[] = {{"2025-11-24", "2025-11-24T00:00:00.000Z"},
                {"2025-11-24T18:22:30Z", "2025-11-24T18:22:30.000Z"},
                {"2025-11-24T18:22:30+02:00", "2025-11-24T16:22:30.000Z"},
                {"24h", "2025-11-23T16:00:00.000Z"},
                {"7d", "2025-11-17T16:00:00.000Z"}};
    static const char *const wrong[] = {"",    "yesterday", "2025-13-01", "2025-11-24 18:00",
                                        "-7d", "4000w"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(good); i++) {
        TS_AUTOFREE char *moment = ts_moment_parse(good[i].text, now_us);

        assert_non_null(moment);
        assert_string_equal(moment, good[i].moment);
    }
    for (size_t i = 0; i < TS_COUNT_OF(wrong); i++)
        assert_null(ts_moment_parse(wrong[i], now_us));
}

static void test_moments_are_shown_to_the_second(void **state)
{
    TS_AUTOFREE char *shown = ts_moment_show("2025-11-24T18:22:30.123Z");
    TS_AUTOFREE char *other = ts_moment_show("soon");

    (void)state;
    assert_string_equal(shown, "2025-11-24 18:22:30Z");
    assert_string_equal(other, "soon");
}

static void test_a_time_is_told_by_how_long_ago_it_was(void **state)
{
    static const struct {
        const char *time;
        const char *told;
    } cases[] = {
        {"2025-11-24T16:00:00Z", "0 s ago"},
        {"2025-11-24T15:58:01Z", "119 s ago"},
        {"2025-11-24T15:58:00Z", "2 min ago"},
        {"2025-11-24T14:00:01Z", "119 min ago"},
        {"2025-11-24T14:00:00Z", "2 h ago"},
        {"2025-11-22T16:00:01Z", "47 h ago"},
        {"2025-11-22T16:00:00Z", "2 d ago"},
        {"2024-11-24T16:00:00Z", "365 d ago"},
        {"2025-11-24T16:00:10Z", "in 10 s"},
        {"2025-11-24T20:30:00Z", "in 4 h"},
        {"soon", "soon"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *told = ts_age_show(cases[i].time, now_us);

        assert_string_equal(told, cases[i].told);
    }
}

static void test_whatever_is_put_into_a_path_stays_one_segment(void **state)
{
    TS_AUTOFREE char *plain = ts_path("/api/v1/orgs/%/members/%", "acme", "m_1");
    TS_AUTOFREE char *odd = ts_path("/api/v1/orgs/%/members/%", "a/b?c#d", "%2e é");
    TS_AUTOFREE char *query = ts_path("/list");

    (void)state;
    assert_string_equal(plain, "/api/v1/orgs/acme/members/m_1");
    assert_string_equal(odd, "/api/v1/orgs/a%2Fb%3Fc%23d/members/%252e%20%C3%A9");
    ts_path_add_query(&query, "email", "a+b&c=d@acme.example");
    ts_path_add_query(&query, "left_out", NULL);
    ts_path_add_query(&query, "cursor", "5-0");
    assert_string_equal(query, "/list?email=a%2Bb%26c%3Dd%40acme.example&cursor=5-0");
}

static void test_no_name_steers_the_terminal(void **state)
{
    static const struct {
        const char *text;
        const char *visible;
    } cases[] = {{"Ada", "Ada"},
                 {"東京 é 😀", "東京 é 😀"},
                 {"a\033[2Jb", "a\\u001b[2Jb"},
                 {"a\nb\tc\rd\x7f", "a\\u000ab\\u0009c\\u000dd\\u007f"},
                 {"a\xc2\x9b"
                  "2Jb",
                  "a\\u009b2Jb"},                           /* CSI in one character */
                 {"\xe2\x80\xaegpj.exe", "\\u202egpj.exe"}, /* right to left from here on */
                 {"a\xe2\x80\x8b\xef\xbb\xbfz", "a\\u200b\\ufeffz"},   /* nothing to be seen */
                 {"\xff\x9b", "\\u00ff\\u009b"},                       /* no UTF-8 at all */
                 {"\xf4\xa5\xa5\xa5", "\\u00f4\\u00a5\\u00a5\\u00a5"}, /* beyond all characters */
                 {"\xe6\x9d", "\\u00e6\\u009d"}};                      /* cut off */

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *visible = ts_visible(cases[i].text);

        assert_string_equal(visible, cases[i].visible);
    }
}

static void test_widths_are_columns_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(ts_width(""), 0);
    assert_int_equal(ts_width("Ada"), 3);
    assert_int_equal(ts_width("é"), 1);
    assert_int_equal(ts_width("e\xcc\x81"), 1); /* a letter and its accent */
    assert_int_equal(ts_width("東京"), 4);
    assert_int_equal(ts_width_fits("Ada", 9), 3);
    assert_int_equal(ts_width_fits("Ada", 2), 2);
    assert_int_equal(ts_width_fits("東京", 3), 3); /* half of a character is none */
    assert_int_equal(ts_width_fits("東京", 0), 0);
}

static void test_a_bar_is_as_long_as_what_is_done(void **state)
{
    static const struct {
        struct ts_progress progress;
        size_t columns;
        const char *line;
    } cases[] = {
        {{0, 3000, "users", NULL}, 80, "[                              ]   0 %  0 of 3000 users"},
        {{1500, 3000, "users", "7 changed"},
         80,
         "[###############               ]  50 %  1500 of 3000 users, 7 changed"},
        {{3000, 3000, "users", NULL},
         80,
         "[##############################] 100 %  3000 of 3000 users"},
        {{3100, 3000, "users", NULL},
         80,
         "[##############################] 100 %  3100 of 3000 users"},
        {{12, 0, "users", NULL}, 80, "12 users"},
        {{1500, 3000, "users", NULL}, 10, "[#########"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *line = ts_progress_line(&cases[i].progress, cases[i].columns);

        assert_string_equal(line, cases[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_moments_are_shown_to_the_second),
        cmocka_unit_test(test_a_time_is_told_by_how_long_ago_it_was),
        cmocka_unit_test(test_whatever_is_put_into_a_path_stays_one_segment),
        cmocka_unit_test(test_no_name_steers_the_terminal),
        cmocka_unit_test(test_widths_are_columns_not_bytes),
        cmocka_unit_test(test_a_bar_is_as_long_as_what_is_done),
    };

    ts_visible_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
