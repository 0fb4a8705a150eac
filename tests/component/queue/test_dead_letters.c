/* SPDX-License-Identifier: MIT */
/* Dead letters on a real Redis: what they tell, and what can be done with them. */
#include "queue_bench.h"

#include "teamsync/buf.h"

struct seen {
    struct bench *bench;
    size_t count;
    char *ids[8];
    char *next;
    char text[2000]; /* of the last one */
    unsigned attempts;
    uint64_t queued_us;
    uint64_t died_us;
};

static void on_letters(const struct ts_error *err, const struct ts_dead_letter *letters,
                       size_t count, const char *next_cursor, void *arg)
{
    struct seen *seen = arg;
    struct ts_buf text;

    assert_int_equal(err->cls, TS_OK);
    ts_buf_init(&text, sizeof(seen->text));
    for (size_t i = 0; i < count; i++) {
        const struct ts_dead_letter *letter = &letters[i];

        seen->ids[seen->count++] = ts_strdup(letter->id);
        ts_buf_clear(&text);
        assert_int_equal(ts_buf_addf(&text, "%s|%s|%s|", letter->reason,
                                     letter->first_error ? letter->first_error : "-",
                                     letter->last_error ? letter->last_error : "-"),
                         0);
        for (size_t j = 0; j + 1 < letter->job_length; j += 2)
            assert_int_equal(ts_buf_addf(&text, "%s=%s ", letter->job[j], letter->job[j + 1]), 0);
        seen->attempts = letter->attempts;
        seen->queued_us = letter->queued_us;
        seen->died_us = letter->died_us;
    }
    ts_text_copy(seen->text, sizeof(seen->text), text.data);
    ts_buf_done(&text);
    free(seen->next);
    seen->next = ts_strdup(next_cursor);
    seen->bench->answered = true;
}

static void list(struct seen *seen, const char *cursor, size_t limit)
{
    struct ts_queue *queue = seen->bench->one.queue;

    (void)queue->ops->list_dead(queue, cursor, limit, on_letters, seen);
    wait_answer(seen->bench);
}

static void forget(struct seen *seen)
{
    for (size_t i = 0; i < seen->count; i++)
        free(seen->ids[i]);
    free(seen->next);
    *seen = (struct seen){.bench = seen->bench};
}

/* A user's job that failed twice, and was given up at the second time. */
static void bury_one(struct bench *b, const char *user)
{
    enqueue(b, user);
    take(b, &b->one);
    (void)b->one.queue->ops->retry(b->one.queue, b->job, 1, "it was down", on_done, b);
    wait_answer(b);
    take(b, &b->one);
    (void)b->one.queue->ops->bury(b->one.queue, b->job, "it cannot be done", on_done, b);
    wait_answer(b);
}

static void test_a_letter_tells_the_job_and_why_it_was_given_up(void **state)
{
    struct bench *b = *state;
    struct seen seen = {.bench = b};

    bury_one(b, "107");
    list(&seen, NULL, 5);
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.text, "it cannot be done|it was down|it cannot be done|"
                                   "type=user org=acme user=107 cause=push ");
    assert_int_equal(seen.attempts, 2);
    assert_true(seen.queued_us > 0 && seen.died_us > seen.queued_us);
    assert_null(seen.next);
    forget(&seen);
}

static void test_the_newest_come_first_page_by_page(void **state)
{
    struct bench *b = *state;
    struct seen seen = {.bench = b};

    for (int i = 0; i < 5; i++) {
        TS_AUTOFREE char *user = ts_format("u%d", i);

        bury_one(b, user);
    }
    list(&seen, NULL, 2);
    assert_non_null(strstr(seen.text, "user=u3"));
    assert_string_equal(seen.next, seen.ids[1]);
    list(&seen, seen.ids[1], 2);
    assert_non_null(strstr(seen.text, "user=u1"));
    list(&seen, seen.ids[3], 2);
    assert_non_null(strstr(seen.text, "user=u0"));
    assert_null(seen.next);
    assert_int_equal(seen.count, 5);
    forget(&seen);
}

static void revive(struct bench *b, const char *id)
{
    (void)b->one.queue->ops->revive(b->one.queue, id, "Olga", on_enqueued, b);
    wait_answer(b);
}

static void test_a_letter_tried_again_starts_anew(void **state)
{
    struct bench *b = *state;
    struct seen seen = {.bench = b};

    bury_one(b, "107");
    list(&seen, NULL, 5);
    revive(b, seen.ids[0]);
    assert_int_equal(b->err.cls, TS_OK);
    assert_int_equal(b->how, TS_ENQUEUED);
    assert_cli(b, "XLEN teamsync:jobs:dead", "0");
    take(b, &b->one);
    assert_string_equal(b->job->user, "107");
    assert_string_equal(b->job->by, "Olga");
    assert_string_equal(b->job->cause, "push");
    assert_int_equal(b->job->attempt, 0);
    assert_null(b->job->first_error);
    assert_true(b->job->first_us >= seen.died_us);
    revive(b, seen.ids[0]);
    assert_int_equal(b->err.cls, TS_NOT_FOUND);
    forget(&seen);
}

static void test_a_letter_whose_job_waits_already_joins_it(void **state)
{
    struct bench *b = *state;
    struct seen seen = {.bench = b};

    bury_one(b, "107");
    enqueue(b, "107");
    list(&seen, NULL, 5);
    revive(b, seen.ids[0]);
    assert_int_equal(b->how, TS_COALESCED);
    assert_cli(b, "XLEN teamsync:jobs", "1");
    assert_cli(b, "XLEN teamsync:jobs:dead", "0");
    forget(&seen);
}

/* An entry may name itself a reason, an attempt, or anything else. */
static void test_what_never_was_a_job_is_shown_and_cannot_be_tried_again(void **state)
{
    struct bench *b = *state;
    struct seen seen = {.bench = b};

    free(
        test_redis_cli(b->server, "XADD teamsync:jobs '*' type wedding reason love attempt x a b"));
    enqueue(b, "107");
    take(b, &b->one);
    assert_true(TEST_WAIT(b->loop, is_count(b, "XLEN teamsync:jobs:dead", 1)));
    list(&seen, NULL, 5);
    assert_string_equal(seen.text, "unknown type|-|-|type=wedding a=b ");
    assert_int_equal(seen.attempts, 0);
    revive(b, seen.ids[0]);
    assert_int_equal(b->err.cls, TS_REJECTED);
    assert_cli(b, "XLEN teamsync:jobs:dead", "1");
    forget(&seen);
}

static void test_a_full_queue_takes_no_letter_back(void **state)
{
    struct bench *b = *state;
    struct seen seen = {.bench = b};

    bury_one(b, "107");
    list(&seen, NULL, 5);
    ts_queue_redis_set_max_waiting(b->one.queue, 0);
    revive(b, seen.ids[0]);
    assert_int_equal(b->err.cls, TS_RETRY);
    assert_cli(b, "XLEN teamsync:jobs:dead", "1");
    forget(&seen);
}

static void test_a_letter_can_be_dropped_once(void **state)
{
    struct bench *b = *state;
    struct seen seen = {.bench = b};

    bury_one(b, "107");
    list(&seen, NULL, 5);
    (void)b->one.queue->ops->discard(b->one.queue, seen.ids[0], on_done, b);
    wait_answer(b);
    assert_int_equal(b->err.cls, TS_OK);
    assert_cli(b, "XLEN teamsync:jobs:dead", "0");
    (void)b->one.queue->ops->discard(b->one.queue, seen.ids[0], on_done, b);
    wait_answer(b);
    assert_int_equal(b->err.cls, TS_NOT_FOUND);
    forget(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_letter_tells_the_job_and_why_it_was_given_up),
        TEST(test_the_newest_come_first_page_by_page),
        TEST(test_a_letter_tried_again_starts_anew),
        TEST(test_a_letter_whose_job_waits_already_joins_it),
        TEST(test_what_never_was_a_job_is_shown_and_cannot_be_tried_again),
        TEST(test_a_full_queue_takes_no_letter_back),
        TEST(test_a_letter_can_be_dropped_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
