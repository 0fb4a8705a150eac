/* SPDX-License-Identifier: MIT */
/* Reading the YAML file with libcyaml: unknown keys and wrong types are errors with line and
 * column. Every key is optional: what is not there is NULL here, and keeps its default. */
#include "app/config.h"

#include "teamsync/mem.h"

#include <cyaml/cyaml.h>

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 2000 };

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
#define FILE_SECTION(section, KEYS)                                                                \
    struct file_##section {                                                                        \
        KEYS(FILE_TEXT, FILE_NUMBER)                                                               \
    };
FILE_SECTION(redis, TS_CONFIG_REDIS)
FILE_SECTION(google, TS_CONFIG_GOOGLE)
FILE_SECTION(queue, TS_CONFIG_QUEUE)
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
#define FIELDS(section, KEYS)                                                                      \
    static const cyaml_schema_field_t section##_fields[] = {KEYS(FIELD_TEXT, FIELD_NUMBER)         \
                                                                CYAML_FIELD_END};
FIELDS(redis, TS_CONFIG_REDIS)
FIELDS(google, TS_CONFIG_GOOGLE)
FIELDS(queue, TS_CONFIG_QUEUE)
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

/* libcyaml tells the error in one line and the way to it in further ones; all are kept. */
static void on_message(cyaml_log_t level, void *arg, const char *format, va_list args)
{
    struct ts_buf *error = arg;
    char *line = NULL;

    if (level < CYAML_LOG_ERROR || vasprintf(&line, format, args) < 0)
        return;
    line[strcspn(line, "\n")] = '\0';
    (void)ts_buf_addf(error, "%s%s", error->len ? "; " : "", line);
    free(line);
}

struct ts_config *ts_config_load(const char *name, struct ts_buf *error)
{
    const cyaml_config_t reader = {
        .log_fn = on_message,
        .log_ctx = error,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_WARNING,
        .flags = CYAML_CFG_DEFAULT,
    };
    struct file *file = NULL;
    cyaml_err_t result = cyaml_load_file(name, &reader, &file_schema, (cyaml_data_t **)&file, NULL);
    struct ts_config *config = NULL;

    if (result == CYAML_OK)
        config = config_of(file);
    else if (error->len == 0)
        (void)ts_buf_add_text(error, cyaml_strerror(result));
    (void)cyaml_free(&reader, &file_schema, file, 0);
    return config;
}
