/* SPDX-License-Identifier: MIT */
/* Any bytes as a user resource: a user with an id, or an error; and what the rules make of it never
 * suspends whom nobody knows. */
#include "directory/google/google_user_json.h"
#include "fuzz/fuzz.h"

#include "teamsync/json.h"
#include "teamsync/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const sources[] = {"department", "org_unit", "cost_center",
                                          "custom:HR.team"};
    static const struct ts_rules rules = {.may_suspend = true, .clear_missing = true};
    struct ts_member member = {.id = "m_1", .email = "ada@acme.example", .version = 1};
    struct ts_view view = {.by_primary = &member};
    TS_AUTOJSON struct json_object *json = ts_json_parse((const char *)data, size, NULL);

    for (size_t i = 0; json && i < TS_COUNT_OF(sources); i++) {
        struct ts_directory_user user = {0};

        if (ts_google_user_read(json, sources[i], &user).cls == TS_OK) {
            struct ts_plan plan = ts_plan_make(&user, false, &view, &rules);
            struct ts_plan nobody = ts_plan_make(&user, false, &(struct ts_view){0}, &rules);

            MUST(user.id && nobody.verdict == TS_VERDICT_NOBODY);
            ts_plan_done(&plan);
            ts_plan_done(&nobody);
        }
        ts_google_user_done(&user);
    }
    return 0;
}
