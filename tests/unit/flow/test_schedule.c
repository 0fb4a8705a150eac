/* SPDX-License-Identifier: MIT */
/* The timers every enabled org has. */
#include "story.h"

#define TIMERS "keep resync then timer schedule;keep channels then timer renew;"

static const struct ts_org orgs[] = {{.id = "acme"}, {.id = "beta"}};

struct round {
    struct fake_ports *ports;
    struct ts_op *schedule;
};

static struct round start(void)
{
    struct round round = {.ports = fake_ports_new()};

    round.ports->orgs = orgs;
    round.ports->org_count = TS_COUNT_OF(orgs);
    round.schedule = ts_schedule_start(&round.ports->env);
    return round;
}

static void end(struct round *round)
{
    ts_op_cancel(&round->schedule);
    assert_int_equal(fake_held(round->ports), 0);
    fake_ports_free(round->ports);
}

static void test_every_enabled_org_has_its_timers(void **state)
{
    struct round round = start();

    (void)state;
    assert_true(fake_run_to(round.ports, "pause"));
    assert_string_equal(fake_transcript(round.ports),
                        "orgs;connection acme;" TIMERS "orgs after acme;connection beta;" TIMERS
                        "pause;");
    assert_int_equal(round.ports->pause_ms, 3600000);
    end(&round);
}

static void test_the_rounds_go_on_for_ever(void **state)
{
    struct round round = start();

    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_true(fake_run_to(round.ports, "pause"));
        fake_fire(round.ports);
        assert_string_equal(fake_next(round.ports), "orgs");
    }
    end(&round);
}

static void test_not_enabled_means_no_timers(void **state)
{
    struct round round = start();

    (void)state;
    round.ports->connection.state = TS_CONNECTION_CONNECTED;
    assert_true(fake_run_to(round.ports, "pause"));
    assert_string_equal(fake_transcript(round.ports),
                        "orgs;connection acme;orgs after acme;connection beta;pause;");
    end(&round);
}

static void test_the_times_are_those_that_were_set_before(void **state)
{
    struct round round = start();

    (void)state;
    round.ports->connection.next_resync_us = ts_wall_us() + 10000ull * 1000000;
    round.ports->connection.channel_until_us = ts_wall_us() + 20000ull * 1000000;
    assert_true(fake_run_to(round.ports, "keep"));
    assert_in_range(round.ports->later_ms, 9990000, 10000000);
    fake_fire(round.ports);
    assert_in_range(round.ports->later_ms, 14990000, 15000000);
    end(&round);
}

/* As when this machine's clock was ahead as they were set, or is behind now. */
static void test_a_clock_that_is_behind_delays_no_timer(void **state)
{
    struct round round = start();
    uint64_t far_us = ts_wall_us() + 10ull * 365 * 86400 * 1000000;

    (void)state;
    round.ports->connection.next_resync_us = far_us;
    round.ports->connection.channel_until_us = far_us;
    assert_true(fake_run_to(round.ports, "keep"));
    assert_int_equal(round.ports->later_ms, round.ports->env.resync_interval_s * 1100ull);
    fake_fire(round.ports);
    assert_int_equal(round.ports->later_ms, round.ports->env.channel_ttl_s * 750ull);
    end(&round);
}

static void test_what_is_overdue_waits_a_little_for_it_may_be_running(void **state)
{
    struct round round = start();

    (void)state;
    round.ports->connection.next_resync_us = ts_wall_us() - 1000000;
    assert_true(fake_run_to(round.ports, "keep"));
    assert_in_range(round.ports->later_ms, 900000, 1800000);
    end(&round);
}

static void test_trouble_is_waited_out(void **state)
{
    static const char *const words[] = {"orgs", "connection", "keep"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(words); i++) {
        struct round round = start();

        assert_true(fake_run_to(round.ports, words[i]));
        fake_fire_error(round.ports, TS_RETRY, "Redis is away");
        assert_string_equal(fake_next(round.ports), "pause");
        assert_int_equal(round.ports->pause_ms, 60000);
        end(&round);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_enabled_org_has_its_timers),
        cmocka_unit_test(test_the_rounds_go_on_for_ever),
        cmocka_unit_test(test_not_enabled_means_no_timers),
        cmocka_unit_test(test_the_times_are_those_that_were_set_before),
        cmocka_unit_test(test_a_clock_that_is_behind_delays_no_timer),
        cmocka_unit_test(test_what_is_overdue_waits_a_little_for_it_may_be_running),
        cmocka_unit_test(test_trouble_is_waited_out),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
