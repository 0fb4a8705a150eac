/* SPDX-License-Identifier: MIT */
/* Where a Redis URL points to. */
#include "io/redis_internal.h"
#include "support/test.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

/* "host:port host:port path=… master=… user=… password=… db=…", of what there is */
static char *spell(const struct ts_redis_place *place)
{
    struct ts_buf out;

    ts_buf_init(&out, 4096);
    for (size_t i = 0; i < place->host_count; i++)
        (void)ts_buf_addf(&out, "%s:%u ", place->hosts[i].name, place->hosts[i].port);
    if (place->path)
        (void)ts_buf_addf(&out, "path=%s ", place->path);
    if (place->master)
        (void)ts_buf_addf(&out, "master=%s ", place->master);
    if (place->user)
        (void)ts_buf_addf(&out, "user=%s ", place->user);
    if (place->password)
        (void)ts_buf_addf(&out, "password=%s ", place->password);
    (void)ts_buf_addf(&out, "db=%u", place->database);
    return out.data;
}

static void test_urls_are_taken_apart(void **state)
{
    static const struct {
        const char *url;
        const char *is;
    } cases[] = {
        {"redis://localhost", "localhost:6379 db=0"},
        {"redis://localhost/", "localhost:6379 db=0"},
        {"redis://10.0.0.1:7000/3", "10.0.0.1:7000 db=3"},
        {"redis://[::1]", "::1:6379 db=0"},
        {"redis://[::1]:7000/3", "::1:7000 db=3"},
        {"redis://:secret@h", "h:6379 password=secret db=0"},
        {"redis://user:secret@h:1/2", "h:1 user=user password=secret db=2"},
        {"redis://user:a:b@h", "h:6379 user=user password=a:b db=0"},
        {"redis://user:a@b@h", "h:6379 user=user password=a@b db=0"},
        {"redis://u%40x:a%2Fb%25@h", "h:6379 user=u@x password=a/b% db=0"},
        {"redis://a,b:1,[::1]:2,[::2]", "a:6379 b:1 ::1:2 ::2:6379 db=0"},
        {"redis://u:p,w@a,b/0", "a:6379 b:6379 user=u password=p,w db=0"},
        {"redis://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16:1",
         "1:6379 2:6379 3:6379 4:6379 5:6379 6:6379 7:6379 8:6379 9:6379 10:6379 11:6379 12:6379 "
         "13:6379 14:6379 15:6379 16:1 db=0"},
        {"redis+sentinel://s/main", "s:26379 master=main db=0"},
        {"redis+sentinel://s/main/", "s:26379 master=main db=0"},
        {"redis+sentinel://s:1,t,[::1]:3/my%2Fmain/7", "s:1 t:26379 ::1:3 master=my/main db=7"},
        {"redis+sentinel://u:p%2Fw@s,t/main/0",
         "s:26379 t:26379 master=main user=u password=p/w db=0"},
        {"unix:///run/redis.sock", "path=/run/redis.sock db=0"},
        {"unix:///run/redis.sock?db=15", "path=/run/redis.sock db=15"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_redis_place place = {0};
        const char *reason = ts_redis_place_parse(cases[i].url, &place);
        TS_AUTOFREE char *spelt = spell(&place);

        if (reason)
            fail_msg("%s: %s", cases[i].url, reason);
        assert_string_equal(spelt, cases[i].is);
        ts_redis_place_done(&place);
    }
}

static void test_what_makes_no_sense_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *url;
        const char *word; /* of the reason */
    } cases[] = {
        {"", "none"},
        {"localhost:6379", "none"},
        {"rediss://h", "none"},
        {"REDIS://h", "none"},
        {"redis://a,", "host"},
        {"redis://,a", "host"},
        {"redis://a,,b", "host"},
        {"redis://a,b:x", "port"},
        {"redis://a,b/1", "cluster"},
        {"redis://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "16"},
        {"redis+sentinel://h", "master"},
        {"redis+sentinel://h/", "master"},
        {"redis+sentinel://h//0", "master"},
        {"redis+sentinel://h/%zz", "percent"},
        {"redis+sentinel:///main", "host"},
        {"redis+sentinel://h:x/main", "port"},
        {"redis+sentinel://h/main/x", "database"},
        {"redis+sentinel://h/main/0/1", "database"},
        {"redis+sentinel://secret@h/main", "credentials"},
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
        assert_int_equal(place.host_count, 0);
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
