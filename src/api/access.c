/* SPDX-License-Identifier: MIT */
/* Who asks, and may they: the admin socket may everything; everybody else shows a token, or, as
 * browsers do, the cookie of a session. */
#include "api/cookie.h"
#include "api/exchange.h"
#include "api/origin.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <string.h>
#include <strings.h>

enum { SECRET_MAX_BYTES = 200 };

int ts_access_judge(const struct ts_token *token, const struct ts_api_route *route, const char *org)
{
    bool sees_all = ts_text_equal(token->org, "*");
    unsigned needed = route->permissions & ~(TS_ANYBODY_KNOWN | TS_WHOEVER_ASKS);

    if (org && !sees_all && !ts_text_equal(token->org, org))
        return 404; /* other people's orgs are not even there */
    if ((token->permissions & needed) != needed)
        return 403;
    /* What operates the whole service needs a token for the whole service. */
    if ((needed & TS_OPERATE) && !sees_all)
        return 403;
    return 0;
}

bool ts_access_has(const struct ts_exchange *x, unsigned permissions)
{
    return (permissions & ~x->permissions) == 0;
}

/* --- guesses --- */

bool ts_access_may_ask(struct ts_exchange *x, const char *secret)
{
    uint32_t wait_s =
        ts_guesses_wait_s(x->guesses, ts_request_peer(x->request), secret, ts_now_ms());

    if (wait_s == 0)
        return true;
    ts_request_add_header(x->request, "Retry-After", TS_NUMBER(wait_s));
    ts_exchange_refuse(x, 429, "too many unknown tokens came from there");
    return false;
}

void ts_access_note(struct ts_exchange *x, const char *secret, bool is_known)
{
    if (is_known)
        ts_guesses_note_good(x->guesses, secret);
    else
        ts_guesses_note_unknown(x->guesses, ts_request_peer(x->request), secret, ts_now_ms());
}

/* --- what is shown --- */

/* The scheme's name is written in any case (RFC 9110 §11.1). */
static const char *token_of(const struct ts_exchange *x)
{
    static const char scheme[] = "Bearer ";
    const char *header = ts_request_header(x->request, "Authorization");

    if (!header || strncasecmp(header, scheme, strlen(scheme)) != 0)
        return NULL;
    return header + strlen(scheme);
}

/* A token comes first. */
static bool shows_session(const struct ts_exchange *x)
{
    return !token_of(x);
}

/* The token's, or the session's; newly allocated. NULL: nothing is shown. */
static char *secret_of(const struct ts_exchange *x)
{
    return shows_session(x) ? ts_cookie_read(x, ts_cookie_of_session(x)->name)
                            : ts_strdup(token_of(x));
}

/* A browser shows its cookie whoever's page makes it ask. */
static bool is_meant(const struct ts_exchange *x)
{
    struct ts_origin from = {
        .method = ts_request_method(x->request),
        .site = ts_request_header(x->request, "Sec-Fetch-Site"),
        .origin = ts_request_header(x->request, "Origin"),
        .host = ts_request_header(x->request, "Host"),
        .public_url = x->env->public_url,
    };

    return !shows_session(x) || ts_origin_is_trusted(&from);
}

/* --- the way in --- */

const char *ts_access_name(const struct ts_token *token)
{
    return token->name ? token->name : "a token without a name";
}

static void grant(struct ts_exchange *x, const struct ts_token *who)
{
    x->actor = ts_strdup(ts_access_name(who));
    x->scope = ts_strdup(who->org);
    x->session_id = who->is_session ? ts_strdup(who->id) : NULL;
    x->expires_us = who->expires_us;
    x->permissions = who->permissions;
    x->then(x);
}

/* The browser is told to forget a session that is over: else it would go on to guess. */
static void refuse_unknown(struct ts_exchange *x)
{
    if (!shows_session(x)) {
        ts_exchange_refuse(x, 401, "this token is not known, or has expired");
        return;
    }
    ts_cookie_set(x, ts_cookie_of_session(x), "", 0);
    ts_exchange_refuse(x, 401, "this session is over: sign in again");
}

static void judge(struct ts_exchange *x, const struct ts_token *token)
{
    int refusal = ts_access_judge(token, x->route, x->org);

    if (refusal == 404)
        ts_exchange_refuse(x, 404, "there is no such org");
    else if (refusal)
        ts_exchange_refuse(x, refusal, "this %s does not permit that",
                           token->is_session ? "session" : "token");
    else
        grant(x, token);
}

static void on_token(const struct ts_error *err, const struct ts_token *token, void *arg)
{
    struct ts_exchange *x = arg;
    TS_AUTOFREE_SECRET char *secret = secret_of(x);
    /* Neither is good in the place of the other. */
    bool is_known = err->cls == TS_OK && token->is_session == shows_session(x);

    x->op = NULL;
    if (err->cls == TS_OK || err->cls == TS_NOT_FOUND)
        ts_access_note(x, secret, is_known);
    if (is_known)
        judge(x, token);
    else if (err->cls == TS_OK || err->cls == TS_NOT_FOUND)
        refuse_unknown(x);
    else
        ts_exchange_fail(x, err);
}

static void ask(struct ts_exchange *x, const char *secret)
{
    struct ts_registry *registry = x->env->registry;

    if (ts_access_may_ask(x, secret))
        x->op = registry->ops->find_token(registry, secret, on_token, x);
}

/* Whether a route is for whoever shows nothing. */
static bool is_for_anybody(const struct ts_exchange *x, const char *secret)
{
    if (x->route->permissions == TS_PUBLIC)
        return true;
    return x->route->permissions == TS_WHOEVER_ASKS && !secret && !ts_request_is_admin(x->request);
}

static bool is_plausible(const char *secret)
{
    return secret && *secret && strlen(secret) <= SECRET_MAX_BYTES;
}

void ts_access_check(struct ts_exchange *x, ts_api_handler *then)
{
    static const struct ts_token anybody = {.name = "anybody"};
    static const struct ts_token admin = {
        .name = "admin socket", .org = "*", .permissions = TS_ALL_PERMISSIONS};
    TS_AUTOFREE_SECRET char *secret = secret_of(x);
    bool is_admin = ts_request_is_admin(x->request);

    x->then = then;
    if (is_for_anybody(x, secret))
        grant(x, &anybody);
    else if (!is_admin && !is_plausible(secret))
        ts_exchange_refuse(x, 401, "sign in, or send a token: Authorization: Bearer …");
    else if (!is_admin && !is_meant(x))
        ts_exchange_refuse(x, 403, "only the page of this service acts for who is signed in");
    else if (x->org && !ts_org_id_is_valid(x->org))
        ts_exchange_refuse(x, 404, "there is no such org");
    else if (is_admin)
        grant(x, &admin);
    else
        ask(x, secret);
}
