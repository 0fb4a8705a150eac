/* SPDX-License-Identifier: MIT */
/* Defaults, checks and printing of the configuration. */
#include "app/config.h"

#include "app/app.h"

#include "teamsync/http.h"
#include "teamsync/mailer.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <inttypes.h>
#include <string.h>

enum { KEY_PREFIX_MAX = 64 };

struct ts_config *ts_config_new(void)
{
    static const uint32_t reread_after_s[] = {5, 15, 60};
    struct ts_config *config = ts_alloc(sizeof(*config));

#define SET_TEXT(section, key, value)                config->section.key = ts_strdup(value);
#define SET_NUMBER(section, key, value, least, most) config->section.key = (value);
#define SET_SECTION(section, KEYS)                   KEYS(SET_TEXT, SET_NUMBER)
    TS_CONFIG_SECTIONS(SET_SECTION)
    config->listen[config->listen_count++] = ts_strdup("127.0.0.1:8080");
    memcpy(config->reread_after_s, reread_after_s, sizeof(reread_after_s));
    config->reread_count = TS_COUNT_OF(reread_after_s);
    return config;
}

void ts_config_free(struct ts_config *config)
{
    if (!config)
        return;
#define FREE_TEXT(section, key, value) ts_free_secret(config->section.key);
#define FREE_NUMBER(section, key, value, least, most)
#define FREE_SECTION(section, KEYS) KEYS(FREE_TEXT, FREE_NUMBER)
    TS_CONFIG_SECTIONS(FREE_SECTION)
    for (size_t i = 0; i < config->listen_count; i++)
        free(config->listen[i]);
    for (size_t i = 0; i < config->event_count; i++)
        free(config->events[i]);
    free(config);
}

/* --- checks --- */

static char *check_values(const struct ts_config *config)
{
#define CHECK_TEXT(section, key, value)                                                            \
    if (!ts_text_is_printable(config->section.key))                                                \
        return ts_format("%s.%s must be printable", #section, #key);
#define CHECK_NUMBER(section, key, value, least, most)                                             \
    if (config->section.key > (most) || config->section.key + 1 < (least) + 1)                     \
        return ts_format("%s.%s must be %d to %d", #section, #key, (least), (most));
#define CHECK_SECTION(section, KEYS) KEYS(CHECK_TEXT, CHECK_NUMBER)
    TS_CONFIG_SECTIONS(CHECK_SECTION)
    for (size_t i = 0; i < config->reread_count; i++) {
        if (config->reread_after_s[i] < 1 || config->reread_after_s[i] > 3600)
            return ts_strdup("sync.reread_after_s must be numbers of 1 to 3600");
    }
    return NULL;
}

static char *check_urls(const struct ts_config *config)
{
    const struct {
        const char *key;
        const char *url;
    } urls[] = {
        {"google.api_url", config->google.api_url},
        {"google.token_url", config->google.token_url},
        {"google.auth_url", config->google.auth_url},
        {"server.public_url", config->server.public_url},
    };

    for (size_t i = 0; i < TS_COUNT_OF(urls); i++) {
        size_t length = strlen(urls[i].url);

        if (!ts_url_is_acceptable(urls[i].url))
            return ts_format("%s must be an https:// URL (http:// only for loopback)", urls[i].key);
        if (length > 0 && urls[i].url[length - 1] == '/')
            return ts_format("%s must not end with a slash", urls[i].key);
    }
    return NULL;
}

/* Each is of no use without the other. */
static char *check_client(const struct ts_config *config)
{
    bool has_id = *config->google.client_id;
    bool has_secret = *config->google.client_secret;

    return has_id == has_secret
               ? NULL
               : ts_strdup("google.client_id and google.client_secret go together");
}

static bool is_address(const char *text)
{
    const char *colon = strrchr(text, ':');
    uint64_t port;

    return ts_text_is_printable(text) && colon && colon > text &&
           ts_text_to_u64(colon + 1, &port) && port <= UINT16_MAX;
}

static char *check_listen(const struct ts_config *config)
{
    for (size_t i = 0; i < config->listen_count; i++) {
        if (!is_address(config->listen[i]))
            return ts_strdup("server.listen must be addresses with a port, as 127.0.0.1:8080");
    }
    return config->listen_count > 0 ? NULL : ts_strdup("server.listen names no address");
}

static char *check_events(const struct ts_config *config)
{
    static const char *const known[] = {"add", "delete", "makeAdmin", "undelete", "update"};

    for (size_t i = 0; i < config->event_count; i++) {
        size_t at = 0;

        while (at < TS_COUNT_OF(known) && strcmp(known[at], config->events[i]) != 0)
            at++;
        if (at == TS_COUNT_OF(known))
            return ts_strdup("google.events may name add, delete, makeAdmin, undelete and update");
    }
    return NULL;
}

/* What else may be wrong with the URL, connecting says: it knows what it can do. */
static char *check_redis(const struct ts_config *config)
{
    const char *url = config->redis.url;
    const char *prefix = config->redis.key_prefix;

    if (!ts_text_starts_with(url, "redis://") && !ts_text_starts_with(url, "redis+sentinel://") &&
        !ts_text_starts_with(url, "unix:///"))
        return ts_strdup("redis.url must begin with redis://, redis+sentinel:// or unix:///");
    if (strlen(prefix) > KEY_PREFIX_MAX)
        return ts_format("redis.key_prefix must be at most %d bytes", KEY_PREFIX_MAX);
    return NULL;
}

static char *check_mail(const struct ts_config *config)
{
    bool is_on = *config->mail.url;

    if (is_on && !ts_mail_url_is_valid(config->mail.url))
        return ts_strdup("mail.url must be smtp://host:587 or smtps://host:465, or empty");
    if ((is_on || *config->mail.from) && !ts_mail_address_is_plain(config->mail.from))
        return ts_strdup("mail.from must be an e-mail address");
    return NULL;
}

char *ts_config_check(const struct ts_config *config)
{
    enum ts_log_level level;
    enum ts_log_format format;
    char *wrong = check_values(config);

    if (!wrong)
        wrong = check_urls(config);
    if (!wrong && !ts_log_words(config, &level, &format))
        wrong = ts_strdup(
            "log.level must be error, warning, info or debug, and log.format logfmt or json");
    if (!wrong)
        wrong = check_listen(config);
    if (!wrong)
        wrong = check_events(config);
    if (!wrong)
        wrong = check_client(config);
    if (!wrong)
        wrong = check_redis(config);
    if (!wrong)
        wrong = check_mail(config);
    return wrong;
}

bool ts_log_words(const struct ts_config *config, enum ts_log_level *ret_level,
                  enum ts_log_format *ret_format)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    static const char *const formats[] = {"logfmt", "json"};
    bool has_level = false;
    bool has_format = false;

    for (size_t i = 0; i < TS_COUNT_OF(levels); i++) {
        if (strcmp(levels[i], config->log.level) == 0) {
            *ret_level = (enum ts_log_level)i;
            has_level = true;
        }
    }
    for (size_t i = 0; i < TS_COUNT_OF(formats); i++) {
        if (strcmp(formats[i], config->log.format) == 0) {
            *ret_format = (enum ts_log_format)i;
            has_format = true;
        }
    }
    return has_level && has_format;
}

/* --- reloading --- */

static void take_over(struct ts_config *config, const struct ts_config *fresh)
{
#define TAKE_TEXT(section, key, value)                                                             \
    free(config->section.key);                                                                     \
    config->section.key = ts_strdup(fresh->section.key);
#define TAKE_NUMBER(section, key, value, least, most) config->section.key = fresh->section.key;
    TS_CONFIG_LOG(TAKE_TEXT, TAKE_NUMBER)
    TS_CONFIG_SYNC(TAKE_TEXT, TAKE_NUMBER)
    memcpy(config->reread_after_s, fresh->reread_after_s, sizeof(config->reread_after_s));
    config->reread_count = fresh->reread_count;
    config->google.channel_ttl_s = fresh->google.channel_ttl_s;
    config->google.requests_per_minute = fresh->google.requests_per_minute;
    config->queue.concurrency = fresh->queue.concurrency;
    config->queue.max_waiting = fresh->queue.max_waiting;
    config->queue.give_up_after_s = fresh->queue.give_up_after_s;
}

static void name_key(struct ts_buf *out, const char *key)
{
    (void)ts_buf_addf(out, "%s%s", out->len ? ", " : "", key);
}

static bool are_alike(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++) {
        if (strcmp(a[i], b[i]) != 0)
            return false;
    }
    return true;
}

void ts_config_reload(struct ts_config *config, const struct ts_config *fresh, struct ts_buf *fixed)
{
    take_over(config, fresh);
    if (!are_alike(config->listen, config->listen_count, fresh->listen, fresh->listen_count))
        name_key(fixed, "server.listen");
    if (!are_alike(config->events, config->event_count, fresh->events, fresh->event_count))
        name_key(fixed, "google.events");
#define NAME_TEXT(section, key, value)                                                             \
    if (strcmp(config->section.key, fresh->section.key) != 0)                                      \
        name_key(fixed, #section "." #key);
#define NAME_NUMBER(section, key, value, least, most)                                              \
    if (config->section.key != fresh->section.key)                                                 \
        name_key(fixed, #section "." #key);
#define NAME_SECTION(section, KEYS) KEYS(NAME_TEXT, NAME_NUMBER)
    TS_CONFIG_SECTIONS(NAME_SECTION)
}

/* --- printing --- */

/* "redis://user:secret@host" → "redis://user:***@host" */
static char *masked(const char *url)
{
    const char *at = strrchr(url, '@');
    const char *scheme_end = strstr(url, "://");
    const char *colon = scheme_end ? strchr(scheme_end + 3, ':') : NULL;

    if (!at || !colon || colon > at)
        return ts_strdup(url);
    return ts_format("%.*s:***%s", (int)(colon - url), url, at);
}

static void add_quoted(struct ts_buf *out, const char *text)
{
    (void)ts_buf_add_text(out, "\"");
    for (const char *c = text; *c; c++)
        (void)ts_buf_addf(out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    (void)ts_buf_add_text(out, "\"");
}

static char *shown_text(const char *key, const char *text)
{
    if (strcmp(key, "url") == 0)
        return masked(text);
    return ts_strdup(strcmp(key, "client_secret") == 0 && *text ? "***" : text);
}

static void print_text(struct ts_buf *out, const char *key, const char *text)
{
    TS_AUTOFREE char *shown = shown_text(key, text);

    (void)ts_buf_addf(out, "  %s: ", key);
    add_quoted(out, shown);
    (void)ts_buf_add_text(out, "\n");
}

static void print_texts(struct ts_buf *out, const char *key, char *const *texts, size_t count)
{
    (void)ts_buf_addf(out, "  %s: [", key);
    for (size_t i = 0; i < count; i++) {
        (void)ts_buf_add_text(out, i ? ", " : "");
        add_quoted(out, texts[i]);
    }
    (void)ts_buf_add_text(out, "]\n");
}

static void print_lists(const struct ts_config *config, const char *section, struct ts_buf *out)
{
    if (strcmp(section, "server") == 0) {
        print_texts(out, "listen", config->listen, config->listen_count);
    } else if (strcmp(section, "google") == 0) {
        print_texts(out, "events", config->events, config->event_count);
    } else if (strcmp(section, "sync") == 0) {
        (void)ts_buf_add_text(out, "  reread_after_s: [");
        for (size_t i = 0; i < config->reread_count; i++)
            (void)ts_buf_addf(out, "%s%" PRIu32, i ? ", " : "", config->reread_after_s[i]);
        (void)ts_buf_add_text(out, "]\n");
    }
}

void ts_config_print(const struct ts_config *config, struct ts_buf *out)
{
#define PRINT_TEXT(section, key, value) print_text(out, #key, config->section.key);
#define PRINT_NUMBER(section, key, value, least, most)                                             \
    (void)ts_buf_addf(out, "  %s: %" PRIu32 "\n", #key, config->section.key);
#define PRINT_SECTION(section, KEYS)                                                               \
    (void)ts_buf_addf(out, "%s:\n", #section);                                                     \
    print_lists(config, #section, out);                                                            \
    KEYS(PRINT_TEXT, PRINT_NUMBER)
    TS_CONFIG_SECTIONS(PRINT_SECTION)
}
