/* SPDX-License-Identifier: MIT */
/* The worlds that between them reach every step of every flow. */
#ifndef TESTS_UNIT_FLOW_WORLDS_H
#define TESTS_UNIT_FLOW_WORLDS_H

#include "story.h"

static struct ts_channel old_channels[2];

static inline struct story *world_plain(void)
{
    struct story *story = story_new();

    story->user.team = "Sales";
    story->ports->overtaken = 1;
    return story;
}

static inline struct story *world_leaving(void)
{
    struct story *story = story_new();

    story->user.is_suspended = TS_YES;
    story->ports->connection.state = TS_CONNECTION_FAILING;
    story->ports->connection.refused = "scope not granted";
    return story;
}

static inline struct story *world_absent(void)
{
    struct story *story = story_new();

    story->ports->user = NULL;
    story->job.seen_absent = true;
    return story;
}

static inline struct story *world_resync(void)
{
    struct story *story = story_new();

    story->job.type = TS_JOB_RESYNC;
    story->job.user = NULL;
    story->job.cause = "schedule";
    story->ports->listed = &story->user;
    story->ports->listed_count = 1;
    story->ports->difference.comparison = TS_COMPARED_CHANGED;
    story->user.is_suspended = TS_YES;
    story->ports->connection.refused = "scope not granted";
    story->ports->connection.channel_until_us = 0;
    return story;
}

static inline struct story *world_channels(void)
{
    struct story *story = story_new();

    old_channels[0] = (struct ts_channel){.id = "ch_1", .org = "acme", .resource_id = "res_1"};
    old_channels[1] = (struct ts_channel){.id = "ch_2", .org = "acme"};
    story->job.type = TS_JOB_CHANNELS;
    story->job.user = NULL;
    story->ports->channels = old_channels;
    story->ports->channel_count = 2;
    story->ports->connection.state = TS_CONNECTION_FAILING;
    story->ports->connection.deaf = "no channel";
    story->ports->connection.channel_until_us = 0;
    return story;
}

/* An account that was made after auto-invite had been switched on. */
static inline struct story *world_newcomer(void)
{
    struct story *story = story_new();

    story->ports->env.mailer = &story->ports->mailer;
    story->ports->connection.invites_since_us = 1000000900;
    story->ports->connection.invite_role = "guest";
    story->ports->view = (struct ts_view){0};
    story->ports->created.id = "m_9";
    story->user.created_us = 1000000000; /* in the same second */
    story->user.name = "Ada Marlowe";
    return story;
}

static inline struct story *world_mail(void)
{
    struct story *story = story_new();

    story->job.type = TS_JOB_MAIL;
    story->job.user = NULL;
    story->job.member = "m_1";
    story->job.cause = "invited";
    story->ports->env.mailer = &story->ports->mailer;
    story->ports->invitation = (struct ts_invitation){
        .org = "acme",
        .org_name = "Acme",
        .member_id = "m_1",
        .email = "ada@acme.example",
        .name = "Ada",
        .expires_us = 1700000000000000,
    };
    return story;
}

static const struct {
    struct story *(*make)(void);
    story_start *start;
} worlds[] = {
    {world_plain, ts_sync_user_start},      {world_leaving, ts_sync_user_start},
    {world_absent, ts_sync_user_start},     {world_resync, ts_resync_start},
    {world_channels, ts_channels_start},    {world_newcomer, ts_sync_user_start},
    {world_mail, ts_send_invitation_start},
};

#endif
