/* SPDX-License-Identifier: MIT */
/* Defaults, checks and printing of the configuration. */
#include "app/config.h"

#include "app/app.h"

#include "teamsync/http.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <inttypes.h>
#include <string.h>

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
    free(config);
}

/* --- checks --- */

static char *check_numbers(const struct ts_config *config)
{
#define CHECK_TEXT(section, key, value)
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

char *ts_config_check(const struct ts_config *config)
{
    enum ts_log_level level;
    enum ts_log_format format;
    char *wrong = check_numbers(config);

    if (!wrong)
        wrong = check_urls(config);
    if (!wrong && !ts_log_words(config, &level, &format))
        wrong = ts_strdup(
            "log.level must be error, warning, info or debug, and log.format logfmt or json");
    if (!wrong && config->listen_count == 0)
        wrong = ts_strdup("server.listen names no address");
    if (!wrong && strlen(config->redis.key_prefix) > 64)
        wrong = ts_strdup("redis.key_prefix is longer than 64 bytes");
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

static void print_text(struct ts_buf *out, const char *key, const char *text)
{
    TS_AUTOFREE char *shown = strcmp(key, "url") == 0 ? masked(text) : ts_strdup(text);

    (void)ts_buf_addf(out, "  %s: ", key);
    add_quoted(out, shown);
    (void)ts_buf_add_text(out, "\n");
}

static void print_lists(const struct ts_config *config, const char *section, struct ts_buf *out)
{
    if (strcmp(section, "server") == 0) {
        (void)ts_buf_add_text(out, "  listen: [");
        for (size_t i = 0; i < config->listen_count; i++) {
            (void)ts_buf_add_text(out, i ? ", " : "");
            add_quoted(out, config->listen[i]);
        }
        (void)ts_buf_add_text(out, "]\n");
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
