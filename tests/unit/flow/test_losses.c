/* SPDX-License-Identifier: MIT */
/* The field-loss guard (rule 2.7), which ids were seen, and the digest of what matters. */
#include "flow/losses.h"
#include "flow/person.h"
#include "flow/seen.h"
#include "support/test.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <stdio.h>
#include <string.h>

static const struct ts_difference changed = {
    .comparison = TS_COMPARED_CHANGED, .has_manager = true, .has_team = true};
static const struct ts_difference same = {.comparison = TS_COMPARED_SAME};
static const struct ts_directory_user whole = {
    .id = "1", .primary_email = "a@x.io", .manager_email = "b@x.io", .team = "Sales"};
static const struct ts_directory_user no_team = {
    .id = "1", .primary_email = "a@x.io", .manager_email = "b@x.io"};

/* `lost` of `linked` members would lose their team. */
static struct ts_losses losses_of(size_t lost, size_t linked)
{
    struct ts_losses losses = {0};

    for (size_t i = 0; i < linked; i++) {
        TS_AUTOFREE char *id = ts_format("%zu", i);

        ts_losses_count(&losses, id, i < lost ? &no_team : &whole, i < lost ? &changed : &same);
    }
    return losses;
}

static void test_more_than_a_tenth_and_at_least_five_are_too_many(void **state)
{
    static const struct {
        size_t lost, linked;
        bool exceeds;
    } cases[] = {{4, 5, false},    {5, 5, true},    {5, 49, true}, {5, 50, false},  {6, 59, true},
                 {10, 100, false}, {11, 100, true}, {0, 0, false}, {5, 1000, false}};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_losses losses = losses_of(cases[i].lost, cases[i].linked);
        struct ts_connection connection = {0};
        struct ts_loss loss;

        assert_int_equal(ts_losses_exceed(&losses, 10, &connection, &loss), cases[i].exceeds);
        assert_int_equal(loss.members, cases[i].lost);
        assert_int_equal(loss.linked, cases[i].linked);
        if (cases[i].lost > 0)
            assert_string_equal(loss.field, "team");
    }
}

static void test_only_what_would_be_emptied_counts(void **state)
{
    static const struct ts_difference by_hand = {.comparison = TS_COMPARED_CHANGED};
    struct ts_losses losses = {0};

    (void)state;
    ts_losses_count(&losses, "1", &whole, &changed);
    ts_losses_count(&losses, "1", &no_team, &by_hand);
    ts_losses_count(&losses, "1", &no_team, &same);
    assert_int_equal(losses.members[0] + losses.members[1] + losses.members[2], 0);
    ts_losses_count(&losses, "1", NULL, &changed);
    assert_int_equal(losses.members[0], 1);
}

static void test_a_person_approves_exactly_this_loss_for_a_day(void **state)
{
    struct ts_losses losses = losses_of(6, 20);
    struct ts_losses other = losses_of(7, 20);
    struct ts_connection connection = {.approved_loss_us = ts_wall_us()};
    struct ts_loss loss;

    (void)state;
    assert_true(ts_losses_exceed(&losses, 10, &connection, &loss));
    connection.approved_loss = loss.digest;
    assert_false(ts_losses_exceed(&losses, 10, &connection, &loss));
    assert_true(ts_losses_exceed(&other, 10, &connection, &loss));
    connection.approved_loss_us -= 86401ull * 1000000;
    assert_true(ts_losses_exceed(&losses, 10, &connection, &loss));
}

static void test_every_id_is_seen_once(void **state)
{
    enum { MANY = 20000 };
    struct ts_seen *seen = ts_seen_new();
    char id[32];

    (void)state;
    assert_false(ts_seen_has(seen, "0"));
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(id, sizeof(id), "%d", i);
        assert_true(ts_seen_add(seen, id));
        assert_false(ts_seen_add(seen, id));
    }
    for (int i = 0; i < 2 * MANY; i++) {
        (void)snprintf(id, sizeof(id), "%d", i);
        assert_int_equal(ts_seen_has(seen, id), i < MANY);
    }
    ts_seen_free(seen);
    ts_seen_free(NULL);
}

static void test_the_digest_changes_with_all_that_matters_and_nothing_else(void **state)
{
    static const char *const aliases[] = {"al@x.io"};
    const struct ts_connection plain = {.team_from = "department", .may_suspend = true};
    const struct ts_connection others[] = {
        {.team_from = "org_unit", .may_suspend = true},
        {.team_from = "department"},
        {.team_from = "department", .may_suspend = true, .clear_missing = true},
    };
    struct ts_directory_user users[7];
    char first[TS_FINGERPRINT_TEXT];
    char digest[TS_FINGERPRINT_TEXT];

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(users); i++)
        users[i] = whole;
    users[0].is_suspended = TS_YES;
    users[1].is_archived = TS_YES;
    users[2].team = "Legal";
    users[3].manager_email = NULL;
    users[4].primary_email = "new@x.io";
    users[5].aliases = aliases;
    users[5].alias_count = 1;
    (void)ts_fingerprint(&whole, &plain, first);
    for (size_t i = 0; i < 6; i++)
        assert_string_not_equal(ts_fingerprint(&users[i], &plain, digest), first);
    for (size_t i = 0; i < TS_COUNT_OF(others); i++)
        assert_string_not_equal(ts_fingerprint(&whole, &others[i], digest), first);
    assert_string_not_equal(ts_fingerprint(NULL, &plain, digest), first);
    users[6].manager_email = "B@X.io";
    assert_string_equal(ts_fingerprint(&users[6], &plain, digest), first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_than_a_tenth_and_at_least_five_are_too_many),
        cmocka_unit_test(test_only_what_would_be_emptied_counts),
        cmocka_unit_test(test_a_person_approves_exactly_this_loss_for_a_day),
        cmocka_unit_test(test_every_id_is_seen_once),
        cmocka_unit_test(test_the_digest_changes_with_all_that_matters_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
