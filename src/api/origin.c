/* SPDX-License-Identifier: MIT */
/* What browsers say of where a request comes from; no page can make them say something else. */
#include "api/origin.h"

#include "teamsync/text.h"

#include <string.h>
#include <strings.h>

static bool only_looks(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

/* Whoever is on the way can have a page at http://, by our very name. */
static bool is_safe(const struct ts_origin *from)
{
    static const char tls[] = "https://";

    return !ts_text_starts_with(from->public_url, tls) ||
           strncasecmp(from->origin, tls, strlen(tls)) == 0;
}

/* "https://sync.example.com" is that of the Host "sync.example.com", and of the public URL
 * "https://sync.example.com/teamsync". */
static bool is_ours(const struct ts_origin *from)
{
    const char *authority = strstr(from->origin, "://");
    size_t length = strlen(from->origin);

    if (!authority || authority[strlen("://")] == '\0' || !is_safe(from))
        return false;
    if (ts_text_equal_nocase(authority + strlen("://"), from->host))
        return true;
    return strncasecmp(from->public_url, from->origin, length) == 0 &&
           (from->public_url[length] == '\0' || from->public_url[length] == '/');
}

bool ts_origin_is_trusted(const struct ts_origin *from)
{
    if (only_looks(from->method))
        return true;
    if (from->site)
        return strcmp(from->site, "same-origin") == 0;
    return from->origin && is_ours(from);
}
