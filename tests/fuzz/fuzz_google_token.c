/* SPDX-License-Identifier: MIT */
/* Any bytes as the token endpoint's answer: a token that fits into one header and lives for a
 * while, or an error that tells nothing but to try again. */
#include "directory/google/google_token_json.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *token = NULL;
    uint64_t lifetime_s = 0;
    struct ts_error err = ts_google_token_read((const char *)data, size, &token, &lifetime_s);

    MUST(err.cls == (token ? TS_OK : TS_RETRY));
    if (token) {
        MUST(*token && strlen(token) <= 8192 && !strpbrk(token, " \r\n\t"));
        MUST(ts_text_is_printable(token));
        MUST(lifetime_s >= 1 && lifetime_s <= 86400);
    }
    ts_free_secret(token);
    return 0;
}
