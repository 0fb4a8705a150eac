/* SPDX-License-Identifier: MIT */
/* Whose page has a browser ask us? It shows a cookie to us whoever that is, so that a page of
 * somebody else's could act for the person who is signed in (CSRF). Pure. */
#ifndef API_ORIGIN_H
#define API_ORIGIN_H

#include <stdbool.h>

struct ts_origin {
    const char *method;
    const char *site;   /* Sec-Fetch-Site; NULL: the browser does not say */
    const char *origin; /* Origin; likewise */
    const char *host;   /* Host; likewise */
    const char *public_url;
};

/* Whether a cookie may stand for the person: the request only looks, or our own page makes it. */
bool ts_origin_is_trusted(const struct ts_origin *from);

#endif
