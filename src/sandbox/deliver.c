/* SPDX-License-Identifier: MIT */
/* Notifications on their way (§B): posted to the channel's address, repeated with back-off when the
 * other side does not work, and written down for the control API. */
#include "sandbox/sandbox_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <utlist.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    RETRY_FIRST_MS = 100,
    RETRY_MAX_MS = 60000,
    NUMBER_GAP = 1000,
    LOG_MAX = 1000,
    HEADERS_MAX = 16,
    HUGE_BODY_BYTES = 200000,
};
static const char user_agent[] =
    "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)";

struct delivery {
    struct delivery *prev, *next;
    struct ts_sandbox *sandbox;
    struct ts_op *op;
    struct ts_timer *timer;
    char *address;
    char *headers[HEADERS_MAX + 1];
    size_t header_count;
    char *body;
    char *channel_id;
    char *user_id;
    char *event;
    uint64_t number;
    uint64_t expiration_ms; /* of the channel: no attempt after it */
    unsigned attempts;
};

static void attempt(void *arg);

static void free_delivery(struct delivery *d)
{
    DL_DELETE(d->sandbox->deliveries, d);
    ts_op_cancel(&d->op);
    ts_timer_free(d->timer);
    for (size_t i = 0; i < d->header_count; i++)
        free(d->headers[i]);
    free(d->address);
    free(d->body);
    free(d->channel_id);
    free(d->user_id);
    free(d->event);
    free(d);
}

void deliveries_free(struct ts_sandbox *sandbox)
{
    while (sandbox->deliveries)
        free_delivery(sandbox->deliveries);
}

/* --- what is sent --- */

static void add_header(struct delivery *d, char *header)
{
    d->headers[d->header_count++] = header;
}

static char *expiration_text(uint64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    char text[64] = "";
    struct tm utc;

    if (gmtime_r(&seconds, &utc))
        (void)strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    return ts_strdup(text);
}

static void add_token(struct delivery *d, const struct channel *channel, const struct fault *fault)
{
    if (fault_is(fault, "wrong_token"))
        add_header(d, ts_strdup("X-Goog-Channel-Token: a-guess"));
    else if (channel->token && !fault_is(fault, "no_token"))
        add_header(d, ts_format("X-Goog-Channel-Token: %s", channel->token));
}

static void add_headers(struct delivery *d, const struct channel *channel,
                        const struct fault *fault)
{
    TS_AUTOFREE char *expiration = expiration_text(channel->expiration_ms);

    add_header(d, ts_format("User-Agent: %s", user_agent));
    add_header(d, ts_strdup("Accept: */*"));
    add_header(d, ts_format("X-Goog-Channel-ID: %s", channel->id));
    add_header(d, ts_format("X-Goog-Channel-Expiration: %s", expiration));
    add_header(d, ts_format("X-Goog-Resource-ID: %s", channel->resource_id));
    add_header(d, ts_format("X-Goog-Resource-URI: %s", channel->resource_uri));
    add_header(d, ts_format("X-Goog-Resource-State: %s", d->event));
    add_header(d, ts_format("X-Goog-Message-Number: %" PRIu64, d->number));
    add_token(d, channel, fault);
    if (*d->body)
        add_header(d, ts_strdup("Content-Type: application/json; utf-8"));
}

static char *body_of(const char *user_id, const char *email, const struct fault *fault)
{
    TS_AUTOJSON struct json_object *json = NULL;
    TS_AUTOFREE char *etag = ts_random_id("\"sandbox-message/");
    TS_AUTOFREE char *quoted = ts_format("%s\"", etag);

    if (!user_id)
        return ts_strdup("");
    if (fault_is(fault, "invalid_json"))
        return ts_strdup("{\"kind\": \"admin#directory#user\", \"id");
    json = ts_json_new_object();
    ts_json_add_text(json, "kind", "admin#directory#user");
    ts_json_add_text(json, "id",
                     fault_is(fault, "unknown_user") ? "104799999999999999999" : user_id);
    ts_json_add_text(json, "etag", quoted);
    ts_json_add_text(json, "primaryEmail", email);
    if (fault_is(fault, "huge_body")) {
        TS_AUTOFREE char *filling = ts_alloc(HUGE_BODY_BYTES + 1);

        memset(filling, 'x', HUGE_BODY_BYTES);
        ts_json_add_text(json, "filling", filling);
    }
    return ts_json_print(json);
}

/* --- how it went --- */

static void write_down(const struct delivery *d, int status, const char *outcome)
{
    struct ts_sandbox *sandbox = d->sandbox;
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "channel", d->channel_id);
    ts_json_add_number(json, "number", (int64_t)d->number);
    ts_json_add_text(json, "event", d->event);
    ts_json_add_text(json, "user", d->user_id);
    ts_json_add_number(json, "attempt", d->attempts);
    ts_json_add_number(json, "status", status);
    ts_json_add_text(json, "outcome", outcome);
    ts_json_add_time(json, "at", ts_wall_us());
    if (json_object_array_length(sandbox->delivery_log) >= LOG_MAX)
        (void)json_object_array_del_idx(sandbox->delivery_log, 0, 1);
    ts_json_append(sandbox->delivery_log, json);
    sandbox_count(sandbox, "notification", status);
}

static bool is_success(int status)
{
    return status == 102 || status == 200 || status == 201 || status == 202 || status == 204;
}

static bool is_worth_repeating(int status)
{
    return status == 0 || status == 500 || status == 502 || status == 503 || status == 504;
}

static void on_answer(const struct ts_error *err, const struct ts_http_response *response,
                      void *arg)
{
    struct delivery *d = arg;
    int status = response ? response->status : 0;
    unsigned doublings = d->attempts < 10 ? d->attempts : 10;
    uint64_t wait = (uint64_t)RETRY_FIRST_MS << doublings;

    (void)err;
    d->op = NULL;
    wait = wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS;
    if (is_success(status)) {
        write_down(d, status, "delivered");
        free_delivery(d);
    } else if (is_worth_repeating(status) && sandbox_now_ms() + wait < d->expiration_ms) {
        write_down(d, status, "repeated");
        ts_timer_set(d->timer, wait);
    } else {
        write_down(d, status, "lost");
        free_delivery(d);
    }
}

static void attempt(void *arg)
{
    struct delivery *d = arg;
    struct ts_http_request request = {
        .method = "POST",
        .url = d->address,
        .headers = (const char *const *)d->headers,
        .body = d->body,
        .body_length = strlen(d->body),
    };

    d->attempts++;
    d->op = d->sandbox->http->start(d->sandbox->http, &request, on_answer, d);
}

/* --- sending --- */

static void send_once(struct ts_sandbox *sandbox, struct channel *channel, const char *event,
                      const char *user_id, const char *email, const struct fault *fault)
{
    struct delivery *d = ts_alloc(sizeof(*d));
    uint64_t wait = user_id ? sandbox->settings.notification_delay_ms : 0;
    uint64_t shuffle = sandbox->settings.notification_reorder_ms;

    d->sandbox = sandbox;
    d->address = ts_strdup(channel->address);
    d->channel_id = ts_strdup(channel->id);
    d->user_id = ts_strdup(user_id);
    d->event = ts_strdup(event);
    d->number = channel->last_number;
    d->expiration_ms = channel->expiration_ms;
    d->body = body_of(user_id, email, fault);
    add_headers(d, channel, fault);
    d->timer = ts_timer_new(sandbox->loop, attempt, d);
    DL_APPEND(sandbox->deliveries, d);
    if (fault && fault_is(fault, "delay"))
        wait += fault->delay_ms;
    if (user_id && shuffle > 0)
        wait += ts_random_below((uint32_t)shuffle);
    ts_timer_set(d->timer, wait);
}

bool deliver(struct ts_sandbox *sandbox, struct channel *channel, const char *event,
             const char *user_id, const char *email)
{
    const struct fault *fault = user_id ? fault_strikes(sandbox, "notification", user_id) : NULL;

    channel->last_number =
        user_id ? channel->last_number + 1 + ts_random_below(NUMBER_GAP) : 1; /* §B.4 */
    if (fault_is(fault, "drop")) {
        sandbox_count(sandbox, "notification.dropped", 0);
        return false;
    }
    send_once(sandbox, channel, event, user_id, email, fault);
    if (fault_is(fault, "duplicate"))
        send_once(sandbox, channel, event, user_id, email, fault);
    return true;
}
