/* SPDX-License-Identifier: MIT */
/* POST /token (§E): a JWT signed by the service account, a refresh token, or a consent's code, for
 * an access token. */
#include "sandbox/sandbox_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <utlist.h>

#include <string.h>

struct token {
    struct token *next;
    char *secret;
    const char *caller;
    uint64_t expires_ms;
};

enum { LIFE_MAX_S = 3600, SKEW_S = 300 };
static const char readonly_scope[] =
    "https://www.googleapis.com/auth/admin.directory.user.readonly";
static const char user_scope[] = "https://www.googleapis.com/auth/admin.directory.user";
static const char jwt_grant[] = "urn:ietf:params:oauth:grant-type:jwt-bearer";
static const char google_audience[] = "https://oauth2.googleapis.com/token";

/* --- tokens --- */

const char *tokens_find(struct ts_sandbox *sandbox, const char *secret)
{
    const struct token *token;

    LL_FOREACH(sandbox->tokens, token)
    {
        if (strcmp(token->secret, secret) == 0)
            return token->expires_ms > sandbox_now_ms() ? token->caller : NULL;
    }
    return NULL;
}

void tokens_expire(struct ts_sandbox *sandbox)
{
    tokens_free(sandbox);
}

void tokens_free(struct ts_sandbox *sandbox)
{
    while (sandbox->tokens) {
        struct token *token = sandbox->tokens;

        LL_DELETE(sandbox->tokens, token);
        free(token->secret);
        free(token);
    }
}

static struct json_object *new_token(struct ts_sandbox *sandbox, const char *caller)
{
    struct token *token = ts_alloc(sizeof(*token));
    struct json_object *json = ts_json_new_object();

    token->secret = ts_random_id("ya29.sandbox-");
    token->caller = people_text(sandbox->people, caller);
    token->expires_ms = sandbox_now_ms() + sandbox->settings.token_ttl_s * 1000;
    LL_PREPEND(sandbox->tokens, token);
    ts_json_add_text(json, "access_token", token->secret);
    ts_json_add_number(json, "expires_in", (int64_t)sandbox->settings.token_ttl_s);
    ts_json_add_text(json, "token_type", "Bearer");
    return json;
}

static void grant(struct api_call *call, const char *caller)
{
    call_reply(call, 200, new_token(call->sandbox, caller));
}

static void refuse(struct api_call *call, int status, const char *error, const char *description)
{
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "error", error);
    ts_json_add_text(json, "error_description", description);
    call_reply(call, status, json);
}

/* --- the form --- */

static int hex_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char lower[] = {c, '\0'};
    TS_AUTOFREE char *folded = ts_text_fold_email(lower);
    const char *found = *folded ? strchr(digits, *folded) : NULL;

    return found ? (int)(found - digits) : -1;
}

static char *decode(const char *text, size_t length)
{
    char *decoded = ts_alloc(length + 1);
    size_t out = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '%' && i + 2 < length && hex_of(text[i + 1]) >= 0 &&
            hex_of(text[i + 2]) >= 0) {
            decoded[out++] = (char)(hex_of(text[i + 1]) * 16 + hex_of(text[i + 2]));
            i += 2;
        } else if (text[i] == '+') {
            decoded[out++] = ' ';
        } else {
            decoded[out++] = text[i];
        }
    }
    return decoded;
}

char *form_field(const char *form, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = form; at && *at; at = strchr(at, '&'), at = at ? at + 1 : NULL) {
        if (strncmp(at, name, length) == 0 && at[length] == '=')
            return decode(at + length + 1, strcspn(at + length + 1, "&"));
    }
    return NULL;
}

/* --- the JWT --- */

static struct json_object *claims_of(const char *part)
{
    size_t length = 0;
    TS_AUTOFREE unsigned char *text = ts_base64url_decode(part, &length);

    return text ? ts_json_parse((const char *)text, length, NULL) : NULL;
}

static bool audience_is_right(const struct ts_sandbox *sandbox, const char *audience)
{
    TS_AUTOFREE char *own = ts_format("%s/token", sandbox->url);

    return ts_text_equal(audience, own) || ts_text_equal(audience, google_audience);
}

static bool scopes_are_allowed(const char *scopes)
{
    TS_AUTOFREE char *list = ts_strdup(scopes ? scopes : "");
    char *rest = list;
    char *scope;

    while ((scope = strsep(&rest, " "))) {
        if (*scope && strcmp(scope, readonly_scope) != 0 && strcmp(scope, user_scope) != 0)
            return false;
    }
    return !ts_text_is_empty(scopes);
}

static bool times_are_reasonable(struct json_object *claims)
{
    uint64_t iat = 0;
    uint64_t exp = 0;
    uint64_t now = sandbox_now_ms() / 1000;

    return ts_json_u64(claims, "iat", &iat) && ts_json_u64(claims, "exp", &exp) && exp > now &&
           exp - iat <= LIFE_MAX_S && exp >= iat && iat <= now + SKEW_S &&
           exp <= now + LIFE_MAX_S + SKEW_S;
}

static void check_claims(struct api_call *call, struct json_object *claims)
{
    struct ts_sandbox *sandbox = call->sandbox;
    const char *subject = ts_json_text(claims, "sub");
    const struct person *person = subject ? people_find(sandbox->people, subject) : NULL;

    if (!ts_text_equal(ts_json_text(claims, "iss"), sandbox_key_email(sandbox->key)))
        refuse(call, 400, "invalid_grant", "Invalid JWT: No valid verifier found for issuer");
    else if (!audience_is_right(sandbox, ts_json_text(claims, "aud")))
        refuse(call, 400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.");
    else if (!times_are_reasonable(claims))
        refuse(call, 400, "invalid_grant",
               "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
               "timeframe. Check your iat and exp values in the JWT claim.");
    else if (!scopes_are_allowed(ts_json_text(claims, "scope")))
        refuse(call, 401, "unauthorized_client",
               "Client is unauthorized to retrieve access tokens using this method, or client not "
               "authorized for any of the scopes requested.");
    else if (subject && (!person || person->deleted_ms || person->now.is_suspended))
        refuse(call, 400, "invalid_grant", "Invalid email or User ID");
    else
        grant(call, subject ? person->now.email : "");
}

static void grant_for_jwt(struct api_call *call, char *assertion)
{
    char *first_dot = strchr(assertion, '.');
    char *second_dot = first_dot ? strchr(first_dot + 1, '.') : NULL;
    TS_AUTOJSON struct json_object *claims = NULL;

    if (!second_dot) {
        refuse(call, 400, "invalid_grant", "Invalid JWT: it has not three parts.");
        return;
    }
    *second_dot = '\0';
    if (!sandbox_key_verifies(call->sandbox->key, assertion, second_dot + 1)) {
        refuse(call, 400, "invalid_grant", "Invalid JWT Signature.");
        return;
    }
    claims = claims_of(first_dot + 1);
    check_claims(call, claims);
}

/* --- the refresh token --- */

static bool is_client(const char *form)
{
    TS_AUTOFREE char *client = form_field(form, "client_id");
    TS_AUTOFREE char *secret = form_field(form, "client_secret");

    return ts_text_equal(client, SANDBOX_CLIENT) && ts_text_equal(secret, "sandbox-secret");
}

static void grant_to(struct api_call *call, const char *email)
{
    const struct person *person = people_find(call->sandbox->people, email);

    if (!person || person->deleted_ms || person->now.is_suspended)
        refuse(call, 400, "invalid_grant", "Token has been expired or revoked.");
    else
        grant(call, person->now.email);
}

static void grant_for_refresh(struct api_call *call, const char *form)
{
    struct ts_sandbox *sandbox = call->sandbox;
    TS_AUTOFREE char *refresh = form_field(form, "refresh_token");
    const struct person *member = people_at(sandbox->people, 0);

    for (size_t i = 0; member && member->now.is_admin; i++)
        member = people_at(sandbox->people, i);
    if (!is_client(form))
        refuse(call, 401, "invalid_client", "The OAuth client was not found.");
    else if (consent_find(sandbox, refresh))
        grant_to(call, consent_find(sandbox, refresh));
    else if (ts_text_equal(refresh, "sandbox-refresh"))
        grant(call, people_find(sandbox->people, SANDBOX_ADMIN_ID)->now.email);
    else if (ts_text_equal(refresh, "sandbox-refresh-member") && member)
        grant(call, member->now.email);
    else
        refuse(call, 400, "invalid_grant", "Token has been expired or revoked.");
}

/* --- the code --- */

/* Nobody looks at its signature: it comes straight from here. */
static char *id_token_of(const struct ts_sandbox *sandbox, const char *email)
{
    static const char header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
    TS_AUTOJSON struct json_object *claims = ts_json_new_object();
    uint64_t now_s = sandbox_now_ms() / 1000;
    char id[PERSON_ID_TEXT];
    TS_AUTOFREE char *head = ts_base64url(header, strlen(header));
    TS_AUTOFREE char *text = NULL;
    TS_AUTOFREE char *body = NULL;

    ts_json_add_text(claims, "iss", "https://accounts.google.com");
    ts_json_add_text(claims, "aud", SANDBOX_CLIENT);
    ts_json_add_text(claims, "sub", person_id(people_find(sandbox->people, email), id));
    ts_json_add_text(claims, "hd", sandbox->domain);
    ts_json_add_text(claims, "email", email);
    ts_json_add_bool(claims, "email_verified", true);
    ts_json_add_number(claims, "iat", (int64_t)now_s);
    ts_json_add_number(claims, "exp", (int64_t)now_s + LIFE_MAX_S);
    text = ts_json_print(claims);
    body = ts_base64url(text, strlen(text));
    return ts_format("%s.%s.c2FuZGJveA", head, body);
}

static void grant_for_code(struct api_call *call, const char *form)
{
    struct ts_sandbox *sandbox = call->sandbox;
    struct consent_granted granted = {0};
    struct json_object *json;
    TS_AUTOFREE char *id_token = NULL;
    const char *wrong = NULL;

    if (!is_client(form)) {
        refuse(call, 401, "invalid_client", "The OAuth client was not found.");
    } else if ((wrong = consent_redeem(sandbox, form, &granted))) {
        refuse(call, 400, "invalid_grant", wrong);
    } else if (!people_find(sandbox->people, granted.email)) {
        refuse(call, 400, "invalid_grant", "The account has been deleted.");
    } else {
        id_token = id_token_of(sandbox, granted.email);
        json = new_token(sandbox, granted.email);
        ts_json_add_text(json, "refresh_token", granted.refresh_token);
        ts_json_add_text(json, "scope", granted.scope);
        ts_json_add_text(json, "id_token", id_token);
        call_reply(call, 200, json);
    }
}

void token_handle(struct api_call *call)
{
    size_t length = 0;
    const char *form = ts_request_body(call->request, &length);
    TS_AUTOFREE char *type = form_field(form, "grant_type");
    TS_AUTOFREE char *assertion = form_field(form, "assertion");

    if (fault_is(call->fault, "refused"))
        refuse(call, 400, call->fault->reason ? call->fault->reason : "invalid_grant",
               call->fault->message);
    else if (fault_is(call->fault, "invalid_grant"))
        refuse(call, 400, "invalid_grant", "Invalid JWT Signature.");
    else if (fault_is(call->fault, "unauthorized_client"))
        refuse(call, 401, "unauthorized_client", "Unauthorized client or scope in request.");
    else if (ts_text_equal(type, jwt_grant) && assertion)
        grant_for_jwt(call, assertion);
    else if (ts_text_equal(type, "refresh_token"))
        grant_for_refresh(call, form);
    else if (ts_text_equal(type, "authorization_code"))
        grant_for_code(call, form);
    else
        refuse(call, 400, "unsupported_grant_type", "Invalid grant_type");
}
