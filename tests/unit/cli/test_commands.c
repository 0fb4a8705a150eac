/* SPDX-License-Identifier: MIT */
/* The table of commands makes sense, and command lines are read by it. */
#include "cli/commands.h"
#include "cli/metrics.h"
#include "cli/options.h"
#include "cli/visible.h"
#include "support/test.h"

#include "teamsync/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 16 };

/* --- the table --- */

static bool is_name(const char *name, const char *more)
{
    return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz-") == strcspn(name, more);
}

static void check_options(const struct ts_option *options)
{
    for (const struct ts_option *o = options; o && o->name; o++) {
        assert_true(is_name(o->name, ""));
        assert_true(o->help && *o->help);
        assert_true(!o->value || *o->value);
        for (const struct ts_option *other = options; other != o; other++) {
            assert_string_not_equal(o->name, other->name);
            assert_true(!o->letter || o->letter != other->letter);
        }
    }
}

static void test_every_command_is_whole_and_there_once(void **state)
{
    (void)state;
    check_options(ts_global_options);
    for (size_t i = 0; i < ts_command_count; i++) {
        const struct ts_command *command = &ts_commands[i];

        assert_true(is_name(command->name, " "));
        assert_true(*command->help && command->help[strlen(command->help) - 1] != '.');
        assert_non_null(command->run);
        check_options(command->options);
        assert_true(!command->more || command->more[strlen(command->more) - 1] == '\n');
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(command->name, ts_commands[j].name);
    }
}

/* An option of all commands may not mean something else for one. */
static void test_no_option_means_two_things(void **state)
{
    (void)state;
    for (size_t i = 0; i < ts_command_count; i++) {
        for (const struct ts_option *o = ts_commands[i].options; o && o->name; o++) {
            for (const struct ts_option *g = ts_global_options; g->name; g++) {
                assert_string_not_equal(o->name, g->name);
                assert_true(!o->letter || o->letter != g->letter);
            }
        }
    }
}

/* Where words are both a command and a group, completion and help could not tell which is meant. */
static void test_a_word_is_a_command_or_a_group(void **state)
{
    (void)state;
    for (size_t i = 0; i < ts_command_count; i++)
        assert_false(ts_command_is_group(ts_commands[i].name));
    assert_true(ts_command_is_group("member"));
    assert_false(ts_command_is_group("members"));
    assert_false(ts_command_is_group("mem"));
    assert_false(ts_command_is_group("member show"));
}

static void test_how_many_arguments_a_command_takes(void **state)
{
    static const struct {
        const char *arguments;
        size_t min;
        size_t max;
    } cases[] = {{"", 0, 0},
                 {"ORG", 1, 1},
                 {"[ORG]", 0, 1},
                 {"ORG MEMBER…", 2, SIZE_MAX},
                 {"ORG [PERSON…]", 1, SIZE_MAX},
                 {"ORG [DIGEST]", 1, 2},
                 {"bash|zsh", 1, 1}};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct ts_command command = {.arguments = cases[i].arguments};
        size_t min = 9;
        size_t max = 9;

        ts_command_count_arguments(&command, &min, &max);
        assert_int_equal(min, cases[i].min);
        assert_true(max == cases[i].max);
    }
}

/* --- command lines --- */

struct line {
    char *words[WORDS_MAX];
    char text[300];
    struct ts_cli cli;
};

/* Reads "members acme --all" with what is said thrown away. Returns what ts_options_read() does. */
static int read_line(struct line *line, const char *text)
{
    int out = dup(STDOUT_FILENO);
    int err = dup(STDERR_FILENO);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int count = 1;
    char *rest = line->text;
    int result;

    *line = (struct line){0};
    line->words[0] = ts_text_copy(line->text + 290, 10, "teamsync");
    ts_text_copy(line->text, 290, text);
    for (char *word; (word = strsep(&rest, " ")) && *word;)
        line->words[count++] = word;
    (void)fflush(NULL);
    (void)dup2(nowhere, STDOUT_FILENO);
    (void)dup2(nowhere, STDERR_FILENO);
    result = ts_options_read(&line->cli, count, line->words);
    (void)fflush(NULL);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(err, STDERR_FILENO);
    (void)close(out);
    (void)close(err);
    (void)close(nowhere);
    return result;
}

static void test_options_stand_anywhere(void **state)
{
    static const char *const lines[] = {
        "--socket /s --json members acme --limit 7", "members acme --limit 7 --json --socket /s",
        "members --limit=7 --socket=/s acme --json", "--json members --limit 7 acme --socket /s"};
    struct line line;

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(lines); i++) {
        assert_int_equal(read_line(&line, lines[i]), -1);
        assert_string_equal(line.cli.command->name, "members");
        assert_string_equal(line.cli.org, "acme");
        assert_string_equal(ts_option(&line.cli, "socket"), "/s");
        assert_int_equal(ts_option_number(&line.cli, "limit", 1), 7);
        assert_null(ts_option(&line.cli, "all"));
        assert_true(line.cli.is_json);
    }
}

static void test_an_option_may_be_repeated_where_that_means_something(void **state)
{
    struct line line;
    size_t at = 0;

    (void)state;
    assert_int_equal(
        read_line(&line, "token create --permission members:read --permission operate"), -1);
    assert_string_equal(ts_option_next(&line.cli, "permission", &at), "members:read");
    assert_string_equal(ts_option_next(&line.cli, "permission", &at), "operate");
    assert_null(ts_option_next(&line.cli, "permission", &at));
}

static void test_which_org_is_meant(void **state)
{
    static const struct {
        const char *usual; /* $TEAMSYNC_ORG */
        const char *line;
        const char *org; /* NULL: wrong usage */
        size_t words;
    } cases[] = {
        {NULL, "members acme", "acme", 0},
        {NULL, "members", NULL, 0},
        {NULL, "members acme other", NULL, 0},
        {NULL, "members --org acme", "acme", 0},
        {NULL, "members other --org acme", NULL, 0},
        {"acme", "members", "acme", 0},
        {"acme", "members other", "other", 0},
        {"acme", "members other --org third", NULL, 0},
        {"acme", "member show ada@acme.example", "acme", 1},
        {"acme", "member show ada@acme.example m_1", "acme", 2},
        {"acme", "member show other m_1", "other", 1},
        {"acme", "status", "acme", 0},
        {"acme", "status other", "other", 0},
        {"acme", "undo run_1", "acme", 1},
        {"", "members", NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct line line;

        assert_int_equal(cases[i].usual ? setenv("TEAMSYNC_ORG", cases[i].usual, 1)
                                        : unsetenv("TEAMSYNC_ORG"),
                         0);
        assert_int_equal(read_line(&line, cases[i].line), cases[i].org ? -1 : TS_EXIT_USAGE);
        if (cases[i].org) {
            assert_string_equal(line.cli.org, cases[i].org);
            assert_int_equal(line.cli.word_count, cases[i].words);
        }
    }
    (void)unsetenv("TEAMSYNC_ORG");
}

static void test_a_command_called_wrongly_is_not_run(void **state)
{
    static const struct {
        const char *line;
        int code;
    } cases[] = {
        {"", TS_EXIT_USAGE},
        {"nonsense", TS_EXIT_USAGE},
        {"member", TS_EXIT_USAGE},
        {"member nonsense", TS_EXIT_USAGE},
        {"queue acme", TS_EXIT_USAGE},
        {"members acme --nonsense", TS_EXIT_USAGE},
        {"members acme -x", TS_EXIT_USAGE},
        {"--nonsense members acme", TS_EXIT_USAGE},
        {"members acme --limit", TS_EXIT_USAGE},
        {"members acme --limit many", TS_EXIT_USAGE},
        {"members acme --limit -1", TS_EXIT_USAGE},
        {"members acme --status asleep", TS_EXIT_USAGE},
        {"members acme --status active|invited", TS_EXIT_USAGE},
        {"members acme --status activ", TS_EXIT_USAGE},
        {"org set acme --clear-missing=", TS_EXIT_USAGE},
        {"undo acme", TS_EXIT_USAGE},
        {"members acme --yes", TS_EXIT_USAGE},
        {"health --max-depth many", 3}, /* UNKNOWN, for who monitors */
        {"health now", 3},
        {"--help", TS_EXIT_DONE},
        {"member --help", TS_EXIT_DONE},
        {"--help member show", TS_EXIT_DONE},
        {"member show --help", TS_EXIT_DONE},
        {"members -h", TS_EXIT_DONE},
        {"--version", TS_EXIT_DONE},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct line line;

        assert_int_equal(read_line(&line, cases[i].line), cases[i].code);
    }
}

static void test_every_command_has_help(void **state)
{
    (void)state;
    for (size_t i = 0; i < ts_command_count; i++) {
        struct line line;
        TS_AUTOFREE char *text = ts_format("%s --help", ts_commands[i].name);

        assert_int_equal(read_line(&line, text), TS_EXIT_DONE);
        assert_ptr_equal(line.cli.command, &ts_commands[i]);
    }
}

static void test_no_token_is_sent_where_it_can_be_read_on_the_way(void **state)
{
    static const struct {
        const char *url;
        bool is_fine;
    } cases[] = {{"https://sync.example.com", true},
                 {"https://sync.example.com/", true},
                 {"http://127.0.0.1:8080", true},
                 {"http://localhost", true},
                 {"http://localhost:8080/", true},
                 {"http://[::1]:8080", true},
                 {"http://localhost.example.com", false},
                 {"http://sync.example.com", false},
                 {"http://[::1].example.com", false},
                 {"http://192.0.2.1", false},
                 {"http://127.example.com", false},
                 {"http://127.0.0.1.example.com", false},
                 {"http://localhost:80@example.com", false},
                 {"https://me@sync.example.com", false},
                 {"ftp://127.0.0.1", false},
                 {"sync.example.com", false},
                 {"", false}};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        const struct ts_client_options options = {.url = cases[i].url, .token = "ts_1"};
        const char *reason = NULL;
        struct ts_client *client = ts_client_new(&options, &reason);

        assert_true((client != NULL) == cases[i].is_fine);
        assert_true((reason == NULL) == cases[i].is_fine);
        ts_client_free(client);
    }
}

/* --- metrics --- */

static void test_metrics_are_read_sample_by_sample(void **state)
{
    const char *text = "# HELP teamsync_queue_depth Jobs waiting or running.\n"
                       "# TYPE teamsync_queue_depth gauge\n"
                       "teamsync_queue_depth 3\n"
                       "\n"
                       "nonsense\n"
                       "half {org=\n"
                       "teamsync_members{org=\"acme\",status=\"active\"} 40\n"
                       "teamsync_queue_oldest_seconds 0.25";
    struct ts_sample sample;

    (void)state;
    assert_true(ts_sample_next(&text, &sample));
    assert_string_equal(sample.name, "teamsync_queue_depth");
    assert_string_equal(sample.org, "");
    assert_true(sample.value == 3);
    assert_true(ts_sample_next(&text, &sample));
    assert_string_equal(sample.name, "teamsync_members");
    assert_string_equal(sample.org, "acme");
    assert_string_equal(sample.status, "active");
    assert_true(sample.value == 40);
    assert_true(ts_sample_next(&text, &sample));
    assert_true(sample.value == 0.25);
    assert_false(ts_sample_next(&text, &sample));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_command_is_whole_and_there_once),
        cmocka_unit_test(test_no_option_means_two_things),
        cmocka_unit_test(test_a_word_is_a_command_or_a_group),
        cmocka_unit_test(test_how_many_arguments_a_command_takes),
        cmocka_unit_test(test_options_stand_anywhere),
        cmocka_unit_test(test_an_option_may_be_repeated_where_that_means_something),
        cmocka_unit_test(test_which_org_is_meant),
        cmocka_unit_test(test_a_command_called_wrongly_is_not_run),
        cmocka_unit_test(test_every_command_has_help),
        cmocka_unit_test(test_no_token_is_sent_where_it_can_be_read_on_the_way),
        cmocka_unit_test(test_metrics_are_read_sample_by_sample),
    };

    ts_visible_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
