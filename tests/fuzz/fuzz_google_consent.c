/* SPDX-License-Identifier: MIT */
/* Any bytes as the answer to a consent's code: an address and a refresh token that fit into
 * credentials, or an error and nothing. The bytes are also tried as the claims of an id token, for
 * nobody guesses base64. */
#include "directory/google/google_consent_json.h"
#include "fuzz/fuzz.h"

static void read_one(const char *body, size_t length)
{
    struct ts_google_consented consented = {0};
    struct ts_error err = ts_google_consent_read(body, length, "me", 1800000000, &consented);

    MUST((err.cls == TS_OK) == (consented.email != NULL));
    MUST((err.cls == TS_OK) == (consented.refresh_token != NULL));
    MUST(err.cls == TS_OK || err.cls == TS_RETRY || err.cls == TS_AUTH);
    MUST(err.cls != TS_AUTH || err.code);
    if (consented.email) {
        MUST(ts_text_is_email(consented.email));
        MUST(*consented.refresh_token && ts_text_is_printable(consented.refresh_token));
    }
    ts_google_consent_done(&consented);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *claims = ts_base64url(data, size);
    TS_AUTOFREE char *body =
        ts_format("{\"id_token\":\"e30.%s.s\",\"refresh_token\":\"1//r\"}", claims);

    read_one((const char *)data, size);
    read_one(body, strlen(body));
    return 0;
}
