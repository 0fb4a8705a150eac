/* SPDX-License-Identifier: MIT */
/* What the parts of the adapter work with. */
#ifndef DIRECTORY_GOOGLE_ENV_H
#define DIRECTORY_GOOGLE_ENV_H

#include "teamsync/error.h"
#include "teamsync/http.h"
#include "teamsync/loop.h"
#include "teamsync/mem.h"
#include "teamsync/metrics.h"

#include <stdint.h>

#define TS_GOOGLE_SCOPE "https://www.googleapis.com/auth/admin.directory.user.readonly"

struct ts_google_env {
    struct ts_loop *loop;
    struct ts_http *http;
    char *api_url; /* without a slash at the end */
    char *token_url;
    char *auth_url;
    char *client_id; /* NULL: no consents */
    char *client_secret;
    unsigned requests_per_minute;
    uint64_t (*now_ms)(void); /* ts_now_ms, but for tests */
    uint64_t idle_ms;         /* how long a session without use is kept */
};

/* Each request that was answered or failed, by what it was for: "users.get", "token", … */
static inline void ts_google_count(const char *method, const struct ts_error *err)
{
    ts_metric_add(TS_METRIC_DIRECTORY_REQUESTS_TOTAL, method, ts_class_name(err->cls), 1);
}

#endif
