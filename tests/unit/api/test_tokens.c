/* SPDX-License-Identifier: MIT */
/* Tokens and the key: what may be asked for, what is replied, and who may give what. */
#include "world.h"

#include "teamsync/json.h"

static void assert_reply(struct world *world, const char *method, const char *path,
                         const char *body, int status, const char *said)
{
    TS_AUTOFREE struct answer *answer = ask(world, method, path, body);

    if (answer->status != status || strcmp(world->said.data, said) != 0)
        print_error("%s %s %s:\n%s\n", method, path, body ? body : "", answer->text);
    assert_int_equal(answer->status, status);
    assert_string_equal(world->said.data, said);
}

#define TOKEN(rest) "{\"name\":\"ops\",\"org\":\"acme\"," rest "}"

static void test_a_new_token_is_shown_once_with_its_secret(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer =
        ask(world, "POST", "/api/v1/tokens",
            TOKEN("\"permissions\":[\"operate\",\"members:read\"],\"expires_in_s\":3600"));
    TS_AUTOJSON struct json_object *token =
        ts_json_parse(body_of(answer), strlen(body_of(answer)), NULL);

    (void)state;
    assert_int_equal(answer->status, 201);
    assert_string_equal(world->said.data, "create_token ops acme 9 by admin socket for 3600 s;");
    assert_true(ts_text_starts_with(ts_json_text(token, "id"), "t_"));
    assert_true(ts_text_starts_with(ts_json_text(token, "token"), "ts_"));
    assert_true(strlen(ts_json_text(token, "token")) >= 3 + 160 / 6);
    assert_string_equal(ts_json_text(token, "created_by"), "admin socket");
    assert_non_null(ts_json_text(token, "expires_at"));
    assert_null(ts_json_text(token, "last_used_at"));
    assert_true(answer_has(answer, "\"permissions\":[\"members:read\",\"operate\"]"));
    world_free(world);
}

/* Its first use may come from an address where others have guessed. */
static void test_a_new_token_is_asked_about_whoever_guesses(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer =
        ask(world, "POST", "/api/v1/tokens", TOKEN("\"permissions\":[\"members:read\"]"));
    TS_AUTOJSON struct json_object *token =
        ts_json_parse(body_of(answer), strlen(body_of(answer)), NULL);
    TS_AUTOFREE char *headers =
        ts_format("Authorization: Bearer %s\r\n", ts_json_text(token, "token"));
    TS_AUTOFREE struct answer *guessed = NULL;

    (void)state;
    for (unsigned i = 0; i < 10; i++)
        free(ask_with(world, false, "GET", "/api/v1/queue", "Authorization: Bearer x\r\n", NULL));
    guessed = ask_with(world, false, "GET", "/api/v1/queue", "Authorization: Bearer x\r\n", NULL);
    assert_int_equal(guessed->status, 429);
    free(ask_with(world, false, "GET", "/api/v1/queue", headers, NULL));
    assert_true(ts_text_starts_with(world->said.data, "find_token ts_"));
    world_free(world);
}

static void test_the_list_shows_no_secret(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = ask(world, "GET", "/api/v1/tokens?org=acme&limit=7", NULL);

    (void)state;
    assert_string_equal(world->said.data, "list_tokens acme - 7;");
    assert_string_equal(
        body_of(answer),
        "{\"items\":[{\"id\":\"t_1\",\"kind\":\"token\",\"name\":\"a token\",\"org\":\"acme\","
        "\"permissions\":[\"members:read\",\"integrations:manage\"],"
        "\"created_at\":\"1970-01-01T00:00:01.000Z\",\"created_by\":\"ops\","
        "\"expires_at\":\"1970-01-01T00:00:03.000Z\",\"last_used_at\":\"1970-01-01T00:00:02.000Z\"}"
        ","
        "{\"id\":\"t_2\",\"kind\":\"token\",\"name\":null,\"org\":\"*\",\"permissions\":["
        "\"operate\"],"
        "\"created_at\":null,\"created_by\":null,\"expires_at\":null,\"last_used_at\":null},"
        "{\"id\":\"web_1\",\"kind\":\"session\",\"name\":\"Ada\",\"org\":\"acme\","
        "\"permissions\":[\"members:manage\"],\"created_at\":null,\"created_by\":null,"
        "\"expires_at\":null,\"last_used_at\":null}],"
        "\"next_cursor\":null}\n");
    assert_reply(world, "GET", "/api/v1/tokens?cursor=t_1", NULL, 200, "list_tokens - t_1 50;");
    assert_reply(world, "GET", "/api/v1/tokens?org=*", NULL, 200, "list_tokens * - 50;");
    assert_reply(world, "GET", "/api/v1/tokens?org=No%20Org", NULL, 400, "");
    assert_reply(world, "GET", "/api/v1/tokens?cursor=t%2F1", NULL, 400, "");
    world_free(world);
}

static void test_what_makes_no_sense_is_refused(void **state)
{
#define PERMISSIONS "\"permissions\":[\"members:read\"]"
    static const char *const bodies[] = {
        NULL,
        "{}",
        "{\"name\":\"ops\",\"org\":\"acme\"}",
        "{\"name\":\"ops\"," PERMISSIONS "}",
        "{\"org\":\"acme\"," PERMISSIONS "}",
        "{\"name\":\"\",\"org\":\"acme\"," PERMISSIONS "}",
        "{\"name\":\"a\\nb\",\"org\":\"acme\"," PERMISSIONS "}",
        "{\"name\":\"ops\",\"org\":\"Not an org\"," PERMISSIONS "}",
        TOKEN("\"permissions\":[]"),
        TOKEN("\"permissions\":\"members:read\""),
        TOKEN("\"permissions\":[\"members:read\",\"members:read\"]"),
        TOKEN("\"permissions\":[\"members:read\",\"everything\"]"),
        TOKEN("\"permissions\":[\"members:read members:manage\"]"),
        TOKEN("\"permissions\":[\"\"]"),
        TOKEN("\"permissions\":[7]"),
        TOKEN("\"permissions\":[null]"),
        TOKEN(PERMISSIONS ",\"expires_in_s\":59"),
        TOKEN(PERMISSIONS ",\"expires_in_s\":0"),
        TOKEN(PERMISSIONS ",\"expires_in_s\":-3600"),
        TOKEN(PERMISSIONS ",\"expires_in_s\":400000000"),
        TOKEN(PERMISSIONS ",\"expires_in_s\":99999999999999999999999"),
        TOKEN(PERMISSIONS ",\"expires_in_s\":3600.5"),
        TOKEN(PERMISSIONS ",\"expires_in_s\":\"3600\""),
        TOKEN(PERMISSIONS ",\"token\":\"ts_mine\""),
    };
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(bodies); i++)
        assert_reply(world, "POST", "/api/v1/tokens", bodies[i], 400, "");
    assert_reply(world, "POST", "/api/v1/tokens", TOKEN(PERMISSIONS ",\"expires_in_s\":60"), 201,
                 "create_token ops acme 1 by admin socket for 60 s;");
    assert_reply(world, "POST", "/api/v1/tokens",
                 "{\"name\":\"ops\",\"org\":\"nowhere\"," PERMISSIONS "}", 404,
                 "create_token ops nowhere 1 by admin socket for 0 s;");
    assert_reply(world, "DELETE", "/api/v1/tokens/t_2", NULL, 404, "revoke_token t_2;");
    assert_reply(world, "DELETE", "/api/v1/tokens/t_1", NULL, 204, "revoke_token t_1;");
    world_free(world);
}

static void test_nobody_gives_what_they_do_not_have(void **state)
{
    struct world *world = world_new();

    (void)state;
    for (unsigned own = TS_OPERATE; own <= TS_ALL_PERMISSIONS; own++) {
        TS_AUTOFREE char *headers =
            ts_format("Authorization: Bearer */%u\r\nContent-Type: application/json\r\n", own);

        for (unsigned bit = 1; bit <= TS_ALL_PERMISSIONS; bit <<= 1) {
            TS_AUTOFREE char *body = ts_format(
                "{\"name\":\"n\",\"org\":\"*\",\"permissions\":[\"operate\"%s%s%s]}",
                bit == TS_OPERATE ? "" : ",\"", bit == TS_OPERATE ? "" : ts_permission_name(bit),
                bit == TS_OPERATE ? "" : "\"");
            TS_AUTOFREE struct answer *answer =
                ask_with(world, false, "POST", "/api/v1/tokens", headers, body);

            assert_int_equal(answer->status, (own & bit) ? 201 : 403);
            assert_int_equal(strstr(world->said.data, "create_token") != NULL, (own & bit) != 0);
        }
    }
    world_free(world);
}

static void test_a_key_is_rotated_in_as_many_passes_as_it_takes(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = ask(world, "POST", "/api/v1/secrets/rotate", NULL);

    (void)state;
    assert_string_equal(body_of(answer), "{\"resealed\":1,\"failed\":0}\n");
    assert_string_equal(world->said.data, "add_key;list_orgs - 100;reseal acme;pause;"
                                          "list_orgs - 100;reseal acme;keep_key mark;");
    world->failing = "add_key";
    world->failure = ts_error_make(TS_REJECTED, "the key file: Read-only file system");
    assert_reply(world, "POST", "/api/v1/secrets/rotate", NULL, 409, "add_key;");
    assert_reply(world, "POST", "/api/v1/secrets/rotate", "{\"org\":\"acme\"}", 400, "");
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_token_is_shown_once_with_its_secret),
        cmocka_unit_test(test_a_new_token_is_asked_about_whoever_guesses),
        cmocka_unit_test(test_the_list_shows_no_secret),
        cmocka_unit_test(test_what_makes_no_sense_is_refused),
        cmocka_unit_test(test_nobody_gives_what_they_do_not_have),
        cmocka_unit_test(test_a_key_is_rotated_in_as_many_passes_as_it_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
