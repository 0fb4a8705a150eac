/* SPDX-License-Identifier: MIT */
/* What the tests of the flows share: Ada of acme, who is in step with her directory, and a flow's
 * one callback, counted. */
#ifndef TESTS_UNIT_FLOW_STORY_H
#define TESTS_UNIT_FLOW_STORY_H

#include "support/fake_ports.h"
#include "support/test.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/time.h"

#include <stdio.h>
#include <string.h>

typedef struct ts_op *story_start(const struct ts_flow_env *env, const struct ts_job *job,
                                  ts_flow_done_cb *cb, void *arg);

#define TAKEN_US 5000000000000000ull /* in Redis' time, which need not be ours */

struct story {
    struct fake_ports *ports;
    struct ts_member ada;
    struct ts_directory_user user;
    struct ts_job job;
    struct ts_op *flow; /* while it runs */
    unsigned ended;
    enum ts_outcome outcome;
};

static inline void story_ended(enum ts_outcome outcome, void *arg)
{
    struct story *story = arg;

    story->flow = NULL;
    story->ended++;
    story->outcome = outcome;
}

static inline struct story *story_new(void)
{
    struct story *story = ts_alloc(sizeof(*story));

    story->ports = fake_ports_new();
    story->ada = (struct ts_member){
        .id = "m_1",
        .email = "ada@acme.example",
        .role = "member",
        .status = TS_MEMBER_ACTIVE,
        .team = "Engineering",
        .sync_state = TS_SYNC_SYNCED,
        .directory_id = "107",
        .directory_addresses = "ada@acme.example",
        .team_source = TS_SOURCE_DIRECTORY,
        .version = 3,
    };
    story->user = (struct ts_directory_user){
        .id = "107",
        .primary_email = "ada@acme.example",
        .is_suspended = TS_NO,
        .is_archived = TS_NO,
        .team = "Engineering",
    };
    story->job = (struct ts_job){
        .id = "17-0",
        .type = TS_JOB_USER,
        .org = "acme",
        .user = "107",
        .cause = "push",
        .taken_us = TAKEN_US,
    };
    story->ports->user = &story->user;
    story->ports->view.linked = &story->ada;
    story->ports->view.by_primary = &story->ada;
    return story;
}

static inline void story_begin(struct story *story, story_start *start)
{
    story->flow = start(&story->ports->env, &story->job, story_ended, story);
    assert_int_equal(story->ended, 0);
}

/* The whole flow, everything going well. */
static inline void story_run(struct story *story, story_start *start)
{
    story_begin(story, start);
    fake_run(story->ports);
}

static inline void story_free(struct story *story)
{
    fake_ports_free(story->ports);
    free(story);
}

static inline void assert_ended(const struct story *story, enum ts_outcome outcome,
                                const char *transcript)
{
    assert_string_equal(fake_transcript(story->ports), transcript);
    assert_int_equal(story->ended, 1);
    assert_string_equal(ts_outcome_name(story->outcome), ts_outcome_name(outcome));
    assert_int_equal(fake_held(story->ports), 0);
}

/* Lower and upper bound of a delay that has jitter. */
#define assert_delay(delay, low, high) assert_in_range((delay), (low), (high))

static inline uint64_t us_ago(uint64_t seconds)
{
    return ts_wall_us() - seconds * 1000000;
}

/* So long before the job was taken. */
static inline uint64_t us_before(uint64_t seconds)
{
    return TAKEN_US - seconds * 1000000;
}

static inline int story_quiet(void **state)
{
    (void)state;
    ts_log_setup(TS_LOG_ERROR, TS_LOG_LOGFMT);
    return 0;
}

#endif
