/* SPDX-License-Identifier: MIT */
/* User resources as Google sends them, and as it never should. */
#include "directory/google/google_user_json.h"
#include "support/test.h"

#include "teamsync/buf.h"
#include "teamsync/json.h"

#include <stdio.h>
#include <string.h>

#define WHO "\"id\":\"104700000000000000017\",\"primaryEmail\":\"ana@corp.example\""

static const char full_user[] =
    "{\"kind\":\"admin#directory#user\"," WHO ",\"etag\":\"\\\"Nc3x/8dV2\\\"\","
    "\"name\":{\"givenName\":\"Ana\"},\"isAdmin\":false,\"isDelegatedAdmin\":false,"
    "\"suspended\":false,\"archived\":false,"
    "\"emails\":[{\"address\":\"ana.private@mail.example\",\"type\":\"home\"}],"
    "\"relations\":[{\"value\":\"pa@corp.example\",\"type\":\"assistant\"},"
    "{\"value\":\"boss@corp.example\",\"type\":\"manager\"},"
    "{\"value\":\"second@corp.example\",\"type\":\"manager\"},"
    "{\"value\":7,\"type\":\"custom\",\"customType\":\"buddy\"}],"
    "\"organizations\":[{\"department\":\"Old\"},{\"name\":\"Corp\",\"primary\":true,"
    "\"department\":\"Platform\",\"costCenter\":\"CC-42\",\"fullTimeEquivalent\":100000}],"
    "\"aliases\":[\"ana.lima@corp.example\"],"
    "\"nonEditableAliases\":[\"ana@corp.example.test-google-a.com\"],"
    "\"orgUnitPath\":\"/Engineering/Platform\","
    "\"customSchemas\":{\"Employment\":{\"grade\":\"7\",\"level\":3,\"lead\":true,"
    "\"badges\":[{\"type\":\"work\",\"value\":\"B12\"}],\"none\":[]}}}";

static struct ts_error read_user(const char *text, const char *team_from,
                                 struct json_object **ret_json, struct ts_directory_user *ret_user)
{
    *ret_json = ts_json_parse(text, strlen(text), NULL);
    assert_non_null(*ret_json);
    return ts_google_user_read(*ret_json, team_from, ret_user);
}

static void test_a_full_user_is_read(void **state)
{
    TS_AUTOJSON struct json_object *json = NULL;
    TS_CLEANUP(ts_google_user_done) struct ts_directory_user user = {0};

    (void)state;
    assert_int_equal(read_user(full_user, "department", &json, &user).cls, TS_OK);
    assert_string_equal(user.id, "104700000000000000017");
    assert_string_equal(user.etag, "\"Nc3x/8dV2\"");
    assert_string_equal(user.primary_email, "ana@corp.example");
    assert_int_equal(user.alias_count, 2);
    assert_string_equal(user.aliases[0], "ana.lima@corp.example");
    assert_string_equal(user.aliases[1], "ana@corp.example.test-google-a.com");
    assert_string_equal(user.manager_email, "boss@corp.example");
    assert_string_equal(user.team, "Platform");
    assert_int_equal(user.is_suspended, TS_NO);
    assert_int_equal(user.is_archived, TS_NO);
    assert_int_equal(user.is_admin, TS_NO);
    assert_false(user.is_deleted);
}

static void test_the_team_comes_from_where_the_setting_says(void **state)
{
    static const struct {
        const char *text;
        const char *team_from;
        const char *team;
    } cases[] = {
        {full_user, NULL, "Platform"},
        {full_user, "cost_center", "CC-42"},
        {full_user, "org_unit", "/Engineering/Platform"},
        {full_user, "custom:Employment.grade", "7"},
        {full_user, "custom:Employment.level", "3"},
        {full_user, "custom:Employment.lead", "true"},
        {full_user, "custom:Employment.badges", "B12"},
        {full_user, "custom:Employment.none", NULL},
        {full_user, "custom:Employment.other", NULL},
        {full_user, "custom:Other.grade", NULL},
        {"{" WHO "}", "department", NULL},
        {"{" WHO "}", "custom:Employment.grade", NULL},
        {"{" WHO ",\"organizations\":[]}", "department", NULL},
        {"{" WHO ",\"organizations\":null}", "department", NULL},
        {"{" WHO ",\"organizations\":[{\"department\":\"One\"}]}", "department", "One"},
        {"{" WHO ",\"organizations\":[{\"department\":\"One\"},{\"department\":\"Two\"}]}",
         "department", "One"},
        {"{" WHO ",\"organizations\":[{\"department\":\"One\"},{\"primary\":true}]}", "department",
         NULL},
        {"{" WHO ",\"organizations\":[{\"department\":\"\"}]}", "department", NULL},
        {"{" WHO ",\"organizations\":[{\"department\":null}]}", "department", NULL},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOJSON struct json_object *json = NULL;
        TS_CLEANUP(ts_google_user_done) struct ts_directory_user user = {0};

        assert_int_equal(read_user(cases[i].text, cases[i].team_from, &json, &user).cls, TS_OK);
        if (cases[i].team)
            assert_string_equal(user.team, cases[i].team);
        else
            assert_null(user.team);
    }
}

static void test_an_absent_flag_is_unknown_and_not_no(void **state)
{
    static const struct {
        const char *text;
        enum ts_tri suspended, archived, admin;
    } cases[] = {
        {"{" WHO "}", TS_UNKNOWN, TS_UNKNOWN, TS_UNKNOWN},
        {"{" WHO ",\"suspended\":null,\"archived\":true}", TS_UNKNOWN, TS_YES, TS_UNKNOWN},
        {"{" WHO ",\"suspended\":true,\"isAdmin\":true}", TS_YES, TS_UNKNOWN, TS_YES},
        {"{" WHO ",\"isAdmin\":false,\"isDelegatedAdmin\":true}", TS_UNKNOWN, TS_UNKNOWN, TS_YES},
        {"{" WHO ",\"isAdmin\":false}", TS_UNKNOWN, TS_UNKNOWN, TS_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOJSON struct json_object *json = NULL;
        TS_CLEANUP(ts_google_user_done) struct ts_directory_user user = {0};

        assert_int_equal(read_user(cases[i].text, NULL, &json, &user).cls, TS_OK);
        assert_int_equal(user.is_suspended, cases[i].suspended);
        assert_int_equal(user.is_archived, cases[i].archived);
        assert_int_equal(user.is_admin, cases[i].admin);
    }
}

static void test_a_deletion_time_means_deleted(void **state)
{
    TS_AUTOJSON struct json_object *json = NULL;
    TS_CLEANUP(ts_google_user_done) struct ts_directory_user user = {0};

    (void)state;
    assert_int_equal(
        read_user("{" WHO ",\"deletionTime\":\"2026-09-02T09:00:00.000Z\"}", NULL, &json, &user)
            .cls,
        TS_OK);
    assert_true(user.is_deleted);
    assert_string_equal(user.id, "104700000000000000017");
    assert_null(user.primary_email);
}

static void test_a_manager_without_a_value_is_none_and_a_name_is_kept(void **state)
{
    static const struct {
        const char *relations;
        const char *manager;
    } cases[] = {
        {"[]", NULL},
        {"null", NULL},
        {"[{\"type\":\"manager\"}]", NULL},
        {"[{\"type\":\"manager\",\"value\":\"\"},{\"type\":\"manager\",\"value\":\"b@c\"}]", "b@c"},
        {"[{\"type\":\"manager\",\"value\":\"The Boss\"}]", "The Boss"},
        {"[{\"type\":\"dotted_line_manager\",\"value\":\"b@c\"}]", NULL},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOJSON struct json_object *json = NULL;
        TS_AUTOFREE char *text = ts_format("{" WHO ",\"relations\":%s}", cases[i].relations);
        TS_CLEANUP(ts_google_user_done) struct ts_directory_user user = {0};

        assert_int_equal(read_user(text, NULL, &json, &user).cls, TS_OK);
        if (cases[i].manager)
            assert_string_equal(user.manager_email, cases[i].manager);
        else
            assert_null(user.manager_email);
    }
}

static void test_what_cannot_be_read_is_never_taken_for_empty(void **state)
{
    static const struct {
        const char *text;
        const char *team_from;
    } cases[] = {
        {"{}", NULL},
        {"{\"id\":1047,\"primaryEmail\":\"ana@corp.example\"}", NULL},
        {"{\"id\":\"\",\"primaryEmail\":\"ana@corp.example\"}", NULL},
        {"{\"id\":\"a b\",\"primaryEmail\":\"ana@corp.example\"}", NULL},
        {"{\"id\":\"1\"}", NULL},
        {"{\"id\":\"1\",\"primaryEmail\":\"ana\"}", NULL},
        {"{\"id\":\"1\",\"primaryEmail\":[\"ana@corp.example\"]}", NULL},
        {"{" WHO ",\"etag\":7}", NULL},
        {"{" WHO ",\"deletionTime\":0}", NULL},
        {"{" WHO ",\"aliases\":\"a@b\"}", NULL},
        {"{" WHO ",\"aliases\":[7]}", NULL},
        {"{" WHO ",\"nonEditableAliases\":{}}", NULL},
        {"{" WHO ",\"suspended\":\"false\"}", NULL},
        {"{" WHO ",\"suspended\":0}", NULL},
        {"{" WHO ",\"archived\":\"no\"}", NULL},
        {"{" WHO ",\"isAdmin\":1}", NULL},
        {"{" WHO ",\"relations\":{}}", NULL},
        {"{" WHO ",\"relations\":[\"boss\"]}", NULL},
        {"{" WHO ",\"relations\":[{\"type\":\"manager\",\"value\":{\"a\":1}}]}", NULL},
        {"{" WHO ",\"organizations\":{}}", "department"},
        {"{" WHO ",\"organizations\":[7]}", "department"},
        {"{" WHO ",\"organizations\":[{\"primary\":\"yes\"}]}", "department"},
        {"{" WHO ",\"organizations\":[{\"department\":7}]}", "department"},
        {"{" WHO ",\"organizations\":[{\"costCenter\":[]}]}", "cost_center"},
        {"{" WHO ",\"orgUnitPath\":[]}", "org_unit"},
        {"{" WHO ",\"customSchemas\":[]}", "custom:A.b"},
        {"{" WHO ",\"customSchemas\":{\"A\":7}}", "custom:A.b"},
        {"{" WHO ",\"customSchemas\":{\"A\":{\"b\":{}}}}", "custom:A.b"},
        {"{" WHO ",\"customSchemas\":{\"A\":{\"b\":[\"x\"]}}}", "custom:A.b"},
        {"{" WHO ",\"customSchemas\":{\"A\":{\"b\":[{\"value\":7}]}}}", "custom:A.b"},
        {"[]", NULL},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOJSON struct json_object *json = NULL;
        struct ts_directory_user user = {0};
        struct ts_error err = read_user(cases[i].text, cases[i].team_from, &json, &user);

        print_message("%s\n", cases[i].text);
        assert_int_equal(err.cls, TS_RETRY);
        assert_null(user.id);
    }
}

static void test_sizes_are_bounded(void **state)
{
    struct ts_buf text;
    TS_AUTOJSON struct json_object *json = NULL;
    TS_AUTOJSON struct json_object *other = NULL;
    TS_AUTOFREE char *long_text = ts_alloc(10242);
    TS_AUTOFREE char *long_team = NULL;
    struct ts_directory_user user = {0};

    (void)state;
    ts_buf_init(&text, 1 << 20);
    (void)ts_buf_add_text(&text, "{" WHO ",\"aliases\":[\"a@b\"");
    for (int i = 0; i < 500; i++)
        (void)ts_buf_add_text(&text, ",\"a@b\"");
    (void)ts_buf_add_text(&text, "]}");
    assert_int_equal(read_user(text.data, NULL, &json, &user).cls, TS_RETRY);
    ts_buf_done(&text);
    memset(long_text, 'x', 10241);
    long_team = ts_format("{" WHO ",\"orgUnitPath\":\"%s\"}", long_text);
    assert_int_equal(read_user(long_team, "org_unit", &other, &user).cls, TS_RETRY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_full_user_is_read),
        cmocka_unit_test(test_the_team_comes_from_where_the_setting_says),
        cmocka_unit_test(test_an_absent_flag_is_unknown_and_not_no),
        cmocka_unit_test(test_a_deletion_time_means_deleted),
        cmocka_unit_test(test_a_manager_without_a_value_is_none_and_a_name_is_kept),
        cmocka_unit_test(test_what_cannot_be_read_is_never_taken_for_empty),
        cmocka_unit_test(test_sizes_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
