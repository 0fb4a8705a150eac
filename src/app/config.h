/* SPDX-License-Identifier: MIT */
/* The configuration: every key, its default and its bounds in one table. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "teamsync/buf.h"

#include <stddef.h>
#include <stdint.h>

/* TEXT(section, key, default)   NUMBER(section, key, default, least, most) */
#define TS_CONFIG_SERVER(TEXT, NUMBER)                                                             \
    TEXT(server, public_url, "http://127.0.0.1:8080")                                              \
    TEXT(server, admin_socket, "/run/teamsync/admin.sock")
#define TS_CONFIG_REDIS(TEXT, NUMBER)                                                              \
    TEXT(redis, url, "redis://127.0.0.1:6379/0")                                                   \
    TEXT(redis, key_prefix, "teamsync:")
#define TS_CONFIG_GOOGLE(TEXT, NUMBER)                                                             \
    TEXT(google, api_url, "https://admin.googleapis.com")                                          \
    TEXT(google, token_url, "https://oauth2.googleapis.com/token")                                 \
    TEXT(google, auth_url, "https://accounts.google.com/o/oauth2/v2/auth")                         \
    TEXT(google, client_id, "")                                                                    \
    TEXT(google, client_secret, "")                                                                \
    NUMBER(google, requests_per_minute, 1200, 1, 10000000)                                         \
    NUMBER(google, channel_ttl_s, 21600, 60, 172800)
#define TS_CONFIG_SYNC(TEXT, NUMBER)                                                               \
    NUMBER(sync, resync_interval_s, 14400, 60, 604800)                                             \
    NUMBER(sync, guard_min, 5, 0, 1000000)                                                         \
    NUMBER(sync, guard_percent, 5, 0, 100)                                                         \
    NUMBER(sync, field_loss_percent, 10, 0, 100)
#define TS_CONFIG_QUEUE(TEXT, NUMBER)                                                              \
    NUMBER(queue, concurrency, 32, 1, 1024)                                                        \
    NUMBER(queue, max_waiting, 1000000, 1, 1000000000)                                             \
    NUMBER(queue, claim_after_s, 60, 1, 86400)                                                     \
    NUMBER(queue, give_up_after_s, 259200, 1, 31536000)
#define TS_CONFIG_MAIL(TEXT, NUMBER)                                                               \
    TEXT(mail, url, "")                                                                            \
    TEXT(mail, from, "")
#define TS_CONFIG_SECRETS(TEXT, NUMBER) TEXT(secrets, key_file, "/etc/teamsync/secret.key")
#define TS_CONFIG_LOG(TEXT, NUMBER)                                                                \
    TEXT(log, level, "info")                                                                       \
    TEXT(log, format, "logfmt")

#define TS_CONFIG_SECTIONS(SECTION)                                                                \
    SECTION(server, TS_CONFIG_SERVER)                                                              \
    SECTION(redis, TS_CONFIG_REDIS)                                                                \
    SECTION(google, TS_CONFIG_GOOGLE)                                                              \
    SECTION(sync, TS_CONFIG_SYNC)                                                                  \
    SECTION(queue, TS_CONFIG_QUEUE)                                                                \
    SECTION(mail, TS_CONFIG_MAIL)                                                                  \
    SECTION(secrets, TS_CONFIG_SECRETS)                                                            \
    SECTION(log, TS_CONFIG_LOG)

enum { TS_LISTEN_MAX = 8, TS_REREAD_MAX = 8, TS_EVENTS_MAX = 5 };

struct ts_config {
#define TS_TEXT_MEMBER(section, key, value)                char *key;
#define TS_NUMBER_MEMBER(section, key, value, least, most) uint32_t key;
#define TS_SECTION_MEMBER(section, KEYS)                                                           \
    struct {                                                                                       \
        KEYS(TS_TEXT_MEMBER, TS_NUMBER_MEMBER)                                                     \
    } section;
    TS_CONFIG_SECTIONS(TS_SECTION_MEMBER)
    char *listen[TS_LISTEN_MAX]; /* server.listen */
    size_t listen_count;
    uint32_t reread_after_s[TS_REREAD_MAX]; /* sync.reread_after_s */
    size_t reread_count;
    char *events[TS_EVENTS_MAX]; /* google.events; none: one channel for all of them */
    size_t event_count;
};

/* The defaults. */
struct ts_config *ts_config_new(void);
void ts_config_free(struct ts_config *config); /* NULL is fine */

/* Reads YAML, or a file of it, over the defaults. NULL, and one line with line and column in
 * `error`. */
struct ts_config *ts_config_parse(const char *yaml, size_t length, struct ts_buf *error);
struct ts_config *ts_config_load(const char *name, struct ts_buf *error);

/* NULL, or what is wrong, newly allocated: ranges, URLs, words. */
char *ts_config_check(const struct ts_config *config);

/* Takes over from `fresh` what can change while running (log, sync, google.channel_ttl_s and
 * requests_per_minute, queue.concurrency, max_waiting and give_up_after_s), and names in `fixed`
 * the other keys that differ: "redis.url, …". */
void ts_config_reload(struct ts_config *config, const struct ts_config *fresh,
                      struct ts_buf *fixed);

/* As YAML, with google.client_secret and the passwords of redis.url and mail.url masked. */
void ts_config_print(const struct ts_config *config, struct ts_buf *out);

#endif
