/* SPDX-License-Identifier: MIT */
/* Any text as a path: of the API's routes one at most takes it for each method, with parameters
 * that lead to the same route when written into its pattern. */
#include "api/exchange.h"
#include "fuzz/fuzz.h"
#include "io/router.h"

#include "teamsync/buf.h"
#include "teamsync/http.h"

static char *write_path(const char *pattern, const struct ts_route_params *params)
{
    struct ts_buf path;

    ts_buf_init(&path, 64 << 10);
    for (size_t i = 0; *pattern;) {
        size_t length = 1 + strcspn(pattern + 1, "/");
        TS_AUTOFREE char *value =
            pattern[1] == '{' ? ts_url_escape(params->params[i++].value) : NULL;

        if (value)
            (void)ts_buf_addf(&path, "/%s", value);
        else
            (void)ts_buf_add(&path, pattern, length);
        pattern += length;
    }
    return path.data;
}

static void check_params(const char *pattern, const struct ts_route_params *params)
{
    TS_AUTOFREE char *path = write_path(pattern, params);
    struct ts_route_params again = {0};

    MUST(ts_route_match(pattern, path, &again) && again.count == params->count);
    for (size_t i = 0; i < params->count; i++) {
        MUST(*params->params[i].value);
        MUST(strcmp(params->params[i].name, again.params[i].name) == 0);
        MUST(strcmp(params->params[i].value, again.params[i].value) == 0);
    }
    ts_route_params_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *path = ts_memdup_text((const char *)data, size);
    const struct ts_api_route *taken = NULL;

    for (size_t i = 0; i < ts_api_route_count; i++) {
        const struct ts_api_route *route = &ts_api_routes[i];
        struct ts_route_params params = {0};

        if (ts_route_match(route->pattern, path, &params)) {
            MUST(!taken || (strcmp(taken->pattern, route->pattern) == 0 &&
                            strcmp(taken->method, route->method) != 0));
            taken = route;
            check_params(route->pattern, &params);
        } else {
            MUST(params.count == 0);
        }
        ts_route_params_done(&params);
    }
    return 0;
}
