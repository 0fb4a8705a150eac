/* SPDX-License-Identifier: MIT */
/* A notification, from arrival to answer: what channel is it → is its token right → whom is it
 * about → is the job in Redis. Google gets 204 when it is, and not before; nothing of the body but
 * the id is used, and that only to know whom to read again. */
#include "teamsync/webhook.h"

#include "webhook/notification.h"

#include "teamsync/digest.h"
#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/metrics.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <openssl/crypto.h>
#include <utlist.h>

#include <string.h>

enum { BODY_MAX_BYTES = 64 << 10, HELD_MAX = 10000 };
static const char retry_after_s[] = "5";

struct ts_webhook {
    struct ts_registry *registry;
    struct ts_queue *queue;
    struct notification *held;
    size_t held_count;
    struct ts_log_room refusals;
};

struct notification {
    struct notification *prev, *next;
    struct ts_webhook *webhook;
    struct ts_request *request; /* NULL once it is answered */
    struct ts_op *op;
    uint64_t received_us;
    char *org;
};

static void step_channel(struct notification *n, const char *channel_id);
static void on_channel(const struct ts_error *err, const struct ts_channel *channel, void *arg);
static void step_enqueue(struct notification *n);
static void on_enqueued(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                        void *arg);
static void step_note(struct notification *n);
static void on_noted(const struct ts_error *err, void *arg);

/* --- answers --- */

static void release(struct notification *n)
{
    DL_DELETE(n->webhook->held, n);
    n->webhook->held_count--;
    ts_op_cancel(&n->op);
    free(n->org);
    free(n);
}

static void accept_it(struct notification *n, const char *result)
{
    ts_metric_add(TS_METRIC_NOTIFICATIONS_TOTAL, result, NULL, 1);
    ts_request_reply(TS_STEAL(n->request), 204, NULL, "", 0);
    step_note(n);
}

static void log_refusal(struct ts_webhook *webhook, const struct ts_request *request, int status,
                        const char *result, const char *detail)
{
    unsigned left_out = 0;

    if (ts_log_has_room(&webhook->refusals, ts_now_ms(), &left_out))
        ts_log(status == 503 ? TS_LOG_WARNING : TS_LOG_INFO, "notification refused", "result",
               result, "why", detail, "peer", ts_request_peer(request), "channel",
               ts_request_header(request, "X-Goog-Channel-ID"), "left_out",
               left_out ? TS_NUMBER(left_out) : NULL, NULL);
}

/* `result` is the metric's label; `detail` is for the one who called, and for the log. */
static void refuse_request(struct ts_webhook *webhook, struct ts_request *request, int status,
                           const char *result, const char *detail)
{
    ts_metric_add(TS_METRIC_NOTIFICATIONS_TOTAL, result, NULL, 1);
    log_refusal(webhook, request, status, result, detail);
    if (status == 503)
        ts_request_add_header(request, "Retry-After", retry_after_s);
    ts_request_problem(request, status, detail);
}

static void refuse(struct notification *n, int status, const char *result, const char *detail)
{
    refuse_request(n->webhook, n->request, status, result, detail);
    release(n);
}

static void refuse_unavailable(struct notification *n, const struct ts_error *err)
{
    refuse(n, 503, "unavailable", err->text[0] ? err->text : "try again later");
}

/* --- the story --- */

static void on_notification(struct ts_request *request, void *arg)
{
    struct ts_webhook *webhook = arg;
    uint64_t received_us = ts_wall_us();
    const char *channel_id = ts_request_header(request, "X-Goog-Channel-ID");
    size_t length = 0;

    (void)ts_request_body(request, &length);
    if (length > BODY_MAX_BYTES) {
        refuse_request(webhook, request, 413, "too_large", "the body is longer than 64 KiB");
    } else if (!ts_notification_names_channel(channel_id)) {
        refuse_request(webhook, request, 400, "malformed",
                       "X-Goog-Channel-ID is missing or malformed");
    } else if (webhook->held_count >= HELD_MAX) {
        refuse_request(webhook, request, 503, "unavailable",
                       "too many notifications are being answered");
    } else {
        struct notification *n = ts_alloc(sizeof(*n));

        n->webhook = webhook;
        n->request = request;
        n->received_us = received_us;
        DL_APPEND(webhook->held, n);
        webhook->held_count++;
        step_channel(n, channel_id);
    }
}

static void step_channel(struct notification *n, const char *channel_id)
{
    struct ts_registry *registry = n->webhook->registry;

    n->op = registry->ops->get_channel(registry, channel_id, on_channel, n);
}

static bool token_is_right(const struct notification *n, const struct ts_channel *channel)
{
    const char *token = ts_request_header(n->request, "X-Goog-Channel-Token");
    unsigned char digest[sizeof(channel->token_digest)];

    if (!token)
        return false;
    ts_sha256(token, strlen(token), digest);
    return CRYPTO_memcmp(digest, channel->token_digest, sizeof(digest)) == 0;
}

static void on_channel(const struct ts_error *err, const struct ts_channel *channel, void *arg)
{
    struct notification *n = arg;

    n->op = NULL;
    if (err->cls == TS_NOT_FOUND) {
        refuse(n, 404, "unknown_channel", "there is no such channel");
    } else if (err->cls != TS_OK) {
        refuse_unavailable(n, err);
    } else if (!token_is_right(n, channel)) {
        refuse(n, 403, "wrong_token", "the channel's token is missing or wrong");
    } else {
        n->org = ts_strdup(channel->org);
        if (ts_notification_is_sync(ts_request_header(n->request, "X-Goog-Resource-State")))
            accept_it(n, "sync");
        else
            step_enqueue(n);
    }
}

static void step_enqueue(struct notification *n)
{
    struct ts_queue *queue = n->webhook->queue;
    size_t length = 0;
    const char *body = ts_request_body(n->request, &length);
    TS_AUTOFREE char *user = NULL;
    const char *wrong = ts_notification_read_user(body, length, &user);
    struct ts_job job = {.type = TS_JOB_USER,
                         .org = n->org,
                         .user = user,
                         .cause = "push",
                         .received_us = n->received_us};

    if (wrong)
        refuse(n, 400, "malformed", wrong);
    else
        n->op = queue->ops->enqueue(queue, &job, on_enqueued, n);
}

static void on_enqueued(const struct ts_error *err, enum ts_enqueued how, const char *job_id,
                        void *arg)
{
    struct notification *n = arg;

    n->op = NULL;
    if (err->cls != TS_OK) {
        refuse_unavailable(n, err);
    } else {
        ts_log(TS_LOG_DEBUG, "notification queued", "org", n->org, "queued_as", job_id, NULL);
        accept_it(n, how == TS_ENQUEUED ? "queued" : "coalesced");
    }
}

/* When the last push came is for people to see; Google has its answer whatever becomes of this. */
static void step_note(struct notification *n)
{
    struct ts_registry *registry = n->webhook->registry;

    n->op = registry->ops->note_push(registry, n->org, on_noted, n);
}

static void on_noted(const struct ts_error *err, void *arg)
{
    struct notification *n = arg;

    n->op = NULL;
    if (err->cls != TS_OK)
        ts_log(TS_LOG_DEBUG, "the time of the last push was not noted, ignoring", "error",
               err->text, NULL);
    release(n);
}

/* --- its life --- */

struct ts_webhook *ts_webhook_new(struct ts_registry *registry, struct ts_queue *queue)
{
    struct ts_webhook *webhook = ts_alloc(sizeof(*webhook));

    *webhook = (struct ts_webhook){.registry = registry, .queue = queue};
    return webhook;
}

void ts_webhook_add_routes(struct ts_webhook *webhook, struct ts_http_server *server)
{
    ts_http_server_route(server, "POST", "/webhooks/google-workspace", on_notification, webhook);
}

void ts_webhook_free(struct ts_webhook *webhook)
{
    if (!webhook)
        return;
    while (webhook->held)
        release(webhook->held); /* their requests went with the server */
    free(webhook);
}
