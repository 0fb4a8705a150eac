/* SPDX-License-Identifier: MIT */
/* A person's consent: where it is given, and what its code is good for. What is asked for beside
 * the directory's scope is `openid email`: the consenting account's address is the subject of all
 * that follows, and Google's users API has no word for "me". */
#include "directory/google/google_consent_json.h"
#include "directory/google/google_error.h"
#include "directory/google/google_internal.h"
#include "directory/google/refusal.h"
#include "directory/google/token.h"

#include "teamsync/digest.h"
#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <string.h>

#define SCOPES TS_GOOGLE_SCOPE " openid email"

struct redeeming {
    struct ts_op op; /* first */
    const struct ts_google_env *env;
    struct ts_op *waiting;
    ts_directory_credentials_cb *cb;
    void *arg;
};

/* --- where it is given --- */

/* S256 (RFC 7636 §4.2) */
static char *challenge_of(const char *verifier)
{
    unsigned char digest[TS_SHA256_BYTES];

    ts_sha256(verifier, strlen(verifier), digest);
    return ts_base64url(digest, sizeof(digest));
}

char *ts_google_consent_url(struct ts_directory *directory,
                            const struct ts_directory_consent *consent)
{
    const struct ts_google_env *env = &ts_google_of(directory)->env;
    TS_AUTOFREE char *client = env->client_id ? ts_url_escape(env->client_id) : NULL;
    TS_AUTOFREE char *redirect = ts_url_escape(consent->redirect_to);
    TS_AUTOFREE char *scopes = ts_url_escape(SCOPES);
    TS_AUTOFREE char *state = ts_url_escape(consent->state);
    TS_AUTOFREE char *challenge = challenge_of(consent->verifier);
    TS_AUTOFREE char *hint = consent->hint ? ts_url_escape(consent->hint) : NULL;

    if (!client)
        return NULL;
    return ts_format("%s?response_type=code&access_type=offline&prompt=consent&client_id=%s"
                     "&redirect_uri=%s&scope=%s&state=%s&code_challenge=%s"
                     "&code_challenge_method=S256%s%s",
                     env->auth_url, client, redirect, scopes, state, challenge,
                     hint ? "&login_hint=" : "", hint ? hint : "");
}

/* --- what its code is good for --- */

static void cancel(struct ts_op *op)
{
    struct redeeming *r = (struct redeeming *)(void *)op;

    ts_op_cancel(&r->waiting);
    free(r);
}

static char *encode_code(const struct ts_google_env *env,
                         const struct ts_directory_consent *consent, const char *code)
{
    TS_AUTOFREE char *client = ts_url_escape(env->client_id ? env->client_id : "");
    TS_AUTOFREE_SECRET
    char *secret = ts_url_escape(env->client_secret ? env->client_secret : "");
    TS_AUTOFREE char *redirect = ts_url_escape(consent->redirect_to);
    TS_AUTOFREE_SECRET char *verifier = ts_url_escape(consent->verifier);
    TS_AUTOFREE_SECRET char *escaped = ts_url_escape(code);

    return ts_format("grant_type=authorization_code&client_id=%s&client_secret=%s&redirect_uri=%s"
                     "&code_verifier=%s&code=%s",
                     client, secret, redirect, verifier, escaped);
}

static char *credentials_of(const struct ts_google_env *env,
                            const struct ts_google_consented *consented)
{
    TS_AUTOJSON struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "type", "authorized_user");
    ts_json_add_text(json, "client_id", env->client_id);
    ts_json_add_text(json, "client_secret", env->client_secret);
    ts_json_add_text(json, "refresh_token", consented->refresh_token);
    ts_json_add_text(json, "subject", consented->email);
    return ts_json_print(json);
}

static void on_redeemed(const struct ts_error *err, const struct ts_http_response *response,
                        void *arg)
{
    struct redeeming r = *(struct redeeming *)arg;
    struct ts_google_verdict verdict =
        response ? ts_google_judge_token(response) : ts_google_judge_failure(err);
    TS_CLEANUP(ts_google_consent_done) struct ts_google_consented consented = {0};
    TS_AUTOFREE_SECRET char *credentials = NULL;

    free(arg);
    if (response && verdict.err.cls == TS_OK)
        verdict.err = ts_google_consent_read(response->body, response->body_length,
                                             r.env->client_id, ts_wall_us() / 1000000, &consented);
    ts_google_name_error(&verdict.err);
    ts_google_count("token", &verdict.err);
    if (verdict.err.cls == TS_OK)
        credentials = credentials_of(r.env, &consented);
    r.cb(&verdict.err, credentials, r.arg);
}

struct ts_op *ts_google_redeem(struct ts_directory *directory,
                               const struct ts_directory_consent *consent, const char *code,
                               ts_directory_credentials_cb *cb, void *arg)
{
    const struct ts_google_env *env = &ts_google_of(directory)->env;
    struct redeeming *r = ts_alloc(sizeof(*r));
    TS_AUTOFREE_SECRET char *form = encode_code(env, consent, code);

    *r = (struct redeeming){.op.cancel = cancel, .env = env, .cb = cb, .arg = arg};
    r->waiting = ts_google_token_ask(env, form, on_redeemed, r);
    return &r->op;
}
