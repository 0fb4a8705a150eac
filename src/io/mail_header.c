/* SPDX-License-Identifier: MIT */
/* Encoding header fields, and which addresses need no encoding. */
#include "io/mail_header.h"

#include "teamsync/buf.h"
#include "teamsync/mailer.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>
#include <time.h>

enum {
    PLAIN_MAX = 60,   /* a longer text is encoded, too: encoded words can be folded anywhere */
    WORD_MAX = 75,    /* RFC 2047 §2 */
    FIELD_MAX = 8000, /* a longer text is cut */
    LETTER_MAX = 12,  /* one character of four bytes, encoded */
};

static const char head[] = "=?UTF-8?Q?";
static const char tail[] = "?=";

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_plain_text(const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < length; i++) {
        if (!is_letter(text[i]) && !strchr(" !'(),-.:;", text[i]))
            return false;
    }
    return length <= PLAIN_MAX && !strstr(text, "=?");
}

static size_t character_length(const char *text)
{
    size_t length = 1;

    while (((unsigned char)text[length] & 0xc0) == 0x80 && length < 4)
        length++;
    return length;
}

static size_t encode(const char *bytes, size_t count, char ret[LETTER_MAX + 1])
{
    static const char digits[] = "0123456789ABCDEF";
    size_t length = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];

        if (is_letter(bytes[i])) {
            ret[length++] = bytes[i];
        } else {
            ret[length++] = '=';
            ret[length++] = digits[byte >> 4];
            ret[length++] = digits[byte & 15];
        }
    }
    return length;
}

/* As many encoded words as it takes, each of whole characters and on a line of its own. */
static void add_encoded(struct ts_buf *field, const char *text)
{
    char letter[LETTER_MAX + 1];
    size_t used = field->len + strlen(head);

    (void)ts_buf_add_text(field, head);
    while (*text && field->len + (size_t)(2 * WORD_MAX) < field->max) {
        size_t count = character_length(text);
        size_t length = encode(text, count, letter);

        if (used + length + strlen(tail) > WORD_MAX) {
            (void)ts_buf_addf(field, "%s\r\n %s", tail, head);
            used = 1 + strlen(head);
        }
        (void)ts_buf_add(field, letter, length);
        used += length;
        text += count;
    }
    (void)ts_buf_add_text(field, tail);
}

char *ts_mail_text_field(const char *name, const char *text)
{
    struct ts_buf field;

    ts_buf_init(&field, FIELD_MAX);
    (void)ts_buf_addf(&field, "%s: ", name);
    if (is_plain_text(text))
        (void)ts_buf_add_text(&field, text);
    else
        add_encoded(&field, text);
    return field.data;
}

char *ts_mail_date_field(uint64_t wall_us)
{
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm utc = {0};
    char text[64];

    (void)gmtime_r(&seconds, &utc);
    (void)strftime(text, sizeof(text), "Date: %a, %d %b %Y %H:%M:%S +0000", &utc);
    return ts_strdup(text);
}

bool ts_mail_address_is_plain(const char *address)
{
    for (const char *c = address; c && *c; c++) {
        if (*c <= ' ' || *c > '~' || strchr("<>()[]\\,;:\"", *c))
            return false;
    }
    return ts_text_is_email(address);
}
