/* SPDX-License-Identifier: MIT */
/* What may stand in a body: known fields of the right type, neither too long nor empty. */
#include "api/exchange.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <json-c/json_object_iterator.h>

#include <string.h>

static const char *wrong_text(struct json_object *value, const struct ts_body_field *field)
{
    size_t max_bytes = field->max_bytes ? field->max_bytes : 200;

    if ((size_t)json_object_get_string_len(value) > max_bytes)
        return "is too long";
    if (json_object_get_string_len(value) == 0)
        return "must not be empty";
    if (max_bytes <= 1000 && !ts_text_is_printable(json_object_get_string(value)))
        return "contains control characters";
    return NULL;
}

static const char *wrong_texts(struct json_object *values, const struct ts_body_field *field)
{
    size_t count = json_object_array_length(values);
    const char *wrong = NULL;

    if (count == 0)
        return "must not be empty";
    if (count > (field->max_count ? field->max_count : 100))
        return "holds too many";
    for (size_t i = 0; i < count && !wrong; i++) {
        struct json_object *value = json_object_array_get_idx(values, i);

        wrong = json_object_is_type(value, json_type_string) ? wrong_text(value, field)
                                                             : "must hold nothing but texts";
    }
    return wrong;
}

static const char *wrong_number(struct json_object *value, const struct ts_body_field *field)
{
    int64_t number = json_object_get_int64(value); /* the nearest there is */

    return number < field->min || number > field->max ? "is out of range" : NULL;
}

static const char *wrong_value(struct json_object *value, const struct ts_body_field *field)
{
    static const struct {
        json_type type;
        const char *wanted;
        const char *(*wrong)(struct json_object *value, const struct ts_body_field *field);
    } types[] = {
        [TS_BODY_TEXT] = {json_type_string, "must be a text", wrong_text},
        [TS_BODY_BOOL] = {json_type_boolean, "must be true or false", NULL},
        [TS_BODY_OBJECT] = {json_type_object, "must be an object", NULL},
        [TS_BODY_TEXTS] = {json_type_array, "must be a list of texts", wrong_texts},
        [TS_BODY_NUMBER] = {json_type_int, "must be a whole number", wrong_number},
    };

    if (!value && field->may_be_null)
        return NULL;
    if (!json_object_is_type(value, types[field->type].type))
        return types[field->type].wanted;
    return types[field->type].wrong ? types[field->type].wrong(value, field) : NULL;
}

static const struct ts_body_field *find_field(const struct ts_body_field *fields, size_t count,
                                              const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    }
    return NULL;
}

bool ts_exchange_object_fits(struct ts_exchange *x, struct json_object *object, const char *where,
                             const struct ts_body_field *fields, size_t count)
{
    struct json_object_iterator at = json_object_iter_begin(object);
    struct json_object_iterator end = json_object_iter_end(object);

    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *name = json_object_iter_peek_name(&at);
        const struct ts_body_field *field = find_field(fields, count, name);
        const char *wrong =
            field ? wrong_value(json_object_iter_peek_value(&at), field) : "is not known here";

        if (wrong) {
            ts_exchange_refuse(x, 400, "%s%.60s %s", where, name, wrong);
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (fields[i].is_required && !json_object_object_get_ex(object, fields[i].name, NULL)) {
            ts_exchange_refuse(x, 400, "%s%s is missing", where, fields[i].name);
            return false;
        }
    }
    return true;
}

bool ts_exchange_body_fits(struct ts_exchange *x, const struct ts_body_field *fields, size_t count)
{
    if (!x->body) {
        ts_exchange_refuse(x, 400, "a JSON object is expected as the body");
        return false;
    }
    return ts_exchange_object_fits(x, x->body, "", fields, count);
}

bool ts_exchange_body_is_empty(struct ts_exchange *x)
{
    return !x->body || ts_exchange_object_fits(x, x->body, "", NULL, 0);
}
