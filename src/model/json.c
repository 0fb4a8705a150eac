/* SPDX-License-Identifier: MIT */
/* Strict JSON, read and written with json-c. */
#include "teamsync/json.h"

#include "teamsync/text.h"
#include "teamsync/time.h"

#include <json-c/json_object_iterator.h>
#include <json-c/json_tokener.h>
#include <json-c/printbuf.h>

#include <math.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

/* json-c keeps the length of a text, the rest of the house does not: NUL is refused, as a byte and
 * as an escape (but not the text that spells it: its backslash is escaped itself). */
static bool mentions_nul(const char *text, size_t length)
{
    static const char nul[] = "u0000";
    bool is_escaped = false;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0' ||
            (is_escaped && length - i >= strlen(nul) && memcmp(text + i, nul, strlen(nul)) == 0))
            return true;
        is_escaped = !is_escaped && text[i] == '\\';
    }
    return false;
}

/* json-c takes NaN and Infinity for numbers, and 1e999 for the latter; JSON has neither (RFC 8259
 * §6). */
static bool has_unreal_number(struct json_object *json)
{
    struct json_object_iterator at;
    struct json_object_iterator end;

    if (json_object_is_type(json, json_type_double))
        return !isfinite(json_object_get_double(json));
    if (json_object_is_type(json, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(json); i++) {
            if (has_unreal_number(json_object_array_get_idx(json, i)))
                return true;
        }
    }
    if (!json_object_is_type(json, json_type_object))
        return false;
    at = json_object_iter_begin(json);
    end = json_object_iter_end(json);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        if (has_unreal_number(json_object_iter_peek_value(&at)))
            return true;
    }
    return false;
}

/* The document, or NULL and the reason. A bare number ends only where the text does, so the tokener
 * may have to be told that there is nothing more. */
static struct json_object *tokenize(const char *text, size_t length, const char **ret_reason)
{
    struct json_tokener *tokener = ts_must(json_tokener_new_ex(DEPTH_MAX));
    struct json_object *json;
    size_t end;

    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    json = json_tokener_parse_ex(tokener, text, (int)length);
    end = json_tokener_get_parse_end(tokener);
    if (json_tokener_get_error(tokener) == json_tokener_continue)
        json = json_tokener_parse_ex(tokener, "", 1);
    if (json_tokener_get_error(tokener) != json_tokener_success)
        *ret_reason = json_tokener_error_desc(json_tokener_get_error(tokener));
    else if (end < length)
        *ret_reason = "something follows the document";
    explicit_bzero(tokener->pb->buf, (size_t)tokener->pb->size); /* the last text that was read */
    json_tokener_free(tokener);
    return json;
}

struct json_object *ts_json_parse(const char *text, size_t length, const char **ret_reason)
{
    struct json_object *json = NULL;
    const char *reason = NULL;

    if (length > INT32_MAX)
        reason = "too long";
    else if (!ts_text_is_utf8(text, length))
        reason = "not UTF-8";
    else if (mentions_nul(text, length))
        reason = "a text contains NUL";
    else
        json = tokenize(text, length, &reason);
    if (!reason && has_unreal_number(json))
        reason = "a number is not finite";
    if (reason) {
        json_object_put(json);
        json = NULL;
    }
    if (ret_reason)
        *ret_reason = reason;
    return json;
}

static void wipe(struct json_object *json)
{
    struct json_object_iterator at;
    struct json_object_iterator end;

    if (json_object_is_type(json, json_type_string))
        explicit_bzero((void *)(uintptr_t)json_object_get_string(json),
                       (size_t)json_object_get_string_len(json));
    if (json_object_is_type(json, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(json); i++)
            wipe(json_object_array_get_idx(json, i));
    }
    if (!json_object_is_type(json, json_type_object))
        return;
    at = json_object_iter_begin(json);
    end = json_object_iter_end(json);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
        wipe(json_object_iter_peek_value(&at));
}

void ts_json_free_secret(struct json_object *json)
{
    wipe(json);
    json_object_put(json);
}

char *ts_json_print(struct json_object *json)
{
    const char *text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
                                                                JSON_C_TO_STRING_NOSLASHESCAPE);

    return ts_must(ts_strdup(text));
}

static struct json_object *member_of(struct json_object *object, const char *key, json_type type)
{
    struct json_object *value = NULL;

    if (!json_object_is_type(object, json_type_object) ||
        !json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
        return NULL;
    return value;
}

const char *ts_json_text(struct json_object *object, const char *key)
{
    struct json_object *value = member_of(object, key, json_type_string);

    return value ? json_object_get_string(value) : NULL;
}

struct json_object *ts_json_object(struct json_object *object, const char *key)
{
    return member_of(object, key, json_type_object);
}

struct json_object *ts_json_array(struct json_object *object, const char *key)
{
    return member_of(object, key, json_type_array);
}

bool ts_json_bool(struct json_object *object, const char *key, bool fallback)
{
    struct json_object *value = member_of(object, key, json_type_boolean);

    return value ? json_object_get_boolean(value) : fallback;
}

bool ts_json_u64(struct json_object *object, const char *key, uint64_t *ret_number)
{
    struct json_object *value = member_of(object, key, json_type_int);

    if (!value)
        return ts_text_to_u64(ts_json_text(object, key), ret_number);
    if (json_object_get_int64(value) < 0)
        return false;
    *ret_number = json_object_get_uint64(value);
    return true;
}

void ts_json_add(struct json_object *object, const char *key, struct json_object *child)
{
    if (json_object_object_add(object, key, child) < 0)
        (void)ts_must(NULL);
}

void ts_json_append(struct json_object *array, struct json_object *item)
{
    if (json_object_array_add(array, item) < 0)
        (void)ts_must(NULL);
}

void ts_json_append_text(struct json_object *array, const char *text)
{
    ts_json_append(array, ts_must(json_object_new_string(text)));
}

struct json_object *ts_json_new_object(void)
{
    return ts_must(json_object_new_object());
}

struct json_object *ts_json_new_array(void)
{
    return ts_must(json_object_new_array());
}

void ts_json_add_text(struct json_object *object, const char *key, const char *text)
{
    bool is_valid = !text || ts_text_is_utf8(text, strlen(text));
    TS_AUTOFREE char *repaired = is_valid ? NULL : ts_text_to_utf8(text);
    const char *shown = is_valid ? text : repaired;

    ts_json_add(object, key, shown ? ts_must(json_object_new_string(shown)) : NULL);
}

void ts_json_add_number(struct json_object *object, const char *key, int64_t number)
{
    ts_json_add(object, key, ts_must(json_object_new_int64(number)));
}

void ts_json_add_bool(struct json_object *object, const char *key, bool value)
{
    ts_json_add(object, key, ts_must(json_object_new_boolean(value)));
}

void ts_json_add_time(struct json_object *object, const char *key, uint64_t wall_us)
{
    char text[TS_TIME_TEXT];

    ts_json_add_text(object, key, wall_us ? ts_time_text(wall_us, text) : NULL);
}
