/* SPDX-License-Identifier: MIT */
/* POST /webhooks/google-workspace: authenticates a notification and turns it into a job. */
#ifndef TEAMSYNC_WEBHOOK_H
#define TEAMSYNC_WEBHOOK_H

#include "teamsync/http_server.h"
#include "teamsync/queue.h"
#include "teamsync/registry.h"

struct ts_webhook;
struct ts_webhook *ts_webhook_new(struct ts_registry *registry, struct ts_queue *queue);
void ts_webhook_add_routes(struct ts_webhook *webhook, struct ts_http_server *server);
void ts_webhook_free(struct ts_webhook *webhook); /* after the server; NULL is fine */

#endif
