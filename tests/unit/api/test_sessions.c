/* SPDX-License-Identifier: MIT */
/* Signing in to the web page and out, login links, and whom to ask. */
#include "api/guesses.h"
#include "world.h"

#include "teamsync/json.h"

static struct answer *sign_in(struct world *world, const char *body)
{
    return ask_with(world, false, "POST", "/api/v1/session", "Content-Type: application/json\r\n",
                    body);
}

static const char session_text[] =
    "{\"name\":\"Ada\",\"org\":\"acme\",\"permissions\":[\"members:read\",\"members:manage\"],"
    "\"expires_at\":\"2";

/* --- in --- */

static void test_a_token_or_a_link_opens_a_session_in_a_cookie(void **state)
{
    struct world *world = world_new();
    struct captured captured = capture_log();
    TS_AUTOFREE struct answer *by_token = sign_in(world, "{\"token\":\"good\"}");
    TS_AUTOFREE char *cookie =
        ts_format("Set-Cookie: __Host-teamsync_session=%s; Path=/; Max-Age=36000; HttpOnly; "
                  "SameSite=Strict; Secure\r\n",
                  world->session_secret);
    TS_AUTOFREE struct answer *by_link = NULL;
    TS_AUTOFREE char *log = NULL;

    (void)state;
    assert_int_equal(by_token->status, 201);
    assert_string_equal(world->said.data, "open_session token good;");
    assert_true(answer_has(by_token, cookie));
    assert_true(ts_text_starts_with(body_of(by_token), session_text));
    assert_null(strstr(body_of(by_token), world->session_secret));
    assert_int_equal(strlen(world->session_secret), 43);
    by_link = sign_in(world, "{\"link\":\"good\"}");
    log = captured_log(&captured);
    assert_int_equal(by_link->status, 201);
    assert_string_equal(world->said.data, "open_session link good;");
    assert_false(answer_has(by_link, cookie)); /* each has a secret of its own */
    assert_non_null(strstr(log, "msg=\"signed in\" session=web_1 name=Ada org=acme by=token"));
    assert_non_null(strstr(log, "by=link"));
    assert_null(strstr(log, world->session_secret));
    assert_null(strstr(log, "good"));
    world_free(world);
}

static void test_without_tls_the_cookie_is_a_plain_one(void **state)
{
    static const char cookie[] = "Cookie: teamsync_session=s.*/15\r\n";
    struct world *world = world_new();
    TS_AUTOFREE struct answer *in = NULL;
    TS_AUTOFREE struct answer *looked = NULL;

    (void)state;
    world->env.public_url = "http://127.0.0.1:8080";
    in = sign_in(world, "{\"token\":\"good\"}");
    assert_true(answer_has(in, "Set-Cookie: teamsync_session="));
    assert_true(answer_has(in, "; Path=/; Max-Age=36000; HttpOnly; SameSite=Strict\r\n"));
    looked = ask_with(world, false, "GET", "/api/v1/queue", cookie, NULL);
    assert_int_equal(looked->status, 200);
    world_free(world);
}

static void test_it_is_one_of_both_that_is_shown(void **state)
{
    static const char *const bodies[] = {
        NULL,
        "{}",
        "{\"token\":\"good\",\"link\":\"good\"}",
        "{\"token\":\"\"}",
        "{\"token\":7}",
        "{\"link\":null}",
        "{\"token\":\"a\\nb\"}",
        "{\"secret\":\"good\"}",
    };
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(bodies); i++) {
        TS_AUTOFREE struct answer *answer = sign_in(world, bodies[i]);

        assert_int_equal(answer->status, 400);
        assert_string_equal(world->said.data, "");
        assert_false(answer_has(answer, "Set-Cookie"));
    }
    {
        /* A form of somebody else's page: it would sign the person in as somebody else. */
        TS_AUTOFREE struct answer *form =
            ask_with(world, false, "POST", "/api/v1/session", "Content-Type: text/plain\r\n",
                     "{\"token\":\"good\"}");

        assert_int_equal(form->status, 415);
    }
    world_free(world);
}

static void test_what_opens_nothing_is_401_and_then_429(void **state)
{
    static const char *const kinds[] = {"token", "link"};
    static const char *const sentences[] = {"this token is not known, or has expired",
                                            "this link is used up, or too old"};

    (void)state;
    for (size_t kind = 0; kind < TS_COUNT_OF(kinds); kind++) {
        struct world *world = world_new();

        for (unsigned i = 0; i < 2 * TS_GUESSES_AT_ONCE; i++) {
            TS_AUTOFREE char *body = ts_format("{\"%s\":\"guess %u\"}", kinds[kind], i);
            TS_AUTOFREE struct answer *answer = sign_in(world, body);
            bool is_asked = i < TS_GUESSES_AT_ONCE;

            assert_int_equal(answer->status, is_asked ? 401 : 429);
            assert_int_equal(answer_has(answer, sentences[kind]), is_asked);
            assert_int_equal(answer_has(answer, "Retry-After: 5\r\n"), !is_asked);
            assert_int_equal(world->said.len > 0, is_asked);
            assert_false(answer_has(answer, "Set-Cookie"));
        }
        world_free(world);
    }
}

/* Whoever is signed in goes on, and whoever was given a link comes in. */
static void test_a_guesser_locks_out_neither_sessions_nor_links(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *made =
        ask(world, "POST", "/api/v1/login-links",
            "{\"name\":\"Ada\",\"org\":\"acme\",\"permissions\":[\"members:read\"]}");
    TS_AUTOFREE char *link = ts_memdup_text(strstr(made->text, "#login=") + strlen("#login="), 43);
    TS_AUTOFREE char *body = ts_format("{\"link\":\"%s\"}", link);
    TS_AUTOFREE char *cookie = NULL;

    (void)state;
    free(sign_in(world, "{\"token\":\"good\"}"));
    cookie = ts_format("Cookie: __Host-teamsync_session=%s\r\n", world->session_secret);
    for (unsigned i = 0; i < TS_GUESSES_AT_ONCE; i++)
        free(sign_in(world, "{\"link\":\"guess\"}"));
    free(ask_with(world, false, "GET", "/api/v1/queue", cookie, NULL));
    assert_true(ts_text_starts_with(world->said.data, "find_token "));
    free(sign_in(world, body));
    assert_true(ts_text_starts_with(world->said.data, "open_session link "));
    free(sign_in(world, body)); /* it was good once */
    assert_string_equal(world->said.data, "");
    world_free(world);
}

static void test_redis_trouble_is_503_and_no_guess(void **state)
{
    struct world *world = world_new();

    (void)state;
    world->failing = "open_session";
    world->failure = ts_error_make(TS_RETRY, "redis: no connection");
    for (unsigned i = 0; i < 2 * TS_GUESSES_AT_ONCE; i++) {
        TS_AUTOFREE struct answer *answer = sign_in(world, "{\"link\":\"good\"}");

        assert_int_equal(answer->status, 503);
        assert_false(answer_has(answer, "Set-Cookie"));
    }
    world_free(world);
}

/* --- who is it --- */

static void test_everybody_is_told_who_they_are(void **state)
{
    static const struct {
        bool is_admin;
        const char *headers;
        const char *said;
    } cases[] = {
        {true, "",
         "{\"name\":\"admin socket\",\"org\":\"*\",\"permissions\":[\"members:read\","
         "\"members:manage\",\"integrations:manage\",\"operate\"],\"expires_at\":null}\n"},
        {false, "Authorization: Bearer other/0\r\n",
         "{\"name\":\"a token\",\"org\":\"other\",\"permissions\":[],\"expires_at\":null}\n"},
        {false, "Cookie: __Host-teamsync_session=s.acme/5\r\n",
         "{\"name\":\"Ada\",\"org\":\"acme\",\"permissions\":[\"members:read\","
         "\"integrations:manage\"],\"expires_at\":\"1970-01-01T00:00:03.000Z\"}\n"},
    };
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE struct answer *answer =
            ask_with(world, cases[i].is_admin, "GET", "/api/v1/session", cases[i].headers, NULL);

        assert_int_equal(answer->status, 200);
        assert_string_equal(body_of(answer), cases[i].said);
    }
    world_free(world);
}

/* --- out --- */

static const char signed_in[] =
    "Cookie: __Host-teamsync_session=s.acme/5\r\nSec-Fetch-Site: same-origin\r\n";

static void test_signing_out_ends_the_session_here_and_in_the_browser(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *out =
        ask_with(world, false, "DELETE", "/api/v1/session", signed_in, NULL);
    TS_AUTOFREE struct answer *again = NULL;
    TS_AUTOFREE struct answer *failed = NULL;

    (void)state;
    assert_int_equal(out->status, 204);
    assert_string_equal(world->said.data, "find_token s.acme/5;revoke_token web_1;");
    assert_true(answer_has(out, "Set-Cookie: __Host-teamsync_session=; Path=/; Max-Age=0; "));
    world->failing = "revoke_token";
    world->failure = ts_error_make(TS_NOT_FOUND, "there is no such token");
    again = ask_with(world, false, "DELETE", "/api/v1/session", signed_in, NULL);
    assert_int_equal(again->status, 204); /* an operator was faster */
    world->failure = ts_error_make(TS_RETRY, "redis: no connection");
    failed = ask_with(world, false, "DELETE", "/api/v1/session", signed_in, NULL);
    assert_int_equal(failed->status, 503); /* and it is still there */
    assert_false(answer_has(failed, "Set-Cookie"));
    world_free(world);
}

static void test_who_shows_no_session_ends_none(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *admin = ask(world, "DELETE", "/api/v1/session", NULL);
    TS_AUTOFREE struct answer *token =
        ask_with(world, false, "DELETE", "/api/v1/session", "Authorization: Bearer */15\r\n", NULL);

    (void)state;
    assert_int_equal(admin->status, 409);
    assert_int_equal(token->status, 409);
    assert_string_equal(world->said.data, "find_token */15;");
    world_free(world);
}

/* --- login links --- */

static void test_a_login_link_names_the_page_and_its_end(void **state)
{
    static const char head[] = "{\"url\":\"https://sync.example/#login=";
    struct world *world = world_new();
    struct captured captured = capture_log();
    TS_AUTOFREE struct answer *answer =
        ask(world, "POST", "/api/v1/login-links",
            "{\"name\":\"Ada\",\"org\":\"acme\",\"permissions\":[\"members:read\"]}");
    TS_AUTOFREE char *log = captured_log(&captured);
    TS_AUTOFREE char *secret = ts_memdup_text(body_of(answer) + strlen(head), 43);

    (void)state;
    assert_int_equal(answer->status, 201);
    assert_string_equal(world->said.data, "put_login Ada acme 1 by admin socket;");
    assert_true(ts_text_starts_with(body_of(answer), head));
    assert_true(answer_has(answer, "\",\"expires_at\":\"2"));
    assert_non_null(strstr(log, "msg=\"login link made\" name=Ada org=acme by=\"admin socket\""));
    assert_null(strstr(log, secret));
    world_free(world);
}

static void test_a_login_link_gives_what_makes_sense_and_one_has(void **state)
{
    static const struct {
        const char *body;
        int status;
    } cases[] = {
        {"{\"name\":\"n\",\"org\":\"*\",\"permissions\":[\"operate\",\"members:read\"]}", 201},
        {"{\"name\":\"n\",\"org\":\"*\",\"permissions\":[\"operate\",\"members:manage\"]}", 403},
        {"{\"name\":\"n\",\"org\":\"nowhere\",\"permissions\":[\"members:read\"]}", 404},
        {"{\"name\":\"n\",\"org\":\"No Org\",\"permissions\":[\"members:read\"]}", 400},
        {"{\"name\":\"n\",\"org\":\"acme\",\"permissions\":[\"all\"]}", 400},
        {"{\"name\":\"n\",\"org\":\"acme\"}", 400},
        {"{\"name\":\"n\",\"org\":\"acme\",\"permissions\":[\"members:read\"],\"expires_in_s\":60}",
         400},
    };
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE struct answer *answer = ask_with(
            world, false, "POST", "/api/v1/login-links",
            "Authorization: Bearer */9\r\nContent-Type: application/json\r\n", cases[i].body);

        assert_int_equal(answer->status, cases[i].status);
    }
    world_free(world);
}

/* --- whom to ask --- */

static void test_managers_are_tokens_that_may_manage(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = ask_with(world, false, "GET", "/api/v1/orgs/acme/managers",
                                                 "Authorization: Bearer acme/1\r\n", NULL);
    TS_AUTOFREE struct answer *nowhere = NULL;

    (void)state;
    assert_string_equal(world->said.data, "find_token acme/1;get_org acme;list_tokens acme - 50;");
    assert_string_equal(body_of(answer),
                        "{\"items\":[{\"name\":\"a token\",\"permissions\":[\"members:read\","
                        "\"integrations:manage\"]}],\"next_cursor\":null}\n");
    nowhere = ask(world, "GET", "/api/v1/orgs/nowhere/managers", NULL);
    assert_int_equal(nowhere->status, 404);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_token_or_a_link_opens_a_session_in_a_cookie),
        cmocka_unit_test(test_without_tls_the_cookie_is_a_plain_one),
        cmocka_unit_test(test_it_is_one_of_both_that_is_shown),
        cmocka_unit_test(test_what_opens_nothing_is_401_and_then_429),
        cmocka_unit_test(test_a_guesser_locks_out_neither_sessions_nor_links),
        cmocka_unit_test(test_redis_trouble_is_503_and_no_guess),
        cmocka_unit_test(test_everybody_is_told_who_they_are),
        cmocka_unit_test(test_signing_out_ends_the_session_here_and_in_the_browser),
        cmocka_unit_test(test_who_shows_no_session_ends_none),
        cmocka_unit_test(test_a_login_link_names_the_page_and_its_end),
        cmocka_unit_test(test_a_login_link_gives_what_makes_sense_and_one_has),
        cmocka_unit_test(test_managers_are_tokens_that_may_manage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
