/* SPDX-License-Identifier: MIT */
/* Any text as a user's key: one segment of the path that names that key, or no path. */
#include "directory/google/google_internal.h"
#include "fuzz/fuzz.h"
#include "io/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char pattern[] = TS_GOOGLE_USERS "/{key}";
    TS_AUTOFREE char *key = ts_memdup_text((const char *)data, size);
    TS_AUTOFREE char *path = ts_google_user_path(key, "fields=id");
    char *query = path ? strchr(path, '?') : NULL;
    struct ts_route_params params = {0};

    MUST(path || !ts_text_is_email(key));
    if (!path)
        return 0;
    MUST(query && strcmp(query, "?fields=id") == 0);
    *query = '\0';
    MUST(ts_route_match(pattern, path, &params) && strcmp(params.params[0].value, key) == 0);
    MUST(strcmp(key, ".") != 0 && strcmp(key, "..") != 0 && !strpbrk(path, " \r\n#\\"));
    ts_route_params_done(&params);
    return 0;
}
