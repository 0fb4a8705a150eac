/* SPDX-License-Identifier: MIT */
/* The port as a whole: what it asks of Google, and what it makes of the answers. */
#include "directory/google/google_internal.h"
#include "unit/directory_google/google_fixture.h"

#include "teamsync/google.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#define API   "https://api.example"
#define USERS API "/admin/directory/v1/users"
#define USER                                                                                       \
    "{\"id\":\"1047\",\"primaryEmail\":\"ana@acme.example\",\"suspended\":false,"                  \
    "\"archived\":false,\"aliases\":[\"a@acme.example\"],"                                         \
    "\"organizations\":[{\"department\":\"Ops\",\"primary\":true}]}"
#define ADMIN                                                                                      \
    "{\"id\":\"1\",\"primaryEmail\":\"root@acme.example\",\"isAdmin\":true,"                       \
    "\"isDelegatedAdmin\":false,\"customerId\":\"C03x\"}"
#define NO_ADMIN                                                                                   \
    "{\"id\":\"1\",\"primaryEmail\":\"root@acme.example\",\"isAdmin\":false,"                      \
    "\"isDelegatedAdmin\":false}"
#define PROFILE "{\"id\":\"1\",\"primaryEmail\":\"root@acme.example\"}"
#define PROBLEM(reason, message)                                                                   \
    "{\"error\":{\"message\":\"" message "\",\"errors\":[{\"reason\":\"" reason "\"}]}}"
#define FORBIDDEN PROBLEM("forbidden", "Not Authorized to access this resource/api")
#define NOT_FOUND PROBLEM("notFound", "Resource Not Found: userKey")
#define DELETED   PROBLEM("conditionNotMet", "User is deleted.")

struct bench {
    struct ts_loop *loop;
    struct fake_http http;
    struct ts_directory *directory;
    struct ts_connection connection;
    struct ts_op *op;

    unsigned answers;
    struct ts_error err;
    struct ts_directory_user *user;
    bool is_admin;
    char *subject;
    char *customer;
    char *resource_id;
    uint64_t expiration_us;
};

static int setup(void **state)
{
    struct bench *b = ts_alloc(sizeof(*b));
    const struct ts_google_options options = {
        .api_url = API "/",
        .token_url = TOKEN_URL,
        .client_id = "own-client",
        .requests_per_minute = 600,
    };

    b->loop = ts_loop_new();
    b->http.port.start = fake_start;
    b->http.loop = b->loop;
    b->directory = ts_google_new(b->loop, &b->http.port, &options);
    ((struct ts_google *)(void *)b->directory)->env.now_ms = fixture_clock;
    b->connection = fixture_connection("r1", fixture_consent);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    ts_op_cancel(&b->op);
    ts_google_free(b->directory);
    assert_int_equal(fake_waiting(&b->http), 0);
    ts_loop_free(b->loop);
    free(b->user);
    free(b->subject);
    free(b->customer);
    free(b->resource_id);
    free(b);
    return 0;
}

static void note(struct bench *b, const struct ts_error *err)
{
    b->op = NULL;
    b->answers++;
    b->err = *err;
}

static void on_user(const struct ts_error *err, const struct ts_directory_user *user, void *arg)
{
    struct bench *b = arg;

    note(b, err);
    assert_int_equal(err->cls == TS_OK, user != NULL);
    free(b->user);
    b->user = ts_directory_user_dup(user);
}

static void on_probe(const struct ts_error *err, const struct ts_directory_probe *probe, void *arg)
{
    struct bench *b = arg;

    note(b, err);
    assert_int_equal(err->cls == TS_OK, probe != NULL);
    free(b->subject);
    b->subject = probe ? ts_strdup(probe->subject) : NULL;
    free(b->customer);
    b->customer = probe ? ts_strdup(probe->customer) : NULL;
    b->is_admin = probe && probe->is_admin;
}

static void on_watch(const struct ts_error *err, const struct ts_watching *watching, void *arg)
{
    struct bench *b = arg;

    note(b, err);
    assert_int_equal(err->cls == TS_OK, watching != NULL);
    free(b->resource_id);
    b->resource_id = watching ? ts_strdup(watching->resource_id) : NULL;
    b->expiration_us = watching ? watching->expiration_us : 0;
}

static void on_stop(const struct ts_error *err, void *arg)
{
    note(arg, err);
}

static void get_user(struct bench *b, const char *key)
{
    b->answers = 0;
    b->op = b->directory->ops->get_user(b->directory, &b->connection, key, on_user, b);
    assert_int_equal(b->answers, 0);
}

static void probe(struct bench *b)
{
    b->answers = 0;
    b->op = b->directory->ops->probe(b->directory, &b->connection, on_probe, b);
}

static const struct ts_watch watch_request = {
    .channel_id = "ch-1",
    .token = "tok\"en",
    .address = "https://sync.example/webhooks/google-workspace",
    .ttl_s = 21600,
};

static void watch(struct bench *b)
{
    b->answers = 0;
    b->op = b->directory->ops->watch(b->directory, &b->connection, &watch_request, on_watch, b);
}

static void stop(struct bench *b)
{
    b->answers = 0;
    b->op = b->directory->ops->stop(b->directory, &b->connection, "ch-1", "res-1", on_stop, b);
}

/* Waits for the next request (or the end); gives it a token if that is what it wants. */
static const char *next_url(struct bench *b)
{
    assert_true(TEST_WAIT(b->loop, b->http.held || b->answers));
    if (b->http.held && strcmp(b->http.held->url, TOKEN_URL) == 0) {
        fake_answer(&b->http, 200, TOKEN_BODY);
        assert_true(TEST_WAIT(b->loop, b->http.held || b->answers));
    }
    return b->http.held ? b->http.held->url : "";
}

static void answer(struct bench *b, int status, const char *body)
{
    (void)next_url(b);
    fake_answer(&b->http, status, body);
}

/* --- users.get --- */

static void test_a_user_is_read_with_the_mask_of_the_rules(void **state)
{
    struct bench *b = *state;

    get_user(b, "ana+x@acme.example");
    assert_string_equal(next_url(b),
                        USERS "/ana%2Bx%40acme.example?projection=basic&fields=id%2Cetag%2C"
                              "primaryEmail%2Caliases%2CnonEditableAliases%2Crelations%2Csuspended"
                              "%2Carchived%2CdeletionTime%2Corganizations%28primary%2Cdepartment"
                              "%29");
    answer(b, 200, USER);
    assert_int_equal(b->err.cls, TS_OK);
    assert_string_equal(b->user->id, "1047");
    assert_string_equal(b->user->team, "Ops");
    assert_string_equal(b->user->aliases[0], "a@acme.example");
}

static void test_a_connection_without_an_admin_reads_public_profiles(void **state)
{
    struct bench *b = *state;

    b->connection.may_suspend = false;
    get_user(b, "1047");
    assert_non_null(strstr(next_url(b), "viewType=domain_public"));
    answer(b, 200, USER);
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_an_answer_about_another_id_is_an_error(void **state)
{
    struct bench *b = *state;

    get_user(b, "1048");
    answer(b, 200, USER);
    assert_int_equal(b->err.cls, TS_INTERNAL);
    get_user(b, "1047");
    answer(b, 200, USER);
    assert_int_equal(b->err.cls, TS_OK);
}

static void test_a_deleted_user_is_an_answer(void **state)
{
    struct bench *b = *state;

    get_user(b, "1047");
    answer(b, 412, DELETED);
    assert_int_equal(b->err.cls, TS_OK);
    assert_true(b->user->is_deleted);
    assert_string_equal(b->user->id, "1047");
    get_user(b, "ana@acme.example");
    answer(b, 412, DELETED);
    assert_true(b->user->is_deleted);
    assert_null(b->user->id); /* an address is no id */
}

static void test_only_google_itself_can_say_not_found(void **state)
{
    struct bench *b = *state;

    get_user(b, "1047");
    answer(b, 404, NOT_FOUND);
    assert_int_equal(b->err.cls, TS_NOT_FOUND);
    get_user(b, "1047");
    answer(b, 404, "<html>404</html>");
    assert_int_equal(b->err.cls, TS_RETRY);
}

static void test_a_foreign_address_says_nothing_about_the_connection(void **state)
{
    struct bench *b = *state;

    get_user(b, "ghost@elsewhere.example");
    answer(b, 403, FORBIDDEN);
    assert_int_equal(b->err.cls, TS_REJECTED);
    get_user(b, "1047");
    answer(b, 403, FORBIDDEN);
    assert_int_equal(b->err.cls, TS_AUTH);
}

static void test_an_unreadable_user_concludes_nothing(void **state)
{
    struct bench *b = *state;

    get_user(b, "1047");
    answer(b, 200, "{\"id\":\"1047\",\"primaryEmail\":\"a@b\",\"organizations\":\"none\"}");
    assert_int_equal(b->err.cls, TS_RETRY);
    get_user(b, "1047");
    answer(b, 200, "{}");
    assert_int_equal(b->err.cls, TS_RETRY);
}

static void test_a_key_that_is_no_key_is_never_sent(void **state)
{
    struct bench *b = *state;
    char endless[400];
    const char *const keys[] = {"", ".", "..", "a\nb", endless};

    memset(endless, 'a', sizeof(endless) - 1);
    endless[sizeof(endless) - 1] = '\0';
    for (size_t i = 0; i < TS_COUNT_OF(keys); i++) {
        get_user(b, keys[i]);
        assert_true(TEST_WAIT(b->loop, b->answers));
        assert_int_equal(b->err.cls, TS_REJECTED);
    }
    assert_int_equal(b->http.started, 0);
    get_user(b, "../../x?y=1");
    assert_true(ts_text_starts_with(next_url(b), USERS "/..%2F..%2Fx%3Fy%3D1?"));
}

/* --- probe --- */

static void test_an_admin_is_recognised(void **state)
{
    struct bench *b = *state;

    probe(b);
    assert_string_equal(next_url(b), USERS "/admin%40acme.example?fields=id%2CprimaryEmail%2C"
                                           "customerId%2CisAdmin%2CisDelegatedAdmin");
    answer(b, 200, ADMIN);
    assert_string_equal(next_url(b),
                        USERS "?customer=my_customer&maxResults=1&fields=users%28id%29");
    answer(b, 200, "{\"users\":[{\"id\":\"1\"}]}");
    assert_int_equal(b->err.cls, TS_OK);
    assert_true(b->is_admin);
    assert_string_equal(b->subject, "root@acme.example");
    assert_string_equal(b->customer, "C03x");
}

/* Whatever it is that shows it: the answer about the subject, or that the answer is refused. */
static void test_who_is_no_admin_is_tried_with_the_public_view(void **state)
{
    static const struct {
        int status[2];
        const char *body[2];
    } cases[] = {
        {{200, 0}, {NO_ADMIN, NULL}},
        {{403, 0}, {FORBIDDEN, NULL}},
        {{200, 403}, {ADMIN, FORBIDDEN}}, /* a role that does not reach the users */
    };
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        probe(b);
        for (int j = 0; j < 2 && cases[i].status[j]; j++)
            answer(b, cases[i].status[j], cases[i].body[j]);
        assert_string_equal(next_url(b), USERS "/admin%40acme.example?fields=id%2CprimaryEmail"
                                               "%2CcustomerId&viewType=domain_public");
        answer(b, 200, PROFILE);
        assert_string_equal(next_url(b), USERS "?customer=my_customer&maxResults=1&fields="
                                               "users%28id%29&viewType=domain_public");
        answer(b, 200, "{}");
        assert_int_equal(b->answers, 1);
        assert_int_equal(b->err.cls, TS_OK);
        assert_false(b->is_admin);
        assert_string_equal(b->subject, "root@acme.example");
    }
}

static void test_a_probe_that_fails_says_why(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum ts_class cls;
        const char *code;
    } cases[] = {
        {404, NOT_FOUND, TS_AUTH, "subject_not_found"},
        {412, DELETED, TS_AUTH, "subject_deleted"},
        {404, PROBLEM("notFound", "Domain not found."), TS_AUTH, "domain_not_found"},
        {403, PROBLEM("insufficientPermissions", "Insufficient Permission"), TS_AUTH,
         "scope_missing"},
        {503, "", TS_RETRY, "unavailable"},
        {200, "{\"id\":7}", TS_RETRY, "unavailable"},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        probe(b);
        answer(b, cases[i].status, cases[i].body);
        assert_int_equal(b->answers, 1);
        assert_int_equal(b->err.cls, cases[i].cls);
        assert_true(strlen(b->err.text) > 10);
        assert_string_equal(b->err.code, cases[i].code);
    }
    probe(b); /* forbidden in both views */
    answer(b, 403, FORBIDDEN);
    answer(b, 403, FORBIDDEN);
    assert_int_equal(b->err.cls, TS_AUTH);
    assert_string_equal(b->err.code, "not_permitted");
    probe(b); /* the listing fails */
    answer(b, 200, ADMIN);
    answer(b, 500, "");
    assert_int_equal(b->err.cls, TS_RETRY);
}

static void test_a_probe_proves_the_credentials_anew(void **state)
{
    struct bench *b = *state;

    get_user(b, "1047");
    answer(b, 200, USER);
    probe(b);
    assert_string_equal(fake_next(&b->http)->url, TOKEN_URL);
    fake_answer(&b->http, 400, "{\"error\":\"invalid_grant\"}");
    assert_true(TEST_WAIT(b->loop, b->answers));
    assert_int_equal(b->err.cls, TS_AUTH);
    get_user(b, "1047"); /* the session goes on */
    assert_true(ts_text_starts_with(fake_next(&b->http)->url, USERS));
}

static void test_useless_credentials_are_said_to_be_so(void **state)
{
    struct bench *b = *state;

    b->connection.credentials = "{\"type\":\"authorized_user\"}";
    b->connection.revision = NULL;
    probe(b);
    assert_int_equal(b->answers, 0);
    assert_true(TEST_WAIT(b->loop, b->answers));
    assert_int_equal(b->err.cls, TS_AUTH);
    assert_non_null(strstr(b->err.text, "subject"));
    assert_string_equal(b->err.code, "credentials_incomplete");
    assert_int_equal(b->http.started, 0);
}

static void test_the_port_mends_with_what_there_is(void **state)
{
    static const struct ts_connection none;
    struct bench *b = *state;
    TS_AUTOFREE char *own = b->directory->ops->mend(b->directory, &none, "client_blocked");
    TS_AUTOFREE char *theirs =
        b->directory->ops->mend(b->directory, &b->connection, "client_blocked");

    assert_non_null(strstr(own, "own-client"));
    assert_non_null(strstr(theirs, "id&1"));
    assert_null(b->directory->ops->mend(b->directory, &none, "nothing"));
    for (const char *const *code =
             (const char *const[]){TS_DIRECTORY_NOT_ADMIN, TS_DIRECTORY_OTHER, NULL};
         *code; code++) {
        TS_AUTOFREE char *mend = b->directory->ops->mend(b->directory, &b->connection, *code);

        assert_non_null(strstr(mend, "admin@acme.example"));
    }
}

/* --- watch and stop --- */

static void test_a_channel_is_asked_for_and_the_answer_decides(void **state)
{
    struct bench *b = *state;
    uint64_t now_ms = ts_wall_us() / 1000;
    TS_AUTOJSON struct json_object *sent = NULL;
    TS_AUTOFREE char *text = NULL;
    TS_AUTOFREE char *number = NULL;
    uint64_t asked_ms = 0;

    watch(b);
    assert_string_equal(next_url(b), USERS "/watch?customer=my_customer");
    assert_string_equal(fake_next(&b->http)->verb, "POST");
    sent = ts_json_parse(fake_next(&b->http)->body, strlen(fake_next(&b->http)->body), NULL);
    assert_string_equal(ts_json_text(sent, "id"), "ch-1");
    assert_string_equal(ts_json_text(sent, "type"), "web_hook");
    assert_string_equal(ts_json_text(sent, "address"), watch_request.address);
    assert_string_equal(ts_json_text(sent, "token"), "tok\"en");
    assert_non_null(ts_json_text(sent, "expiration")); /* a text, as int64 is sent */
    assert_true(ts_json_u64(sent, "expiration", &asked_ms));
    assert_in_range(asked_ms, now_ms + 21600000, now_ms + 21610000);

    text = ts_format("{\"id\":\"ch-1\",\"resourceId\":\"res-1\",\"expiration\":\"%llu\"}",
                     (unsigned long long)now_ms + 7200000);
    answer(b, 200, text);
    assert_int_equal(b->err.cls, TS_OK);
    assert_string_equal(b->resource_id, "res-1");
    assert_true(b->expiration_us == (now_ms + 7200000) * 1000);

    watch(b);
    number = ts_format("{\"resourceId\":\"res-2\",\"expiration\":%llu}",
                       (unsigned long long)now_ms + 3600000);
    answer(b, 200, number);
    assert_string_equal(b->resource_id, "res-2");
    assert_true(b->expiration_us == (now_ms + 3600000) * 1000);
}

static void test_a_channel_without_an_end_is_believed_for_an_hour(void **state)
{
    struct bench *b = *state;
    uint64_t hour_us = ts_wall_us() + 3600000000ull;

    watch(b);
    answer(b, 200, "{\"id\":\"ch-1\",\"resourceId\":\"res-1\"}");
    assert_int_equal(b->err.cls, TS_OK);
    assert_in_range(b->expiration_us, hour_us, hour_us + 10000000);
}

static void test_a_channel_that_cannot_be_right_is_not_believed(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum ts_class cls;
    } cases[] = {
        {200, "{}", TS_RETRY},
        {200, "{\"resourceId\":7}", TS_RETRY},
        {200, "{\"id\":\"other\",\"resourceId\":\"r\"}", TS_RETRY},
        {200, "{\"resourceId\":\"r\",\"expiration\":\"1000\"}", TS_RETRY},
        {200, "{\"resourceId\":\"r\",\"expiration\":\"18446744073709551615\"}", TS_RETRY},
        {200, "{\"resourceId\":\"r\",\"expiration\":\"soon\"}", TS_RETRY},
        {412, DELETED, TS_RETRY},
        {404, NOT_FOUND, TS_AUTH},
        {400, PROBLEM("push.webhookUrlNotHttps", "WebHook callback must be HTTPS"), TS_REJECTED},
        {403, FORBIDDEN, TS_AUTH},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        watch(b);
        answer(b, cases[i].status, cases[i].body);
        assert_int_equal(b->err.cls, cases[i].cls);
    }
}

static void test_a_channel_is_stopped_at_its_odd_address(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum ts_class cls;
    } cases[] = {
        {204, "", TS_OK},
        {200, "fine", TS_OK},
        {404, PROBLEM("notFound", "Channel 'ch-1' not found for project '1'"), TS_OK},
        {404, "<html>", TS_RETRY},
        {500, "", TS_RETRY},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        stop(b);
        assert_string_equal(next_url(b), API "/admin/directory_v1/channels/stop");
        assert_string_equal(fake_next(&b->http)->body,
                            "{\"id\":\"ch-1\",\"resourceId\":\"res-1\"}");
        answer(b, cases[i].status, cases[i].body);
        assert_int_equal(b->answers, 1);
        assert_int_equal(b->err.cls, cases[i].cls);
    }
}

/* --- sessions --- */

static size_t kept_sessions(const struct bench *b)
{
    return ts_google_sessions_count(((struct ts_google *)(void *)b->directory)->sessions);
}

static void test_a_new_revision_gets_a_token_of_its_own(void **state)
{
    struct bench *b = *state;

    get_user(b, "1047");
    answer(b, 200, USER);
    get_user(b, "1047");
    assert_true(ts_text_starts_with(fake_next(&b->http)->url, USERS)); /* the token is kept */
    answer(b, 200, USER);
    b->connection.revision = "r2";
    get_user(b, "1047");
    assert_string_equal(fake_next(&b->http)->url, TOKEN_URL);
    answer(b, 200, USER);
    b->connection.org = "other";
    get_user(b, "1047");
    assert_string_equal(fake_next(&b->http)->url, TOKEN_URL);
    answer(b, 200, USER);
    assert_int_equal(kept_sessions(b), 3);
    b->connection.revision = NULL; /* nothing to know it by: not kept */
    get_user(b, "1047");
    assert_string_equal(fake_next(&b->http)->url, TOKEN_URL);
    answer(b, 200, USER);
    assert_int_equal(kept_sessions(b), 3);
}

static void test_idle_sessions_are_dropped(void **state)
{
    struct bench *b = *state;

    ((struct ts_google *)(void *)b->directory)->env.idle_ms = 10;
    get_user(b, "1047");
    ts_loop_turn(b->loop, 30);
    assert_int_equal(kept_sessions(b), 1); /* in use */
    answer(b, 200, USER);
    get_user(b, "1047"); /* in use again before its time is over */
    ts_loop_turn(b->loop, 30);
    assert_int_equal(kept_sessions(b), 1);
    answer(b, 200, USER);
    assert_true(TEST_WAIT(b->loop, kept_sessions(b) == 0));
}

static void test_another_limit_holds_for_sessions_in_use(void **state)
{
    struct bench *b = *state;

    for (int i = 0; i < 300; i++) { /* half of what the bucket holds */
        get_user(b, "1047");
        answer(b, 200, USER);
    }
    ts_google_set_requests_per_minute(b->directory, 4);
    for (int i = 0; i < 2; i++) { /* half of what it holds now */
        get_user(b, "1047");
        answer(b, 200, USER);
        assert_int_equal(b->err.cls, TS_OK);
    }
    get_user(b, "1047");
    assert_true(TEST_WAIT(b->loop, b->answers));
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_int_equal(b->err.retry_after_ms, 15000);
    ts_google_set_requests_per_minute(b->directory, 600);
    fixture_now_ms += 100;
    get_user(b, "1047");
    answer(b, 200, USER);
    assert_int_equal(b->err.cls, TS_OK);
    assert_int_equal(kept_sessions(b), 1);
    assert_int_equal(b->http.started, 1 + 303); /* with the token of before */
}

static void test_a_probe_asks_through_its_orgs_gate(void **state)
{
    struct bench *b = *state;

    get_user(b, "1047");
    answer(b, 429, "");
    probe(b);
    assert_true(TEST_WAIT(b->loop, b->answers));
    assert_non_null(strstr(b->err.text, "not asked"));
    b->connection.revision = NULL; /* credentials that are tried for the first time */
    probe(b);
    assert_string_equal(fake_next(&b->http)->url, TOKEN_URL);
}

/* --- cancelling --- */

static void run_until(struct bench *b, size_t step)
{
    static const char *const bodies[] = {TOKEN_BODY, ADMIN, "{}"};

    for (size_t i = 0; i < step && !b->answers; i++) {
        assert_true(TEST_WAIT(b->loop, b->http.held || b->answers));
        if (b->http.held)
            fake_answer(&b->http, 200, bodies[i]);
    }
}

static void test_cancelling_at_any_step_is_silent(void **state)
{
    static const struct {
        void (*start)(struct bench *b);
        size_t steps;
    } operations[] = {{probe, 3}, {watch, 2}, {stop, 2}};
    struct bench *b = *state;

    b->connection.revision = NULL; /* each with a token of its own */
    for (size_t i = 0; i < TS_COUNT_OF(operations); i++) {
        for (size_t step = 0; step < operations[i].steps; step++) {
            operations[i].start(b);
            run_until(b, step);
            ts_op_cancel(&b->op);
            for (int turn = 0; turn < 3; turn++)
                ts_loop_turn(b->loop, 1);
            assert_int_equal(b->answers, 0);
            assert_int_equal(fake_waiting(&b->http), 0); /* its session went with it */
        }
    }
    for (size_t step = 0; step < 2; step++) {
        get_user(b, "1047");
        run_until(b, step);
        ts_op_cancel(&b->op);
        ts_loop_turn(b->loop, 1);
        assert_int_equal(b->answers, 0);
    }
    get_user(b, ""); /* waits for its turn to be refused */
    ts_op_cancel(&b->op);
    ts_loop_turn(b->loop, 1);
    assert_int_equal(b->answers, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_user_is_read_with_the_mask_of_the_rules),
        TEST(test_a_connection_without_an_admin_reads_public_profiles),
        TEST(test_an_answer_about_another_id_is_an_error),
        TEST(test_a_deleted_user_is_an_answer),
        TEST(test_only_google_itself_can_say_not_found),
        TEST(test_a_foreign_address_says_nothing_about_the_connection),
        TEST(test_an_unreadable_user_concludes_nothing),
        TEST(test_a_key_that_is_no_key_is_never_sent),
        TEST(test_an_admin_is_recognised),
        TEST(test_who_is_no_admin_is_tried_with_the_public_view),
        TEST(test_a_probe_that_fails_says_why),
        TEST(test_a_probe_proves_the_credentials_anew),
        TEST(test_useless_credentials_are_said_to_be_so),
        TEST(test_the_port_mends_with_what_there_is),
        TEST(test_a_channel_is_asked_for_and_the_answer_decides),
        TEST(test_a_channel_without_an_end_is_believed_for_an_hour),
        TEST(test_a_channel_that_cannot_be_right_is_not_believed),
        TEST(test_a_channel_is_stopped_at_its_odd_address),
        TEST(test_a_new_revision_gets_a_token_of_its_own),
        TEST(test_idle_sessions_are_dropped),
        TEST(test_another_limit_holds_for_sessions_in_use),
        TEST(test_a_probe_asks_through_its_orgs_gate),
        TEST(test_cancelling_at_any_step_is_silent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
