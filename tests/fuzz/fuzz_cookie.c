/* SPDX-License-Identifier: MIT */
/* Any two lines as the name of a cookie and a Cookie header: what is found stands there, behind
 * that name, and ends where the next cookie begins. */
#include "api/cookie.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *text = ts_memdup_text((const char *)data, size);
    char *header = text;
    const char *name = strsep(&header, "\n");
    TS_AUTOFREE char *value = ts_cookie_find(header, name);
    TS_AUTOFREE char *pair = ts_format("%s=%s", name, ts_text_or_empty(value));

    MUST(!value || (header && strstr(header, pair) && !strchr(value, ';')));
    return 0;
}
