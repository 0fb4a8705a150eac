/* SPDX-License-Identifier: MIT */
/* The API's life, and the life of one request in it. */
#include "teamsync/api.h"

#include "api/exchange.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <json-c/json_object_iterator.h>
#include <utlist.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500, MEMBER_ID_MAX = 64, DETAIL_MAX_BYTES = 300 };
static const char retry_after_s[] = "5";

struct ts_api {
    const struct ts_flow_env *env;
    struct ts_exchange *held;
    struct entry {
        struct ts_api *api;
        const struct ts_api_route *route;
    } * entries; /* what the server's routes carry */
};

/* --- the ends --- */

static void release(struct ts_exchange *x)
{
    DL_DELETE(x->api->held, x);
    ts_op_cancel(&x->op);
    json_object_put(x->body);
    json_object_put(x->draft);
    free(x->actor);
    free(x);
}

void ts_exchange_reply(struct ts_exchange *x, int status, struct json_object *json)
{
    TS_AUTOFREE char *text = json ? ts_json_print(json) : ts_strdup("");
    TS_AUTOFREE char *line = json ? ts_format("%s\n", text) : ts_strdup("");

    json_object_put(json);
    ts_request_reply(x->request, status, json ? "application/json" : NULL, line, strlen(line));
    release(x);
}

/* `detail` is for whoever asked, `why` for the log. */
static void refuse(struct ts_exchange *x, int status, const char *detail, const char *why)
{
    ts_log(status >= 500 ? TS_LOG_WARNING : TS_LOG_INFO, "request refused", "status",
           TS_NUMBER(status), "method", ts_request_method(x->request), "path",
           ts_request_path(x->request), "why", why, "peer", ts_request_peer(x->request), NULL);
    if (status == 503)
        ts_request_add_header(x->request, "Retry-After", retry_after_s);
    if (status == 401)
        ts_request_add_header(x->request, "WWW-Authenticate", "Bearer");
    ts_request_problem(x->request, status, detail);
    release(x);
}

void ts_exchange_refuse(struct ts_exchange *x, int status, const char *format, ...)
{
    char detail[DETAIL_MAX_BYTES];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(detail, sizeof(detail), format, args);
    va_end(args);
    refuse(x, status, detail, detail);
}

void ts_exchange_fail(struct ts_exchange *x, const struct ts_error *err)
{
    /* Outside of connecting, it is Redis that refuses us: a person has to mend that. */
    static const int statuses[] = {
        [TS_OK] = 500,   [TS_NOT_FOUND] = 404, [TS_RETRY] = 503,
        [TS_AUTH] = 503, [TS_REJECTED] = 409,  [TS_INTERNAL] = 500,
    };

    if (err->cls == TS_INTERNAL)
        refuse(x, 500, "something went wrong here; the log of the service says what", err->text);
    else
        refuse(x, statuses[err->cls], err->text, err->text);
}

struct json_object *ts_page_json(struct json_object *items, const char *next_cursor)
{
    struct json_object *page = json_object_new_object();

    ts_json_add(page, "items", items);
    ts_json_add_text(page, "next_cursor", next_cursor);
    return page;
}

/* --- what was sent --- */

static const char *wrong_value(struct json_object *value, const struct ts_body_field *field)
{
    static const json_type types[] = {[TS_BODY_TEXT] = json_type_string,
                                      [TS_BODY_BOOL] = json_type_boolean,
                                      [TS_BODY_OBJECT] = json_type_object};
    static const char *const wanted[] = {[TS_BODY_TEXT] = "must be a text",
                                         [TS_BODY_BOOL] = "must be true or false",
                                         [TS_BODY_OBJECT] = "must be an object"};
    size_t max_bytes = field->max_bytes ? field->max_bytes : 200;

    if (!json_object_is_type(value, types[field->type]))
        return wanted[field->type];
    if (field->type != TS_BODY_TEXT)
        return NULL;
    if ((size_t)json_object_get_string_len(value) > max_bytes)
        return "is too long";
    if (json_object_get_string_len(value) == 0)
        return "must not be empty";
    if (max_bytes <= 1000 && !ts_text_is_printable(json_object_get_string(value)))
        return "contains control characters";
    return NULL;
}

static const struct ts_body_field *find_field(const struct ts_body_field *fields, size_t count,
                                              const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    }
    return NULL;
}

bool ts_exchange_object_fits(struct ts_exchange *x, struct json_object *object, const char *where,
                             const struct ts_body_field *fields, size_t count)
{
    struct json_object_iterator at = json_object_iter_begin(object);
    struct json_object_iterator end = json_object_iter_end(object);

    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *name = json_object_iter_peek_name(&at);
        const struct ts_body_field *field = find_field(fields, count, name);
        const char *wrong =
            field ? wrong_value(json_object_iter_peek_value(&at), field) : "is not known here";

        if (wrong) {
            ts_exchange_refuse(x, 400, "%s%.60s %s", where, name, wrong);
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (fields[i].is_required && !json_object_object_get_ex(object, fields[i].name, NULL)) {
            ts_exchange_refuse(x, 400, "%s%s is missing", where, fields[i].name);
            return false;
        }
    }
    return true;
}

bool ts_exchange_body_fits(struct ts_exchange *x, const struct ts_body_field *fields, size_t count)
{
    if (!x->body) {
        ts_exchange_refuse(x, 400, "a JSON object is expected as the body");
        return false;
    }
    return ts_exchange_object_fits(x, x->body, "", fields, count);
}

bool ts_exchange_body_is_empty(struct ts_exchange *x)
{
    return !x->body || ts_exchange_object_fits(x, x->body, "", NULL, 0);
}

/* "application/json", with parameters or without. */
static bool is_json_type(const char *type)
{
    static const char wanted[] = "application/json";

    return type && strncasecmp(type, wanted, strlen(wanted)) == 0 &&
           strchr("; \t", type[strlen(wanted)]) != NULL;
}

/* NULL, or what is wrong with the body and `*ret_status` to say it with. */
static const char *read_body(struct ts_exchange *x, int *ret_status)
{
    const char *type = ts_request_header(x->request, "Content-Type");
    const char *reason = NULL;
    size_t length = 0;
    const char *text = ts_request_body(x->request, &length);

    if (length == 0)
        return NULL;
    *ret_status = 415;
    if (!is_json_type(type))
        return "the Content-Type must be application/json";
    *ret_status = 400;
    x->body = ts_json_parse(text, length, &reason);
    if (reason)
        return "the body is not valid JSON";
    return json_object_is_type(x->body, json_type_object) ? NULL : "the body is not a JSON object";
}

/* "1700000000000-0": two numbers. */
static bool is_entry_id(const char *text)
{
    const char *dash = strchr(text, '-');
    TS_AUTOFREE char *first = dash ? ts_memdup_text(text, (size_t)(dash - text)) : NULL;
    uint64_t number;

    return first && ts_text_to_u64(first, &number) && ts_text_to_u64(dash + 1, &number);
}

static bool cursor_fits(const char *text, enum ts_cursor kind)
{
    uint64_t number;

    switch (kind) {
    case TS_CURSOR_ORG:
        return ts_org_id_is_valid(text);
    case TS_CURSOR_NUMBER:
        return ts_text_to_u64(text, &number);
    case TS_CURSOR_ENTRY:
        return is_entry_id(text);
    case TS_CURSOR_NONE:
    default:
        return false;
    }
}

static bool read_page(struct ts_exchange *x)
{
    const char *limit = ts_request_query(x->request, "limit");
    uint64_t number = LIMIT_DEFAULT;

    if (limit && (!ts_text_to_u64(limit, &number) || number < 1 || number > LIMIT_MAX))
        return false;
    x->limit = (size_t)number;
    x->cursor = ts_request_query(x->request, "cursor");
    if (ts_text_is_empty(x->cursor))
        x->cursor = NULL; /* the first page */
    return !x->cursor || cursor_fits(x->cursor, x->route->cursor);
}

static bool is_member_id(const char *text)
{
    size_t length =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    return length > 0 && length <= MEMBER_ID_MAX && text[length] == '\0';
}

void ts_exchange_begin(struct ts_exchange *x)
{
    int status = 400;
    const char *wrong = read_body(x, &status);

    if (wrong)
        ts_exchange_refuse(x, status, "%s", wrong);
    else if (x->member_id && !is_member_id(x->member_id))
        ts_exchange_refuse(x, 404, "there is no such member");
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
        .api = entry->api,
        .env = entry->api->env,
        .route = entry->route,
        .request = request,
        .org = ts_request_param(request, "org"),
        .member_id = ts_request_param(request, "id"),
    };
    DL_APPEND(x->api->held, x);
    ts_access_check(x);
}

/* --- its life --- */

struct ts_api *ts_api_new(const struct ts_flow_env *env)
{
    struct ts_api *api = ts_alloc(sizeof(*api));

    api->env = env;
    api->entries = ts_alloc(ts_api_route_count * sizeof(*api->entries));
    return api;
}

void ts_api_add_routes(struct ts_api *api, struct ts_http_server *server)
{
    for (size_t i = 0; i < ts_api_route_count; i++) {
        const struct ts_api_route *route = &ts_api_routes[i];

        api->entries[i] = (struct entry){.api = api, .route = route};
        ts_http_server_route(server, route->method, route->pattern, on_request, &api->entries[i]);
    }
}

void ts_api_free(struct ts_api *api)
{
    if (!api)
        return;
    while (api->held)
        release(api->held); /* their requests went with the server */
    free(api->entries);
    free(api);
}
