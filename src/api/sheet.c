/* SPDX-License-Identifier: MIT */
/* The page as HTML: every text escaped, the style under a nonce of its own. */
#include "api/sheet.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

enum { SHEET_MAX_BYTES = 16 << 10 };

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:1.0625rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 "
    "1.5rem}"
    "h1{font-size:1.5rem;line-height:1.25}"
    "button,a{display:inline-block;font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.5rem;"
    "background:#1a56db;color:#fff;text-decoration:none;cursor:pointer}";

static void add_escaped(struct ts_buf *html, const char *text)
{
    for (; *text; text++) {
        if (*text == '<')
            (void)ts_buf_add_text(html, "&lt;");
        else if (*text == '&')
            (void)ts_buf_add_text(html, "&amp;");
        else if (*text == '"')
            (void)ts_buf_add_text(html, "&quot;");
        else
            (void)ts_buf_add(html, text, 1);
    }
}

static void add_paragraphs(struct ts_buf *html, const char *text)
{
    (void)ts_buf_add_text(html, "<p>");
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");
        TS_AUTOFREE char *paragraph = ts_memdup_text(line, length);

        add_escaped(html, paragraph);
        line += length;
        if (*line == '\n') {
            (void)ts_buf_add_text(html, "</p><p>");
            line++;
        }
    }
    (void)ts_buf_add_text(html, "</p>");
}

static void add_button(struct ts_buf *html, const struct ts_sheet *sheet)
{
    (void)ts_buf_add_text(html, "<form method=\"post\" action=\"");
    add_escaped(html, sheet->action);
    (void)ts_buf_add_text(html, "\"><button>");
    add_escaped(html, sheet->button);
    (void)ts_buf_add_text(html, "</button></form>");
}

static void add_link(struct ts_buf *html, const struct ts_sheet *sheet)
{
    (void)ts_buf_add_text(html, "<p><a href=\"");
    add_escaped(html, sheet->target);
    (void)ts_buf_add_text(html, "\">");
    add_escaped(html, sheet->link);
    (void)ts_buf_add_text(html, "</a></p>");
}

static void add_headers(struct ts_request *request, const char *nonce)
{
    TS_AUTOFREE char *policy =
        ts_format("default-src 'none'; style-src 'nonce-%s'; form-action 'self'; base-uri 'none'; "
                  "frame-ancestors 'none'",
                  nonce);

    ts_request_add_header(request, "Content-Security-Policy", policy);
    ts_request_add_header(request, "Referrer-Policy", "no-referrer");
    ts_request_add_header(request, "Cache-Control", "no-store");
}

void ts_exchange_show(struct ts_exchange *x, int status, const struct ts_sheet *sheet)
{
    TS_AUTOFREE char *nonce = ts_random_id("");
    struct ts_buf html;

    ts_buf_init(&html, SHEET_MAX_BYTES);
    (void)ts_buf_addf(&html,
                      "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\">"
                      "<meta name=\"viewport\" content=\"width=device-width\">"
                      "<style nonce=\"%s\">%s</style><title>",
                      nonce, style);
    add_escaped(&html, sheet->title);
    (void)ts_buf_add_text(&html, "</title><main><h1>");
    add_escaped(&html, sheet->title);
    (void)ts_buf_add_text(&html, "</h1>");
    add_paragraphs(&html, sheet->text);
    if (sheet->button)
        add_button(&html, sheet);
    if (sheet->link)
        add_link(&html, sheet);
    (void)ts_buf_add_text(&html, "</main></html>\n");
    add_headers(x->request, nonce);
    ts_request_reply(x->request, status, "text/html; charset=utf-8", html.data, html.len);
    ts_buf_done(&html);
    ts_exchange_release(x);
}
