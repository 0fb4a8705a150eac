/* SPDX-License-Identifier: MIT */
/* The API's life, and the way of a request through it: who asks, what was sent, who handles it. */
#include "teamsync/api.h"

#include "api/exchange.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <utlist.h>

#include <string.h>

struct entry {
    struct ts_api *api;
    const struct ts_api_route *route;
};

struct ts_api {
    const struct ts_flow_env *env;
    struct ts_exchange *held;
    struct ts_guesses *guesses;
    struct ts_lookouts *lookouts;
    struct entry *entries; /* what the server's routes carry */
};

/* --- what was sent --- */

/* NULL, or what is wrong with the body and `*ret_status` to say it with. */
static const char *read_body(struct ts_exchange *x, int *ret_status)
{
    const char *reason = NULL;
    size_t length = 0;
    const char *text = ts_request_body(x->request, &length);

    if (length == 0)
        return NULL;
    *ret_status = 415;
    if (!ts_request_is_json(x->request))
        return "the Content-Type must be application/json";
    *ret_status = 400;
    x->body = ts_json_parse(text, length, &reason);
    if (reason)
        return "the body is not valid JSON";
    return json_object_is_type(x->body, json_type_object) ? NULL : "the body is not a JSON object";
}

static bool read_page(struct ts_exchange *x)
{
    return ts_page_read(ts_request_query(x->request, "limit"),
                        ts_request_query(x->request, "cursor"), x->route->cursor, &x->limit,
                        &x->cursor);
}

/* Access was granted. */
static void begin(struct ts_exchange *x)
{
    int status = 400;
    const char *wrong = read_body(x, &status);

    if (wrong)
        ts_exchange_refuse(x, status, "%s", wrong);
    else if (x->id && !ts_text_is_id(x->id))
        ts_exchange_refuse(x, 404, "there is no such thing");
    else if (!read_page(x))
        ts_exchange_refuse(x, 400, "limit must be 1 to 500, and cursor one that was given out");
    else
        x->route->handler(x);
}

static void on_request(struct ts_request *request, void *arg)
{
    const struct entry *entry = arg;
    struct ts_exchange *x = ts_alloc(sizeof(*x));

    *x = (struct ts_exchange){
        .held = &entry->api->held,
        .env = entry->api->env,
        .route = entry->route,
        .guesses = entry->api->guesses,
        .lookouts = entry->api->lookouts,
        .request = request,
        .org = ts_request_param(request, "org"),
        .id = ts_request_param(request, "id"),
    };
    DL_APPEND(entry->api->held, x);
    ts_access_check(x, begin);
}

/* --- its life --- */

struct ts_api *ts_api_new(const struct ts_flow_env *env)
{
    struct ts_api *api = ts_alloc(sizeof(*api));

    api->env = env;
    api->guesses = ts_guesses_new();
    api->lookouts = ts_lookouts_new(env);
    api->entries = ts_alloc(ts_api_route_count * sizeof(*api->entries));
    return api;
}

/* A stream takes a connection for long: half of them stay for those who are answered at once. */
static size_t room_for_streams(const struct ts_http_server *server)
{
    size_t half = ts_http_server_max_connections(server) / 2;

    return half < TS_LISTENERS ? half : TS_LISTENERS;
}

void ts_api_add_routes(struct ts_api *api, struct ts_http_server *server)
{
    ts_lookouts_set_room(api->lookouts, room_for_streams(server));
    for (size_t i = 0; i < ts_api_route_count; i++) {
        const struct ts_api_route *route = &ts_api_routes[i];

        api->entries[i] = (struct entry){.api = api, .route = route};
        ts_http_server_route(server, route->method, route->pattern, on_request, &api->entries[i]);
    }
}

void ts_api_end_streams(struct ts_api *api)
{
    ts_lookouts_close(api->lookouts);
}

void ts_api_free(struct ts_api *api)
{
    if (!api)
        return;
    while (api->held)
        ts_exchange_release(api->held); /* their requests went with the server */
    ts_lookouts_free(api->lookouts);
    ts_guesses_free(api->guesses);
    free(api->entries);
    free(api);
}
