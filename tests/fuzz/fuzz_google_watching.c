/* SPDX-License-Identifier: MIT */
/* Any bytes as the answer to users.watch: our channel, open from now on for a month at most, or an
 * error. */
#include "directory/google/google_watching_json.h"
#include "fuzz/fuzz.h"

#include "teamsync/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t now_us = 1795427266000000;
    static const uint64_t month_us = 31 * 86400 * UINT64_C(1000000);
    TS_AUTOJSON struct json_object *json = ts_json_parse((const char *)data, size, NULL);
    struct ts_watching watching = {0};
    struct ts_error err = ts_google_watching_read(json, "ch-3", 21600, now_us, &watching);
    const char *id = ts_json_text(json, "id");

    MUST(err.cls == TS_OK || (err.cls == TS_RETRY && !watching.resource_id));
    if (err.cls == TS_OK) {
        MUST(!id || strcmp(id, "ch-3") == 0);
        MUST(*watching.resource_id && ts_text_is_printable(watching.resource_id));
        MUST(watching.expiration_us > now_us && watching.expiration_us <= now_us + month_us);
    }
    return 0;
}
