/* SPDX-License-Identifier: MIT */
/* The description and the table of routes say the same: every route, exactly its permissions, and
 * nothing else. (What the routes take and answer is compared by tests/e2e/test_openapi.py.) */
#include "api/handlers.h"
#include "world.h"

#include <json-c/json_object_iterator.h>

#include <ctype.h>

/* Served beside the API, by webhook and app. */
static const char *const others[] = {"POST /webhooks/google-workspace", "GET /healthz",
                                     "GET /readyz", "GET /metrics"};

static struct json_object *read_description(void)
{
    const char *reason = NULL;
    struct json_object *json = ts_json_parse(ts_json_openapi, strlen(ts_json_openapi), &reason);

    assert_null(reason);
    return json;
}

/* The table's method is in capitals. */
static struct json_object *operation_of(struct json_object *paths, const char *method,
                                        const char *path)
{
    TS_AUTOFREE char *lower = ts_strdup(method);

    for (char *c = lower; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return ts_json_object(ts_json_object(paths, path), lower);
}

static unsigned bit_of(const char *word)
{
    static const struct {
        const char *word;
        unsigned bit;
    } permissions[] = {
        {"members:read", TS_MEMBERS_READ},
        {"members:manage", TS_MEMBERS_MANAGE},
        {"integrations:manage", TS_INTEGRATIONS_MANAGE},
        {"operate", TS_OPERATE},
        {"admin-socket", TS_ADMIN_SOCKET},
        {"any", TS_ANYBODY_KNOWN},
        {"whoever", TS_WHOEVER_ASKS},
    };

    for (size_t i = 0; i < TS_COUNT_OF(permissions); i++) {
        if (ts_text_equal(permissions[i].word, word))
            return permissions[i].bit;
    }
    fail_msg("there is no permission %s", word);
    return 0;
}

static unsigned described_permissions(struct json_object *operation)
{
    struct json_object *words = NULL;
    unsigned bits = 0;

    assert_true(json_object_object_get_ex(operation, "x-permissions", &words));
    assert_true(json_object_is_type(words, json_type_array));
    for (size_t i = 0; i < json_object_array_length(words); i++)
        bits |= bit_of(json_object_get_string(json_object_array_get_idx(words, i)));
    return bits;
}

static size_t count_operations(struct json_object *paths)
{
    struct json_object_iterator at = json_object_iter_begin(paths);
    struct json_object_iterator end = json_object_iter_end(paths);
    size_t count = 0;

    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
        count += (size_t)json_object_object_length(json_object_iter_peek_value(&at));
    return count;
}

static void test_every_route_is_described_with_its_permissions(void **state)
{
    TS_AUTOJSON struct json_object *json = read_description();
    struct json_object *paths = ts_json_object(json, "paths");

    (void)state;
    for (size_t i = 0; i < ts_api_route_count; i++) {
        const struct ts_api_route *route = &ts_api_routes[i];
        struct json_object *operation = operation_of(paths, route->method, route->pattern);

        if (!operation)
            fail_msg("%s %s is not described", route->method, route->pattern);
        if (described_permissions(operation) != route->permissions)
            fail_msg("%s %s is described with other permissions", route->method, route->pattern);
    }
}

static void test_nothing_else_is_described(void **state)
{
    TS_AUTOJSON struct json_object *json = read_description();
    struct json_object *paths = ts_json_object(json, "paths");

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(others); i++) {
        const char *path = strchr(others[i], ' ') + 1;
        TS_AUTOFREE char *method = ts_memdup_text(others[i], (size_t)(path - 1 - others[i]));
        struct json_object *operation = operation_of(paths, method, path);

        assert_non_null(operation);
        assert_int_equal(described_permissions(operation), TS_PUBLIC);
    }
    assert_int_equal(count_operations(paths), ts_api_route_count + TS_COUNT_OF(others));
}

static void test_it_is_served_to_everybody_and_may_be_kept_for_a_while(void **state)
{
    struct world *world = world_new();
    TS_AUTOFREE struct answer *answer =
        ask_with(world, false, "GET", "/api/v1/openapi.json", "", NULL);

    (void)state;
    assert_int_equal(answer->status, 200);
    assert_true(answer_has(answer, "Content-Type: application/json\r\n"));
    assert_true(answer_has(answer, "Cache-Control: max-age=300\r\n"));
    assert_false(answer_has(answer, "no-store"));
    assert_true(answer_has(answer, ts_json_openapi));
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route_is_described_with_its_permissions),
        cmocka_unit_test(test_nothing_else_is_described),
        cmocka_unit_test(test_it_is_served_to_everybody_and_may_be_kept_for_a_while),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
