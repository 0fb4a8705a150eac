/* SPDX-License-Identifier: MIT */
/* Shared by the redis files: where the servers are, the link to one of them, and the question to
 * sentinels which one that is. */
#ifndef IO_REDIS_INTERNAL_H
#define IO_REDIS_INTERNAL_H

#include "teamsync/redis.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- redis_url.c: what a URL says --- */

enum { TS_REDIS_HOSTS_MAX = 16 };

struct ts_redis_host {
    char *name;
    uint16_t port;
};

struct ts_redis_place {
    struct ts_redis_host hosts[TS_REDIS_HOSTS_MAX];
    size_t host_count; /* 0: a Unix socket */
    char *path;        /* of the Unix socket */
    char *master; /* the hosts are sentinels that know it by this name; NULL: they are servers */
    char *user;   /* NULL: none */
    char *password;
    unsigned database;
};

/* NULL and `*ret_place` filled, or what is wrong with the URL (a constant). */
const char *ts_redis_place_parse(const char *url, struct ts_redis_place *ret_place);
void ts_redis_place_done(struct ts_redis_place *place);

/* --- redis_link.c: a link to the server of a place, which comes up again by itself --- */

struct ts_redis_link;

/* `reply` may free the link, `up` and `down` may not. */
struct ts_redis_link_events {
    void (*up)(void *arg);
    void (*down)(void *arg); /* no reply will come to what was sent */
    void (*reply)(const struct ts_reply *reply, void *what);
};

/* Takes over the place. Connects on the next turn. */
struct ts_redis_link *ts_redis_link_new(struct ts_loop *loop, const struct ts_redis_place *place,
                                        uint32_t connect_timeout_ms,
                                        const struct ts_redis_link_events *events, void *arg);
void ts_redis_link_free(struct ts_redis_link *link); /* without a `down`; NULL is fine */

bool ts_redis_link_is_up(const struct ts_redis_link *link);
/* It is up, or nothing speaks against its coming up at once: the very first attempt is under way,
 * or it follows a MOVED. */
bool ts_redis_link_is_promising(const struct ts_redis_link *link);
/* Why it went down last, or did not come up; "" for nothing. */
const char *ts_redis_link_trouble(const struct ts_redis_link *link);

/* Only while it is up. `what` is handed to `reply`. */
void ts_redis_link_send(struct ts_redis_link *link, const char *bytes, size_t length, void *what);

/* Goes down at once. */
void ts_redis_link_drop(struct ts_redis_link *link, const char *reason);
/* The two ways to leave a server: it is up no longer, but replies are still read until
 * ts_redis_link_part(). leave() finds out anew where to go; follow() goes where an error of the
 * kind "MOVED 866 10.0.0.2:6379" says, false when that makes no sense. */
void ts_redis_link_leave(struct ts_redis_link *link, const char *reason);
bool ts_redis_link_follow(struct ts_redis_link *link, const char *moved);
void ts_redis_link_part(struct ts_redis_link *link); /* nothing, unless it is leaving */
/* Whether leaving a server may lead to another one. */
bool ts_redis_link_has_choice(const struct ts_redis_link *link);

/* --- redis_sentinel.c --- */

/* Asks the place's sentinels in turn, from `*turn` on, and leaves `*turn` at the one that knew.
 * The host is borrowed; NULL unless err->cls is TS_OK. `place` and `turn` outlive the operation. */
typedef void ts_redis_master_cb(const struct ts_error *err, const struct ts_redis_host *host,
                                void *arg);
struct ts_op *ts_redis_ask_sentinels(struct ts_loop *loop, const struct ts_redis_place *place,
                                     size_t *turn, ts_redis_master_cb *cb, void *arg);

/* --- redis.c, redis_reply.c --- */

/* ts_redis_new() for a place, which it takes over, instead of a URL. */
struct ts_redis *ts_redis_open(struct ts_loop *loop, const struct ts_redis_place *place,
                               const struct ts_redis_options *options);
const char *ts_reply_error(const struct ts_reply *reply); /* NULL: it is none */

#endif
