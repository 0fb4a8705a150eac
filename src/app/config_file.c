/* SPDX-License-Identifier: MIT */
/* Reading the YAML file with libcyaml: unknown keys and wrong types are errors with line and
 * column. Every key is optional: what is not there is NULL here, and keeps its default. */
#include "app/config.h"

#include "teamsync/mem.h"

#include <cyaml/cyaml.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 2000, FILE_MAX_BYTES = 1 << 20 };

/* What libcyaml fills: a pointer for every key. */
struct file_server {
#define FILE_TEXT(section, key, value)                char *key;
#define FILE_NUMBER(section, key, value, least, most) uint32_t *key;
    TS_CONFIG_SERVER(FILE_TEXT, FILE_NUMBER)
    char **listen;
    unsigned listen_count;
};
struct file_sync {
    TS_CONFIG_SYNC(FILE_TEXT, FILE_NUMBER)
    uint32_t *reread_after_s;
    unsigned reread_after_s_count;
};
struct file_google {
    TS_CONFIG_GOOGLE(FILE_TEXT, FILE_NUMBER)
    char **events;
    unsigned events_count;
};
#define FILE_SECTION(section, KEYS)                                                                \
    struct file_##section {                                                                        \
        KEYS(FILE_TEXT, FILE_NUMBER)                                                               \
    };
FILE_SECTION(redis, TS_CONFIG_REDIS)
FILE_SECTION(queue, TS_CONFIG_QUEUE)
FILE_SECTION(mail, TS_CONFIG_MAIL)
FILE_SECTION(secrets, TS_CONFIG_SECRETS)
FILE_SECTION(log, TS_CONFIG_LOG)

struct file {
#define FILE_POINTER(section, KEYS) struct file_##section *section;
    TS_CONFIG_SECTIONS(FILE_POINTER)
};

/* --- the schema --- */

static const cyaml_schema_value_t text_item = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, TEXT_MAX)};
static const cyaml_schema_value_t number_item = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint32_t)};

#define OPTIONAL_POINTER (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define FIELD_TEXT(section, key, value)                                                            \
    CYAML_FIELD_STRING_PTR(#key, OPTIONAL_POINTER, struct file_##section, key, 0, TEXT_MAX),
#define FIELD_NUMBER(section, key, value, least, most)                                             \
    CYAML_FIELD_UINT_PTR(#key, OPTIONAL_POINTER, struct file_##section, key),

static const cyaml_schema_field_t server_fields[] = {
    TS_CONFIG_SERVER(FIELD_TEXT, FIELD_NUMBER) CYAML_FIELD_SEQUENCE(
        "listen", OPTIONAL_POINTER, struct file_server, listen, &text_item, 1, TS_LISTEN_MAX),
    CYAML_FIELD_END};
static const cyaml_schema_field_t sync_fields[] = {
    TS_CONFIG_SYNC(FIELD_TEXT, FIELD_NUMBER)
        CYAML_FIELD_SEQUENCE("reread_after_s", OPTIONAL_POINTER, struct file_sync, reread_after_s,
                             &number_item, 0, TS_REREAD_MAX),
    CYAML_FIELD_END};
static const cyaml_schema_field_t google_fields[] = {
    TS_CONFIG_GOOGLE(FIELD_TEXT, FIELD_NUMBER) CYAML_FIELD_SEQUENCE(
        "events", OPTIONAL_POINTER, struct file_google, events, &text_item, 0, TS_EVENTS_MAX),
    CYAML_FIELD_END};
#define FIELDS(section, KEYS)                                                                      \
    static const cyaml_schema_field_t section##_fields[] = {KEYS(FIELD_TEXT, FIELD_NUMBER)         \
                                                                CYAML_FIELD_END};
FIELDS(redis, TS_CONFIG_REDIS)
FIELDS(queue, TS_CONFIG_QUEUE)
FIELDS(mail, TS_CONFIG_MAIL)
FIELDS(secrets, TS_CONFIG_SECRETS)
FIELDS(log, TS_CONFIG_LOG)

#define SECTION_FIELD(section, KEYS)                                                               \
    CYAML_FIELD_MAPPING_PTR(#section, OPTIONAL_POINTER, struct file, section, section##_fields),
static const cyaml_schema_field_t file_fields[] = {TS_CONFIG_SECTIONS(SECTION_FIELD)
                                                       CYAML_FIELD_END};
static const cyaml_schema_value_t file_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file, file_fields)};

/* --- from the file to the configuration --- */

static void replace(char **text, const char *with)
{
    free(*text);
    *text = ts_strdup(with);
}

static void take_lists(struct ts_config *config, const struct file *file)
{
    if (file->server && file->server->listen) {
        for (size_t i = 0; i < config->listen_count; i++)
            free(config->listen[i]);
        config->listen_count = file->server->listen_count;
        for (size_t i = 0; i < config->listen_count; i++)
            config->listen[i] = ts_strdup(file->server->listen[i]);
    }
    if (file->google && file->google->events) {
        config->event_count = file->google->events_count;
        for (size_t i = 0; i < config->event_count; i++)
            config->events[i] = ts_strdup(file->google->events[i]);
    }
    if (file->sync && file->sync->reread_after_s) {
        config->reread_count = file->sync->reread_after_s_count;
        memcpy(config->reread_after_s, file->sync->reread_after_s,
               config->reread_count * sizeof(uint32_t));
    }
}

static struct ts_config *config_of(const struct file *file)
{
    struct ts_config *config = ts_config_new();

#define TAKE_TEXT(section, key, value)                                                             \
    if (file->section && file->section->key)                                                       \
        replace(&config->section.key, file->section->key);
#define TAKE_NUMBER(section, key, value, least, most)                                              \
    if (file->section && file->section->key)                                                       \
        config->section.key = *file->section->key;
#define TAKE_SECTION(section, KEYS) KEYS(TAKE_TEXT, TAKE_NUMBER)
    TS_CONFIG_SECTIONS(TAKE_SECTION)
    take_lists(config, file);
    return config;
}

/* --- reading --- */

/* libcyaml tells the error in one line and the way to it in further ones: "Load: …", "Load:
 * Backtrace:", "  in mapping field 'x' (line: 2, column: 3)". */
__attribute__((format(printf, 3, 0))) static void on_message(cyaml_log_t level, void *arg,
                                                             const char *format, va_list args)
{
    static const char origin[] = "Load: ";
    struct ts_buf *error = arg;
    TS_AUTOFREE char *line = NULL;
    const char *text;

    if (level < CYAML_LOG_ERROR || vasprintf(&line, format, args) < 0)
        return;
    line[strcspn(line, "\n")] = '\0';
    text = strncmp(line, origin, strlen(origin)) == 0 ? line + strlen(origin) : line;
    text += strspn(text, " ");
    if (strcmp(text, "Backtrace:") != 0)
        (void)ts_buf_addf(error, "%s%s", error->len ? "; " : "", text);
}

static cyaml_err_t parse(const char *yaml, size_t length, const cyaml_config_t *reader,
                         const cyaml_schema_value_t *schema, void **ret)
{
    return cyaml_load_data((const uint8_t *)yaml, length, reader, schema, ret, NULL);
}

/* libcyaml fills in the same for an empty list as for none: a second look, at that list only, with
 * a schema that refuses the empty one. */
static bool names_empty_list(const char *yaml, size_t length)
{
    static const cyaml_schema_field_t list_fields[] = {
        CYAML_FIELD_SEQUENCE("reread_after_s", OPTIONAL_POINTER, struct file_sync, reread_after_s,
                             &number_item, 1, TS_REREAD_MAX),
        CYAML_FIELD_END};
    static const cyaml_schema_field_t fields[] = {
        CYAML_FIELD_MAPPING_PTR("sync", OPTIONAL_POINTER, struct file, sync, list_fields),
        CYAML_FIELD_END};
    static const cyaml_schema_value_t schema = {
        CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file, fields)};
    const cyaml_config_t reader = {.mem_fn = cyaml_mem,
                                   .flags = CYAML_CFG_DEFAULT | CYAML_CFG_IGNORE_UNKNOWN_KEYS};
    struct file *file = NULL;
    cyaml_err_t result = parse(yaml, length, &reader, &schema, (cyaml_data_t **)&file);

    (void)cyaml_free(&reader, &schema, file, 0);
    return result == CYAML_ERR_SEQUENCE_ENTRIES_MIN;
}

struct ts_config *ts_config_parse(const char *yaml, size_t length, struct ts_buf *error)
{
    const cyaml_config_t reader = {
        .log_fn = on_message,
        .log_ctx = error,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_WARNING,
        .flags = CYAML_CFG_DEFAULT,
    };
    struct file *file = NULL;
    struct ts_config *config = NULL;
    cyaml_err_t result = parse(yaml, length, &reader, &file_schema, (cyaml_data_t **)&file);

    if (result != CYAML_OK && error->len == 0)
        (void)ts_buf_add_text(error, cyaml_strerror(result));
    else if (result == CYAML_OK)
        config = file ? config_of(file) : ts_config_new(); /* nothing but comments */
    if (config && names_empty_list(yaml, length))
        config->reread_count = 0;
    (void)cyaml_free(&reader, &file_schema, file, 0);
    return config;
}

static bool read_file(const char *name, struct ts_buf *content, struct ts_buf *error)
{
    FILE *file = fopen(name, "re");
    char chunk[4096];
    size_t count;
    bool is_read;

    if (!file) {
        (void)ts_buf_add_text(error, strerror(errno));
        return false;
    }
    while ((count = fread(chunk, 1, sizeof(chunk), file)) > 0)
        (void)ts_buf_add(content, chunk, count);
    is_read = !ferror(file) && !content->overflown;
    (void)fclose(file);
    if (!is_read)
        (void)ts_buf_add_text(error, content->overflown ? "larger than 1 MiB" : "cannot be read");
    return is_read;
}

struct ts_config *ts_config_load(const char *name, struct ts_buf *error)
{
    struct ts_buf content;
    struct ts_config *config = NULL;

    ts_buf_init(&content, FILE_MAX_BYTES);
    if (read_file(name, &content, error))
        config = ts_config_parse(content.data, content.len, error);
    ts_buf_done(&content);
    return config;
}
