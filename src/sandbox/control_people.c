/* SPDX-License-Identifier: MIT */
/* The control API's people: who there is, and what can be done to them. */
#include "sandbox/sandbox_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum { USERS_DEFAULT = 100, USERS_MAX = 1000 };

static void reply_person(struct ts_request *request, const struct ts_sandbox *sandbox, int status,
                         const struct person *person, size_t told)
{
    struct json_object *json = user_json(sandbox, person, &person->now, false, true);

    ts_json_add_number(json, "channelsTold", (int64_t)told);
    control_reply(request, status, json);
}

/* The person of the path; NULL when the request was refused. */
static struct person *person_of(struct ts_sandbox *sandbox, struct ts_request *request)
{
    struct person *person = people_find(sandbox->people, ts_request_param(request, "key"));

    if (!person)
        ts_request_problem(request, 404, "there is nobody with this id or address");
    return person;
}

/* --- hiring --- */

static const char *hire(struct ts_sandbox *sandbox, struct json_object *body, struct person **ret,
                        size_t *ret_told)
{
    struct person_state state = {0};
    const char *wrong = user_patch(sandbox->people, body, &state);

    if (wrong)
        return wrong;
    *ret = people_hire(sandbox->people, &state, sandbox_now_ms());
    if (!*ret)
        return "an address is somebody else's";
    *ret_told = ts_json_bool(body, "notify", true) ? notify_change(sandbox, *ret, "add") : 0;
    return NULL;
}

const char *ts_sandbox_seed(struct ts_sandbox *sandbox, const char *json)
{
    TS_AUTOJSON struct json_object *people = ts_json_parse(json, strlen(json), NULL);
    struct person *person;
    size_t told;

    if (!json_object_is_type(people, json_type_array))
        return "a JSON array of people is expected";
    for (size_t i = 0; i < json_object_array_length(people); i++) {
        const char *wrong = hire(sandbox, json_object_array_get_idx(people, i), &person, &told);

        if (wrong)
            return wrong;
    }
    return NULL;
}

void control_hire(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;
    TS_AUTOJSON struct json_object *body = control_body(request);
    struct person *person = NULL;
    size_t told = 0;
    const char *wrong;

    if (!body)
        return;
    wrong = hire(sandbox, body, &person, &told);
    if (wrong)
        ts_request_problem(request, 400, wrong);
    else
        reply_person(request, sandbox, 201, person, told);
}

/* --- looking --- */

static bool holds(const char *text, const char *words)
{
    return text && strcasestr(text, words);
}

/* Whether what somebody types finds them; NULL finds everybody. */
static bool is_found(const struct person_state *state, const char *words)
{
    TS_AUTOFREE char *name = NULL;

    if (ts_text_is_empty(words))
        return true;
    name = ts_format("%s %s", state->given_name ? state->given_name : "",
                     state->family_name ? state->family_name : "");
    return holds(name, words) || holds(state->email, words) || holds(state->department, words);
}

static struct person *nth(const struct people *people, bool is_deleted, size_t index)
{
    return is_deleted ? people_deleted_at(people, index) : people_at(people, index);
}

void control_list(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;
    struct json_object *array = ts_json_new_array();
    uint64_t limit = USERS_DEFAULT;
    const char *words = ts_request_query(request, "q");
    const char *after = ts_request_query(request, "after");
    bool is_deleted = ts_text_equal(ts_request_query(request, "deleted"), "true");
    size_t index = after && !is_deleted ? people_index_after(sandbox->people, after) : 0;
    const struct person *person;

    (void)ts_text_to_u64(ts_request_query(request, "limit"), &limit);
    limit = limit < USERS_MAX ? limit : USERS_MAX;
    while (json_object_array_length(array) < limit &&
           (person = nth(sandbox->people, is_deleted, index++))) {
        if (is_found(&person->now, words))
            ts_json_append(array, user_json(sandbox, person, &person->now, false, true));
    }
    control_reply_with(request, "users", array);
}

void control_show(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;
    const struct person *person = person_of(sandbox, request);

    if (person)
        control_reply(request, 200, user_json(sandbox, person, &person->now, false, true));
}

/* --- changing --- */

void control_patch(struct ts_request *request, void *arg)
{
    struct ts_sandbox *sandbox = arg;
    struct person *person = person_of(sandbox, request);
    TS_AUTOJSON struct json_object *body = person ? control_body(request) : NULL;
    struct person_state state;
    const char *wrong;
    size_t told;

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
    told = ts_json_bool(body, "notify", true) ? notify_change(sandbox, person, "update") : 0;
    reply_person(request, sandbox, 200, person, told);
}

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

void control_act(struct ts_request *request, void *arg)
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
    reply_person(request, sandbox, 200, person, notify_change(sandbox, person, event));
}
