/* SPDX-License-Identifier: MIT */
/* The lines of a mail's header (RFC 5322). Pure. */
#ifndef IO_MAIL_HEADER_H
#define IO_MAIL_HEADER_H

#include <stdint.h>

/* "Subject: …", newly allocated: whatever the text holds, it is one field, encoded (RFC 2047) and
 * folded where it has to be. */
char *ts_mail_text_field(const char *name, const char *text);

/* "Date: Tue, 24 Nov 2026 18:22:30 +0000", newly allocated. */
char *ts_mail_date_field(uint64_t wall_us);

#endif
