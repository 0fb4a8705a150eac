/* SPDX-License-Identifier: MIT */
/* Consents in Redis, each under the digest of its state, and gone when its life is over. */
#include "registry/registry_internal.h"

#include "teamsync/call.h"
#include "teamsync/digest.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

extern const char ts_lua_registry_put_consent[];
extern const char ts_lua_registry_take_consent[];

static struct ts_redis_script put_script = {.source = ts_lua_registry_put_consent};
static struct ts_redis_script take_script = {.source = ts_lua_registry_take_consent};

/* "" for a browser that shows none. */
static const char *browser_of(const struct ts_consent_proof *proof, char ret[TS_SHA256_TEXT])
{
    return proof->browser ? ts_sha256_text(proof->browser, ret) : "";
}

static char *key_of(const struct redis_registry *registry, const struct ts_consent_proof *proof)
{
    char digest[TS_SHA256_TEXT];

    return ts_redis_key(registry->redis, "consent:%s", ts_sha256_text(proof->state, digest));
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
    char browser[TS_SHA256_TEXT];
    const char *keys[] = {key, NULL};
    const char *words[] = {life,
                           "org",
                           consent->org,
                           "actor",
                           consent->actor,
                           "verifier",
                           sealed,
                           "browser",
                           browser_of(proof, browser),
                           "by_admin",
                           consent->is_by_admin ? "1" : "0",
                           NULL};

    return ts_call_run(
        call, ts_redis_eval(registry->redis, &put_script, keys, words, ts_call_on_done, call));
}

static void on_taken(const struct ts_error *err, const struct ts_reply *reply, void *arg)
{
    struct ts_call call = ts_call_take(arg);
    const struct redis_registry *registry = call.self;
    const struct ts_reply *hash = ts_reply_at(reply, 1);
    const char *sealed = ts_reply_field_text(hash, "verifier");
    struct ts_error unknown = ts_error_make(TS_NOT_FOUND, "there is no such consent");
    struct ts_consent consent = {
        .org = ts_reply_field_text(hash, "org"),
        .actor = ts_reply_field_text(hash, "actor"),
        .is_by_admin = ts_reply_field_number(hash, "by_admin") == 1,
    };
    TS_AUTOFREE_SECRET char *verifier =
        consent.org && sealed ? ts_unseal_text(registry->seal, consent.org, sealed) : NULL;

    consent.verifier = verifier;
    if (err->cls == TS_OK && !verifier)
        err = &unknown;
    ((ts_consent_cb *)call.cb)(err, err->cls == TS_OK ? &consent : NULL,
                               ts_reply_number(ts_reply_at(reply, 0)) == 1, call.arg);
}

struct ts_op *ts_registry_take_consent(struct ts_registry *port,
                                       const struct ts_consent_proof *proof, ts_consent_cb *cb,
                                       void *arg)
{
    struct redis_registry *registry = registry_of(port);
    struct ts_call *call = ts_call_new(registry, (ts_call_cb *)cb, arg);
    TS_AUTOFREE char *key = key_of(registry, proof);
    char browser[TS_SHA256_TEXT];
    const char *keys[] = {key, NULL};
    const char *words[] = {browser_of(proof, browser), proof->insists ? "1" : "", NULL};

    return ts_call_run(call,
                       ts_redis_eval(registry->redis, &take_script, keys, words, on_taken, call));
}
