/* SPDX-License-Identifier: MIT */
/* Two daemons, one key file, one Redis: the key that seals is rotated, and nothing is lost. */
#include "registry_bench.h"

static void on_key(const struct ts_error *err, const char *mark, void *arg)
{
    (void)arg;
    answered(err);
    ANSWER("%s", mark ? mark : "");
}

static void on_resealed(const struct ts_error *err, enum ts_resealed how, void *arg)
{
    static const char *const words[] = {"now", "before", "overtaken", "never"};

    (void)arg;
    answered(err);
    ANSWER("%s", words[how]);
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    (void)arg;
    answered(err);
    ANSWER("%s", connection && connection->credentials ? connection->credentials : "");
}

static void connect_org(struct bench_daemon *daemon, const char *org, const char *credentials)
{
    struct ts_connection connection = {.org = org,
                                       .provider = "google-workspace",
                                       .state = TS_CONNECTION_CONNECTED,
                                       .credentials = credentials};
    TS_AUTOFREE char *revision =
        test_redis_cli(server, "HGET teamsync:connection:%s revision", org);

    connection.revision = revision;
    await_answer(
        daemon->registry->ops->put_connection(daemon->registry, &connection, on_done, NULL));
}

static const char *credentials_of(struct bench_daemon *daemon, const char *org)
{
    await_answer(daemon->registry->ops->get_connection(daemon->registry, org, on_connection, NULL));
    return bench.text.data;
}

static char *add_key(struct bench_daemon *daemon)
{
    await_answer(daemon->registry->ops->add_key(daemon->registry, on_key, NULL));
    return ts_strdup(bench.text.data);
}

static const char *reseal(struct bench_daemon *daemon, const char *org)
{
    await_answer(daemon->registry->ops->reseal(daemon->registry, org, on_resealed, NULL));
    return bench.text.data;
}

static enum ts_class keep_key(struct bench_daemon *daemon, const char *mark)
{
    await_answer(daemon->registry->ops->keep_key(daemon->registry, mark, on_done, NULL));
    return bench.err.cls;
}

static void test_what_was_sealed_opens_before_during_and_after(void **state)
{
    TS_AUTOFREE char *mark = NULL;
    TS_AUTOFREE char *revision = NULL;

    (void)state;
    create_org("acme");
    connect_org(&bench.one, "acme", "secret");
    revision = test_redis_cli(server, "HGET teamsync:connection:acme revision");
    mark = add_key(&bench.one);
    assert_string_equal(credentials_of(&bench.one, "acme"), "secret");
    assert_string_equal(credentials_of(&bench.two, "acme"), "secret");
    assert_string_equal(reseal(&bench.one, "acme"), "now");
    assert_string_equal(reseal(&bench.one, "acme"), "before");
    assert_string_equal(reseal(&bench.one, "nowhere"), "before");
    assert_string_equal(credentials_of(&bench.two, "acme"), "secret");
    assert_int_equal(keep_key(&bench.one, mark), TS_OK);
    assert_string_equal(credentials_of(&bench.one, "acme"), "secret");
    assert_string_equal(credentials_of(&bench.two, "acme"), "secret");
    ASSERT_REDIS(revision, "HGET teamsync:connection:acme revision");
}

/* A daemon that sealed before the rotation, and whose write comes after its beginning. */
static void test_nothing_comes_late_under_a_key_that_goes(void **state)
{
    struct ts_connection late = {
        .org = "acme", .provider = "google-workspace", .credentials = "late"};
    TS_AUTOFREE char *revision = NULL;
    char mark[TS_SEAL_MARK_TEXT];
    struct ts_op *op;

    (void)state;
    create_org("acme");
    connect_org(&bench.one, "acme", "secret");
    revision = test_redis_cli(server, "HGET teamsync:connection:acme revision");
    late.revision = revision;
    op = bench.two.registry->ops->put_connection(bench.two.registry, &late, on_done, NULL);
    assert_int_equal(ts_seal_add_key(bench.one.seal, mark), 0); /* nothing was sent yet */
    free(test_redis_cli(server, "SET teamsync:sealing_key %s", mark));
    await_answer(op);
    assert_int_equal(bench.err.cls, TS_RETRY);
    assert_string_equal(credentials_of(&bench.two, "acme"), "secret");
    connect_org(&bench.two, "acme", "late");
    assert_int_equal(bench.err.cls, TS_OK);
    assert_string_equal(reseal(&bench.one, "acme"), "before");
}

static void test_who_does_not_know_the_key_in_use_stores_nothing(void **state)
{
    (void)state;
    create_org("acme");
    connect_org(&bench.one, "acme", "secret");
    redis_does("SET teamsync:sealing_key 0123456789abcdef"); /* another host's rotation */
    connect_org(&bench.two, "acme", "late");
    assert_int_equal(bench.err.cls, TS_RETRY);
    assert_string_equal(credentials_of(&bench.one, "acme"), "secret");
    free(add_key(&bench.two)); /* a rotation mends it */
    connect_org(&bench.two, "acme", "late");
    assert_int_equal(bench.err.cls, TS_OK);
    connect_org(&bench.one, "acme", "later");
    assert_int_equal(bench.err.cls, TS_OK);
    assert_string_equal(credentials_of(&bench.one, "acme"), "later");
}

static void test_of_two_rotations_at_once_the_earlier_drops_nothing(void **state)
{
    TS_AUTOFREE char *first = NULL;
    TS_AUTOFREE char *second = NULL;

    (void)state;
    create_org("acme");
    connect_org(&bench.one, "acme", "secret");
    first = add_key(&bench.one);
    assert_string_equal(reseal(&bench.one, "acme"), "now");
    second = add_key(&bench.two);
    assert_int_equal(keep_key(&bench.one, first), TS_REJECTED);
    assert_string_equal(credentials_of(&bench.one, "acme"), "secret");
    assert_string_equal(reseal(&bench.two, "acme"), "now");
    assert_int_equal(keep_key(&bench.two, second), TS_OK);
    assert_string_equal(credentials_of(&bench.one, "acme"), "secret");
}

/* A connection is made anew between the reading and the writing. */
static void test_what_was_put_meanwhile_is_not_overwritten(void **state)
{
    struct ts_registry *registry = bench.one.registry;
    TS_AUTOFREE char *meanwhile = NULL;
    struct ts_op *op;

    (void)state;
    create_org("acme");
    connect_org(&bench.one, "acme", "secret");
    free(add_key(&bench.one));
    meanwhile = ts_seal_text(bench.two.seal, "acme", "meanwhile");
    op = registry->ops->reseal(registry, "acme", on_resealed, NULL);
    ts_loop_turn(bench.loop, 0); /* it has asked, and has not heard */
    free(test_redis_cli(server, "HSET teamsync:connection:acme credentials %s", meanwhile));
    await_answer(op);
    assert_string_equal(bench.text.data, "overtaken");
    assert_string_equal(credentials_of(&bench.one, "acme"), "meanwhile");
}

/* Redis forgot that there was a rotation: the old keys stay. */
static void test_a_redis_that_lost_its_memory_loses_no_key(void **state)
{
    TS_AUTOFREE char *mark = NULL;

    (void)state;
    mark = add_key(&bench.one);
    redis_does("DEL teamsync:sealing_key");
    assert_int_equal(keep_key(&bench.one, mark), TS_REJECTED);
}

static void test_what_no_key_opens_is_told_and_left_alone(void **state)
{
    TS_AUTOFREE char *moved = NULL;

    (void)state;
    create_org("acme");
    create_org("other");
    connect_org(&bench.one, "acme", "secret");
    moved = test_redis_cli(server, "HGET teamsync:connection:acme credentials");
    free(test_redis_cli(server, "HSET teamsync:connection:other credentials %s", moved));
    free(add_key(&bench.one));
    assert_string_equal(reseal(&bench.one, "other"), "never");
    ASSERT_REDIS(moved, "HGET teamsync:connection:other credentials");
    (void)credentials_of(&bench.one, "other");
    assert_int_equal(bench.err.cls, TS_INTERNAL);
}

static void test_without_redis_no_key_is_made(void **state)
{
    TS_AUTOFREE char *before = ts_seal_marks(bench.one.seal);
    TS_AUTOFREE char *after = NULL;

    (void)state;
    test_redis_kill(server);
    assert_true(TEST_WAIT(bench.loop, !ts_redis_is_up(bench.one.redis)));
    free(add_key(&bench.one));
    assert_int_equal(bench.err.cls, TS_RETRY);
    after = ts_seal_marks(bench.one.seal);
    assert_string_equal(before, after);
    test_redis_restart(server);
}

static void test_a_cancelled_step_answers_nobody(void **state)
{
    struct ts_registry *registry = bench.one.registry;
    struct ts_op *ops[3];
    size_t before = bench.answers;

    (void)state;
    ops[0] = registry->ops->add_key(registry, on_key, NULL);
    ops[1] = registry->ops->reseal(registry, "acme", on_resealed, NULL);
    ops[2] = registry->ops->keep_key(registry, "mark", on_done, NULL);
    for (size_t i = 0; i < TS_COUNT_OF(ops); i++)
        ts_op_cancel(&ops[i]);
    create_org("acme"); /* comes after them on the same link */
    assert_int_equal(bench.answers, before + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_what_was_sealed_opens_before_during_and_after),
        BENCH_TEST(test_nothing_comes_late_under_a_key_that_goes),
        BENCH_TEST(test_who_does_not_know_the_key_in_use_stores_nothing),
        BENCH_TEST(test_of_two_rotations_at_once_the_earlier_drops_nothing),
        BENCH_TEST(test_what_was_put_meanwhile_is_not_overwritten),
        BENCH_TEST(test_a_redis_that_lost_its_memory_loses_no_key),
        BENCH_TEST(test_what_no_key_opens_is_told_and_left_alone),
        BENCH_TEST(test_without_redis_no_key_is_made),
        BENCH_TEST(test_a_cancelled_step_answers_nobody),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
