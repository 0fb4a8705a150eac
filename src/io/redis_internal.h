/* SPDX-License-Identifier: MIT */
/* Shared by the redis files: where the server is. */
#ifndef IO_REDIS_INTERNAL_H
#define IO_REDIS_INTERNAL_H

#include <stdint.h>

struct ts_redis_place {
    char *host; /* NULL: a Unix socket */
    uint16_t port;
    char *path; /* of the Unix socket */
    char *user; /* NULL: none */
    char *password;
    unsigned database;
};

/* NULL and `*ret_place` filled, or what is wrong with the URL (a constant). */
const char *ts_redis_place_parse(const char *url, struct ts_redis_place *ret_place);
void ts_redis_place_done(struct ts_redis_place *place);

#endif
