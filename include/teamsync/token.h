/* SPDX-License-Identifier: MIT */
/* An API token, or the session of a browser, and what it permits. */
#ifndef TEAMSYNC_TOKEN_H
#define TEAMSYNC_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

enum ts_permission {
    TS_MEMBERS_READ = 1,
    TS_MEMBERS_MANAGE = 2,
    TS_INTEGRATIONS_MANAGE = 4,
    TS_OPERATE = 8,
    TS_ALL_PERMISSIONS = 15,
};

struct ts_token {
    const char *id;  /* NULL: nobody made it through the API */
    bool is_session; /* shown as a cookie, never as a token */
    const char *org; /* "*": every org */
    const char *name;
    unsigned permissions; /* bits of enum ts_permission */
    const char *created_by;
    uint64_t created_us;
    uint64_t expires_us;   /* 0: never */
    uint64_t last_used_us; /* 0: never; told at most once a minute */
};

/* The bit of a word like "members:read"; 0: there is no such word. */
unsigned ts_permission_parse(const char *word);
/* The word of one bit; NULL for any other number. */
const char *ts_permission_name(unsigned permission);

/* All of them in one text, "members:read members:manage". An unknown word permits nothing. */
unsigned ts_permissions_parse(const char *text); /* NULL is none */
char *ts_permissions_text(unsigned permissions); /* newly allocated */

#endif
