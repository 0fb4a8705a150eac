/* SPDX-License-Identifier: MIT */
/* The assertion: its claims, and a signature that OpenSSL verifies with the public key. */
#include "directory/google/jwt.h"
#include "unit/directory_google/google_fixture.h"

#include "teamsync/text.h"

#include <openssl/err.h>

static const struct ts_google_claims claims = {
    .issuer = "sync@proj.iam.gserviceaccount.com",
    .subject = "admin@acme.example",
    .scope = "scope/a",
    .audience = "https://token.example/token",
    .issued_s = 1795427266,
};

static struct json_object *decode(const char *text, size_t length)
{
    TS_AUTOFREE char *part = ts_memdup_text(text, length);
    size_t bytes = 0;
    TS_AUTOFREE unsigned char *json = ts_base64url_decode(part, &bytes);

    assert_non_null(json);
    return ts_json_parse((const char *)json, bytes, NULL);
}

static int verify(EVP_PKEY *key, const char *jwt, const char *last_dot)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t length = 0;
    TS_AUTOFREE unsigned char *signature = ts_base64url_decode(last_dot + 1, &length);
    int verdict;

    assert_non_null(signature);
    assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
    verdict = EVP_DigestVerify(context, signature, length, (const unsigned char *)jwt,
                               (size_t)(last_dot - jwt));
    EVP_MD_CTX_free(context);
    return verdict;
}

static void test_the_signature_is_of_the_key(void **state)
{
    TS_AUTOFREE char *pem = fixture_pem_of(fixture_key());
    EVP_PKEY *other = EVP_RSA_gen(2048);
    const char *problem = NULL;
    TS_AUTOFREE char *jwt = ts_google_jwt_sign(&claims, "key-1", pem, &problem);

    (void)state;
    assert_non_null(jwt);
    assert_null(strpbrk(jwt, "=+/"));
    assert_int_equal(verify(fixture_key(), jwt, strrchr(jwt, '.')), 1);
    assert_int_not_equal(verify(other, jwt, strrchr(jwt, '.')), 1);
    ERR_clear_error();
    EVP_PKEY_free(other);
}

static void test_the_claims_are_those_google_wants(void **state)
{
    TS_AUTOFREE char *pem = fixture_pem_of(fixture_key());
    const char *problem = NULL;
    TS_AUTOFREE char *jwt = ts_google_jwt_sign(&claims, "key-1", pem, &problem);
    const char *dot = strchr(jwt, '.');
    TS_AUTOJSON struct json_object *header = decode(jwt, (size_t)(dot - jwt));
    TS_AUTOJSON struct json_object *body = decode(dot + 1, (size_t)(strrchr(jwt, '.') - dot - 1));
    TS_AUTOFREE char *header_text = ts_json_print(header);
    TS_AUTOFREE char *body_text = ts_json_print(body);

    (void)state;
    assert_string_equal(header_text, "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"key-1\"}");
    assert_string_equal(body_text, "{\"iss\":\"sync@proj.iam.gserviceaccount.com\","
                                   "\"sub\":\"admin@acme.example\",\"scope\":\"scope/a\","
                                   "\"aud\":\"https://token.example/token\","
                                   "\"iat\":1795427266,\"exp\":1795430866}");
}

static void test_the_key_id_is_optional(void **state)
{
    TS_AUTOFREE char *pem = fixture_pem_of(fixture_key());
    const char *problem = NULL;
    TS_AUTOFREE char *jwt = ts_google_jwt_sign(&claims, NULL, pem, &problem);
    TS_AUTOJSON struct json_object *header = decode(jwt, (size_t)(strchr(jwt, '.') - jwt));

    (void)state;
    assert_false(json_object_object_get_ex(header, "kid", NULL));
}

static char *encrypted_pem(void)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    char *pem;
    long length;

    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, fixture_key(), EVP_aes_128_cbc(), "secret",
                                                   6, NULL, NULL),
                     1);
    length = BIO_get_mem_data(bio, &bytes);
    pem = ts_memdup_text(bytes, (size_t)length);
    BIO_free(bio);
    return pem;
}

static void test_a_bad_key_is_refused_in_words_and_leaves_no_openssl_error(void **state)
{
    EVP_PKEY *curve = EVP_EC_gen("P-256");
    TS_AUTOFREE char *curve_pem = fixture_pem_of(curve);
    TS_AUTOFREE char *locked = encrypted_pem();
    TS_AUTOFREE char *good = fixture_pem_of(fixture_key());
    TS_AUTOFREE char *cut = ts_memdup_text(good, strlen(good) / 2);
    const char *const wrong[] = {"",  "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END",
                                 cut, locked,  curve_pem};

    (void)state;
    EVP_PKEY_free(curve);
    for (size_t i = 0; i < TS_COUNT_OF(wrong); i++) {
        const char *problem = NULL;

        assert_non_null(ts_google_jwt_check_key(wrong[i]));
        assert_null(ts_google_jwt_sign(&claims, NULL, wrong[i], &problem));
        assert_non_null(problem);
        assert_int_equal(ERR_peek_error(), 0);
    }
    assert_null(ts_google_jwt_check_key(good));
    assert_int_equal(ERR_peek_error(), 0);
}

/* Signing is done on the loop: a key of 45000 bits would hold up everybody for more than a minute.
 */
static void test_a_key_that_takes_too_long_to_sign_with_is_refused(void **state)
{
    EVP_PKEY *key = EVP_RSA_gen(4096);
    TS_AUTOFREE char *longest = fixture_pem_of(key);
    TS_AUTOFREE char *padded = ts_format("%*s\n%s", 4096, "", longest);

    (void)state;
    EVP_PKEY_free(key);
    assert_null(ts_google_jwt_check_key(longest));
    assert_non_null(strstr(ts_google_jwt_check_key(padded), "4096 bits"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_signature_is_of_the_key),
        cmocka_unit_test(test_the_claims_are_those_google_wants),
        cmocka_unit_test(test_the_key_id_is_optional),
        cmocka_unit_test(test_a_bad_key_is_refused_in_words_and_leaves_no_openssl_error),
        cmocka_unit_test(test_a_key_that_takes_too_long_to_sign_with_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    EVP_PKEY_free(fixture_key());
    return failed;
}
