/* SPDX-License-Identifier: MIT */
/* Header fields of a mail: whatever a text holds, it stays in its field. */
#include "io/mail_header.h"
#include "support/test.h"

#include "teamsync/mailer.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

static void test_a_text_is_encoded_where_it_has_to_be(void **state)
{
    static const struct {
        const char *text;
        const char *field;
    } cases[] = {
        {"Join the team of Acme", "Subject: Join the team of Acme"},
        {"", "Subject: "},
        {"R&D", "Subject: =?UTF-8?Q?R=26D?="},
        {"Łódź", "Subject: =?UTF-8?Q?=C5=81=C3=B3d=C5=BA?="},
        {"a\r\nBcc: b@c.d", "Subject: =?UTF-8?Q?a=0D=0ABcc=3A=20b=40c=2Ed?="},
        {"=?UTF-8?Q?x?=", "Subject: =?UTF-8?Q?=3D=3FUTF=2D8=3FQ=3Fx=3F=3D?="},
        {"\xff\x80", "Subject: =?UTF-8?Q?=FF=80?="},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *field = ts_mail_text_field("Subject", cases[i].text);

        assert_string_equal(field, cases[i].field);
    }
}

/* Lines of at most 76 bytes, each an encoded word of whole characters. */
static void assert_folded(const char *letter, const char *encoded)
{
    char text[3000] = "";
    size_t bytes = strlen(letter);
    size_t length = strlen(encoded);
    TS_AUTOFREE char *field = NULL;

    for (size_t i = 0; i + bytes < sizeof(text); i += bytes)
        memcpy(text + i, letter, bytes);
    field = ts_mail_text_field("Subject", text);
    assert_true(strlen(field) <= 8000);
    for (const char *line = field; *line;) {
        size_t used = strcspn(line, "\r");

        assert_true(used <= 76);
        assert_memory_equal(line + used - 2, "?=", 2);
        assert_memory_equal(line + used - 2 - length, encoded, length);
        assert_true(line == field || *line == ' ');
        line += used;
        if (*line)
            assert_memory_equal(line, "\r\n ", 3);
        line += *line ? 2 : 0;
    }
}

static void test_a_long_text_is_folded(void **state)
{
    (void)state;
    assert_folded("🦊", "=F0=9F=A6=8A");
    assert_folded("ł", "=C5=82");
    assert_folded("a", "a");
}

static void test_the_date_is_as_mail_writes_it(void **state)
{
    TS_AUTOFREE char *date = ts_mail_date_field(1700000000000000);

    (void)state;
    assert_string_equal(date, "Date: Tue, 14 Nov 2023 22:13:20 +0000");
}

static void test_an_address_that_would_need_quotes_is_not_plain(void **state)
{
    static const char *const plain[] = {"ada@acme.example", "a.b-c_d+e@x.io", "o'brien@x.io",
                                        "a!#$%&*/=?^`{|}~@x.io"};
    static const char *const other[] = {
        NULL,       "",          "ada",      "@x.io",    "a b@x.io",   "a@x.io\r\nBcc: b@x.io",
        "<a@x.io>", "a@x.io>",   "a,b@x.io", "a;b@x.io", "\"a\"@x.io", "a(b)@x.io",
        "a:b@x.io", "a\\b@x.io", "ł@x.io",   "a@ł.io",   "a\x7f@x.io"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(plain); i++)
        assert_true(ts_mail_address_is_plain(plain[i]));
    for (size_t i = 0; i < TS_COUNT_OF(other); i++)
        assert_false(ts_mail_address_is_plain(other[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_is_encoded_where_it_has_to_be),
        cmocka_unit_test(test_a_long_text_is_folded),
        cmocka_unit_test(test_the_date_is_as_mail_writes_it),
        cmocka_unit_test(test_an_address_that_would_need_quotes_is_not_plain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
