/* SPDX-License-Identifier: MIT */
/* SHA-256 by OpenSSL. */
#include "teamsync/digest.h"

#include "teamsync/text.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ts_sha256(const void *bytes, size_t length, unsigned char ret[TS_SHA256_BYTES])
{
    unsigned int written = 0;

    if (EVP_Digest(bytes, length, ret, &written, EVP_sha256(), NULL) != 1 ||
        written != TS_SHA256_BYTES) {
        (void)fputs("teamsync: SHA-256 is not available in this OpenSSL\n", stderr);
        abort(); /* a digest of anything else would open the door to a wrong token */
    }
}

const char *ts_sha256_text(const char *text, char ret[TS_SHA256_TEXT])
{
    unsigned char digest[TS_SHA256_BYTES];

    ts_sha256(text, strlen(text), digest);
    ts_hex(digest, sizeof(digest), ret);
    return ret;
}
