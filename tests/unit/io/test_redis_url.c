/* SPDX-License-Identifier: MIT */
/* Where a Redis URL points to. */
#include "io/redis_internal.h"
#include "support/test.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

static void test_urls_are_taken_apart(void **state)
{
    static const struct {
        const char *url;
        struct {
            const char *host;
            uint16_t port;
            const char *path;
            const char *user;
            const char *password;
            unsigned database;
        } is;
    } cases[] = {
        {"redis://localhost", {"localhost", 6379, NULL, NULL, NULL, 0}},
        {"redis://localhost/", {"localhost", 6379, NULL, NULL, NULL, 0}},
        {"redis://10.0.0.1:7000/3", {"10.0.0.1", 7000, NULL, NULL, NULL, 3}},
        {"redis://[::1]", {"::1", 6379, NULL, NULL, NULL, 0}},
        {"redis://[::1]:7000/3", {"::1", 7000, NULL, NULL, NULL, 3}},
        {"redis://:secret@h", {"h", 6379, NULL, NULL, "secret", 0}},
        {"redis://user:secret@h:1/2", {"h", 1, NULL, "user", "secret", 2}},
        {"redis://user:a:b@h", {"h", 6379, NULL, "user", "a:b", 0}},
        {"redis://user:a@b@h", {"h", 6379, NULL, "user", "a@b", 0}},
        {"redis://u%40x:a%2Fb%25@h", {"h", 6379, NULL, "u@x", "a/b%", 0}},
        {"unix:///run/redis.sock", {NULL, 0, "/run/redis.sock", NULL, NULL, 0}},
        {"unix:///run/redis.sock?db=15", {NULL, 0, "/run/redis.sock", NULL, NULL, 15}},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_redis_place place = {0};
        const char *reason = ts_redis_place_parse(cases[i].url, &place);

        if (reason)
            fail_msg("%s: %s", cases[i].url, reason);
        assert_true(ts_text_equal(place.host, cases[i].is.host));
        assert_int_equal(place.port, cases[i].is.port);
        assert_true(ts_text_equal(place.path, cases[i].is.path));
        assert_true(ts_text_equal(place.user, cases[i].is.user));
        assert_true(ts_text_equal(place.password, cases[i].is.password));
        assert_int_equal(place.database, cases[i].is.database);
        ts_redis_place_done(&place);
    }
}

static void test_what_makes_no_sense_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *url;
        const char *word; /* of the reason */
    } cases[] = {
        {"", "neither"},
        {"localhost:6379", "neither"},
        {"rediss://h", "neither"},
        {"REDIS://h", "neither"},
        {"redis+sentinel://h:26379/mymaster/0", "Sentinel"},
        {"redis://", "host"},
        {"redis:///0", "host"},
        {"redis://:6379", "host"},
        {"redis://[::1", "bracket"},
        {"redis://[]", "host"},
        {"redis://[::1]x", "port"},
        {"redis://h:", "port"},
        {"redis://h:x", "port"},
        {"redis://h:1x", "port"},
        {"redis://h:0", "port"},
        {"redis://h:65536", "port"},
        {"redis://h:-1", "port"},
        {"redis://h/x", "database"},
        {"redis://h/-1", "database"},
        {"redis://h/65536", "database"},
        {"redis://h/0/1", "database"},
        {"redis://secret@h", "credentials"},
        {"redis://u:%zz@h", "percent"},
        {"redis://u:%00@h", "percent"},
        {"redis://%:x@h", "percent"},
        {"redis://u:p@", "host"},
        {"unix://", "absolute"},
        {"unix://run/redis.sock", "absolute"},
        {"unix:///s?x=1", "db"},
        {"unix:///s?db=x", "database"},
        {"unix:///"
         "long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/long/"
         "long/long/long/long/long/long",
         "long"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_redis_place place = {0};
        const char *reason = ts_redis_place_parse(cases[i].url, &place);

        if (!reason || !strstr(reason, cases[i].word))
            fail_msg("%s: %s", cases[i].url, reason ? reason : "taken");
        assert_null(place.host);
        assert_null(place.path);
        assert_null(place.password);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls_are_taken_apart),
        cmocka_unit_test(test_what_makes_no_sense_is_refused_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
