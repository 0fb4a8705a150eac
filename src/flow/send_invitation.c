/* SPDX-License-Identifier: MIT */
/* A mail job: an invited member gets their link. As it runs:
 *   open -> mail -> settle -> report
 * Each attempt makes a link of its own, and only the newest is good. A daemon that dies between the
 * server's "250" and the end of the job sends the mail once more: at least once, not exactly. */
#include "flow/job_flow.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#define STEPS(X)                                                                                   \
    X(STEP_OPEN, "open")                                                                           \
    X(STEP_MAIL, "mail")

enum step { STEPS(TS_STEP_SYMBOL) };

struct sending {
    struct ts_job_flow base; /* first */
    char *token;             /* a secret */
};

static void step_open(struct sending *s);
static void on_opened(const struct ts_error *err, const struct ts_invitation *invitation,
                      void *arg);
static void step_mail(struct sending *s, const struct ts_invitation *invitation);
static void on_mailed(const struct ts_error *err, void *arg);
static void settle(struct sending *s, const struct ts_ending *ending);
static void on_settled(enum ts_outcome outcome, void *arg);

char *ts_invitation_url(const struct ts_flow_env *env, const char *token)
{
    return ts_format("%s/invitations/%s", env->public_url, token);
}

static void release(struct sending *s)
{
    ts_job_flow_done(&s->base);
    ts_free_secret(s->token);
    free(s);
}

static void cancel(struct ts_op *op)
{
    release((struct sending *)(void *)op);
}

static void enter(struct sending *s, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&s->base.flow, names[step]);
}

static struct sending *resume(void *arg)
{
    struct sending *s = arg;

    ts_flow_resume(&s->base.flow);
    return s;
}

static void fail(struct sending *s, const struct ts_error *err)
{
    struct ts_ending ending = ts_ending_of_error(&s->base, err);

    settle(s, &ending);
}

struct ts_op *ts_send_invitation_start(const struct ts_flow_env *env, const struct ts_job *job,
                                       ts_flow_done_cb *cb, void *arg)
{
    struct sending *s = ts_alloc(sizeof(*s));
    struct ts_error missing = ts_error_make(TS_RETRY, "mail is not set up here");

    ts_job_flow_init(&s->base, "send_invitation", env, job, cancel);
    s->base.cb = cb;
    s->base.arg = arg;
    if (env->mailer)
        step_open(s);
    else
        fail(s, &missing); /* it is where the job comes from */
    return &s->base.flow.op;
}

static void step_open(struct sending *s)
{
    struct ts_roster *roster = s->base.env->roster;
    const struct ts_job *job = s->base.job;

    s->token = ts_random_secret("");
    enter(s, STEP_OPEN);
    ts_flow_await(&s->base.flow, roster->ops->open_invitation(roster, job->org, job->member,
                                                              s->token, on_opened, s));
}

/* Who is gone, or invited no more, needs no mail. */
static void on_opened(const struct ts_error *err, const struct ts_invitation *invitation, void *arg)
{
    struct sending *s = resume(arg);

    if (err->cls == TS_NOT_FOUND || err->cls == TS_REJECTED)
        settle(s, &(struct ts_ending){.outcome = TS_OUTCOME_NOBODY});
    else if (err->cls != TS_OK)
        fail(s, err);
    else
        step_mail(s, invitation);
}

/* --- the mail --- */

static char *text_of(const struct sending *s, const struct ts_invitation *invitation)
{
    TS_AUTOFREE_SECRET char *url = ts_invitation_url(s->base.env, s->token);
    char time[TS_TIME_TEXT];

    return ts_format("Hello%s%s,\n\n"
                     "%s invites you to join its team.\n\n"
                     "To join, open this page and press the button there:\n\n"
                     "%s\n\n"
                     "The link is for %s alone. It works once, until %.10s %.5s UTC, or until\n"
                     "you get a newer one. If you did not expect this, you need not do anything.\n",
                     invitation->name ? " " : "", invitation->name ? invitation->name : "",
                     invitation->org_name, url, invitation->email,
                     ts_time_text(invitation->expires_us, time), time + 11);
}

static void step_mail(struct sending *s, const struct ts_invitation *invitation)
{
    struct ts_mailer *mailer = s->base.env->mailer;
    TS_AUTOFREE char *subject = ts_format("Join the team of %s", invitation->org_name);
    TS_AUTOFREE_SECRET char *text = text_of(s, invitation);
    struct ts_mail mail = {.to = invitation->email, .subject = subject, .text = text};

    enter(s, STEP_MAIL);
    ts_flow_await(&s->base.flow, mailer->send(mailer, &mail, on_mailed, s));
}

static void on_mailed(const struct ts_error *err, void *arg)
{
    struct sending *s = resume(arg);

    if (err->cls != TS_OK)
        fail(s, err);
    else
        settle(s, &(struct ts_ending){.outcome = TS_OUTCOME_CHANGED});
}

static void settle(struct sending *s, const struct ts_ending *ending)
{
    ts_job_flow_settle(&s->base, ending, on_settled);
}

static void on_settled(enum ts_outcome outcome, void *arg)
{
    struct sending *s = arg;
    ts_flow_done_cb *cb = s->base.cb;
    void *cb_arg = s->base.arg;

    ts_job_flow_log(&s->base, outcome, "invitation mailed", s->base.job->member,
                    /* changed= */ NULL);
    release(s);
    cb(outcome, cb_arg);
}
