/* SPDX-License-Identifier: MIT */
/* Which credentials can be used, and what is said about those that cannot. */
#include "directory/google/credentials.h"
#include "unit/directory_google/google_fixture.h"

#include "teamsync/google.h"

static void test_a_service_account_is_read_whole(void **state)
{
    TS_AUTOFREE char *json = fixture_service_account();
    struct ts_google_credentials *own = NULL;

    (void)state;
    assert_null(ts_google_check_credentials(json));
    assert_null(ts_google_credentials_parse(json, &own));
    assert_true(own->is_service_account);
    assert_string_equal(own->subject, "admin@acme.example");
    assert_string_equal(own->client_email, "sync@proj.iam.gserviceaccount.com");
    assert_string_equal(own->key_id, "key-1");
    ts_google_credentials_free(own);
}

static void test_a_consent_is_read_whole(void **state)
{
    struct ts_google_credentials *own = NULL;

    (void)state;
    assert_null(ts_google_credentials_parse(fixture_consent, &own));
    assert_false(own->is_service_account);
    assert_string_equal(own->client_secret, "se=cret");
    assert_string_equal(own->refresh_token, "1//re fresh");
    ts_google_credentials_free(own);
    assert_null(ts_google_check_credentials(
        "{\"type\":\"authorized_user\",\"client_id\":\"a\",\"client_secret\":\"b\","
        "\"refresh_token\":\"c\",\"email\":\"admin@acme.example\"}"));
}

static void test_what_is_missing_is_said(void **state)
{
    static const struct {
        const char *json;
        const char *word; /* in the answer */
    } cases[] = {
        {NULL, "JSON object"},
        {"", "JSON object"},
        {"[]", "JSON object"},
        {"{\"type\":\"service_account\"", "JSON object"},
        {"{}", "type"},
        {"{\"type\":7}", "type"},
        {"{\"type\":\"external_account\"}", "type"},
        {"{\"type\":\"service_account\",\"key\":{}}", "subject"},
        {"{\"type\":\"service_account\",\"subject\":\"nobody\"}", "subject"},
        {"{\"type\":\"service_account\",\"subject\":\"a@b\",\"key\":\"{}\"}", "\"key\""},
        {"{\"type\":\"service_account\",\"subject\":\"a@b\",\"key\":{\"type\":\"x\"}}", "key file"},
        {"{\"type\":\"service_account\",\"subject\":\"a@b\",\"key\":"
         "{\"type\":\"service_account\"}}",
         "client_email"},
        {"{\"type\":\"service_account\",\"subject\":\"a@b\",\"key\":"
         "{\"type\":\"service_account\",\"client_email\":\"c@d\"}}",
         "private_key"},
        {"{\"type\":\"service_account\",\"subject\":\"a@b\",\"key\":"
         "{\"type\":\"service_account\",\"client_email\":\"c@d\",\"private_key\":\"x\"}}",
         "PEM"},
        {"{\"type\":\"authorized_user\"}", "subject"},
        {"{\"type\":\"authorized_user\",\"subject\":\"a@b\"}", "client_id"},
        {"{\"type\":\"authorized_user\",\"subject\":\"a@b\",\"client_id\":\"c\"}", "client_secret"},
        {"{\"type\":\"authorized_user\",\"subject\":\"a@b\",\"client_id\":\"c\","
         "\"client_secret\":\"d\",\"refresh_token\":\"\"}",
         "refresh_token"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        const char *problem = ts_google_check_credentials(cases[i].json);

        assert_non_null(problem);
        assert_non_null(strstr(problem, cases[i].word));
    }
}

static void test_credentials_too_large_to_be_true_are_refused(void **state)
{
    TS_AUTOFREE char *blanks = ts_alloc(70001);
    TS_AUTOFREE char *json = NULL;

    (void)state;
    memset(blanks, ' ', 70000);
    json = ts_format("%s%s", fixture_consent, blanks);
    assert_non_null(ts_google_check_credentials(json));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_service_account_is_read_whole),
        cmocka_unit_test(test_a_consent_is_read_whole),
        cmocka_unit_test(test_what_is_missing_is_said),
        cmocka_unit_test(test_credentials_too_large_to_be_true_are_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    EVP_PKEY_free(fixture_key());
    return failed;
}
