/* SPDX-License-Identifier: MIT */
/* The daemon's parts, wired and taken down again, with a Redis that comes and goes; what monitoring
 * is told; and the datagrams to the service manager. */
#include "app/app.h"
#include "support/redis_server.h"
#include "unit/webhook/loopback.h"

#include "teamsync/text.h"

#include <sys/stat.h>

static struct test_redis *redis;
static char folder[] = "/tmp/ts-app-XXXXXX";

static void set(char **text, const char *value)
{
    free(*text);
    *text = ts_strdup(value);
}

static struct ts_config *config_for_test(void)
{
    struct ts_config *config = ts_config_new();
    TS_AUTOFREE char *key_file = ts_format("%s/secret.key", folder);
    TS_AUTOFREE char *admin_socket = ts_format("%s/admin.sock", folder);

    set(&config->listen[0], "127.0.0.1:0");
    set(&config->redis.url, test_redis_url(redis));
    set(&config->secrets.key_file, key_file);
    set(&config->server.admin_socket, admin_socket);
    return config;
}

static void start(struct ts_app *app, struct ts_config *config)
{
    assert_true(ts_app_start(app, config));
    assert_true(app->port > 0);
}

/* The answer of the app to GET `path`. */
static struct answer *get(struct ts_app *app, const char *path)
{
    struct loopback loopback = {.loop = app->loop, .port = app->port};
    TS_AUTOFREE char *request =
        ts_format("GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);

    return ask_bytes(&loopback, false, request, strlen(request));
}

static bool is_ready(struct ts_app *app)
{
    TS_AUTOFREE struct answer *answer = get(app, "/readyz");

    return answer->status == 200 && strcmp(body_of(answer), "{\"ready\":true}\n") == 0;
}

static void test_ready_is_when_redis_answers(void **state)
{
    struct ts_app app;
    uint64_t asked_ms;

    (void)state;
    test_redis_kill(redis);
    start(&app, config_for_test());

    TS_AUTOFREE struct answer *alive = get(&app, "/healthz");

    assert_int_equal(alive->status, 200);
    asked_ms = ts_now_ms();

    TS_AUTOFREE struct answer *before = get(&app, "/readyz");
    TS_AUTOFREE struct answer *metrics = get(&app, "/metrics");

    assert_int_equal(before->status, 503);
    assert_string_equal(body_of(before),
                        "{\"ready\":false,\"reasons\":[\"Redis does not answer\"]}\n");
    assert_int_equal(metrics->status, 200);
    assert_true(answer_has(metrics, "\nteamsync_redis_up 0\n"));
    assert_true(ts_now_ms() - asked_ms < 2000); /* not the time-out of a command */

    test_redis_restart(redis);
    assert_true(TEST_WAIT(app.loop, is_ready(&app)));
    ts_app_stop(&app);
}

static void test_a_full_queue_is_not_ready(void **state)
{
    struct ts_config *config = config_for_test();
    struct ts_app app;

    (void)state;
    config->queue.max_waiting = 2;
    start(&app, config);
    assert_true(TEST_WAIT(app.loop, is_ready(&app)));
    free(test_redis_cli(redis, "XADD teamsync:jobs '*' type resync org a"));
    assert_true(is_ready(&app));
    free(test_redis_cli(redis, "XADD teamsync:jobs '*' type resync org b"));

    TS_AUTOFREE struct answer *full = get(&app, "/readyz");

    assert_int_equal(full->status, 503);
    assert_true(answer_has(full, "{\"ready\":false,\"reasons\":[\"the queue is full\"]}"));
    free(test_redis_cli(redis, "DEL teamsync:jobs"));
    ts_app_stop(&app);
}

static void test_metrics_show_the_queue_as_it_is_now(void **state)
{
    struct ts_app app;

    (void)state;
    start(&app, config_for_test());
    assert_true(TEST_WAIT(app.loop, is_ready(&app)));
    free(test_redis_cli(redis, "XADD teamsync:jobs '*' type resync org a"));
    free(test_redis_cli(redis, "ZADD teamsync:jobs:delayed 99999999999999 a 99999999999999 b"));
    free(test_redis_cli(redis, "XADD teamsync:jobs:dead '*' reason none"));

    TS_AUTOFREE struct answer *answer = get(&app, "/metrics");

    assert_int_equal(answer->status, 200);
    assert_true(answer_has(answer, "Content-Type: text/plain; version=0.0.4\r\n"));
    assert_true(answer_has(answer, "\nteamsync_queue_depth 1\n"));
    assert_true(answer_has(answer, "\nteamsync_queue_delayed 2\n"));
    assert_true(answer_has(answer, "\nteamsync_queue_dead 1\n"));
    assert_true(answer_has(answer, "\nteamsync_redis_up 1\n"));
    free(test_redis_cli(redis, "FLUSHALL"));
    ts_app_stop(&app);
}

static void test_every_face_of_the_service_is_there(void **state)
{
    static const struct {
        const char *path;
        int status;
    } paths[] = {{"/healthz", 200},       {"/readyz", 200},
                 {"/metrics", 200},       {"/webhooks/google-workspace", 405},
                 {"/api/v1/orgs", 401},   {"/api/v1/queue", 401},
                 {"/api/v1/nothing", 404}};
    struct ts_app app;

    (void)state;
    start(&app, config_for_test());
    assert_true(TEST_WAIT(app.loop, is_ready(&app)));
    for (size_t i = 0; i < TS_COUNT_OF(paths); i++) {
        TS_AUTOFREE struct answer *answer = get(&app, paths[i].path);

        assert_int_equal(answer->status, paths[i].status);
    }
    ts_app_stop(&app);
}

/* The sanitizer finds what a half-built daemon leaves behind; here: that it says why. */
static void assert_refused(struct ts_config *config, const char *why)
{
    struct captured captured = capture_log();
    struct ts_app app;
    bool is_started = ts_app_start(&app, config);
    TS_AUTOFREE char *log = captured_log(&captured);

    if (!strstr(log, why))
        print_error("%s\n", log);
    assert_false(is_started);
    assert_non_null(strstr(log, "level=error"));
    assert_non_null(strstr(log, why));
}

static void test_a_start_that_fails_half_way_leaves_nothing(void **state)
{
    TS_AUTOFREE char *open_key = ts_format("%s/open.key", folder);
    struct ts_config *config = config_for_test();
    struct ts_app first;
    FILE *file;

    (void)state;
    set(&config->listen[0], "nowhere.invalid:0");
    assert_refused(config, "cannot listen");

    config = config_for_test();
    set(&config->redis.url, "redis://h:port");
    assert_refused(config, "redis.url is not understood");

    config = config_for_test();
    set(&config->server.admin_socket, "/nonexistent/deep/admin.sock");
    assert_refused(config, "admin socket");

    file = fopen(open_key, "we");
    assert_non_null(file);
    (void)fputs("0000000000000000000000000000000000000000000000000000000000000000\n", file);
    (void)fclose(file);
    assert_int_equal(chmod(open_key, 0644), 0);
    config = config_for_test();
    set(&config->secrets.key_file, open_key);
    assert_refused(config, "key file may be read by others");
    (void)unlink(open_key);

    start(&first, config_for_test());
    assert_refused(config_for_test(), "admin socket"); /* another daemon lives there */
    ts_app_stop(&first);
    start(&first, config_for_test());
    ts_app_stop(&first);
}

static void test_a_redis_that_may_lose_things_is_warned_about(void **state)
{
    struct captured captured;
    struct ts_app app;
    TS_AUTOFREE char *log = NULL;

    (void)state;
    free(test_redis_cli(redis, "CONFIG SET maxmemory-policy allkeys-lru"));
    start(&app, config_for_test());
    captured = capture_log();
    ts_health_warn_about_redis(app.health);
    assert_true(TEST_WAIT(app.loop, is_ready(&app))); /* asked later, so answered later */
    log = captured_log(&captured);
    assert_non_null(strstr(log, "appendonly"));
    assert_non_null(strstr(log, "maxmemory-policy=allkeys-lru"));
    ts_app_stop(&app);

    free(test_redis_cli(redis, "CONFIG SET maxmemory-policy noeviction"));
    start(&app, config_for_test());
    captured = capture_log();
    ts_health_warn_about_redis(app.health);
    assert_true(TEST_WAIT(app.loop, is_ready(&app)));
    free(log);
    log = captured_log(&captured);
    assert_null(strstr(log, "maxmemory-policy"));
    ts_app_stop(&app);
}

static void test_the_service_manager_is_told(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int line = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char text[64] = "";

    (void)state;
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify.sock", folder);
    assert_int_equal(bind(line, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
    ts_notify("READY=1");
    assert_int_equal(recv(line, text, sizeof(text) - 1, MSG_DONTWAIT), 7);
    assert_string_equal(text, "READY=1");

    assert_int_equal(setenv("NOTIFY_SOCKET", "relative", 1), 0);
    ts_notify("READY=1"); /* nobody there, and no harm */
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    ts_notify("READY=1");
    assert_int_equal(recv(line, text, sizeof(text), MSG_DONTWAIT), -1);
    (void)close(line);
    (void)unlink(address.sun_path);

    assert_int_equal(setenv("WATCHDOG_USEC", "30000000", 1), 0);
    assert_int_equal(ts_notify_watchdog_ms(), 15000); /* twice as often as asked */
    assert_int_equal(setenv("WATCHDOG_USEC", "soon", 1), 0);
    assert_int_equal(ts_notify_watchdog_ms(), 0);
    assert_int_equal(unsetenv("WATCHDOG_USEC"), 0);
    assert_int_equal(ts_notify_watchdog_ms(), 0);
}

static int set_up(void **state)
{
    (void)state;
    redis = test_redis_start();
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    TS_AUTOFREE char *key_file = ts_format("%s/secret.key", folder);

    (void)state;
    test_redis_stop(redis);
    (void)unlink(key_file);
    return rmdir(folder); /* fails when something was left there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ready_is_when_redis_answers),
        cmocka_unit_test(test_a_full_queue_is_not_ready),
        cmocka_unit_test(test_metrics_show_the_queue_as_it_is_now),
        cmocka_unit_test(test_every_face_of_the_service_is_there),
        cmocka_unit_test(test_a_start_that_fails_half_way_leaves_nothing),
        cmocka_unit_test(test_a_redis_that_may_lose_things_is_warned_about),
        cmocka_unit_test(test_the_service_manager_is_told),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
