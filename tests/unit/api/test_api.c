/* SPDX-License-Identifier: MIT */
/* What the routes ask of the ports and what they reply; bodies, pages and errors. */
#include "world.h"

#include "teamsync/json.h"
#include "teamsync/log.h"

#define ORG "/api/v1/orgs/acme"

static void assert_reply(struct world *world, const char *method, const char *path,
                         const char *body, int status, const char *said)
{
    TS_AUTOFREE struct answer *answer = ask(world, method, path, body);

    if (answer->status != status || strcmp(world->said.data, said) != 0)
        print_error("%s %s %s:\n%s\n", method, path, body ? body : "", answer->text);
    assert_int_equal(answer->status, status);
    assert_string_equal(world->said.data, said);
}

static void test_orgs(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    answer = ask(world, "POST", "/api/v1/orgs", "{\"id\":\"acme\",\"name\":\"Acme\"}");
    assert_int_equal(answer->status, 201);
    assert_true(answer_has(answer, "Location: /api/v1/orgs/acme\r\n"));
    assert_true(answer_has(answer, "X-Content-Type-Options: nosniff\r\n"));
    assert_string_equal(body_of(answer),
                        "{\"id\":\"acme\",\"name\":\"Acme\",\"target\":{\"type\":\"builtin\"},"
                        "\"sync\":{\"team_from\":\"department\",\"clear_missing\":false},"
                        "\"invitations\":{\"auto_invite\":false,\"role\":\"member\"},"
                        "\"created_at\":\"1970-01-01T00:00:01.000Z\"}\n");
    assert_string_equal(world->said.data, "create_org acme Acme builtin department 0;");
    assert_reply(world, "POST", "/api/v1/orgs",
                 "{\"id\":\"b\",\"name\":\"B\",\"target\":{\"type\":\"builtin\"},"
                 "\"sync\":{\"team_from\":\"custom:HR.team\",\"clear_missing\":true}}",
                 201, "create_org b B builtin custom:HR.team 1;");
    assert_reply(world, "GET", ORG, NULL, 200, "get_org acme;");
    assert_reply(world, "GET", "/api/v1/orgs/nobody", NULL, 404, "get_org nobody;");
    assert_reply(world, "GET", "/api/v1/orgs?limit=2&cursor=abc", NULL, 200, "list_orgs abc 2;");
    world_free(world);
}

static void test_a_patch_changes_what_it_names_and_nothing_else(void **state)
{
    struct world *world = world_new();

    (void)state;
    assert_reply(world, "PATCH", ORG, "{\"name\":\"New\"}", 200,
                 "get_org acme;update_org acme New department 0 member;");
    assert_reply(world, "PATCH", ORG, "{\"sync\":{\"team_from\":\"org_unit\"}}", 200,
                 "get_org acme;update_org acme Acme org_unit 0 member;");
    assert_reply(world, "PATCH", ORG, "{\"sync\":{\"clear_missing\":true}}", 200,
                 "get_org acme;update_org acme Acme department 1 member;");
    assert_reply(world, "PATCH", ORG, "{\"invitations\":{\"auto_invite\":true,\"role\":\"guest\"}}",
                 200, "get_org acme;update_org acme Acme department 0 auto-invite guest;");
    assert_reply(world, "PATCH", ORG, "{\"invitations\":{\"role\":\"owner\"}}", 400,
                 "get_org acme;");
    assert_reply(world, "PATCH", ORG, "{\"invitations\":{\"auto_invite\":1}}", 400,
                 "get_org acme;");
    assert_reply(world, "PATCH", ORG, "{\"sync\":{\"team_from\":\"shoe_size\"}}", 400,
                 "get_org acme;");
    assert_reply(world, "PATCH", "/api/v1/orgs/nobody", "{}", 404, "get_org nobody;");
    world_free(world);
}

static void test_the_connection_shows_all_but_the_credentials(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = ask(world, "GET", ORG "/connection", NULL);

    (void)state;
    assert_int_equal(answer->status, 200);
    assert_string_equal(
        body_of(answer),
        "{\"state\":\"connected\",\"provider\":\"google-workspace\",\"account\":"
        "\"root@acme.example\",\"connected_by\":\"Grace\","
        "\"connected_at\":\"1970-01-01T00:00:01.000Z\",\"suspends\":true,\"notice\":null,"
        "\"last_push_at\":\"1970-01-01T00:00:02.000Z\",\"last_resync_at\":null,"
        "\"next_resync_at\":null,\"channel_until\":null,\"directory_users\":0,\"failure\":null,"
        "\"failure_code\":null,\"mend\":null,"
        "\"channels\":[{\"id\":\"channel-1\",\"event\":null,\"expires_at\":\"1970-01-01T00:00:03."
        "000Z\"}]}\n");
    world_free(world);
}

static void test_people_of_the_directory_are_listed_with_what_they_are_here(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    world->state = TS_CONNECTION_ACTIVE;
    answer = ask(world, "GET", ORG "/directory-users?q=ada&limit=7&cursor=eAbc-_.~%2B%2F%3D", NULL);
    assert_int_equal(answer->status, 200);
    assert_string_equal(body_of(answer),
                        "{\"items\":[{\"id\":\"107\",\"email\":\"ada@acme.example\","
                        "\"name\":\"Ada\",\"suspended\":false,\"archived\":null,"
                        "\"member\":\"m_1\"},{\"id\":\"108\",\"email\":\"Bob@acme.example\","
                        "\"name\":null,\"suspended\":true,\"archived\":false,\"member\":null}],"
                        "\"next_cursor\":\"next\"}\n");
    assert_string_equal(world->said.data, "get_connection acme;search ada 7 eAbc-_.~+/=;"
                                          "match bob@acme.example;");
    assert_reply(world, "GET", ORG "/directory-users?unmatched=true", NULL, 200,
                 "get_connection acme;search - 50 -;match bob@acme.example;");
    assert_reply(world, "GET", ORG "/directory-users?unmatched=1", NULL, 400, "");
    assert_reply(world, "GET", ORG "/directory-users?q=a%0Ab", NULL, 400, "");
    assert_reply(world, "GET", ORG "/directory-users?cursor=a%26fields%3D%2A", NULL, 400, "");
    assert_reply(world, "GET", ORG "/directory-users?cursor=a%20b", NULL, 400, "");
    world->state = TS_CONNECTION_CONNECTED;
    assert_reply(world, "GET", ORG "/directory-users", NULL, 409, "get_connection acme;");
    world_free(world);
}

static void test_each_invitation_has_a_result_of_its_own(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    world->state = TS_CONNECTION_ACTIVE;
    world->env.mailer = &world->mailer;
    answer = ask(world, "POST", ORG "/invitations",
                 "{\"directory_user_ids\":[\"107\",\"0\"],\"role\":\"guest\"}");
    assert_int_equal(answer->status, 200);
    assert_string_equal(world->said.data,
                        "get_connection acme;profile 107;profile 0;"
                        "create acme ada@acme.example Ada guest - - 0 0 for 107 mailed;");
    assert_true(answer_has(answer, "{\"items\":[{\"directory_user_id\":\"107\",\"status\":"
                                   "\"invited\",\"detail\":null,\"member\":{\"id\":\"m_1\","));
    assert_true(answer_has(answer, "{\"directory_user_id\":\"0\",\"status\":\"not_found\","
                                   "\"detail\":\"the directory has no such account\","
                                   "\"member\":null}],\"mailed\":true}"));
    assert_reply(world, "POST", ORG "/invitations", "{\"directory_user_ids\":[]}", 400, "");
    assert_reply(world, "POST", ORG "/invitations", "{\"directory_user_ids\":\"107\"}", 400, "");
    assert_reply(world, "POST", ORG "/invitations", "{\"directory_user_ids\":[107]}", 400, "");
    assert_reply(world, "POST", ORG "/invitations", "{\"directory_user_ids\":[\"\"]}", 400, "");
    assert_reply(world, "POST", ORG "/invitations",
                 "{\"directory_user_ids\":[\"1\"],\"role\":\"owner\"}", 400, "");
    world_free(world);
}

static void test_an_invitation_is_mailed_again_or_its_link_is_told(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    answer = ask(world, "POST", ORG "/members/m_1/invitation", NULL);
    assert_int_equal(answer->status, 200);
    assert_string_equal(world->said.data, "get acme m_1;open_invitation acme m_1 43;");
    assert_true(answer_has(answer, "{\"url\":\"https://sync.example/invitations/"));
    assert_true(answer_has(answer, "\"expires_at\":\"1970-01-01T00:00:05.000Z\"}"));
    world->env.mailer = &world->mailer;
    assert_reply(world, "POST", ORG "/members/m_1/invitation", NULL, 202,
                 "get acme m_1;enqueue mail acme m_1 api;");
    assert_reply(world, "POST", ORG "/members/nobody/invitation", NULL, 404, "get acme nobody;");
    world->status = TS_MEMBER_ACTIVE;
    assert_reply(world, "POST", ORG "/members/m_1/invitation", NULL, 409, "get acme m_1;");
    world_free(world);
}

static void test_following_an_invitation_is_looking_until_the_button_is_pressed(void **state)
{
    static const struct {
        const char *method;
        const char *path;
        enum ts_invitation_state invitation;
        int status;
        const char *said;
        const char *shown;
    } cases[] = {
        {"GET", "t_1", TS_INVITATION_OPEN, 200, "find_invitation t_1;",
         "<h1>Join Acme &lt;&amp;> Söhne</h1>"},
        {"GET", "t_1", TS_INVITATION_OPEN, 200, "find_invitation t_1;",
         "action=\"/invitations/t_1\""},
        {"HEAD", "t_1", TS_INVITATION_OPEN, 200, "find_invitation t_1;", ""},
        {"GET", "t_1", TS_INVITATION_ACCEPTED, 200, "find_invitation t_1;", "joined already"},
        {"GET", "t_1", TS_INVITATION_SUSPENDED, 200, "find_invitation t_1;", "suspended"},
        {"GET", "t_2", TS_INVITATION_OPEN, 404, "find_invitation t_2;", "not valid"},
        {"POST", "t_1", TS_INVITATION_ACCEPTED, 200, "accept_invitation t_1;", "Welcome"},
        {"POST", "t_1", TS_INVITATION_SUSPENDED, 200, "accept_invitation t_1;", "suspended"},
        {"POST", "t_2", TS_INVITATION_OPEN, 404, "accept_invitation t_2;", "not valid"},
    };
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *path = ts_format("/invitations/%s", cases[i].path);
        TS_AUTOFREE struct answer *answer = NULL;

        world->invitation = cases[i].invitation;
        answer = ask_with(world, false, cases[i].method, path, "", NULL);
        assert_int_equal(answer->status, cases[i].status);
        assert_string_equal(world->said.data, cases[i].said);
        assert_true(answer_has(answer, "text/html"));
        assert_true(answer_has(answer, cases[i].shown));
    }
    world->failing = "find_invitation";
    world->failure = ts_error_make(TS_RETRY, "redis: no connection");
    TS_AUTOFREE struct answer *answer = ask(world, "GET", "/invitations/t_1", NULL);
    assert_int_equal(answer->status, 503);
    assert_true(answer_has(answer, "try again"));
    world_free(world);
}

#define CONNECT(more)                                                                              \
    "{\"provider\":\"google-workspace\"," more                                                     \
    "\"credentials\":{\"type\":\"service_account\",\"subject\":\"a@b.c\",\"key\":{\"k\":\"K\"}}}"
#define PROBED                                                                                     \
    "get_org acme;probe {\"type\":\"service_account\",\"subject\":\"a@b.c\",\"key\":{\"k\":"       \
    "\"K\"}};"

static void test_connecting_verifies_then_stores_then_shows(void **state)
{
    struct world *world = world_new();

    (void)state;
    world->state = TS_CONNECTION_NONE;
    assert_reply(world, "PUT", ORG "/connection", CONNECT(""), 200,
                 PROBED "get_connection acme;put_connection acme by admin socket;"
                        "remember connected by admin socket;get_connection acme;"
                        "list_channels acme;");
    assert_reply(world, "PUT", ORG "/connection", CONNECT("\"connected_by\":\"Grace\","), 200,
                 PROBED "get_connection acme;put_connection acme by Grace;"
                        "remember connected by Grace;get_connection acme;list_channels acme;");
    world_free(world);
}

static void test_a_token_connects_in_its_own_name_only(void **state)
{
    static const char headers[] = "Authorization: Bearer acme/4\r\n"
                                  "Content-Type: application/json\r\n";
    struct world *world = world_new();
    TS_AUTOFREE struct answer *plain =
        ask_with(world, false, "PUT", ORG "/connection", headers, CONNECT(""));
    TS_AUTOFREE struct answer *forged = NULL;

    (void)state;
    assert_int_equal(plain->status, 200);
    assert_non_null(strstr(world->said.data, "put_connection acme by a token;"));
    forged = ask_with(world, false, "PUT", ORG "/connection", headers,
                      CONNECT("\"connected_by\":\"Grace\","));
    assert_int_equal(forged->status, 400);
    assert_true(answer_has(forged, "connected_by"));
    world_free(world);
}

static void test_a_refused_connection_is_422_with_the_reason(void **state)
{
    static const struct {
        enum ts_class cls;
        int status;
    } cases[] = {{TS_AUTH, 422}, {TS_REJECTED, 422}, {TS_RETRY, 503}, {TS_INTERNAL, 500}};
    struct world *world = world_new();

    (void)state;
    world->failing = "probe";
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE struct answer *answer = NULL;

        world->failure = ts_error_make(cases[i].cls, "google: the subject is suspended");
        world->failure.code = i % 2 ? "a_code" : "unknown";
        answer = ask(world, "PUT", ORG "/connection", CONNECT(""));
        assert_int_equal(answer->status, cases[i].status);
        assert_int_equal(answer_has(answer, "\"code\":\"a_code\",\"mend\":\"mend a_code with 60 b"),
                         i % 2 && cases[i].status != 500);
        assert_int_equal(answer_has(answer, "\"code\""), i % 2 && cases[i].status != 500);
        assert_int_equal(answer_has(answer, "the subject is suspended"), cases[i].status != 500);
        assert_false(answer_has(answer, "\"K\""));
        assert_null(strstr(world->said.data, "put_connection"));
    }
    world_free(world);
}

static void test_a_failing_connection_tells_how_it_is_mended(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    world->state = TS_CONNECTION_FAILING;
    world->refused = "google: 403";
    world->refused_code = "api_disabled";
    answer = ask(world, "GET", ORG "/connection", NULL);
    assert_true(answer_has(answer, "\"failure\":\"google: 403\",\"failure_code\":\"api_disabled\","
                                   "\"mend\":\"mend api_disabled with 24 bytes\""));
    world_free(world);
}

static void test_who_is_no_admin_is_noticed_while_connected(void **state)
{
    static const struct {
        enum ts_connection_state state;
        bool is_no_admin;
        bool has_notice;
    } cases[] = {
        {TS_CONNECTION_NONE, true, false},     {TS_CONNECTION_CONNECTED, false, false},
        {TS_CONNECTION_CONNECTED, true, true}, {TS_CONNECTION_ACTIVE, true, true},
        {TS_CONNECTION_ACTIVE, false, false},  {TS_CONNECTION_FAILING, true, true},
    };
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE struct answer *answer = NULL;

        world->state = cases[i].state;
        world->is_no_admin = cases[i].is_no_admin;
        answer = ask(world, "GET", ORG "/connection", NULL);
        assert_int_equal(answer_has(answer, "\"notice\":\"root@acme.example is no admin"),
                         cases[i].has_notice);
        assert_int_equal(answer_has(answer, "\"notice\":null"), !cases[i].has_notice);
    }
    world_free(world);
}

static void test_disconnecting_leaves_closes_and_unlinks(void **state)
{
    struct world *world = world_new();

    (void)state;
    assert_reply(world, "DELETE", ORG "/connection", NULL, 204,
                 "get_connection acme;disconnect acme;remember disconnected by admin socket;"
                 "list_channels acme;stop channel-1;"
                 "remove_channel channel-1;unlink acme;");
    assert_reply(world, "DELETE", "/api/v1/orgs/nobody/connection", NULL, 404,
                 "get_connection nobody;");
    world->failing = "unlink";
    world->failure = ts_error_make(TS_RETRY, "redis: no connection");
    assert_reply(world, "DELETE", ORG "/connection", NULL, 503,
                 "get_connection acme;disconnect acme;remember disconnected by admin socket;"
                 "list_channels acme;stop channel-1;"
                 "remove_channel channel-1;unlink acme;");
    world_free(world);
}

static void test_auto_sync_says_what_is_missing(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    assert_reply(world, "PUT", ORG "/connection/auto-sync", "{\"enabled\":true}", 200,
                 "get_connection acme;move_connection active;"
                 "remember auto-sync enabled by admin socket;enqueue channels acme - enabled;"
                 "enqueue resync acme - enabled;get_connection acme;list_channels acme;");
    assert_reply(world, "PUT", ORG "/connection/auto-sync",
                 "{\"enabled\":true,\"connected_at\":\"1970-01-01T00:00:02.000Z\"}", 409,
                 "get_connection acme;");
    world->state = TS_CONNECTION_NONE;
    answer = ask(world, "PUT", ORG "/connection/auto-sync", "{\"enabled\":true}");
    assert_int_equal(answer->status, 409);
    assert_true(answer_has(answer, "connect a directory first"));
    world_free(world);
}

static void test_a_new_member_is_mailed_where_they_are_invited_and_mail_is_set_up(void **state)
{
    static const struct {
        enum ts_member_status status;
        bool has_mailer;
        const char *mailed;
    } cases[] = {
        {TS_MEMBER_INVITED, true, "\"mailed\":true"},
        {TS_MEMBER_INVITED, false, "\"mailed\":false"},
        {TS_MEMBER_ACTIVE, true, "\"mailed\":false"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct world *world = world_new();
        TS_AUTOFREE struct answer *answer = NULL;

        world->status = cases[i].status;
        world->env.mailer = cases[i].has_mailer ? &world->mailer : NULL;
        answer = ask(world, "POST", ORG "/members", "{\"email\":\"ada@acme.example\"}");
        assert_int_equal(answer->status, 201);
        assert_true(answer_has(answer, cases[i].mailed));
        world_free(world);
    }
}

static void test_members(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    answer = ask(world, "POST", ORG "/members", "{\"email\":\"ada@acme.example\"}");
    assert_int_equal(answer->status, 201);
    assert_true(answer_has(answer, "Location: " ORG "/members/m_1\r\n"));
    assert_string_equal(world->said.data, "create acme ada@acme.example - - - - 0 0;");
    assert_reply(world, "POST", ORG "/members",
                 "{\"email\":\"x@y.z\",\"name\":\"X\",\"role\":\"owner\",\"team\":\"T\","
                 "\"manager_id\":\"m_2\",\"status\":\"active\",\"protected\":true}",
                 201, "create acme x@y.z X owner T m_2 1 1;");
    assert_reply(world, "GET", ORG "/members/m_1", NULL, 200, "get acme m_1;");
    assert_reply(world, "GET", ORG "/members/m_9", NULL, 404, "get acme m_9;");
    assert_reply(world, "GET", ORG "/members/m_1%3a2", NULL, 404, "");
    assert_reply(world, "GET", ORG "/members/m_1/history?limit=7&cursor=5-0", NULL, 200,
                 "get acme m_1;history acme m_1 5-0 7;");
    assert_reply(world, "GET", "/api/v1/orgs/nobody/members", NULL, 404, "get_org nobody;");
    world_free(world);
}

static void test_a_member_is_found_by_address(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *found = NULL;
    TS_AUTOFREE struct answer *nobody = NULL;

    (void)state;
    found = ask(world, "GET", ORG "/members?email=ada%40acme.example", NULL);
    assert_int_equal(found->status, 200);
    assert_true(answer_has(found, "{\"items\":[{\"id\":\"m_1\""));
    assert_string_equal(world->said.data, "get_org acme;view acme ada@acme.example;");
    ts_buf_clear(&world->said);
    nobody = ask(world, "GET", ORG "/members?email=x%40acme.example", NULL);
    assert_int_equal(nobody->status, 200);
    assert_true(answer_has(nobody, "{\"items\":[],\"next_cursor\":null}"));
    ts_buf_clear(&world->said);
    assert_reply(world, "GET", ORG "/members?email=nobody", NULL, 400, "");
    assert_reply(world, "GET", ORG "/members?email=", NULL, 400, "");
    world_free(world);
}

static void test_an_over_long_member_id_is_nobody(void **state)
{
    struct world *world = world_new();
    char path[256] = ORG "/members/";
    size_t head = strlen(path);

    (void)state;
    memset(path + head, 'm', 65);
    assert_reply(world, "GET", path, NULL, 404, "");
    path[head + 64] = '\0';
    TS_AUTOFREE struct answer *answer = ask(world, "GET", path, NULL);

    assert_int_equal(answer->status, 404);
    assert_true(ts_text_starts_with(world->said.data, "get acme mmm"));
    world_free(world);
}

static void test_pages(void **state)
{
    static const char *const wrong[] = {"limit=0",          "limit=501",  "limit=x",
                                        "limit=-1",         "limit=",     "cursor=abcde",
                                        "cursor=5+0",       "cursor=%01", "cursor=1%20OR%201",
                                        "limit=1&cursor=(5"};
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    assert_reply(world, "GET", ORG "/members", NULL, 200, "get_org acme;list acme - 50;");
    assert_reply(world, "GET", ORG "/members?limit=500&cursor=17", NULL, 200,
                 "get_org acme;list acme 17 500;");
    assert_reply(world, "GET", ORG "/members?cursor=", NULL, 200, "get_org acme;list acme - 50;");
    for (size_t i = 0; i < TS_COUNT_OF(wrong); i++) {
        TS_AUTOFREE char *path = ts_format(ORG "/members?%s", wrong[i]);

        assert_reply(world, "GET", path, NULL, 400, "");
    }
    assert_reply(world, "GET", ORG "/members/m_1/history?cursor=5", NULL, 400, "");
    assert_reply(world, "GET", ORG "/members/m_1/history?cursor=5-x", NULL, 400, "");
    assert_reply(world, "GET", "/api/v1/orgs?cursor=Not_An_Org", NULL, 400, "");
    world->next_cursor = "18";
    answer = ask(world, "GET", ORG "/members?limit=1", NULL);
    assert_true(answer_has(answer, "\"next_cursor\":\"18\"}"));
    world_free(world);
}

static void test_members_are_chosen_by_filters_that_make_sense(void **state)
{
    static const char *const wrong[] = {"status=deleted", "status=Active", "sync=fine"};
    struct world *world = world_new();
    char too_long[300] = ORG "/members?q=";

    (void)state;
    assert_reply(world, "GET", ORG "/members?status=active&sync=conflict&team=R%26D&q=Zo%C3%AB",
                 NULL, 200, "get_org acme;list acme - 50 active conflict R&D Zoë;");
    assert_reply(world, "GET", ORG "/members?status=&sync=&team=&q=", NULL, 200,
                 "get_org acme;list acme - 50;");
    for (size_t i = 0; i < TS_COUNT_OF(wrong); i++) {
        TS_AUTOFREE char *path = ts_format(ORG "/members?%s", wrong[i]);

        assert_reply(world, "GET", path, NULL, 400, "get_org acme;");
    }
    memset(too_long + strlen(too_long), 'a', 101);
    assert_reply(world, "GET", too_long, NULL, 400, "get_org acme;");
    world_free(world);
}

static void test_members_are_listed_in_an_order_and_a_cursor_is_good_for_its_own(void **state)
{
    static const char *const wrong[] = {
        "sort=role",   "order=up",   "sort=created&cursor=YWRh",      "sort=name&cursor=a.b",
        "cursor=YWRh", "cursor=1e9", "cursor=99999999999999999999999"};
    struct world *world = world_new();

    (void)state;
    assert_reply(world, "GET", ORG "/members?sort=name&order=desc", NULL, 200,
                 "get_org acme;list acme - 50 name desc;");
    assert_reply(world, "GET", ORG "/members?sort=email&order=asc&cursor=YWRh&q=a", NULL, 200,
                 "get_org acme;list acme YWRh 50 - - - a email;");
    assert_reply(world, "GET", ORG "/members?sort=team", NULL, 200,
                 "get_org acme;list acme - 50 team;");
    assert_reply(world, "GET", ORG "/members?sort=created&order=desc&cursor=17", NULL, 200,
                 "get_org acme;list acme 17 50 created desc;");
    assert_reply(world, "GET", ORG "/members?sort=&order=", NULL, 200,
                 "get_org acme;list acme - 50;");
    for (size_t i = 0; i < TS_COUNT_OF(wrong); i++) {
        TS_AUTOFREE char *path = ts_format(ORG "/members?%s", wrong[i]);
        TS_AUTOFREE struct answer *answer = ask(world, "GET", path, NULL);

        assert_int_equal(answer->status, 400);
        assert_null(strstr(world->said.data, "list"));
    }
    world_free(world);
}

static void test_the_team_is_shown_at_a_glance(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *teams = NULL;
    TS_AUTOFREE struct answer *summary = NULL;

    (void)state;
    world->next_cursor = "YWRh";
    teams = ask(world, "GET", ORG "/teams?limit=1", NULL);
    assert_true(answer_has(
        teams, "{\"items\":[{\"team\":\"R&D\",\"members\":12}],\"next_cursor\":\"YWRh\"}"));
    assert_reply(world, "GET", ORG "/teams?cursor=YWRh", NULL, 200,
                 "get_org acme;teams acme YWRh 50;");
    assert_reply(world, "GET", ORG "/teams?cursor=a.b", NULL, 400, "");
    assert_reply(world, "GET", "/api/v1/orgs/nobody/teams", NULL, 404, "get_org nobody;");
    summary = ask(world, "GET", ORG "/summary", NULL);
    assert_true(answer_has(summary,
                           "{\"members\":{\"invited\":1,\"active\":2,\"suspended\":3},"
                           "\"sync\":{\"unmatched\":4,\"synced\":5,\"pending\":6,\"held\":7,"
                           "\"conflict\":8,\"error\":9}}"));
    assert_reply(world, "GET", "/api/v1/orgs/nobody/summary", NULL, 404, "get_org nobody;");
    world_free(world);
}

static void test_a_member_is_synced_while_one_waits_where_auto_sync_is_on(void **state)
{
    struct world *world = world_new();

    (void)state;
    assert_reply(world, "POST", ORG "/members/m_1/sync", NULL, 409,
                 "get acme m_1;get_connection acme;");
    assert_reply(world, "POST", ORG "/members/m_9/sync", NULL, 404, "get acme m_9;");
    assert_reply(world, "POST", ORG "/members/m_1/sync", "{\"force\":true}", 400, "");
    world->state = TS_CONNECTION_ACTIVE;
    assert_reply(world, "POST", ORG "/members/m_1/sync", "{}", 503, /* so is the world's Redis */
                 "get acme m_1;get_connection acme;begin acme;");
    world_free(world);
}

static void test_jobs_on_demand_are_202_with_the_job(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = NULL;

    (void)state;
    assert_reply(world, "POST", ORG "/resync", "{\"force\":true}", 400, "");
    assert_reply(world, "POST", "/api/v1/orgs/nobody/resync", NULL, 404, "get_org nobody;");
    answer = ask(world, "POST", ORG "/resync", NULL);
    assert_int_equal(answer->status, 202);
    assert_string_equal(body_of(answer), "{\"job\":\"9-0\",\"coalesced\":true}\n");
    assert_string_equal(world->said.data, "get_org acme;enqueue resync acme - api;");
    world_free(world);
}

static void test_the_queue_in_figures(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = ask(world, "GET", "/api/v1/queue", NULL);

    (void)state;
    assert_string_equal(body_of(answer), "{\"depth\":3,\"running\":2,\"delayed\":4,\"dead\":5,"
                                         "\"oldest_seconds\":61,\"max_waiting\":1000000}\n");
    world_free(world);
}

static void test_the_queue_of_the_last_day(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = ask(world, "GET", "/api/v1/queue/history", NULL);

    (void)state;
    assert_string_equal(body_of(answer),
                        "{\"items\":[{\"at\":\"1970-01-01T00:01:00.000Z\",\"depth\":3,"
                        "\"oldest_seconds\":61,\"delayed\":4,\"dead\":5,\"enqueued\":null,"
                        "\"done\":null},{\"at\":\"1970-01-01T00:02:00.000Z\",\"depth\":2,"
                        "\"oldest_seconds\":0,\"delayed\":0,\"dead\":0,\"enqueued\":9,"
                        "\"done\":7}],\"next_cursor\":null}\n");
    world_free(world);
}

static void test_dead_letters(void **state)
{
    static const char dead[] = "/api/v1/dead-letters";
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = ask(world, "GET", dead, NULL);

    (void)state;
    assert_string_equal(
        body_of(answer),
        "{\"items\":[{\"id\":\"5-0\",\"job\":{\"type\":\"user\",\"org\":\"acme\","
        "\"user\":\"(not printable)\"},\"reason\":\"unknown org\",\"attempts\":3,"
        "\"first_error\":\"it was down\",\"last_error\":\"unknown org\","
        "\"queued_at\":\"1970-01-01T00:00:01.000Z\",\"died_at\":\"1970-01-01T00:00:02.000Z\"}],"
        "\"next_cursor\":\"5-0\"}\n");
    assert_reply(world, "GET", "/api/v1/dead-letters?limit=2&cursor=7-1", NULL, 200,
                 "list_dead 7-1 2;");
    assert_reply(world, "GET", "/api/v1/dead-letters?cursor=7", NULL, 400, "");
    assert_reply(world, "POST", "/api/v1/dead-letters/5-0/retry", NULL, 202,
                 "revive 5-0 by admin socket;");
    assert_reply(world, "POST", "/api/v1/dead-letters/five/retry", NULL, 404, "");
    assert_reply(world, "DELETE", "/api/v1/dead-letters/5-0", NULL, 204, "discard 5-0;");
    assert_reply(world, "DELETE", "/api/v1/dead-letters/5-0-1", NULL, 404, "");
    world_free(world);
}

/* --- what may be wrong with a body: it is said which field, and nothing is asked of anybody --- */

#define X10(text) text text text text text text text text text text

static const struct wrong_body {
    const char *method;
    const char *path;
    const char *body;
    const char *names; /* in the detail */
} wrong_bodies[] = {
    {"POST", "/api/v1/orgs", "{\"id\"", "JSON"},
    {"POST", "/api/v1/orgs", "[]", "object"},
    {"POST", "/api/v1/orgs", "null", "JSON"},
    {"POST", "/api/v1/orgs", "{\"id\":\"a\",\"name\":\"\xff\"}", "JSON"},
    {"POST", "/api/v1/orgs", "{\"id\":\"a\",\"name\":\"a\\u0000b\"}", "JSON"},
    {"POST", "/api/v1/orgs", "{}", "id is missing"},
    {"POST", "/api/v1/orgs", "{\"id\":\"a\"}", "name is missing"},
    {"POST", "/api/v1/orgs", "{\"id\":5,\"name\":\"x\"}", "id must be a text"},
    {"POST", "/api/v1/orgs", "{\"id\":null,\"name\":\"x\"}", "id must be a text"},
    {"POST", "/api/v1/orgs", "{\"id\":\"\",\"name\":\"x\"}", "id must not be empty"},
    {"POST", "/api/v1/orgs", "{\"id\":\"A\",\"name\":\"x\"}", "id must be"},
    {"POST", "/api/v1/orgs", "{\"id\":\"a:b\",\"name\":\"x\"}", "id must be"},
    {"POST", "/api/v1/orgs", "{\"id\":\"" X10("abcdef") "abcd\",\"name\":\"x\"}", "id must be"},
    {"POST", "/api/v1/orgs", "{\"id\":\"a\",\"name\":\"x\\ny\"}", "name contains control"},
    {"POST", "/api/v1/orgs", "{\"id\":\"a\",\"name\":\"" X10(X10("abc")) "\"}", "name is too long"},
    {"POST", "/api/v1/orgs", "{\"id\":\"a\",\"name\":\"x\",\"extra\":1}", "extra is not known"},
    {"POST", "/api/v1/orgs", "{\"id\":\"a\",\"name\":\"x\",\"sync\":[]}", "sync must be an object"},
    {"POST", "/api/v1/orgs", "{\"id\":\"a\",\"name\":\"x\",\"sync\":{\"clear_missing\":1}}",
     "sync.clear_missing must be true or false"},
    {"POST", "/api/v1/orgs", "{\"id\":\"a\",\"name\":\"x\",\"target\":{\"type\":\"scim\"}}",
     "target.type"},
    {"PATCH", ORG, "{\"name\":\"\"}", "name must not be empty"},
    {"PATCH", ORG, "{\"id\":\"other\"}", "id is not known"},
    {"PUT", ORG "/connection", "{\"provider\":\"google-workspace\"}", "credentials is missing"},
    {"PUT", ORG "/connection", "{\"provider\":\"okta\",\"credentials\":{\"type\":\"x\"}}",
     "provider must be google-workspace"},
    {"PUT", ORG "/connection",
     "{\"provider\":\"google-workspace\",\"credentials\":{\"type\":\"x\",\"key\":\"text\"}}",
     "credentials.key must be an object"},
    {"PUT", ORG "/connection",
     "{\"provider\":\"google-workspace\",\"credentials\":{\"type\":\"x\",\"token_uri\":\"u\"}}",
     "credentials.token_uri is not known"},
    {"PUT", ORG "/connection/auto-sync", "{\"enabled\":\"yes\"}", "enabled must be true or false"},
    {"PUT", ORG "/connection/auto-sync", "{}", "enabled is missing"},
    {"POST", ORG "/members", "{}", "email is missing"},
    {"POST", ORG "/members", "{\"email\":\"no address\"}", "email must be an e-mail address"},
    {"POST", ORG "/members", "{\"email\":[\"a@b.c\"]}", "email must be a text"},
    {"POST", ORG "/members", "{\"email\":\"a@b.c\",\"team\":\"\"}", "team must not be empty"},
    {"POST", ORG "/members", "{\"email\":\"a@b.c\",\"protected\":\"no\"}", "protected must be"},
    {"POST", ORG "/members", "{\"email\":\"a@b.c\",\"status\":\"suspended\"}", "status must be"},
    {"POST", ORG "/members", "{\"email\":\"a@b.c\",\"manager\":\"m_1\"}", "manager is not known"},
};

static void test_a_wrong_body_is_400_and_the_field_is_named(void **state)
{
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(wrong_bodies); i++) {
        const struct wrong_body *wrong = &wrong_bodies[i];
        TS_AUTOFREE struct answer *answer = ask(world, wrong->method, wrong->path, wrong->body);
        const char *detail = strstr(answer->text, "\"detail\":");

        if (answer->status != 400 || !detail || !strstr(detail, wrong->names))
            print_error("%s: %s\n", wrong->body, answer->text);
        assert_int_equal(answer->status, 400);
        assert_non_null(detail);
        assert_non_null(strstr(detail, wrong->names));
        assert_true(answer_has(answer, "application/problem+json"));
        assert_string_equal(world->said.data, "");
    }
    world_free(world);
}

static void test_a_body_is_json_by_its_content_type(void **state)
{
    static const struct {
        const char *header;
        int status;
    } cases[] = {
        {"Content-Type: application/json\r\n", 201},
        {"Content-Type: Application/JSON; charset=utf-8\r\n", 201},
        {"Content-Type: application/jsonp\r\n", 415},
        {"Content-Type: application/x-www-form-urlencoded\r\n", 415},
        {"Content-Type: text/plain\r\n", 415},
        {"", 415},
    };
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE struct answer *answer = ask_with(
            world, true, "POST", "/api/v1/orgs", cases[i].header, "{\"id\":\"a\",\"name\":\"A\"}");

        assert_int_equal(answer->status, cases[i].status);
    }
    world_free(world);
}

static void test_what_an_error_of_a_port_means(void **state)
{
    static const struct {
        enum ts_class cls;
        int status;
        bool is_told; /* the reason is for who asked, too */
    } cases[] = {
        {TS_NOT_FOUND, 404, true}, {TS_RETRY, 503, true},     {TS_AUTH, 503, true},
        {TS_REJECTED, 409, true},  {TS_INTERNAL, 500, false},
    };
    struct world *world = world_new();

    (void)state;
    world->failing = "create";
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE struct answer *answer = NULL;

        world->failure = ts_error_make(cases[i].cls, "the very reason");
        answer = ask(world, "POST", ORG "/members", "{\"email\":\"a@b.c\"}");
        assert_int_equal(answer->status, cases[i].status);
        assert_int_equal(answer_has(answer, "the very reason"), cases[i].is_told);
        assert_int_equal(answer_has(answer, "Retry-After: 5\r\n"), cases[i].status == 503);
        assert_false(answer_has(answer, "Location:"));
    }
    world_free(world);
}

static void test_stopping_leaves_nothing_of_a_request_behind(void **state)
{
    static const char request[] = "GET /api/v1/queue HTTP/1.1\r\nHost: x\r\n\r\n";
    struct world *world = world_new();
    int line = client_send(&world->loopback, true, request, strlen(request));

    (void)state;
    assert_true(TEST_WAIT(world->loopback.loop, world->said.len > 0));
    world_free(world); /* the sanitizer finds what would be left */
    (void)close(line);
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
        cmocka_unit_test(test_orgs),
        cmocka_unit_test(test_a_patch_changes_what_it_names_and_nothing_else),
        cmocka_unit_test(test_the_connection_shows_all_but_the_credentials),
        cmocka_unit_test(test_people_of_the_directory_are_listed_with_what_they_are_here),
        cmocka_unit_test(test_each_invitation_has_a_result_of_its_own),
        cmocka_unit_test(test_an_invitation_is_mailed_again_or_its_link_is_told),
        cmocka_unit_test(test_following_an_invitation_is_looking_until_the_button_is_pressed),
        cmocka_unit_test(test_connecting_verifies_then_stores_then_shows),
        cmocka_unit_test(test_a_token_connects_in_its_own_name_only),
        cmocka_unit_test(test_a_refused_connection_is_422_with_the_reason),
        cmocka_unit_test(test_a_failing_connection_tells_how_it_is_mended),
        cmocka_unit_test(test_who_is_no_admin_is_noticed_while_connected),
        cmocka_unit_test(test_disconnecting_leaves_closes_and_unlinks),
        cmocka_unit_test(test_auto_sync_says_what_is_missing),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_a_new_member_is_mailed_where_they_are_invited_and_mail_is_set_up),
        cmocka_unit_test(test_a_member_is_found_by_address),
        cmocka_unit_test(test_an_over_long_member_id_is_nobody),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_members_are_chosen_by_filters_that_make_sense),
        cmocka_unit_test(test_members_are_listed_in_an_order_and_a_cursor_is_good_for_its_own),
        cmocka_unit_test(test_the_team_is_shown_at_a_glance),
        cmocka_unit_test(test_a_member_is_synced_while_one_waits_where_auto_sync_is_on),
        cmocka_unit_test(test_jobs_on_demand_are_202_with_the_job),
        cmocka_unit_test(test_the_queue_in_figures),
        cmocka_unit_test(test_the_queue_of_the_last_day),
        cmocka_unit_test(test_dead_letters),
        cmocka_unit_test(test_a_wrong_body_is_400_and_the_field_is_named),
        cmocka_unit_test(test_a_body_is_json_by_its_content_type),
        cmocka_unit_test(test_what_an_error_of_a_port_means),
        cmocka_unit_test(test_stopping_leaves_nothing_of_a_request_behind),
    };

    return cmocka_run_group_tests(tests, silence, NULL);
}
