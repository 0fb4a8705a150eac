/* SPDX-License-Identifier: MIT */
/* Rule 2: whom a directory user belongs to. */
#include "unit/model/plan_fixture.h"

static struct ts_plan plan_with(const struct ts_view *view)
{
    struct ts_directory_user user = account();

    return ts_plan_make(&user, false, view, &admin_rules);
}

static void test_the_link_wins_over_every_address(void **state)
{
    struct ts_member linked = ada();
    struct ts_member other = boss();
    struct ts_view view = {
        .linked = &linked, .by_primary = &other, .by_alias = &other, .alias_matches = 1};
    struct ts_plan plan = plan_with(&view);

    (void)state;
    assert_ptr_equal(plan.before, &linked);
    assert_int_equal(plan.verdict, TS_VERDICT_UNCHANGED);
    ts_plan_done(&plan);
}

static void test_a_first_match_by_the_primary_address_links_whoever_was_invited(void **state)
{
    static const enum ts_member_status statuses[] = {TS_MEMBER_INVITED, TS_MEMBER_ACTIVE};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(statuses); i++) {
        struct ts_member member = ada();
        struct ts_view view = {.by_primary = &member};
        struct ts_plan plan;

        member.directory_id = NULL;
        member.sync_state = TS_SYNC_UNMATCHED;
        member.status = statuses[i];
        plan = plan_with(&view);
        assert_int_equal(plan.verdict, TS_VERDICT_CHANGED);
        assert_true(plan.changed & TS_CHANGED_LINK);
        assert_string_equal(plan.after.directory_id, "107");
        assert_int_equal(plan.after.status, statuses[i]);
        assert_int_equal(plan.after.sync_state, TS_SYNC_SYNCED);
        ts_plan_done(&plan);
    }
}

static void test_an_alias_counts_only_when_exactly_one_member_has_one(void **state)
{
    struct ts_member member = ada();
    struct ts_view one = {.by_alias = &member, .alias_matches = 1};
    struct ts_view two = {.by_alias = &member, .alias_matches = 2};
    struct ts_plan plan;

    (void)state;
    member.directory_id = NULL;
    plan = plan_with(&one);
    assert_true(plan.changed & TS_CHANGED_LINK);
    ts_plan_done(&plan);
    plan = plan_with(&two);
    assert_int_equal(plan.verdict, TS_VERDICT_NOBODY);
    ts_plan_done(&plan);
}

static void test_nobody_with_these_addresses_means_nothing_to_write(void **state)
{
    struct ts_view nobody = {0};
    struct ts_plan plan = plan_with(&nobody);

    (void)state;
    assert_int_equal(plan.verdict, TS_VERDICT_NOBODY);
    ts_plan_done(&plan);
}

static void test_a_recycled_address_is_a_conflict_and_never_inherited(void **state)
{
    struct ts_member member = ada();
    struct ts_view view = {.by_primary = &member};
    struct ts_directory_user user = account();
    struct ts_plan plan;

    (void)state;
    user.id = "999";
    user.team = "Sales";
    user.is_suspended = TS_YES;
    plan = ts_plan_make(&user, false, &view, &admin_rules);
    assert_int_equal(plan.verdict, TS_VERDICT_CHANGED);
    assert_int_equal(plan.changed, TS_CHANGED_STATE);
    assert_int_equal(plan.after.sync_state, TS_SYNC_CONFLICT);
    assert_non_null(strstr(plan.after.detail, "999"));
    assert_string_equal(plan.after.directory_id, "107");
    assert_string_equal(plan.after.team, "Ops");
    assert_int_equal(plan.after.status, TS_MEMBER_ACTIVE);
    ts_plan_done(&plan);
}

static void test_a_conflict_stays_while_the_own_link_goes_on(void **state)
{
    struct ts_member member = ada();
    struct ts_view view = {.linked = &member};
    struct ts_directory_user user = account();
    struct ts_plan plan;

    (void)state;
    member.sync_state = TS_SYNC_CONFLICT;
    member.detail = "somebody else has the address";
    user.team = "Sales";
    plan = ts_plan_make(&user, false, &view, &admin_rules);
    assert_string_equal(plan.after.team, "Sales");
    assert_int_equal(plan.after.sync_state, TS_SYNC_CONFLICT);
    assert_string_equal(plan.after.detail, "somebody else has the address");
    ts_plan_done(&plan);
    plan = ts_plan_make(NULL, true, &view, &admin_rules);
    assert_int_equal(plan.after.status, TS_MEMBER_SUSPENDED);
    assert_int_equal(plan.after.sync_state, TS_SYNC_CONFLICT);
    ts_plan_done(&plan);
}

static void test_a_rename_keeps_the_link_and_follows_the_addresses(void **state)
{
    static const char *const aliases[] = {"ada@acme.example", "ADA@acme.example"};
    struct ts_member member = ada();
    struct ts_view view = {.linked = &member};
    struct ts_directory_user user = account();
    struct ts_plan plan;

    (void)state;
    user.primary_email = "Countess@acme.example";
    user.aliases = aliases;
    user.alias_count = TS_COUNT_OF(aliases);
    plan = ts_plan_make(&user, false, &view, &admin_rules);
    assert_int_equal(plan.changed, TS_CHANGED_STATE);
    assert_string_equal(plan.after.directory_addresses, "countess@acme.example ada@acme.example");
    ts_plan_done(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_link_wins_over_every_address),
        cmocka_unit_test(test_a_first_match_by_the_primary_address_links_whoever_was_invited),
        cmocka_unit_test(test_an_alias_counts_only_when_exactly_one_member_has_one),
        cmocka_unit_test(test_nobody_with_these_addresses_means_nothing_to_write),
        cmocka_unit_test(test_a_recycled_address_is_a_conflict_and_never_inherited),
        cmocka_unit_test(test_a_conflict_stays_while_the_own_link_goes_on),
        cmocka_unit_test(test_a_rename_keeps_the_link_and_follows_the_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
