/* SPDX-License-Identifier: MIT */
/* A member, and a change, exactly as the contract shows them. */
#include "api/member_json.h"
#include "support/test.h"

#include "teamsync/mem.h"

#include <string.h>

static void assert_member_json(const struct ts_member *member, const char *expected)
{
    TS_AUTOJSON struct json_object *json = ts_member_json(member);
    TS_AUTOFREE char *text = ts_json_print(json);

    assert_string_equal(text, expected);
}

static const struct ts_member ada = {
    .id = "m_1",
    .email = "ada@acme.example",
    .name = "Ada",
    .role = "member",
    .status = TS_MEMBER_SUSPENDED,
    .manager_id = "m_2",
    .manager_email = "grace@acme.example",
    .manager_name = "Grace",
    .team = "Engineering",
    .sync_state = TS_SYNC_SYNCED,
    .directory_id = "1078",
    .directory_addresses = "ada@acme.example a@acme.example",
    .manager_source = TS_SOURCE_DIRECTORY,
    .team_source = TS_SOURCE_MANUAL,
    .last_synced_us = 1795458150123000,
    .suspended_by = TS_SUSPENDED_BY_DIRECTORY,
    .suspended_reason = TS_REASON_DELETED,
    .suspended_us = 1795458150000000,
    .created_us = 1795458000000000,
    .updated_us = 1795458150123000,
    .version = 7,
};

static void test_a_linked_and_suspended_member(void **state)
{
    (void)state;
    assert_member_json(
        &ada,
        "{\"id\":\"m_1\",\"email\":\"ada@acme.example\",\"name\":\"Ada\",\"role\":\"member\","
        "\"status\":\"suspended\",\"manager\":{\"id\":\"m_2\",\"email\":\"grace@acme.example\","
        "\"name\":\"Grace\"},"
        "\"team\":\"Engineering\",\"sync\":{\"state\":\"synced\",\"source\":\"google-workspace\","
        "\"directory_user_id\":\"1078\",\"last_synced_at\":\"2026-11-23T18:22:30.123Z\","
        "\"fields\":{\"manager\":\"directory\",\"team\":\"manual\"},\"pending_manager\":null,"
        "\"detail\":null},\"suspended\":{\"by\":\"directory\",\"reason\":\"deleted\","
        "\"at\":\"2026-11-23T18:22:30.000Z\"},\"protected\":false,"
        "\"created_at\":\"2026-11-23T18:20:00.000Z\",\"updated_at\":\"2026-11-23T18:22:30.123Z\"}");
}

static void test_what_was_cut_in_the_middle_of_a_letter_is_json_all_the_same(void **state)
{
    const struct ts_member member = {.id = "m_1", .email = "ada@acme.example", .detail = "Zo\xc3"};
    TS_AUTOJSON struct json_object *json = ts_member_json(&member);
    TS_AUTOFREE char *text = ts_json_print(json);

    (void)state;
    assert_non_null(strstr(text, "\"detail\":\"Zo\xef\xbf\xbd\""));
}

static void test_a_new_member_has_null_for_what_is_not_there(void **state)
{
    const struct ts_member member = {.id = "m_1",
                                     .email = "ada@acme.example",
                                     .role = "owner",
                                     .is_protected = true,
                                     .created_us = 1795458000000000,
                                     .updated_us = 1795458000000000};

    (void)state;
    assert_member_json(
        &member,
        "{\"id\":\"m_1\",\"email\":\"ada@acme.example\",\"name\":null,\"role\":\"owner\","
        "\"status\":\"invited\",\"manager\":null,\"team\":null,\"sync\":{\"state\":\"unmatched\","
        "\"source\":null,\"directory_user_id\":null,\"last_synced_at\":null,"
        "\"fields\":{\"manager\":null,\"team\":null},\"pending_manager\":null,\"detail\":null},"
        "\"suspended\":null,\"protected\":true,\"created_at\":\"2026-11-23T18:20:00.000Z\","
        "\"updated_at\":\"2026-11-23T18:20:00.000Z\"}");
}

/* What a past suspension left behind is not shown as a present one. */
static void test_only_the_suspended_show_a_suspension(void **state)
{
    struct ts_member member = ada;
    TS_AUTOJSON struct json_object *json = NULL;
    struct json_object *suspended = NULL;

    (void)state;
    member.status = TS_MEMBER_ACTIVE;
    member.pending_manager = "boss@acme.example";
    member.detail = "the manager is not a member yet";
    json = ts_member_json(&member);
    assert_true(json_object_object_get_ex(json, "suspended", &suspended));
    assert_null(suspended);
    assert_string_equal(ts_json_text(ts_json_object(json, "sync"), "pending_manager"),
                        "boss@acme.example");
    assert_string_equal(ts_json_text(ts_json_object(json, "sync"), "detail"),
                        "the manager is not a member yet");
}

static void test_a_change(void **state)
{
    const struct ts_history_entry entry = {.id = "5-0",
                                           .member_id = "m_1",
                                           .email = "ada@acme.example",
                                           .field = "team",
                                           .before = "Sales",
                                           .cause = "push",
                                           .job = "7-0",
                                           .at_us = 1795458000000000};
    TS_AUTOJSON struct json_object *json = ts_history_json(&entry);
    TS_AUTOFREE char *text = ts_json_print(json);

    (void)state;
    assert_string_equal(
        text,
        "{\"id\":\"5-0\",\"member\":\"m_1\",\"email\":\"ada@acme.example\",\"field\":\"team\","
        "\"before\":\"Sales\",\"after\":null,\"cause\":\"push\","
        "\"job\":\"7-0\",\"at\":\"2026-11-23T18:20:00.000Z\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_linked_and_suspended_member),
        cmocka_unit_test(test_what_was_cut_in_the_middle_of_a_letter_is_json_all_the_same),
        cmocka_unit_test(test_a_new_member_has_null_for_what_is_not_there),
        cmocka_unit_test(test_only_the_suspended_show_a_suspension),
        cmocka_unit_test(test_a_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
