/* SPDX-License-Identifier: MIT */
/* Who asks, and may they: the admin socket may everything; everybody else shows a token. */
#include "api/exchange.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <string.h>
#include <strings.h>

enum { TOKEN_MAX_BYTES = 200 };

int ts_access_judge(const struct ts_token *token, const struct ts_api_route *route, const char *org)
{
    bool sees_all = ts_text_equal(token->org, "*");

    if (org && !sees_all && !ts_text_equal(token->org, org))
        return 404; /* other people's orgs are not even there */
    if ((token->permissions & route->permissions) != route->permissions)
        return 403;
    /* What operates the whole service needs a token for the whole service. */
    if ((route->permissions & TS_OPERATE) && !sees_all)
        return 403;
    return 0;
}

bool ts_access_has(const struct ts_exchange *x, unsigned permissions)
{
    return (permissions & ~x->permissions) == 0;
}

static void grant(struct ts_exchange *x, const char *actor, unsigned permissions)
{
    x->actor = ts_strdup(actor ? actor : "a token without a name");
    x->permissions = permissions;
    x->then(x);
}

/* The scheme's name is written in any case (RFC 9110 §11.1). */
static const char *token_of(const struct ts_exchange *x)
{
    static const char scheme[] = "Bearer ";
    const char *header = ts_request_header(x->request, "Authorization");

    if (!header || strncasecmp(header, scheme, strlen(scheme)) != 0)
        return NULL;
    return header + strlen(scheme);
}

/* For the next one who asks from there, or about that. */
static void note(struct ts_exchange *x, bool is_known)
{
    if (is_known)
        ts_guesses_note_good(x->guesses, token_of(x));
    else
        ts_guesses_note_unknown(x->guesses, ts_request_peer(x->request), token_of(x), ts_now_ms());
}

static void on_token(const struct ts_error *err, const struct ts_token *token, void *arg)
{
    struct ts_exchange *x = arg;
    int refusal;

    x->op = NULL;
    if (err->cls == TS_OK || err->cls == TS_NOT_FOUND)
        note(x, err->cls == TS_OK);
    if (err->cls == TS_NOT_FOUND) {
        ts_exchange_refuse(x, 401, "this token is not known, or has expired");
    } else if (err->cls != TS_OK) {
        ts_exchange_fail(x, err);
    } else {
        refusal = ts_access_judge(token, x->route, x->org);
        if (refusal == 404)
            ts_exchange_refuse(x, 404, "there is no such org");
        else if (refusal)
            ts_exchange_refuse(x, refusal, "this token does not permit that");
        else
            grant(x, token->name, token->permissions);
    }
}

static void ask(struct ts_exchange *x, const char *token)
{
    struct ts_registry *registry = x->env->registry;
    uint32_t wait_s =
        ts_guesses_wait_s(x->guesses, ts_request_peer(x->request), token, ts_now_ms());

    if (wait_s > 0) {
        ts_request_add_header(x->request, "Retry-After", TS_NUMBER(wait_s));
        ts_exchange_refuse(x, 429, "too many unknown tokens came from there");
    } else {
        x->op = registry->ops->find_token(registry, token, on_token, x);
    }
}

void ts_access_check(struct ts_exchange *x, ts_api_handler *then)
{
    const char *token = token_of(x);
    bool is_admin = ts_request_is_admin(x->request);

    x->then = then;
    if (x->route->permissions == TS_PUBLIC)
        grant(x, "anybody", 0);
    else if (!is_admin && (ts_text_is_empty(token) || strlen(token) > TOKEN_MAX_BYTES))
        ts_exchange_refuse(x, 401, "send a token: Authorization: Bearer …");
    else if (x->org && !ts_org_id_is_valid(x->org))
        ts_exchange_refuse(x, 404, "there is no such org");
    else if (is_admin)
        grant(x, "admin socket", TS_ALL_PERMISSIONS);
    else
        ask(x, token);
}
