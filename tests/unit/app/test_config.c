/* SPDX-License-Identifier: MIT */
/* The configuration file: what is read, what is refused and where, what may change while running.
 */
#include "app/config.h"
#include "app/options.h"
#include "support/test.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The YAML as a file: "/tmp/…", to be removed. */
static char *file_of(const char *yaml, size_t length)
{
    char *name = ts_strdup("/tmp/ts-config-XXXXXX");
    int file = mkstemp(name);

    assert_true(file >= 0);
    assert_int_equal(write(file, yaml, length), length);
    (void)close(file);
    return name;
}

static struct ts_config *load(const char *yaml, char **ret_error)
{
    TS_AUTOFREE char *name = file_of(yaml, strlen(yaml));
    struct ts_buf error;
    struct ts_config *config;

    ts_buf_init(&error, 4096);
    config = ts_config_load(name, &error);
    if (ret_error)
        *ret_error = ts_strdup(error.data);
    ts_buf_done(&error);
    (void)unlink(name);
    return config;
}

static struct ts_config *load_good(const char *yaml)
{
    TS_AUTOFREE char *error = NULL;
    TS_AUTOFREE char *wrong = NULL;
    struct ts_config *config = load(yaml, &error);

    if (!config)
        print_error("%s: %s\n", yaml, error);
    assert_non_null(config);
    wrong = ts_config_check(config);
    if (wrong)
        print_error("%s: %s\n", yaml, wrong);
    assert_null(wrong);
    return config;
}

static char *print(const struct ts_config *config)
{
    struct ts_buf out;
    char *text;

    ts_buf_init(&out, 64 << 10);
    ts_config_print(config, &out);
    text = ts_strdup(out.data);
    ts_buf_done(&out);
    return text;
}

static const char defaults[] = "server:\n"
                               "  listen: [\"127.0.0.1:8080\"]\n"
                               "  public_url: \"http://127.0.0.1:8080\"\n"
                               "  admin_socket: \"/run/teamsync/admin.sock\"\n"
                               "redis:\n"
                               "  url: \"redis://127.0.0.1:6379/0\"\n"
                               "  key_prefix: \"teamsync:\"\n"
                               "google:\n"
                               "  events: []\n"
                               "  api_url: \"https://admin.googleapis.com\"\n"
                               "  token_url: \"https://oauth2.googleapis.com/token\"\n"
                               "  auth_url: \"https://accounts.google.com/o/oauth2/v2/auth\"\n"
                               "  client_id: \"\"\n"
                               "  client_secret: \"\"\n"
                               "  requests_per_minute: 1200\n"
                               "  channel_ttl_s: 21600\n"
                               "sync:\n"
                               "  reread_after_s: [5, 15, 60]\n"
                               "  resync_interval_s: 14400\n"
                               "  guard_min: 5\n"
                               "  guard_percent: 5\n"
                               "  field_loss_percent: 10\n"
                               "queue:\n"
                               "  concurrency: 32\n"
                               "  max_waiting: 1000000\n"
                               "  claim_after_s: 60\n"
                               "  give_up_after_s: 259200\n"
                               "mail:\n"
                               "  url: \"\"\n"
                               "  from: \"\"\n"
                               "secrets:\n"
                               "  key_file: \"/etc/teamsync/secret.key\"\n"
                               "log:\n"
                               "  level: \"info\"\n"
                               "  format: \"logfmt\"\n";

static void test_the_defaults_are_those_of_the_contract_and_are_in_order(void **state)
{
    struct ts_config *config = ts_config_new();
    TS_AUTOFREE char *text = print(config);
    TS_AUTOFREE char *wrong = ts_config_check(config);

    (void)state;
    assert_string_equal(text, defaults);
    assert_null(wrong);
    ts_config_free(config);
}

static void test_a_file_that_says_nothing_leaves_the_defaults(void **state)
{
    static const char *const files[] = {"", "\n", "# only a comment\n", "{}", "sync: {}", defaults};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(files); i++) {
        struct ts_config *config = load_good(files[i]);
        TS_AUTOFREE char *text = print(config);

        assert_string_equal(text, defaults);
        ts_config_free(config);
    }
}

static const char documented[] =
    "server:   { listen: [\"0.0.0.0:80\", \"[::1]:0\"], public_url: \"https://sync.example.com\","
    " admin_socket: \"\" }\n"
    "redis:    { url: \"unix:///run/redis.sock?db=3\", key_prefix: \"{ts}:\" }  # a comment\n"
    "google:   { api_url: \"http://localhost:9\", token_url: \"http://[::1]:9/token\","
    " requests_per_minute: 1, channel_ttl_s: 172800 }\n"
    "sync:     { resync_interval_s: 60, reread_after_s: [1, 3600], guard_min: 0,"
    " guard_percent: 100, field_loss_percent: 0 }\n"
    "queue:    { concurrency: 1, max_waiting: 1, claim_after_s: 1, give_up_after_s: 1 }\n"
    "mail:     { url: \"smtps://mail.example.com:465\", from: \"team@example.com\" }\n"
    "secrets:  { key_file: \"/k\" }\n"
    "log:      { level: debug, format: json }\n";

static void test_every_key_is_read_in_the_documented_form(void **state)
{
    struct ts_config *config = load_good(documented);

    (void)state;
    assert_int_equal(config->listen_count, 2);
    assert_string_equal(config->listen[0], "0.0.0.0:80");
    assert_string_equal(config->listen[1], "[::1]:0");
    assert_string_equal(config->server.public_url, "https://sync.example.com");
    assert_string_equal(config->server.admin_socket, "");
    assert_string_equal(config->redis.url, "unix:///run/redis.sock?db=3");
    assert_string_equal(config->redis.key_prefix, "{ts}:");
    assert_string_equal(config->google.api_url, "http://localhost:9");
    assert_string_equal(config->google.token_url, "http://[::1]:9/token");
    assert_int_equal(config->google.requests_per_minute, 1);
    assert_int_equal(config->google.channel_ttl_s, 172800);
    assert_int_equal(config->sync.resync_interval_s, 60);
    assert_int_equal(config->reread_count, 2);
    assert_int_equal(config->reread_after_s[1], 3600);
    assert_int_equal(config->sync.guard_min, 0);
    assert_int_equal(config->sync.guard_percent, 100);
    assert_int_equal(config->sync.field_loss_percent, 0);
    assert_int_equal(config->queue.concurrency, 1);
    assert_string_equal(config->mail.url, "smtps://mail.example.com:465");
    assert_string_equal(config->mail.from, "team@example.com");
    assert_string_equal(config->secrets.key_file, "/k");
    assert_string_equal(config->log.level, "debug");
    assert_string_equal(config->log.format, "json");
    ts_config_free(config);
}

static void test_what_is_printed_reads_back_alike(void **state)
{
    struct ts_config *config = load_good(documented);
    TS_AUTOFREE char *text = print(config);
    struct ts_config *again = load_good(text);
    TS_AUTOFREE char *text_again = print(again);

    (void)state;
    assert_string_equal(text, text_again);
    ts_config_free(config);
    ts_config_free(again);
}

/* No rereads is a choice, not a missing key. */
static void test_an_empty_list_of_rereads_is_none(void **state)
{
    static const char *const files[] = {"sync: {reread_after_s: []}", "sync:\n  reread_after_s: []",
                                        "log: {level: info}\nsync: {guard_min: 1, "
                                        "reread_after_s: []}"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(files); i++) {
        struct ts_config *config = load_good(files[i]);

        assert_int_equal(config->reread_count, 0);
        ts_config_free(config);
    }
}

static void test_what_is_not_understood_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *yaml;
        const char *what;
        const char *where;
    } files[] = {
        {"queu: {}", "Unexpected key: queu", "line: 1, column: 1"},
        {"log: {level: info}\nserver:\n  lissten: x", "Unexpected key: lissten",
         "line: 3, column: 3"},
        {"\n\nserver: {tls_key: x}", "Unexpected key: tls_key", "line: 3"},
        {"queue:\n  concurrency: many", "'many'", "line: 2, column: 16"},
        {"queue: {concurrency: -1}", "'-1'", "line: 1, column: 22"},
        {"queue: {max_waiting: 99999999999}", "'99999999999'", "line: 1"},
        {"queue: {max_waiting: 5 }\nlog: {level: [info]}", "Expecting STRING", "line: 2"},
        {"server: {listen: []}", "Insufficient entries", "line: 1, column: 18"},
        {"server: {listen: x}", "Expecting SEQUENCE", "line: 1"},
        {"sync: {reread_after_s: [1,2,3,4,5,6,7,8,9]}", "Excessive entries", "line: 1"},
        {"log: {level: info,\n  level: debug}", "already seen: level", "line: 1"},
        {"server: {public_url: *nobody}", "'nobody'", "line: 1"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(files); i++) {
        TS_AUTOFREE char *error = NULL;
        struct ts_config *config = load(files[i].yaml, &error);

        if (config || !strstr(error, files[i].what) || !strstr(error, files[i].where))
            print_error("%s: %s\n", files[i].yaml, error);
        assert_null(config);
        assert_non_null(strstr(error, files[i].what));
        assert_non_null(strstr(error, files[i].where));
        assert_null(strchr(error, '\n'));
    }
}

static void test_nonsense_is_refused_too(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } files[] = {{"[1", 2},           {"just text", 9},
                 {"server: \"x", 10}, {"log: {level: \"a\0b\"}", 19},
                 {"\xff\xfe\xfd", 3}, {"a: &a [*a]", 10}};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(files); i++) {
        TS_AUTOFREE char *name = file_of(files[i].bytes, files[i].length);
        struct ts_buf error;

        ts_buf_init(&error, 4096);
        assert_null(ts_config_load(name, &error));
        assert_true(error.len > 0);
        ts_buf_done(&error);
        (void)unlink(name);
    }
}

static void test_a_file_that_cannot_be_read_says_why(void **state)
{
    static const struct {
        const char *name;
        const char *why;
    } files[] = {{"/nonexistent/teamsync.yaml", "No such file"}, {"/tmp", "cannot be read"}};
    TS_AUTOFREE char *spaces = ts_alloc((1 << 20) + 2);
    TS_AUTOFREE char *error = NULL;

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(files); i++) {
        struct ts_buf why;

        ts_buf_init(&why, 4096);
        assert_null(ts_config_load(files[i].name, &why));
        assert_non_null(strstr(why.data, files[i].why));
        ts_buf_done(&why);
    }
    memset(spaces, ' ', (1 << 20) + 1);
    assert_null(load(spaces, &error));
    assert_non_null(strstr(error, "larger than"));
}

static void test_values_out_of_bounds_are_refused_by_name(void **state)
{
    static const struct {
        const char *yaml;
        const char *names;
    } files[] = {
        {"queue: {concurrency: 0}", "queue.concurrency must be 1 to 1024"},
        {"queue: {concurrency: 1025}", "queue.concurrency"},
        {"queue: {max_waiting: 0}", "queue.max_waiting"},
        {"queue: {claim_after_s: 0}", "queue.claim_after_s"},
        {"queue: {give_up_after_s: 4294967295}", "queue.give_up_after_s"},
        {"google: {requests_per_minute: 0}", "google.requests_per_minute"},
        {"google: {events: [update, promote]}", "google.events may name add, delete"},
        {"google: {channel_ttl_s: 59}", "google.channel_ttl_s"},
        {"google: {channel_ttl_s: 172801}", "google.channel_ttl_s"},
        {"sync: {resync_interval_s: 59}", "sync.resync_interval_s"},
        {"sync: {guard_percent: 101}", "sync.guard_percent"},
        {"sync: {field_loss_percent: 101}", "sync.field_loss_percent"},
        {"sync: {reread_after_s: [5, 0]}", "sync.reread_after_s"},
        {"sync: {reread_after_s: [3601]}", "sync.reread_after_s"},
        {"google: {api_url: \"http://admin.googleapis.com\"}", "google.api_url must be an https"},
        {"google: {token_url: \"http://127.evil.example/token\"}", "google.token_url"},
        {"google: {auth_url: \"http://accounts.google.com/auth\"}", "google.auth_url"},
        {"google: {client_id: x}", "client_id and google.client_secret go together"},
        {"google: {client_secret: x}", "client_id and google.client_secret go together"},
        {"google: {api_url: \"ftp://127.0.0.1\"}", "google.api_url"},
        {"google: {api_url: \"\"}", "google.api_url"},
        {"server: {public_url: \"http://sync.example.com\"}", "server.public_url"},
        {"server: {public_url: \"https://sync.example.com/\"}", "must not end with a slash"},
        {"server: {listen: [\"127.0.0.1\"]}", "server.listen"},
        {"server: {listen: [\":80\"]}", "server.listen"},
        {"server: {listen: [\"127.0.0.1:http\"]}", "server.listen"},
        {"server: {listen: [\"127.0.0.1:65536\"]}", "server.listen"},
        {"server: {listen: [\"127.0.0.1:1\", \"\"]}", "server.listen"},
        {"redis: {url: \"http://127.0.0.1\"}", "redis.url"},
        {"redis: {url: \"unix://relative\"}", "redis.url"},
        {"redis: {url: \"redis+cluster://h\"}", "redis.url"},
        {"redis: {url: \"redis+sentinel:/h\"}", "redis.url"},
        {"redis: {key_prefix: \"a\\nb\"}", "redis.key_prefix"},
        {"server: {admin_socket: \"/a\\nb\"}", "server.admin_socket must be printable"},
        {"server: {listen: [\"a\\nb:80\"]}", "server.listen"},
        {"secrets: {key_file: \"/a\\u2028b\"}", "secrets.key_file must be printable"},
        {"mail: {url: \"http://h\", from: \"a@b.c\"}", "mail.url"},
        {"mail: {url: \"mail.example.com\", from: \"a@b.c\"}", "mail.url"},
        {"mail: {url: \"smtp://\", from: \"a@b.c\"}", "mail.url"},
        {"mail: {url: \"smtp://h\"}", "mail.from"},
        {"mail: {from: \"Team <a@b.c>\"}", "mail.from"},
        {"mail: {url: \"smtp://h\", from: \"a@b.c\\r\\nBcc: x@b.c\"}", "mail.from"},
        {"log: {level: loud}", "log.level"},
        {"log: {level: INFO}", "log.level"},
        {"log: {format: xml}", "log.format"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(files); i++) {
        TS_AUTOFREE char *error = NULL;
        struct ts_config *config = load(files[i].yaml, &error);
        TS_AUTOFREE char *wrong = config ? ts_config_check(config) : NULL;

        if (!wrong || !strstr(wrong, files[i].names))
            print_error("%s: %s\n", files[i].yaml, wrong ? wrong : error);
        assert_non_null(wrong);
        assert_non_null(strstr(wrong, files[i].names));
        ts_config_free(config);
    }
}

static void test_a_printed_client_secret_is_masked(void **state)
{
    struct ts_config *config = load_good("google: {client_id: me, client_secret: hush}");
    TS_AUTOFREE char *text = print(config);

    (void)state;
    assert_non_null(strstr(text, "  client_id: \"me\"\n  client_secret: \"***\"\n"));
    assert_null(strstr(text, "hush"));
    assert_string_equal(config->google.client_secret, "hush");
    ts_config_free(config);
}

static void test_a_printed_password_is_masked(void **state)
{
    static const struct {
        const char *url;
        const char *shown;
    } urls[] = {
        {"redis://:hush@h:1/0", "\"redis://:***@h:1/0\""},
        {"redis://ada:hush@h", "\"redis://ada:***@h\""},
        {"redis://ada:hu:sh@x@h", "\"redis://ada:***@h\""},
        {"redis://:hu,sh@h:1,i:2", "\"redis://:***@h:1,i:2\""},
        {"redis://h:6379/0", "\"redis://h:6379/0\""},
        {"redis+sentinel://ada:hush@s:26379,t/main/0",
         "\"redis+sentinel://ada:***@s:26379,t/main/0\""},
        {"redis+sentinel://s:26379,t/main", "\"redis+sentinel://s:26379,t/main\""},
        {"unix:///run/r.sock?db=1", "\"unix:///run/r.sock?db=1\""},
    };
    struct ts_config *mail =
        load_good("mail: {url: \"smtp://ada:hu%20sh@h:587\", from: \"a@b.c\"}");
    TS_AUTOFREE char *shown = print(mail);

    assert_non_null(strstr(shown, "\"smtp://ada:***@h:587\""));
    ts_config_free(mail);

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(urls); i++) {
        TS_AUTOFREE char *yaml = ts_format("redis: {url: \"%s\"}", urls[i].url);
        struct ts_config *config = load_good(yaml);
        TS_AUTOFREE char *text = print(config);

        assert_non_null(strstr(text, urls[i].shown));
        assert_null(strstr(text, "hu"));
        assert_string_equal(config->redis.url, urls[i].url);
        ts_config_free(config);
    }
}

static void test_a_reload_takes_what_it_may_and_names_the_rest(void **state)
{
    struct ts_config *config = ts_config_new();
    struct ts_config *fresh = load_good(documented);
    struct ts_buf fixed;

    (void)state;
    ts_buf_init(&fixed, 4096);
    ts_config_reload(config, fresh, &fixed);
    assert_string_equal(config->log.level, "debug");
    assert_string_equal(config->log.format, "json");
    assert_int_equal(config->sync.resync_interval_s, 60);
    assert_int_equal(config->sync.guard_percent, 100);
    assert_int_equal(config->reread_count, 2);
    assert_int_equal(config->reread_after_s[0], 1);
    assert_int_equal(config->google.channel_ttl_s, 172800);
    assert_int_equal(config->queue.give_up_after_s, 1);
    assert_int_equal(config->queue.concurrency, fresh->queue.concurrency);
    assert_int_equal(config->queue.max_waiting, fresh->queue.max_waiting);
    assert_int_equal(config->google.requests_per_minute, fresh->google.requests_per_minute);

    assert_int_equal(config->listen_count, 1);
    assert_string_equal(config->redis.key_prefix, "teamsync:");
    assert_string_equal(fixed.data,
                        "server.listen, server.public_url, server.admin_socket, redis.url, "
                        "redis.key_prefix, google.api_url, google.token_url, "
                        "queue.claim_after_s, mail.url, mail.from, secrets.key_file");
    ts_buf_done(&fixed);
    ts_config_free(config);
    ts_config_free(fresh);
}

static void test_a_reload_of_what_may_change_names_nothing(void **state)
{
    struct ts_config *config = ts_config_new();
    struct ts_config *fresh =
        load_good("log: {level: debug}\nsync: {reread_after_s: []}\nqueue: {give_up_after_s: 9}");
    struct ts_buf fixed;

    (void)state;
    ts_buf_init(&fixed, 4096);
    ts_config_reload(config, fresh, &fixed);
    assert_string_equal(fixed.data, "");
    assert_int_equal(config->reread_count, 0);
    ts_buf_done(&fixed);
    ts_config_free(config);
    ts_config_free(fresh);
}

static void test_options(void **state)
{
    static const struct {
        const char *words[4];
        int result;
        struct ts_options options;
    } cases[] = {
        {{"teamsyncd"}, -1, {NULL, false, false}},
        {{"teamsyncd", "-c", "f.yaml"}, -1, {"f.yaml", false, false}},
        {{"teamsyncd", "--config=f.yaml", "--check-config"}, -1, {"f.yaml", true, false}},
        {{"teamsyncd", "--print-config"}, -1, {NULL, false, true}},
        {{"teamsyncd", "--version"}, 0, {0}},
        {{"teamsyncd", "--help"}, 0, {0}},
        {{"teamsyncd", "--bogus"}, 2, {0}},
        {{"teamsyncd", "-c"}, 2, {0}},
        {{"teamsyncd", "stray"}, 2, {0}},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_options options = {0};
        char *words[5] = {0};
        int count = 0;

        while (count < 4 && cases[i].words[count]) {
            words[count] = ts_strdup(cases[i].words[count]);
            count++;
        }
        optind = 0; /* getopt begins anew */
        assert_int_equal(ts_options_read(count, words, &options), cases[i].result);
        assert_int_equal(options.check_config, cases[i].options.check_config);
        assert_int_equal(options.print_config, cases[i].options.print_config);
        if (cases[i].options.config_file)
            assert_string_equal(options.config_file, cases[i].options.config_file);
        while (count > 0)
            free(words[--count]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_defaults_are_those_of_the_contract_and_are_in_order),
        cmocka_unit_test(test_a_file_that_says_nothing_leaves_the_defaults),
        cmocka_unit_test(test_every_key_is_read_in_the_documented_form),
        cmocka_unit_test(test_what_is_printed_reads_back_alike),
        cmocka_unit_test(test_an_empty_list_of_rereads_is_none),
        cmocka_unit_test(test_what_is_not_understood_is_refused_with_its_place),
        cmocka_unit_test(test_nonsense_is_refused_too),
        cmocka_unit_test(test_a_file_that_cannot_be_read_says_why),
        cmocka_unit_test(test_values_out_of_bounds_are_refused_by_name),
        cmocka_unit_test(test_a_printed_password_is_masked),
        cmocka_unit_test(test_a_printed_client_secret_is_masked),
        cmocka_unit_test(test_a_reload_takes_what_it_may_and_names_the_rest),
        cmocka_unit_test(test_a_reload_of_what_may_change_names_nothing),
        cmocka_unit_test(test_options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
