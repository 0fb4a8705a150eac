/* SPDX-License-Identifier: MIT */
/* JSON Web Tokens, signed with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 7515, RFC 7518 §3.3). OpenSSL's
 * queue of errors is left empty: libcurl's TLS would read ours as its own. */
#include "directory/google/jwt.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdbool.h>
#include <string.h>

/* A key of 4096 bits takes 3.3 KB. Signing takes the cube of that: 15 KB would stop the daemon for
 * more than a minute. */
enum { LIFETIME_S = 3600, PEM_MAX_BYTES = 4096 };

static void free_key(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void free_context(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

static EVP_PKEY *read_key(const char *pem, const char **ret_problem)
{
    char passphrase[] = ""; /* OpenSSL would else ask for one at the terminal */
    size_t length = strlen(pem);
    BIO *bio;
    EVP_PKEY *key;

    if (length > PEM_MAX_BYTES) {
        *ret_problem = "the private key is longer than one of 4096 bits";
        return NULL;
    }
    bio = BIO_new_mem_buf(pem, (int)length);
    key = PEM_read_bio_PrivateKey(bio, NULL, NULL, passphrase);
    BIO_free(bio);
    ERR_clear_error();
    if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
        return key;
    *ret_problem = key ? "the private key is not an RSA key"
                       : "the private key is not a PEM text without a passphrase";
    EVP_PKEY_free(key);
    return NULL;
}

const char *ts_google_jwt_check_key(const char *pem)
{
    const char *problem = NULL;
    TS_CLEANUP(free_key) EVP_PKEY *key = read_key(pem, &problem);

    return key ? NULL : problem;
}

/* The JSON text as base64url; takes the JSON. */
static char *encode(struct json_object *json)
{
    TS_AUTOFREE char *text = ts_json_print(json);

    json_object_put(json);
    return ts_base64url(text, strlen(text));
}

static char *encode_header(const char *key_id)
{
    struct json_object *header = ts_json_new_object();

    ts_json_add_text(header, "alg", "RS256");
    ts_json_add_text(header, "typ", "JWT");
    if (key_id)
        ts_json_add_text(header, "kid", key_id);
    return encode(header);
}

static char *encode_claims(const struct ts_google_claims *claims)
{
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "iss", claims->issuer);
    ts_json_add_text(json, "sub", claims->subject);
    ts_json_add_text(json, "scope", claims->scope);
    ts_json_add_text(json, "aud", claims->audience);
    ts_json_add_number(json, "iat", (int64_t)claims->issued_s);
    ts_json_add_number(json, "exp", (int64_t)claims->issued_s + LIFETIME_S);
    return encode(json);
}

/* The signature as base64url; NULL when OpenSSL refuses. */
static char *sign(EVP_PKEY *key, const char *text)
{
    TS_CLEANUP(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
    TS_AUTOFREE unsigned char *signature = ts_alloc((size_t)EVP_PKEY_get_size(key));
    size_t length = (size_t)EVP_PKEY_get_size(key);
    bool is_signed =
        context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(context, signature, &length, (const unsigned char *)text, strlen(text)) == 1;

    ERR_clear_error();
    return is_signed ? ts_base64url(signature, length) : NULL;
}

char *ts_google_jwt_sign(const struct ts_google_claims *claims, const char *key_id, const char *pem,
                         const char **ret_problem)
{
    TS_CLEANUP(free_key) EVP_PKEY *key = read_key(pem, ret_problem);
    TS_AUTOFREE char *header = NULL;
    TS_AUTOFREE char *body = NULL;
    TS_AUTOFREE char *text = NULL;
    TS_AUTOFREE char *signature = NULL;

    if (!key)
        return NULL;
    header = encode_header(key_id);
    body = encode_claims(claims);
    text = ts_format("%s.%s", header, body);
    signature = sign(key, text);
    if (signature)
        return ts_format("%s.%s", text, signature);
    *ret_problem = "the private key cannot sign";
    return NULL;
}
