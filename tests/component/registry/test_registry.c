/* SPDX-License-Identifier: MIT */
/* Connections and consents on a Redis of the test's own: what is refused, what happens once, and
 * that no secret is readable. */
#include "support/own_redis.h"
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/mem.h"
#include "teamsync/redis.h"
#include "teamsync/registry.h"
#include "teamsync/seal.h"
#include "teamsync/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct world {
    struct ts_loop *loop;
    struct ts_redis *redis;
    struct ts_seal *seal;
    struct ts_registry *registry;
    char key_file[64];
    size_t answers;
    struct ts_error err;
    struct ts_connection *connection;
    char consent[200]; /* "org actor verifier admin taken" */
} w;

static void on_done(const struct ts_error *err, void *arg)
{
    (void)arg;
    w.answers++;
    w.err = *err;
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    on_done(err, arg);
    ts_connection_free(w.connection);
    w.connection = ts_connection_dup(connection);
}

static void on_consent(const struct ts_error *err, const struct ts_consent *consent, bool is_taken,
                       void *arg)
{
    on_done(err, arg);
    w.consent[0] = '\0';
    if (consent)
        (void)snprintf(w.consent, sizeof(w.consent), "%s %s %s%s%s", consent->org, consent->actor,
                       consent->verifier, consent->is_by_admin ? " admin" : "",
                       is_taken ? " taken" : "");
}

static enum ts_class await_answer(struct ts_op *op)
{
    size_t before = w.answers;

    assert_non_null(op);
    assert_true(TEST_WAIT(w.loop, w.answers > before));
    assert_int_equal(w.answers, before + 1);
    return w.err.cls;
}

static const struct ts_connection wanted = {
    .org = "acme",
    .provider = "google-workspace",
    .state = TS_CONNECTION_CONNECTED,
    .credentials = "{\"secret\":\"hush\"}",
    .connected_by = "Grace",
    .subject = "root@acme.example",
    .customer = "C1",
};

static enum ts_class put_over(const char *revision)
{
    struct ts_connection connection = wanted;

    connection.revision = revision;
    return await_answer(w.registry->ops->put_connection(w.registry, &connection, on_done, NULL));
}

static const struct ts_connection *look(void)
{
    assert_int_equal(
        await_answer(w.registry->ops->get_connection(w.registry, "acme", on_connection, NULL)),
        TS_OK);
    return w.connection;
}

/* In the place of what is there. */
static enum ts_class put(void)
{
    return put_over(look()->revision);
}

static enum ts_class disconnect(void)
{
    return await_answer(w.registry->ops->disconnect(w.registry, "acme", on_done, NULL));
}

/* --- orgs --- */

static void on_org(const struct ts_error *err, const struct ts_org *org, void *arg)
{
    (void)org;
    on_done(err, arg);
}

static enum ts_class update(const struct ts_org *before, const struct ts_org *org)
{
    return await_answer(w.registry->ops->update_org(w.registry, before, org, on_org, NULL));
}

static void test_two_who_change_an_org_at_once_take_nothing_back(void **state)
{
    const struct ts_org before = {.id = "acme",
                                  .name = "Acme",
                                  .team_from = "department",
                                  .invites_since_us = 7,
                                  .invite_role = "member"};
    struct ts_org is_off = before;
    struct ts_org is_renamed = before;

    (void)state;
    free(test_redis_cli(server, "HSET teamsync:org:acme name Acme invites_since_us 7"));
    is_off.invites_since_us = 0;
    is_renamed.name = "New";
    assert_int_equal(update(&before, &is_off), TS_OK);
    assert_int_equal(update(&before, &is_renamed), TS_OK);
    ASSERT_REDIS("New\n0", "HMGET teamsync:org:acme name invites_since_us");
    assert_int_equal(update(&before, &before), TS_OK);
}

/* --- connections --- */

static void test_a_connection_is_stored_sealed_and_read_back(void **state)
{
    (void)state;
    assert_int_equal(put(), TS_OK);
    assert_int_equal(look()->state, TS_CONNECTION_CONNECTED);
    assert_string_equal(w.connection->credentials, wanted.credentials);
    assert_string_equal(w.connection->connected_by, "Grace");
    assert_string_equal(w.connection->subject, "root@acme.example");
    assert_string_equal(w.connection->customer, "C1");
    assert_false(w.connection->may_suspend);
    assert_true(w.connection->connected_us > 0);
    TS_AUTOFREE char *stored = test_redis_cli(server, "HGETALL teamsync:connection:acme");

    assert_null(strstr(stored, "hush"));
}

static void test_credentials_that_do_not_open_come_with_the_rest(void **state)
{
    (void)state;
    assert_int_equal(put(), TS_OK);
    free(test_redis_cli(server, "HSET teamsync:connection:acme credentials v1.AAAA"));
    assert_int_equal(
        await_answer(w.registry->ops->get_connection(w.registry, "acme", on_connection, NULL)),
        TS_INTERNAL);
    assert_non_null(w.connection);
    assert_null(w.connection->credentials);
    assert_string_equal(w.connection->customer, "C1");
    assert_int_equal(
        await_answer(w.registry->ops->get_connection(w.registry, "nobody", on_connection, NULL)),
        TS_NOT_FOUND);
    assert_null(w.connection);
}

static void test_disconnected_nothing_is_left_but_that_it_is_leaving(void **state)
{
    (void)state;
    assert_int_equal(put(), TS_OK);
    free(test_redis_cli(server, "HSET teamsync:lease:acme fence 7"));
    assert_int_equal(disconnect(), TS_OK);
    ASSERT_REDIS("state\ndisconnected\nleaving\n1", "HGETALL teamsync:connection:acme");
    ASSERT_REDIS("0", "EXISTS teamsync:lease:acme");
    assert_true(look()->is_leaving);
    assert_int_equal(put(), TS_RETRY); /* its links would be believed */
    assert_int_equal(look()->state, TS_CONNECTION_NONE);
    free(test_redis_cli(server, "HDEL teamsync:connection:acme leaving"));
    assert_int_equal(put(), TS_OK);
}

static void test_a_connection_that_was_not_seen_is_not_replaced(void **state)
{
    TS_AUTOFREE char *first = NULL;
    TS_AUTOFREE char *second = NULL;

    (void)state;
    assert_int_equal(put_over(NULL), TS_OK);
    first = ts_strdup(look()->revision);
    assert_int_equal(put_over(NULL), TS_RETRY); /* that there is none was seen before */
    assert_string_equal(look()->revision, first);
    assert_int_equal(put_over(first), TS_OK);
    second = ts_strdup(look()->revision);
    assert_int_equal(put_over(first), TS_RETRY);
    assert_string_equal(look()->revision, second);
}

static enum ts_class note_account(const char *revision)
{
    struct ts_connection known = {.org = "acme",
                                  .revision = revision,
                                  .subject = "new@acme.example",
                                  .customer = "C2",
                                  .may_suspend = true};

    return await_answer(w.registry->ops->note_account(w.registry, &known, on_done, NULL));
}

static enum ts_class put_channel(const char *revision)
{
    const struct ts_channel channel = {.id = "c1", .org = "acme", .expiration_us = UINT32_MAX};

    return await_answer(
        w.registry->ops->put_channel(w.registry, &channel, revision, on_done, NULL));
}

static void test_what_is_found_out_about_another_revision_is_dropped(void **state)
{
    TS_AUTOFREE char *old = NULL;

    (void)state;
    assert_int_equal(put(), TS_OK);
    old = ts_strdup(look()->revision);
    assert_int_equal(put(), TS_OK);
    assert_int_equal(note_account(old), TS_REJECTED);
    assert_int_equal(put_channel(old), TS_REJECTED);
    ASSERT_REDIS("0", "EXISTS teamsync:channel:c1 teamsync:channels:acme");
    assert_false(look()->may_suspend);
    assert_int_equal(note_account(w.connection->revision), TS_OK);
    assert_true(look()->may_suspend);
    assert_string_equal(w.connection->subject, "new@acme.example");
    assert_string_equal(w.connection->customer, "C2");
    assert_int_equal(put_channel(w.connection->revision), TS_REJECTED); /* auto-sync is off */
    ASSERT_REDIS("0", "EXISTS teamsync:channel:c1 teamsync:channels:acme");
    free(test_redis_cli(server, "HSET teamsync:connection:acme state failing"));
    assert_int_equal(put_channel(w.connection->revision), TS_OK);
    assert_int_equal(disconnect(), TS_OK);
    assert_int_equal(put_channel(old), TS_REJECTED);
    assert_int_equal(note_account(old), TS_REJECTED);
    ASSERT_REDIS("state\ndisconnected\nleaving\n1", "HGETALL teamsync:connection:acme");
}

static void test_times_are_noted_while_auto_sync_is_on(void **state)
{
    struct ts_registry *registry = w.registry;

    (void)state;
    assert_int_equal(put(), TS_OK);
    free(test_redis_cli(server, "HSET teamsync:connection:acme state active"));
    assert_int_equal(await_answer(registry->ops->note_push(registry, "acme", on_done, NULL)),
                     TS_OK);
    assert_int_equal(await_answer(registry->ops->note_channel(registry, "acme", 7, on_done, NULL)),
                     TS_OK);
    assert_true(look()->last_push_us > 0);
    assert_int_equal(w.connection->channel_until_us, 7);
    assert_int_equal(disconnect(), TS_OK);
    assert_int_equal(await_answer(registry->ops->note_push(registry, "acme", on_done, NULL)),
                     TS_OK);
    assert_int_equal(await_answer(registry->ops->note_channel(registry, "acme", 7, on_done, NULL)),
                     TS_OK);
    ASSERT_REDIS("state\ndisconnected\nleaving\n1", "HGETALL teamsync:connection:acme");
}

static enum ts_class trouble(enum ts_trouble which, const char *text, const char *code)
{
    struct ts_failure why = {text, code};

    return await_answer(
        w.registry->ops->set_trouble(w.registry, "acme", which, text ? &why : NULL, on_done, NULL));
}

static void test_a_trouble_comes_and_goes_with_its_code(void **state)
{
    (void)state;
    assert_int_equal(put(), TS_OK);
    assert_int_equal(trouble(TS_TROUBLE_REFUSED, "no", "c"), TS_REJECTED); /* it is off */
    free(test_redis_cli(server, "HSET teamsync:connection:acme state active"));
    assert_int_equal(trouble(TS_TROUBLE_DEAF, "deaf", NULL), TS_OK);
    assert_string_equal(ts_connection_failure(look()).text, "deaf");
    assert_null(ts_connection_failure(w.connection).code);
    assert_int_equal(trouble(TS_TROUBLE_REFUSED, "no", "scope_missing"), TS_OK);
    assert_string_equal(ts_connection_failure(look()).text, "no");
    assert_string_equal(ts_connection_failure(w.connection).code, "scope_missing");
    assert_int_equal(trouble(TS_TROUBLE_REFUSED, NULL, NULL), TS_OK);
    assert_string_equal(ts_connection_failure(look()).text, "deaf");
    assert_int_equal(trouble(TS_TROUBLE_DEAF, NULL, NULL), TS_OK);
    assert_null(ts_connection_failure(look()).text);
    assert_null(ts_connection_failure(w.connection).code);
    assert_int_equal(w.connection->state, TS_CONNECTION_ACTIVE);
}

/* --- consents --- */

static void begin(const char *state, const char *browser, bool is_by_admin)
{
    struct ts_consent_proof proof = {.state = state, .browser = browser};
    struct ts_consent consent = {
        .org = "acme", .actor = "Grace", .verifier = "hush", .is_by_admin = is_by_admin};

    assert_int_equal(
        await_answer(w.registry->ops->put_consent(w.registry, &proof, &consent, on_done, NULL)),
        TS_OK);
}

static const char *take(const char *state, const char *browser, bool insists)
{
    struct ts_consent_proof proof = {.state = state, .browser = browser, .insists = insists};
    enum ts_class cls =
        await_answer(w.registry->ops->take_consent(w.registry, &proof, on_consent, NULL));

    assert_true(cls == TS_OK || cls == TS_NOT_FOUND);
    return w.consent;
}

static void test_a_consent_is_taken_once_by_who_began_it(void **state)
{
    (void)state;
    begin("s1", "b1", false);
    begin("s2", "b2", false);
    assert_string_equal(take("s0", "b1", true), "");
    assert_string_equal(take("s1", NULL, false), "acme Grace hush");
    assert_string_equal(take("s1", "", false), "acme Grace hush");
    assert_string_equal(take("s1", "b2", false), "acme Grace hush");
    assert_string_equal(take("s1", "b1", false), "acme Grace hush taken");
    assert_string_equal(take("s1", "b1", false), "");
    assert_string_equal(take("s1", "b1", true), "");
    assert_string_equal(take("s2", NULL, true), "acme Grace hush taken");
    assert_string_equal(take("s2", "b2", false), "");
}

static void test_the_admin_sockets_consent_needs_no_browser(void **state)
{
    (void)state;
    begin("s1", "b1", true);
    assert_string_equal(take("s1", NULL, false), "acme Grace hush admin taken");
    assert_string_equal(take("s1", NULL, false), "");
}

static void test_a_consent_is_kept_for_ten_minutes_and_unreadable(void **state)
{
    uint64_t life_ms = 0;

    (void)state;
    begin("the-state", "the-browser", false);
    TS_AUTOFREE char *key = test_redis_cli(server, "KEYS \"teamsync:consent:*\"");
    TS_AUTOFREE char *stored = test_redis_cli(server, "HGETALL %s", key);
    TS_AUTOFREE char *life = test_redis_cli(server, "PTTL %s", key);

    assert_null(strstr(key, "the-state"));
    assert_null(strstr(stored, "hush"));
    assert_null(strstr(stored, "the-browser"));
    assert_true(ts_text_to_u64(life, &life_ms));
    assert_in_range(life_ms, 1, 600000);
    free(test_redis_cli(server, "HSET %s verifier v1.AAAA", key)); /* another key file's */
    assert_string_equal(take("the-state", "the-browser", false), "");
}

/* --- its life --- */

static int set_up(void **state)
{
    const struct ts_redis_options options = {.url = test_redis_url(server),
                                             .key_prefix = "teamsync:"};
    const char *reason = NULL;

    (void)state;
    w = (struct world){.loop = ts_loop_new()};
    (void)snprintf(w.key_file, sizeof(w.key_file), "/tmp/ts-test-registry-%d.key", (int)getpid());
    assert_int_equal(ts_seal_open(w.key_file, &w.seal), 0);
    free(test_redis_cli(server, "FLUSHALL"));
    free(test_redis_cli(server, "HSET teamsync:org:acme id acme name Acme"));
    assert_int_equal(ts_redis_new(w.loop, &options, &w.redis, &reason), 0);
    w.registry = ts_registry_redis_new(w.redis, w.seal);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ts_registry_redis_free(w.registry);
    ts_redis_free(w.redis);
    ts_loop_free(w.loop);
    ts_seal_free(w.seal);
    ts_connection_free(w.connection);
    (void)unlink(w.key_file);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_two_who_change_an_org_at_once_take_nothing_back),
        TEST(test_a_connection_is_stored_sealed_and_read_back),
        TEST(test_credentials_that_do_not_open_come_with_the_rest),
        TEST(test_disconnected_nothing_is_left_but_that_it_is_leaving),
        TEST(test_a_connection_that_was_not_seen_is_not_replaced),
        TEST(test_what_is_found_out_about_another_revision_is_dropped),
        TEST(test_times_are_noted_while_auto_sync_is_on),
        TEST(test_a_trouble_comes_and_goes_with_its_code),
        TEST(test_a_consent_is_taken_once_by_who_began_it),
        TEST(test_the_admin_sockets_consent_needs_no_browser),
        TEST(test_a_consent_is_kept_for_ten_minutes_and_unreadable),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
