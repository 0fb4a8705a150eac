/* SPDX-License-Identifier: MIT */
/* The control API: what people and administrators do over there, and what goes wrong. */
#include "sandbox/sandbox_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <json-c/json_object_iterator.h>

#include <string.h>

enum { USERS_DEFAULT = 100, USERS_MAX = 1000 };

/* --- answers --- */

static void reply(struct ts_request *request, int status, struct json_object *json) /* takes json */
{
    TS_AUTOFREE char *text = ts_json_print(json);
    TS_AUTOFREE char *line = ts_format("%s\n", text);

    json_object_put(json);
    ts_request_reply(request, status, "application/json", line, strlen(line));
}

static void reply_with(struct ts_request *request, const char *name, struct json_object *value)
{
    struct json_object *json = ts_json_new_object();

    ts_json_add(json, name, value);
    reply(request, 200, json);
}

static void reply_person(struct ts_request *request, const struct ts_sandbox *sandbox, int status,
                         const struct person *person)
{
    reply(request, status, user_json(sandbox, person, &person->now, false, true));
}

/* The body, owned by the caller; NULL when the request was refused. */
static struct json_object *body_of(struct ts_request *request)
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

/* The person of the path; NULL when the request was refused. */
static struct person *person_of(struct ts_sandbox *sandbox, struct ts_request *request)
{
    struct person *person = people_find(sandbox->people, ts_request_param(request, "key"));

    if (!person)
        ts_request_problem(request, 404, "there is nobody with this id or address");
    return person;
}

/* --- people --- */

static const char *hire(struct ts_sandbox *sandbox, struct json_object *body, struct person **ret)
{
    struct person_state state = {0};
    const char *wrong = user_patch(sandbox->people, body, &state);

    if (wrong)
        return wrong;
    *ret = people_hire(sandbox->people, &state, sandbox_now_ms());
    if (!*ret)
        return "an address is somebody else's";
    if (ts_json_bool(body, "notify", true))
        notify_change(sandbox, *ret, "add");
    return NULL;
}

const char *ts_sandbox_seed(struct ts_sandbox *sandbox, const char *json)
{
    TS_AUTOJSON struct json_object *people = ts_json_parse(json, strlen(json), NULL);
    struct person *person;

    if (!json_object_is_type(people, json_type_array))
        return "a JSON array of people is expected";
    for (size_t i = 0; i < json_object_array_length(people); i++) {
        const char *wrong = hire(sandbox, json_object_array_get_idx(people, i), &person);

        if (wrong)
            return wrong;
    }
    return NULL;
}

static void on_hire(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;
    TS_AUTOJSON struct json_object *body = body_of(request);
    struct person *person = NULL;
    const char *wrong;

    if (!body)
        return;
    wrong = hire(sandbox, body, &person);
    if (wrong)
        ts_request_problem(request, 400, wrong);
    else
        reply_person(request, sandbox, 201, person);
}

static void on_list(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;
    struct json_object *array = ts_json_new_array();
    uint64_t limit = USERS_DEFAULT;
    const char *after = ts_request_query(request, "after");
    size_t first = after ? people_index_after(sandbox->people, after) : 0;
    const struct person *person;

    (void)ts_text_to_u64(ts_request_query(request, "limit"), &limit);
    limit = limit < USERS_MAX ? limit : USERS_MAX;
    for (size_t i = 0; i < limit && (person = people_at(sandbox->people, first + i)); i++)
        ts_json_append(array, user_json(sandbox, person, &person->now, false, true));
    reply_with(request, "users", array);
}

static void on_show(struct ts_request *request, void *arg)
{
    const struct person *person = person_of(arg, request);

    if (person)
        reply_person(request, arg, 200, person);
}

static void on_patch(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;
    struct person *person = person_of(sandbox, request);
    TS_AUTOJSON struct json_object *body = person ? body_of(request) : NULL;
    struct person_state state;
    const char *wrong;

    if (!body)
        return;
    state = person->now;
    wrong =
        person->deleted_ms ? "the account is deleted" : user_patch(sandbox->people, body, &state);
    if (!wrong && !people_change(sandbox->people, person, &state, sandbox_now_ms()))
        wrong = "an address is somebody else's";
    if (wrong) {
        ts_request_problem(request, 400, wrong);
        return;
    }
    if (ts_json_bool(body, "notify", true))
        notify_change(sandbox, person, "update");
    reply_person(request, sandbox, 200, person);
}

/* --- what can be done to somebody --- */

static bool set_flags(struct ts_sandbox *sandbox, struct person *person, const char *action)
{
    struct person_state state = person->now;
    const struct {
        const char *action;
        bool *flag;
        bool value;
    } actions[] = {
        {"suspend", &state.is_suspended, true}, {"unsuspend", &state.is_suspended, false},
        {"archive", &state.is_archived, true},  {"unarchive", &state.is_archived, false},
        {"make-admin", &state.is_admin, true},  {"revoke-admin", &state.is_admin, false},
    };

    for (size_t i = 0; i < TS_COUNT_OF(actions); i++) {
        if (strcmp(actions[i].action, action) == 0) {
            *actions[i].flag = actions[i].value;
            return people_change(sandbox->people, person, &state, sandbox_now_ms());
        }
    }
    return false;
}

static bool rename_to(struct ts_sandbox *sandbox, struct person *person, struct ts_request *request)
{
    size_t length = 0;
    const char *text = ts_request_body(request, &length);
    TS_AUTOJSON struct json_object *body = ts_json_parse(text, length, NULL);
    const char *email = ts_json_text(body, "primaryEmail");

    return ts_text_is_email(email) &&
           people_rename(sandbox->people, person, email, sandbox_now_ms());
}

/* The event that it raises; NULL when it cannot be done. */
static const char *act(struct ts_sandbox *sandbox, struct person *person, const char *action,
                       struct ts_request *request)
{
    if (strcmp(action, "undelete") == 0)
        return people_undelete(sandbox->people, person, sandbox_now_ms()) ? "undelete" : NULL;
    if (person->deleted_ms)
        return NULL;
    if (strcmp(action, "delete") == 0) {
        people_delete(sandbox->people, person, sandbox_now_ms());
        return "delete";
    }
    if (strcmp(action, "rename") == 0)
        return rename_to(sandbox, person, request) ? "update" : NULL;
    if (!set_flags(sandbox, person, action))
        return NULL;
    return strstr(action, "-admin") ? "makeAdmin" : "update";
}

static void on_action(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;
    struct person *person = person_of(sandbox, request);
    const char *event;

    if (!person)
        return;
    event = act(sandbox, person, ts_request_param(request, "action"), request);
    if (!event) {
        ts_request_problem(request, 400, "this cannot be done to them; see GET /control");
        return;
    }
    notify_change(sandbox, person, event);
    reply_person(request, sandbox, 200, person);
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
    reply(request, 200, settings_json(arg));
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
    TS_AUTOJSON struct json_object *body = body_of(request);
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
    reply(request, 200, settings_json(sandbox));
}

/* --- faults --- */

static void on_faults(struct ts_request *request, void *arg)
{
    reply_with(request, "faults", faults_json(arg));
}

static void on_add_fault(struct ts_request *request, void *arg)
{
    TS_AUTOJSON struct json_object *body = body_of(request);
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
    reply(request, 201, json);
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
    reply_with(request, "channels", channels_json(arg));
}

static void on_deliveries(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;

    reply_with(request, "deliveries", json_object_get(sandbox->delivery_log));
}

static void on_requests(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;

    reply(request, 200, json_object_get(sandbox->counters));
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

void control_add_routes(struct ts_sandbox *sandbox)
{
    static const struct {
        const char *method;
        const char *pattern;
        ts_request_handler *handler;
    } routes[] = {
        {"GET", "/control", on_help},
        {"GET", "/control/users", on_list},
        {"POST", "/control/users", on_hire},
        {"GET", "/control/users/{key}", on_show},
        {"PATCH", "/control/users/{key}", on_patch},
        {"POST", "/control/users/{key}/{action}", on_action},
        {"GET", "/control/settings", on_settings},
        {"PATCH", "/control/settings", on_set},
        {"GET", "/control/faults", on_faults},
        {"POST", "/control/faults", on_add_fault},
        {"DELETE", "/control/faults", on_remove_fault},
        {"DELETE", "/control/faults/{id}", on_remove_fault},
        {"GET", "/control/channels", on_channels},
        {"GET", "/control/deliveries", on_deliveries},
        {"GET", "/control/requests", on_requests},
        {"POST", "/control/reset-counters", on_reset_counters},
        {"POST", "/control/expire-tokens", on_expire_tokens},
    };

    for (size_t i = 0; i < TS_COUNT_OF(routes); i++)
        ts_http_server_route(sandbox->server, routes[i].method, routes[i].pattern,
                             routes[i].handler, sandbox);
}
