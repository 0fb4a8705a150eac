/* SPDX-License-Identifier: MIT */
/* Consents in Redis, each under the digest of its state, and gone when its life is over. */
#include "registry/registry_internal.h"

#include "teamsync/call.h"
#include "teamsync/digest.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

extern const char ts_lua_registry_put_consent[];
extern const char ts_lua_registry_take_consent[];

static struct ts_redis_script put_script = {.source = ts_lua_registry_put_consent};
static struct ts_redis_script take_script = {.source = ts_lua_registry_take_consent};

enum { DIGEST_TEXT = 2 * TS_SHA256_BYTES + 1 };

/* "" for no secret. */
static const char *digest_of(const char *secret, char ret[DIGEST_TEXT])
{
    unsigned char digest[TS_SHA256_BYTES];

    ret[0] = '\0';
    if (secret) {
        ts_sha256(secret, strlen(secret), digest);
        ts_hex(digest, sizeof(digest), ret);
    }
    return ret;
}

static char *key_of(const struct redis_registry *registry, const struct ts_consent_proof *proof)
{
    char digest[DIGEST_TEXT];

    return ts_redis_key(registry->redis, "consent:%s", digest_of(proof->state, digest));
}

static void on_put(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);

    (void)reply;
    ((ts_done_cb *)call.cb)(err, call.arg);
}

struct ts_op *ts_registry_put_consent(struct ts_registry *port,
                                      const struct ts_consent_proof *proof,
                                      const struct ts_consent *consent, ts_done_cb *cb, void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = key_of(registry, proof);
    TS_AUTOFREE char *life = ts_format("%d", TS_CONSENT_LIFE_S * 1000);
    TS_AUTOFREE char *sealed = ts_seal_text(registry->seal, consent->org, consent->verifier);
    char browser[DIGEST_TEXT];
    const char *keys[] = {key, NULL};
    const char *words[] = {life,
                           "org",
                           consent->org,
                           "actor",
                           consent->actor,
                           "verifier",
                           sealed,
                           "browser",
                           digest_of(proof->browser, browser),
                           "by_admin",
                           consent->is_by_admin ? "1" : "0",
                           NULL};

    return ts_call_run(call,
                       ts_redis_eval(registry->redis, &put_script, keys, words, on_put, call));
}

static void on_taken(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    const struct redis_registry *registry = call.self;
    const struct ts_reply *hash = ts_reply_at(reply, 1);
    const char *sealed = ts_registry_text(hash, "verifier");
    struct ts_error unknown = ts_error_make(TS_NOT_FOUND, "there is no such consent");
    struct ts_consent consent = {
        .org = ts_registry_text(hash, "org"),
        .actor = ts_registry_text(hash, "actor"),
        .is_by_admin = ts_registry_number(hash, "by_admin") == 1,
    };
    char *verifier =
        consent.org && sealed ? ts_unseal_text(registry->seal, consent.org, sealed) : NULL;

    consent.verifier = verifier;
    if (err->cls == TS_OK && !verifier)
        err = &unknown;
    ((ts_consent_cb *)call.cb)(err, err->cls == TS_OK ? &consent : NULL,
                               ts_reply_number(ts_reply_at(reply, 0)) == 1, call.arg);
    ts_free_secret(verifier);
}

struct ts_op *ts_registry_take_consent(struct ts_registry *port,
                                       const struct ts_consent_proof *proof, ts_consent_cb *cb,
                                       void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = key_of(registry, proof);
    char browser[DIGEST_TEXT];
    const char *keys[] = {key, NULL};
    const char *words[] = {digest_of(proof->browser, browser), proof->insists ? "1" : "", NULL};

    return ts_call_run(call,
                       ts_redis_eval(registry->redis, &take_script, keys, words, on_taken, call));
}
