/* SPDX-License-Identifier: MIT */
/* The parts of a URL, by libcurl's parser. */
#ifndef IO_URL_H
#define IO_URL_H

#include <curl/curl.h>

/* One part in lower case, newly allocated; NULL when the text is no URL, or has a scheme other than
 * these two. An IPv6 address is in brackets. */
char *ts_url_part(const char *url, const char *scheme, const char *other_scheme, CURLUPart part);

#endif
