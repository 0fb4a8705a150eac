/* SPDX-License-Identifier: MIT */
/* Consents over HTTP: who is sent where with what, and who may come back. */
#include "world.h"

#include "teamsync/log.h"

#define AUTHORIZE "/api/v1/orgs/acme/connection/authorize"
#define ANSWER    CALLBACK "?state=s&code=c%2F1"
#define REDEEMED                                                                                   \
    "redeem c/1 v https://sync.example" CALLBACK ";probe {\"refresh_token\":\"SECRET\"};"          \
    "get_connection acme;"

static struct answer *ask_openly(struct world *world, const char *method, const char *path,
                                 const char *headers)
{
    return ask_with(world, false, method, path, headers, NULL);
}

static void test_begun_it_names_the_way_and_binds_the_browser(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer =
        ask_with(world, false, "GET", AUTHORIZE, "Authorization: Bearer acme/4\r\n", NULL);
    TS_AUTOFREE char *cookie = NULL;
    TS_AUTOFREE char *url = NULL;

    (void)state;
    assert_int_equal(answer->status, 200);
    cookie =
        ts_format("Set-Cookie: teamsync_consent=%s; Path=/oauth/google; Max-Age=600; HttpOnly; "
                  "SameSite=Lax; Secure\r\n",
                  world->consent_browser);
    url =
        ts_format("{\"url\":\"https://google.example/auth?state=%s&to=https://sync.example" CALLBACK
                  "&hint=-\",\"expires_at\":\"",
                  world->consent_state);
    assert_true(answer_has(answer, cookie));
    assert_true(ts_text_starts_with(body_of(answer), url));
    assert_non_null(strstr(world->said.data, "get_org acme;put_consent acme by a token;"));
    assert_true(strlen(world->consent_state) >= 43 && strlen(world->consent_browser) >= 43);
    assert_string_not_equal(world->consent_state, world->consent_browser);
    world_free(world);
}

static void test_a_browser_is_sent_there_at_once(void **state)
{
    static const struct {
        const char *accept;
        int status;
    } cases[] = {
        {"text/html,application/xhtml+xml,*/*;q=0.8", 302},
        {"text/html", 302},
        {"text/html;q=0.9, application/json", 302},
        {"application/json", 200},
        {"application/json, text/html", 200},
        {"*/*", 200},
    };
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *headers = ts_format("Accept: %s\r\n", cases[i].accept);
        TS_AUTOFREE struct answer *answer =
            ask_with(world, true, "GET", AUTHORIZE "?subject=ada@acme.example", headers, NULL);
        TS_AUTOFREE char *location = ts_format(
            "Location: https://google.example/auth?state=%s&to=https://sync.example" CALLBACK
            "&hint=ada@acme.example\r\n",
            world->consent_state);

        assert_int_equal(answer->status, cases[i].status);
        assert_int_equal(answer_has(answer, location), cases[i].status == 302);
        assert_true(answer_has(answer, "Set-Cookie: "));
        assert_non_null(strstr(world->said.data, "put_consent acme by admin socket as admin;"));
    }
    world_free(world);
}

static void test_what_cannot_be_begun_is_refused(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *odd = ask(world, "GET", AUTHORIZE "?subject=nobody", NULL);
    TS_AUTOFREE struct answer *away = NULL;
    TS_AUTOFREE struct answer *without = NULL;
    TS_AUTOFREE struct answer *nowhere =
        ask(world, "GET", "/api/v1/orgs/nobody/connection/authorize", NULL);

    (void)state;
    assert_int_equal(odd->status, 400);
    assert_int_equal(nowhere->status, 404);
    world->failing = "put_consent";
    world->failure = ts_error_make(TS_RETRY, "redis: no connection");
    away = ask(world, "GET", AUTHORIZE, NULL);
    assert_int_equal(away->status, 503);
    world->has_no_client = true;
    without = ask(world, "GET", AUTHORIZE, NULL);
    assert_int_equal(without->status, 409);
    assert_true(answer_has(without, "google.client_id"));
    assert_true(answer_has(without, "https://sync.example" CALLBACK));
    assert_null(strstr(world->said.data, "put_consent"));
    world_free(world);
}

static void test_who_began_it_is_connected(void **state)
{
    static const char *const cookies[] = {"Cookie: teamsync_consent=b\r\n",
                                          "Cookie: a=1; teamsync_consent=b; c=2\r\n"};
    struct world *world = world_new();

    (void)state;
    world->state = TS_CONNECTION_NONE;
    for (size_t i = 0; i < TS_COUNT_OF(cookies); i++) {
        TS_AUTOFREE struct answer *answer = ask_openly(world, "GET", ANSWER, cookies[i]);

        assert_int_equal(answer->status, 200);
        assert_true(answer_has(answer, "text/html") && answer_has(answer, "Connected"));
        assert_true(answer_has(answer, "root@acme.example") && answer_has(answer, "auto-sync"));
        assert_false(answer_has(answer, "no admin"));
        assert_string_equal(world->said.data, "take_consent s b;" REDEEMED
                                              "put_connection acme by Grace <g>;remember connected "
                                              "by Grace <g>;get_connection acme;");
    }
    world->is_no_admin = true;
    {
        TS_AUTOFREE struct answer *answer = ask_openly(world, "GET", ANSWER, cookies[0]);

        assert_true(answer_has(answer, "This account is no admin"));
    }
    world_free(world);
}

static void test_anybody_else_is_asked_first(void **state)
{
    static const char *const cookies[] = {"", "Cookie: teamsync_consent=\r\n",
                                          "Cookie: teamsync_consent=c\r\n",
                                          "Cookie: xteamsync_consent=b\r\n"};
    struct world *world = world_new();
    TS_AUTOFREE struct answer *insisting = NULL;

    (void)state;
    world->state = TS_CONNECTION_NONE;
    for (size_t i = 0; i < TS_COUNT_OF(cookies); i++) {
        TS_AUTOFREE struct answer *answer = ask_openly(world, "GET", ANSWER, cookies[i]);

        assert_int_equal(answer->status, 200);
        assert_false(answer_has(answer, "Connected"));
        assert_true(answer_has(answer, "Grace &lt;g>") && answer_has(answer, "acme"));
        assert_true(answer_has(answer, "<form method=\"post\" action=\"" CALLBACK
                                       "?state=s&amp;code=c%2F1\"><button>Connect"));
        assert_true(ts_text_starts_with(world->said.data, "take_consent s "));
        assert_null(strstr(world->said.data, "redeem"));
    }
    insisting = ask_openly(world, "POST", ANSWER, "");
    assert_int_equal(insisting->status, 200);
    assert_true(answer_has(insisting, "Connected"));
    assert_true(ts_text_starts_with(world->said.data, "take_consent s - insisting;" REDEEMED));
    world_free(world);
}

static void test_what_comes_to_nothing_is_said(void **state)
{
    static const struct {
        const char *failing;
        enum ts_class cls;
        const char *code;
        int status;
        const char *said;
    } cases[] = {
        {"take_consent", TS_RETRY, NULL, 503, "redis"},
        {"redeem", TS_AUTH, "code_refused", 422, "mend code_refused"},
        {"redeem", TS_RETRY, "unavailable", 503, "mend unavailable"},
        {"probe", TS_AUTH, "api_disabled", 422, "mend api_disabled"},
        {"probe", TS_INTERNAL, NULL, 503, "Something went wrong here"},
        {"put_connection", TS_RETRY, NULL, 503, "redis"},
    };
    struct world *world = world_new();
    TS_AUTOFREE struct answer *unknown = ask_openly(world, "GET", CALLBACK "?state=t&code=c", "");
    TS_AUTOFREE struct answer *denied =
        ask_openly(world, "GET", CALLBACK "?error=access_denied&state=s", "");

    (void)state;
    assert_int_equal(unknown->status, 404);
    assert_true(answer_has(unknown, "too old"));
    assert_int_equal(denied->status, 403);
    assert_string_equal(world->said.data, "");
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE struct answer *answer = NULL;

        world->state = TS_CONNECTION_NONE;
        world->failing = cases[i].failing;
        world->failure = ts_error_make(cases[i].cls, "redis or google: why");
        world->failure.code = cases[i].code;
        answer = ask_openly(world, "POST", ANSWER, "");
        assert_int_equal(answer->status, cases[i].status);
        assert_true(answer_has(answer, "Nothing was connected"));
        assert_true(answer_has(answer, cases[i].said));
        assert_false(answer_has(answer, "SECRET"));
    }
    world_free(world);
}

static void test_an_incomplete_answer_asks_nobody(void **state)
{
    static const char *const queries[] = {
        "", "?state=s", "?code=c", "?state=&code=c", "?state=s&code=", "?state=s&code=%0A"};
    struct world *world = world_new();
    TS_AUTOFREE char *long_code = ts_alloc(2100);

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(queries); i++) {
        TS_AUTOFREE char *path = ts_format(CALLBACK "%s", queries[i]);
        TS_AUTOFREE struct answer *answer = ask_openly(world, "GET", path, "");

        assert_int_equal(answer->status, 400);
        assert_string_equal(world->said.data, "");
    }
    memset(long_code, 'c', 2001);
    {
        TS_AUTOFREE char *path = ts_format(CALLBACK "?state=s&code=%s", long_code);
        TS_AUTOFREE struct answer *answer = ask_openly(world, "GET", path, "");

        assert_int_equal(answer->status, 400);
    }
    world_free(world);
}

static void test_neither_code_nor_state_is_logged(void **state)
{
    struct world *world = world_new();
    struct captured captured;
    TS_AUTOFREE char *log = NULL;

    (void)state;
    ts_log_setup(TS_LOG_DEBUG, TS_LOG_LOGFMT);
    world->failing = "redeem";
    world->failure = ts_error_make(TS_AUTH, "google: no");
    captured = capture_log();
    {
        TS_AUTOFREE struct answer *failed =
            ask_openly(world, "POST", CALLBACK "?state=s&code=TOPSECRET", "");
        TS_AUTOFREE struct answer *wrong =
            ask_openly(world, "DELETE", CALLBACK "?state=HIDDEN&code=TOPSECRET", "");

        assert_int_equal(failed->status, 422);
        assert_int_equal(wrong->status, 405);
    }
    log = captured_log(&captured);
    ts_log_setup(TS_LOG_ERROR, TS_LOG_LOGFMT);
    assert_non_null(strstr(log, "consent came to nothing"));
    assert_null(strstr(log, "TOPSECRET"));
    assert_null(strstr(log, "HIDDEN"));
    world_free(world);
}

static int silence(void **state)
{
    (void)state;
    ts_log_setup(TS_LOG_ERROR, TS_LOG_LOGFMT);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_begun_it_names_the_way_and_binds_the_browser),
        cmocka_unit_test(test_a_browser_is_sent_there_at_once),
        cmocka_unit_test(test_what_cannot_be_begun_is_refused),
        cmocka_unit_test(test_who_began_it_is_connected),
        cmocka_unit_test(test_anybody_else_is_asked_first),
        cmocka_unit_test(test_what_comes_to_nothing_is_said),
        cmocka_unit_test(test_an_incomplete_answer_asks_nobody),
        cmocka_unit_test(test_neither_code_nor_state_is_logged),
    };

    return cmocka_run_group_tests(tests, silence, NULL);
}
