/* SPDX-License-Identifier: MIT */
/* Rules 3 and 4: team and manager. */
#include "unit/model/plan_fixture.h"

static void test_the_team_follows_the_directory(void **state)
{
    static const struct {
        const char *name;
        const char *before;
        enum ts_source source;
        bool clear_missing;
        const char *directory;
        const char *after;
        enum ts_source after_source;
    } cases[] = {
        {"a value wins", "Ops", TS_SOURCE_DIRECTORY, false, "Sales", "Sales", TS_SOURCE_DIRECTORY},
        {"over a manual one too", "Mine", TS_SOURCE_MANUAL, false, "Sales", "Sales",
         TS_SOURCE_DIRECTORY},
        {"even the same", "Sales", TS_SOURCE_MANUAL, false, "Sales", "Sales", TS_SOURCE_DIRECTORY},
        {"fills an empty one", NULL, TS_SOURCE_NONE, false, "Sales", "Sales", TS_SOURCE_DIRECTORY},
        {"blanks at the ends go", NULL, TS_SOURCE_NONE, false, " \tSales  ", "Sales",
         TS_SOURCE_DIRECTORY},
        {"empty clears its own", "Ops", TS_SOURCE_DIRECTORY, false, NULL, NULL, TS_SOURCE_NONE},
        {"blank is empty", "Ops", TS_SOURCE_DIRECTORY, false, "  ", NULL, TS_SOURCE_NONE},
        {"empty spares a manual one", "Mine", TS_SOURCE_MANUAL, false, NULL, "Mine",
         TS_SOURCE_MANUAL},
        {"unless the org wants it", "Mine", TS_SOURCE_MANUAL, true, NULL, NULL, TS_SOURCE_NONE},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_member member = ada();
        struct ts_view view = {.linked = &member};
        struct ts_directory_user user = account();
        struct ts_rules rules = {.may_suspend = true, .clear_missing = cases[i].clear_missing};
        struct ts_plan plan;

        print_message("%s\n", cases[i].name);
        member.team = cases[i].before;
        member.team_source = cases[i].source;
        user.team = cases[i].directory;
        plan = ts_plan_make(&user, false, &view, &rules);
        assert_true(ts_text_equal(plan.after.team, cases[i].after));
        assert_int_equal(plan.after.team_source, cases[i].after_source);
        assert_int_equal(!!(plan.changed & TS_CHANGED_TEAM),
                         !ts_text_equal(cases[i].before, cases[i].after));
        ts_plan_done(&plan);
    }
}

static void test_a_team_nobody_can_show_is_refused_and_stops_nothing_else(void **state)
{
    char endless[300] = "";
    const char *const teams[] = {endless, "line\nbreak", "bell\a"};
    struct ts_member manager = boss();

    (void)state;
    memset(endless, 'x', 250);
    for (size_t i = 0; i < TS_COUNT_OF(teams); i++) {
        struct ts_member member = ada();
        struct ts_view view = {.linked = &member, .manager = &manager};
        struct ts_directory_user user = account();
        struct ts_plan plan;

        user.team = teams[i];
        user.manager_email = "boss@acme.example";
        plan = ts_plan_make(&user, false, &view, &admin_rules);
        assert_string_equal(plan.after.team, "Ops");
        assert_int_equal(plan.after.sync_state, TS_SYNC_ERROR);
        assert_non_null(plan.after.detail);
        assert_string_equal(plan.after.manager_id, "m_boss");
        ts_plan_done(&plan);
    }
}

static void test_the_manager_follows_the_directory(void **state)
{
    struct ts_member manager = boss();
    const struct {
        const char *name;
        const char *before;
        enum ts_source source;
        bool clear_missing;
        const char *address;
        const struct ts_member *known;
        const char *after;
        const char *pending;
        enum ts_sync_state state;
    } cases[] = {
        {"a member is set", NULL, TS_SOURCE_NONE, false, "boss@acme.example", &manager, "m_boss",
         NULL, TS_SYNC_SYNCED},
        {"over a manual one", "m_x", TS_SOURCE_MANUAL, false, "boss@acme.example", &manager,
         "m_boss", NULL, TS_SYNC_SYNCED},
        {"who is no member yet is waited for", NULL, TS_SOURCE_NONE, false, "New@acme.example",
         NULL, NULL, "new@acme.example", TS_SYNC_PENDING},
        {"and replaces what the directory said before", "m_x", TS_SOURCE_DIRECTORY, false,
         "new@acme.example", NULL, NULL, "new@acme.example", TS_SYNC_PENDING},
        {"but not what a person said", "m_x", TS_SOURCE_MANUAL, false, "new@acme.example", NULL,
         "m_x", "new@acme.example", TS_SYNC_PENDING},
        {"none clears its own", "m_x", TS_SOURCE_DIRECTORY, false, NULL, NULL, NULL, NULL,
         TS_SYNC_SYNCED},
        {"none spares a manual one", "m_x", TS_SOURCE_MANUAL, false, NULL, NULL, "m_x", NULL,
         TS_SYNC_SYNCED},
        {"unless the org wants it", "m_x", TS_SOURCE_MANUAL, true, NULL, NULL, NULL, NULL,
         TS_SYNC_SYNCED},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_member member = ada();
        struct ts_view view = {.linked = &member, .manager = cases[i].known};
        struct ts_directory_user user = account();
        struct ts_rules rules = {.may_suspend = true, .clear_missing = cases[i].clear_missing};
        struct ts_plan plan;

        print_message("%s\n", cases[i].name);
        member.manager_id = cases[i].before;
        member.manager_source = cases[i].source;
        member.pending_manager = "old@acme.example";
        user.manager_email = cases[i].address;
        plan = ts_plan_make(&user, false, &view, &rules);
        assert_true(ts_text_equal(plan.after.manager_id, cases[i].after));
        assert_true(ts_text_equal(plan.after.pending_manager, cases[i].pending));
        assert_int_equal(plan.after.sync_state, cases[i].state);
        ts_plan_done(&plan);
    }
}

static void test_oneself_and_circles_are_refused_and_shown(void **state)
{
    struct ts_member member = ada();
    struct ts_member manager = boss();
    struct ts_view self = {.linked = &member, .manager = &member, .manager_would_loop = true};
    struct ts_view circle = {.linked = &member, .manager = &manager, .manager_would_loop = true};
    const struct ts_view *const views[] = {&self, &circle};

    (void)state;
    member.manager_id = "m_x";
    member.manager_source = TS_SOURCE_DIRECTORY;
    for (size_t i = 0; i < TS_COUNT_OF(views); i++) {
        struct ts_directory_user user = account();
        struct ts_plan plan;

        user.manager_email = "boss@acme.example";
        user.team = "Sales";
        plan = ts_plan_make(&user, false, views[i], &admin_rules);
        assert_string_equal(plan.after.manager_id, "m_x");
        assert_int_equal(plan.after.sync_state, TS_SYNC_ERROR);
        assert_non_null(strstr(plan.after.detail, "boss@acme.example"));
        assert_string_equal(plan.after.team, "Sales");
        ts_plan_done(&plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_team_follows_the_directory),
        cmocka_unit_test(test_a_team_nobody_can_show_is_refused_and_stops_nothing_else),
        cmocka_unit_test(test_the_manager_follows_the_directory),
        cmocka_unit_test(test_oneself_and_circles_are_refused_and_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
