/* SPDX-License-Identifier: MIT */
/* Signing in to the web page, by a token or a login link, and out. A browser keeps the session's
 * secret where no script reads it. */
#include "api/cookie.h"
#include "api/grant.h"
#include "api/handlers.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

static struct json_object *session_json(const struct ts_token *session)
{
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "name", ts_access_name(session));
    ts_json_add_text(json, "org", session->org);
    ts_json_add(json, "permissions", ts_permissions_json(session->permissions));
    ts_json_add_time(json, "expires_at", session->expires_us);
    return json;
}

/* --- in --- */

/* What is shown. */
static const char *shown(const struct ts_exchange *x)
{
    const char *token = ts_json_text(x->body, "token");

    return token ? token : ts_json_text(x->body, "link");
}

static void refuse(struct ts_exchange *x)
{
    if (ts_json_text(x->body, "token"))
        ts_exchange_refuse(x, 401, "this token is not known, or has expired");
    else
        ts_exchange_refuse(x, 401,
                           "this link is used up, or too old: it is good once, and for ten "
                           "minutes; ask for another one");
}

static void welcome(struct ts_exchange *x, const struct ts_token *session)
{
    const char *secret = ts_json_text(x->draft, "secret");
    uint64_t now_us = ts_wall_us();
    uint64_t left_us = session->expires_us > now_us ? session->expires_us - now_us : 0;

    ts_guesses_note_good(x->guesses, secret); /* before it is shown */
    ts_cookie_set(x, ts_cookie_of_session(x), secret, left_us / 1000000);
    ts_log(TS_LOG_INFO, "signed in", "session", session->id, "name", ts_access_name(session), "org",
           session->org, "by", ts_json_text(x->body, "token") ? "token" : "link", "peer",
           ts_request_peer(x->request), NULL);
    ts_exchange_reply(x, 201, session_json(session));
}

static void on_opened(const struct ts_error *err, const struct ts_token *session, void *arg)
{
    struct ts_exchange *x = arg;

    x->op = NULL;
    if (err->cls == TS_OK || err->cls == TS_NOT_FOUND)
        ts_access_note(x, shown(x), err->cls == TS_OK);
    if (err->cls == TS_OK)
        welcome(x, session);
    else if (err->cls == TS_NOT_FOUND)
        refuse(x);
    else
        ts_exchange_fail(x, err);
}

static void open_session(struct ts_exchange *x)
{
    struct ts_registry *registry = x->env->registry;
    TS_AUTOFREE_SECRET char *secret = ts_random_secret("");
    TS_AUTOFREE char *id = ts_random_id("web_");
    struct ts_sign_in sign_in = {.token = ts_json_text(x->body, "token"),
                                 .link = ts_json_text(x->body, "link"),
                                 .id = id,
                                 .secret = secret};

    x->draft = ts_json_new_object();
    ts_json_add_text(x->draft, "secret", secret);
    x->op = registry->ops->open_session(registry, &sign_in, on_opened, x);
}

/* Only what is sent as JSON comes here, which no page of somebody else's makes a browser send. */
void ts_api_sign_in(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {
        {.name = "token", .type = TS_BODY_TEXT},
        {.name = "link", .type = TS_BODY_TEXT},
    };

    if (!ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)))
        return;
    if (!ts_json_text(x->body, "token") == !ts_json_text(x->body, "link"))
        ts_exchange_refuse(x, 400, "show either a token or a link");
    else if (ts_access_may_ask(x, shown(x)))
        open_session(x);
}

/* --- who is it --- */

/* A page that is opened asks this first: that nobody is signed in is no failure. */
void ts_api_get_session(struct ts_exchange *x)
{
    if (!x->scope) {
        ts_exchange_reply(x, 204, NULL);
        return;
    }
    ts_exchange_reply(x, 200,
                      session_json(&(struct ts_token){.name = x->actor,
                                                      .org = x->scope,
                                                      .permissions = x->permissions,
                                                      .expires_us = x->expires_us}));
}

/* --- out --- */

static void on_ended(const struct ts_error *err, void *arg)
{
    struct ts_exchange *x = arg;

    x->op = NULL;
    if (err->cls != TS_OK && err->cls != TS_NOT_FOUND) { /* somebody else may have ended it */
        ts_exchange_fail(x, err);
        return;
    }
    ts_log(TS_LOG_INFO, "signed out", "session", x->session_id, "name", x->actor, NULL);
    ts_cookie_set(x, ts_cookie_of_session(x), "", 0);
    ts_exchange_reply(x, 204, NULL);
}

void ts_api_sign_out(struct ts_exchange *x)
{
    struct ts_registry *registry = x->env->registry;

    if (!ts_exchange_body_is_empty(x))
        return;
    if (!x->session_id)
        ts_exchange_refuse(x, 409, "nobody is signed in here: a token ends when it is revoked");
    else
        x->op = registry->ops->revoke_token(registry, x->session_id, on_ended, x);
}
