/* SPDX-License-Identifier: MIT */
/* Any bytes as JSON: refused with a reason, or parsed; and what was parsed prints and parses again.
 */
#include "fuzz/fuzz.h"

#include "teamsync/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *reason = NULL;
    TS_AUTOJSON struct json_object *json = ts_json_parse((const char *)data, size, &reason);

    MUST(!json || !reason);
    if (json) {
        TS_AUTOFREE char *text = ts_json_print(json);
        TS_AUTOJSON struct json_object *again = ts_json_parse(text, strlen(text), NULL);

        MUST(json_object_equal(json, again));
    }
    return 0;
}
