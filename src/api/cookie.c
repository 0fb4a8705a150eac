/* SPDX-License-Identifier: MIT */
/* Setting cookies, and finding one among those that a browser shows. */
#include "api/cookie.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <inttypes.h>
#include <string.h>

static bool is_tls(const struct ts_exchange *x)
{
    return ts_text_starts_with(x->env->public_url, "https://");
}

/* With this prefix a browser takes it from nobody but this very host, over TLS (RFC 6265bis). */
const struct ts_cookie *ts_cookie_of_session(const struct ts_exchange *x)
{
    static const struct ts_cookie plain = {
        .name = "teamsync_session", .path = "/", .same_site = "Strict"};
    static const struct ts_cookie of_host = {
        .name = "__Host-teamsync_session", .path = "/", .same_site = "Strict"};

    return is_tls(x) ? &of_host : &plain;
}

void ts_cookie_set(struct ts_exchange *x, const struct ts_cookie *cookie, const char *value,
                   uint64_t life_s)
{
    TS_AUTOFREE_SECRET char *header =
        ts_format("%s=%s; Path=%s; Max-Age=%" PRIu64 "; HttpOnly; SameSite=%s%s", cookie->name,
                  value, cookie->path, life_s, cookie->same_site, is_tls(x) ? "; Secure" : "");

    ts_request_add_header(x->request, "Set-Cookie", header);
}

char *ts_cookie_find(const char *header, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = header; at && *at; at += strcspn(at, ";"), at += strspn(at, "; ")) {
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return ts_memdup_text(at + length + 1, strcspn(at + length + 1, ";"));
    }
    return NULL;
}

char *ts_cookie_read(const struct ts_exchange *x, const char *name)
{
    return ts_cookie_find(ts_request_header(x->request, "Cookie"), name);
}
