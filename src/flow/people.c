/* SPDX-License-Identifier: MIT */
/* People of the directory, for somebody who looks for one to invite. As it runs:
 *   connection -> search -> match -> report
 * Where members are left out, and a page holds nobody else, the next one is looked at, but not for
 * ever: then the answer is empty, and its cursor goes on. */
#include "flow/flow.h"

#include "teamsync/flow.h"
#include "teamsync/mem.h"

#define STEPS(X)                                                                                   \
    X(STEP_CONNECTION, "connection")                                                               \
    X(STEP_SEARCH, "search")                                                                       \
    X(STEP_MATCH, "match")

enum step { STEPS(TS_STEP_SYMBOL) };

enum { PAGES_MAX = 10 };

struct people {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    char *org;
    char *text;
    char *cursor; /* of the page that is looked at, then of the next */
    size_t limit;
    bool leaves_members_out;
    struct ts_connection *connection;
    struct ts_directory_user **users; /* of the page */
    size_t count;
    unsigned pages;
    ts_people_cb *cb;
    void *arg;
};

static void step_connection(struct people *p);
static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg);
static void step_search(struct people *p);
static void on_page(const struct ts_error *err, const struct ts_directory_page *page, void *arg);
static void step_match(struct people *p);
static void on_matched(const struct ts_error *err, const char *const *member_ids, size_t count,
                       void *arg);
static void report(struct people *p, const struct ts_error *err,
                   const struct ts_found_person *found, size_t count);

static void forget_page(struct people *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->users[i]);
    free(p->users);
    p->users = NULL;
    p->count = 0;
}

static void release(struct people *p)
{
    ts_flow_leave(&p->flow);
    forget_page(p);
    ts_connection_free(p->connection);
    free(p->org);
    free(p->text);
    free(p->cursor);
    free(p);
}

static void cancel(struct ts_op *op)
{
    release((struct people *)(void *)op);
}

static void enter(struct people *p, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&p->flow, names[step]);
}

static struct people *resume(void *arg)
{
    struct people *p = arg;

    ts_flow_resume(&p->flow);
    return p;
}

static void fail(struct people *p, const struct ts_error *err)
{
    report(p, err, NULL, 0);
}

struct ts_op *ts_people_start(const struct ts_flow_env *env, const struct ts_people_query *query,
                              ts_people_cb *cb, void *arg)
{
    struct people *p = ts_alloc(sizeof(*p));

    p->flow.op.cancel = cancel;
    p->flow.name = "people";
    p->env = env;
    p->org = ts_strdup(query->org);
    p->text = ts_strdup(query->text);
    p->cursor = ts_strdup(query->cursor);
    p->limit = query->limit;
    p->leaves_members_out = query->leaves_members_out;
    p->cb = cb;
    p->arg = arg;
    step_connection(p);
    return &p->flow.op;
}

static void step_connection(struct people *p)
{
    struct ts_registry *registry = p->env->registry;

    enter(p, STEP_CONNECTION);
    ts_flow_await(&p->flow, registry->ops->get_connection(registry, p->org, on_connection, p));
}

static void on_connection(const struct ts_error *err, const struct ts_connection *connection,
                          void *arg)
{
    struct people *p = resume(arg);
    struct ts_error missing = ts_flow_missing(err, connection);

    if (missing.cls != TS_OK) {
        fail(p, &missing);
    } else {
        p->connection = ts_connection_dup(connection);
        step_search(p);
    }
}

static void step_search(struct people *p)
{
    struct ts_directory *directory = p->env->directory;
    struct ts_directory_search search = {
        .text = p->text, .limit = p->limit, .page_token = p->cursor};

    p->pages++;
    enter(p, STEP_SEARCH);
    ts_flow_await(&p->flow,
                  directory->ops->search_users(directory, p->connection, &search, on_page, p));
}

static void keep(struct people *p, const struct ts_directory_page *page)
{
    forget_page(p);
    p->users = ts_alloc(page->count * sizeof(struct ts_directory_user *));
    for (; p->count < page->count; p->count++)
        p->users[p->count] = ts_directory_user_dup(&page->users[p->count]);
    free(p->cursor);
    p->cursor = ts_strdup(page->next_token);
}

static void on_page(const struct ts_error *err, const struct ts_directory_page *page, void *arg)
{
    struct people *p = resume(arg);

    if (err->cls != TS_OK) {
        fail(p, err);
    } else {
        keep(p, page);
        step_match(p);
    }
}

static void step_match(struct people *p)
{
    struct ts_roster *roster = p->env->roster;
    TS_AUTOFREE struct ts_compared *asked = ts_alloc(p->count * sizeof(*asked));

    for (size_t i = 0; i < p->count; i++)
        asked[i] = (struct ts_compared){
            .directory_id = p->users[i]->id,
            .addresses = ts_directory_user_addresses(p->users[i]),
        };
    enter(p, STEP_MATCH);
    ts_flow_await(&p->flow, roster->ops->match(roster, p->org, asked, p->count, on_matched, p));
    for (size_t i = 0; i < p->count; i++)
        free((void *)(uintptr_t)asked[i].addresses);
}

static void on_matched(const struct ts_error *err, const char *const *member_ids, size_t count,
                       void *arg)
{
    struct people *p = resume(arg);
    TS_AUTOFREE struct ts_found_person *found = ts_alloc(p->count * sizeof(*found));
    size_t found_count = 0;

    for (size_t i = 0; i < p->count && i < count; i++) {
        if (!member_ids[i] || !p->leaves_members_out)
            found[found_count++] =
                (struct ts_found_person){.user = p->users[i], .member_id = member_ids[i]};
    }

    if (err->cls != TS_OK)
        fail(p, err);
    else if (found_count == 0 && p->cursor && p->pages < PAGES_MAX)
        step_search(p);
    else
        report(p, &ts_no_error, found, found_count);
}

static void report(struct people *p, const struct ts_error *err,
                   const struct ts_found_person *found, size_t count)
{
    struct ts_error outcome = *err;
    TS_AUTOFREE char *cursor = TS_STEAL(p->cursor);
    struct ts_directory_user **users = TS_STEAL(p->users);
    size_t user_count = p->count;
    ts_people_cb *cb = p->cb;
    void *arg = p->arg;

    p->count = 0;
    release(p);
    cb(&outcome, found, count, outcome.cls == TS_OK ? cursor : NULL, arg);
    for (size_t i = 0; i < user_count; i++)
        free(users[i]);
    free(users);
}
