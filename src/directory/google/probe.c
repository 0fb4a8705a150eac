/* SPDX-License-Identifier: MIT */
/* What the credentials are good for. As it runs: subject -> listing -> report, first as an admin;
 * where Google says that this is for admins only, once more with the public profiles. */
#include "directory/google/google_internal.h"
#include "directory/google/google_user_json.h"
#include "directory/google/refusal.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#define IDENTITY    "fields=id%2CprimaryEmail%2CcustomerId"
#define PUBLIC_VIEW "&viewType=domain_public"

struct probe {
    struct ts_google_task task; /* first */
    bool as_admin;
    char *subject;  /* the primary address, once it is known */
    char *customer; /* NULL: not told */
    ts_directory_probe_cb *cb;
    void *arg;
};

static void step_subject(struct probe *p);
static void on_subject(const struct ts_error *err, const struct ts_google_answer *answer,
                       void *arg);
static void step_listing(struct probe *p);
static void on_listing(const struct ts_error *err, const struct ts_google_answer *answer,
                       void *arg);
static void go_public(struct probe *p);
static void report(struct probe *p, const struct ts_error *err);

static void release(struct probe *p)
{
    ts_google_task_leave(&p->task);
    free(p->subject);
    free(p->customer);
    free(p);
}

static void cancel(struct ts_op *op)
{
    release((struct probe *)(void *)op);
}

static struct probe *resume(void *arg)
{
    struct probe *p = arg;

    p->task.waiting = NULL;
    return p;
}

struct ts_op *ts_google_probe(struct ts_directory *directory,
                              const struct ts_connection *connection, ts_directory_probe_cb *cb,
                              void *arg)
{
    struct probe *p = ts_alloc(sizeof(*p));

    p->task.op.cancel = cancel;
    p->task.session = ts_google_session_open_alone(ts_google_of(directory)->sessions, connection);
    p->as_admin = true;
    p->cb = cb;
    p->arg = arg;
    step_subject(p);
    return &p->task.op;
}

/* Credentials that cannot be used have no subject; the call itself then says so. */
static void step_subject(struct probe *p)
{
    const struct ts_google_credentials *credentials = p->task.session->credentials;
    TS_AUTOFREE char *path = ts_google_user_path(
        credentials ? credentials->subject : "-",
        p->as_admin ? IDENTITY "%2CisAdmin%2CisDelegatedAdmin" : IDENTITY PUBLIC_VIEW);
    struct ts_google_request request = {
        .name = "users.get",
        .verb = "GET",
        .path = path ? path : "",
        .refusal = path ? NULL : "the subject is not an address",
    };

    ts_google_task_call(&p->task, &request, on_subject);
}

/* For a connection, a missing subject is a fault of its credentials. */
static struct ts_error error_of_subject(const struct ts_error *err,
                                        const struct ts_google_answer *answer)
{
    if (err->cls == TS_NOT_FOUND)
        return ts_google_refusal_error(TS_GOOGLE_SUBJECT_NOT_FOUND, "users.get:", NULL);
    if (err->cls == TS_OK && answer->is_deleted)
        return ts_google_refusal_error(TS_GOOGLE_SUBJECT_DELETED, "users.get:", NULL);
    return *err;
}

static void note(struct probe *p, const struct ts_directory_user *user, const char *customer)
{
    free(p->subject);
    p->subject = ts_strdup(user->primary_email);
    if (ts_text_is_id(customer) && !p->customer) /* a public profile does not tell it */
        p->customer = ts_strdup(customer);
}

static void on_subject(const struct ts_error *err, const struct ts_google_answer *answer, void *arg)
{
    struct probe *p = resume(arg);
    struct ts_error outcome = error_of_subject(err, answer);
    TS_CLEANUP(ts_google_user_done) struct ts_directory_user user = {0};

    if (outcome.cls == TS_OK)
        outcome = ts_google_user_read(answer->json, NULL, &user);
    if (outcome.cls == TS_OK)
        note(p, &user, ts_json_text(answer->json, "customerId"));

    if (p->as_admin && (answer->is_forbidden || (outcome.cls == TS_OK && user.is_admin != TS_YES)))
        go_public(p);
    else if (outcome.cls != TS_OK)
        report(p, &outcome);
    else
        step_listing(p);
}

static void step_listing(struct probe *p)
{
    struct ts_google_request request = {
        .name = "users.list",
        .verb = "GET",
        .path = p->as_admin ? TS_GOOGLE_USERS
                    "?customer=my_customer&maxResults=1&fields=users%28id%29"
                            : TS_GOOGLE_USERS
                    "?customer=my_customer&maxResults=1&fields=users%28id%29" PUBLIC_VIEW,
    };

    ts_google_task_call(&p->task, &request, on_listing);
}

/* An admin whose role does not reach the users is none for us. */
static void on_listing(const struct ts_error *err, const struct ts_google_answer *answer, void *arg)
{
    struct probe *p = resume(arg);
    struct ts_error outcome = error_of_subject(err, answer);

    if (p->as_admin && answer->is_forbidden)
        go_public(p);
    else
        report(p, &outcome);
}

static void go_public(struct probe *p)
{
    p->as_admin = false;
    step_subject(p);
}

static void report(struct probe *p, const struct ts_error *err)
{
    struct ts_error outcome = *err;
    TS_AUTOFREE char *subject = TS_STEAL(p->subject);
    TS_AUTOFREE char *customer = TS_STEAL(p->customer);
    struct ts_directory_probe found = {
        .is_admin = p->as_admin,
        .subject = subject,
        .customer = customer,
    };
    ts_directory_probe_cb *cb = p->cb;
    void *arg = p->arg;

    ts_google_name_error(&outcome);
    release(p);
    cb(&outcome, outcome.cls == TS_OK ? &found : NULL, arg);
}
