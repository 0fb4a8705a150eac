/* SPDX-License-Identifier: MIT */
/* One person. Read it from top to bottom, as it runs:
 *   begin -> read -> (recover) -> view -> plan -> commit -> report
 * One whom a listing shows begins with the view; what is doubtful about a listing is read again. A
 * listing may be behind (GOOGLE.md §D.8), so nobody is suspended, reinstated, or found in conflict
 * by it. One who was read by an address is read again by the id that was found, before anything is
 * written: a link is made for good. Nothing is concluded from a read that failed. One who is no
 * member may be invited (invite.h). */
#include "flow/person.h"

#include "flow/flow.h"
#include "flow/invite.h"
#include "flow/job_flow.h"

#include "teamsync/clock.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

#define STEPS(X)                                                                                   \
    X(STEP_BEGIN, "begin")                                                                         \
    X(STEP_READ, "read")                                                                           \
    X(STEP_RECOVER, "recover")                                                                     \
    X(STEP_VIEW, "view")                                                                           \
    X(STEP_INVITE, "invite")                                                                       \
    X(STEP_CONFIRM, "confirm")                                                                     \
    X(STEP_COMMIT, "commit")

enum step { STEPS(TS_STEP_SYMBOL) };

enum {
    VIEWS_MAX = 6, /* the first, and five more when somebody was quicker */
    LISTING_LAG_S = 15 * 60,
};

struct person {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    struct ts_person_task task;
    bool is_listed; /* `user` is what the listing says, not what was read by id */
    bool is_found;  /* `user` was read by an address, and never by id yet */
    bool was_absent;
    char *directory_id;             /* NULL: an address that nobody is linked by */
    uint64_t observed_us;           /* no read has begun before it */
    struct ts_directory_user *user; /* NULL: the directory does not know the id */
    unsigned views;
    bool is_held;       /* the guard lets no suspension pass */
    bool is_known_here; /* some member has one of the user's addresses */
    char *member_id;
    struct ts_person_result result; /* as far as it is known */
    ts_person_cb *cb;
    void *arg;
};

static void step_begin(struct person *p);
static void on_begun(const struct ts_error *err, const struct ts_begun *begun, void *arg);
static void step_read(struct person *p);
static void on_read(const struct ts_error *err, const struct ts_directory_user *user, void *arg);
static void step_recover(struct person *p);
static void on_recovered(const struct ts_error *err, void *arg);
static void match(struct person *p);
static void step_view(struct person *p);
static void on_view(const struct ts_error *err, const struct ts_view *view, void *arg);
static void follow(struct person *p, const struct ts_plan *plan);
static void conclude_nobody(struct person *p);
static void step_invite(struct person *p);
static void on_invited(const struct ts_invite_result *result, void *arg);
static void step_confirm(struct person *p);
static void on_confirm(const struct ts_error *err, void *arg);
static void step_commit(struct person *p, const struct ts_plan *plan);
static void on_committed(const struct ts_error *err, enum ts_committed how, void *arg);
static void report(struct person *p, enum ts_person_end end, const struct ts_error *err);

static void release(struct person *p)
{
    ts_flow_leave(&p->flow);
    free(p->directory_id);
    free(p->member_id);
    free(p->user);
    free(p);
}

static void cancel(struct ts_op *op)
{
    release((struct person *)(void *)op);
}

static void enter(struct person *p, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&p->flow, names[step]);
}

static struct person *resume(void *arg)
{
    struct person *p = arg;

    ts_flow_resume(&p->flow);
    return p;
}

static void fail(struct person *p, const struct ts_error *err)
{
    report(p, TS_PERSON_FAILED, err);
}

struct ts_op *ts_person_start(const struct ts_flow_env *env, const struct ts_person_task *task,
                              ts_person_cb *cb, void *arg)
{
    struct person *p = ts_alloc(sizeof(*p));

    p->flow.op.cancel = cancel;
    p->flow.name = "person";
    p->flow.job_id = task->job->id;
    p->env = env;
    p->task = *task;
    p->was_absent = task->was_absent;
    p->cb = cb;
    p->arg = arg;
    if (task->listed) {
        p->is_listed = true;
        p->user = ts_directory_user_dup(task->listed);
        p->directory_id = ts_strdup(task->listed->id);
        p->observed_us = task->listed_us;
        step_view(p);
    } else {
        step_begin(p);
    }
    return &p->flow.op;
}

static void step_begin(struct person *p)
{
    struct ts_roster *roster = p->env->roster;
    const char *key = p->directory_id ? p->directory_id : p->task.key;

    enter(p, STEP_BEGIN);
    ts_flow_await(&p->flow, roster->ops->begin(roster, p->task.connection->org, key, on_begun, p));
}

static void on_begun(const struct ts_error *err, const struct ts_begun *begun, void *arg)
{
    struct person *p = resume(arg);

    if (err->cls != TS_OK) {
        fail(p, err);
    } else {
        if (!p->directory_id)
            p->directory_id =
                ts_strdup(strchr(p->task.key, '@') ? begun->directory_id : p->task.key);
        p->observed_us = begun->observed_us;
        step_read(p);
    }
}

static void step_read(struct person *p)
{
    struct ts_directory *directory = p->env->directory;
    const char *key = p->directory_id ? p->directory_id : p->task.key;

    p->result.reads++;
    enter(p, STEP_READ);
    ts_flow_await(&p->flow,
                  directory->ops->get_user(directory, p->task.connection, key, on_read, p));
}

/* An answer that the user exists also ends an absence that waited to be confirmed. */
static void keep(struct person *p, const struct ts_directory_user *user)
{
    free(p->user);
    p->user = ts_directory_user_dup(user);
    p->is_listed = false;
    p->is_found = !p->directory_id;
    if (user)
        p->was_absent = false;
    if (user && !p->directory_id && !ts_text_is_empty(user->id))
        p->directory_id = ts_strdup(user->id);
}

static void on_read(const struct ts_error *err, const struct ts_directory_user *user, void *arg)
{
    struct person *p = resume(arg);
    struct ts_error torn =
        ts_error_make(TS_RETRY, "the directory finds a user by address, but not by id");
    bool is_torn = err->cls == TS_NOT_FOUND && p->is_found;

    p->result.is_unread = is_torn || (err->cls != TS_OK && err->cls != TS_NOT_FOUND);
    if (err->cls == TS_OK || err->cls == TS_NOT_FOUND)
        keep(p, err->cls == TS_OK ? user : NULL);

    if (is_torn)
        fail(p, &torn);
    else if (p->result.is_unread)
        fail(p, err);
    else if (p->task.connection->refused && !p->task.is_dry)
        step_recover(p);
    else
        match(p);
}

static void step_recover(struct person *p)
{
    struct ts_registry *registry = p->env->registry;

    enter(p, STEP_RECOVER);
    ts_flow_await(&p->flow,
                  registry->ops->set_trouble(registry, p->task.connection->org, TS_TROUBLE_REFUSED,
                                             /* why= */ NULL, on_recovered, p));
}

static void on_recovered(const struct ts_error *err, void *arg)
{
    struct person *p = resume(arg);

    ts_flow_log_recovery(p->task.connection->org, err);
    match(p);
}

/* An address that no linked member has and the directory does not know concerns nobody. */
static void match(struct person *p)
{
    if (p->directory_id)
        step_view(p);
    else
        report(p, TS_PERSON_NOBODY, &ts_no_error);
}

static void step_view(struct person *p)
{
    struct ts_roster *roster = p->env->roster;
    struct ts_view_query query = {.org = p->task.connection->org, .directory_id = p->directory_id};

    if (p->user) {
        query.primary_email = p->user->primary_email;
        query.aliases = p->user->aliases;
        query.alias_count = p->user->alias_count;
        query.manager_email = p->user->manager_email;
    }
    p->views++;
    enter(p, STEP_VIEW);
    ts_flow_await(&p->flow, roster->ops->view(roster, &query, on_view, p));
}

static void on_view(const struct ts_error *err, const struct ts_view *view, void *arg)
{
    struct person *p = resume(arg);

    if (err->cls != TS_OK) {
        fail(p, err);
    } else {
        const struct ts_connection *connection = p->task.connection;
        struct ts_rules rules = {
            .may_suspend = connection->may_suspend,
            .clear_missing = connection->clear_missing && connection->may_suspend,
            .hold_suspensions = p->is_held,
        };
        TS_CLEANUP(ts_plan_done)
        struct ts_plan plan = ts_plan_make(p->user, p->was_absent, view, &rules);
        struct ts_person_look look = {.user = p->user, .view = view, .plan = &plan};

        p->is_known_here = view->linked || view->by_primary || view->alias_matches > 0;
        if (p->task.on_look)
            p->task.on_look(&look, p->task.on_look_arg);
        follow(p, &plan);
    }
}

/* What a listing alone is not enough for. */
static bool is_doubtful(const struct person *p, const struct ts_plan *plan)
{
    const struct ts_member *before = plan->before;
    bool links = plan->changed & TS_CHANGED_LINK;

    if (plan->verdict == TS_VERDICT_INCOMPLETE)
        return true;
    if (plan->verdict != TS_VERDICT_CHANGED)
        return false;
    return (plan->changed & TS_CHANGED_STATUS) || plan->reason != TS_REASON_NONE ||
           plan->after.sync_state == TS_SYNC_CONFLICT || (links && !p->task.trusts_new_links) ||
           before->observed_us + LISTING_LAG_S * 1000000ull > p->observed_us;
}

static void note(struct person *p, const struct ts_plan *plan)
{
    bool was_suspended = plan->before->status == TS_MEMBER_SUSPENDED;
    bool is_suspended = plan->after.status == TS_MEMBER_SUSPENDED;

    free(p->member_id);
    p->member_id = ts_strdup(plan->after.id);
    p->result.member_id = p->member_id;
    p->result.changed = plan->changed;
    p->result.suspends = !was_suspended && is_suspended;
    p->result.reinstates = was_suspended && !is_suspended;
    p->result.is_held = plan->after.sync_state == TS_SYNC_HELD;
}

/* The user outlives the report, for the plan borrows from it. */
static void report_plan(struct person *p, const struct ts_plan *plan)
{
    TS_AUTOFREE struct ts_directory_user *user = TS_STEAL(p->user);

    p->result.plan = plan;
    report(p, TS_PERSON_COMMITTED, &ts_no_error);
}

/* The account may be another member's than the one that was asked for. */
static bool is_for_another(const struct person *p, const struct ts_plan *plan)
{
    return p->task.member_id && plan->before && !ts_text_equal(plan->before->id, p->task.member_id);
}

static void follow(struct person *p, const struct ts_plan *plan)
{
    bool is_by_address = p->is_found && plan->verdict == TS_VERDICT_CHANGED;

    if (is_for_another(p, plan)) {
        report(p, TS_PERSON_NOBODY, &ts_no_error);
        return;
    }
    if (is_by_address || (p->is_listed && is_doubtful(p, plan))) {
        step_begin(p);
        return;
    }
    switch (plan->verdict) {
    case TS_VERDICT_NOBODY:
        conclude_nobody(p);
        break;
    case TS_VERDICT_CONFIRM:
        if (p->task.confirms_absence)
            step_confirm(p);
        else
            report(p, TS_PERSON_ABSENT, &ts_no_error);
        break;
    case TS_VERDICT_INCOMPLETE:
        report(p, TS_PERSON_INCOMPLETE, &ts_no_error);
        break;
    case TS_VERDICT_UNCHANGED:
    case TS_VERDICT_CHANGED:
        note(p, plan);
        if (p->task.is_dry)
            report_plan(p, plan);
        else
            step_commit(p, plan);
        break;
    }
}

static void conclude_nobody(struct person *p)
{
    bool is_new = p->user && !p->is_known_here && ts_is_newcomer(p->task.connection, p->user);

    if (is_new && !p->task.is_dry)
        step_invite(p);
    else
        report(p, TS_PERSON_NOBODY, &ts_no_error);
}

static void step_invite(struct person *p)
{
    struct ts_invite_task task = {
        .connection = p->task.connection,
        .directory_id = p->directory_id,
        .role = p->task.connection->invite_role,
        .job = p->task.job,
    };

    p->result.reads++;
    enter(p, STEP_INVITE);
    ts_flow_await(&p->flow, ts_invite_start(p->env, &task, on_invited, p));
}

static void on_invited(const struct ts_invite_result *result, void *arg)
{
    struct person *p = resume(arg);

    if (result->end == TS_INVITE_FAILED) {
        fail(p, &result->err);
    } else {
        p->result.is_invited = result->end == TS_INVITE_INVITED;
        report(p, TS_PERSON_NOBODY, &ts_no_error);
    }
}

static void step_confirm(struct person *p)
{
    struct ts_clock *clock = p->env->clock;

    p->was_absent = true;
    enter(p, STEP_CONFIRM);
    ts_flow_await(&p->flow, clock->ops->pause(clock, TS_CONFIRM_DELAY_MS, on_confirm, p));
}

static void on_confirm(const struct ts_error *err, void *arg)
{
    (void)err;
    step_begin(resume(arg));
}

/* Only what is settled needs no second look: neither the held nor the refused, nor what is said
 * about somebody else's account. */
static const char *digest_of(const struct person *p, const struct ts_member *after,
                             char ret[TS_FINGERPRINT_TEXT])
{
    bool is_own = ts_text_equal(after->directory_id, p->directory_id);
    bool is_settled = after->sync_state == TS_SYNC_SYNCED || after->sync_state == TS_SYNC_PENDING;
    bool is_gone = !p->user || p->user->is_deleted;

    if (!is_own || !is_settled)
        return NULL;
    return ts_fingerprint(is_gone ? NULL : p->user, p->task.connection, ret);
}

static void step_commit(struct person *p, const struct ts_plan *plan)
{
    struct ts_roster *roster = p->env->roster;
    char digest[TS_FINGERPRINT_TEXT];
    struct ts_commit commit = {
        .job = p->task.job,
        .org = p->task.connection->org,
        .revision = p->task.connection->revision,
        .plan = plan,
        .directory_id = p->directory_id,
        .digest = digest_of(p, &plan->after, digest),
        .observed_us = p->observed_us,
        .guard = p->env->guard,
        .later = plan->verdict == TS_VERDICT_UNCHANGED ? p->task.reread : NULL,
        .lease = p->task.lease,
    };

    enter(p, STEP_COMMIT);
    ts_flow_await(&p->flow, roster->ops->commit(roster, &commit, on_committed, p));
}

static void on_committed(const struct ts_error *err, enum ts_committed how, void *arg)
{
    struct person *p = resume(arg);

    if (err->cls == TS_OK && how == TS_COMMIT_HELD)
        p->is_held = true;

    if (err->cls != TS_OK)
        fail(p, err);
    else if (how == TS_COMMITTED)
        report(p, TS_PERSON_COMMITTED, &ts_no_error);
    else if (how == TS_COMMIT_STALE)
        report(p, TS_PERSON_STALE, &ts_no_error);
    else if (how == TS_COMMIT_LOST)
        report(p, TS_PERSON_LOST, &ts_no_error);
    else if (p->views < VIEWS_MAX)
        step_view(p);
    else
        report(p, TS_PERSON_OVERTAKEN, &ts_no_error);
}

static void report(struct person *p, enum ts_person_end end, const struct ts_error *err)
{
    struct ts_person_result result = p->result;
    TS_AUTOFREE char *member_id = TS_STEAL(p->member_id);
    ts_person_cb *cb = p->cb;
    void *arg = p->arg;

    result.end = end;
    result.was_absent = p->was_absent;
    result.err = *err;
    release(p);
    cb(&result, arg);
}
