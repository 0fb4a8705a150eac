/* SPDX-License-Identifier: MIT */
/* Who guesses tokens: buckets, networks, tokens that were good, and how much is kept. */
#include "api/guesses.h"
#include "support/test.h"

#include "teamsync/mem.h"

static const char home[] = "192.0.2.7";

/* So many wrong tokens, one after the other; returns how many might be asked about. */
static unsigned guess(struct ts_guesses *guesses, const char *peer, unsigned count, uint64_t now_ms)
{
    unsigned asked = 0;

    for (unsigned i = 0; i < count; i++) {
        TS_AUTOFREE char *token = ts_format("guess %u", i);

        if (ts_guesses_wait_s(guesses, peer, token, now_ms) > 0)
            continue;
        asked++;
        ts_guesses_note_unknown(guesses, peer, token, now_ms);
    }
    return asked;
}

static void test_ten_at_once_then_one_in_five_seconds(void **state)
{
    struct ts_guesses *guesses = ts_guesses_new();

    (void)state;
    assert_int_equal(guess(guesses, home, 200, 1000), 10);
    assert_int_equal(ts_guesses_wait_s(guesses, home, "x", 1000), 5);
    assert_int_equal(ts_guesses_wait_s(guesses, home, "x", 5000), 1);
    assert_int_equal(ts_guesses_wait_s(guesses, home, "x", 5999), 1);
    assert_int_equal(guess(guesses, home, 200, 6000), 1);
    assert_int_equal(guess(guesses, home, 200, 6001), 0);
    assert_int_equal(guess(guesses, home, 200, 6000 + 3 * 5000), 3);
    assert_int_equal(guess(guesses, home, 200, 10000000), 10); /* full again, and no fuller */
    ts_guesses_free(guesses);
}

static void test_what_was_under_way_together_is_not_held_against_them_for_long(void **state)
{
    struct ts_guesses *guesses = ts_guesses_new();

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        ts_guesses_note_unknown(guesses, home, "guess", 1000);
    assert_int_equal(ts_guesses_wait_s(guesses, home, "x", 1000), 5);
    ts_guesses_free(guesses);
}

static void test_each_peer_has_a_bucket_of_its_own(void **state)
{
    struct ts_guesses *guesses = ts_guesses_new();

    (void)state;
    (void)guess(guesses, home, 200, 1000);
    assert_int_equal(ts_guesses_wait_s(guesses, "192.0.2.8", "x", 1000), 0);
    (void)guess(guesses, "2001:db8:1:2::1", 200, 1000);
    assert_int_equal(ts_guesses_wait_s(guesses, "2001:db8:1:2:ffff::7", "x", 1000), 5);
    assert_int_equal(ts_guesses_wait_s(guesses, "2001:db8:1:3::1", "x", 1000), 0);
    (void)guess(guesses, "::ffff:192.0.2.9", 200, 1000);
    assert_int_equal(ts_guesses_wait_s(guesses, "::ffff:192.0.2.10", "x", 1000), 0);
    (void)guess(guesses, "?", 200, 1000);
    assert_int_equal(ts_guesses_wait_s(guesses, "?", "x", 1000), 5);
    ts_guesses_free(guesses);
}

static void test_a_token_that_was_good_is_asked_about_until_it_is_not(void **state)
{
    struct ts_guesses *guesses = ts_guesses_new();

    (void)state;
    ts_guesses_note_good(guesses, "good");
    (void)guess(guesses, home, 200, 1000);
    assert_int_equal(ts_guesses_wait_s(guesses, home, "good", 1000), 0);
    assert_int_equal(ts_guesses_wait_s(guesses, home, "goo", 1000), 5);
    ts_guesses_note_unknown(guesses, home, "good", 1000); /* revoked */
    assert_int_equal(ts_guesses_wait_s(guesses, home, "good", 1000), 5);
    ts_guesses_free(guesses);
}

static void test_the_one_not_seen_for_longest_is_forgotten(void **state)
{
    struct ts_guesses *guesses = ts_guesses_new();

    (void)state;
    (void)guess(guesses, home, 200, 1000);
    (void)guess(guesses, "192.0.2.8", 200, 1000);
    ts_guesses_note_good(guesses, "first");
    ts_guesses_note_good(guesses, "second");
    for (unsigned i = 0; i < TS_GUESSES_KEPT - 1; i++) {
        TS_AUTOFREE char *peer = ts_format("10.0.%u.%u", i / 256, i % 256);
        TS_AUTOFREE char *token = ts_format("good %u", i);

        ts_guesses_note_unknown(guesses, peer, "x", 1000);
        ts_guesses_note_good(guesses, token);
        ts_guesses_note_good(guesses, "first"); /* seen again and again */
    }
    assert_int_equal(ts_guesses_wait_s(guesses, home, "x", 1000), 0);
    assert_int_equal(ts_guesses_wait_s(guesses, "192.0.2.8", "first", 1000), 0);
    assert_int_equal(ts_guesses_wait_s(guesses, "192.0.2.8", "second", 1000), 5);
    ts_guesses_free(guesses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ten_at_once_then_one_in_five_seconds),
        cmocka_unit_test(test_what_was_under_way_together_is_not_held_against_them_for_long),
        cmocka_unit_test(test_each_peer_has_a_bucket_of_its_own),
        cmocka_unit_test(test_a_token_that_was_good_is_asked_about_until_it_is_not),
        cmocka_unit_test(test_the_one_not_seen_for_longest_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
