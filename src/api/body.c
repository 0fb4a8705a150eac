/* SPDX-License-Identifier: MIT */
/* What may stand in a body: known fields of the right type, neither too long nor empty. */
#include "api/exchange.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <json-c/json_object_iterator.h>

#include <string.h>

static const char *wrong_value(struct json_object *value, const struct ts_body_field *field)
{
    static const json_type types[] = {[TS_BODY_TEXT] = json_type_string,
                                      [TS_BODY_BOOL] = json_type_boolean,
                                      [TS_BODY_OBJECT] = json_type_object};
    static const char *const wanted[] = {[TS_BODY_TEXT] = "must be a text",
                                         [TS_BODY_BOOL] = "must be true or false",
                                         [TS_BODY_OBJECT] = "must be an object"};
    size_t max_bytes = field->max_bytes ? field->max_bytes : 200;

    if (!value && field->may_be_null)
        return NULL;
    if (!json_object_is_type(value, types[field->type]))
        return wanted[field->type];
    if (field->type != TS_BODY_TEXT)
        return NULL;
    if ((size_t)json_object_get_string_len(value) > max_bytes)
        return "is too long";
    if (json_object_get_string_len(value) == 0)
        return "must not be empty";
    if (max_bytes <= 1000 && !ts_text_is_printable(json_object_get_string(value)))
        return "contains control characters";
    return NULL;
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
