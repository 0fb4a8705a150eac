/* SPDX-License-Identifier: MIT */
/* GET and POST /o/oauth2/v2/auth (§E.2): the page where somebody consents, the code that comes of
 * it (once, with PKCE), and the refresh tokens that codes were good for. */
#include "sandbox/sandbox_internal.h"

#include "teamsync/digest.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <utlist.h>

#include <string.h>

/* One consent: first a code waits for being redeemed, then a refresh token lives. */
struct consent {
    struct consent *next;
    char *code;    /* NULL: redeemed */
    char *refresh; /* NULL: not yet */
    char *challenge;
    char *redirect_uri;
    char *scope;
    const char *email;
};

static const char page[] =
    "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sign in with the "
    "sandbox</title><h1>teamsync wants to read your directory</h1><form method=\"post\"><p><label>"
    "Account <input name=\"email\" value=\"%s\"></label><p><button name=\"answer\" "
    "value=\"allow\">Allow</button> <button name=\"answer\" value=\"deny\">Deny</button></form>\n";

static const char *query_of(const struct api_call *call, const char *name)
{
    return ts_request_query(call->request, name);
}

/* --- answering the service --- */

/* With a code, or with the error's word. */
static void send_back(struct api_call *call, const char *name, const char *value)
{
    TS_AUTOFREE char *state = ts_url_escape(query_of(call, "state") ? query_of(call, "state") : "");
    TS_AUTOFREE char *escaped = ts_url_escape(value);
    TS_AUTOFREE char *url =
        ts_format("%s?%s=%s&state=%s", query_of(call, "redirect_uri"), name, escaped, state);

    call_redirect(call, url);
}

static void allow(struct api_call *call, const char *email)
{
    struct ts_sandbox *sandbox = call->sandbox;
    const struct person *person = email ? people_find(sandbox->people, email) : NULL;
    const char *challenge = query_of(call, "code_challenge");
    struct consent *consent;

    if (!person || person->deleted_ms || person->now.is_suspended) {
        call_page(call, 400, "There is no such account. Go back, and try again.\n");
        return;
    }
    consent = ts_alloc(sizeof(*consent));
    consent->code = ts_random_id("4/sandbox-");
    consent->challenge = ts_strdup(challenge);
    consent->redirect_uri = ts_strdup(query_of(call, "redirect_uri"));
    consent->scope = ts_strdup(query_of(call, "scope"));
    consent->email = person->now.email;
    LL_PREPEND(sandbox->consents, consent);
    send_back(call, "code", consent->code);
}

/* --- the page --- */

static bool is_for_us(struct api_call *call)
{
    const char *wrong = NULL;

    if (!ts_text_equal(query_of(call, "client_id"), SANDBOX_CLIENT))
        wrong = "Error 401: invalid_client. The OAuth client was not found.\n";
    else if (ts_text_is_empty(query_of(call, "redirect_uri")))
        wrong = "Error 400: invalid_request. Missing required parameter: redirect_uri.\n";
    else if (!ts_text_equal(query_of(call, "response_type"), "code"))
        wrong = "Error 400: unsupported_response_type.\n";
    if (wrong)
        call_page(call, 400, wrong);
    return !wrong;
}

void consent_page_handle(struct api_call *call)
{
    const char *hint = query_of(call, "login_hint");
    const struct person *first = people_find(call->sandbox->people, SANDBOX_ADMIN_ID);
    TS_AUTOFREE char *html = NULL;

    if (!is_for_us(call))
        return;
    if (!ts_text_is_email(hint) || strpbrk(hint, "<>&\""))
        hint = first ? first->now.email : "";
    if (call->sandbox->settings.consent_automatic) {
        allow(call, hint);
    } else {
        html = ts_format(page, hint);
        call_page(call, 200, html);
    }
}

void consent_answer_handle(struct api_call *call)
{
    size_t length = 0;
    const char *form = ts_request_body(call->request, &length);
    TS_AUTOFREE char *answer = form_field(form, "answer");
    TS_AUTOFREE char *email = form_field(form, "email");

    if (!is_for_us(call))
        return;
    if (ts_text_equal(answer, "allow"))
        allow(call, email);
    else
        send_back(call, "error", "access_denied");
}

/* --- codes and refresh tokens --- */

static bool fits_challenge(const struct consent *consent, const char *verifier)
{
    unsigned char digest[TS_SHA256_BYTES];
    TS_AUTOFREE char *challenge = NULL;

    if (!consent->challenge)
        return true;
    if (!verifier)
        return false;
    ts_sha256(verifier, strlen(verifier), digest);
    challenge = ts_base64url(digest, sizeof(digest));
    return strcmp(challenge, consent->challenge) == 0;
}

static struct consent *find_code(struct ts_sandbox *sandbox, const char *code)
{
    struct consent *consent;

    LL_FOREACH(sandbox->consents, consent)
    {
        if (code && ts_text_equal(consent->code, code))
            return consent;
    }
    return NULL;
}

const char *consent_redeem(struct ts_sandbox *sandbox, const char *form,
                           struct consent_granted *ret)
{
    TS_AUTOFREE char *code = form_field(form, "code");
    TS_AUTOFREE char *verifier = form_field(form, "code_verifier");
    TS_AUTOFREE char *redirect_uri = form_field(form, "redirect_uri");
    struct consent *consent = find_code(sandbox, code);

    if (!consent)
        return "Malformed auth code.";
    free(TS_STEAL(consent->code)); /* whatever comes of it */
    if (!ts_text_equal(consent->redirect_uri, redirect_uri))
        return "The code was issued for another redirect_uri.";
    if (!fits_challenge(consent, verifier))
        return "Invalid code verifier.";
    consent->refresh = ts_random_id("1//sandbox-");
    *ret = (struct consent_granted){
        .email = consent->email, .refresh_token = consent->refresh, .scope = consent->scope};
    return NULL;
}

const char *consent_find(const struct ts_sandbox *sandbox, const char *refresh_token)
{
    const struct consent *consent;

    LL_FOREACH(sandbox->consents, consent)
    {
        if (refresh_token && ts_text_equal(consent->refresh, refresh_token))
            return consent->email;
    }
    return NULL;
}

void consents_free(struct ts_sandbox *sandbox)
{
    while (sandbox->consents) {
        struct consent *consent = sandbox->consents;

        LL_DELETE(sandbox->consents, consent);
        free(consent->code);
        free(consent->refresh);
        free(consent->challenge);
        free(consent->redirect_uri);
        free(consent->scope);
        free(consent);
    }
}
