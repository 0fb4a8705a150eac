/* SPDX-License-Identifier: MIT */
/* A request of the API while it is answered: who asks is known and permitted, the body is read, and
 * one operation at a time runs for it. A handler reads as: check, start; on_answer: reply. */
#ifndef API_EXCHANGE_H
#define API_EXCHANGE_H

#include "api/guesses.h"
#include "api/lookout.h"
#include "api/page.h"

#include "teamsync/flow.h"
#include "teamsync/http_server.h"
#include "teamsync/json.h"

#include <stdbool.h>

struct ts_exchange;
typedef void ts_api_handler(struct ts_exchange *x);

/* For everybody, without a token: what the request carries otherwise has to prove something. */
#define TS_PUBLIC 0u
/* For everybody who is known, whatever they may. */
#define TS_ANYBODY_KNOWN ((unsigned)(TS_ALL_PERMISSIONS + 1) << 1)
/* The same, and for who shows nothing and so is nobody. */
#define TS_WHOEVER_ASKS ((unsigned)(TS_ALL_PERMISSIONS + 1) << 2)
/* For the admin socket alone: what no token permits. */
#define TS_ADMIN_SOCKET ((unsigned)TS_ALL_PERMISSIONS + 1)

struct ts_api_route {
    const char *method;
    const char *pattern;
    unsigned permissions; /* bits of enum ts_permission and TS_ADMIN_SOCKET, all of them needed; or
                             TS_PUBLIC, TS_ANYBODY_KNOWN or TS_WHOEVER_ASKS */
    ts_api_handler *handler;
    enum ts_cursor cursor;
};
extern const struct ts_api_route ts_api_routes[];
extern const size_t ts_api_route_count;

struct ts_exchange {
    struct ts_exchange *prev, *next;
    struct ts_exchange **held; /* the list it is in */
    const struct ts_flow_env *env;
    const struct ts_api_route *route;
    struct ts_guesses *guesses; /* of all exchanges; likewise */
    struct ts_lookouts *lookouts;
    struct ts_request *request;
    struct ts_op *op;
    ts_api_handler *then;     /* the step that follows */
    struct json_object *body; /* an object; NULL when none was sent */
    const char *org;          /* of the path; NULL where it has none */
    const char *id;           /* of the path: a member's, a run's; or NULL */
    char *actor;              /* the token's name, or "admin socket" */
    char *scope;              /* the org that it is for, "*" for all */
    char *session_id;         /* of who is signed in; NULL: a token is shown, or nothing */
    uint64_t expires_us;      /* the token or session; 0: never */
    unsigned permissions;     /* what they have, of those in enum ts_permission */
    const char *cursor;       /* of a list */
    size_t limit;
    struct json_object
        *draft; /* what a handler keeps between its steps; released with the exchange */
};

/* The beginning: asks who it is, then goes on with `then`, or refuses. */
void ts_access_check(struct ts_exchange *x, ts_api_handler *then);
/* Whether a token may do what the route needs, with the org of the path (NULL for none). Returns 0,
 * or the status to refuse with: 403, or 404 for other people's orgs. Pure. */
int ts_access_judge(const struct ts_token *token, const struct ts_api_route *route,
                    const char *org);
/* Whether who asks has all of these: what a route needs for only some of its bodies, and what a
 * token is given, for nobody gives what they do not have. */
bool ts_access_has(const struct ts_exchange *x, unsigned permissions);
/* What is written down as who did it. */
const char *ts_access_name(const struct ts_token *token);
/* Whether Redis may be asked about a secret that is shown; else the request is refused with 429. */
bool ts_access_may_ask(struct ts_exchange *x, const char *secret);
/* How that turned out: for the next one who asks from there, or about that. */
void ts_access_note(struct ts_exchange *x, const char *secret, bool is_known);
/* The beginning of an answer: its operation is over. False when that failed, which is the reply
 * then. */
bool ts_exchange_went_well(struct ts_exchange *x, const struct ts_error *err);
/* The ends. Each releases the exchange. */
void ts_exchange_release(struct ts_exchange *x); /* without a word: its request is gone */
void ts_exchange_reply(struct ts_exchange *x, int status,
                       struct json_object *json); /* takes json */
void ts_exchange_refuse(struct ts_exchange *x, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What an error of a port means here: 404, 409 (rejected), 503, 500. */
void ts_exchange_fail(struct ts_exchange *x, const struct ts_error *err);
/* The same for what the directory refuses: 422, or 503; with the error's code, if it has one, and
 * how a person mends it, where `connection` is the one that was tried. */
void ts_exchange_fail_to_connect(struct ts_exchange *x, const struct ts_error *err,
                                 const struct ts_connection *connection);

/* For what is only asked of an org that exists: goes on with `then`, or refuses with 404. */
void ts_exchange_with_org(struct ts_exchange *x, ts_api_handler *then);

/* The answer that is a list, {"items": […], "next_cursor": …}, or the failure: `count` records of
 * `size` bytes, each as `json_of` shows it. */
typedef struct json_object *ts_record_json(const void *record);
struct ts_list {
    const void *records;
    size_t count;
    size_t size;
    ts_record_json *json_of;
    const char *next_cursor;
};
void ts_exchange_reply_list(struct ts_exchange *x, const struct ts_error *err,
                            const struct ts_list *list);
/* The answer that says no more than that it is done: 204, or the failure. */
ts_done_cb ts_exchange_on_done;
/* The answer that says how many members it concerned: 200, or the failure. */
ts_count_cb ts_exchange_on_count;
/* The answer to an enqueue: 202 with the job that will do it, or the failure. */
ts_enqueued_cb ts_exchange_on_enqueued;

/* What a body may hold. */
enum ts_body_type { TS_BODY_TEXT, TS_BODY_BOOL, TS_BODY_OBJECT, TS_BODY_TEXTS, TS_BODY_NUMBER };
struct ts_body_field {
    const char *name;
    enum ts_body_type type;
    bool is_required;
    bool may_be_null;
    size_t max_bytes; /* of a text, and of each of several; 0 means 200 */
    size_t max_count; /* of texts; 0 means 100. One is the least */
    int64_t min, max; /* of a number, which is a whole one */
};
/* False, and the request refused with 400 naming the field, when the body is missing, holds
 * something else than these fields, or one of another type, too long, empty, unprintable, or out of
 * its range. */
bool ts_exchange_body_fits(struct ts_exchange *x, const struct ts_body_field *fields, size_t count);
/* For a request that needs no body: there is none, or {}. */
bool ts_exchange_body_is_empty(struct ts_exchange *x);
/* The same for an object inside the body. */
bool ts_exchange_object_fits(struct ts_exchange *x, struct json_object *object, const char *where,
                             const struct ts_body_field *fields, size_t count);

#endif
