/* SPDX-License-Identifier: MIT */
/* Any text as credentials: complete, or a reason; and a key is used or refused, and never hangs. */
#include "directory/google/credentials.h"
#include "directory/google/jwt.h"
#include "fuzz/fuzz.h"

static void check_key(const struct ts_google_credentials *own)
{
    const struct ts_google_claims claims = {.issuer = own->client_email,
                                            .subject = own->subject,
                                            .scope = "scope",
                                            .audience = "https://oauth2.googleapis.com/token"};
    const char *problem = NULL;
    TS_AUTOFREE char *assertion =
        ts_google_jwt_sign(&claims, own->key_id, own->private_key, &problem);

    MUST(ts_text_is_email(own->client_email) && !ts_google_jwt_check_key(own->private_key));
    MUST(!assertion != !problem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *json = ts_memdup_text((const char *)data, size);
    struct ts_google_credentials *own = NULL;
    const char *reason = ts_google_credentials_parse(json, &own);

    MUST(!reason == (own != NULL) && (!reason || *reason));
    if (own) {
        MUST(ts_text_is_email(own->subject));
        if (own->is_service_account)
            check_key(own);
        else
            MUST(*own->client_id && *own->client_secret && *own->refresh_token);
    }
    ts_google_credentials_free(own);
    return 0;
}
