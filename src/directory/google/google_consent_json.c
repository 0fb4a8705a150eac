/* SPDX-License-Identifier: MIT */
/* A refresh token, the scopes that were ticked, and an id token's claims. */
#include "directory/google/google_consent_json.h"

#include "directory/google/env.h"
#include "directory/google/refusal.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <stdbool.h>
#include <string.h>

enum { REFRESH_MAX_BYTES = 8192, CLOCK_SLACK_S = 300 };
static const char where[] = "consent:";

/* The part between the dots, as JSON; NULL when it makes no sense. */
static struct json_object *claims_of(const char *id_token)
{
    const char *dot = id_token ? strchr(id_token, '.') : NULL;
    TS_AUTOFREE char *part = dot ? ts_memdup_text(dot + 1, strcspn(dot + 1, ".")) : NULL;
    size_t length = 0;
    TS_AUTOFREE unsigned char *text = part ? ts_base64url_decode(part, &length) : NULL;

    return text ? ts_json_parse((const char *)text, length, NULL) : NULL;
}

static bool is_by_google(const char *issuer)
{
    return ts_text_equal(issuer, "https://accounts.google.com") ||
           ts_text_equal(issuer, "accounts.google.com");
}

static struct ts_error check_claims(struct json_object *claims, const char *client_id,
                                    uint64_t now_s)
{
    uint64_t expires_s = 0;

    if (!json_object_is_type(claims, json_type_object) || !ts_json_u64(claims, "exp", &expires_s))
        return ts_error_make(TS_RETRY, "google: consent: the answer was not understood");
    if (!is_by_google(ts_json_text(claims, "iss")) ||
        !ts_text_equal(ts_json_text(claims, "aud"), client_id))
        return ts_google_refusal_error(TS_GOOGLE_REFUSED, where, "an id token of others");
    if (expires_s < now_s && now_s - expires_s > CLOCK_SLACK_S)
        return ts_google_refusal_error(TS_GOOGLE_CLOCK_SKEW, where, NULL);
    if (ts_text_is_empty(ts_json_text(claims, "hd")) ||
        !ts_json_bool(claims, "email_verified", false) ||
        !ts_text_is_email(ts_json_text(claims, "email")))
        return ts_google_refusal_error(TS_GOOGLE_NO_WORKSPACE, where, NULL);
    return ts_no_error;
}

/* Who consents may leave boxes unticked. Without the list, all that was asked for is granted
 * (RFC 6749 §5.1). */
static bool has_scope(const char *scopes)
{
    TS_AUTOFREE char *list = ts_strdup(scopes);
    char *rest = list;
    const char *scope;

    while ((scope = strsep(&rest, " "))) {
        if (strcmp(scope, TS_GOOGLE_SCOPE) == 0)
            return true;
    }
    return !scopes;
}

static bool is_refresh_token(const char *text)
{
    return !ts_text_is_empty(text) && strlen(text) <= REFRESH_MAX_BYTES &&
           ts_text_is_printable(text);
}

struct ts_error ts_google_consent_read(const char *body, size_t length, const char *client_id,
                                       uint64_t now_s, struct ts_google_consented *ret)
{
    TS_AUTOJSON struct json_object *json = ts_json_parse(body, length, NULL);
    TS_AUTOJSON struct json_object *claims = claims_of(ts_json_text(json, "id_token"));
    const char *refresh_token = ts_json_text(json, "refresh_token");
    struct ts_error err = check_claims(claims, client_id, now_s);

    if (err.cls != TS_OK)
        return err;
    if (!has_scope(ts_json_text(json, "scope")))
        return ts_google_refusal_error(TS_GOOGLE_SCOPE_MISSING, where, NULL);
    if (!is_refresh_token(refresh_token))
        return ts_google_refusal_error(TS_GOOGLE_NO_REFRESH_TOKEN, where, NULL);
    ret->refresh_token = ts_strdup(refresh_token);
    ret->email = ts_strdup(ts_json_text(claims, "email"));
    return ts_no_error;
}

void ts_google_consent_done(struct ts_google_consented *consented)
{
    ts_free_secret(consented->refresh_token);
    free(consented->email);
    *consented = (struct ts_google_consented){0};
}
