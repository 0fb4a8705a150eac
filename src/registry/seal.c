/* SPDX-License-Identifier: MIT */
/* AES-256-GCM under the keys of a file. */
#include "teamsync/seal.h"

#include "registry/key_file.h"

#include "teamsync/digest.h"
#include "teamsync/text.h"

#include <openssl/evp.h>

#include <errno.h>
#include <string.h>

enum { NONCE_BYTES = 12, TAG_BYTES = 16, MARK_BYTES = (TS_SEAL_MARK_TEXT - 1) / 2 };
static const char version[] = "v1.";

struct ts_seal {
    char *file;
    struct ts_keys *keys; /* as they were in the file when it was looked at last */
};

/* --- its life --- */

int ts_seal_open(const char *key_file, struct ts_seal **ret_seal)
{
    struct ts_seal *seal = ts_alloc(sizeof(*seal));
    int result;

    seal->file = ts_strdup(key_file);
    seal->keys = ts_alloc(sizeof(*seal->keys));
    result = ts_key_file_read_or_make(key_file, seal->keys);
    if (result < 0)
        ts_seal_free(seal);
    else
        *ret_seal = seal;
    return result;
}

void ts_seal_free(struct ts_seal *seal)
{
    if (!seal)
        return;
    explicit_bzero(seal->keys, sizeof(*seal->keys));
    free(seal->keys);
    free(seal->file);
    free(seal);
}

/* Whether there are other keys now. A file that cannot be read changes nothing. */
static bool look_again(const struct ts_seal *seal)
{
    return ts_key_file_has_changed(seal->file, seal->keys) &&
           ts_key_file_read(seal->file, seal->keys) == 0;
}

/* --- sealing --- */

static EVP_CIPHER_CTX *cipher_of(const unsigned char *key, const unsigned char *nonce,
                                 const char *context, int encrypt)
{
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int ignored = 0;

    if (!cipher || EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) != 1 ||
        EVP_CipherUpdate(cipher, NULL, &ignored, (const unsigned char *)context,
                         (int)strlen(context)) != 1)
        abort(); /* a libcrypto without AES-GCM: nothing may be stored */
    return cipher;
}

static char *seal_under(const unsigned char *key, const char *context, const char *text)
{
    size_t length = strlen(text);
    TS_AUTOFREE unsigned char *sealed = ts_alloc(NONCE_BYTES + length + TAG_BYTES);
    TS_AUTOFREE char *encoded = NULL;
    unsigned char *cipher_text = sealed + NONCE_BYTES;
    EVP_CIPHER_CTX *cipher;
    int written = 0;
    int rest = 0;

    ts_random_bytes(sealed, NONCE_BYTES);
    cipher = cipher_of(key, sealed, context, 1);
    if (EVP_CipherUpdate(cipher, cipher_text, &written, (const unsigned char *)text, (int)length) !=
            1 ||
        EVP_CipherFinal_ex(cipher, cipher_text + written, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, cipher_text + length) != 1)
        abort();
    EVP_CIPHER_CTX_free(cipher);
    encoded = ts_base64url(sealed, NONCE_BYTES + length + TAG_BYTES);
    return ts_format("%s%s", version, encoded);
}

char *ts_seal_text(const struct ts_seal *seal, const char *context, const char *text)
{
    (void)look_again(seal);
    return seal_under(seal->keys->keys[0], context, text);
}

/* `bytes` are nonce, ciphertext and tag. */
static char *open_with(const unsigned char *key, const char *context, const unsigned char *bytes,
                       size_t length)
{
    size_t text_length = length - NONCE_BYTES - TAG_BYTES;
    char *text = ts_alloc(text_length + 1);
    unsigned char tag[TAG_BYTES];
    EVP_CIPHER_CTX *cipher = cipher_of(key, bytes, context, 0);
    int written = 0;
    int rest = 0;
    bool genuine;

    memcpy(tag, bytes + length - TAG_BYTES, TAG_BYTES);
    genuine = EVP_CipherUpdate(cipher, (unsigned char *)text, &written, bytes + NONCE_BYTES,
                               (int)text_length) == 1 &&
              EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1 &&
              EVP_CipherFinal_ex(cipher, (unsigned char *)text + written, &rest) == 1;
    EVP_CIPHER_CTX_free(cipher);
    if (!genuine) {
        explicit_bzero(text, text_length);
        free(TS_STEAL(text));
    }
    return text;
}

/* With the first of the keys that fits; `*ret_key` says which. */
static char *open_with_any(const struct ts_keys *keys, const char *context, const char *sealed,
                           size_t *ret_key)
{
    size_t length = 0;
    TS_AUTOFREE unsigned char *bytes = NULL;
    char *text = NULL;

    if (!ts_text_starts_with(sealed, version))
        return NULL;
    bytes = ts_base64url_decode(sealed + strlen(version), &length);
    if (!bytes || length < NONCE_BYTES + TAG_BYTES)
        return NULL;
    for (size_t i = 0; i < keys->count && !text; i++) {
        text = open_with(keys->keys[i], context, bytes, length);
        *ret_key = i;
    }
    return text;
}

char *ts_unseal_text(const struct ts_seal *seal, const char *context, const char *sealed)
{
    size_t ignored = 0;
    char *text = open_with_any(seal->keys, context, sealed, &ignored);

    if (!text && look_again(seal))
        text = open_with_any(seal->keys, context, sealed, &ignored);
    return text;
}

/* --- rotation --- */

static void mark_of(const unsigned char *key, char ret[TS_SEAL_MARK_TEXT])
{
    unsigned char digest[TS_SHA256_BYTES];

    ts_sha256(key, TS_KEY_BYTES, digest);
    ts_hex(digest, MARK_BYTES, ret);
}

char *ts_seal_marks(const struct ts_seal *seal)
{
    char *marks = ts_alloc(seal->keys->count * TS_SEAL_MARK_TEXT);

    for (size_t i = 0; i < seal->keys->count; i++) {
        mark_of(seal->keys->keys[i], marks + i * TS_SEAL_MARK_TEXT);
        if (i > 0)
            marks[i * TS_SEAL_MARK_TEXT - 1] = ' ';
    }
    return marks;
}

int ts_seal_add_key(struct ts_seal *seal, char ret_mark[TS_SEAL_MARK_TEXT])
{
    int result = ts_key_file_add(seal->file, seal->keys);

    if (result == 0)
        mark_of(seal->keys->keys[0], ret_mark);
    return result;
}

int ts_seal_keep_key(struct ts_seal *seal, const char *mark)
{
    char first[TS_SEAL_MARK_TEXT];

    mark_of(seal->keys->keys[0], first);
    if (strcmp(first, mark) != 0)
        return -EBUSY;
    return ts_key_file_keep(seal->file, seal->keys->keys[0], seal->keys);
}

int ts_seal_renew(const struct ts_seal *seal, const char *context, const char *sealed,
                  char **ret_sealed)
{
    size_t key = 0;
    char *text;

    (void)look_again(seal);
    text = open_with_any(seal->keys, context, sealed, &key);
    if (!text)
        return -EBADMSG;
    if (key > 0)
        *ret_sealed = seal_under(seal->keys->keys[0], context, text);
    ts_free_secret(text);
    return key > 0;
}
