/* SPDX-License-Identifier: MIT */
/* Patterns such as /api/v1/orgs/{org}/members/{id} against paths. */
#include "io/router.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes what stands at the beginning. Returns how many bytes that was, 0 for a broken escape. */
static size_t decode_one(const char *text, size_t length, bool plus_is_blank, char *ret)
{
    int high = length > 2 ? hex_digit(text[1]) : -1;
    int low = length > 2 ? hex_digit(text[2]) : -1;

    *ret = *text;
    if (*text == '+' && plus_is_blank)
        *ret = ' ';
    if (*text != '%')
        return 1;
    if (high < 0 || low < 0)
        return 0;
    *ret = (char)(high * 16 + low);
    return 3;
}

char *ts_percent_decode(const char *text, size_t length, bool plus_is_blank)
{
    TS_AUTOFREE char *decoded = ts_alloc(length + 1);
    size_t out = 0;

    for (size_t at = 0, step; at < length; at += step) {
        step = decode_one(text + at, length - at, plus_is_blank, &decoded[out++]);
        if (step == 0)
            return NULL;
    }
    return ts_text_is_utf8(decoded, out) && !memchr(decoded, '\0', out) ? TS_STEAL(decoded) : NULL;
}

static bool take_param(const char *name, size_t name_length, const char *value, size_t value_length,
                       struct ts_route_params *params)
{
    struct ts_route_param *param = &params->params[params->count];

    if (params->count == TS_ROUTE_PARAMS_MAX || value_length == 0)
        return false;
    param->value = ts_percent_decode(value, value_length, false);
    if (!param->value)
        return false;
    param->name = ts_memdup_text(name, name_length);
    params->count++;
    return true;
}

bool ts_route_match(const char *pattern, const char *path, struct ts_route_params *params)
{
    while (*pattern && *path) {
        size_t want = strcspn(pattern + 1, "/");
        size_t have = strcspn(path + 1, "/");
        bool fits = *pattern == *path;

        if (fits && pattern[1] == '{')
            fits = take_param(pattern + 2, want - 2, path + 1, have, params);
        else
            fits = fits && want == have && strncmp(pattern + 1, path + 1, want) == 0;
        if (!fits)
            break;
        pattern += 1 + want;
        path += 1 + have;
    }
    if (*pattern == '\0' && *path == '\0')
        return true;
    ts_route_params_done(params);
    return false;
}

void ts_route_params_done(struct ts_route_params *params)
{
    for (size_t i = 0; i < params->count; i++) {
        free(params->params[i].name);
        free(params->params[i].value);
    }
    *params = (struct ts_route_params){0};
}
