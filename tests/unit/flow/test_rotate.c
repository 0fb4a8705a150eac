/* SPDX-License-Identifier: MIT */
/* Rotating the key: the old ones go when nothing is left for them, and never before. */
#include "story.h"

struct answer {
    unsigned count;
    struct ts_error err;
    size_t resealed;
    size_t failed;
};

static void on_answer(const struct ts_error *err, size_t resealed, size_t failed, void *arg)
{
    struct answer *answer = arg;

    answer->count++;
    answer->err = *err;
    answer->resealed = resealed;
    answer->failed = failed;
}

static const struct ts_org orgs[] = {{.id = "acme"}, {.id = "other"}};

static struct fake_ports *two_orgs(const enum ts_resealed *resealed, size_t count)
{
    struct fake_ports *ports = fake_ports_new();

    ports->orgs = orgs;
    ports->org_count = TS_COUNT_OF(orgs);
    ports->resealed = resealed;
    ports->resealed_count = count;
    return ports;
}

#define PASS "orgs;reseal acme;orgs after acme;reseal other;"

/* Each row: what becomes of acme, other, then in the next pass of acme again, … */
static void test_passes_follow_until_one_finds_nothing(void **state)
{
    static const struct {
        enum ts_resealed how[6];
        size_t count;
        size_t resealed;
        size_t failed;
        const char *transcript;
    } cases[] = {
        {{0}, 0, 0, 0, "key;" PASS "keep mark;"},
        {{TS_RESEALED, TS_RESEALED}, 2, 2, 0, "key;" PASS "pause;" PASS "keep mark;"},
        {{TS_RESEALED, TS_RESEALED_BEFORE}, 2, 1, 0, "key;" PASS "pause;" PASS "keep mark;"},
        {{TS_RESEALED_OVERTAKEN, TS_RESEALED_BEFORE},
         2,
         0,
         0,
         "key;" PASS "pause;" PASS "keep mark;"},
        /* Redis forgot one of them. */
        {{TS_RESEALED, TS_RESEALED, TS_RESEALED, TS_RESEALED_BEFORE},
         4,
         3,
         0,
         "key;" PASS "pause;" PASS "pause;" PASS "keep mark;"},
        {{TS_RESEALED, TS_RESEALED_NEVER}, 2, 1, 1, "key;" PASS},
        {{TS_RESEALED_NEVER, TS_RESEALED_NEVER}, 2, 0, 2, "key;" PASS},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct fake_ports *ports = two_orgs(cases[i].how, cases[i].count);
        struct answer answer = {0};

        (void)ts_rotate_start(&ports->env, on_answer, &answer);
        fake_run(ports);
        assert_string_equal(fake_transcript(ports), cases[i].transcript);
        assert_int_equal(answer.count, 1);
        assert_int_equal(answer.err.cls, TS_OK);
        assert_int_equal(answer.resealed, cases[i].resealed);
        assert_int_equal(answer.failed, cases[i].failed);
        fake_ports_free(ports);
    }
}

/* Whatever fails, wherever: the answer says so, and the old keys stay. */
static void test_a_failure_at_any_point_keeps_the_old_keys(void **state)
{
    static const enum ts_resealed how[] = {TS_RESEALED, TS_RESEALED};
    enum { POINTS = 11 };

    (void)state;
    for (unsigned point = 0; point < POINTS; point++) {
        struct fake_ports *ports = two_orgs(how, TS_COUNT_OF(how));
        struct answer answer = {0};
        bool is_pause;

        (void)ts_rotate_start(&ports->env, on_answer, &answer);
        for (unsigned i = 0; i < point; i++)
            fake_fire(ports);
        is_pause = strcmp(fake_next(ports), "pause") == 0;
        fake_fire_error(ports, TS_RETRY, "redis: no connection");
        assert_int_equal(answer.count, is_pause ? 0 : 1);
        if (!is_pause) {
            assert_int_equal(answer.err.cls, TS_RETRY);
            assert_int_equal(strstr(fake_transcript(ports), "keep") != NULL, point == POINTS - 1);
            assert_int_equal(fake_held(ports), 0);
        }
        fake_run(ports);
        fake_ports_free(ports);
    }
}

static void test_cancelled_at_any_point_it_answers_nobody(void **state)
{
    static const enum ts_resealed how[] = {TS_RESEALED, TS_RESEALED};

    (void)state;
    for (unsigned point = 0; point < 11; point++) {
        struct fake_ports *ports = two_orgs(how, TS_COUNT_OF(how));
        struct answer answer = {0};
        struct ts_op *op = ts_rotate_start(&ports->env, on_answer, &answer);

        for (unsigned i = 0; i < point; i++)
            fake_fire(ports);
        ts_op_cancel(&op);
        assert_int_equal(fake_held(ports), 0);
        assert_int_equal(answer.count, 0);
        fake_ports_free(ports);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes_follow_until_one_finds_nothing),
        cmocka_unit_test(test_a_failure_at_any_point_keeps_the_old_keys),
        cmocka_unit_test(test_cancelled_at_any_point_it_answers_nobody),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
