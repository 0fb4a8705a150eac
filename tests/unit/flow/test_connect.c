/* SPDX-License-Identifier: MIT */
/* Connecting a directory, and switching auto-sync on and off. */
#include "story.h"

#include "teamsync/text.h"

struct answer {
    unsigned count;
    struct ts_error err;
};

static void on_answer(const struct ts_error *err, void *arg)
{
    struct answer *answer = arg;

    answer->count++;
    answer->err = *err;
}

static const struct ts_connection wanted = {
    .org = "acme",
    .provider = "google-workspace",
    .credentials = "{\"type\":\"service_account\"}",
    .connected_by = "token ops",
};

static void test_a_verified_connection_is_stored_and_still_off(void **state)
{
    (void)state;
    for (unsigned is_admin = 0; is_admin < 2; is_admin++) {
        struct fake_ports *ports = fake_ports_new();
        struct answer answer = {0};

        ports->probe = (struct ts_directory_probe){.is_admin = is_admin, .subject = "root@acme"};
        (void)ts_connect_start(&ports->env, &wanted, on_answer, &answer);
        fake_run(ports);
        assert_string_equal(fake_transcript(ports), "probe acme;store connected;"
                                                    "remember ->connected connected by token ops;");
        assert_int_equal(answer.count, 1);
        assert_int_equal(answer.err.cls, TS_OK);
        assert_int_equal(ports->stored->may_suspend, is_admin);
        assert_string_equal(ports->stored->connected_by, "token ops");
        assert_string_equal(ports->stored->credentials, wanted.credentials);
        assert_true(ports->stored->connected_us > 0);
        fake_ports_free(ports);
    }
}

static void test_what_cannot_be_verified_is_not_stored(void **state)
{
    (void)state;
    for (enum ts_class cls = TS_NOT_FOUND; cls <= TS_INTERNAL; cls++) {
        struct fake_ports *ports = fake_ports_new();
        struct answer answer = {0};

        (void)ts_connect_start(&ports->env, &wanted, on_answer, &answer);
        fake_fire_error(ports, cls, "the key is not valid");
        assert_string_equal(fake_transcript(ports), "probe acme;");
        assert_int_equal(answer.count, 1);
        assert_int_equal(answer.err.cls, cls);
        assert_string_equal(answer.err.text, "the key is not valid");
        assert_int_equal(fake_held(ports), 0);
        fake_ports_free(ports);
    }
}

#define QUEUED "enqueue channels enabled;enqueue resync enabled;"

static void test_auto_sync_is_switched_by_the_state_it_finds(void **state)
{
    static const struct {
        enum ts_connection_state before;
        bool enabled;
        enum ts_class cls;
        const char *transcript;
    } cases[] = {
        {TS_CONNECTION_NONE, true, TS_REJECTED, "connection acme;"},
        {TS_CONNECTION_CONNECTED, true, TS_OK,
         "connection acme;move 2 active;"
         "remember connected>active auto-sync enabled by ops;" QUEUED},
        {TS_CONNECTION_ACTIVE, true, TS_OK, "connection acme;" QUEUED},
        {TS_CONNECTION_FAILING, true, TS_OK, "connection acme;" QUEUED},
        {TS_CONNECTION_NONE, false, TS_OK, "connection acme;enqueue channels disabled;"},
        {TS_CONNECTION_CONNECTED, false, TS_OK, "connection acme;enqueue channels disabled;"},
        {TS_CONNECTION_ACTIVE, false, TS_OK,
         "connection acme;move c connected;"
         "remember active>connected auto-sync disabled by ops;enqueue channels disabled;"},
        {TS_CONNECTION_FAILING, false, TS_OK,
         "connection acme;move c connected;"
         "remember failing>connected auto-sync disabled by ops;enqueue channels disabled;"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct fake_ports *ports = fake_ports_new();
        struct answer answer = {0};

        ports->connection.state = cases[i].before;
        (void)ts_enable_start(&ports->env, "acme", cases[i].enabled, "ops", on_answer, &answer);
        fake_run(ports);
        assert_string_equal(fake_transcript(ports), cases[i].transcript);
        assert_int_equal(answer.count, 1);
        assert_int_equal(answer.err.cls, cases[i].cls);
        if (cases[i].cls == TS_REJECTED)
            assert_string_equal(answer.err.text, "connect a directory first");
        fake_ports_free(ports);
    }
}

static struct ts_op *start(struct fake_ports *ports, unsigned which, struct answer *answer)
{
    ports->connection.state = which == 1 ? TS_CONNECTION_CONNECTED : TS_CONNECTION_ACTIVE;
    if (which == 0)
        return ts_connect_start(&ports->env, &wanted, on_answer, answer);
    return ts_enable_start(&ports->env, "acme", which == 1, "ops", on_answer, answer);
}

/* It is done: whoever asked for it is not told that it failed. */
static void test_what_the_history_does_not_take_is_done_all_the_same(void **state)
{
    (void)state;
    for (unsigned which = 0; which < 3; which++) {
        struct fake_ports *ports = fake_ports_new();
        struct answer answer = {0};

        (void)start(ports, which, &answer);
        assert_true(fake_run_to(ports, "remember"));
        fake_fire_error(ports, TS_RETRY, "redis: no connection");
        fake_run(ports);
        assert_int_equal(answer.count, 1);
        assert_int_equal(answer.err.cls, TS_OK);
        fake_ports_free(ports);
    }
}

static void test_any_error_is_handed_on_once_and_any_step_can_be_cancelled(void **state)
{
    unsigned tried = 0;

    (void)state;
    for (unsigned which = 0; which < 3; which++) {
        for (unsigned at = 0; at < 5; at++) {
            for (enum ts_class cls = TS_OK; cls <= TS_INTERNAL; cls++) {
                struct fake_ports *ports = fake_ports_new();
                struct answer answer = {0};
                struct ts_op *op = start(ports, which, &answer);

                for (unsigned i = 0; i < at && fake_held(ports) > 0; i++)
                    fake_fire(ports);
                if (cls != TS_OK && ts_text_equal(fake_next(ports), "remember")) {
                    ts_op_cancel(&op); /* an error there is none of the flow's */
                } else if (fake_held(ports) > 0 && cls == TS_OK) {
                    ts_op_cancel(&op);
                    assert_int_equal(answer.count, 0);
                } else if (fake_held(ports) > 0) {
                    fake_fire_error(ports, cls, "trouble");
                    assert_int_equal(answer.count, 1);
                    assert_int_equal(answer.err.cls, cls);
                    tried++;
                }
                assert_int_equal(fake_held(ports), 0);
                fake_ports_free(ports);
            }
        }
    }
    assert_int_equal(tried, (2 + 4 + 3) * 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_verified_connection_is_stored_and_still_off),
        cmocka_unit_test(test_what_cannot_be_verified_is_not_stored),
        cmocka_unit_test(test_auto_sync_is_switched_by_the_state_it_finds),
        cmocka_unit_test(test_what_the_history_does_not_take_is_done_all_the_same),
        cmocka_unit_test(test_any_error_is_handed_on_once_and_any_step_can_be_cancelled),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
