/* SPDX-License-Identifier: MIT */
/* A job as anybody may write it, as it waits, and when it is tried again. */
#include "support/test.h"

#include "teamsync/job.h"
#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

#define TEN     "aaaaaaaaaa"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* `pairs`: name, value, …, ended by NULL. */
static const char *parse(const char *const *pairs, struct ts_job *ret_job)
{
    struct ts_job_field fields[16];
    size_t count = 0;

    for (; pairs[2 * count]; count++)
        fields[count] = (struct ts_job_field){.name = pairs[2 * count],
                                              .value = pairs[2 * count + 1],
                                              .value_length = strlen(pairs[2 * count + 1])};
    return ts_job_parse(fields, count, ret_job);
}

static void test_what_makes_no_sense_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *pairs[9];
        const char *reason;
    } cases[] = {
        {{"org", "acme"}, "field type is missing"},
        {{"type", "users", "org", "acme"}, "unknown type"},
        {{"type", "resync"}, "field org is missing"},
        {{"type", "resync", "org", "Acme!"}, "field org is not an org id"},
        {{"type", "user", "org", "acme"}, "field user is missing"},
        {{"type", "user", "org", "acme", "user", "not a user"},
         "field user is neither an e-mail address nor a directory id"},
        {{"type", "user", "org", "acme", "user", HUNDRED HUNDRED HUNDRED TEN TEN "b@x"},
         "field user is too long"},
        {{"type", "resync", "org", "acme", "cause", HUNDRED HUNDRED "b"}, "a field is too long"},
        {{"type", "resync", "org", "acme", "cause", "a\nb"}, "a field is not printable text"},
        {{"type", "resync", "org", "acme", "mode", "dry"}, "unknown mode"},
        {{"type", "mail", "org", "acme"}, "field member is missing"},
        {{"type", "mail", "org", "acme", "member", "a b"}, "field member is not a member id"},
        {{"type", "mail", "org", "acme", "user", "ada@acme.example"}, "field member is missing"},
        {{"type", "resync", "org", "acme", "attempt", "-1"}, "a number is not a number"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_job job;
        const char *reason = parse(cases[i].pairs, &job);

        assert_non_null(reason);
        assert_string_equal(reason, cases[i].reason);
    }
}

static void test_what_is_left_out_has_a_meaning(void **state)
{
    static const char *const user[] = {"type",     "user", "org",   "acme", "user",
                                       "ada@x.io", "else", "words", NULL};
    static const char *const resync[] = {"type", "resync", "org", "acme", "user", "ada", NULL};
    struct ts_job job;

    (void)state;
    assert_null(parse(user, &job));
    assert_int_equal(job.type, TS_JOB_USER);
    assert_string_equal(job.user, "ada@x.io");
    assert_string_equal(job.cause, "manual");
    assert_null(job.by);
    assert_int_equal(job.attempt, 0);
    assert_null(parse(resync, &job));
    assert_null(job.user);
    assert_false(job.is_preview);
}

static void test_only_a_mail_has_a_member(void **state)
{
    static const char *const mail[] = {"type", "mail", "org", "acme", "member",
                                       "m_1",  "user", "107", NULL};
    static const char *const user[] = {"type", "user",   "org", "acme", "user",
                                       "107",  "member", "m_1", NULL};
    TS_AUTOFREE struct ts_job *copy = NULL;
    TS_AUTOFREE char *text = NULL;
    struct ts_job job;

    (void)state;
    assert_null(parse(mail, &job));
    assert_int_equal(job.type, TS_JOB_MAIL);
    assert_string_equal(job.member, "m_1");
    assert_null(job.user);
    copy = ts_job_dup(&job);
    assert_string_equal(copy->member, "m_1");
    text = ts_job_delayed_text(copy);
    assert_non_null(strstr(text, "{\"type\":\"mail\",\"org\":\"acme\",\"member\":\"m_1\","));
    assert_null(parse(user, &job));
    assert_null(job.member);
}

static void test_only_a_resync_has_a_mode(void **state)
{
    static const struct {
        const char *pairs[9];
        bool is_preview;
    } cases[] = {
        {{"type", "resync", "org", "acme", "mode", "preview"}, true},
        {{"type", "resync", "org", "acme", "mode", "apply"}, false},
        {{"type", "channels", "org", "acme", "mode", "preview"}, false},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_job job;

        assert_null(parse(cases[i].pairs, &job));
        assert_int_equal(job.is_preview, cases[i].is_preview);
    }
}

static void test_two_alike_jobs_wait_apart_but_a_timer_is_one(void **state)
{
    struct ts_job job = {.type = TS_JOB_RESYNC, .org = "acme", .cause = "schedule"};
    TS_AUTOFREE char *one = ts_job_delayed_text(&job);
    TS_AUTOFREE char *two = ts_job_delayed_text(&job);

    (void)state;
    assert_string_not_equal(one, two);
    job.is_timer = true;

    TS_AUTOFREE char *timer = ts_job_delayed_text(&job);
    TS_AUTOFREE char *again = ts_job_delayed_text(&job);
    TS_AUTOJSON struct json_object *json = ts_json_parse(timer, strlen(timer), NULL);

    assert_string_equal(timer, again);
    assert_string_equal(ts_json_text(json, "type"), "resync");
    assert_string_equal(ts_json_text(json, "org"), "acme");
    assert_string_equal(ts_json_text(json, "cause"), "schedule");
}

static void test_the_retry_ladder(void **state)
{
    static const struct {
        unsigned attempt;
        uint64_t asked_ms;
        uint64_t delay_ms;
    } cases[] = {
        {0, 0, 1000},      {1, 0, 2000},      {4, 0, 16000},           {5, 0, 60000},
        {6, 0, 120000},    {13, 0, 15360000}, {14, 0, 21600000},       {4000000000, 0, 21600000},
        {0, 30000, 30000}, {5, 30000, 60000}, {0, 90000000, 90000000},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        uint64_t delay = cases[i].delay_ms;

        assert_int_equal(ts_retry_delay_ms(cases[i].attempt, cases[i].asked_ms, 0), delay);
        assert_in_range(ts_retry_delay_ms(cases[i].attempt, cases[i].asked_ms, 999), delay,
                        delay + delay / 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_makes_no_sense_is_refused_with_the_reason),
        cmocka_unit_test(test_what_is_left_out_has_a_meaning),
        cmocka_unit_test(test_only_a_mail_has_a_member),
        cmocka_unit_test(test_only_a_resync_has_a_mode),
        cmocka_unit_test(test_two_alike_jobs_wait_apart_but_a_timer_is_one),
        cmocka_unit_test(test_the_retry_ladder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
