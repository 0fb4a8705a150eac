/* SPDX-License-Identifier: MIT */
/* Encodings for identifiers and tokens, and the randomness behind them. */
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char id_alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";

enum { ID_LETTERS = 24, SECRET_BYTES = 32 };

char *ts_base64url(const void *bytes, size_t length)
{
    const unsigned char *in = bytes;
    char *text = ts_alloc(length / 3 * 4 + 5);
    char *out = text;

    for (size_t at = 0; at < length; at += 3) {
        size_t group = length - at < 3 ? length - at : 3;
        uint32_t bits = (uint32_t)in[at] << 16;

        bits |= group > 1 ? (uint32_t)in[at + 1] << 8 : 0;
        bits |= group > 2 ? in[at + 2] : 0;
        for (size_t i = 0; i <= group; i++)
            *out++ = base64_alphabet[(bits >> (18 - 6 * i)) & 63];
    }
    return text;
}

unsigned char *ts_base64url_decode(const char *text, size_t *ret_length)
{
    size_t letters = strlen(text);
    TS_AUTOFREE unsigned char *bytes = ts_alloc(letters / 4 * 3 + 4);
    size_t length = 0;
    uint32_t bits = 0;

    if (letters % 4 == 1)
        return NULL;
    for (size_t i = 0; i < letters; i++) {
        const char *found = strchr(base64_alphabet, text[i]);

        if (!found)
            return NULL;
        bits = (bits << 6) | (uint32_t)(found - base64_alphabet);
        if (i % 4 != 0)
            bytes[length++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
    }
    bytes[length] = '\0';
    *ret_length = length;
    return TS_STEAL(bytes);
}

void ts_hex(const void *bytes, size_t length, char *ret)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = bytes;

    for (size_t i = 0; i < length; i++) {
        ret[2 * i] = digits[in[i] >> 4];
        ret[2 * i + 1] = digits[in[i] & 15];
    }
    ret[2 * length] = '\0';
}

char *ts_url_escape(const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *escaped = ts_alloc(3 * strlen(text) + 1);
    char *out = escaped;

    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (strchr(base64_alphabet, byte) || byte == '.' || byte == '~') {
            *out++ = *text;
        } else {
            *out++ = '%';
            *out++ = digits[byte >> 4];
            *out++ = digits[byte & 15];
        }
    }
    return escaped;
}

void ts_random_bytes(void *ret, size_t length)
{
    unsigned char *out = ret;

    while (length > 0) {
        ssize_t got = getrandom(out, length, 0);

        if (got > 0) {
            out += got;
            length -= (size_t)got;
        } else if (errno != EINTR) {
            abort(); /* no randomness: no safe identifier, no safe token */
        }
    }
}

uint32_t ts_random_below(uint32_t limit)
{
    uint32_t unfair = (uint32_t)(-limit) % limit; /* the numbers that would tip the scales */
    uint32_t number;

    do {
        ts_random_bytes(&number, sizeof(number));
    } while (number < unfair);
    return number % limit;
}

char *ts_random_id(const char *prefix)
{
    char letters[ID_LETTERS + 1] = "";

    for (size_t i = 0; i < ID_LETTERS; i++)
        letters[i] = id_alphabet[ts_random_below(sizeof(id_alphabet) - 1)];
    return ts_format("%s%s", prefix, letters);
}

char *ts_random_secret(const char *prefix)
{
    unsigned char bytes[SECRET_BYTES];
    TS_AUTOFREE_SECRET char *letters = NULL;

    ts_random_bytes(bytes, sizeof(bytes));
    letters = ts_base64url(bytes, sizeof(bytes));
    explicit_bzero(bytes, sizeof(bytes));
    return ts_format("%s%s", prefix, letters);
}
