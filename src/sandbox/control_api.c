/* SPDX-License-Identifier: MIT */
/* The control API: who may drive it, what goes wrong over there, and looking on. Its people are in
 * control_people.c. */
#include "sandbox/sandbox_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <json-c/json_object_iterator.h>

#include <string.h>

/* --- answers --- */

void control_reply(struct ts_request *request, int status, struct json_object *json)
{
    TS_AUTOFREE char *text = ts_json_print(json);
    TS_AUTOFREE char *line = ts_format("%s\n", text);

    json_object_put(json);
    ts_request_reply(request, status, "application/json", line, strlen(line));
}

void control_reply_with(struct ts_request *request, const char *name, struct json_object *value)
{
    struct json_object *json = ts_json_new_object();

    ts_json_add(json, name, value);
    control_reply(request, 200, json);
}

struct json_object *control_body(struct ts_request *request)
{
    size_t length = 0;
    const char *text = ts_request_body(request, &length);
    struct json_object *json = ts_json_parse(text, length, NULL);

    if (json_object_is_type(json, json_type_object))
        return json;
    json_object_put(json);
    ts_request_problem(request, 400, "a JSON object is expected as the body");
    return NULL;
}

/* --- settings --- */

static struct json_object *settings_json(const struct ts_sandbox *sandbox)
{
    struct json_object *json = ts_json_new_object();

#define ADD_SETTING(name, value) ts_json_add_number(json, #name, (int64_t)sandbox->settings.name);
    SANDBOX_SETTINGS(ADD_SETTING)
    return json;
}

static void on_settings(struct ts_request *request, void *arg)
{
    control_reply(request, 200, settings_json(arg));
}

static bool set_setting(struct sandbox_settings *settings, const char *name, uint64_t number)
{
#define SET_SETTING(known, value)                                                                  \
    if (strcmp(name, #known) == 0) {                                                               \
        settings->known = number;                                                                  \
        return true;                                                                               \
    }
    SANDBOX_SETTINGS(SET_SETTING)
    return false;
}

static void on_set(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;
    struct sandbox_settings settings = sandbox->settings;
    TS_AUTOJSON struct json_object *body = control_body(request);
    struct json_object_iterator at;
    struct json_object_iterator end;

    if (!body)
        return;
    at = json_object_iter_begin(body);
    end = json_object_iter_end(body);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *name = json_object_iter_peek_name(&at);
        uint64_t number = 0;

        if (!ts_json_u64(body, name, &number) || !set_setting(&settings, name, number)) {
            ts_request_problem(request, 400, "a setting is not known, or not a number");
            return;
        }
    }
    sandbox->settings = settings;
    control_reply(request, 200, settings_json(sandbox));
}

/* --- faults --- */

static void on_faults(struct ts_request *request, void *arg)
{
    control_reply_with(request, "faults", faults_json(arg));
}

static void on_add_fault(struct ts_request *request, void *arg)
{
    TS_AUTOJSON struct json_object *body = control_body(request);
    struct json_object *json;
    unsigned id = 0;
    const char *wrong;

    if (!body)
        return;
    wrong = fault_add(arg, body, &id);
    if (wrong) {
        ts_request_problem(request, 400, wrong);
        return;
    }
    json = ts_json_new_object();
    ts_json_add_number(json, "id", id);
    control_reply(request, 201, json);
}

static void on_remove_fault(struct ts_request *request, void *arg)
{
    if (fault_remove(arg, ts_request_param(request, "id")))
        ts_request_reply(request, 204, NULL, "", 0);
    else
        ts_request_problem(request, 404, "there is no such fault");
}

/* --- looking on --- */

static void on_channels(struct ts_request *request, void *arg)
{
    control_reply_with(request, "channels", channels_json(arg));
}

static void on_deliveries(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;
    struct json_object *array = ts_json_new_array();
    size_t count = json_object_array_length(sandbox->delivery_log);
    uint64_t limit = count;

    (void)ts_text_to_u64(ts_request_query(request, "limit"), &limit);
    for (size_t i = limit < count ? count - limit : 0; i < count; i++)
        ts_json_append(array, json_object_get(json_object_array_get_idx(sandbox->delivery_log, i)));
    control_reply_with(request, "deliveries", array);
}

static void on_requests(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;

    control_reply(request, 200, json_object_get(sandbox->counters));
}

static void on_reset_counters(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;

    json_object_put(sandbox->counters);
    sandbox->counters = ts_json_new_object();
    ts_request_reply(request, 204, NULL, "", 0);
}

static void on_expire_tokens(struct ts_request *request, void *arg)
{
    tokens_expire(arg);
    ts_request_reply(request, 204, NULL, "", 0);
}

static void on_help(struct ts_request *request, void *arg)
{
    (void)arg;
    ts_request_reply(request, 200, "text/plain; charset=utf-8", control_help, strlen(control_help));
}

/* --- who may drive it: whoever reaches it, but no web page of somebody else's --- */

/* Browsers say which page a request is from, and where it goes; a name that merely leads here
 * (DNS rebinding) is no name of ours. */
static bool is_of_foreign_page(const struct ts_request *request)
{
    static const char *const names[] = {"http://127.0.0.1:", "http://localhost:", "http://[::1]:"};
    const char *origin = ts_request_header(request, "Origin");
    const char *host = ts_request_header(request, "Host");

    for (size_t i = 0; origin && host && i < TS_COUNT_OF(names); i++) {
        if (ts_text_starts_with(origin, names[i]) &&
            ts_text_equal(origin + strlen("http://"), host))
            return false;
    }
    return origin != NULL;
}

/* What a form of any page could send has a body of another type, or comes with an Origin. */
static bool is_trusted(struct ts_request *request)
{
    size_t length = 0;

    (void)ts_request_body(request, &length);
    if (is_of_foreign_page(request))
        ts_request_problem(request, 403, "another web page may not change this directory");
    else if (length > 0 && !ts_request_is_json(request))
        ts_request_problem(request, 415, "the Content-Type must be application/json");
    else
        return true;
    return false;
}

static struct control_route {
    const char *method;
    const char *pattern;
    ts_request_handler *handle;
    struct ts_sandbox *sandbox;
} routes[] = {
    {"GET", "/control", on_help, NULL},
    {"GET", "/control/users", control_list, NULL},
    {"POST", "/control/users", control_hire, NULL},
    {"GET", "/control/users/{key}", control_show, NULL},
    {"PATCH", "/control/users/{key}", control_patch, NULL},
    {"POST", "/control/users/{key}/{action}", control_act, NULL},
    {"GET", "/control/settings", on_settings, NULL},
    {"PATCH", "/control/settings", on_set, NULL},
    {"GET", "/control/faults", on_faults, NULL},
    {"POST", "/control/faults", on_add_fault, NULL},
    {"DELETE", "/control/faults", on_remove_fault, NULL},
    {"DELETE", "/control/faults/{id}", on_remove_fault, NULL},
    {"GET", "/control/channels", on_channels, NULL},
    {"GET", "/control/deliveries", on_deliveries, NULL},
    {"GET", "/control/requests", on_requests, NULL},
    {"POST", "/control/reset-counters", on_reset_counters, NULL},
    {"POST", "/control/expire-tokens", on_expire_tokens, NULL},
};

static void on_request(struct ts_request *request, void *arg)
{
    const struct control_route *route = arg;

    if (is_trusted(request))
        route->handle(request, route->sandbox);
}

void control_add_routes(struct ts_sandbox *sandbox)
{
    for (size_t i = 0; i < TS_COUNT_OF(routes); i++) {
        routes[i].sandbox = sandbox;
        ts_http_server_route(sandbox->server, routes[i].method, routes[i].pattern, on_request,
                             &routes[i]);
    }
}
