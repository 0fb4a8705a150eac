/* SPDX-License-Identifier: MIT */
/* Connecting a directory, by consent too, switching auto-sync on and off, and disconnecting. */
#include "story.h"

#include "teamsync/text.h"

struct answer {
    unsigned count;
    struct ts_error err;
    bool is_connected; /* by a consent */
    char org[16];
    char actor[16];
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

#define CLOSED "channels acme;stop c1 res_1;remove c1;"
#define FOUND(state)                                                                               \
    "probe acme;connection acme;store connected;remember " state                                   \
    ">connected connected by token ops;"
#define STORED FOUND("disconnected")
#define LEFT(state)                                                                                \
    "probe acme;connection acme;" ENDED(state, "token ops") CLOSED                                 \
        "unlink acme -;unlink acme 17;store connected;"                                            \
        "remember disconnected>connected connected by token ops;"
#define ENDED(state, by)                                                                           \
    "connection acme;disconnect acme;remember " state ">disconnected disconnected by " by ";"

static void test_a_verified_connection_is_stored_and_still_off(void **state)
{
    (void)state;
    for (unsigned is_admin = 0; is_admin < 2; is_admin++) {
        struct fake_ports *ports = fake_ports_new();
        struct answer answer = {0};

        ports->connection.state = TS_CONNECTION_NONE;
        ports->probe = (struct ts_directory_probe){
            .is_admin = is_admin, .subject = "root@acme", .customer = "C1"};
        (void)ts_connect_start(&ports->env, &wanted, on_answer, &answer);
        fake_run(ports);
        assert_string_equal(fake_transcript(ports), STORED);
        assert_int_equal(answer.count, 1);
        assert_int_equal(answer.err.cls, TS_OK);
        assert_int_equal(ports->stored->may_suspend, is_admin);
        assert_string_equal(ports->stored->connected_by, "token ops");
        assert_string_equal(ports->stored->credentials, wanted.credentials);
        assert_string_equal(ports->stored->subject, "root@acme");
        assert_string_equal(ports->stored->customer, "C1");
        fake_ports_free(ports);
    }
}

static const char *or_none(const char *text)
{
    return text ? text : "-";
}

/* The links stay where the directory is surely the same. */
static void test_connecting_anew(void **state)
{
    static const struct {
        enum ts_connection_state before;
        bool is_leaving;
        const char *customer;
        const char *subject;
        const char *new_customer;
        const char *new_subject;
        const char *transcript;
    } cases[] = {
        {TS_CONNECTION_NONE, false, NULL, NULL, "C1", "a@x.io", STORED},
        {TS_CONNECTION_NONE, true, NULL, NULL, "C1", "a@x.io", LEFT("disconnected")},
        {TS_CONNECTION_CONNECTED, false, "C1", "a@x.io", "C1", "b@y.io", FOUND("connected") CLOSED},
        {TS_CONNECTION_ACTIVE, false, "C1", "a@x.io", "C1", "a@x.io", FOUND("active") CLOSED},
        {TS_CONNECTION_FAILING, false, "C1", "a@x.io", "C1", "a@x.io", FOUND("failing") CLOSED},
        {TS_CONNECTION_ACTIVE, false, "C1", "a@x.io", NULL, "b@X.io", FOUND("active") CLOSED},
        {TS_CONNECTION_ACTIVE, false, NULL, "a@x.io", "C1", "b@x.io", FOUND("active") CLOSED},
        {TS_CONNECTION_ACTIVE, false, "C1", "a@x.io", "C2", "a@x.io", LEFT("active")},
        {TS_CONNECTION_CONNECTED, false, "C1", "a@x.io", NULL, "a@y.io", LEFT("connected")},
        {TS_CONNECTION_FAILING, false, NULL, NULL, "C1", "a@x.io", LEFT("failing")},
    };
    const struct ts_channel channel = {.id = "c1", .org = "acme", .resource_id = "res_1"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct fake_ports *ports = fake_ports_new();
        struct answer answer = {0};
        const char *customer;
        bool keeps_links;

        ports->connection.state = cases[i].before;
        ports->connection.is_leaving = cases[i].is_leaving;
        ports->connection.customer = cases[i].customer;
        ports->connection.subject = cases[i].subject;
        ports->channels = &channel;
        ports->channel_count = 1;
        ports->unlink_parts = 2;
        ports->probe = (struct ts_directory_probe){
            .is_admin = true, .subject = cases[i].new_subject, .customer = cases[i].new_customer};
        (void)ts_connect_start(&ports->env, &wanted, on_answer, &answer);
        fake_run(ports);
        assert_string_equal(fake_transcript(ports), cases[i].transcript);
        assert_int_equal(answer.count, 1);
        assert_int_equal(answer.err.cls, TS_OK);
        keeps_links = !strstr(cases[i].transcript, "unlink");
        customer = cases[i].new_customer;
        if (!customer && keeps_links)
            customer = cases[i].customer; /* whose ids they are */
        assert_string_equal(or_none(ports->stored->revision), keeps_links ? "1" : "-");
        assert_string_equal(or_none(ports->stored->customer), or_none(customer));
        fake_ports_free(ports);
    }
}

static void test_old_channels_that_cannot_be_closed_keep_nobody_from_connecting(void **state)
{
    struct fake_ports *ports = fake_ports_new();
    struct answer answer = {0};

    (void)state;
    (void)ts_connect_start(&ports->env, &wanted, on_answer, &answer);
    assert_true(fake_run_to(ports, "channels"));
    fake_fire_error(ports, TS_RETRY, "redis: no connection");
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.err.cls, TS_OK);
    fake_ports_free(ports);
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
        struct ts_auto_sync auto_sync = {.org = "acme", .is_on = cases[i].enabled, .by = "ops"};

        (void)ts_enable_start(&ports->env, &auto_sync, on_answer, &answer);
        fake_run(ports);
        assert_string_equal(fake_transcript(ports), cases[i].transcript);
        assert_int_equal(answer.count, 1);
        assert_int_equal(answer.err.cls, cases[i].cls);
        if (cases[i].cls == TS_REJECTED)
            assert_string_equal(answer.err.text, "connect a directory first");
        fake_ports_free(ports);
    }
}

static void test_what_was_looked_at_is_switched_on_or_nothing(void **state)
{
    static const struct {
        bool is_on;
        const char *connected_at;
        enum ts_class cls;
    } cases[] = {
        {true, "2025-11-25T10:00:00.000Z", TS_OK},
        {true, "2025-11-25T10:00:00.001Z", TS_REJECTED},
        {true, "x", TS_REJECTED},
        {false, "x", TS_OK},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct fake_ports *ports = fake_ports_new();
        struct answer answer = {0};
        struct ts_auto_sync auto_sync = {.org = "acme",
                                         .is_on = cases[i].is_on,
                                         .connected_at = cases[i].connected_at,
                                         .by = "ops"};

        ports->connection.state = cases[i].is_on ? TS_CONNECTION_CONNECTED : TS_CONNECTION_ACTIVE;
        ports->connection.connected_us = 1764064800000000; /* 2025-11-25, ten o'clock */
        (void)ts_enable_start(&ports->env, &auto_sync, on_answer, &answer);
        fake_run(ports);
        assert_int_equal(answer.err.cls, cases[i].cls);
        if (cases[i].cls == TS_REJECTED) {
            assert_string_equal(fake_transcript(ports), "connection acme;");
            assert_non_null(strstr(answer.err.text, "connected anew"));
        }
        fake_ports_free(ports);
    }
}

static void test_disconnecting_from_any_state(void **state)
{
    const struct ts_channel channels[] = {{.id = "c1", .org = "acme", .resource_id = "res_1"},
                                          {.id = "c2", .org = "acme"}}; /* never answered */

    (void)state;
    for (enum ts_connection_state before = TS_CONNECTION_NONE; before <= TS_CONNECTION_FAILING;
         before++) {
        TS_AUTOFREE char *transcript = ts_format(
            ENDED("%s", "Grace") CLOSED "remove c2;unlink acme -;unlink acme 17;unlink acme 17;",
            ts_connection_state_name(before));
        struct fake_ports *ports = fake_ports_new();
        struct answer answer = {0};

        ports->connection.state = before;
        ports->channels = channels;
        ports->channel_count = 2;
        ports->unlink_parts = 3;
        (void)ts_disconnect_start(&ports->env, "acme", "Grace", on_answer, &answer);
        fake_run(ports);
        assert_string_equal(fake_transcript(ports), transcript);
        assert_int_equal(answer.count, 1);
        assert_int_equal(answer.err.cls, TS_OK);
        fake_ports_free(ports);
    }
}

/* Whatever the directory says about its channels, the rest is done. */
static void test_a_channel_that_cannot_be_stopped_is_forgotten(void **state)
{
    const struct ts_channel channel = {.id = "c1", .org = "acme", .resource_id = "res_1"};

    (void)state;
    for (enum ts_class cls = TS_NOT_FOUND; cls <= TS_INTERNAL; cls++) {
        struct fake_ports *ports = fake_ports_new();
        struct answer answer = {0};

        ports->channels = &channel;
        ports->channel_count = 1;
        (void)ts_disconnect_start(&ports->env, "acme", "Grace", on_answer, &answer);
        assert_true(fake_run_to(ports, "stop"));
        fake_fire_error(ports, cls, "google: no");
        fake_run(ports);
        assert_string_equal(fake_transcript(ports),
                            ENDED("active", "Grace") CLOSED "unlink acme -;");
        assert_int_equal(answer.err.cls, TS_OK);
        fake_ports_free(ports);
    }
}

static void test_credentials_that_do_not_open_can_be_left(void **state)
{
    const struct ts_channel channel = {.id = "c1", .org = "acme", .resource_id = "res_1"};

    (void)state;
    for (unsigned connects = 0; connects < 2; connects++) {
        struct fake_ports *ports = fake_ports_new();
        struct answer answer = {0};

        ports->connection.credentials = NULL;
        ports->opens_not = true;
        ports->channels = &channel;
        ports->channel_count = 1;
        if (connects)
            (void)ts_connect_start(&ports->env, &wanted, on_answer, &answer);
        else
            (void)ts_disconnect_start(&ports->env, "acme", "Grace", on_answer, &answer);
        fake_run(ports);
        assert_string_equal(fake_transcript(ports),
                            connects ? FOUND("active") "channels acme;remove c1;"
                                     : ENDED("active", "Grace") "channels acme;remove c1;"
                                                                "unlink acme -;");
        assert_int_equal(answer.err.cls, TS_OK);
        fake_ports_free(ports);
    }
}

static void on_consented(const struct ts_error *err, const struct ts_consented *how, void *arg)
{
    struct answer *answer = arg;

    on_answer(err, arg);
    answer->is_connected = how->is_connected;
    (void)ts_text_copy(answer->org, sizeof(answer->org), how->org ? how->org : "-");
    (void)ts_text_copy(answer->actor, sizeof(answer->actor), how->actor ? how->actor : "-");
}

static const struct ts_consent_answer consent = {.proof = {.state = "s"}, .code = "c"};
#define REDEEMED "take consent s;redeem c verifier https://sync.example/oauth/google/callback;"

static void test_a_consent_that_is_taken_connects(void **state)
{
    struct fake_ports *ports = fake_ports_new();
    struct answer answer = {0};

    (void)state;
    ports->is_taken = true;
    ports->connection.state = TS_CONNECTION_NONE;
    (void)ts_consent_start(&ports->env, &consent, on_consented, &answer);
    fake_run(ports);
    assert_string_equal(fake_transcript(ports),
                        REDEEMED "probe acme;connection acme;store connected;"
                                 "remember disconnected>connected connected by Grace;");
    assert_int_equal(answer.err.cls, TS_OK);
    assert_true(answer.is_connected);
    assert_string_equal(ports->stored->connected_by, "Grace");
    assert_string_equal(ports->stored->credentials, "{\"refresh_token\":\"r\"}");
    fake_ports_free(ports);
}

static void test_a_consent_of_another_browser_does_nothing_but_tell_whose_it_is(void **state)
{
    struct fake_ports *ports = fake_ports_new();
    struct answer answer = {0};

    (void)state;
    (void)ts_consent_start(&ports->env, &consent, on_consented, &answer);
    fake_run(ports);
    assert_string_equal(fake_transcript(ports), "take consent s;");
    assert_int_equal(answer.err.cls, TS_OK);
    assert_false(answer.is_connected);
    assert_string_equal(answer.org, "acme");
    assert_string_equal(answer.actor, "Grace");
    fake_ports_free(ports);
}

static struct ts_op *start(struct fake_ports *ports, unsigned which, struct answer *answer)
{
    ports->connection.state = which == 1 ? TS_CONNECTION_CONNECTED : TS_CONNECTION_ACTIVE;
    if (which == 0)
        return ts_connect_start(&ports->env, &wanted, on_answer, answer);
    if (which == 3)
        return ts_disconnect_start(&ports->env, "acme", "Grace", on_answer, answer);
    if (which == 4)
        return ts_consent_start(&ports->env, &consent, on_consented, answer);
    return ts_enable_start(&ports->env,
                           &(struct ts_auto_sync){.org = "acme", .is_on = which == 1, .by = "ops"},
                           on_answer, answer);
}

/* It is done: whoever asked for it is not told that it failed. */
static void test_what_the_history_does_not_take_is_done_all_the_same(void **state)
{
    (void)state;
    for (unsigned which = 0; which < 5; which++) {
        struct fake_ports *ports = fake_ports_new();
        struct answer answer = {0};

        ports->is_taken = true;
        (void)start(ports, which, &answer);
        assert_true(fake_run_to(ports, "remember"));
        fake_fire_error(ports, TS_RETRY, "redis: no connection");
        fake_run(ports);
        assert_int_equal(answer.count, 1);
        assert_int_equal(answer.err.cls, TS_OK);
        fake_ports_free(ports);
    }
}

/* The closing of old channels is all that may fail without a word. */
static void test_any_error_is_handed_on_once_and_any_step_can_be_cancelled(void **state)
{
    unsigned tried = 0;

    (void)state;
    for (unsigned which = 0; which < 5; which++) {
        for (unsigned at = 0; at < 9; at++) {
            for (enum ts_class cls = TS_OK; cls <= TS_INTERNAL; cls++) {
                struct fake_ports *ports = fake_ports_new();
                struct answer answer = {0};
                struct ts_op *op;
                bool is_last;

                ports->is_taken = true;
                op = start(ports, which, &answer);
                for (unsigned i = 0; i < at && fake_held(ports) > 0; i++)
                    fake_fire(ports);
                is_last = fake_held(ports) > 0 && ports->stored &&
                          strcmp(fake_next(ports), "channels") == 0;
                if (cls != TS_OK && ts_text_equal(fake_next(ports), "remember")) {
                    ts_op_cancel(&op); /* an error there is none of the flow's */
                } else if (fake_held(ports) > 0 && cls == TS_OK) {
                    ts_op_cancel(&op);
                    assert_int_equal(answer.count, 0);
                } else if (fake_held(ports) > 0) {
                    fake_fire_error(ports, cls, "trouble");
                    assert_int_equal(answer.count, 1);
                    assert_int_equal(answer.err.cls, is_last ? TS_OK : cls);
                    tried++;
                }
                assert_int_equal(fake_held(ports), 0);
                fake_ports_free(ports);
            }
        }
    }
    assert_int_equal(tried, (4 + 4 + 3 + 4 + 6) * 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_verified_connection_is_stored_and_still_off),
        cmocka_unit_test(test_what_cannot_be_verified_is_not_stored),
        cmocka_unit_test(test_auto_sync_is_switched_by_the_state_it_finds),
        cmocka_unit_test(test_what_was_looked_at_is_switched_on_or_nothing),
        cmocka_unit_test(test_what_the_history_does_not_take_is_done_all_the_same),
        cmocka_unit_test(test_connecting_anew),
        cmocka_unit_test(test_old_channels_that_cannot_be_closed_keep_nobody_from_connecting),
        cmocka_unit_test(test_disconnecting_from_any_state),
        cmocka_unit_test(test_a_channel_that_cannot_be_stopped_is_forgotten),
        cmocka_unit_test(test_credentials_that_do_not_open_can_be_left),
        cmocka_unit_test(test_a_consent_that_is_taken_connects),
        cmocka_unit_test(test_a_consent_of_another_browser_does_nothing_but_tell_whose_it_is),
        cmocka_unit_test(test_any_error_is_handed_on_once_and_any_step_can_be_cancelled),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
