/* SPDX-License-Identifier: MIT */
/* What the API can do, told to programs: openapi.json. A test keeps it true to the routes, another
 * one to what they answer. */
#include "api/handlers.h"

#include <string.h>

void ts_api_get_openapi(struct ts_exchange *x)
{
    ts_request_add_header(x->request, "Cache-Control", "max-age=300");
    ts_request_reply(x->request, 200, "application/json", ts_json_openapi, strlen(ts_json_openapi));
    ts_exchange_release(x);
}
