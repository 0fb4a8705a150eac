/* SPDX-License-Identifier: MIT */
/* What a resync asks of the roster, what waits for a person, and what a person decides. */
#include "component/roster/roster_world.h"

static char letters[16];    /* of the last comparison */
static struct ts_hold hold; /* its texts are gone, but for the digest */
static char *digest;
static uint64_t count;

static void on_compared(const struct ts_error *err, const struct ts_difference *differences,
                        size_t many, void *arg)
{
    static const char names[] = {[TS_COMPARED_NOBODY] = '-',
                                 [TS_COMPARED_SAME] = '=',
                                 [TS_COMPARED_CHANGED] = '!',
                                 [TS_COMPARED_NEW] = '+'};

    (void)arg;
    note(err);
    assert_true(many < sizeof(letters));
    for (size_t i = 0; i < many; i++) {
        letters[i] = names[differences[i].comparison];
        if (differences[i].has_manager || differences[i].has_team)
            letters[i] = differences[i].has_manager ? 'm' : 't';
    }
    letters[many] = '\0';
}

static const char *compare(bool clear_missing, const struct ts_compared *users, size_t many)
{
    await_answer(
        w.roster->ops->compare(w.roster, "acme", clear_missing, users, many, on_compared, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    return letters;
}

static void on_hold(const struct ts_error *err, const struct ts_hold *found, void *arg)
{
    (void)arg;
    note(err);
    free(digest);
    digest = found ? ts_strdup(found->digest) : NULL;
    hold = found ? *found : (struct ts_hold){0};
}

static const char *look_at_hold(void)
{
    static const struct ts_guard guard = {.min = 5, .percent = 5};

    await_answer(w.roster->ops->get_hold(w.roster, "acme", &guard, on_hold, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    return digest;
}

static void on_count(const struct ts_error *err, uint64_t many, void *arg)
{
    (void)arg;
    note(err);
    count = many;
}

static enum ts_class decide(const char *what, bool approved)
{
    await_answer(
        w.roster->ops->decide_hold(w.roster, "acme", what, approved, "grace", on_count, NULL));
    return w.err.cls;
}

static void on_done(const struct ts_error *err, void *arg)
{
    (void)arg;
    note(err);
}

/* A member who is linked to `directory_id` and whose suspension waits. */
static struct ts_member *held(const char *email, const char *directory_id)
{
    struct ts_member *member = make(email);

    free(test_redis_cli(server, "HSET teamsync:member:acme:%s sync_state held directory_id %s",
                        member->id, directory_id));
    free(test_redis_cli(server, "HSET teamsync:link:acme %s %s", directory_id, member->id));
    free(test_redis_cli(server,
                        "HSET teamsync:hold:acme opened_us 5 member:%s "
                        "'{\"reason\":\"deleted\",\"since_us\":\"7\"}'",
                        member->id));
    return member;
}

/* --- the comparison --- */

static void test_only_who_differs_is_to_be_looked_at(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");
    const struct ts_compared users[] = {
        {.directory_id = "1", .digest = "d1", .addresses = "ada@x.io"},
        {.directory_id = "1", .digest = "d2", .addresses = "ada@x.io"},
        {.directory_id = "2", .digest = "d1", .addresses = "new@x.io bob@x.io"},
        {.directory_id = "3", .digest = "d1", .addresses = "ghost@x.io"},
        {.directory_id = "1", .digest = "d1", .addresses = "ada@x.io", .manager = "bob@x.io"},
    };

    (void)state;
    free(test_redis_cli(server, "HSET teamsync:link:acme 1 %s", ada->id));
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s digest d1", ada->id));
    assert_string_equal(compare(false, users, TS_COUNT_OF(users)), "=!+-!");
}

static void test_what_an_empty_field_would_clear_is_told(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    const struct ts_compared user = {.directory_id = "1", .digest = "d", .addresses = "ada@x.io"};

    (void)state;
    free(test_redis_cli(server, "HSET teamsync:link:acme 1 %s", ada->id));
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s team Sales team_source manual",
                        ada->id));
    assert_string_equal(compare(false, &user, 1), "!");
    assert_string_equal(compare(true, &user, 1), "t");
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s team_source directory", ada->id));
    assert_string_equal(compare(false, &user, 1), "t");
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s manager m_9 manager_source directory",
                        ada->id));
    assert_string_equal(compare(false, &user, 1), "m");
}

/* --- the hold --- */

static void test_nothing_is_held_at_first(void **state)
{
    (void)state;
    assert_null(look_at_hold());
    assert_int_equal(decide("0", true), TS_NOT_FOUND);
}

static void test_exactly_the_list_that_was_seen_is_approved(void **state)
{
    TS_AUTOFREE struct ts_member *ada = held("ada@x.io", "1");
    TS_AUTOFREE char *first = ts_strdup(look_at_hold());
    TS_AUTOFREE struct ts_member *bob = held("bob@x.io", "2");
    TS_AUTOFREE char *second = ts_strdup(look_at_hold());

    (void)state;
    assert_string_not_equal(first, second);
    assert_int_equal(hold.held_count, 2);
    assert_int_equal(decide(first, true), TS_REJECTED);
    ASSERT_REDIS("0", "XLEN teamsync:jobs");
    ASSERT_REDIS("1", "EXISTS teamsync:hold:acme");
    assert_int_equal(decide(second, true), TS_OK);
    assert_int_equal(count, 2);
    assert_string_equal(history_of(&(struct ts_history_query){.field = "hold", .limit = 9}),
                        "hold 2 suspensions>approved approved by grace");
    ASSERT_REDIS("0", "EXISTS teamsync:hold:acme");
    ASSERT_REDIS("2", "XLEN teamsync:jobs");
    ASSERT_REDIS("deleted", "HGET teamsync:member:acme:%s approved_reason", ada->id);
    ASSERT_REDIS("active", "HGET teamsync:member:acme:%s status", bob->id);
    assert_int_equal(decide(second, true), TS_NOT_FOUND);
}

static void test_who_is_not_held_any_more_is_not_approved(void **state)
{
    TS_AUTOFREE struct ts_member *ada = held("ada@x.io", "1");
    TS_AUTOFREE char *seen = ts_strdup(look_at_hold());

    (void)state;
    free(test_redis_cli(server, "HSET teamsync:member:acme:%s sync_state synced", ada->id));
    assert_int_equal(decide(seen, true), TS_OK);
    ASSERT_REDIS("0", "XLEN teamsync:jobs");
    ASSERT_REDIS("", "HGET teamsync:member:acme:%s approved_reason", ada->id);
}

static void test_the_rejected_stay_and_their_history_tells_by_whom(void **state)
{
    TS_AUTOFREE struct ts_member *ada = held("ada@x.io", "1");

    (void)state;
    assert_int_equal(decide(look_at_hold(), false), TS_OK);
    ASSERT_REDIS("0", "XLEN teamsync:jobs");
    ASSERT_REDIS("deleted", "HGET teamsync:member:acme:%s kept_reason", ada->id);
    assert_true(ts_text_starts_with(history(ada->id, NULL, 10),
                                    "hold held (deleted)>kept rejected by grace"));
    assert_non_null(strstr(history_of(&(struct ts_history_query){.field = "hold", .limit = 9}),
                           "hold 1 suspension>rejected rejected by grace"));
}

static enum ts_class hold_loss(uint64_t fence)
{
    static const struct ts_loss loss = {
        .field = "team", .members = 8, .linked = 40, .digest = "cafe"};
    const struct ts_lease lease = {.run_id = "run_1", .fence = fence};

    await_answer(w.roster->ops->hold_loss(w.roster, "acme", &lease, &loss, on_done, NULL));
    return w.err.cls;
}

static void test_a_run_that_has_lost_its_lease_holds_nothing(void **state)
{
    (void)state;
    assert_int_equal(hold_loss(7), TS_NOT_FOUND); /* as after a disconnect */
    free(test_redis_cli(server, "HSET teamsync:lease:acme fence 8"));
    assert_int_equal(hold_loss(7), TS_NOT_FOUND);
    assert_null(look_at_hold());
}

static void test_an_approved_loss_is_tried_again_by_a_resync(void **state)
{
    (void)state;
    free(test_redis_cli(server, "HSET teamsync:lease:acme fence 7"));
    assert_int_equal(hold_loss(7), TS_OK);
    (void)look_at_hold();
    assert_int_equal(hold.loss.members, 8);
    assert_int_equal(hold.loss.linked, 40);
    assert_int_equal(decide(digest, true), TS_OK);
    ASSERT_REDIS("cafe", "HGET teamsync:connection:acme approved_loss");
    assert_string_equal(history(NULL, NULL, 9),
                        "hold 8 of 40 members without team>approved approved by grace");
    ASSERT_REDIS("1", "XLEN teamsync:jobs");
}

static void test_a_hold_expires_after_seven_days(void **state)
{
    int64_t left_ms;

    (void)state;
    free(test_redis_cli(server, "HSET teamsync:lease:acme fence 7"));
    assert_int_equal(hold_loss(7), TS_OK);

    TS_AUTOFREE char *left = test_redis_cli(server, "PTTL teamsync:hold:acme");

    left_ms = strtol(left, NULL, 10);
    assert_in_range(left_ms, 7 * 86400000ll - 60000, 7 * 86400000ll);
}

/* --- undoing --- */

static void test_only_suspensions_that_still_stand_are_lifted(void **state)
{
    TS_AUTOFREE struct ts_member *ada = make("ada@x.io");
    TS_AUTOFREE struct ts_member *bob = make("bob@x.io");
    TS_AUTOFREE struct ts_member *eve = make("eve@x.io");
    static const char suspended[] =
        "HSET teamsync:member:acme:%s status suspended suspended_by %s suspended_us %s "
        "suspended_reason deleted status_before active";

    (void)state;
    free(test_redis_cli(server, suspended, ada->id, "directory", "100"));
    free(test_redis_cli(server, suspended, bob->id, "manual", "100"));
    free(test_redis_cli(server, suspended, eve->id, "directory", "200")); /* anew, since */
    free(test_redis_cli(server, "HSET teamsync:run:acme:run_1 id run_1"));
    free(test_redis_cli(server, "ZADD teamsync:undo:acme:run_1 100 %s 100 %s 100 %s", ada->id,
                        bob->id, eve->id));
    await_answer(w.roster->ops->undo_run(w.roster, "acme", "run_1", "grace", on_count, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    assert_int_equal(count, 1);
    ASSERT_REDIS("active", "HGET teamsync:member:acme:%s status", ada->id);
    ASSERT_REDIS("deleted", "HGET teamsync:member:acme:%s kept_reason", ada->id);
    ASSERT_REDIS("suspended", "HGET teamsync:member:acme:%s status", bob->id);
    ASSERT_REDIS("suspended", "HGET teamsync:member:acme:%s status", eve->id);
    await_answer(w.roster->ops->undo_run(w.roster, "acme", "run_2", "grace", on_count, NULL));
    assert_int_equal(w.err.cls, TS_NOT_FOUND);
}

static int forget(void **state)
{
    free(digest);
    digest = NULL;
    return tear_down(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_only_who_differs_is_to_be_looked_at),
        TEST(test_what_an_empty_field_would_clear_is_told),
        TEST(test_nothing_is_held_at_first),
        TEST(test_exactly_the_list_that_was_seen_is_approved),
        TEST(test_who_is_not_held_any_more_is_not_approved),
        TEST(test_the_rejected_stay_and_their_history_tells_by_whom),
        TEST(test_a_run_that_has_lost_its_lease_holds_nothing),
        TEST(test_an_approved_loss_is_tried_again_by_a_resync),
        TEST(test_a_hold_expires_after_seven_days),
        TEST(test_only_suspensions_that_still_stand_are_lifted),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
