/* SPDX-License-Identifier: MIT */
/* Tables: columns that stand below each other, whatever the names, and lines that end in time. */
#include "cli/table.h"
#include "cli/visible.h"
#include "support/test.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"

#include <string.h>

static char *deep(struct json_object *item)
{
    (void)item;
    return ts_strdup("made");
}

static const struct ts_column columns[] = {
    {"NAME", "name", TS_CELL_TEXT, NULL},   {"N", "deep.n", TS_CELL_NUMBER, NULL},
    {"STATE", "state", TS_CELL_WORD, NULL}, {"ON", "on", TS_CELL_YES, NULL},
    {"AT", "at", TS_CELL_TIME, NULL},       {"TAGS", "tags", TS_CELL_LIST, NULL},
    {"OWN", NULL, TS_CELL_TEXT, deep},      {0},
};
static const struct ts_column few[] = {
    {"NAME", "name", TS_CELL_TEXT, NULL}, {"STATE", "state", TS_CELL_WORD, NULL}, {0}};

static struct json_object *parse(const char *text)
{
    struct json_object *json = ts_json_parse(text, strlen(text), NULL);

    assert_non_null(json);
    return json;
}

/* What a table of the array looks like. */
static char *draw(const struct ts_column *which, const char *items, size_t width, bool has_colour)
{
    TS_AUTOJSON struct json_object *json = parse(items);
    char *text = NULL;
    size_t length = 0;
    struct ts_screen screen = {.width = width, .has_colour = has_colour};

    screen.file = open_memstream(&text, &length);
    ts_table_show(&screen, which, json, SIZE_MAX);
    (void)fclose(screen.file);
    return text;
}

static void test_every_kind_of_cell(void **state)
{
    TS_AUTOFREE char *text =
        draw(columns,
             "[{\"name\":\"Ada\",\"deep\":{\"n\":7},\"state\":\"ok\",\"on\":true,"
             "\"at\":\"2025-11-24T18:22:30.123Z\",\"tags\":[\"a\",\"b\"]},"
             "{\"name\":null,\"deep\":{\"n\":1234},\"state\":\"held\",\"on\":false,\"at\":null}]",
             0, false);

    (void)state;
    assert_string_equal(text, "NAME     N  STATE  ON   AT                    TAGS  OWN\n"
                              "Ada      7  ok     yes  2025-11-24 18:22:30Z  a,b   made\n"
                              "-     1234  held   -    -                     -     made\n");
}

static void test_wide_names_stand_in_their_columns(void **state)
{
    TS_AUTOFREE char *text = draw(few,
                                  "[{\"name\":\"東京タワー\",\"state\":\"a\"},"
                                  "{\"name\":\"é\",\"state\":\"b\"}]",
                                  0, false);

    (void)state;
    assert_string_equal(text, "NAME        STATE\n東京タワー  a\né           b\n");
}

static void test_a_terminals_line_is_cut_a_pipes_is_not(void **state)
{
    static const char items[] = "[{\"name\":\"東京タワー\",\"state\":\"synced\"}]";
    TS_AUTOFREE char *pipe = draw(few, items, 0, false);
    TS_AUTOFREE char *wide = draw(few, items, 18, false);
    TS_AUTOFREE char *cut = draw(few, items, 15, false);
    TS_AUTOFREE char *narrow = draw(few, items, 4, false);
    TS_AUTOFREE char *none = draw(few, items, 1, false);

    (void)state;
    assert_string_equal(pipe, "NAME        STATE\n東京タワー  synced\n");
    assert_string_equal(wide, pipe);
    assert_string_equal(cut, "NAME        ST…\n東京タワー  sy…\n");
    assert_string_equal(narrow, "NAME\n東…\n");
    assert_string_equal(none, "…\n…\n");
}

static const struct ts_column many[] = {
    {"MEMBER", "m", TS_CELL_TEXT, NULL}, {"STATE", "s", TS_CELL_WORD, NULL},
    {"TEAM", "t", TS_CELL_TEXT, NULL},   {"NOTE", "n", TS_CELL_TEXT, NULL},
    {"ID", "id", TS_CELL_ID, NULL},      {0}};

static void test_a_narrow_terminal_costs_ids_then_the_ends_of_long_texts(void **state)
{
    static const char items[] =
        "[{\"m\":\"ada.lovelace@subsidiary.example\",\"s\":\"held\",\"t\":\"Engineering Tools\","
        "\"n\":\"short\",\"id\":\"m_123456\"}]";
    TS_AUTOFREE char *wide = draw(many, items, 80, false);
    TS_AUTOFREE char *without_id = draw(many, items, 70, false);
    TS_AUTOFREE char *narrow = draw(many, items, 60, false);
    TS_AUTOFREE char *least = draw(many, items, 50, false);

    (void)state;
    assert_non_null(strstr(wide, "short  m_123456\n"));
    assert_string_equal(without_id,
                        "MEMBER                           STATE  TEAM               NOTE\n"
                        "ada.lovelace@subsidiary.example  held   Engineering Tools  short\n");
    assert_string_equal(narrow, "MEMBER                       STATE  TEAM               NOTE\n"
                                "ada.lovelace@subsidiary.ex…  held   Engineering Tools  short\n");
    assert_string_equal(least, "MEMBER                    STATE  TEAM        NOTE\n"
                               "ada.lovelace@subsidiary…  held   Engineeri…  short\n");
}

static void test_a_long_text_goes_on_below_at_a_blank(void **state)
{
    char *text = NULL;
    size_t length = 0;
    struct ts_screen screen = {.width = 20, .file = open_memstream(&text, &length)};

    (void)state;
    ts_say_folded(&screen, TS_PLAIN, 5, 2, "add the client id 12345 to https://a.very.long/one");
    ts_say_folded(&screen, TS_PLAIN, 0, 2, "exactly twenty wide!");
    screen.width = 0;
    ts_say_folded(&screen, TS_PLAIN, 5, 2, "a pipe has no width, and no folds");
    (void)fclose(screen.file);
    assert_string_equal(text, "add the client\n  id 12345 to\n  https://a.very.long/one\n"
                              "exactly twenty wide!\n"
                              "a pipe has no width, and no folds\n");
    free(text);
}

static void test_an_escape_sequence_in_a_name_is_shown_and_measured(void **state)
{
    TS_AUTOFREE char *text = draw(few, "[{\"name\":\"a\\u001b[31m\",\"state\":\"x\"}]", 0, false);

    (void)state;
    assert_string_equal(text, "NAME         STATE\na\\u001b[31m  x\n");
}

static void test_colours_say_what_is_wrong_and_take_no_width(void **state)
{
    TS_AUTOFREE char *text = draw(few, "[{\"name\":\"a\",\"state\":\"failing\"}]", 80, true);

    (void)state;
    assert_non_null(strstr(text, "a     \033[31mfailing\033[0m\n"));
    assert_non_null(strstr(text, "\033[1mNAME\033[0m  \033[1mSTATE\033[0m\n"));
}

static void test_the_first_page_decides_about_the_widths(void **state)
{
    TS_AUTOJSON struct json_object *first = parse("{\"name\":\"Ada\",\"state\":\"a\"}");
    TS_AUTOJSON struct json_object *later = parse("{\"name\":\"Ada Lovelace\",\"state\":\"b\"}");
    char *text = NULL;
    size_t length = 0;
    struct ts_screen screen = {.file = open_memstream(&text, &length)};
    struct ts_table table;

    (void)state;
    ts_table_begin(&table, &screen, few);
    ts_table_add(&table, first);
    ts_table_settle(&table);
    (void)fflush(screen.file);
    assert_string_equal(text, "NAME  STATE\nAda   a\n"); /* at once */
    ts_table_add(&table, later);
    ts_table_end(&table);
    (void)fclose(screen.file);
    assert_string_equal(text, "NAME  STATE\nAda   a\nAda Lovelace  b\n");
    free(text);
}

static void test_of_nothing_there_is_no_table(void **state)
{
    TS_AUTOFREE char *text = draw(few, "[]", 0, false);

    (void)state;
    assert_string_equal(text, "");
}

static void test_a_card_shows_what_there_is(void **state)
{
    TS_AUTOJSON struct json_object *json =
        parse("{\"name\":\"東京\",\"on\":false,\"deep\":{\"n\":0}}");
    char *text = NULL;
    size_t length = 0;
    struct ts_screen screen = {.file = open_memstream(&text, &length)};

    (void)state;
    ts_card_show(&screen, columns, json);
    (void)fclose(screen.file);
    assert_string_equal(text, "NAME:  東京\nN:     0\nOWN:   made\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_cell),
        cmocka_unit_test(test_wide_names_stand_in_their_columns),
        cmocka_unit_test(test_a_terminals_line_is_cut_a_pipes_is_not),
        cmocka_unit_test(test_a_narrow_terminal_costs_ids_then_the_ends_of_long_texts),
        cmocka_unit_test(test_a_long_text_goes_on_below_at_a_blank),
        cmocka_unit_test(test_an_escape_sequence_in_a_name_is_shown_and_measured),
        cmocka_unit_test(test_colours_say_what_is_wrong_and_take_no_width),
        cmocka_unit_test(test_the_first_page_decides_about_the_widths),
        cmocka_unit_test(test_of_nothing_there_is_no_table),
        cmocka_unit_test(test_a_card_shows_what_there_is),
    };

    ts_visible_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
