/* SPDX-License-Identifier: MIT */
/* What the tests of the Google adapter share: an HTTP port worked by hand (each request is recorded
 * and held until the test answers it), a clock worked by hand, and credentials with a real key. */
#ifndef TESTS_GOOGLE_FIXTURE_H
#define TESTS_GOOGLE_FIXTURE_H

#include "directory/google/env.h"
#include "support/test.h"
#include "support/wait.h"

#include "teamsync/connection.h"
#include "teamsync/http.h"
#include "teamsync/json.h"
#include "teamsync/loop.h"
#include "teamsync/mem.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <utlist.h>

#include <stdio.h>
#include <string.h>

struct held {
    struct ts_op op; /* first */
    struct held *prev, *next;
    struct fake_http *http;
    char *verb;
    char *url;
    char *headers; /* one per line */
    char *body;    /* "" for none */
    ts_http_cb *cb;
    void *arg;
};

struct fake_http {
    struct ts_http port; /* first */
    struct ts_loop *loop;
    struct held *held; /* oldest first */
    unsigned started;
    unsigned cancelled;
};

static inline void fake_drop(struct held *held)
{
    DL_DELETE(held->http->held, held);
    free(held->verb);
    free(held->url);
    free(held->headers);
    free(held->body);
    free(held);
}

static inline void fake_cancel(struct ts_op *op)
{
    struct held *held = (struct held *)(void *)op;

    held->http->cancelled++;
    fake_drop(held);
}

static inline struct ts_op *fake_start(struct ts_http *port, const struct ts_http_request *request,
                                       ts_http_cb *cb, void *arg)
{
    struct fake_http *http = (struct fake_http *)(void *)port;
    struct held *held = ts_alloc(sizeof(*held));

    held->op.cancel = fake_cancel;
    held->http = http;
    held->verb = ts_strdup(request->method);
    held->url = ts_strdup(request->url);
    held->body = ts_memdup_text(request->body ? request->body : "", request->body_length);
    held->headers = ts_strdup("");
    for (const char *const *header = request->headers; header && *header; header++) {
        char *longer = ts_format("%s%s\n", held->headers, *header);

        free(held->headers);
        held->headers = longer;
    }
    held->cb = cb;
    held->arg = arg;
    DL_APPEND(http->held, held);
    http->started++;
    return &held->op;
}

static inline size_t fake_waiting(const struct fake_http *http)
{
    const struct held *held;
    size_t count = 0;

    DL_COUNT(http->held, held, count);
    return count;
}

/* The oldest that waits, or the next one to come. */
static inline const struct held *fake_next(const struct fake_http *http)
{
    assert_true(TEST_WAIT(http->loop, http->held));
    return http->held;
}

static inline void fake_respond(struct fake_http *http, const struct ts_http_response *response)
{
    ts_http_cb *cb = fake_next(http)->cb;
    void *arg = http->held->arg;

    fake_drop(http->held);
    cb(&ts_no_error, response, arg);
}

static inline void fake_answer(struct fake_http *http, int status, const char *body)
{
    fake_respond(http, &(struct ts_http_response){.status = status,
                                                  .content_type = "application/json",
                                                  .body = body,
                                                  .body_length = strlen(body)});
}

static inline void fake_fail(struct fake_http *http, enum ts_class cls)
{
    ts_http_cb *cb = fake_next(http)->cb;
    void *arg = http->held->arg;
    struct ts_error err = ts_error_make(cls, "http: it broke");

    fake_drop(http->held);
    cb(&err, NULL, arg);
}

/* --- the clock --- */

static uint64_t fixture_now_ms = 1000000;

static inline uint64_t fixture_clock(void)
{
    return fixture_now_ms;
}

/* --- credentials --- */

#define TOKEN_URL  "https://token.example/token"
#define TOKEN_BODY "{\"access_token\":\"ya29.one\",\"expires_in\":3599,\"token_type\":\"Bearer\"}"
#define TOKEN_TWO  "{\"access_token\":\"ya29.two\",\"expires_in\":3599,\"token_type\":\"Bearer\"}"

static inline EVP_PKEY *fixture_key(void)
{
    static EVP_PKEY *key;

    if (!key)
        key = EVP_RSA_gen(2048);
    assert_non_null(key);
    return key;
}

/* Newly allocated. */
static inline char *fixture_pem_of(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    long length;
    char *pem;

    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    length = BIO_get_mem_data(bio, &bytes);
    pem = ts_memdup_text(bytes, (size_t)length);
    BIO_free(bio);
    return pem;
}

/* Newly allocated. The key file names an address that must never be called. */
static inline char *fixture_service_account(void)
{
    TS_AUTOJSON struct json_object *json = json_object_new_object();
    struct json_object *key = json_object_new_object();
    TS_AUTOFREE char *pem = fixture_pem_of(fixture_key());

    ts_json_add_text(key, "type", "service_account");
    ts_json_add_text(key, "client_email", "sync@proj.iam.gserviceaccount.com");
    ts_json_add_text(key, "private_key_id", "key-1");
    ts_json_add_text(key, "private_key", pem);
    ts_json_add_text(key, "token_uri", "https://evil.example/token");
    ts_json_add_text(json, "type", "service_account");
    ts_json_add_text(json, "subject", "admin@acme.example");
    ts_json_add(json, "key", key);
    return ts_json_print(json);
}

static const char fixture_consent[] =
    "{\"type\":\"authorized_user\",\"client_id\":\"id&1\",\"client_secret\":\"se=cret\","
    "\"refresh_token\":\"1//re fresh\",\"subject\":\"admin@acme.example\"}";

static inline struct ts_connection fixture_connection(const char *revision, const char *credentials)
{
    return (struct ts_connection){
        .org = "acme",
        .provider = "google-workspace",
        .state = TS_CONNECTION_ACTIVE,
        .revision = revision,
        .credentials = credentials,
        .may_suspend = true,
        .team_from = "department",
    };
}

static inline struct ts_google_env fixture_env(struct ts_loop *loop, struct fake_http *http,
                                               char *api_url, char *token_url)
{
    http->port.start = fake_start;
    http->loop = loop;
    return (struct ts_google_env){
        .loop = loop,
        .http = &http->port,
        .api_url = api_url,
        .token_url = token_url,
        .requests_per_minute = 600,
        .now_ms = fixture_clock,
        .idle_ms = 60000,
    };
}

#endif
