/* SPDX-License-Identifier: MIT */
/* The link that an invited member gets: made again on demand, shown, and followed. */
#include "api/handlers.h"
#include "api/sheet.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

/* --- once more --- */

/* Without mail the link is for whoever asked to pass on. Its token is in x->draft meanwhile. */
static void on_opened(const struct ts_error *err, const struct ts_invitation *invitation, void *arg)
{
    struct ts_exchange *x = arg;

    if (ts_exchange_went_well(x, err)) {
        ts_json_add_time(x->draft, "expires_at", invitation->expires_us);
        ts_exchange_reply(x, 200, TS_STEAL(x->draft));
    }
}

static void open_link(struct ts_exchange *x, const char *member_id)
{
    struct ts_roster *roster = x->env->roster;
    TS_AUTOFREE_SECRET char *token = ts_random_secret("");
    TS_AUTOFREE_SECRET char *url = ts_invitation_url(x->env, token);

    x->draft = ts_json_new_object();
    ts_json_add_text(x->draft, "url", url);
    x->op = roster->ops->open_invitation(roster, x->org, member_id, token, on_opened, x);
}

static void enqueue_mail(struct ts_exchange *x, const char *member_id)
{
    struct ts_job job = {
        .type = TS_JOB_MAIL, .org = x->org, .member = member_id, .cause = "api", .by = x->actor};

    x->op = x->env->queue->ops->enqueue(x->env->queue, &job, ts_exchange_on_enqueued, x);
}

static void on_member(const struct ts_error *err, const struct ts_member *member, void *arg)
{
    struct ts_exchange *x = arg;

    if (!ts_exchange_went_well(x, err))
        return;
    if (member->status != TS_MEMBER_INVITED)
        ts_exchange_refuse(x, 409, "this member is %s, not invited",
                           ts_member_status_name(member->status));
    else if (x->env->mailer)
        enqueue_mail(x, member->id);
    else
        open_link(x, member->id);
}

void ts_api_invite_again(struct ts_exchange *x)
{
    if (ts_exchange_body_is_empty(x))
        x->op = x->env->roster->ops->get(x->env->roster, x->org, x->id, on_member, x);
}

/* --- the page --- */

static void show_trouble(struct ts_exchange *x, const struct ts_error *err)
{
    static const struct ts_sheet gone = {
        .title = "This invitation is not valid",
        .text = "The link has expired, or a newer one has taken its place.\n"
                "Look for a newer mail, or ask for another invitation.",
    };
    static const struct ts_sheet later = {
        .title = "Something is not working",
        .text = "This is not about your invitation. Please try again in a few minutes.",
    };

    if (err->cls == TS_NOT_FOUND)
        ts_exchange_show(x, 404, &gone);
    else
        ts_exchange_show(x, 503, &later);
}

static void show(struct ts_exchange *x, const char *title, const char *text, const char *button)
{
    struct ts_sheet sheet = {.title = title,
                             .text = text,
                             .button = button,
                             .action = button ? ts_request_path(x->request) : NULL};

    ts_exchange_show(x, 200, &sheet);
}

static void show_suspended(struct ts_exchange *x, const struct ts_invitation *invitation)
{
    TS_AUTOFREE char *text =
        ts_format("Your access to %s is suspended. Please ask somebody there about it.",
                  invitation->org_name);

    show(x, "You cannot join now", text, NULL);
}

static void on_found(const struct ts_error *err, const struct ts_invitation *invitation, void *arg)
{
    struct ts_exchange *x = arg;
    TS_AUTOFREE char *title = invitation ? ts_format("Join %s", invitation->org_name) : NULL;
    TS_AUTOFREE char *text = invitation ? ts_format("You are invited to join the team of %s as %s.",
                                                    invitation->org_name, invitation->email)
                                        : NULL;
    TS_AUTOFREE char *member =
        invitation ? ts_format("You are in the team of %s.", invitation->org_name) : NULL;

    x->op = NULL;
    if (!invitation)
        show_trouble(x, err);
    else if (invitation->state == TS_INVITATION_OPEN)
        show(x, title, text, "Join");
    else if (invitation->state == TS_INVITATION_ACCEPTED)
        show(x, "You have joined already", member, NULL);
    else
        show_suspended(x, invitation);
}

/* Mail scanners follow links: looking changes nothing. */
void ts_api_show_invitation(struct ts_exchange *x)
{
    x->op = x->env->roster->ops->find_invitation(
        x->env->roster, ts_request_param(x->request, "token"), on_found, x);
}

static void on_accepted(const struct ts_error *err, const struct ts_invitation *invitation,
                        void *arg)
{
    struct ts_exchange *x = arg;
    TS_AUTOFREE char *text =
        invitation ? ts_format("You are in the team of %s now.", invitation->org_name) : NULL;

    x->op = NULL;
    if (!invitation)
        show_trouble(x, err);
    else if (invitation->state == TS_INVITATION_SUSPENDED)
        show_suspended(x, invitation);
    else
        show(x, "Welcome", text, NULL);
}

void ts_api_accept_invitation(struct ts_exchange *x)
{
    x->op = x->env->roster->ops->accept_invitation(
        x->env->roster, ts_request_param(x->request, "token"), on_accepted, x);
}
