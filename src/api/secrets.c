/* SPDX-License-Identifier: MIT */
/* The key that seals credentials: a new one. */
#include "api/handlers.h"

#include "teamsync/log.h"
#include "teamsync/text.h"

static void on_rotated(const struct ts_error *err, size_t resealed, size_t failed, void *arg)
{
    struct ts_exchange *x = arg;
    struct json_object *json;

    if (!ts_exchange_went_well(x, err))
        return;
    ts_log(failed ? TS_LOG_ERROR : TS_LOG_INFO,
           failed ? "credentials do not open under any key; the old keys are kept, too"
                  : "the key that seals credentials is a new one",
           "by", x->actor, "resealed", TS_NUMBER(resealed), "failed", TS_NUMBER(failed), NULL);
    json = ts_json_new_object();
    ts_json_add_number(json, "resealed", (int64_t)resealed);
    ts_json_add_number(json, "failed", (int64_t)failed);
    ts_exchange_reply(x, 200, json);
}

void ts_api_rotate_secrets(struct ts_exchange *x)
{
    if (ts_exchange_body_is_empty(x))
        x->op = ts_rotate_start(x->env, on_rotated, x);
}
