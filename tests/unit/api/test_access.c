/* SPDX-License-Identifier: MIT */
/* Who may do what: every route with every set of permissions, of this org, another, or all, shown
 * by a token or by a session. */
#include "api/exchange.h"
#include "world.h"

#include "teamsync/log.h"

#define R       TS_MEMBERS_READ
#define M       TS_MEMBERS_MANAGE
#define I       TS_INTEGRATIONS_MANAGE
#define O       TS_OPERATE
#define A       TS_ADMIN_SOCKET
#define ANYBODY TS_ANYBODY_KNOWN
#define WHOEVER TS_WHOEVER_ASKS

static const char token_body[] =
    "{\"name\":\"ops\",\"org\":\"acme\",\"permissions\":[\"operate\"]}";

static const char sign_in_body[] = "{\"token\":\"good\"}";

static const char connect_body[] =
    "{\"provider\":\"google-workspace\",\"credentials\":{\"type\":\"service_account\"}}";

/* The contract, written down a second time. */
static const struct row {
    const char *method;
    const char *path;
    const char *body;
    unsigned needs;
    int status; /* when permitted */
} rows[] = {
    {"GET", "/api/v1/openapi.json", NULL, TS_PUBLIC, 200},
    {"POST", "/api/v1/orgs", "{\"id\":\"new\",\"name\":\"New\"}", O, 201},
    {"GET", "/api/v1/orgs", NULL, O, 200},
    {"GET", "/api/v1/orgs/acme", NULL, R, 200},
    {"PATCH", "/api/v1/orgs/acme", "{\"name\":\"Acme\"}", I, 200},
    {"PUT", "/api/v1/orgs/acme/connection", connect_body, I, 200},
    {"GET", "/api/v1/orgs/acme/connection", NULL, R, 200},
    {"DELETE", "/api/v1/orgs/acme/connection", NULL, I, 204},
    {"GET", "/api/v1/orgs/acme/connection/authorize", NULL, I, 200},
    {"GET", "/oauth/google/callback", NULL, TS_PUBLIC, 400}, /* without state and code */
    {"POST", "/oauth/google/callback", NULL, TS_PUBLIC, 400},
    {"PUT", "/api/v1/orgs/acme/connection/auto-sync", "{\"enabled\":false}", I | M, 200},
    {"GET", "/api/v1/orgs/acme/connection/preview", NULL, I, 503}, /* the directory is away */
    {"POST", "/api/v1/orgs/acme/resync", NULL, I, 202},
    {"GET", "/api/v1/orgs/acme/resyncs", NULL, R, 200},
    {"POST", "/api/v1/orgs/acme/resyncs/run_1/undo", NULL, M, 200},
    {"GET", "/api/v1/orgs/acme/hold", NULL, R, 200},
    {"POST", "/api/v1/orgs/acme/hold/approve", "{\"digest\":\"d\"}", M, 200},
    {"POST", "/api/v1/orgs/acme/hold/reject", "{\"digest\":\"d\"}", M, 200},
    {"GET", "/api/v1/orgs/acme/members", NULL, R, 200},
    {"POST", "/api/v1/orgs/acme/members", "{\"email\":\"x@acme.example\"}", M, 201},
    {"GET", "/api/v1/orgs/acme/teams", NULL, R, 200},
    {"GET", "/api/v1/orgs/acme/summary", NULL, R, 200},
    {"GET", "/api/v1/orgs/acme/members/m_1", NULL, R, 200},
    {"PATCH", "/api/v1/orgs/acme/members/m_1", "{\"team\":\"Sales\"}", M, 200},
    {"DELETE", "/api/v1/orgs/acme/members/m_1", NULL, M, 204},
    {"POST", "/api/v1/orgs/acme/members/m_1/suspend", NULL, M, 200},
    {"POST", "/api/v1/orgs/acme/members/m_1/unsuspend", NULL, M, 200},
    {"GET", "/api/v1/orgs/acme/members/m_1/history", NULL, R, 200},
    {"POST", "/api/v1/orgs/acme/members/m_1/sync", NULL, M, 409}, /* auto-sync is off */
    {"GET", "/api/v1/orgs/acme/history", NULL, R, 200},
    {"GET", "/api/v1/orgs/acme/history/export?format=csv", NULL, R, 200},
    {"POST", "/api/v1/orgs/acme/members/m_1/invitation", NULL, M, 200},
    {"GET", "/api/v1/orgs/acme/directory-users", NULL, M, 409}, /* auto-sync is off */
    {"GET", "/api/v1/orgs/acme/events", NULL, R, 200},
    {"POST", "/api/v1/orgs/acme/invitations", "{\"directory_user_ids\":[\"1\"]}", M, 409},
    {"GET", "/invitations/t_1", NULL, TS_PUBLIC, 200},
    {"POST", "/invitations/t_1", NULL, TS_PUBLIC, 200},
    {"POST", "/api/v1/tokens", token_body, O, 201},
    {"GET", "/api/v1/tokens", NULL, O, 200},
    {"DELETE", "/api/v1/tokens/t_1", NULL, O, 204},
    {"GET", "/api/v1/orgs/acme/managers", NULL, R, 200},
    {"POST", "/api/v1/session", sign_in_body, TS_PUBLIC, 201},
    {"GET", "/api/v1/session", NULL, WHOEVER, 200},
    {"DELETE", "/api/v1/session", NULL, ANYBODY, 409}, /* a token is no session */
    {"POST", "/api/v1/login-links", token_body, O, 201},
    {"POST", "/api/v1/secrets/rotate", NULL, O | A, 200},
    {"GET", "/api/v1/queue", NULL, O, 200},
    {"GET", "/api/v1/queue/history", NULL, O, 200},
    {"GET", "/api/v1/dead-letters", NULL, O, 200},
    {"POST", "/api/v1/dead-letters/5-0/retry", NULL, O, 202},
    {"DELETE", "/api/v1/dead-letters/5-0", NULL, O, 204},
};

#define JSON            "Content-Type: application/json\r\n"
#define TOKEN_HEADERS   "Authorization: Bearer %s\r\n" JSON
#define OUR_PAGE        "Sec-Fetch-Site: same-origin\r\n"
#define SESSION_HEADERS "Cookie: __Host-teamsync_session=%s\r\n" OUR_PAGE JSON

enum shown { BY_TOKEN, BY_SESSION };

static int expected(const struct row *row, enum shown shown, const char *org, unsigned permissions)
{
    bool is_of_an_org = strstr(row->path, "/acme") != NULL;
    bool is_for_all = strcmp(org, "*") == 0;
    bool signs_out = row->needs == ANYBODY && strcmp(row->method, "DELETE") == 0;

    if (row->needs == ANYBODY)
        return signs_out && shown == BY_SESSION ? 204 : row->status;
    if (row->needs == TS_PUBLIC || row->needs == WHOEVER)
        return row->status;
    if (is_of_an_org && !is_for_all && strcmp(org, "acme") != 0)
        return 404;
    if ((permissions & row->needs) != row->needs || (!is_of_an_org && !is_for_all))
        return 403;
    return row->status;
}

static void assert_row(struct world *world, const struct row *row, enum shown shown,
                       const char *org, unsigned permissions)
{
    int status = expected(row, shown, org, permissions);
    TS_AUTOFREE char *secret =
        ts_format("%s%s/%u", shown == BY_SESSION ? "s." : "", org, permissions);
    TS_AUTOFREE char *headers =
        shown == BY_SESSION ? ts_format(SESSION_HEADERS, secret) : ts_format(TOKEN_HEADERS, secret);
    TS_AUTOFREE struct answer *answer =
        ask_with(world, false, row->method, row->path, headers, row->body);

    if (answer->status != status)
        print_error("%s %s as %s: %d\n", row->method, row->path, secret, answer->status);
    assert_int_equal(answer->status, status);
    if (answer->status == 403 || answer->status == 404) { /* nothing but the token was looked at */
        TS_AUTOFREE char *asked = ts_format("find_token %s;", secret);

        assert_string_equal(world->said.data, asked);
    }
}

static void test_every_route_with_every_token_and_every_session(void **state)
{
    static const char *const orgs[] = {"acme", "other", "*"};
    struct world *world = world_new();

    (void)state;
    assert_int_equal(TS_COUNT_OF(rows), ts_api_route_count);
    for (size_t i = 0; i < TS_COUNT_OF(rows); i++) {
        for (size_t org = 0; org < TS_COUNT_OF(orgs); org++) {
            for (unsigned permissions = 0; permissions <= TS_ALL_PERMISSIONS; permissions++) {
                assert_row(world, &rows[i], BY_TOKEN, orgs[org], permissions);
                assert_row(world, &rows[i], BY_SESSION, orgs[org], permissions);
            }
        }
    }
    world_free(world);
}

/* It makes members, with a role. */
static void test_auto_invite_takes_the_permission_to_invite(void **state)
{
    static const struct row row = {"PATCH", "/api/v1/orgs/acme",
                                   "{\"invitations\":{\"auto_invite\":true}}", I | M, 200};
    struct world *world = world_new();

    (void)state;
    for (unsigned permissions = 0; permissions <= TS_ALL_PERMISSIONS; permissions++)
        assert_row(world, &row, BY_TOKEN, "acme", permissions);
    world_free(world);
}

static void test_the_admin_socket_may_everything_without_a_token(void **state)
{
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(rows); i++) {
        TS_AUTOFREE struct answer *answer = ask(world, rows[i].method, rows[i].path, rows[i].body);

        assert_int_equal(answer->status, rows[i].status);
        assert_null(strstr(world->said.data, "find_token"));
    }
    world_free(world);
}

static void test_whoever_shows_nothing_is_nobody(void **state)
{
    static const char *const headers[] = {"", "Authorization: Basic YTpi\r\n",
                                          "Cookie: a=b\r\n" OUR_PAGE};
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(headers); i++) {
        TS_AUTOFREE struct answer *answer =
            ask_with(world, false, "GET", "/api/v1/session", headers[i], NULL);

        assert_int_equal(answer->status, 204);
        assert_int_equal(world->said.len, 0);
    }
    world_free(world);
}

static void test_without_a_known_token_it_is_401(void **state)
{
    TS_AUTOFREE char *long_token = ts_alloc(300);
    TS_AUTOFREE char *over_long = NULL;
    TS_AUTOFREE char *over_long_session = NULL;

    (void)state;
    memset(long_token, 'x', 201);
    over_long = ts_format("Authorization: Bearer %s/15\r\n", long_token);
    over_long_session = ts_format(SESSION_HEADERS, long_token);

    const char *const headers[] = {
        "", /* the first six show nothing */
        "Authorization: Bearer\r\n",
        "Authorization: Bearer \r\n",
        "Authorization: Basic YTpi\r\n",
        "Authorization: */15\r\n",
        "Cookie: teamsync_session=s.*/15\r\n" OUR_PAGE, /* anybody's, over TLS */
        "Authorization: Bearer unknown\r\n",
        "Authorization: Bearer s.*/15\r\n", /* a session is no token */
        "Authorization: Bearer unknown\r\nCookie: __Host-teamsync_session=s.*/15\r\n" OUR_PAGE,
        "Cookie: __Host-teamsync_session=unknown\r\n" OUR_PAGE,
        "Cookie: __Host-teamsync_session=*/15\r\n" OUR_PAGE, /* a token is no session */
        "Cookie: __Host-teamsync_session=\r\n" OUR_PAGE,
        over_long,
        over_long_session,
    };

    for (size_t i = 0; i < TS_COUNT_OF(headers); i++) {
        for (size_t row = 0; row < TS_COUNT_OF(rows); row++) {
            struct world *world = NULL;
            TS_AUTOFREE struct answer *answer = NULL;

            if (rows[row].needs == TS_PUBLIC || (rows[row].needs == WHOEVER && i < 6))
                continue;
            world = world_new(); /* nobody has guessed before */
            answer = ask_with(world, false, rows[row].method, rows[row].path, headers[i], NULL);
            assert_int_equal(answer->status, 401);
            assert_true(answer_has(answer, "WWW-Authenticate: Bearer\r\n"));
            assert_true(answer_has(answer, "application/problem+json"));
            world_free(world);
        }
    }
}

/* The token of somebody else behind the same proxy works, if it was good before. */
static void test_who_guesses_is_slowed_down_and_nobody_else(void **state)
{
    static const char known[] = "Authorization: Bearer */8\r\n";
    struct world *world = world_new();

    (void)state;
    free(ask_with(world, false, "GET", "/api/v1/queue", known, NULL));
    for (unsigned i = 0; i < 3 * TS_GUESSES_AT_ONCE; i++) {
        TS_AUTOFREE char *guess = ts_format("Authorization: Bearer guess-%u\r\n", i);
        TS_AUTOFREE struct answer *answer =
            ask_with(world, false, "GET", "/api/v1/queue", guess, NULL);
        TS_AUTOFREE struct answer *honest = NULL;

        assert_int_equal(answer->status, i < TS_GUESSES_AT_ONCE ? 401 : 429);
        assert_int_equal(answer_has(answer, "Retry-After: 5\r\n"), i >= TS_GUESSES_AT_ONCE);
        assert_int_equal(world->said.len == 0, i >= TS_GUESSES_AT_ONCE); /* Redis is not asked */
        honest = ask_with(world, false, "GET", "/api/v1/queue", known, NULL);
        assert_int_equal(honest->status, 200);
    }
    free(ask_with(world, true, "GET", "/api/v1/queue", "", NULL));
    assert_string_equal(world->said.data, "stats;");
    world_free(world);
}

/* The browser would go on to show it, and be taken for a guesser. */
static void test_a_session_that_is_over_is_forgotten_by_the_browser(void **state)
{
    static const char over[] = "Cookie: __Host-teamsync_session=unknown\r\n";
    struct world *world = world_new();

    (void)state;
    for (unsigned i = 0; i < 2 * TS_GUESSES_AT_ONCE; i++) {
        TS_AUTOFREE struct answer *answer =
            ask_with(world, false, "GET", "/api/v1/queue", over, NULL);
        bool is_asked = i < TS_GUESSES_AT_ONCE;

        assert_int_equal(answer->status, is_asked ? 401 : 429);
        assert_int_equal(answer_has(answer, "Set-Cookie: __Host-teamsync_session=; Path=/; "
                                            "Max-Age=0; HttpOnly; SameSite=Strict; Secure\r\n"),
                         is_asked);
    }
    world_free(world);
}

/* A proxy that asks for a password of its own has the browser send it to us, too. */
static void test_another_kind_of_authorization_hides_no_session(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer = ask_with(
        world, false, "GET", "/api/v1/queue",
        "Authorization: Basic YTpi\r\nCookie: a=b; __Host-teamsync_session=s.*/15\r\n", NULL);

    (void)state;
    assert_int_equal(answer->status, 200);
    world_free(world);
}

/* What may come from where is in test_origin.c. */
static void test_a_session_acts_only_for_our_own_page(void **state)
{
    static const char cookie[] = "Cookie: __Host-teamsync_session=s.*/15\r\n";
    static const struct {
        const char *more;
        bool is_ours;
    } cases[] = {
        {"", false},
        {"Sec-Fetch-Site: same-origin\r\n", true},
        {"Sec-Fetch-Site: same-site\r\nOrigin: http://x\r\n", false},
        {"Origin: https://x\r\n", true},
        {"Origin: http://x\r\n", false}, /* anybody's who is on the way */
        {"Origin: https://sync.example\r\n", true},
        {"Origin: https://evil.example\r\n", false},
        {"Authorization: Bearer */15\r\nSec-Fetch-Site: cross-site\r\n", true}, /* who has it may */
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct world *world = world_new();
        TS_AUTOFREE char *headers = ts_format("%s%s", cookie, cases[i].more);
        TS_AUTOFREE struct answer *looked =
            ask_with(world, false, "GET", "/api/v1/orgs/acme/hold", headers, NULL);
        TS_AUTOFREE struct answer *acted =
            ask_with(world, false, "POST", "/api/v1/orgs/acme/resync", headers, NULL);

        assert_int_equal(looked->status, 200);
        assert_int_equal(acted->status, cases[i].is_ours ? 202 : 403);
        assert_int_equal(world->said.len > 0,
                         cases[i].is_ours); /* not even the session is asked about */
        world_free(world);
    }
}

static void test_redis_trouble_is_no_guess(void **state)
{
    struct world *world = world_new();

    (void)state;
    world->failing = "find_token";
    world->failure = ts_error_make(TS_RETRY, "redis: no connection");
    for (unsigned i = 0; i < 3 * TS_GUESSES_AT_ONCE; i++) {
        TS_AUTOFREE struct answer *answer =
            ask_with(world, false, "GET", "/api/v1/queue", "Authorization: Bearer */8\r\n", NULL);

        assert_int_equal(answer->status, 503);
    }
    world_free(world);
}

static void test_the_scheme_is_written_in_any_case(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer =
        ask_with(world, false, "GET", "/api/v1/queue", "authorization: bearer */15\r\n", NULL);

    (void)state;
    assert_int_equal(answer->status, 200);
    world_free(world);
}

/* Nobody learns from the answer what an org id must look like, or which ones there are. */
static void test_a_malformed_org_is_401_without_and_404_with_a_token(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *without =
        ask_with(world, false, "GET", "/api/v1/orgs/Not%20An%20Org", "", NULL);
    TS_AUTOFREE struct answer *with = ask_with(world, false, "GET", "/api/v1/orgs/Not%20An%20Org",
                                               "Authorization: Bearer */15\r\n", NULL);

    (void)state;
    assert_int_equal(without->status, 401);
    assert_int_equal(with->status, 404);
    assert_string_equal(world->said.data, "");
    world_free(world);
}

static void test_redis_trouble_is_503_and_lets_nobody_in(void **state)
{
    struct world *world = world_new();

    (void)state;
    world->failing = "find_token";
    for (enum ts_class cls = TS_RETRY; cls <= TS_INTERNAL; cls++) {
        TS_AUTOFREE struct answer *answer = NULL;

        world->failure = ts_error_make(cls, "redis: no connection");
        answer =
            ask_with(world, false, "GET", "/api/v1/queue", "Authorization: Bearer */15\r\n", NULL);
        assert_true(answer->status >= 409);
        assert_null(strstr(world->said.data, "stats"));
        if (cls == TS_RETRY || cls == TS_AUTH) {
            assert_int_equal(answer->status, 503);
            assert_true(answer_has(answer, "Retry-After: 5\r\n"));
        }
    }
    world_free(world);
}

static int silence(void **state)
{
    (void)state;
    ts_log_setup(TS_LOG_ERROR, TS_LOG_LOGFMT); /* two thousand refusals */
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route_with_every_token_and_every_session),
        cmocka_unit_test(test_auto_invite_takes_the_permission_to_invite),
        cmocka_unit_test(test_the_admin_socket_may_everything_without_a_token),
        cmocka_unit_test(test_whoever_shows_nothing_is_nobody),
        cmocka_unit_test(test_without_a_known_token_it_is_401),
        cmocka_unit_test(test_who_guesses_is_slowed_down_and_nobody_else),
        cmocka_unit_test(test_a_session_that_is_over_is_forgotten_by_the_browser),
        cmocka_unit_test(test_another_kind_of_authorization_hides_no_session),
        cmocka_unit_test(test_a_session_acts_only_for_our_own_page),
        cmocka_unit_test(test_redis_trouble_is_no_guess),
        cmocka_unit_test(test_the_scheme_is_written_in_any_case),
        cmocka_unit_test(test_a_malformed_org_is_401_without_and_404_with_a_token),
        cmocka_unit_test(test_redis_trouble_is_503_and_lets_nobody_in),
    };

    return cmocka_run_group_tests(tests, silence, NULL);
}
