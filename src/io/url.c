/* SPDX-License-Identifier: MIT */
/* URLs, by libcurl's parser. */
#include "io/url.h"

#include "teamsync/http.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <stdbool.h>
#include <string.h>

char *ts_url_part(const char *url, const char *scheme, const char *other_scheme, CURLUPart part)
{
    CURLU *parsed = ts_must(curl_url());
    char *found = NULL;
    char *value = NULL;
    char *copy = NULL;

    if (curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_SCHEME, &found, 0) == CURLUE_OK &&
        (strcmp(found, scheme) == 0 || strcmp(found, other_scheme) == 0) &&
        curl_url_get(parsed, part, &value, 0) == CURLUE_OK)
        copy = ts_text_fold_email(value);
    curl_free(found);
    curl_free(value);
    curl_url_cleanup(parsed);
    return copy;
}

char *ts_url_host(const char *url)
{
    char *host = ts_url_part(url, "https", "http", CURLUPART_HOST);
    size_t length = host ? strlen(host) : 0;

    if (length > 1 && host[0] == '[' && host[length - 1] == ']') {
        memmove(host, host + 1, length - 2);
        host[length - 2] = '\0';
    }
    return host;
}

/* 127.0.0.0/8 in numbers: "127.evil.example" is a name. */
static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (ts_text_starts_with(host, "127.") && host[strspn(host, "0123456789.")] == '\0');
}

bool ts_url_is_acceptable(const char *url)
{
    TS_AUTOFREE char *scheme = ts_url_part(url, "https", "http", CURLUPART_SCHEME);
    TS_AUTOFREE char *host = ts_url_host(url);

    if (!scheme || ts_text_is_empty(host))
        return false;
    return strcmp(scheme, "https") == 0 || is_loopback(host);
}
