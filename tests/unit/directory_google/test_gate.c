/* SPDX-License-Identifier: MIT */
/* Who may ask now: so many at once, in the order they came, and nobody while the breaker is open.
 */
#include "directory/google/gate.h"
#include "directory/google/google_error.h"
#include "unit/directory_google/google_fixture.h"

enum { UNDER_WAY_MAX = 16, ASKERS = 24 };

struct bench {
    struct ts_loop *loop;
    struct fake_http http;
    struct ts_google_env env;
    char url[32];
    struct ts_google_gate *gate;
    unsigned answered;
    struct asker {
        struct bench *bench;
        struct ts_op *op;
        unsigned pass;
        unsigned turn; /* the how-maniest to be answered */
        struct ts_error err;
        struct asker *cancels; /* whom its answer cancels */
    } askers[ASKERS];
};

static void on_answer(const struct ts_error *err, void *arg)
{
    struct asker *asker = arg;

    asker->op = NULL;
    asker->err = *err;
    asker->turn = ++asker->bench->answered;
    if (asker->cancels)
        ts_op_cancel(&asker->cancels->op);
}

static void enter(struct bench *b, size_t who)
{
    struct asker *asker = &b->askers[who];

    asker->turn = 0;
    asker->op = ts_google_gate_enter(b->gate, &asker->pass, on_answer, asker);
    assert_int_equal(asker->turn, 0);
}

static void enter_all(struct bench *b, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        enter(b, i);
}

static void let_in(struct bench *b, size_t who)
{
    enter(b, who);
    assert_true(TEST_WAIT(b->loop, b->askers[who].turn > 0));
    assert_int_equal(b->askers[who].err.cls, TS_OK);
    assert_int_not_equal(b->askers[who].pass, 0);
}

static void leave(struct bench *b, size_t who)
{
    ts_google_gate_leave(b->gate, &b->askers[who].pass);
    assert_int_equal(b->askers[who].pass, 0);
}

static struct ts_error tell(struct bench *b, size_t who, enum ts_google_health health)
{
    struct ts_google_verdict verdict = {
        .err = health == TS_GOOGLE_WORKS ? ts_no_error : ts_error_make(TS_RETRY, "google: broken"),
        .health = health,
    };

    ts_google_gate_tell(b->gate, b->askers[who].pass, &verdict);
    return verdict.err;
}

static void turn_a_little(struct bench *b)
{
    for (int i = 0; i < 4; i++)
        ts_loop_turn(b->loop, 5);
}

static int setup(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));

    b->loop = ts_loop_new();
    b->env = fixture_env(b->loop, &b->http, b->url, b->url);
    b->gate = ts_google_gate_new(&b->env);
    for (size_t i = 0; i < ASKERS; i++)
        b->askers[i].bench = b;
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    for (size_t i = 0; i < ASKERS; i++) {
        ts_op_cancel(&b->askers[i].op);
        ts_google_gate_leave(b->gate, &b->askers[i].pass);
    }
    ts_google_gate_free(b->gate);
    ts_loop_free(b->loop);
    free(b);
    return 0;
}

static void test_so_many_are_let_in_and_the_others_in_their_order(void **state)
{
    struct bench *b = *state;

    enter_all(b, 0, ASKERS);
    assert_true(TEST_WAIT(b->loop, b->answered == UNDER_WAY_MAX));
    turn_a_little(b);
    assert_int_equal(b->answered, UNDER_WAY_MAX);
    for (size_t left = 0; left < ASKERS - UNDER_WAY_MAX; left++) {
        leave(b, left);
        assert_true(TEST_WAIT(b->loop, b->answered == UNDER_WAY_MAX + left + 1));
        turn_a_little(b);
        assert_int_equal(b->answered, UNDER_WAY_MAX + left + 1);
    }
    for (size_t i = 0; i < ASKERS; i++) {
        assert_int_equal(b->askers[i].turn, i + 1);
        assert_int_equal(b->askers[i].err.cls, TS_OK);
    }
}

static void test_who_waits_too_long_is_put_off(void **state)
{
    struct bench *b = *state;

    enter_all(b, 0, UNDER_WAY_MAX + 1);
    assert_true(TEST_WAIT(b->loop, b->answered == UNDER_WAY_MAX));
    fixture_now_ms += 3000;
    enter(b, UNDER_WAY_MAX + 1);
    fixture_now_ms += 2000;
    (void)tell(b, 0, TS_GOOGLE_WORKS); /* makes it look */
    assert_true(TEST_WAIT(b->loop, b->askers[UNDER_WAY_MAX].turn));
    assert_int_equal(b->askers[UNDER_WAY_MAX].err.cls, TS_RETRY);
    assert_string_equal(b->askers[UNDER_WAY_MAX].err.text,
                        "google: put off, 16 requests are under way");
    assert_int_equal(b->askers[UNDER_WAY_MAX].pass, 0);
    turn_a_little(b);
    assert_int_equal(b->askers[UNDER_WAY_MAX + 1].turn, 0); /* it has 3 s yet */
}

static void test_who_is_cancelled_makes_room_for_the_next(void **state)
{
    struct bench *b = *state;

    enter_all(b, 0, UNDER_WAY_MAX + 3);
    b->askers[UNDER_WAY_MAX + 1].cancels = &b->askers[UNDER_WAY_MAX + 2];
    assert_true(TEST_WAIT(b->loop, b->answered == UNDER_WAY_MAX));
    ts_op_cancel(&b->askers[UNDER_WAY_MAX].op);
    leave(b, 3);
    leave(b, 4);
    assert_true(TEST_WAIT(b->loop, b->askers[UNDER_WAY_MAX + 1].turn));
    turn_a_little(b);
    assert_int_equal(b->answered, UNDER_WAY_MAX + 1);
}

static void test_nobody_who_waits_goes_out_when_it_opens(void **state)
{
    struct bench *b = *state;

    enter_all(b, 0, ASKERS);
    assert_true(TEST_WAIT(b->loop, b->answered == UNDER_WAY_MAX));
    assert_in_range(tell(b, 0, TS_GOOGLE_THROTTLES).retry_after_ms, 1000, 2250);
    for (size_t i = 0; i < UNDER_WAY_MAX; i++)
        leave(b, i);
    assert_true(TEST_WAIT(b->loop, b->answered == ASKERS));
    for (size_t i = UNDER_WAY_MAX; i < ASKERS; i++) {
        assert_int_equal(b->askers[i].err.cls, TS_RETRY);
        assert_in_range(b->askers[i].err.retry_after_ms, 1000, 2250);
        assert_non_null(strstr(b->askers[i].err.text, "not asked"));
        assert_int_equal(b->askers[i].pass, 0);
    }
}

static void test_one_probe_goes_and_a_cancelled_one_is_followed_by_another(void **state)
{
    struct bench *b = *state;

    let_in(b, 0);
    (void)tell(b, 0, TS_GOOGLE_THROTTLES);
    leave(b, 0);
    fixture_now_ms += 1250;
    enter_all(b, 1, 4);
    assert_true(TEST_WAIT(b->loop, b->answered == 4));
    assert_int_equal(b->askers[1].err.cls, TS_OK);
    assert_int_equal(b->askers[2].err.cls, TS_RETRY);
    assert_int_equal(b->askers[3].err.cls, TS_RETRY);
    leave(b, 1); /* untold */
    let_in(b, 4);
    (void)tell(b, 4, TS_GOOGLE_WORKS);
    leave(b, 4);
    enter_all(b, 5, 8);
    assert_true(TEST_WAIT(b->loop, b->answered == 8));
    for (size_t i = 5; i < 8; i++)
        assert_int_equal(b->askers[i].err.cls, TS_OK);
}

static void test_an_empty_bucket_makes_wait_or_puts_off(void **state)
{
    struct bench *b = *state;

    b->env.requests_per_minute = 1;
    let_in(b, 0);
    enter(b, 1);
    assert_true(TEST_WAIT(b->loop, b->askers[1].turn));
    assert_string_equal(b->askers[1].err.text, "google: put off, the limit of requests is reached");
    assert_int_equal(b->askers[1].err.retry_after_ms, 60000);
    fixture_now_ms += 59990;
    enter(b, 2); /* for 10 ms */
    turn_a_little(b);
    assert_int_equal(b->askers[2].turn, 0);
    fixture_now_ms += 10;
    assert_true(TEST_WAIT(b->loop, b->askers[2].turn));
    assert_int_equal(b->askers[2].err.cls, TS_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_so_many_are_let_in_and_the_others_in_their_order),
        TEST(test_who_waits_too_long_is_put_off),
        TEST(test_who_is_cancelled_makes_room_for_the_next),
        TEST(test_nobody_who_waits_goes_out_when_it_opens),
        TEST(test_one_probe_goes_and_a_cancelled_one_is_followed_by_another),
        TEST(test_an_empty_bucket_makes_wait_or_puts_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
