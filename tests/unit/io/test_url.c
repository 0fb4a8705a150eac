/* SPDX-License-Identifier: MIT */
/* Which URLs may be called, and the parts of one. */
#include "support/test.h"

#include "teamsync/http.h"
#include "teamsync/mem.h"

#include <stdbool.h>
#include <string.h>

static void test_plain_http_is_for_loopback_only(void **state)
{
    static const struct {
        const char *url;
        bool is_acceptable;
    } cases[] = {
        {"https://admin.googleapis.com", true},
        {"HTTPS://admin.googleapis.com/x?y=z", true},
        {"https://10.0.0.1:8443/", true},
        {"https://[2001:db8::1]/", true},
        {"http://localhost:8080", true},
        {"http://LocalHost/", true},
        {"http://127.0.0.1", true},
        {"http://127.1.2.3:1/", true},
        {"http://[::1]:8080/", true},
        {"http://localhost.evil.example/", false},
        {"http://127.0.0.1.evil.example/", false},
        {"http://127.evil.example/", false},
        {"http://localhost@evil.example/", false},
        {"http://127.0.0.1:80@evil.example/", false},
        {"http://evil.example#@127.0.0.1", false},
        {"http://evil.example/?http://127.0.0.1", false},
        {"http://128.0.0.1", false},
        {"http://0.0.0.0", false},
        {"http://[::2]/", false},
        {"http://[::ffff:10.0.0.1]/", false},
        {"http://admin.googleapis.com", false},
        {"ftp://127.0.0.1/", false},
        {"file:///etc/passwd", false},
        {"gopher://127.0.0.1/", false},
        {"127.0.0.1", false},
        {"//127.0.0.1/", false},
        {"/path", false},
        {"https://", false},
        {"http:///evil.example/", false},
        {"https://a b/", false},
        {"https://a\r\nHost: b/", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        if (ts_url_is_acceptable(cases[i].url) != cases[i].is_acceptable)
            fail_msg("%s", cases[i].url);
    }
}

static void test_the_host_stands_alone_and_in_lower_case(void **state)
{
    static const struct {
        const char *url;
        const char *host;
    } cases[] = {
        {"https://Admin.GoogleApis.com:443/x", "admin.googleapis.com"},
        {"https://user:password@host/", "host"},
        {"http://[::1]:8080/", "::1"},
        {"http://127.0.0.1/", "127.0.0.1"},
        {"mailto:ada@acme.example", NULL},
        {"nothing", NULL},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        TS_AUTOFREE char *host = ts_url_host(cases[i].url);

        if (cases[i].host ? (!host || strcmp(host, cases[i].host) != 0) : host != NULL)
            fail_msg("%s: %s", cases[i].url, host ? host : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_http_is_for_loopback_only),
        cmocka_unit_test(test_the_host_stands_alone_and_in_lower_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
