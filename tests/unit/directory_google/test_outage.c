/* SPDX-License-Identifier: MIT */
/* Google away for an hour, hanging, answering garbage: what goes out meanwhile and afterwards. A
 * thousand jobs that come back when they were told to stand for the queue. */
#include "directory/google/call.h"
#include "directory/google/session.h"
#include "unit/directory_google/google_fixture.h"

#include "teamsync/job.h"
#include "teamsync/text.h"

enum { JOBS = 1000, UNDER_WAY_MAX = 16, WORKERS = 32, STEP_MS = 50 };

static const uint64_t hour_ms = 3600000;

struct world {
    struct ts_loop *loop;
    struct fake_http http;
    struct ts_google_env env;
    char api_url[32];
    char token_url[32];
    struct ts_google_sessions *sessions;
    struct ts_google_session *session;
    size_t running;
    size_t done;
    struct job {
        struct world *world;
        struct ts_op *op;
        uint64_t due_ms;
        unsigned attempt;
        struct ts_error err;
        unsigned answers;
        bool is_done;
    } jobs[JOBS];
};

static const struct ts_google_request request = {
    .name = "users.get", .verb = "GET", .path = "/admin/directory/v1/users/1?fields=id"};

/* As the queue does it. */
static void on_answer(const struct ts_error *err, const struct ts_google_answer *answer, void *arg)
{
    struct job *job = arg;
    uint64_t delay_ms = ts_retry_delay_ms(0, err->retry_after_ms, ts_random_below(1000));

    (void)answer;
    job->op = NULL;
    job->answers++;
    job->err = *err;
    job->attempt++;
    job->due_ms = fixture_now_ms + delay_ms;
    job->is_done = err->cls == TS_OK;
    job->world->running--;
    job->world->done += job->is_done;
}

static void start_in(struct world *w, struct ts_google_session *session, size_t which)
{
    w->jobs[which].op = ts_google_call_start(session, &request, on_answer, &w->jobs[which]);
    w->running++;
}

static void start(struct world *w, size_t which)
{
    start_in(w, w->session, which);
}

static struct ts_google_session *open_session(struct world *w, const char *org)
{
    struct ts_connection connection = fixture_connection("r1", fixture_consent);

    connection.org = org;
    return ts_google_session_open(w->sessions, &connection);
}

static int setup(void **state)
{
    struct world *w = ts_alloc(sizeof(*w));

    w->loop = ts_loop_new();
    ts_text_copy(w->api_url, sizeof(w->api_url), "https://api.example");
    ts_text_copy(w->token_url, sizeof(w->token_url), TOKEN_URL);
    w->env = fixture_env(w->loop, &w->http, w->api_url, w->token_url);
    w->env.requests_per_minute = 1200;
    w->sessions = ts_google_sessions_new(&w->env);
    w->session = open_session(w, "acme");
    for (size_t i = 0; i < JOBS; i++)
        w->jobs[i].world = w;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < JOBS; i++)
        ts_op_cancel(&w->jobs[i].op);
    ts_google_session_close(w->session);
    ts_google_sessions_free(w->sessions);
    assert_int_equal(fake_waiting(&w->http), 0);
    ts_loop_free(w->loop);
    free(w);
    return 0;
}

/* Everybody who is due starts, as far as there are workers; then all that can happen without the
 * other side happens. */
static void run_due(struct world *w)
{
    for (size_t i = 0; i < JOBS && w->running < WORKERS; i++) {
        struct job *job = &w->jobs[i];

        if (!job->op && !job->is_done && job->due_ms <= fixture_now_ms)
            start(w, i);
    }
    if (w->running > 0) {
        for (size_t i = 0; i < 2 * WORKERS; i++)
            ts_loop_turn(w->loop, 0);
    }
}

static bool is_for_token(const struct world *w)
{
    return strcmp(fake_next(&w->http)->url, TOKEN_URL) == 0;
}

typedef void answerer(struct world *w);

static void answer_503(struct world *w)
{
    fake_answer(&w->http, 503, "");
}

static void answer_503_but_tokens(struct world *w)
{
    if (is_for_token(w))
        fake_answer(&w->http, 200, TOKEN_BODY);
    else
        fake_answer(&w->http, 503, "");
}

static void answer_429(struct world *w)
{
    if (is_for_token(w))
        fake_answer(&w->http, 200, TOKEN_BODY);
    else
        fake_answer(&w->http, 429, "");
}

static void answer_429_in_two_minutes(struct world *w)
{
    if (is_for_token(w))
        fake_answer(&w->http, 200, TOKEN_BODY);
    else
        fake_respond(&w->http, &(struct ts_http_response){
                                   .status = 429, .retry_after_ms = 120000, .body = ""});
}

static void answer_garbage(struct world *w)
{
    if (is_for_token(w))
        fake_answer(&w->http, 200, TOKEN_BODY);
    else
        fake_answer(&w->http, 200, "<html>");
}

static void reset(struct world *w)
{
    if (is_for_token(w))
        fake_answer(&w->http, 200, TOKEN_BODY);
    else
        fake_fail(&w->http, TS_RETRY);
}

static void answer_well(struct world *w)
{
    fake_answer(&w->http, 200, is_for_token(w) ? TOKEN_BODY : "{}");
}

/* Lets fake time go by, in steps; what is asked in one is answered in the next. */
static void let_go_by(struct world *w, uint64_t ms, uint64_t step_ms, answerer *answer)
{
    for (uint64_t passed = 0; passed < ms; passed += step_ms) {
        size_t asked = fake_waiting(&w->http);

        assert_in_range(asked, 0, UNDER_WAY_MAX);
        for (; asked > 0; asked--)
            answer(w);
        fixture_now_ms += step_ms;
        run_due(w);
    }
}

static void test_an_hour_of_outage_costs_few_requests_and_ends_without_a_storm(void **state)
{
    static const struct {
        const char *name;
        answerer *answer;
        unsigned most;
    } outages[] = {
        /* 5 and 15 more on their way, 6 while it grows to 60 s, one in 60 to 76 s from then on */
        {"503", answer_503_but_tokens, 90},
        {"503 of the token endpoint", answer_503, 90},
        {"429", answer_429, 90},
        {"429, in two minutes", answer_429_in_two_minutes, 60},
        {"garbage", answer_garbage, 90},
        {"resets", reset, 90},
    };
    struct world *w = *state;

    for (size_t i = 0; i < TS_COUNT_OF(outages); i++) {
        unsigned before = w->http.started;
        unsigned during;

        w->done = 0;
        for (size_t j = 0; j < JOBS; j++)
            w->jobs[j].is_done = false;
        let_go_by(w, hour_ms, 500, outages[i].answer);
        during = w->http.started - before;
        assert_in_range(during, 45 / 2, outages[i].most);
        assert_int_equal(w->done, 0);

        before = w->http.started;
        for (int tries = 0; w->done == 0; tries++) {
            assert_true(tries < 4000);
            let_go_by(w, STEP_MS, STEP_MS, answer_well);
        }
        /* The probe (which may be on its way already), its token, and who came right behind it. */
        assert_in_range(w->http.started - before, 0, 2 + UNDER_WAY_MAX);
        let_go_by(w, 1000, STEP_MS, answer_well);
        print_message("%s: %u requests in the hour, %u in the second after it", outages[i].name,
                      during, w->http.started - before);
        assert_in_range(w->http.started - before, 1, 100);
        let_go_by(w, 4000, STEP_MS, answer_well);
        print_message(", %u in five\n", w->http.started - before);
        assert_in_range(w->http.started - before, 1, 350);
        let_go_by(w, 250000, 500, answer_well);
        assert_int_equal(w->done, JOBS);
        fixture_now_ms += hour_ms; /* the token's end */
    }
}

static void get_token(struct world *w)
{
    start(w, 0);
    assert_true(is_for_token(w));
    fake_answer(&w->http, 200, TOKEN_BODY);
    (void)fake_next(&w->http);
    fake_answer(&w->http, 200, "{}");
    assert_int_equal(w->jobs[0].err.cls, TS_OK);
}

static void fail_so_often(struct world *w, int times)
{
    for (int i = 0; i < times; i++) {
        start(w, 0);
        (void)fake_next(&w->http);
        fake_answer(&w->http, 503, "");
    }
}

static bool is_refused(struct world *w, size_t which)
{
    unsigned before = w->jobs[which].answers;

    start(w, which);
    assert_true(TEST_WAIT(w->loop, w->http.held || w->jobs[which].answers > before));
    return w->jobs[which].answers > before && strstr(w->jobs[which].err.text, "not asked");
}

static void test_an_org_that_hangs_holds_up_no_other(void **state)
{
    struct world *w = *state;
    struct ts_google_session *other = open_session(w, "beta");

    get_token(w);
    for (size_t i = 0; i < WORKERS; i++)
        start(w, i);
    assert_true(TEST_WAIT(w->loop, fake_waiting(&w->http) == UNDER_WAY_MAX));
    for (int i = 0; i < WORKERS; i++)
        ts_loop_turn(w->loop, 0);
    assert_int_equal(fake_waiting(&w->http), UNDER_WAY_MAX);

    start_in(w, other, WORKERS);
    assert_true(TEST_WAIT(w->loop, fake_waiting(&w->http) == UNDER_WAY_MAX + 1));
    assert_string_equal(w->http.held->prev->url, TOKEN_URL); /* the newest */
    ts_op_cancel(&w->jobs[WORKERS].op);

    /* They time out: all that waited is refused, none of it goes out. */
    for (int i = 0; i < UNDER_WAY_MAX; i++)
        fake_fail(&w->http, TS_RETRY);
    assert_true(TEST_WAIT(w->loop, w->running == 1)); /* the cancelled one */
    assert_non_null(strstr(w->jobs[WORKERS - 1].err.text,
                           "not asked, for the last 5 requests failed (http: it broke)"));
    ts_google_session_close(other);
    assert_true(TEST_WAIT(w->loop, w->http.held)); /* the other's token, for whoever comes */
    fake_answer(&w->http, 200, TOKEN_BODY);
}

static void test_a_cancelled_probe_is_followed_by_another(void **state)
{
    struct world *w = *state;

    get_token(w);
    fail_so_often(w, 5);
    assert_true(is_refused(w, 1));
    fixture_now_ms += 1250;
    start(w, 0);
    (void)fake_next(&w->http);
    assert_true(TEST_WAIT(w->loop, w->http.held));
    ts_op_cancel(&w->jobs[0].op);
    assert_false(is_refused(w, 1));
    answer_well(w);
    assert_int_equal(w->jobs[1].err.cls, TS_OK);
    assert_false(is_refused(w, 2));
    answer_well(w);
}

static void test_an_answer_of_any_kind_shows_that_it_works(void **state)
{
    static const struct {
        int status;
        const char *body;
    } answers[] = {
        {200, "{}"},
        {400, "{\"error\":{\"errors\":[{\"reason\":\"badRequest\"}]}}"},
        {403, "{\"error\":{\"errors\":[{\"reason\":\"forbidden\"}]}}"},
        {404, "{\"error\":{\"errors\":[{\"reason\":\"notFound\"}]}}"},
        {412, "{\"error\":{\"errors\":[{\"reason\":\"conditionNotMet\"}]}}"},
    };
    struct world *w = *state;

    get_token(w);
    for (size_t i = 0; i < TS_COUNT_OF(answers); i++) {
        fail_so_often(w, 4);
        assert_false(is_refused(w, 1));
        fake_answer(&w->http, answers[i].status, answers[i].body);
    }
    fail_so_often(w, 5);
    assert_true(is_refused(w, 1));
    fixture_now_ms += 1250;
    assert_false(is_refused(w, 1));
    fake_answer(&w->http, 401, ""); /* asked again, with another token */
    assert_true(is_for_token(w));
    fake_answer(&w->http, 200, TOKEN_TWO);
    (void)fake_next(&w->http);
    fake_answer(&w->http, 401, "");
    assert_int_equal(w->jobs[1].err.cls, TS_AUTH);
    assert_false(is_refused(w, 1));
    ts_op_cancel(&w->jobs[1].op);
    fake_answer(&w->http, 200, TOKEN_BODY);
}

static void test_the_token_endpoint_counts_but_its_refusals_do_not(void **state)
{
    struct world *w = *state;

    for (int i = 0; i < 8; i++) {
        assert_false(is_refused(w, 0));
        fake_answer(&w->http, 400, "{\"error\":\"invalid_grant\"}");
        assert_true(TEST_WAIT(w->loop, !w->jobs[0].op));
        assert_int_equal(w->jobs[0].err.cls, TS_AUTH);
    }
    for (size_t i = 0; i < 8; i++) /* they share one request, which fails once */
        start(w, i);
    for (int i = 0; i < 8; i++)
        ts_loop_turn(w->loop, 0);
    answer_503(w);
    assert_true(TEST_WAIT(w->loop, w->running == 0));
    for (int i = 0; i < 4; i++) {
        assert_false(is_refused(w, 0));
        answer_503(w);
        assert_true(TEST_WAIT(w->loop, !w->jobs[0].op));
    }
    assert_true(is_refused(w, 0));
    assert_string_equal(w->jobs[0].err.text, "google: not asked, for the last 5 requests failed "
                                             "(token: the service is unavailable (503))");
    fixture_now_ms += 1250;
    assert_false(is_refused(w, 0));
    fake_answer(&w->http, 400, "{\"error\":\"invalid_grant\"}");
    assert_true(TEST_WAIT(w->loop, !w->jobs[0].op));
    assert_false(is_refused(w, 0)); /* it is there again */
    fake_answer(&w->http, 400, "{\"error\":\"invalid_grant\"}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_hour_of_outage_costs_few_requests_and_ends_without_a_storm),
        TEST(test_an_org_that_hangs_holds_up_no_other),
        TEST(test_a_cancelled_probe_is_followed_by_another),
        TEST(test_an_answer_of_any_kind_shows_that_it_works),
        TEST(test_the_token_endpoint_counts_but_its_refusals_do_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
