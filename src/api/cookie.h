/* SPDX-License-Identifier: MIT */
/* Cookies: what a browser keeps for us, and shows again. */
#ifndef API_COOKIE_H
#define API_COOKIE_H

#include "api/exchange.h"

struct ts_cookie {
    const char *name;
    const char *path;      /* shown to this one, and what is below it */
    const char *same_site; /* "Strict": never by what others' pages ask of us; or "Lax" */
};

/* The one with a session's secret. */
const struct ts_cookie *ts_cookie_of_session(const struct ts_exchange *x);

/* Goes with the answer. After so many seconds the browser forgets it; 0: at once. */
void ts_cookie_set(struct ts_exchange *x, const struct ts_cookie *cookie, const char *value,
                   uint64_t life_s);
/* What the browser shows, newly allocated; NULL: it does not. A secret. */
char *ts_cookie_read(const struct ts_exchange *x, const char *name);
/* The same of a header like "a=1; b=2"; NULL is none. Pure. */
char *ts_cookie_find(const char *header, const char *name);

#endif
