/* SPDX-License-Identifier: MIT */
/* What a person decides about a member: what is asked of the roster, and what is refused before. */
#include "world.h"

#include "teamsync/log.h"

#define ADA "/api/v1/orgs/acme/members/m_1"
#define BY  "acme m_1 by admin socket"

#define X10(text) text text text text text text text text text text

static const struct {
    const char *sentence;
    const char *method;
    const char *path;
    const char *body;
    int status;
    const char *said; /* to the roster */
    const char *told; /* is in the answer */
} cases[] = {
    {"an edit names what changes, and nothing else", "PATCH", ADA, "{\"name\":\"Ada\"}", 200,
     "edit " BY " name=Ada;", "\"id\":\"m_1\""},
    {"every field can be edited", "PATCH", ADA,
     "{\"name\":\"A\",\"role\":\"card holder\",\"team\":\"T\",\"manager_id\":\"m_2\","
     "\"protected\":true}",
     200, "edit " BY " name=A role=card holder team=T manager=m_2 protected=yes;", "m_1"},
    {"null clears team and manager", "PATCH", ADA, "{\"team\":null,\"manager_id\":null}", 200,
     "edit " BY " team= manager=;", "m_1"},
    {"unprotecting is not the same as saying nothing", "PATCH", ADA, "{\"protected\":false}", 200,
     "edit " BY " protected=no;", "m_1"},
    {"an empty edit is one, too", "PATCH", ADA, "{}", 200, "edit " BY ";", "m_1"},
    {"warnings stand in the answer", "PATCH", ADA, "{\"team\":\"T\"}", 200, "edit " BY " team=T;",
     "\"warnings\":[\"the directory says otherwise\"]}"},
    {"a role may have a hundred bytes", "PATCH", ADA, "{\"role\":\"" X10(X10("r")) "\"}", 200,
     "edit " BY " role=" X10(X10("r")) ";", "m_1"},
    {"who is not there is not edited", "PATCH", "/api/v1/orgs/acme/members/m_9", "{}", 404,
     "edit acme m_9 by admin socket;", "no such thing"},
    {"an answer is UTF-8, also where a name was cut", "PATCH", ADA,
     "{\"x" X10("\xc3\xa9\xc3\xa9\xc3\xa9") "\":1}", 400, "", "\xc3\xa9\xef\xbf\xbd is not known"},
    {"a suspension is a person's", "POST", ADA "/suspend", NULL, 200, "suspend " BY ";", "m_1"},
    {"its end, too", "POST", ADA "/unsuspend", "{}", 200, "unsuspend " BY ";", "\"warnings\":[\""},
    {"a member is deleted", "DELETE", ADA, NULL, 204, "remove " BY ";", "\r\n\r\n"},

    {"nobody is renamed", "PATCH", ADA, "{\"email\":\"b@x.io\",\"name\":\"B\"}", 400, "",
     "email cannot be edited: people are matched by it"},
    {"an edit is a body", "PATCH", ADA, NULL, 400, "", "a JSON object is expected"},
    {"an unknown field is named", "PATCH", ADA, "{\"status\":\"active\"}", 400, "",
     "status is not known here"},
    {"a name is never null", "PATCH", ADA, "{\"name\":null}", 400, "", "name must be a text"},
    {"a role is never null", "PATCH", ADA, "{\"role\":null}", 400, "", "role must be a text"},
    {"nor a protection", "PATCH", ADA, "{\"protected\":null}", 400, "",
     "protected must be true or false"},
    {"no team is null, not empty", "PATCH", ADA, "{\"team\":\"\"}", 400, "",
     "team must not be empty"},
    {"no manager is null, not empty", "PATCH", ADA, "{\"manager_id\":\"\"}", 400, "",
     "manager_id must not be empty"},
    {"a team is a text", "PATCH", ADA, "{\"team\":7}", 400, "", "team must be a text"},
    {"a role has no more than a hundred bytes", "PATCH", ADA, "{\"role\":\"" X10(X10("r")) "r\"}",
     400, "", "role is too long"},
    {"a role is printable", "PATCH", ADA, "{\"role\":\"a\\nb\"}", 400, "",
     "role contains control characters"},
    {"a suspension has no words", "POST", ADA "/suspend", "{\"reason\":\"x\"}", 400, "",
     "reason is not known here"},
    {"nor has its end", "POST", ADA "/unsuspend", "{\"keep\":true}", 400, "", "keep is not known"},
    {"nor a deletion", "DELETE", ADA, "{\"really\":true}", 400, "", "really is not known here"},
};

static void test_what_is_asked_and_what_is_refused(void **state)
{
    struct world *world = world_new();

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE struct answer *answer =
            ask(world, cases[i].method, cases[i].path, cases[i].body);

        if (answer->status != cases[i].status || !answer_has(answer, cases[i].told) ||
            strcmp(world->said.data, cases[i].said) != 0)
            print_error("%s:\n%s\n", cases[i].sentence, answer->text);
        assert_int_equal(answer->status, cases[i].status);
        assert_true(answer_has(answer, cases[i].told));
        assert_string_equal(world->said.data, cases[i].said);
    }
    world_free(world);
}

static void test_what_may_not_be_is_409_with_the_sentence(void **state)
{
    static const struct {
        const char *word;
        const char *method;
        const char *path;
    } refused[] = {{"edit", "PATCH", ADA},
                   {"suspend", "POST", ADA "/suspend"},
                   {"unsuspend", "POST", ADA "/unsuspend"},
                   {"remove", "DELETE", ADA}};
    struct world *world = world_new();

    (void)state;
    world->failure = ts_error_make(TS_REJECTED, "nobody is their own manager");
    for (size_t i = 0; i < TS_COUNT_OF(refused); i++) {
        TS_AUTOFREE struct answer *answer = NULL;

        world->failing = refused[i].word;
        answer = ask(world, refused[i].method, refused[i].path, "{}");
        assert_int_equal(answer->status, 409);
        assert_true(answer_has(answer, "nobody is their own manager"));
    }
    world_free(world);
}

static void test_a_token_decides_in_its_own_name(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer =
        ask_with(world, false, "DELETE", ADA, "Authorization: Bearer acme/2\r\n", NULL);

    (void)state;
    assert_int_equal(answer->status, 204);
    assert_string_equal(world->said.data, "find_token acme/2;remove acme m_1 by a token;");
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
        cmocka_unit_test(test_what_is_asked_and_what_is_refused),
        cmocka_unit_test(test_what_may_not_be_is_409_with_the_sentence),
        cmocka_unit_test(test_a_token_decides_in_its_own_name),
    };

    return cmocka_run_group_tests(tests, silence, NULL);
}
