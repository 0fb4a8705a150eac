/* SPDX-License-Identifier: MIT */
/* The port to mail: one message to one person. */
#ifndef TEAMSYNC_MAILER_H
#define TEAMSYNC_MAILER_H

#include "teamsync/op.h"

#include <stdbool.h>
#include <stdint.h>

struct ts_loop;

/* Copied by send(): may be gone when it returns. UTF-8. */
struct ts_mail {
    const char *to;      /* an address */
    const char *subject; /* one line */
    const char *text;    /* plain; lines end with \n */
};

struct ts_mailer {
    /* TS_OK: the server has taken it. TS_REJECTED: not to this address, or not this message;
     * TS_AUTH: the server does not want us, a person has to mend that; TS_RETRY: not now, and
     * `is_untried` where enough others are being sent. */
    struct ts_op *(*send)(struct ts_mailer *mailer, const struct ts_mail *mail, ts_done_cb *cb,
                          void *arg);
};

/* SMTP. "smtp://host:587" wants STARTTLS, and from a loopback host none; "smtps://host:465" is TLS
 * from the start. Certificates are always verified. */
struct ts_mailer_options {
    const char *url;     /* with "user:password@" where the server asks for them */
    const char *from;    /* an address */
    const char *ca_file; /* NULL: the system's */
    uint32_t timeout_ms; /* 0: 40000; for the whole of a mail */
};
struct ts_mailer *ts_mailer_smtp_new(struct ts_loop *loop, const struct ts_mailer_options *options);
void ts_mailer_smtp_free(struct ts_mailer *mailer); /* cancels what is under way; NULL is fine */

bool ts_mail_url_is_valid(const char *url);
/* An address that can stand in a mail's header as it is: ASCII, nothing that would need quotes. */
bool ts_mail_address_is_plain(const char *address);

#endif
