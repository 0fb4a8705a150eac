/* SPDX-License-Identifier: MIT */
/* An open channel (GOOGLE.md §A.5, §A.6). */
#include "directory/google/google_watching_json.h"

#include "teamsync/json.h"
#include "teamsync/text.h"

#include <string.h>

/* Google grants hours, at most two days; more than a month is not to be believed. */
enum { LIFE_DEFAULT_S = 3600, LIFE_MAX_S = 31 * 24 * 3600, RESOURCE_MAX_BYTES = 256 };

static const uint64_t US_PER_S = 1000000;

/* The answer decides; where it says nothing, what was asked for, but no more than an hour. */
static bool read_expiration(struct json_object *json, uint32_t ttl_s, uint64_t now_us,
                            uint64_t *ret_us)
{
    uint64_t expiration_ms = 0;

    if (!json_object_object_get_ex(json, "expiration", NULL)) {
        *ret_us = now_us + (ttl_s < LIFE_DEFAULT_S ? ttl_s : LIFE_DEFAULT_S) * US_PER_S;
        return true;
    }
    if (!ts_json_u64(json, "expiration", &expiration_ms) ||
        expiration_ms > (now_us + LIFE_MAX_S * US_PER_S) / 1000 || expiration_ms <= now_us / 1000)
        return false;
    *ret_us = expiration_ms * 1000;
    return true;
}

struct ts_error ts_google_watching_read(struct json_object *json, const char *channel_id,
                                        uint32_t ttl_s, uint64_t now_us, struct ts_watching *ret)
{
    const char *id = ts_json_text(json, "id");
    const char *resource_id = ts_json_text(json, "resourceId");

    if ((id && strcmp(id, channel_id) != 0) || ts_text_is_empty(resource_id) ||
        strlen(resource_id) > RESOURCE_MAX_BYTES || !ts_text_is_printable(resource_id) ||
        !read_expiration(json, ttl_s, now_us, &ret->expiration_us))
        return ts_error_make(TS_RETRY, "google: the channel was not understood");
    ret->resource_id = resource_id;
    return ts_no_error;
}
