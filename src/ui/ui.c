/* SPDX-License-Identifier: MIT */
/* Serving embedded files: browsers keep them, and ask each time whether they are still the same. */
#include "teamsync/ui.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for "
    "'script'";

static const char *type_of(const char *path)
{
    static const struct {
        const char *extension;
        const char *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},    {".svg", "image/svg+xml"},
        {".json", "application/json; charset=utf-8"},
    };
    const char *extension = strrchr(path, '.');

    for (size_t i = 0; extension && i < TS_COUNT_OF(types); i++) {
        if (ts_text_equal(extension, types[i].extension))
            return types[i].type;
    }
    return "application/octet-stream";
}

static void add_headers(struct ts_request *request, const struct ts_asset *asset)
{
    static const struct {
        const char *name;
        const char *value;
    } headers[] = {
        {"Content-Security-Policy", policy},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Referrer-Policy", "no-referrer"},
        {"Cache-Control", "no-cache"},
    };

    for (size_t i = 0; i < TS_COUNT_OF(headers); i++)
        ts_request_add_header(request, headers[i].name, headers[i].value);
    ts_request_add_header(request, "ETag", asset->etag);
}

/* If-None-Match may name several (RFC 9110 §13.1.2); a digest is part of no other one. */
static bool is_known(struct ts_request *request, const struct ts_asset *asset)
{
    const char *known = ts_request_header(request, "If-None-Match");

    return known && strstr(known, asset->etag) != NULL;
}

static void on_request(struct ts_request *request, void *arg)
{
    const struct ts_asset *asset = arg;

    add_headers(request, asset);
    if (is_known(request, asset))
        ts_request_reply(request, 304, NULL, "", 0);
    else
        ts_request_reply(request, 200, type_of(asset->path), asset->bytes, asset->length);
}

void ts_ui_add_routes(struct ts_http_server *server, struct ts_asset *assets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_first = ts_text_equal(assets[i].path, "index.html");
        TS_AUTOFREE char *path = is_first ? ts_strdup("/") : ts_format("/ui/%s", assets[i].path);

        ts_http_server_route(server, "GET", path, on_request, &assets[i]);
    }
}
