/* SPDX-License-Identifier: MIT */
/* The sandbox's service account: an RSA key, fresh or of an earlier life, its key file, and the
 * check of its signatures. */
#include "sandbox/sandbox_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string.h>

struct sandbox_key {
    EVP_PKEY *key;
    char *file;
};

static const char email[] = "teamsync@sandbox-project.iam.gserviceaccount.com";

static char *pem_of(EVP_PKEY *key)
{
    BIO *memory = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    long length;
    char *text;

    (void)PEM_write_bio_PKCS8PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL);
    length = BIO_get_mem_data(memory, &bytes);
    text = ts_memdup_text(bytes, (size_t)length);
    BIO_free(memory);
    return text;
}

struct sandbox_key *sandbox_key_new(const char *token_uri)
{
    struct sandbox_key *key = ts_alloc(sizeof(*key));
    TS_AUTOJSON struct json_object *json = ts_json_new_object();
    TS_AUTOFREE char *pem = NULL;

    key->key = EVP_RSA_gen(2048);
    if (!key->key)
        abort(); /* a broken libcrypto */
    pem = pem_of(key->key);
    ts_json_add_text(json, "type", "service_account");
    ts_json_add_text(json, "project_id", "sandbox-project");
    ts_json_add_text(json, "private_key_id", "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a");
    ts_json_add_text(json, "private_key", pem);
    ts_json_add_text(json, "client_email", email);
    ts_json_add_text(json, "client_id", "104123456789012345678");
    ts_json_add_text(json, "token_uri", token_uri);
    ts_json_add_text(json, "universe_domain", "googleapis.com");
    key->file = ts_json_print(json);
    return key;
}

struct sandbox_key *sandbox_key_read(const char *file)
{
    TS_AUTOJSON struct json_object *json = ts_json_parse(file, strlen(file), NULL);
    const char *pem = ts_json_text(json, "private_key");
    BIO *memory = BIO_new_mem_buf(pem ? pem : "", -1);
    EVP_PKEY *read = PEM_read_bio_PrivateKey(memory, NULL, NULL, NULL);
    struct sandbox_key *key;

    BIO_free(memory);
    if (!read)
        return NULL;
    key = ts_alloc(sizeof(*key));
    *key = (struct sandbox_key){.key = read, .file = ts_strdup(file)};
    return key;
}

void sandbox_key_free(struct sandbox_key *key)
{
    EVP_PKEY_free(key->key);
    free(key->file);
    free(key);
}

const char *sandbox_key_file(const struct sandbox_key *key)
{
    return key->file;
}

const char *sandbox_key_email(const struct sandbox_key *key)
{
    (void)key;
    return email;
}

bool sandbox_key_verifies(const struct sandbox_key *key, const char *signed_part,
                          const char *signature)
{
    size_t length = 0;
    TS_AUTOFREE unsigned char *bytes = ts_base64url_decode(signature, &length);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool genuine = bytes && EVP_DigestVerifyInit(digest, NULL, EVP_sha256(), NULL, key->key) == 1 &&
                   EVP_DigestVerify(digest, bytes, length, (const unsigned char *)signed_part,
                                    strlen(signed_part)) == 1;

    EVP_MD_CTX_free(digest);
    return genuine;
}
