/* SPDX-License-Identifier: MIT */
/* users.watch and channels.stop (§A, §C). */
#include "sandbox/sandbox_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <utlist.h>

#include <inttypes.h>
#include <string.h>

enum { ID_MAX = 64, TOKEN_MAX = 256 };

/* --- the channels --- */

static void free_channel(struct ts_sandbox *sandbox, struct channel *channel)
{
    DL_DELETE(sandbox->channels, channel);
    free(channel->id);
    free(channel->token);
    free(channel->address);
    free(channel->event);
    free(channel->resource_id);
    free(channel->resource_uri);
    free(channel);
}

void channels_free(struct ts_sandbox *sandbox)
{
    while (sandbox->channels)
        free_channel(sandbox, sandbox->channels);
}

static void forget_expired(struct ts_sandbox *sandbox)
{
    struct channel *channel;
    struct channel *next;

    DL_FOREACH_SAFE(sandbox->channels, channel, next)
    {
        if (channel->expiration_ms <= sandbox_now_ms())
            free_channel(sandbox, channel);
    }
}

static struct channel *find_channel(struct ts_sandbox *sandbox, const char *id)
{
    struct channel *channel;

    forget_expired(sandbox);
    DL_FOREACH(sandbox->channels, channel)
    {
        if (ts_text_equal(channel->id, id))
            return channel;
    }
    return NULL;
}

struct json_object *channels_json(struct ts_sandbox *sandbox)
{
    struct json_object *array = ts_json_new_array();
    const struct channel *channel;

    forget_expired(sandbox);
    DL_FOREACH(sandbox->channels, channel)
    {
        struct json_object *json = ts_json_new_object();

        ts_json_add_text(json, "id", channel->id);
        ts_json_add_text(json, "token", channel->token);
        ts_json_add_text(json, "address", channel->address);
        ts_json_add_text(json, "event", channel->event);
        ts_json_add_text(json, "resourceId", channel->resource_id);
        ts_json_add_number(json, "expiration", (int64_t)channel->expiration_ms);
        ts_json_append(array, json);
    }
    return array;
}

size_t notify_change(struct ts_sandbox *sandbox, const struct person *person, const char *event)
{
    struct channel *channel;
    struct channel *next;
    char id[PERSON_ID_TEXT];
    size_t told = 0;

    forget_expired(sandbox);
    person_id(person, id);
    DL_FOREACH_SAFE(sandbox->channels, channel, next)
    {
        bool is_told = false;

        if (channel->event && strcmp(channel->event, event) != 0)
            continue;
        for (uint64_t i = 0; i < sandbox->settings.notifications_per_change; i++)
            is_told |= deliver(sandbox, channel, event, id, person->now.email);
        told += is_told;
    }
    return told;
}

/* --- watch --- */

/* add, UPDATE, MAKE_ADMIN, makeAdmin → the lower camel form; NULL for what is none (§A.2). */
static const char *event_of(const char *text)
{
    static const char *const events[][2] = {{"add", "add"},
                                            {"delete", "delete"},
                                            {"makeAdmin", "make_admin"},
                                            {"undelete", "undelete"},
                                            {"update", "update"}};

    for (size_t i = 0; i < TS_COUNT_OF(events); i++) {
        if (ts_text_equal_nocase(text, events[i][0]) || ts_text_equal_nocase(text, events[i][1]))
            return events[i][0];
    }
    return NULL;
}

/* When the channel ends: what is asked for, cut to the maximum; 0 for a time in the past (§A.6). */
static uint64_t expiration_of(const struct ts_sandbox *sandbox, struct json_object *body)
{
    uint64_t now = sandbox_now_ms();
    uint64_t latest = now + sandbox->settings.max_ttl_s * 1000;
    uint64_t wanted = now + sandbox->settings.default_ttl_s * 1000;
    uint64_t number = 0;

    if (ts_json_u64(ts_json_object(body, "params"), "ttl", &number))
        wanted = number > latest / 1000 ? latest : now + number * 1000;
    if (ts_json_u64(body, "expiration", &number))
        wanted = number;
    if (wanted <= now)
        return 0;
    return wanted < latest ? wanted : latest;
}

static bool refuse(struct api_call *call, const char *reason, const char *text, const char *what)
{
    TS_AUTOFREE char *message = ts_format("%s%s", text, what);

    call_error(call, 400, reason, message);
    return false;
}

/* In the order of §J "Channels". */
static bool is_acceptable(struct api_call *call, struct json_object *body)
{
    const char *id = ts_json_text(body, "id");
    const char *type = ts_json_text(body, "type");
    const char *address = ts_json_text(body, "address");
    const char *token = ts_json_text(body, "token");
    const char *event = ts_request_query(call->request, "event");

    if (ts_text_is_empty(id) || ts_text_is_empty(type) || ts_text_is_empty(address))
        return refuse(call, "required", "Required", "");
    if (strlen(id) > ID_MAX || (token && strlen(token) > TOKEN_MAX))
        return refuse(call, "invalid", "Invalid value", "");
    if (strcmp(type, "web_hook") != 0)
        return refuse(call, "push.channelTypeNotSupported", "Channel type not supported: ", type);
    if (!ts_url_is_acceptable(address))
        return refuse(call, "push.webhookUrlNotHttps", "WebHook callback must be HTTPS: ", address);
    if (event && !event_of(event))
        return refuse(call, "invalid", "Invalid value for event: ", event);
    if (!ts_request_query(call->request, "customer") && !ts_request_query(call->request, "domain"))
        return refuse(call, "badRequest", "Bad Request", "");
    if (expiration_of(call->sandbox, body) == 0)
        return refuse(call, "pushInvalidTtl", "Invalid ttl value for channel ", id);
    if (find_channel(call->sandbox, id)) {
        TS_AUTOFREE char *message = ts_format("Channel id %s not unique", id);

        return refuse(call, "channelIdNotUnique", message, "");
    }
    return true;
}

/* 27 letters that name what is watched, the same for the same (§A.5). */
static char *resource_id_of(const char *uri)
{
    uint64_t hash = 14695981039346656037u;
    char *id;

    for (const char *c = uri; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    id = ts_format("sandbox-%019" PRIu64, hash % 10000000000000000000u);
    return id;
}

static struct channel *open_channel(struct api_call *call, struct json_object *body)
{
    struct ts_sandbox *sandbox = call->sandbox;
    struct channel *channel = ts_alloc(sizeof(*channel));
    const char *event = ts_request_query(call->request, "event");
    const char *domain = ts_request_query(call->request, "domain");
    TS_AUTOFREE char *of =
        domain ? ts_format("domain=%s", domain) : ts_strdup("customer=my_customer");

    channel->id = ts_strdup(ts_json_text(body, "id"));
    channel->token = ts_strdup(ts_json_text(body, "token"));
    channel->address = ts_strdup(ts_json_text(body, "address"));
    channel->event = event ? ts_strdup(event_of(event)) : NULL;
    channel->resource_uri =
        ts_format("%s/admin/directory/v1/users?%s%s%s&alt=json", sandbox->url, of,
                  channel->event ? "&event=" : "", channel->event ? channel->event : "");
    channel->resource_id = resource_id_of(channel->resource_uri);
    channel->expiration_ms = expiration_of(sandbox, body);
    DL_APPEND(sandbox->channels, channel);
    return channel;
}

static struct json_object *channel_json(const struct ts_sandbox *sandbox,
                                        const struct channel *channel)
{
    struct json_object *json = ts_json_new_object();
    TS_AUTOFREE char *expiration = ts_format("%" PRIu64, channel->expiration_ms);

    ts_json_add_text(json, "kind", "api#channel");
    ts_json_add_text(json, "id", channel->id);
    ts_json_add_text(json, "resourceId", channel->resource_id);
    ts_json_add_text(json, "resourceUri", channel->resource_uri);
    if (channel->token)
        ts_json_add_text(json, "token", channel->token);
    if (sandbox->settings.expiration_as_number)
        ts_json_add_number(json, "expiration", (int64_t)channel->expiration_ms);
    else
        ts_json_add_text(json, "expiration", expiration);
    return json;
}

void users_watch_handle(struct api_call *call)
{
    TS_AUTOJSON struct json_object *body = NULL;
    struct ts_sandbox *sandbox = call->sandbox;
    struct channel *channel;

    if (!call_authorise(call) || !call_body(call, &body) || !is_acceptable(call, body) ||
        !call_may_look(call))
        return;
    channel = open_channel(call, body);
    deliver(sandbox, channel, "sync", NULL, NULL); /* may be there before the answer (§B.2) */
    call_reply(call, 200, channel_json(sandbox, channel));
}

/* --- stop --- */

void channels_stop_handle(struct api_call *call)
{
    TS_AUTOJSON struct json_object *body = NULL;
    struct channel *channel;

    if (!call_authorise(call) || !call_body(call, &body))
        return;
    channel = find_channel(call->sandbox, ts_json_text(body, "id"));
    if (!channel || !ts_text_equal(channel->resource_id, ts_json_text(body, "resourceId"))) {
        const char *id = ts_json_text(body, "id");
        TS_AUTOFREE char *message =
            ts_format("Channel '%.64s' not found for project '123456789012'", id ? id : "");

        call_error(call, 404, "notFound", message);
    } else {
        free_channel(call->sandbox, channel);
        call_reply(call, 204, NULL);
    }
}
