/* SPDX-License-Identifier: MIT */
/* Commits, made from real plans: a test takes a job, looks around, decides and writes, and may let
 * anything happen in between. */
#ifndef TESTS_COMPONENT_ROSTER_ROSTER_RUN_H
#define TESTS_COMPONENT_ROSTER_ROSTER_RUN_H

#include "component/roster/roster_world.h"

#include "teamsync/plan.h"
#include "teamsync/runs.h"

/* One run of one job up to the commit. */
struct run {
    struct ts_job job;
    char *job_id;
    uint64_t observed_us;
    struct ts_directory_user user;
    bool is_gone; /* the directory does not know the id any more */
    struct ts_rules rules;
    struct ts_guard guard;
    const char *digest;
    struct ts_view view;
    struct ts_member *seen[4];
    struct ts_plan plan;
};

/* A user of the directory: folded alias and manager, or NULL. */
static inline struct ts_directory_user user_of(const char *id, const char *email)
{
    return (struct ts_directory_user){
        .id = id, .primary_email = email, .is_suspended = TS_NO, .is_archived = TS_NO};
}

/* --- the job, as a worker holds it --- */

static inline void take_job(struct run *run)
{
    run->job =
        (struct ts_job){.type = TS_JOB_USER, .org = "acme", .user = run->user.id, .cause = "push"};
    run->job_id =
        test_redis_cli(server, "XADD teamsync:jobs '*' type user org acme user %s", run->user.id);
    run->job.id = run->job_id;
    free(test_redis_cli(server, "XREADGROUP GROUP workers worker-1 STREAMS teamsync:jobs '>'"));
}

/* --- begin, view, plan --- */

static inline void on_begun(const struct ts_error *err, const struct ts_begun *begun, void *arg)
{
    struct run *run = arg;

    note(err);
    run->observed_us = begun->observed_us;
}

static inline const struct ts_member *keep(struct run *run, size_t place,
                                           const struct ts_member *member)
{
    free(run->seen[place]);
    run->seen[place] = ts_member_dup(member);
    return run->seen[place];
}

static inline void on_view(const struct ts_error *err, const struct ts_view *view, void *arg)
{
    struct run *run = arg;

    note(err);
    assert_int_equal(err->cls, TS_OK);
    run->view = *view;
    run->view.linked = keep(run, 0, view->linked);
    run->view.by_primary = keep(run, 1, view->by_primary);
    run->view.by_alias = keep(run, 2, view->by_alias);
    run->view.manager = keep(run, 3, view->manager);
}

static inline void look(struct run *run)
{
    const struct ts_directory_user *user = &run->user;
    struct ts_view_query query = {
        .org = "acme",
        .directory_id = user->id,
        .primary_email = user->primary_email,
        .aliases = user->aliases,
        .alias_count = user->alias_count,
        .manager_email = user->manager_email,
    };

    ts_plan_done(&run->plan);
    await_answer(w.roster->ops->view(w.roster, &query, on_view, run));
    run->plan = ts_plan_make(run->is_gone ? NULL : user, run->is_gone, &run->view, &run->rules);
    assert_true(run->plan.verdict == TS_VERDICT_UNCHANGED ||
                run->plan.verdict == TS_VERDICT_CHANGED);
}

static inline void start(struct run *run, struct ts_directory_user user)
{
    run->user = user;
    run->rules = (struct ts_rules){.may_suspend = true};
    if (!run->guard.min)
        run->guard = (struct ts_guard){.min = 5, .percent = 5};
    take_job(run);
    await_answer(w.roster->ops->begin(w.roster, "acme", user.id, on_begun, run));
    look(run);
}

static inline void finish(struct run *run)
{
    ts_plan_done(&run->plan);
    for (size_t i = 0; i < TS_COUNT_OF(run->seen); i++)
        free(run->seen[i]);
    free(run->job_id);
}

#define AUTORUN __attribute__((cleanup(finish))) struct run

/* --- commit --- */

static enum ts_committed committed;

static inline void on_committed(const struct ts_error *err, enum ts_committed how, void *arg)
{
    (void)arg;
    note(err);
    committed = how;
}

/* The connection that everybody is read through; else there is none, and new members are nobody's
 * job. */
static inline void set_connection(const char *state, const char *revision)
{
    free(test_redis_cli(server, "HSET teamsync:connection:acme state %s revision %s", state,
                        revision));
}

/* As a part of a run that has the lease with this number; 0: as a job of its own. */
static inline enum ts_committed commit_under(const struct run *run, uint64_t fence,
                                             const struct ts_later *later)
{
    struct ts_lease lease = {.run_id = "run_1", .fence = fence};
    struct ts_commit commit = {
        .job = &run->job,
        .org = "acme",
        .revision = "r1",
        .plan = &run->plan,
        .directory_id = run->user.id,
        .observed_us = run->observed_us,
        .guard = run->guard,
        .later = later,
        .digest = run->digest,
        .lease = fence ? &lease : NULL,
    };

    await_answer(w.roster->ops->commit(w.roster, &commit, on_committed, NULL));
    assert_int_equal(w.err.cls, TS_OK);
    return committed;
}

static inline enum ts_committed commit_through(const struct run *run, uint64_t fence,
                                               const struct ts_later *later)
{
    enum ts_committed how;

    set_connection("active", "r1");
    how = commit_under(run, fence, later);
    free(test_redis_cli(server, "HDEL teamsync:connection:acme state revision"));
    return how;
}

static inline enum ts_committed commit_then(const struct run *run, const struct ts_later *later)
{
    return commit_through(run, /* fence= */ 0, later);
}

static inline enum ts_committed commit(const struct run *run)
{
    return commit_then(run, NULL);
}

/* A whole sync that nobody disturbs. */
static inline void sync_user(struct ts_directory_user user)
{
    AUTORUN run = {0};

    start(&run, user);
    assert_int_equal(commit(&run), TS_COMMITTED);
}

static inline void sync_gone(const char *id)
{
    AUTORUN run = {.is_gone = true};

    start(&run, (struct ts_directory_user){.id = id});
    assert_int_equal(commit(&run), TS_COMMITTED);
}

/* A sync of an ordinary user: linked, with one alias and one manager if not NULL. */
static inline void sync_plain(const char *id, const char *email, const char *alias,
                              const char *manager)
{
    struct ts_directory_user user = user_of(id, email);

    user.aliases = &alias;
    user.alias_count = alias ? 1 : 0;
    user.manager_email = manager;
    sync_user(user);
}

/* Commits, and checks that nothing at all was written. */
static inline void assert_nothing_written(const struct run *run, enum ts_committed how)
{
    TS_AUTOFREE char *before = test_redis_cli(server, "DEBUG DIGEST");

    assert_int_equal(commit(run), how);
    ASSERT_REDIS(before, "DEBUG DIGEST");
    ASSERT_REDIS("1",
                 "EVAL \"return #redis.call('XPENDING', 'teamsync:jobs', 'workers', '%s', "
                 "'%s', 1, 'worker-1')\" 0",
                 run->job_id, run->job_id);
}

static inline struct ts_member *again(const struct ts_member *member)
{
    return get("acme", member->id);
}

#endif
