/* SPDX-License-Identifier: MIT */
/* What is asked about a user: only what the rules need. */
#include "directory/google/fields.h"
#include "support/test.h"

#include "teamsync/connection.h"
#include "teamsync/mem.h"

#define C     "%2C"
#define HEAD  "&fields=id" C "etag" C "primaryEmail" C "aliases" C "nonEditableAliases" C "relations"
#define FLAGS C "suspended" C "archived" C "deletionTime"

static void test_the_mask_follows_the_setting(void **state)
{
    static const struct {
        const char *team_from;
        int is_admin;
        const char *query;
    } cases[] = {
        {"department", 1,
         "projection=basic" HEAD FLAGS C "organizations%28primary" C "department%29"},
        {NULL, 1, "projection=basic" HEAD FLAGS C "organizations%28primary" C "department%29"},
        {"cost_center", 1,
         "projection=basic" HEAD FLAGS C "organizations%28primary" C "costCenter%29"},
        {"org_unit", 1, "projection=basic" HEAD FLAGS C "orgUnitPath"},
        {"custom:HR.Team.Name", 1,
         "projection=custom&customFieldMask=HR" HEAD FLAGS C "customSchemas"},
        {"custom:a&b=c.x", 1,
         "projection=custom&customFieldMask=a%26b%3Dc" HEAD FLAGS C "customSchemas"},
        {"department", 0,
         "projection=basic&viewType=domain_public" HEAD C "organizations%28primary" C
         "department%29"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_connection connection = {.team_from = cases[i].team_from,
                                           .may_suspend = cases[i].is_admin};
        TS_AUTOFREE char *query = ts_google_user_query(&connection);

        assert_string_equal(query, cases[i].query);
    }
}

static void test_a_custom_field_needs_both_its_names(void **state)
{
    static const char *const wrong[] = {"department", "custom:",    "custom:HR", "custom:.x",
                                        "custom:HR.", "customHR.x", "",          NULL};
    TS_AUTOFREE char *schema = NULL;
    const char *field = NULL;

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(wrong); i++)
        assert_false(ts_google_custom_field(wrong[i], &schema, &field));
    assert_true(ts_google_custom_field("custom:HR.Team", &schema, &field));
    assert_string_equal(schema, "HR");
    assert_string_equal(field, "Team");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_mask_follows_the_setting),
        cmocka_unit_test(test_a_custom_field_needs_both_its_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
