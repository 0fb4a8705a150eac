/* SPDX-License-Identifier: MIT */
/* Parsing and applying `fields`. */
#include "sandbox/fields_mask.h"

#include <json-c/json_object_iterator.h>

#include <string.h>

enum { DEPTH_MAX = 8, NAME_MAX_BYTES = 100 };
static const char name_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-*";

static const char *parse_list(const char *at, struct json_object *into, int depth);

/* The child of that name, made where it is missing. */
static struct json_object *child_of(struct json_object *mask, const char *name, size_t length)
{
    TS_AUTOFREE char *key = ts_memdup_text(name, length);
    struct json_object *child = ts_json_object(mask, key);

    if (!child) {
        child = ts_json_new_object();
        ts_json_add(mask, key, child);
    }
    return child;
}

/* a, a/b, a(b,c); returns where it ends, NULL when it is malformed. */
static const char *parse_field(const char *at, struct json_object *into, int depth)
{
    size_t length = strspn(at, name_letters);
    struct json_object *child;

    if (length == 0 || length > NAME_MAX_BYTES || depth > DEPTH_MAX)
        return NULL;
    child = child_of(into, at, length);
    at += length;
    if (*at == '/')
        return parse_field(at + 1, child, depth + 1);
    if (*at != '(')
        return at;
    at = parse_list(at + 1, child, depth + 1);
    return at && *at == ')' ? at + 1 : NULL;
}

static const char *parse_list(const char *at, struct json_object *into, int depth)
{
    at = parse_field(at, into, depth);
    while (at && *at == ',')
        at = parse_field(at + 1, into, depth);
    return at;
}

struct json_object *fields_mask_parse(const char *text)
{
    struct json_object *mask = ts_json_new_object();
    const char *end = parse_list(text, mask, 0);

    if (end && *end == '\0')
        return mask;
    json_object_put(mask);
    return NULL;
}

static void apply_to_object(struct json_object *mask, struct json_object *json)
{
    const char *unwanted[256];
    size_t count = 0;

    struct json_object_iterator at = json_object_iter_begin(json);
    struct json_object_iterator end = json_object_iter_end(json);

    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *key = json_object_iter_peek_name(&at);
        struct json_object *child = ts_json_object(mask, key);

        if (child)
            fields_mask_apply(child, json_object_iter_peek_value(&at));
        else if (count < TS_COUNT_OF(unwanted))
            unwanted[count++] = key;
    }
    while (count > 0)
        json_object_object_del(json, unwanted[--count]);
}

void fields_mask_apply(struct json_object *mask, struct json_object *json)
{
    if (json_object_object_length(mask) == 0 || ts_json_object(mask, "*"))
        return;
    if (json_object_is_type(json, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(json); i++)
            fields_mask_apply(mask, json_object_array_get_idx(json, i));
    } else if (json_object_is_type(json, json_type_object)) {
        apply_to_object(mask, json);
    }
}
