/* SPDX-License-Identifier: MIT */
/* Rules 5, 6 and 8: suspension, proof and reinstatement; and what holds for every combination. */
#include "unit/model/plan_fixture.h"

/* How the directory shows somebody. */
enum seen {
    IN_USE,
    SUSPENDED,
    ARCHIVED,
    BOTH,
    DELETED,
    ABSENT_ONCE,
    ABSENT_TWICE,
    UNCLEAR,
    SEEN_LAST
};

static struct ts_plan plan_seen(enum seen seen, const struct ts_view *view,
                                const struct ts_rules *rules)
{
    struct ts_directory_user user = account();

    if (seen == SUSPENDED || seen == BOTH)
        user.is_suspended = TS_YES;
    if (seen == ARCHIVED || seen == BOTH)
        user.is_archived = TS_YES;
    if (seen == UNCLEAR)
        user.is_suspended = TS_UNKNOWN;
    if (seen == DELETED)
        user = (struct ts_directory_user){.id = "107", .is_deleted = true};
    if (seen == ABSENT_ONCE || seen == ABSENT_TWICE)
        return ts_plan_make(NULL, seen == ABSENT_TWICE, view, rules);
    return ts_plan_make(&user, false, view, rules);
}

static void test_who_leaves_is_suspended_with_the_reason(void **state)
{
    static const struct {
        enum seen seen;
        enum ts_verdict verdict;
        enum ts_suspend_reason reason;
    } cases[] = {
        {IN_USE, TS_VERDICT_UNCHANGED, TS_REASON_NONE},
        {SUSPENDED, TS_VERDICT_CHANGED, TS_REASON_SUSPENDED},
        {ARCHIVED, TS_VERDICT_CHANGED, TS_REASON_ARCHIVED},
        {BOTH, TS_VERDICT_CHANGED, TS_REASON_SUSPENDED},
        {DELETED, TS_VERDICT_CHANGED, TS_REASON_DELETED},
        {ABSENT_ONCE, TS_VERDICT_CONFIRM, TS_REASON_NONE},
        {ABSENT_TWICE, TS_VERDICT_CHANGED, TS_REASON_DELETED},
        {UNCLEAR, TS_VERDICT_INCOMPLETE, TS_REASON_NONE},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_member member = ada();
        struct ts_view view = {.linked = &member};
        struct ts_plan plan = plan_seen(cases[i].seen, &view, &admin_rules);

        assert_int_equal(plan.verdict, cases[i].verdict);
        assert_int_equal(plan.after.suspended_reason, cases[i].reason);
        if (cases[i].reason != TS_REASON_NONE) {
            assert_int_equal(plan.after.status, TS_MEMBER_SUSPENDED);
            assert_int_equal(plan.after.suspended_by, TS_SUSPENDED_BY_DIRECTORY);
            assert_int_equal(plan.after.status_before, TS_MEMBER_ACTIVE);
            assert_int_equal(plan.changed & TS_CHANGED_STATUS, TS_CHANGED_STATUS);
        }
        ts_plan_done(&plan);
    }
}

static void test_who_comes_back_gets_the_status_from_before(void **state)
{
    static const enum ts_member_status before[] = {TS_MEMBER_INVITED, TS_MEMBER_ACTIVE};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(before); i++) {
        struct ts_member member = ada();
        struct ts_view view = {.linked = &member};
        struct ts_plan plan;

        member.status = TS_MEMBER_SUSPENDED;
        member.suspended_by = TS_SUSPENDED_BY_DIRECTORY;
        member.suspended_reason = TS_REASON_DELETED;
        member.status_before = before[i];
        plan = plan_seen(IN_USE, &view, &admin_rules);
        assert_int_equal(plan.after.status, before[i]);
        assert_int_equal(plan.after.suspended_by, TS_SUSPENDED_BY_NONE);
        ts_plan_done(&plan);
    }
}

static void test_who_is_found_again_under_a_new_link_is_left_to_a_person(void **state)
{
    struct ts_member member = ada();
    struct ts_view view = {.by_primary = &member};
    struct ts_plan plan;

    (void)state;
    member.directory_id = NULL;
    member.status = TS_MEMBER_SUSPENDED;
    member.suspended_by = TS_SUSPENDED_BY_DIRECTORY;
    member.suspended_reason = TS_REASON_DELETED;
    plan = plan_seen(IN_USE, &view, &admin_rules);
    assert_int_equal(plan.after.status, TS_MEMBER_SUSPENDED);
    assert_int_equal(plan.after.suspended_by, TS_SUSPENDED_BY_MANUAL);
    ts_plan_done(&plan);
}

static void test_the_reason_follows_when_it_changes(void **state)
{
    struct ts_member member = ada();
    struct ts_view view = {.linked = &member};
    struct ts_plan plan;

    (void)state;
    member.status = TS_MEMBER_SUSPENDED;
    member.suspended_by = TS_SUSPENDED_BY_DIRECTORY;
    member.suspended_reason = TS_REASON_SUSPENDED;
    member.status_before = TS_MEMBER_ACTIVE;
    plan = plan_seen(DELETED, &view, &admin_rules);
    assert_int_equal(plan.after.suspended_reason, TS_REASON_DELETED);
    assert_int_equal(plan.after.status_before, TS_MEMBER_ACTIVE);
    ts_plan_done(&plan);
}

static void test_the_owner_and_the_protected_are_only_shown_to_have_left(void **state)
{
    (void)state;
    for (int is_owner = 0; is_owner < 2; is_owner++) {
        struct ts_member member = ada();
        struct ts_view view = {.linked = &member};
        struct ts_plan plan;

        member.role = is_owner ? "owner" : "member";
        member.is_protected = !is_owner;
        plan = plan_seen(DELETED, &view, &admin_rules);
        assert_int_equal(plan.after.status, TS_MEMBER_ACTIVE);
        assert_int_equal(plan.after.sync_state, TS_SYNC_ERROR);
        assert_non_null(strstr(plan.after.detail, is_owner ? "owner" : "protected"));
        ts_plan_done(&plan);
    }
}

static void test_a_connection_without_an_admin_updates_fields_and_leaves_the_status(void **state)
{
    static const struct ts_rules rules = {.may_suspend = false};
    struct ts_member member = ada();
    struct ts_view view = {.linked = &member};
    struct ts_directory_user user = account();
    struct ts_plan plan;

    (void)state;
    plan = plan_seen(SUSPENDED, &view, &rules);
    assert_int_equal(plan.after.status, TS_MEMBER_ACTIVE);
    assert_non_null(strstr(plan.after.detail, "may not suspend"));
    ts_plan_done(&plan);

    /* It does not even see the flags; then nobody is reinstated either. */
    member.status = TS_MEMBER_SUSPENDED;
    member.suspended_by = TS_SUSPENDED_BY_DIRECTORY;
    member.suspended_reason = TS_REASON_SUSPENDED;
    user.is_suspended = TS_UNKNOWN;
    user.is_archived = TS_UNKNOWN;
    user.team = "Sales";
    plan = ts_plan_make(&user, false, &view, &rules);
    assert_string_equal(plan.after.team, "Sales");
    assert_int_equal(plan.after.status, TS_MEMBER_SUSPENDED);
    ts_plan_done(&plan);
}

static void test_what_the_guard_does_not_let_pass_is_held_and_said(void **state)
{
    static const struct ts_rules rules = {.may_suspend = true, .hold_suspensions = true};
    struct ts_member member = ada();
    struct ts_view view = {.linked = &member};
    struct ts_plan plan = plan_seen(DELETED, &view, &rules);

    (void)state;
    assert_int_equal(plan.after.status, TS_MEMBER_ACTIVE);
    assert_int_equal(plan.after.sync_state, TS_SYNC_HELD);
    assert_non_null(strstr(plan.after.detail, "waits"));
    ts_plan_done(&plan);
}

static void test_the_gone_are_never_matched_by_address(void **state)
{
    struct ts_member member = ada();
    struct ts_view view = {.by_primary = &member, .by_alias = &member, .alias_matches = 1};
    static const enum seen gone[] = {DELETED, ABSENT_ONCE, ABSENT_TWICE};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(gone); i++) {
        struct ts_plan plan = plan_seen(gone[i], &view, &admin_rules);

        assert_int_equal(plan.verdict, TS_VERDICT_NOBODY);
        ts_plan_done(&plan);
    }
}

/* --- every combination --- */

static bool is_suspension(const struct ts_plan *plan)
{
    return plan->before->status != TS_MEMBER_SUSPENDED && plan->after.status == TS_MEMBER_SUSPENDED;
}

static bool is_reinstatement(const struct ts_plan *plan)
{
    return plan->before->status == TS_MEMBER_SUSPENDED && plan->after.status != TS_MEMBER_SUSPENDED;
}

static void check_promises(enum seen seen, const struct ts_plan *plan, const struct ts_rules *rules)
{
    const struct ts_member *before = plan->before;
    bool says_gone = seen == SUSPENDED || seen == ARCHIVED || seen == BOTH || seen == DELETED ||
                     seen == ABSENT_TWICE;

    if (is_suspension(plan)) {
        assert_true(says_gone && rules->may_suspend && !rules->hold_suspensions);
        assert_true(!before->is_protected && !ts_member_is_owner(before));
        assert_non_null(plan->after.directory_id);
        assert_int_equal(plan->after.suspended_by, TS_SUSPENDED_BY_DIRECTORY);
    }
    if (is_reinstatement(plan)) {
        assert_int_equal(seen, IN_USE);
        assert_int_equal(before->suspended_by, TS_SUSPENDED_BY_DIRECTORY);
        assert_true(ts_text_equal(before->directory_id, plan->after.directory_id));
    }
    if (before->suspended_by == TS_SUSPENDED_BY_MANUAL)
        assert_int_equal(plan->after.suspended_by, TS_SUSPENDED_BY_MANUAL);
    assert_string_equal(plan->after.id, before->id);
    assert_string_equal(plan->after.email, before->email);
    assert_string_equal(plan->after.name, before->name);
    assert_string_equal(plan->after.role, before->role);
    assert_int_equal(plan->after.is_protected, before->is_protected);
    assert_int_equal(plan->verdict == TS_VERDICT_CHANGED, plan->changed != 0);
}

/* Looking again at what the plan made changes nothing more. */
static void check_rest(enum seen seen, const struct ts_plan *plan, const struct ts_rules *rules)
{
    struct ts_member after = applied(plan);
    struct ts_view view = {.linked = &after};
    struct ts_plan again = plan_seen(seen, &view, rules);

    if (after.directory_id)
        assert_int_equal(again.verdict, TS_VERDICT_UNCHANGED);
    ts_plan_done(&again);
}

static void check(enum seen seen, struct ts_member *member, bool is_linked,
                  const struct ts_rules *rules)
{
    struct ts_view view = {.linked = is_linked ? member : NULL, .by_primary = member};
    struct ts_plan plan = plan_seen(seen, &view, rules);

    if (seen == UNCLEAR && rules->may_suspend)
        assert_int_equal(plan.verdict, TS_VERDICT_INCOMPLETE);
    if (plan.verdict == TS_VERDICT_CHANGED || plan.verdict == TS_VERDICT_UNCHANGED) {
        check_promises(seen, &plan, rules);
        check_rest(seen, &plan, rules);
    }
    ts_plan_done(&plan);
}

static void test_the_promises_hold_for_every_combination(void **state)
{
    unsigned checked = 0;

    (void)state;
    for (unsigned bits = 0; bits < 64; bits++) {
        struct ts_rules rules = {.may_suspend = bits & 1, .hold_suspensions = bits & 2};

        for (enum seen seen = IN_USE; seen < SEEN_LAST; seen++) {
            for (enum ts_suspended_by by = TS_SUSPENDED_BY_NONE; by <= TS_SUSPENDED_BY_MANUAL;
                 by++) {
                struct ts_member member = ada();

                member.role = bits & 4 ? "owner" : "member";
                member.is_protected = bits & 8;
                member.status_before = TS_MEMBER_ACTIVE;
                member.directory_id = bits & 16 ? "107" : NULL;
                member.suspended_by = by;
                member.suspended_reason = by ? TS_REASON_SUSPENDED : TS_REASON_NONE;
                member.status = by ? TS_MEMBER_SUSPENDED : TS_MEMBER_ACTIVE;
                member.sync_state = bits & 32 ? TS_SYNC_HELD : TS_SYNC_SYNCED;
                check(seen, &member, bits & 16, &rules);
                checked++;
            }
        }
    }
    assert_int_equal(checked, 64 * 8 * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_leaves_is_suspended_with_the_reason),
        cmocka_unit_test(test_who_comes_back_gets_the_status_from_before),
        cmocka_unit_test(test_who_is_found_again_under_a_new_link_is_left_to_a_person),
        cmocka_unit_test(test_the_reason_follows_when_it_changes),
        cmocka_unit_test(test_the_owner_and_the_protected_are_only_shown_to_have_left),
        cmocka_unit_test(test_a_connection_without_an_admin_updates_fields_and_leaves_the_status),
        cmocka_unit_test(test_what_the_guard_does_not_let_pass_is_held_and_said),
        cmocka_unit_test(test_the_gone_are_never_matched_by_address),
        cmocka_unit_test(test_the_promises_hold_for_every_combination),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
