/* SPDX-License-Identifier: MIT */
/* One invitation. As it runs:
 *   profile -> create -> report
 * The account is read by its id, whatever a listing said about it; the address that it has now
 * becomes the member's. Creating is one script: of two that invite the same person, one does. The
 * mail and the link to the account are jobs that it queues. */
#include "flow/invite.h"

#include "flow/flow.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

#define STEPS(X)                                                                                   \
    X(STEP_PROFILE, "profile")                                                                     \
    X(STEP_CREATE, "create")

enum step { STEPS(TS_STEP_SYMBOL) };

enum { NAME_MAX_BYTES = 200 };

struct invite {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    struct ts_invite_task task;
    ts_invite_cb *cb;
    void *arg;
};

static void step_profile(struct invite *i);
static void on_profile(const struct ts_error *err, const struct ts_directory_user *user, void *arg);
static void step_create(struct invite *i, const struct ts_directory_user *user);
static void on_created(const struct ts_error *err, const struct ts_member *member, void *arg);
static void report(struct invite *i, const struct ts_invite_result *result);

/* Google tells when an account was made to the second. */
static uint64_t seconds_of(uint64_t us)
{
    return us / 1000000;
}

bool ts_is_newcomer(const struct ts_connection *connection, const struct ts_directory_user *user)
{
    return connection->invites_since_us > 0 && connection->may_suspend && !user->is_deleted &&
           user->is_suspended == TS_NO && user->is_archived == TS_NO &&
           seconds_of(user->created_us) >= seconds_of(connection->invites_since_us);
}

static void release(struct invite *i)
{
    ts_flow_leave(&i->flow);
    free(i);
}

static void cancel(struct ts_op *op)
{
    release((struct invite *)(void *)op);
}

static void enter(struct invite *i, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&i->flow, names[step]);
}

static struct invite *resume(void *arg)
{
    struct invite *i = arg;

    ts_flow_resume(&i->flow);
    return i;
}

static void end(struct invite *i, enum ts_invite_end end)
{
    report(i, &(struct ts_invite_result){.end = end, .err = ts_no_error});
}

static void fail(struct invite *i, const struct ts_error *err)
{
    report(i, &(struct ts_invite_result){.end = TS_INVITE_FAILED, .err = *err});
}

struct ts_op *ts_invite_start(const struct ts_flow_env *env, const struct ts_invite_task *task,
                              ts_invite_cb *cb, void *arg)
{
    struct invite *i = ts_alloc(sizeof(*i));

    i->flow.op.cancel = cancel;
    i->flow.name = "invite";
    i->flow.job_id = task->job ? task->job->id : NULL;
    i->env = env;
    i->task = *task;
    i->cb = cb;
    i->arg = arg;
    step_profile(i);
    return &i->flow.op;
}

static void step_profile(struct invite *i)
{
    struct ts_directory *directory = i->env->directory;

    enter(i, STEP_PROFILE);
    ts_flow_await(&i->flow, directory->ops->get_profile(directory, i->task.connection,
                                                        i->task.directory_id, on_profile, i));
}

static bool is_live(const struct invite *i, const struct ts_directory_user *user)
{
    if (!i->task.by)
        return ts_is_newcomer(i->task.connection, user);
    return user->is_suspended != TS_YES && user->is_archived != TS_YES;
}

static void on_profile(const struct ts_error *err, const struct ts_directory_user *user, void *arg)
{
    struct invite *i = resume(arg);

    if (err->cls == TS_NOT_FOUND || (err->cls == TS_OK && user->is_deleted))
        end(i, TS_INVITE_NOT_FOUND);
    else if (err->cls != TS_OK)
        fail(i, err);
    else if (!is_live(i, user))
        end(i, TS_INVITE_NOT_ACTIVE);
    else
        step_create(i, user);
}

/* A name that could not be written here by hand is none. */
static const char *name_of(const struct ts_directory_user *user)
{
    bool is_usable =
        user->name && strlen(user->name) <= NAME_MAX_BYTES && ts_text_is_printable(user->name);

    return is_usable ? user->name : NULL;
}

static void step_create(struct invite *i, const struct ts_directory_user *user)
{
    struct ts_roster *roster = i->env->roster;
    TS_AUTOFREE char *invited = i->task.by ? ts_format("invited by %s", i->task.by) : NULL;
    struct ts_new_member wanted = {
        .org = i->task.connection->org,
        .email = user->primary_email,
        .name = name_of(user),
        .role = i->task.role,
        .directory_id = user->id,
        .revision = i->task.connection->revision,
        .cause = invited ? invited : "auto-invite",
        .job = i->task.job ? i->task.job->id : NULL,
        .is_automatic = !i->task.by,
        .is_mailed = i->env->mailer != NULL,
    };

    enter(i, STEP_CREATE);
    ts_flow_await(&i->flow, roster->ops->create(roster, &wanted, on_created, i));
}

/* Rejected: they are a member by now, or (if nobody asked for it) were one once. */
static void on_created(const struct ts_error *err, const struct ts_member *member, void *arg)
{
    struct invite *i = resume(arg);

    if (err->cls == TS_REJECTED)
        end(i, TS_INVITE_MEMBER);
    else if (err->cls != TS_OK)
        fail(i, err);
    else
        report(i, &(struct ts_invite_result){
                      .end = TS_INVITE_INVITED, .err = ts_no_error, .member = member});
}

static void report(struct invite *i, const struct ts_invite_result *result)
{
    struct ts_invite_result named = *result;
    ts_invite_cb *cb = i->cb;
    void *arg = i->arg;

    named.directory_id = i->task.directory_id;
    release(i);
    cb(&named, arg);
}
