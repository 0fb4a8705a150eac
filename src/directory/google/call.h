/* SPDX-License-Identifier: MIT */
/* One authorised request to the Directory API, as an operation. */
#ifndef DIRECTORY_GOOGLE_CALL_H
#define DIRECTORY_GOOGLE_CALL_H

#include "teamsync/op.h"

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct ts_google_session;

/* Copied, but for `name` and `verb`, which are constants. */
struct ts_google_request {
    const char *name;    /* for the metric: "users.get" */
    const char *verb;    /* "GET", "POST" */
    const char *path;    /* and query */
    const char *body;    /* JSON; NULL for none */
    bool ignores_body;   /* of the answer */
    size_t max_bytes;    /* of the answer; 0: 256 KiB, which no single record comes near */
    const char *refusal; /* it cannot be asked at all: TS_REJECTED, with this text; else NULL */
};

struct ts_google_answer {
    struct json_object *json; /* an object whenever it is TS_OK, unless one of these holds: */
    bool is_deleted;          /* TS_OK: the user asked for is deleted */
    bool is_forbidden;        /* TS_AUTH: only for admins */
};
typedef void ts_google_call_cb(const struct ts_error *err, const struct ts_google_answer *answer,
                               void *arg);

/* `session` outlives it. */
struct ts_op *ts_google_call_start(struct ts_google_session *session,
                                   const struct ts_google_request *request, ts_google_call_cb *cb,
                                   void *arg);

#endif
