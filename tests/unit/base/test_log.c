/* SPDX-License-Identifier: MIT */
/* How much may be said of what others can cause. */
#include "support/test.h"

#include "teamsync/log.h"

static void test_ten_lines_a_second_and_then_how_many_were_left_out(void **state)
{
    struct ts_log_room room = {0};
    unsigned left_out = 7;

    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_true(ts_log_has_room(&room, 5000 + i, &left_out));
        assert_int_equal(left_out, 0);
    }
    for (int i = 0; i < 90; i++)
        assert_false(ts_log_has_room(&room, 5999, &left_out));
    assert_true(ts_log_has_room(&room, 6000, &left_out));
    assert_int_equal(left_out, 90);
    assert_true(ts_log_has_room(&room, 6001, &left_out));
    assert_int_equal(left_out, 0);
}

static void test_who_says_little_is_always_heard(void **state)
{
    struct ts_log_room room = {0};
    unsigned left_out = 0;

    (void)state;
    for (uint64_t now = 0; now < 100000; now += 100)
        assert_true(ts_log_has_room(&room, now, &left_out));
    assert_int_equal(left_out, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ten_lines_a_second_and_then_how_many_were_left_out),
        cmocka_unit_test(test_who_says_little_is_always_heard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
