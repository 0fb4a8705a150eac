/* SPDX-License-Identifier: MIT */
/* Any bytes as JSON: parsed or refused, and what was parsed prints and parses again. */
#include "teamsync/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOJSON struct json_object *json = ts_json_parse((const char *)data, size, NULL);

    if (json) {
        TS_AUTOFREE char *text = ts_json_print(json);
        TS_AUTOJSON struct json_object *again = ts_json_parse(text, strlen(text), NULL);

        if (!again)
            abort();
    }
    return 0;
}
