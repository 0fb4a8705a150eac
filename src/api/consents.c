/* SPDX-License-Identifier: MIT */
/* Connecting by consent: a person is sent to the directory's own page, and comes back with a code.
 * Whoever comes back from another browser than the one that was sent is asked first: else somebody
 * could have others connect their directory to an org of his. */
#include "api/cookie.h"
#include "api/handlers.h"
#include "api/sheet.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <string.h>

enum { STATE_MAX_BYTES = 100, CODE_MAX_BYTES = 2000 };

#define ADDRESS "/oauth/google/callback"

static const struct ts_cookie cookie = {
    .name = "teamsync_consent", .path = "/oauth/google", .same_site = "Lax"};

/* --- being sent --- */

/* A browser names text/html first. */
static bool is_browser(struct ts_request *request)
{
    const char *accept = ts_request_header(request, "Accept");
    const char *html = accept ? strstr(accept, "text/html") : NULL;
    const char *json = accept ? strstr(accept, "application/json") : NULL;

    return html && (!json || html < json);
}

static void on_begun(const struct ts_error *err, void *arg)
{
    struct ts_exchange *x = arg;

    if (!ts_exchange_went_well(x, err))
        return;
    if (is_browser(x->request)) {
        ts_request_add_header(x->request, "Location", ts_json_text(x->draft, "url"));
        ts_exchange_reply(x, 302, NULL);
    } else {
        ts_exchange_reply(x, 200, TS_STEAL(x->draft));
    }
}

static void begin(struct ts_exchange *x, const char *url, const struct ts_consent_proof *proof,
                  const char *verifier)
{
    struct ts_registry *registry = x->env->registry;
    struct ts_consent consent = {
        .org = x->org,
        .actor = x->actor,
        .verifier = verifier,
        .is_by_admin = ts_request_is_admin(x->request),
    };

    x->draft = ts_json_new_object();
    ts_json_add_text(x->draft, "url", url);
    ts_json_add_time(x->draft, "expires_at", ts_wall_us() + TS_CONSENT_LIFE_S * 1000000ull);
    ts_cookie_set(x, &cookie, proof->browser, TS_CONSENT_LIFE_S);
    x->op = registry->ops->put_consent(registry, proof, &consent, on_begun, x);
}

static void authorize(struct ts_exchange *x)
{
    struct ts_directory *directory = x->env->directory;
    TS_AUTOFREE_SECRET char *state = ts_random_secret("");
    TS_AUTOFREE_SECRET char *browser = ts_random_secret("");
    TS_AUTOFREE_SECRET char *verifier = ts_random_secret("");
    struct ts_directory_consent wanted = {
        .state = state,
        .verifier = verifier,
        .redirect_to = x->env->consent_address,
        .hint = ts_request_query(x->request, "subject"),
    };
    TS_AUTOFREE char *url = directory->ops->consent_url(directory, &wanted);
    struct ts_consent_proof proof = {.state = state, .browser = browser};

    if (wanted.hint && !ts_text_is_email(wanted.hint))
        ts_exchange_refuse(x, 400, "subject is not an address");
    else if (!url)
        ts_exchange_refuse(x, 409,
                           "configure google.client_id and google.client_secret first: an OAuth "
                           "client of the type web application, with the redirect URI %s",
                           x->env->consent_address);
    else
        begin(x, url, &proof, verifier);
}

void ts_api_authorize(struct ts_exchange *x)
{
    ts_exchange_with_org(x, authorize);
}

/* --- coming back --- */

/* The page where the org's connection is; newly allocated. NULL: it is not known whose. */
static char *page_of(const char *org)
{
    return org ? ts_format("/#/orgs/%s/settings/integration", org) : ts_strdup("/");
}

static void show(struct ts_exchange *x, int status, const char *title, const char *text)
{
    ts_exchange_show(x, status,
                     &(struct ts_sheet){
                         .title = title, .text = text, .link = "Back to teamsync", .target = "/"});
}

static void show_failure(struct ts_exchange *x, const struct ts_error *err, const char *org)
{
    struct ts_directory *directory = x->env->directory;
    struct ts_connection unknown = {.org = org};
    TS_AUTOFREE char *mend =
        err->code ? directory->ops->mend(directory, &unknown, err->code) : NULL;
    TS_AUTOFREE char *text =
        ts_format("%s\n%s", err->cls == TS_INTERNAL ? "Something went wrong here." : err->text,
                  mend ? mend : "Try again in a moment; the log of the service says more.");
    TS_AUTOFREE char *page = page_of(org);
    struct ts_sheet sheet = {
        .title = "Nothing was connected",
        .text = text,
        .link = "Back, to try again",
        .target = page,
    };

    ts_log(TS_LOG_WARNING, "consent came to nothing", "org", org, "error", err->text, NULL);
    ts_exchange_show(x, err->cls == TS_AUTH || err->cls == TS_REJECTED ? 422 : 503, &sheet);
}

/* The page that asks whether this is what the person wants. */
static void ask(struct ts_exchange *x, const struct ts_consented *how)
{
    TS_AUTOFREE char *state = ts_url_escape(ts_request_query(x->request, "state"));
    TS_AUTOFREE char *code = ts_url_escape(ts_request_query(x->request, "code"));
    TS_AUTOFREE char *action = ts_format(ADDRESS "?state=%s&code=%s", state, code);
    TS_AUTOFREE char *text =
        ts_format("%s asked to connect your directory to the org %s. It would read who is in your "
                  "directory, their managers and departments.\nGo on only if you know %s, and that "
                  "org is your business. Else close this page: nothing has been connected.",
                  how->actor, how->org, how->actor);
    struct ts_sheet sheet = {
        .title = "Connect your directory?",
        .text = text,
        .button = "Connect",
        .action = action,
    };

    ts_exchange_show(x, 200, &sheet);
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct ts_exchange *x = arg;
    const char *org = ts_json_text(x->draft, "org");
    bool suspends = err->cls != TS_OK || connection->may_suspend;
    TS_AUTOFREE char *page = page_of(org);
    TS_AUTOFREE char *text = ts_format(
        "The directory of %s is connected to %s.\n%sUntil auto-sync is enabled, nothing moves.",
        err->cls == TS_OK && connection->subject ? connection->subject : "your account", org,
        suspends ? ""
                 : "This account is no admin: teams and managers will be kept in step, but nobody "
                   "is ever suspended.\n");
    struct ts_sheet sheet = {
        .title = "Connected",
        .text = text,
        .link = "Next step: enable auto-sync",
        .target = page,
    };

    x->op = NULL;
    ts_exchange_show(x, 200, &sheet);
}

static void on_consented(const struct ts_error *err, const struct ts_consented *how, void *arg)
{
    struct ts_exchange *x = arg;
    struct ts_registry *registry = x->env->registry;

    x->op = NULL;
    if (err->cls == TS_NOT_FOUND && !how->org) {
        show(x, 404, "This link is too old",
             "It is good once, and for ten minutes. Begin again with connecting.");
    } else if (err->cls != TS_OK) {
        show_failure(x, err, how->org);
    } else if (!how->is_connected) {
        ask(x, how);
    } else {
        x->draft = ts_json_new_object();
        ts_json_add_text(x->draft, "org", how->org);
        x->op = registry->ops->get_connection(registry, how->org, on_connection, x);
    }
}

static bool is_sound(const char *text, size_t max_bytes)
{
    return !ts_text_is_empty(text) && strlen(text) <= max_bytes && ts_text_is_printable(text);
}

static void take_answer(struct ts_exchange *x, bool insists)
{
    TS_AUTOFREE_SECRET char *browser = ts_cookie_read(x, cookie.name);
    struct ts_consent_answer answer = {
        .proof = {.state = ts_request_query(x->request, "state"),
                  .browser = browser,
                  .insists = insists},
        .code = ts_request_query(x->request, "code"),
    };

    if (ts_request_query(x->request, "error"))
        show(x, 403, "Nothing was connected",
             "The consent was refused. To connect the directory all the same, begin again, choose "
             "an admin's account, and press Allow.");
    else if (!is_sound(answer.proof.state, STATE_MAX_BYTES) ||
             !is_sound(answer.code, CODE_MAX_BYTES))
        show(x, 400, "This link is not complete", "Begin again with connecting.");
    else
        x->op = ts_consent_start(x->env, &answer, on_consented, x);
}

void ts_api_consent(struct ts_exchange *x)
{
    take_answer(x, /* insists= */ false);
}

void ts_api_insist_on_consent(struct ts_exchange *x)
{
    take_answer(x, /* insists= */ true);
}
