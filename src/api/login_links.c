/* SPDX-License-Identifier: MIT */
/* Login links: who follows one is signed in to the web page, once. Its secret stands behind the #,
 * which no browser sends, and no proxy logs: the page shows it, when the person wants to. */
#include "api/grant.h"
#include "api/handlers.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

static void on_put(const struct ts_error *err, void *arg)
{
    struct ts_exchange *x = arg;

    if (!ts_exchange_went_well(x, err))
        return;
    ts_log(TS_LOG_INFO, "login link made", "name", ts_json_text(x->body, "name"), "org",
           ts_json_text(x->body, "org"), "by", x->actor, NULL);
    ts_exchange_reply(x, 201, TS_STEAL(x->draft));
}

void ts_api_create_login_link(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {TS_GRANT_FIELDS};
    struct ts_registry *registry = x->env->registry;
    TS_AUTOFREE_SECRET char *secret = ts_random_secret("");
    TS_AUTOFREE_SECRET char *url = ts_format("%s/#login=%s", x->env->public_url, secret);
    struct ts_token login;

    if (!ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)) || !ts_grant_read(x, &login))
        return;
    x->draft = ts_json_new_object();
    ts_json_add_text(x->draft, "url", url);
    ts_json_add_time(x->draft, "expires_at", ts_wall_us() + TS_LOGIN_LIFE_S * 1000000ull);
    ts_guesses_note_good(x->guesses, secret); /* whoever else guesses where it is followed */
    x->op = registry->ops->put_login(registry, &login, secret, on_put, x);
}
