/* SPDX-License-Identifier: MIT */
/* The ends of an exchange: a reply, a refusal with its log line, or what an error means here. */
#include "api/exchange.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <utlist.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DETAIL_MAX_BYTES = 300 };
static const char retry_after_s[] = "5";

void ts_exchange_release(struct ts_exchange *x)
{
    DL_DELETE(*x->held, x);
    ts_op_cancel(&x->op);
    ts_json_free_secret(x->body); /* may carry credentials; the draft a token */
    ts_json_free_secret(x->draft);
    free(x->actor);
    free(x->scope);
    free(x->session_id);
    free(x);
}

/* A link for everybody is a secret. */
static const char *loggable_path(const struct ts_exchange *x)
{
    return x->route->permissions == TS_PUBLIC ? x->route->pattern : ts_request_path(x->request);
}

/* Who did what: whatever somebody with a name asked for, but for looking. */
static void log_deed(const struct ts_exchange *x, int status)
{
    const char *method = ts_request_method(x->request);

    if (x->actor && !ts_text_equal(method, "GET") && !ts_text_equal(method, "HEAD"))
        ts_log(TS_LOG_INFO, "request done", "status", TS_NUMBER(status), "method", method, "path",
               loggable_path(x), "by", x->actor, NULL);
}

void ts_exchange_reply(struct ts_exchange *x, int status, struct json_object *json)
{
    TS_AUTOFREE_SECRET char *text = json ? ts_json_print(json) : ts_strdup("");
    TS_AUTOFREE_SECRET char *line = json ? ts_format("%s\n", text) : ts_strdup("");

    ts_json_free_secret(json); /* a new token is shown this once */
    log_deed(x, status);
    ts_request_reply(x->request, status, json ? "application/json" : NULL, line, strlen(line));
    ts_exchange_release(x);
}

static void log_refusal(const struct ts_exchange *x, int status, const char *why)
{
    static struct ts_log_room room;
    unsigned left_out = 0;

    if (ts_log_has_room(&room, ts_now_ms(), &left_out))
        ts_log(status >= 500 ? TS_LOG_WARNING : TS_LOG_INFO, "request refused", "status",
               TS_NUMBER(status), "method", ts_request_method(x->request), "path", loggable_path(x),
               "why", why, "by", x->actor, "peer", ts_request_peer(x->request), "left_out",
               left_out ? TS_NUMBER(left_out) : NULL, NULL);
}

/* `detail` is for whoever asked, `why` for the log; `members` as ts_request_problem_with() has
 * them. */
static void refuse_with(struct ts_exchange *x, int status, const char *detail, const char *why,
                        const char *const *members)
{
    log_refusal(x, status, why);
    if (status == 503)
        ts_request_add_header(x->request, "Retry-After", retry_after_s);
    if (status == 401)
        ts_request_add_header(x->request, "WWW-Authenticate", "Bearer");
    ts_request_problem_with(x->request, status, detail, members);
    ts_exchange_release(x);
}

static void refuse(struct ts_exchange *x, int status, const char *detail, const char *why)
{
    static const char *const none[] = {NULL};

    refuse_with(x, status, detail, why, none);
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

bool ts_exchange_went_well(struct ts_exchange *x, const struct ts_error *err)
{
    x->op = NULL;
    if (err->cls == TS_OK)
        return true;
    ts_exchange_fail(x, err);
    return false;
}

void ts_exchange_fail_to_connect(struct ts_exchange *x, const struct ts_error *err,
                                 const struct ts_connection *connection)
{
    struct ts_directory *directory = x->env->directory;
    bool is_refused = err->cls == TS_AUTH || err->cls == TS_REJECTED;
    TS_AUTOFREE char *mend =
        err->code ? directory->ops->mend(directory, connection, err->code) : NULL;
    const char *const members[] = {mend ? "code" : NULL, err->code, "mend", mend, NULL};

    if (is_refused || (mend && err->cls == TS_RETRY))
        refuse_with(x, is_refused ? 422 : 503, err->text, err->text, members);
    else
        ts_exchange_fail(x, err);
}

/* --- answers that many handlers have in common --- */

static void on_org(const struct ts_error *err, const struct ts_org *org, void *arg)
{
    struct ts_exchange *x = arg;

    (void)org;
    if (ts_exchange_went_well(x, err))
        x->then(x);
}

void ts_exchange_with_org(struct ts_exchange *x, ts_api_handler *then)
{
    x->then = then;
    x->op = x->env->registry->ops->get_org(x->env->registry, x->org, on_org, x);
}

void ts_exchange_reply_list(struct ts_exchange *x, const struct ts_error *err,
                            const struct ts_list *list)
{
    struct json_object *items;
    struct json_object *page;

    if (!ts_exchange_went_well(x, err))
        return;
    items = ts_json_new_array();
    for (size_t i = 0; i < list->count; i++)
        ts_json_append(items, list->json_of((const char *)list->records + i * list->size));
    page = ts_json_new_object();
    ts_json_add(page, "items", items);
    ts_json_add_text(page, "next_cursor", list->next_cursor);
    ts_exchange_reply(x, 200, page);
}

void ts_exchange_on_done(const struct ts_error *err, void *arg)
{
    struct ts_exchange *x = arg;

    if (ts_exchange_went_well(x, err))
        ts_exchange_reply(x, 204, NULL);
}

void ts_exchange_on_count(const struct ts_error *err, uint64_t count, void *arg)
{
    struct ts_exchange *x = arg;
    struct json_object *json;

    if (!ts_exchange_went_well(x, err))
        return;
    json = ts_json_new_object();
    ts_json_add_number(json, "members", (int64_t)count);
    ts_exchange_reply(x, 200, json);
}
