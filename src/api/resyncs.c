/* SPDX-License-Identifier: MIT */
/* Full resyncs: asked for, looked at beforehand, listed, and undone. */
#include "api/handlers.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

enum { RUNS_MAX = 100 };

/* --- asking for one --- */

static void queue_resync(struct ts_exchange *x)
{
    struct ts_job job = {
        .type = TS_JOB_RESYNC,
        .org = x->org,
        .cause = "api",
        .by = x->actor,
        .is_preview = ts_text_equal(ts_json_text(x->body, "mode"), "preview"),
    };

    x->op = x->env->queue->ops->enqueue(x->env->queue, &job, ts_exchange_on_enqueued, x);
}

void ts_api_resync(struct ts_exchange *x)
{
    static const struct ts_body_field fields[] = {{.name = "mode", .type = TS_BODY_TEXT}};
    const char *mode;

    if (x->body && !ts_exchange_body_fits(x, fields, TS_COUNT_OF(fields)))
        return;
    mode = ts_json_text(x->body, "mode");
    if (mode && !ts_text_equal(mode, "preview") && !ts_text_equal(mode, "apply"))
        ts_exchange_refuse(x, 400, "mode must be apply or preview");
    else
        ts_exchange_with_org(x, queue_resync);
}

/* --- the last ones --- */

static void add_figures(struct json_object *json, const struct ts_run *run)
{
#define ADD_FIGURE(name) ts_json_add_number(json, #name, (int64_t)run->name);
    TS_RUN_FIGURES(ADD_FIGURE)
}

struct json_object *ts_run_json(const void *record)
{
    const struct ts_run *run = record;
    struct json_object *json = ts_json_new_object();

    ts_json_add_text(json, "id", run->id);
    ts_json_add_text(json, "state", ts_run_state_name(run->state));
    ts_json_add_text(json, "mode", run->is_preview ? "preview" : "apply");
    ts_json_add_text(json, "cause", run->cause);
    ts_json_add_text(json, "by", run->by);
    ts_json_add_time(json, "started_at", run->started_us);
    ts_json_add_time(json, "ended_at", run->ended_us);
    add_figures(json, run);
    ts_json_add_number(json, "undone", (int64_t)run->undone);
    ts_json_add_text(json, "error", run->error);
    return json;
}

static void on_runs(const struct ts_error *err, const struct ts_run *runs, size_t count, void *arg)
{
    ts_exchange_reply_list(
        arg, err,
        &(struct ts_list){
            .records = runs, .count = count, .size = sizeof(*runs), .json_of = ts_run_json});
}

void ts_api_list_resyncs(struct ts_exchange *x)
{
    size_t limit = x->limit < RUNS_MAX ? x->limit : RUNS_MAX;

    x->op = x->env->runs->ops->list(x->env->runs, x->org, limit, on_runs, x);
}

/* --- undoing one's suspensions --- */

void ts_api_undo_resync(struct ts_exchange *x)
{
    if (ts_exchange_body_is_empty(x))
        x->op = x->env->roster->ops->undo_run(x->env->roster, x->org, x->id, x->actor,
                                              ts_exchange_on_count, x);
}

/* --- what one would change --- */

static void add_change(struct json_object *json, const char *name, const char *before,
                       const char *after)
{
    struct json_object *change = ts_json_new_object();

    ts_json_add_text(change, "before", before);
    ts_json_add_text(change, "after", after);
    ts_json_add(json, name, change);
}

static struct json_object *item_json(const struct ts_preview_item *item)
{
    struct json_object *json = ts_json_new_object();
    struct json_object *changes = ts_json_new_object();

    ts_json_add_text(json, "member", item->member_id);
    ts_json_add_text(json, "email", item->email);
    ts_json_add_bool(json, "overwrites_manual_edit", item->overwrites);
    ts_json_add_bool(json, "links", item->changed & TS_CHANGED_LINK);
    if (item->changed & TS_CHANGED_MANAGER)
        add_change(changes, "manager", item->manager_before, item->manager_after);
    if (item->changed & TS_CHANGED_TEAM)
        add_change(changes, "team", item->team_before, item->team_after);
    if (item->changed & TS_CHANGED_STATUS) {
        add_change(changes, "status", ts_member_status_name(item->status_before),
                   ts_member_status_name(item->status_after));
        if (item->reason != TS_REASON_NONE)
            ts_json_add_text(json, "reason", ts_suspend_reason_name(item->reason));
    }
    ts_json_add(json, "changes", changes);
    return json;
}

/* How many of the suspensions would have to wait for a person. */
static uint64_t held_of(const struct ts_preview *preview)
{
    uint64_t room =
        preview->guard_limit > preview->guard_used ? preview->guard_limit - preview->guard_used : 0;

    return preview->run->suspended > room ? preview->run->suspended - room : 0;
}

static struct json_object *preview_json(const struct ts_preview *preview)
{
    struct json_object *json = ts_json_new_object();
    struct json_object *figures = ts_json_new_object();
    struct json_object *items = ts_json_new_array();
    struct ts_run run = *preview->run;

    run.held = held_of(preview);
    run.suspended -= run.held;
    add_figures(figures, &run);
    for (size_t i = 0; i < preview->item_count; i++)
        ts_json_append(items, item_json(&preview->items[i]));
    ts_json_add(json, "figures", figures);
    ts_json_add(json, "items", items);
    if (preview->loss)
        ts_json_add(json, "field_loss", ts_loss_json(preview->loss));
    else
        ts_json_add(json, "field_loss", NULL);
    return json;
}

static void on_preview(const struct ts_error *err, const struct ts_preview *preview, void *arg)
{
    struct ts_exchange *x = arg;

    x->op = NULL;
    if (err->cls == TS_AUTH)
        ts_exchange_fail_to_connect(x, err, &(struct ts_connection){.org = x->org});
    else if (err->cls != TS_OK)
        ts_exchange_fail(x, err);
    else
        ts_exchange_reply(x, 200, preview_json(preview));
}

void ts_api_preview(struct ts_exchange *x)
{
    x->op = ts_preview_start(x->env, x->org, on_preview, x);
}
