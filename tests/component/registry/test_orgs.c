/* SPDX-License-Identifier: MIT */
/* Orgs in a real Redis: made once, and who comes second is told why not. */
#include "registry_bench.h"

static void test_an_org_that_is_there_already_is_refused_by_its_name(void **state)
{
    struct ts_registry *registry = bench.two.registry;
    const struct ts_org again = {.id = "acme",
                                 .name = "Another",
                                 .target = "builtin",
                                 .team_from = "department",
                                 .invite_role = "member"};

    (void)state;
    create_org("acme");
    await_answer(registry->ops->create_org(registry, &again, on_any_org, NULL));
    assert_int_equal(bench.err.cls, TS_REJECTED);
    assert_string_equal(bench.err.text, "the org acme exists already");
    ASSERT_REDIS("acme", "HGET teamsync:org:acme name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_an_org_that_is_there_already_is_refused_by_its_name),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
