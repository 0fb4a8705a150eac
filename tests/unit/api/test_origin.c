/* SPDX-License-Identifier: MIT */
/* Whose page a request with a cookie comes from: every case of method, Sec-Fetch-Site, Origin, Host
 * and public URL. */
#include "api/origin.h"
#include "support/test.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

static const char home[] = "https://sync.example.com";

/* Of a POST, by a browser that does not say Sec-Fetch-Site. */
static const struct by_origin {
    const char *origin;
    const char *host;
    const char *public_url;
    bool is_ours;
} by_origin[] = {
    {"https://sync.example.com", "sync.example.com", home, true},
    {"https://sync.example.com", "127.0.0.1:8080", home, true}, /* as a proxy may ask */
    {"https://sync.example.com", NULL, home, true},
    {"https://SYNC.example.com", "127.0.0.1:8080", home, true},
    {"https://10.0.0.7:8443", "10.0.0.7:8443", home, true}, /* another name, or proxy */
    {"http://10.0.0.7:8080", "10.0.0.7:8080", "http://127.0.0.1:8080", true},
    {"http://[::1]:8080", "[::1]:8080", "http://127.0.0.1:8080", true},
    {"https://sync.example.com", "x", "https://sync.example.com/teamsync", true},
    {"https://sync.example.com:8443", "x", "https://sync.example.com:8443", true},

    {NULL, "sync.example.com", home, false},
    {"", "sync.example.com", home, false},
    {"", "", home, false},
    {"null", "sync.example.com", home, false}, /* a sandboxed frame, a file */
    {"null", "null", home, false},
    {"https://evil.example", "sync.example.com", home, false},
    {"https://sync.example.com.evil.example", "sync.example.com", home, false},
    {"https://evil.example/sync.example.com", "sync.example.com", home, false},
    {"https://sync.example", "x", home, false}, /* what ours begins with */
    {"https://sync.example.com:8443", "x", home, false},
    {"https://sync.example.com", "x", "https://sync.example.com:8443", false},
    {"http://sync.example.com", "x", home, false}, /* somebody on the way */
    {"http://sync.example.com", "sync.example.com", home, false},
    {"HTTP://sync.example.com", "sync.example.com", home, false},
    {"https://www.sync.example.com", "sync.example.com", home, false},
    {"http://10.0.0.7:8081", "10.0.0.7:8080", home, false}, /* another service there */
    {"https:", "x", home, false},
    {"https:/", "x", home, false},
    {"https://", "x", home, false},
    {"https://", "", home, false},
    {"sync.example.com", "sync.example.com", home, false},
};

static const char *const sites[] = {"same-origin", "same-site", "cross-site", "none", "", "x"};
static const char *const acting[] = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"};
static const char *const looking[] = {"GET", "HEAD"};

static struct ts_origin from(const char *method, const char *site, const struct by_origin *row)
{
    return (struct ts_origin){.method = method,
                              .site = site,
                              .origin = row->origin,
                              .host = row->host,
                              .public_url = row->public_url};
}

static void test_without_the_browsers_word_its_origin_is_compared(void **state)
{
    (void)state;
    for (size_t row = 0; row < TS_COUNT_OF(by_origin); row++) {
        for (size_t i = 0; i < TS_COUNT_OF(acting); i++) {
            struct ts_origin origin = from(acting[i], NULL, &by_origin[row]);

            if (ts_origin_is_trusted(&origin) != by_origin[row].is_ours)
                print_error("%s from %s\n", acting[i], by_origin[row].origin);
            assert_int_equal(ts_origin_is_trusted(&origin), by_origin[row].is_ours);
        }
    }
}

static void test_the_browsers_word_is_the_last_one(void **state)
{
    (void)state;
    for (size_t row = 0; row < TS_COUNT_OF(by_origin); row++) {
        for (size_t site = 0; site < TS_COUNT_OF(sites); site++) {
            for (size_t i = 0; i < TS_COUNT_OF(acting); i++) {
                struct ts_origin origin = from(acting[i], sites[site], &by_origin[row]);

                assert_int_equal(ts_origin_is_trusted(&origin),
                                 ts_text_equal(sites[site], "same-origin"));
            }
        }
    }
}

static void test_looking_is_for_everybody(void **state)
{
    (void)state;
    for (size_t row = 0; row < TS_COUNT_OF(by_origin); row++) {
        for (size_t i = 0; i < TS_COUNT_OF(looking); i++) {
            for (size_t site = 0; site < TS_COUNT_OF(sites); site++) {
                struct ts_origin origin = from(looking[i], sites[site], &by_origin[row]);

                assert_true(ts_origin_is_trusted(&origin));
                origin.site = NULL;
                assert_true(ts_origin_is_trusted(&origin));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_the_browsers_word_its_origin_is_compared),
        cmocka_unit_test(test_the_browsers_word_is_the_last_one),
        cmocka_unit_test(test_looking_is_for_everybody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
