/* SPDX-License-Identifier: MIT */
/* Who is kept for a closer look: as many as there is room for, and nobody without need. */
#include "flow/kept.h"
#include "support/test.h"

#include "teamsync/mem.h"

static const struct ts_directory_user ada = {.id = "1", .primary_email = "ada@x.io"};

static void test_each_kept_user_becomes_a_task(void **state)
{
    const struct ts_person_task common = {.confirms_absence = true};
    struct ts_kept kept = {0};
    TS_AUTOFREE struct ts_person_task *tasks = NULL;

    (void)state;
    ts_kept_add(&kept, &ada, "1", 7);
    ts_kept_add(&kept, NULL, "2", 0);
    tasks = ts_kept_tasks(&kept, &common);
    assert_string_equal(tasks[0].key, "1");
    assert_string_equal(tasks[0].listed->primary_email, "ada@x.io");
    assert_int_equal(tasks[0].listed_us, 7);
    assert_string_equal(tasks[1].key, "2");
    assert_null(tasks[1].listed);
    assert_true(tasks[0].confirms_absence && tasks[1].confirms_absence);
    ts_kept_done(&kept);
}

static void test_whoever_is_unchanged_is_forgotten(void **state)
{
    static const struct ts_difference differences[] = {{.comparison = TS_COMPARED_SAME},
                                                       {.comparison = TS_COMPARED_CHANGED},
                                                       {.comparison = TS_COMPARED_NOBODY}};
    struct ts_kept kept = {0};

    (void)state;
    ts_kept_add(&kept, NULL, "1", 0);
    ts_kept_add(&kept, NULL, "2", 0);
    ts_kept_add(&kept, NULL, "3", 0);
    ts_kept_add(&kept, NULL, "4", 0); /* of whom the comparison says nothing */
    ts_kept_narrow(&kept, differences, TS_COUNT_OF(differences));
    assert_int_equal(kept.count, 1);
    assert_string_equal(kept.users[0].id, "2");
    ts_kept_done(&kept);
}

static void test_beyond_ten_thousand_it_is_known_that_there_were_more(void **state)
{
    struct ts_kept kept = {0};

    (void)state;
    for (size_t i = 0; i < 10000; i++)
        ts_kept_add(&kept, NULL, "1", 0);
    assert_false(kept.has_overflown);
    ts_kept_add(&kept, NULL, "1", 0);
    assert_true(kept.has_overflown);
    assert_int_equal(kept.count, 10000);
    ts_kept_clear(&kept);
    assert_false(kept.has_overflown);
    assert_int_equal(kept.count, 0);
    ts_kept_done(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kept_user_becomes_a_task),
        cmocka_unit_test(test_whoever_is_unchanged_is_forgotten),
        cmocka_unit_test(test_beyond_ten_thousand_it_is_known_that_there_were_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
