/* SPDX-License-Identifier: MIT */
/* users.get and users.list (§D): whom the caller may see, as of when, and which part of it. */
#include "sandbox/fields_mask.h"
#include "sandbox/query.h"
#include "sandbox/sandbox_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <inttypes.h>
#include <string.h>

enum { PAGE_DEFAULT = 100, PAGE_MAX = 500 };
static const uint64_t day_ms = 86400000;

/* --- who may see what --- */

static const char *query_of(const struct api_call *call, const char *name)
{
    return ts_request_query(call->request, name);
}

static bool is_public_view(const struct api_call *call)
{
    return ts_text_equal(query_of(call, "viewType"), "domain_public");
}

static bool wants_custom(const struct api_call *call)
{
    const char *projection = query_of(call, "projection");

    return ts_text_equal(projection, "full") || ts_text_equal(projection, "custom");
}

/* The admin's view is for admins; a token without a person behind it sees nothing (§E.1). */
bool call_may_look(struct api_call *call)
{
    const struct person *caller;

    if (*call->caller == '\0') {
        call_error(call, 400, "invalid", "Invalid Input");
        return false;
    }
    caller = people_find(call->sandbox->people, call->caller);
    if (!caller || caller->deleted_ms || caller->now.is_suspended ||
        (!caller->now.is_admin && !is_public_view(call))) {
        call_error(call, 403, "forbidden", "Not Authorized to access this resource/api");
        return false;
    }
    return true;
}

/* Cuts the answer down to `fields`, and sends it. */
static void reply_masked(struct api_call *call, struct json_object *json)
{
    const char *fields = query_of(call, "fields");
    TS_AUTOJSON struct json_object *mask = fields ? fields_mask_parse(fields) : NULL;

    if (fields && !mask) {
        TS_AUTOFREE char *message = ts_format("Invalid field selection %.100s", fields);

        json_object_put(json);
        call_error(call, 400, "invalidParameter", message);
        return;
    }
    if (mask)
        fields_mask_apply(mask, json);
    call_reply(call, 200, json);
}

/* --- get --- */

static uint64_t lagging(uint64_t lag_ms)
{
    return lag_ms > 0 ? sandbox_now_ms() - lag_ms : UINT64_MAX;
}

static struct json_object *read_person(struct api_call *call, const struct person *person,
                                       const struct person_state *state)
{
    struct json_object *json =
        user_json(call->sandbox, person, state, is_public_view(call), wants_custom(call));

    if (fault_is(call->fault, "missing_suspended")) {
        json_object_object_del(json, "suspended");
        json_object_object_del(json, "archived");
    }
    if (fault_is(call->fault, "other_customer"))
        ts_json_add_text(json, "customerId", "C00elsewh");
    if (fault_is(call->fault, "wrong_id"))
        ts_json_add_text(json, "id", "104700000000099999999");
    return json;
}

void users_get_handle(struct api_call *call)
{
    struct ts_sandbox *sandbox = call->sandbox;
    const char *key = ts_request_param(call->request, "key");
    const struct person *person;
    const struct person_state *state;
    uint64_t then = lagging(sandbox->settings.get_lag_ms);
    uint64_t kept_ms = sandbox->settings.deleted_days * day_ms;

    if (!call_authorise(call) || !call_may_look(call))
        return;
    person = people_find(sandbox->people, key);
    state = person ? person_at(person, then) : NULL;
    if (!state || (person->deleted_ms && sandbox_now_ms() >= person->deleted_ms + kept_ms))
        call_error(call, 404, "notFound", "Resource Not Found: userKey");
    else if (person->deleted_ms && person->deleted_ms <= then)
        call_error(call, 412, "conditionNotMet", "User is deleted.");
    else
        reply_masked(call, read_person(call, person, state));
}

/* --- list --- */

static bool is_in_domain(const char *email, const char *domain)
{
    const char *at = strrchr(email, '@');

    return !domain || (at && ts_text_equal_nocase(at + 1, domain));
}

struct page {
    struct json_object *users;
    size_t max;
    const char *last; /* the folded address of the last one on it; owned */
    bool has_more;
};

/* A page token is the address after which to go on, encoded; so people may move across it (§D.4).
 */
static char *after_of(const char *token)
{
    size_t length = 0;
    unsigned char *text = ts_base64url_decode(token, &length);

    return (char *)text;
}

static void fill_deleted(struct api_call *call, struct page *page)
{
    const struct people *people = call->sandbox->people;
    const struct person *person;

    for (size_t i = 0; (person = people_deleted_at(people, i)) &&
                       json_object_array_length(page->users) < page->max;
         i++)
        ts_json_append(page->users, read_person(call, person, &person->now));
}

static void fill_live(struct api_call *call, const char *after, struct page *page)
{
    const struct ts_sandbox *sandbox = call->sandbox;
    uint64_t then = lagging(sandbox->settings.list_lag_ms);
    const struct person *person;

    for (size_t i = people_index_after(sandbox->people, after);
         (person = people_at(sandbox->people, i)) && !page->has_more; i++) {
        const struct person_state *state = person_at(person, then);

        if (!state || !is_in_domain(state->email, query_of(call, "domain")) ||
            !query_fits(query_of(call, "query"), state))
            continue;
        if (json_object_array_length(page->users) == page->max) {
            page->has_more = true;
        } else {
            ts_json_append(page->users, read_person(call, person, state));
            page->last = person->now.email;
        }
    }
}

static void reply_page(struct api_call *call, struct page *page)
{
    struct json_object *json = ts_json_new_object();
    TS_AUTOFREE char *last = ts_text_fold_email(page->last);
    TS_AUTOFREE char *token = ts_base64url(last, strlen(last));

    ts_json_add_text(json, "kind", "admin#directory#users");
    ts_json_add_text(json, "etag", "\"sandbox/list\"");
    if (json_object_array_length(page->users) > 0 && !fault_is(call->fault, "missing_users"))
        ts_json_add(json, "users", page->users);
    else
        json_object_put(page->users);
    if (fault_is(call->fault, "cycling_page_token"))
        ts_json_add_text(json, "nextPageToken", "MA");
    else if (page->has_more)
        ts_json_add_text(json, "nextPageToken", token);
    reply_masked(call, json);
}

/* NULL: a token that is none, or not any more; "" for the first page. */
static char *first_of(const struct api_call *call)
{
    const char *token = query_of(call, "pageToken");

    if (!token)
        return ts_strdup("");
    return fault_is(call->fault, "expired_page_token") ? NULL : after_of(token);
}

void users_list_handle(struct api_call *call)
{
    TS_AUTOFREE char *after = NULL;
    struct page page = {.max = PAGE_DEFAULT};
    uint64_t max = PAGE_DEFAULT;

    if (!call_authorise(call) || !call_may_look(call))
        return;
    after = first_of(call);
    if (query_of(call, "maxResults") && !ts_text_to_u64(query_of(call, "maxResults"), &max))
        max = 0;
    if (!query_of(call, "customer") && !query_of(call, "domain")) {
        call_error(call, 400, "badRequest", "Bad Request");
    } else if (max == 0) {
        call_error(call, 400, "invalid", "Invalid Input: maxResults");
    } else if (!query_is_valid(query_of(call, "query"))) {
        call_error(call, 400, "invalid", "Invalid Input: query");
    } else if (!after) {
        call_error(call, 400, "invalid", "Invalid Input: pageToken");
    } else {
        page.max = max > PAGE_MAX ? PAGE_MAX : (size_t)max;
        page.users = ts_json_new_array();
        if (ts_text_equal(query_of(call, "showDeleted"), "true"))
            fill_deleted(call, &page);
        else
            fill_live(call, after, &page);
        reply_page(call, &page);
    }
}
