/* SPDX-License-Identifier: MIT */
/* Questions about text. */
#include "teamsync/text.h"

#include "teamsync/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { EMAIL_MAX_BYTES = 254, ID_MAX_BYTES = 64 };

bool ts_text_is_empty(const char *text)
{
    return !text || !*text;
}

const char *ts_text_or_empty(const char *text)
{
    return text ? text : "";
}

const char *ts_text_or_null(const char *text)
{
    return ts_text_is_empty(text) ? NULL : text;
}

bool ts_text_equal(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

bool ts_text_equal_nocase(const char *a, const char *b)
{
    return strcasecmp(a ? a : "", b ? b : "") == 0;
}

bool ts_text_starts_with(const char *text, const char *head)
{
    return text && strncmp(text, head, strlen(head)) == 0;
}

/* The length of the sequence that starts with `lead`, and the smallest code point it may carry. */
static size_t sequence_length(unsigned char lead, uint32_t *ret_smallest)
{
    size_t length = 0;

    if (lead < 0x80) {
        *ret_smallest = 1;
        length = 1;
    } else if (lead >= 0xc2 && lead < 0xe0) {
        *ret_smallest = 0x80;
        length = 2;
    } else if (lead >= 0xe0 && lead < 0xf0) {
        *ret_smallest = 0x800;
        length = 3;
    } else if (lead >= 0xf0 && lead < 0xf5) {
        *ret_smallest = 0x10000;
        length = 4;
    }
    return length;
}

/* The bytes taken by the code point at `bytes`, 0 when it is not valid (RFC 3629 §4). */
static size_t code_point(const unsigned char *bytes, size_t left, uint32_t *ret_point)
{
    uint32_t smallest = 0;
    size_t length = sequence_length(bytes[0], &smallest);
    uint32_t point = length == 1 ? bytes[0] : bytes[0] & (0xffu >> (length + 1));

    if (length == 0 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        point = (point << 6) | (bytes[i] & 0x3fu);
    }
    if (point < smallest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    *ret_point = point;
    return length;
}

/* Control characters, the separators of lines and paragraphs, and what is no character at all. */
static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
           (point & 0xfffe) == 0xfffe;
}

static bool every_code_point(const char *text, size_t length, bool allow_control)
{
    const unsigned char *bytes = (const unsigned char *)text;
    uint32_t point = 0;

    for (size_t at = 0, step; at < length; at += step) {
        step = code_point(bytes + at, length - at, &point);
        if (step == 0 || (!allow_control && is_control(point)))
            return false;
    }
    return true;
}

bool ts_text_is_utf8(const char *bytes, size_t length)
{
    return every_code_point(bytes, length, true);
}

char *ts_text_to_utf8(const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t length = strlen(text);
    char *repaired = ts_alloc(length * strlen(replacement) + 1);
    size_t out = 0;
    uint32_t point = 0;

    for (size_t at = 0; at < length;) {
        size_t valid = code_point((const unsigned char *)text + at, length - at, &point);
        const char *shown = valid ? text + at : replacement;
        size_t bytes = valid ? valid : strlen(replacement);

        memcpy(repaired + out, shown, bytes);
        out += bytes;
        at += valid ? valid : 1;
    }
    return repaired;
}

bool ts_text_is_printable(const char *text)
{
    return every_code_point(text, strlen(text), false);
}

bool ts_text_to_u64(const char *text, uint64_t *ret_number)
{
    uint64_t number;

    if (ts_text_is_empty(text) || text[strspn(text, "0123456789")] != '\0')
        return false;
    errno = 0;
    number = strtoumax(text, NULL, 10);
    if (errno == ERANGE)
        return false;
    *ret_number = number;
    return true;
}

bool ts_text_is_id(const char *text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t length = text ? strspn(text, letters) : 0;

    return length > 0 && length <= ID_MAX_BYTES && text[length] == '\0';
}

char *ts_text_copy(char *ret, size_t capacity, const char *text)
{
    (void)snprintf(ret, capacity, "%s", text ? text : "");
    return ret;
}

char *ts_text_fold_email(const char *email)
{
    char *folded = ts_strdup(email ? email : "");

    for (char *c = folded; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    return folded;
}

bool ts_text_is_email(const char *text)
{
    const char *at = text ? strrchr(text, '@') : NULL;

    return at && at > text && at[1] != '\0' && strlen(text) <= EMAIL_MAX_BYTES &&
           !strchr(text, ' ') && ts_text_is_printable(text);
}

const char *ts_format_number(char ret[24], int64_t number)
{
    (void)snprintf(ret, 24, "%" PRId64, number);
    return ret;
}
