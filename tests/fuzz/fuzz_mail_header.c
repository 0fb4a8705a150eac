/* SPDX-License-Identifier: MIT */
/* Any text as a mail's subject: one field of printable ASCII, in lines that mail allows. */
#include "fuzz/fuzz.h"
#include "io/mail_header.h"

#include "teamsync/mailer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TS_AUTOFREE char *text = ts_memdup_text((const char *)data, size);
    TS_AUTOFREE char *field = ts_mail_text_field("Subject", text);

    MUST(strncmp(field, "Subject: ", 9) == 0 && strlen(field) <= 8000);
    for (const char *line = field; *line;) {
        size_t length = strcspn(line, "\r\n");

        MUST(length <= 76);
        for (size_t i = 0; i < length; i++)
            MUST(line[i] >= ' ' && line[i] <= '~');
        MUST(line[length] == '\0' || strncmp(line + length, "\r\n =?UTF-8?Q?", 13) == 0);
        line += length + (line[length] ? 2 : 0);
    }
    if (ts_mail_address_is_plain(text))
        MUST(ts_text_is_email(text) && !strpbrk(text, " <>,;\r\n"));
    return 0;
}
