/* SPDX-License-Identifier: MIT */
/* Mail by SMTP, with libcurl: one easy handle for each message, a few at once.
 *
 * What a refusal means depends on what it answers: to RCPT and DATA it is about this mail, to
 * anything before them it is about us. So the last command and the last reply are noted as curl
 * tells them to its debug callback; nothing else of the conversation is kept. */
#include "teamsync/mailer.h"

#include "io/curl_loop.h"
#include "io/mail_header.h"
#include "io/url.h"

#include "teamsync/buf.h"
#include "teamsync/http.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <utlist.h>

#include <string.h>

enum {
    SENDING_MAX = 4,
    BUSY_RETRY_MS = 1000,
    CONNECT_TIMEOUT_MS = 10000,
    TIMEOUT_MS = 40000,
    VERB_TEXT = 5,
    REPLY_TEXT = 120,
    TEXT_MAX_BYTES = 64 << 10,
};

struct smtp {
    struct ts_mailer port;
    struct ts_curl_loop curl;
    struct letter *letters;
    size_t sending;
    char *url;
    char *from;
    char *ca_file;
    uint32_t timeout_ms;
    bool needs_starttls;
};

struct letter {
    struct ts_op op;
    struct letter *prev, *next;
    struct smtp *smtp;
    CURL *easy; /* NULL: it is not sent at all, for the reason in `refusal` */
    struct ts_error refusal;
    struct ts_turn turn;
    struct curl_slist *to;
    struct curl_slist *header;
    curl_mime *body;
    char verb[VERB_TEXT];   /* of the last command: "RCPT" */
    char reply[REPLY_TEXT]; /* the last one, printable */
    bool is_over;           /* nothing is noted any more */
    char error[CURL_ERROR_SIZE];
    ts_done_cb *cb;
    void *arg;
};

/* --- URLs --- */

/* Newly allocated; NULL when the URL is none for mail. */
static char *host_of(const char *url)
{
    return ts_url_part(url, "smtps", "smtp", CURLUPART_HOST);
}

bool ts_mail_url_is_valid(const char *url)
{
    TS_AUTOFREE char *host = host_of(url);

    return !ts_text_is_empty(host);
}

/* Whoever listens on the same host is not spoken to in secret; its certificate is often made up. */
static bool needs_starttls(const char *url)
{
    TS_AUTOFREE char *host = host_of(url);
    TS_AUTOFREE char *as_http = ts_format("http://%s", host ? host : "");

    return !ts_url_is_acceptable(as_http);
}

/* --- one letter --- */

static void free_letter(struct letter *letter)
{
    struct smtp *smtp = letter->smtp;

    DL_DELETE(smtp->letters, letter);
    ts_turn_cancel(smtp->curl.loop, &letter->turn);
    if (letter->easy) {
        smtp->sending--;
        (void)curl_multi_remove_handle(smtp->curl.multi, letter->easy);
        curl_easy_cleanup(letter->easy);
    }
    curl_mime_free(letter->body);
    curl_slist_free_all(letter->header);
    curl_slist_free_all(letter->to);
    free(letter);
}

static void cancel(struct ts_op *op)
{
    free_letter(TS_CONTAINER_OF(op, struct letter, op));
}

static void end(struct letter *letter, struct ts_error err)
{
    ts_done_cb *cb = letter->cb;
    void *arg = letter->arg;

    free_letter(letter);
    cb(&err, arg);
}

static struct ts_error error_of(CURLcode code, const struct letter *letter)
{
    const char *text = letter->error[0] ? letter->error : curl_easy_strerror(code);
    bool is_refusal = letter->reply[0] == '5';
    bool is_about_mail = strcmp(letter->verb, "RCPT") == 0 || strcmp(letter->verb, "DATA") == 0;

    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_USE_SSL_FAILED)
        return ts_error_make(TS_AUTH, "mail: %s", text);
    if (code == CURLE_LOGIN_DENIED || ts_text_starts_with(letter->reply, "530"))
        return ts_error_make(TS_AUTH, "mail: the server refuses our login: %s", letter->reply);
    if (is_refusal && is_about_mail)
        return ts_error_make(TS_REJECTED, "mail: refused: %s", letter->reply);
    if (is_refusal)
        return ts_error_make(TS_AUTH, "mail: the server refuses us: %s", letter->reply);
    if (letter->reply[0] == '4')
        return ts_error_make(TS_RETRY, "mail: not now: %s", letter->reply);
    return ts_error_make(TS_RETRY, "mail: %s", text);
}

static void complete(void *transfer, CURLcode code)
{
    struct letter *letter = transfer;

    end(letter, code == CURLE_OK ? ts_no_error : error_of(code, letter));
}

static void on_refused(void *arg)
{
    struct letter *letter = arg;

    end(letter, letter->refusal);
}

static void note_line(char *ret, size_t capacity, const char *bytes, size_t length)
{
    size_t kept = 0;

    for (; kept + 1 < capacity && kept < length && bytes[kept] >= ' ' && bytes[kept] <= '~'; kept++)
        ret[kept] = bytes[kept];
    ret[kept] = '\0';
}

/* Once it has failed, curl says goodbye; that is no part of it. */
static int on_debug(CURL *easy, curl_infotype type, char *bytes, size_t length, void *arg)
{
    struct letter *letter = arg;

    (void)easy;
    if (type == CURLINFO_HEADER_OUT)
        letter->is_over = length >= 4 && strncmp(bytes, "QUIT", 4) == 0;
    if (letter->is_over)
        return 0;
    if (type == CURLINFO_HEADER_OUT)
        note_line(letter->verb, sizeof(letter->verb), bytes, length);
    else if (type == CURLINFO_HEADER_IN)
        note_line(letter->reply, sizeof(letter->reply), bytes, length);
    return 0;
}

/* --- what is sent --- */

static void add_field(struct letter *letter, const char *field)
{
    letter->header = ts_must(curl_slist_append(letter->header, field));
}

static void set_header(struct letter *letter, const struct ts_mail *mail)
{
    const char *from = letter->smtp->from;
    TS_AUTOFREE char *id = ts_random_id("");
    TS_AUTOFREE char *from_field = ts_format("From: <%s>", from);
    TS_AUTOFREE char *to_field = ts_format("To: <%s>", mail->to);
    TS_AUTOFREE char *subject = ts_mail_text_field("Subject", mail->subject);
    TS_AUTOFREE char *date = ts_mail_date_field(ts_wall_us());
    TS_AUTOFREE char *id_field = ts_format("Message-ID: <%s%s>", id, strrchr(from, '@'));

    add_field(letter, from_field);
    add_field(letter, to_field);
    add_field(letter, subject);
    add_field(letter, date);
    add_field(letter, id_field);
    add_field(letter, "Auto-Submitted: auto-generated");
    (void)curl_easy_setopt(letter->easy, CURLOPT_HTTPHEADER, letter->header);
}

/* With the line ends of mail. */
static void add_text(curl_mimepart *part, const char *text)
{
    struct ts_buf lines;

    ts_buf_init(&lines, TEXT_MAX_BYTES);
    for (; *text; text++)
        (void)ts_buf_add(&lines, *text == '\n' ? "\r\n" : text, *text == '\n' ? 2 : 1);
    (void)curl_mime_data(part, lines.data, lines.len);
    explicit_bzero(lines.data, lines.len); /* it may hold a link that is a secret */
    ts_buf_done(&lines);
}

static void set_body(struct letter *letter, const struct ts_mail *mail)
{
    curl_mimepart *part;

    letter->body = ts_must(curl_mime_init(letter->easy));
    part = ts_must(curl_mime_addpart(letter->body));
    add_text(part, mail->text);
    (void)curl_mime_type(part, "text/plain; charset=utf-8");
    (void)curl_mime_encoder(part, "quoted-printable");
    (void)curl_easy_setopt(letter->easy, CURLOPT_MIMEPOST, letter->body);
}

static void set_envelope(struct letter *letter, const struct ts_mail *mail)
{
    TS_AUTOFREE char *from = ts_format("<%s>", letter->smtp->from);
    TS_AUTOFREE char *to = ts_format("<%s>", mail->to);

    letter->to = ts_must(curl_slist_append(NULL, to));
    (void)curl_easy_setopt(letter->easy, CURLOPT_MAIL_FROM, from);
    (void)curl_easy_setopt(letter->easy, CURLOPT_MAIL_RCPT, letter->to);
}

static void set_policy(struct letter *letter)
{
    const struct smtp *smtp = letter->smtp;
    CURL *easy = letter->easy;

    (void)curl_easy_setopt(easy, CURLOPT_URL, smtp->url);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    (void)curl_easy_setopt(easy, CURLOPT_USE_SSL,
                           (long)(smtp->needs_starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (smtp->ca_file)
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, smtp->ca_file);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)smtp->timeout_ms);
    (void)curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
    (void)curl_easy_setopt(easy, CURLOPT_DEBUGDATA, letter);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, letter->error);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, letter);
}

static void post(struct letter *letter, const struct ts_mail *mail)
{
    struct smtp *smtp = letter->smtp;

    letter->easy = ts_must(curl_easy_init());
    smtp->sending++;
    set_policy(letter);
    set_envelope(letter, mail);
    set_header(letter, mail);
    set_body(letter, mail);
    (void)curl_multi_add_handle(smtp->curl.multi, letter->easy);
}

static void refuse(struct letter *letter, struct ts_error err)
{
    letter->refusal = err;
    ts_turn_plan(letter->smtp->curl.loop, &letter->turn, on_refused, letter);
}

static struct ts_op *send_mail(struct ts_mailer *mailer, const struct ts_mail *mail, ts_done_cb *cb,
                               void *arg)
{
    struct smtp *smtp = TS_CONTAINER_OF(mailer, struct smtp, port);
    struct letter *letter = ts_alloc(sizeof(*letter));
    struct ts_error busy = ts_error_make(TS_RETRY, "mail: enough others are being sent");

    letter->op.cancel = cancel;
    letter->smtp = smtp;
    letter->cb = cb;
    letter->arg = arg;
    DL_APPEND(smtp->letters, letter);
    busy.is_untried = true;
    busy.retry_after_ms = BUSY_RETRY_MS;
    if (!ts_mail_address_is_plain(mail->to))
        refuse(letter, ts_error_make(TS_REJECTED, "mail: this address cannot be written to"));
    else if (smtp->sending >= SENDING_MAX)
        refuse(letter, busy);
    else
        post(letter, mail);
    return &letter->op;
}

/* --- its life --- */

struct ts_mailer *ts_mailer_smtp_new(struct ts_loop *loop, const struct ts_mailer_options *options)
{
    struct smtp *smtp = ts_alloc(sizeof(*smtp));

    smtp->port.send = send_mail;
    ts_curl_loop_open(&smtp->curl, loop, complete);
    smtp->url = ts_strdup(options->url);
    smtp->from = ts_strdup(options->from);
    smtp->ca_file = ts_strdup(options->ca_file);
    smtp->timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_MS;
    smtp->needs_starttls = needs_starttls(options->url);
    return &smtp->port;
}

void ts_mailer_smtp_free(struct ts_mailer *mailer)
{
    struct smtp *smtp = mailer ? TS_CONTAINER_OF(mailer, struct smtp, port) : NULL;

    if (!smtp)
        return;
    while (smtp->letters)
        free_letter(smtp->letters);
    ts_curl_loop_close(&smtp->curl);
    ts_free_secret(smtp->url);
    free(smtp->from);
    free(smtp->ca_file);
    free(smtp);
}
