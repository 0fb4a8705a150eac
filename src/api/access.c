/* SPDX-License-Identifier: MIT */
/* Who asks, and may they: the admin socket may everything; everybody else shows a token. */
#include "api/exchange.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

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

static void grant(struct ts_exchange *x, const char *actor)
{
    x->actor = ts_strdup(actor ? actor : "a token without a name");
    x->then(x);
}

static void on_token(const struct ts_error *err, const struct ts_token *token, void *arg)
{
    struct ts_exchange *x = arg;
    int refusal;

    x->op = NULL;
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
            grant(x, token->name);
    }
}

/* The scheme's name is written in any case (RFC 9110 §11.1). */
static const char *token_of(const char *header)
{
    static const char scheme[] = "Bearer ";

    if (!header || strncasecmp(header, scheme, strlen(scheme)) != 0)
        return NULL;
    return header + strlen(scheme);
}

void ts_access_check(struct ts_exchange *x, ts_api_handler *then)
{
    const char *header = ts_request_header(x->request, "Authorization");
    const char *token = token_of(header);
    bool is_admin = ts_request_is_admin(x->request);

    x->then = then;
    if (x->route->permissions == TS_PUBLIC)
        grant(x, "anybody");
    else if (!is_admin && (ts_text_is_empty(token) || strlen(token) > TOKEN_MAX_BYTES))
        ts_exchange_refuse(x, 401, "send a token: Authorization: Bearer …");
    else if (x->org && !ts_org_id_is_valid(x->org))
        ts_exchange_refuse(x, 404, "there is no such org");
    else if (is_admin)
        grant(x, "admin socket");
    else
        x->op = x->env->registry->ops->find_token(x->env->registry, token, on_token, x);
}
