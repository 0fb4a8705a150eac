/* SPDX-License-Identifier: MIT */
/* The preview: what a resync would change, and nothing written. */
#include "story.h"

#include "teamsync/run.h"

struct answer {
    struct story *story;
    struct ts_op *op;
    unsigned answers;
    struct ts_error err;
    struct ts_run run;
    size_t items;
    struct ts_preview_item first; /* its texts are gone */
    char *team_before, *team_after;
    uint64_t guard_limit;
    bool has_loss;
};

static void on_preview(const struct ts_error *err, const struct ts_preview *preview, void *arg)
{
    struct answer *a = arg;

    a->op = NULL;
    a->answers++;
    a->err = *err;
    assert_int_equal(err->cls == TS_OK, preview != NULL);
    if (!preview)
        return;
    a->run = *preview->run;
    a->items = preview->item_count;
    a->guard_limit = preview->guard_limit;
    a->has_loss = preview->loss != NULL;
    if (preview->item_count > 0) {
        a->first = preview->items[0];
        a->team_before = ts_strdup(preview->items[0].team_before);
        a->team_after = ts_strdup(preview->items[0].team_after);
    }
}

/* Ada's team is Engineering in the directory, and Sales in the roster since yesterday. */
static struct answer begin(void)
{
    struct answer a = {.story = story_new()};
    struct fake_ports *ports = a.story->ports;

    a.story->ada.team = "Sales";
    a.story->ada.observed_us = ts_wall_us() - 86400ull * 1000000;
    a.story->user.team = "Engineering";
    ports->begun.observed_us = ts_wall_us();
    ports->listed = &a.story->user;
    ports->listed_count = 1;
    ports->difference.comparison = TS_COMPARED_CHANGED;
    return a;
}

static void start(struct answer *a)
{
    a->op = ts_preview_start(&a->story->ports->env, "acme", on_preview, a);
}

static void end(struct answer *a)
{
    ts_op_cancel(&a->op);
    assert_int_equal(fake_held(a->story->ports), 0);
    free(a->team_before);
    free(a->team_after);
    story_free(a->story);
}

static void test_it_shows_what_would_change_and_writes_nothing(void **state)
{
    struct answer a = begin();

    (void)state;
    start(&a);
    fake_run(a.story->ports);
    assert_int_equal(a.answers, 1);
    assert_int_equal(a.err.cls, TS_OK);
    assert_int_equal(a.items, 1);
    assert_string_equal(a.team_before, "Sales");
    assert_string_equal(a.team_after, "Engineering");
    assert_false(a.first.overwrites);
    assert_int_equal(a.run.changed, 1);
    assert_int_equal(a.guard_limit, 5);
    assert_int_equal(a.story->ports->commits, 0);
    assert_null(strstr(fake_transcript(a.story->ports), "lease"));
    end(&a);
}

static void test_what_was_set_by_hand_is_marked(void **state)
{
    struct answer a = begin();

    (void)state;
    a.story->ada.team_source = TS_SOURCE_MANUAL;
    start(&a);
    fake_run(a.story->ports);
    assert_int_equal(a.items, 1);
    assert_true(a.first.overwrites);
    end(&a);
}

static void test_a_leaver_would_be_suspended_once_that_is_proven_by_id(void **state)
{
    struct answer a = begin();

    (void)state;
    a.story->user.is_suspended = TS_YES;
    start(&a);
    fake_run(a.story->ports);
    assert_int_equal(a.run.suspended, 1);
    assert_int_equal(a.first.status_after, TS_MEMBER_SUSPENDED);
    assert_int_equal(a.first.reason, TS_REASON_SUSPENDED);
    assert_non_null(strstr(fake_transcript(a.story->ports), "get 107;"));
    assert_int_equal(a.story->ports->commits, 0);
    end(&a);
}

static void test_a_connection_that_is_not_enabled_may_be_looked_at(void **state)
{
    static const struct {
        enum ts_connection_state state;
        enum ts_class cls;
    } cases[] = {{TS_CONNECTION_CONNECTED, TS_OK}, {TS_CONNECTION_NONE, TS_REJECTED}};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct answer a = begin();

        a.story->ports->connection.state = cases[i].state;
        start(&a);
        fake_run(a.story->ports);
        assert_int_equal(a.err.cls, cases[i].cls);
        end(&a);
    }
}

static void test_a_failure_anywhere_is_told(void **state)
{
    static const char *const words[] = {"connection", "begin", "compare", "links"};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(words); i++) {
        struct answer a = begin();

        start(&a);
        assert_true(fake_run_to(a.story->ports, words[i]));
        fake_fire_error(a.story->ports, TS_AUTH, "no");
        fake_run(a.story->ports);
        assert_int_equal(a.answers, 1);
        assert_int_equal(a.err.cls, TS_AUTH);
        end(&a);
    }
}

static void test_it_may_be_cancelled_at_any_step(void **state)
{
    (void)state;
    for (unsigned steps = 0; steps < 8; steps++) {
        struct answer a = begin();

        start(&a);
        for (unsigned i = 0; i < steps && fake_held(a.story->ports) > 0; i++)
            fake_fire(a.story->ports);
        end(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_shows_what_would_change_and_writes_nothing),
        cmocka_unit_test(test_what_was_set_by_hand_is_marked),
        cmocka_unit_test(test_a_leaver_would_be_suspended_once_that_is_proven_by_id),
        cmocka_unit_test(test_a_connection_that_is_not_enabled_may_be_looked_at),
        cmocka_unit_test(test_a_failure_anywhere_is_told),
        cmocka_unit_test(test_it_may_be_cancelled_at_any_step),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
