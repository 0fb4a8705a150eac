/* SPDX-License-Identifier: MIT */
/* AES-256-GCM under a key from a file. */
#include "teamsync/seal.h"

#include "teamsync/text.h"

#include <openssl/evp.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    KEY_BYTES = 32,
    HEX_BYTES = 2 * KEY_BYTES,
    NONCE_BYTES = 12,
    TAG_BYTES = 16,
    FILE_BYTES = HEX_BYTES + 1
};
static const char version[] = "v1.";

struct ts_seal {
    unsigned char key[KEY_BYTES];
};

/* --- the key file --- */

static int digit_of(char c)
{
    const char *digits = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;

    return found ? (int)(found - digits) : -1;
}

static int parse_key(const char *text, struct ts_seal *seal)
{
    for (size_t i = 0; i < KEY_BYTES; i++) {
        int high = digit_of(text[2 * i]);
        int low = high < 0 ? -1 : digit_of(text[2 * i + 1]);

        if (low < 0)
            return -EBADMSG;
        seal->key[i] = (unsigned char)(high * 16 + low);
    }
    return text[HEX_BYTES] == '\n' || text[HEX_BYTES] == '\0' ? 0 : -EBADMSG;
}

static int read_key(int file, struct ts_seal *seal)
{
    char text[FILE_BYTES + 2] = "";
    struct stat about;
    int result;

    if (fstat(file, &about) < 0)
        return -errno;
    if (about.st_mode & 077)
        return -EPERM;
    if (read(file, text, sizeof(text) - 1) < HEX_BYTES)
        return -EBADMSG;
    result = parse_key(text, seal);
    explicit_bzero(text, sizeof(text));
    return result;
}

static void make_folders(const char *path)
{
    TS_AUTOFREE char *folder = ts_strdup(path);

    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(folder, 0700); /* if it cannot be made, creating the file will say so */
        *slash = '/';
    }
}

static int write_key(int file, struct ts_seal *seal)
{
    char text[FILE_BYTES + 1];
    int result = 0;

    ts_random_bytes(seal->key, KEY_BYTES);
    ts_hex(seal->key, KEY_BYTES, text);
    text[HEX_BYTES] = '\n';
    if (write(file, text, FILE_BYTES) != FILE_BYTES || fsync(file) < 0)
        result = errno ? -errno : -EIO;
    explicit_bzero(text, sizeof(text));
    return result;
}

static int load_or_make(const char *key_file, struct ts_seal *seal)
{
    int file = open(key_file, O_RDONLY | O_CLOEXEC);
    int result;

    if (file >= 0) {
        result = read_key(file, seal);
    } else if (errno == ENOENT) {
        make_folders(key_file);
        file = open(key_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        result = file < 0 ? -errno : write_key(file, seal);
    } else {
        result = -errno;
    }
    if (file >= 0)
        (void)close(file);
    return result;
}

int ts_seal_open(const char *key_file, struct ts_seal **ret_seal)
{
    struct ts_seal *seal = ts_alloc(sizeof(*seal));
    int result = load_or_make(key_file, seal);

    if (result < 0)
        ts_seal_free(seal);
    else
        *ret_seal = seal;
    return result;
}

void ts_seal_free(struct ts_seal *seal)
{
    if (seal)
        explicit_bzero(seal, sizeof(*seal));
    free(seal);
}

/* --- sealing --- */

static EVP_CIPHER_CTX *cipher_of(const struct ts_seal *seal, const unsigned char *nonce,
                                 const char *context, int encrypt)
{
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int ignored = 0;

    if (!cipher ||
        EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, seal->key, nonce, encrypt) != 1 ||
        EVP_CipherUpdate(cipher, NULL, &ignored, (const unsigned char *)context,
                         (int)strlen(context)) != 1)
        abort(); /* a libcrypto without AES-GCM: nothing may be stored */
    return cipher;
}

char *ts_seal_text(const struct ts_seal *seal, const char *context, const char *text)
{
    size_t length = strlen(text);
    TS_AUTOFREE unsigned char *sealed = ts_alloc(NONCE_BYTES + length + TAG_BYTES);
    unsigned char *cipher_text = sealed + NONCE_BYTES;
    EVP_CIPHER_CTX *cipher;
    int written = 0;
    int rest = 0;

    ts_random_bytes(sealed, NONCE_BYTES);
    cipher = cipher_of(seal, sealed, context, 1);
    if (EVP_CipherUpdate(cipher, cipher_text, &written, (const unsigned char *)text, (int)length) !=
            1 ||
        EVP_CipherFinal_ex(cipher, cipher_text + written, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, cipher_text + length) != 1)
        abort();
    EVP_CIPHER_CTX_free(cipher);
    {
        TS_AUTOFREE char *encoded = ts_base64url(sealed, NONCE_BYTES + length + TAG_BYTES);

        return ts_format("%s%s", version, encoded);
    }
}

char *ts_unseal_text(const struct ts_seal *seal, const char *context, const char *sealed)
{
    size_t length = 0;
    TS_AUTOFREE unsigned char *bytes = NULL;
    EVP_CIPHER_CTX *cipher;
    char *text;
    int written = 0;
    int rest = 0;
    bool genuine;

    if (!ts_text_starts_with(sealed, version))
        return NULL;
    bytes = ts_base64url_decode(sealed + strlen(version), &length);
    if (!bytes || length < NONCE_BYTES + TAG_BYTES)
        return NULL;
    length -= NONCE_BYTES + TAG_BYTES;
    text = ts_alloc(length + 1);
    cipher = cipher_of(seal, bytes, context, 0);
    genuine = EVP_CipherUpdate(cipher, (unsigned char *)text, &written, bytes + NONCE_BYTES,
                               (int)length) == 1 &&
              EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_BYTES,
                                  bytes + NONCE_BYTES + length) == 1 &&
              EVP_CipherFinal_ex(cipher, (unsigned char *)text + written, &rest) == 1;
    EVP_CIPHER_CTX_free(cipher);
    if (!genuine) {
        explicit_bzero(text, length);
        free(TS_STEAL(text));
    }
    return text;
}
