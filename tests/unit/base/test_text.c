/* SPDX-License-Identifier: MIT */
/* Text: UTF-8, addresses, numbers, encodings, times. */
#include "support/test.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <string.h>

static void test_only_valid_utf8_in_its_shortest_form_is_utf8(void **state)
{
    static const struct {
        const char *bytes;
        bool valid;
    } cases[] = {
        {"", true},
        {"plain", true},
        {"Zo\xc3\xab \xe7\xa0\x94 \xf0\x9f\x98\x80", true},
        {"\xc0\xaf", false},         /* overlong */
        {"\xe0\x80\xaf", false},     /* overlong */
        {"\xed\xa0\x80", false},     /* a surrogate */
        {"\xf4\x90\x80\x80", false}, /* behind the last code point */
        {"\xff", false},
        {"\xc3", false}, /* cut */
        {"a\x80", false},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++)
        assert_int_equal(ts_text_is_utf8(cases[i].bytes, strlen(cases[i].bytes)), cases[i].valid);
    assert_false(ts_text_is_utf8("a\0b", 3)); /* nor is NUL a text's */
}

static void test_what_is_no_utf8_is_replaced_byte_by_byte(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"Zo\xc3\xab", "Zo\xc3\xab"},
        {"Zo\xc3", "Zo\xef\xbf\xbd"},
        {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"a\xff"
         "b\xc3\xab",
         "a\xef\xbf\xbd"
         "b\xc3\xab"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *repaired = ts_text_to_utf8(cases[i][0]);

        assert_string_equal(repaired, cases[i][1]);
    }
}

static void test_control_characters_are_not_printable(void **state)
{
    (void)state;
    assert_true(ts_text_is_printable("Zo\xc3\xab"));
    assert_false(ts_text_is_printable("a\nb"));
    assert_false(ts_text_is_printable("a\x7f"));
    assert_false(ts_text_is_printable("a\xc2\x85"));     /* NEL, a C1 control */
    assert_false(ts_text_is_printable("a\xe2\x80\xa8")); /* the separators of lines */
    assert_false(ts_text_is_printable("a\xe2\x80\xa9")); /* … and paragraphs */
    assert_false(ts_text_is_printable("a\xef\xbf\xbe")); /* U+FFFE, no character */
    assert_true(ts_text_is_printable("a\xe2\x80\xa7\xef\xbf\xbd"));
}

static void test_addresses_are_told_from_other_texts(void **state)
{
    static const char *const good[] = {"a@b", "Ada.L+x@acme.example", "\"a@b\"@c"};
    static const char *const bad[] = {"", "@b", "a@", "ab", "a b@c", "a@b\n"};
    char endless[300];

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(good); i++)
        assert_true(ts_text_is_email(good[i]));
    for (size_t i = 0; i < TS_COUNT_OF(bad); i++)
        assert_false(ts_text_is_email(bad[i]));
    memset(endless, 'a', sizeof(endless) - 1);
    endless[sizeof(endless) - 1] = '\0';
    endless[100] = '@';
    assert_false(ts_text_is_email(endless));
    assert_false(ts_text_is_email(NULL));
}

static void test_folding_lowers_letters_and_nothing_else(void **state)
{
    TS_AUTOFREE char *folded = ts_text_fold_email("Ada.L+X@ACME.example");
    TS_AUTOFREE char *none = ts_text_fold_email(NULL);

    (void)state;
    assert_string_equal(folded, "ada.l+x@acme.example");
    assert_string_equal(none, "");
}

static void test_numbers_are_digits_that_fit(void **state)
{
    static const char *const bad[] = {"", "-1", "+1", " 1", "1x", "18446744073709551616"};
    uint64_t number = 7;

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(bad); i++)
        assert_false(ts_text_to_u64(bad[i], &number));
    assert_int_equal(number, 7);
    assert_true(ts_text_to_u64("18446744073709551615", &number));
    assert_true(number == UINT64_MAX);
}

static void test_base64url_is_that_of_rfc_4648(void **state)
{
    static const char *const vectors[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfb", "__77"}};
    size_t length = 0;

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(vectors); i++) {
        TS_AUTOFREE char *encoded = ts_base64url(vectors[i][0], strlen(vectors[i][0]));
        TS_AUTOFREE unsigned char *decoded = ts_base64url_decode(vectors[i][1], &length);

        assert_string_equal(encoded, vectors[i][1]);
        assert_int_equal(length, strlen(vectors[i][0]));
        assert_memory_equal(decoded, vectors[i][0], length);
    }
    assert_null(ts_base64url_decode("Zg==", &length));
    assert_null(ts_base64url_decode("Z", &length));
    assert_null(ts_base64url_decode("Z+8_", &length));
}

static void test_times_are_rfc_3339_both_ways(void **state)
{
    static const struct {
        const char *text;
        uint64_t us;
    } cases[] = {
        {"1970-01-01T00:00:01Z", 1000000},
        {"2026-11-23T18:22:30.123Z", 1795458150123000},
        {"2026-11-23T20:22:30.123+02:00", 1795458150123000},
        {"2026-11-23T17:52:30.123456-00:30", 1795458150123456},
    };
    static const char *const bad[] = {"", "now", "2026-11-23", "2026-11-23T18:22:30",
                                      "2026-11-23T18:22:30Zx"};
    char text[TS_TIME_TEXT];
    uint64_t us = 0;

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        assert_true(ts_time_parse(cases[i].text, &us));
        assert_true(us == cases[i].us);
    }
    for (size_t i = 0; i < TS_COUNT_OF(bad); i++)
        assert_false(ts_time_parse(bad[i], &us));
    assert_string_equal(ts_time_text(1795458150123456, text), "2026-11-23T18:22:30.123Z");
    assert_string_equal(ts_time_text(0, text), "");
}

static void test_ids_are_told_from_other_texts(void **state)
{
    static const char longest[] =
        "1234567890123456789012345678901234567890123456789012345678901234";
    TS_AUTOFREE char *longer = ts_format("%s5", longest);

    (void)state;
    assert_true(ts_text_is_id("m_Ab-9"));
    assert_true(ts_text_is_id(longest));
    assert_false(ts_text_is_id(longer));
    assert_false(ts_text_is_id(""));
    assert_false(ts_text_is_id(NULL));
    assert_false(ts_text_is_id("a.b"));
    assert_false(ts_text_is_id("a b"));
    assert_false(ts_text_is_id("\xc3\xa4"));
}

static void test_identifiers_are_long_and_never_the_same(void **state)
{
    TS_AUTOFREE char *one = ts_random_id("m_");
    TS_AUTOFREE char *two = ts_random_id("m_");

    (void)state;
    assert_int_equal(strlen(one), 26);
    assert_string_not_equal(one, two);
    for (int i = 0; i < 1000; i++)
        assert_true(ts_random_below(3) < 3);
}

static void test_everything_but_unreserved_is_escaped(void **state)
{
    static const struct {
        const char *text;
        const char *escaped;
    } cases[] = {
        {"", ""},
        {"aZ09-._~", "aZ09-._~"},
        {"a b+c", "a%20b%2Bc"},
        {"../x?y#z", "..%2Fx%3Fy%23z"},
        {"ada@acme.example", "ada%40acme.example"},
        {"\xc3\xa9%\r\n", "%C3%A9%25%0D%0A"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *escaped = ts_url_escape(cases[i].text);

        assert_string_equal(escaped, cases[i].escaped);
    }
}

static void test_secrets_are_long_and_never_the_same(void **state)
{
    TS_AUTOFREE_SECRET char *one = ts_random_secret("ts_");
    TS_AUTOFREE_SECRET char *two = ts_random_secret("ts_");
    size_t length = 0;
    TS_AUTOFREE unsigned char *bytes = ts_base64url_decode(one + 3, &length);

    (void)state;
    assert_true(ts_text_starts_with(one, "ts_"));
    assert_non_null(bytes);
    assert_int_equal(length, 32);
    assert_string_not_equal(one, two);
}

static void test_nothing_is_null_or_empty_as_it_is_wanted(void **state)
{
    (void)state;
    assert_null(ts_text_or_null(""));
    assert_null(ts_text_or_null(NULL));
    assert_string_equal(ts_text_or_null("a"), "a");
    assert_string_equal(ts_text_or_empty(NULL), "");
    assert_string_equal(ts_text_or_empty("a"), "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_valid_utf8_in_its_shortest_form_is_utf8),
        cmocka_unit_test(test_what_is_no_utf8_is_replaced_byte_by_byte),
        cmocka_unit_test(test_control_characters_are_not_printable),
        cmocka_unit_test(test_addresses_are_told_from_other_texts),
        cmocka_unit_test(test_folding_lowers_letters_and_nothing_else),
        cmocka_unit_test(test_numbers_are_digits_that_fit),
        cmocka_unit_test(test_base64url_is_that_of_rfc_4648),
        cmocka_unit_test(test_everything_but_unreserved_is_escaped),
        cmocka_unit_test(test_secrets_are_long_and_never_the_same),
        cmocka_unit_test(test_nothing_is_null_or_empty_as_it_is_wanted),
        cmocka_unit_test(test_times_are_rfc_3339_both_ways),
        cmocka_unit_test(test_ids_are_told_from_other_texts),
        cmocka_unit_test(test_identifiers_are_long_and_never_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
