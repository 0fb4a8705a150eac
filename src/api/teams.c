/* SPDX-License-Identifier: MIT */
/* The team at a glance: its teams, and how many members are how. Of an org that exists. */
#include "api/handlers.h"

/* --- teams --- */

static struct json_object *team_json(const void *record)
{
    const struct ts_team *team = record;
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "team", team->name);
    ts_json_add_number(json, "members", (int64_t)team->members);
    return json;
}

static void on_teams(const struct ts_error *err, const struct ts_team *teams, size_t count,
                     const char *next_cursor, void *arg)
{
    ts_exchange_reply_list(arg, err,
                           &(struct ts_list){.records = teams,
                                             .count = count,
                                             .size = sizeof(*teams),
                                             .json_of = team_json,
                                             .next_cursor = next_cursor});
}

static void list_teams(struct ts_exchange *x)
{
    x->op = x->env->roster->ops->teams(x->env->roster, x->org, x->cursor, x->limit, on_teams, x);
}

void ts_api_list_teams(struct ts_exchange *x)
{
    ts_exchange_with_org(x, list_teams);
}

/* --- the summary --- */

static void on_summary(const struct ts_error *err, const struct ts_summary *summary, void *arg)
{
    struct ts_exchange *x = arg;
    struct json_object *json;
    struct json_object *members;
    struct json_object *sync;

    if (!ts_exchange_went_well(x, err))
        return;
    json = ts_json_new_object();
    members = ts_json_new_object();
    sync = ts_json_new_object();
    for (size_t i = 0; i < TS_MEMBER_STATUSES; i++)
        ts_json_add_number(members, ts_member_status_name(i), (int64_t)summary->of_status[i]);
    for (size_t i = 0; i < TS_SYNC_STATES; i++)
        ts_json_add_number(sync, ts_sync_state_name(i), (int64_t)summary->of_sync[i]);
    ts_json_add(json, "members", members);
    ts_json_add(json, "sync", sync);
    ts_exchange_reply(x, 200, json);
}

static void summarise(struct ts_exchange *x)
{
    x->op = x->env->roster->ops->summary(x->env->roster, x->org, on_summary, x);
}

void ts_api_get_summary(struct ts_exchange *x)
{
    ts_exchange_with_org(x, summarise);
}
