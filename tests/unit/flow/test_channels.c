/* SPDX-License-Identifier: MIT */
/* The notification channels of an org: opened, kept, replaced, closed. */
#include "story.h"

#include "teamsync/digest.h"

#define LISTED "connection acme;channels acme;"
#define OPENED                                                                                     \
    "announce new;watch new https://sync.example/webhooks/google-workspace 21600;"                 \
    "record new res_new;"
#define REPLACED LISTED OPENED "note;stop ch_1 res_1;remove ch_1;done then timer renew;"
#define KEPT     LISTED "note;done then timer renew;"

static struct ts_channel known[2];

static uint64_t us_ahead(uint64_t seconds)
{
    return ts_wall_us() + seconds * 1000000;
}

/* `left_s`: the remaining life of the one channel that is known, 0: none is. */
static struct story *channel_story(const char *cause, uint64_t left_s)
{
    struct story *story = story_new();

    story->job =
        (struct ts_job){.id = "6-0", .type = TS_JOB_CHANNELS, .org = "acme", .cause = cause};
    known[0] = (struct ts_channel){
        .id = "ch_1", .org = "acme", .resource_id = "res_1", .expiration_us = us_ahead(left_s)};
    story->ports->channels = known;
    story->ports->channel_count = left_s > 0;
    return story;
}

static void test_a_channel_is_announced_before_it_is_opened(void **state)
{
    struct story *story = channel_story("enabled", 0);
    unsigned char digest[32];

    (void)state;
    story_run(story, ts_channels_start);
    assert_ended(story, TS_OUTCOME_CHANGED, LISTED OPENED "note;done then timer renew;");
    ts_sha256(story->ports->watched_token, strlen(story->ports->watched_token), digest);
    assert_memory_equal(digest, story->ports->announced_digest, 32);
    assert_in_range(strlen(story->ports->watched_id), 20, 64);
    assert_in_range(strlen(story->ports->watched_token), 20, 256);
    story_free(story);
}

static void test_it_is_renewed_after_three_quarters_of_the_life_it_was_given(void **state)
{
    struct story *story = channel_story("enabled", 0);

    (void)state;
    story->ports->watching.expiration_us = us_ahead(4000);
    story_run(story, ts_channels_start);
    assert_int_equal(story->ports->recorded_until_us, story->ports->watching.expiration_us);
    assert_delay(story->ports->later_ms, 2990000, 3000000);
    assert_int_equal(story->ports->later->type, TS_JOB_CHANNELS);
    assert_string_equal(story->ports->later->org, "acme");
    assert_null(story->ports->later->user);
    story_free(story);
}

static void test_without_an_expiration_the_life_asked_for_counts(void **state)
{
    struct story *story = channel_story("enabled", 0);

    (void)state;
    story->ports->watching.expiration_us = 0;
    story_run(story, ts_channels_start);
    assert_delay(story->ports->later_ms, 16190000, 16200000);
    story_free(story);
}

static void test_a_clock_that_is_behind_does_not_delay_the_renewal(void **state)
{
    struct story *story = channel_story("enabled", 0);

    (void)state;
    story->ports->watching.expiration_us = ts_wall_us() + 86400ull * 365 * 1000000;
    story_run(story, ts_channels_start);
    assert_int_equal(story->ports->later_ms, 16200000);
    story_free(story);
}

static void test_a_channel_is_kept_or_replaced_by_the_life_it_has_left(void **state)
{
    static const struct {
        const char *cause;
        uint32_t ttl_s;
        uint64_t left_s;
        const char *transcript;
    } cases[] = {
        {"renew", 21600, 9000, KEPT},     {"renew", 21600, 7210, KEPT},
        {"renew", 21600, 7190, REPLACED}, {"manual", 21600, 9000, KEPT},
        {NULL, 21600, 9000, KEPT},        {"enabled", 21600, 21000, REPLACED},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = channel_story(cases[i].cause, cases[i].left_s);

        story->ports->env.channel_ttl_s = cases[i].ttl_s;
        story_run(story, ts_channels_start);
        assert_int_equal(story->ended, 1);
        assert_string_equal(fake_transcript(story->ports), cases[i].transcript);
        story_free(story);
    }
}

static void test_for_a_short_life_a_third_of_it_is_enough(void **state)
{
    struct story *story = channel_story("renew", 120);

    (void)state;
    story->ports->env.channel_ttl_s = 300;
    story_run(story, ts_channels_start);
    assert_ended(story, TS_OUTCOME_UNCHANGED, KEPT);
    assert_delay(story->ports->later_ms, 89000, 90000);
    story_free(story);
}

static void test_of_two_live_channels_the_longer_one_stays(void **state)
{
    (void)state;
    for (size_t longer = 0; longer < 2; longer++) {
        struct story *story = channel_story("renew", longer == 0 ? 10000 : 9000);

        known[1] = (struct ts_channel){.id = "ch_2",
                                       .org = "acme",
                                       .resource_id = "res_2",
                                       .expiration_us = us_ahead(longer == 1 ? 10000 : 9000)};
        story->ports->channel_count = 2;
        story_run(story, ts_channels_start);
        assert_ended(story, TS_OUTCOME_CHANGED,
                     longer == 1 ? LISTED "note;stop ch_1 res_1;remove ch_1;done then timer renew;"
                                 : LISTED
                         "note;stop ch_2 res_2;remove ch_2;done then timer renew;");
        assert_delay(story->ports->later_ms, 7490000, 7500000);
        story_free(story);
    }
}

static void test_a_channel_that_never_opened_is_only_forgotten(void **state)
{
    struct story *story = channel_story("renew", 9000);

    (void)state;
    known[0].resource_id = NULL;
    story_run(story, ts_channels_start);
    assert_ended(story, TS_OUTCOME_CHANGED,
                 LISTED OPENED "note;remove ch_1;done then timer renew;");
    story_free(story);
}

static void test_a_watch_that_fails_is_withdrawn_and_tried_again_for_ever(void **state)
{
    static const struct {
        enum ts_class cls;
        const char *end;
    } cases[] = {
        {TS_RETRY, "retry;"},
        {TS_INTERNAL, "retry;"},
        {TS_REJECTED, "retry;"},
        {TS_AUTH, "refused address not acceptable;retry;"},
    };

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = channel_story("renew", 0);
        char expected[256];

        story->job.attempt = 100;
        story->job.first_us = us_before(30 * 86400);
        story_begin(story, ts_channels_start);
        assert_true(fake_run_to(story->ports, "watch"));
        fake_fire_error(story->ports, cases[i].cls, "address not acceptable");
        fake_run(story->ports);
        (void)snprintf(expected, sizeof(expected),
                       LISTED "announce new;"
                              "watch new https://sync.example/webhooks/google-workspace 21600;"
                              "remove new;%s",
                       cases[i].end);
        assert_ended(story, TS_OUTCOME_RETRIED, expected);
        assert_in_range(story->ports->delay_ms, 1000, 5 * 60 * 1000);
        story_free(story);
    }
}

static void test_without_a_live_channel_for_five_minutes_the_alarm_is_raised(void **state)
{
    static const struct {
        uint64_t lost_s;
        bool is_alarmed;
    } cases[] = {{0, false}, {290, false}, {310, true}};

    (void)state;
    for (size_t i = 0; i < TS_COUNT_OF(cases); i++) {
        struct story *story = channel_story("renew", 0);

        story->ports->connection.channel_until_us = us_ago(cases[i].lost_s);
        story_begin(story, ts_channels_start);
        assert_true(fake_run_to(story->ports, "watch"));
        fake_fire_error(story->ports, TS_REJECTED, "not https");
        fake_run(story->ports);
        assert_int_equal(story->outcome, TS_OUTCOME_RETRIED);
        assert_int_equal(strstr(fake_transcript(story->ports), "deaf no notification channel") !=
                             NULL,
                         cases[i].is_alarmed);
        assert_int_equal(strstr(fake_transcript(story->ports), "enqueue resync no-push;") != NULL,
                         cases[i].is_alarmed);
        story_free(story);
    }
}

static void test_each_configured_event_gets_its_own_channel(void **state)
{
    static const char *const events[] = {"delete", "update"};
    struct story *story = channel_story("renew", 20000);

    (void)state;
    story->ports->env.events = events;
    story->ports->env.event_count = 2;
    known[0].event = "update";
    story_run(story, ts_channels_start);
    assert_ended(story, TS_OUTCOME_CHANGED,
                 LISTED "announce new;"
                        "watch new delete https://sync.example/webhooks/google-workspace 21600;"
                        "record new res_new;note;done then timer renew;");
    assert_int_equal(story->ports->noted_until_us, known[0].expiration_us);
    story_free(story);
}

static void test_a_channel_that_opened_too_late_is_stopped_again(void **state)
{
    (void)state;
    for (unsigned is_stopped = 0; is_stopped < 2; is_stopped++) {
        struct story *story = channel_story("renew", 0);

        story_begin(story, ts_channels_start);
        assert_true(fake_run_to(story->ports, "record"));
        fake_fire_error(story->ports, TS_REJECTED, "the connection is another one by now");
        if (!is_stopped)
            fake_fire_error(story->ports, TS_RETRY, "no answer");
        fake_run(story->ports);
        assert_int_equal(story->outcome, TS_OUTCOME_RETRIED);
        assert_non_null(strstr(fake_transcript(story->ports), OPENED "stop new res_new;retry;"));
        story_free(story);
    }
}

static void test_an_old_channel_that_cannot_be_stopped_is_forgotten_all_the_same(void **state)
{
    struct story *story = channel_story("renew", 10);

    (void)state;
    story_begin(story, ts_channels_start);
    assert_true(fake_run_to(story->ports, "stop"));
    fake_fire_error(story->ports, TS_AUTH, "refused");
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_CHANGED, REPLACED);
    story_free(story);
}

static void test_switching_off_closes_every_channel(void **state)
{
    struct story *story = channel_story("disabled", 9000);

    (void)state;
    known[1] = (struct ts_channel){.id = "ch_2", .org = "acme"};
    story->ports->channel_count = 2;
    story->ports->connection.state = TS_CONNECTION_CONNECTED;
    story_run(story, ts_channels_start);
    assert_ended(story, TS_OUTCOME_DISABLED,
                 LISTED "stop ch_1 res_1;remove ch_1;remove ch_2;done;");
    story_free(story);
}

static void test_without_credentials_channels_are_only_forgotten(void **state)
{
    struct story *story = channel_story("renew", 9000);

    (void)state;
    story->ports->connection.state = TS_CONNECTION_NONE;
    story->ports->connection.credentials = NULL;
    story_run(story, ts_channels_start);
    assert_ended(story, TS_OUTCOME_DISABLED, LISTED "remove ch_1;done;");
    story_free(story);
}

static void test_a_deaf_connection_that_opens_a_channel_hears_again_and_catches_up(void **state)
{
    struct story *story = channel_story("renew", 0);

    (void)state;
    story->ports->connection.state = TS_CONNECTION_FAILING;
    story->ports->connection.deaf = "no channel";
    story_run(story, ts_channels_start);
    assert_ended(story, TS_OUTCOME_CHANGED,
                 LISTED OPENED
                 "note;deaf no more;enqueue resync push-is-back;done then timer renew;");
    story_free(story);
}

static void test_after_corrections_a_new_channel_takes_the_place_of_the_silent_one(void **state)
{
    struct story *story = channel_story("corrections", 21000);

    (void)state;
    story_run(story, ts_channels_start);
    assert_ended(story, TS_OUTCOME_CHANGED, REPLACED);
    story_free(story);
}

static void test_an_unknown_org_is_buried(void **state)
{
    struct story *story = channel_story("renew", 0);

    (void)state;
    story_begin(story, ts_channels_start);
    fake_fire_error(story->ports, TS_NOT_FOUND, "no such org");
    fake_run(story->ports);
    assert_ended(story, TS_OUTCOME_BURIED, "connection acme;bury unknown org;");
    story_free(story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_channel_is_announced_before_it_is_opened),
        cmocka_unit_test(test_it_is_renewed_after_three_quarters_of_the_life_it_was_given),
        cmocka_unit_test(test_without_an_expiration_the_life_asked_for_counts),
        cmocka_unit_test(test_a_clock_that_is_behind_does_not_delay_the_renewal),
        cmocka_unit_test(test_a_channel_is_kept_or_replaced_by_the_life_it_has_left),
        cmocka_unit_test(test_for_a_short_life_a_third_of_it_is_enough),
        cmocka_unit_test(test_of_two_live_channels_the_longer_one_stays),
        cmocka_unit_test(test_a_channel_that_never_opened_is_only_forgotten),
        cmocka_unit_test(test_a_watch_that_fails_is_withdrawn_and_tried_again_for_ever),
        cmocka_unit_test(test_without_a_live_channel_for_five_minutes_the_alarm_is_raised),
        cmocka_unit_test(test_each_configured_event_gets_its_own_channel),
        cmocka_unit_test(test_a_channel_that_opened_too_late_is_stopped_again),
        cmocka_unit_test(test_an_old_channel_that_cannot_be_stopped_is_forgotten_all_the_same),
        cmocka_unit_test(test_switching_off_closes_every_channel),
        cmocka_unit_test(test_without_credentials_channels_are_only_forgotten),
        cmocka_unit_test(test_a_deaf_connection_that_opens_a_channel_hears_again_and_catches_up),
        cmocka_unit_test(test_after_corrections_a_new_channel_takes_the_place_of_the_silent_one),
        cmocka_unit_test(test_an_unknown_org_is_buried),
    };

    return cmocka_run_group_tests(tests, story_quiet, NULL);
}
