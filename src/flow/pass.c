/* SPDX-License-Identifier: MIT */
/* One pass. Read it from top to bottom, as it runs:
 *   survey: page -> compare, page after page: who differs, and what would be lost
 *   judge:  too much would be lost: stop, nothing is written
 *   apply:  a batch of all who differ; when they were too many to keep, the listing is walked
 *           once more, with a batch for each page
 *   absent: links -> compare -> batch, some links at a time: everybody the listing did not show
 *           is read by id
 * A page that fails or is implausible fails the pass. */
#include "flow/pass.h"

#include "flow/flow.h"
#include "flow/invite.h"
#include "flow/kept.h"
#include "flow/listing.h"
#include "flow/losses.h"
#include "flow/seen.h"

#include "teamsync/log.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#define STEPS(X)                                                                                   \
    X(STEP_PAGE, "page")                                                                           \
    X(STEP_COMPARE, "compare")                                                                     \
    X(STEP_BATCH, "batch")                                                                         \
    X(STEP_LINKS, "links")                                                                         \
    X(STEP_COMPARE_ABSENT, "compare absent")

enum step { STEPS(TS_STEP_SYMBOL) };

enum {
    PROVEN_LINKS_MAX = 1000, /* more new links than that are taken from the listing */
    RESTARTS_MAX = 3,
};

struct pass {
    struct ts_flow flow; /* first */
    const struct ts_flow_env *env;
    const struct ts_pass_task *task;
    struct ts_run *run;

    struct ts_listing *listing;
    struct ts_page *page;
    bool is_applying; /* the listing is walked once more, to write */
    unsigned restarts;
    struct ts_seen *seen;
    struct ts_losses losses;
    uint64_t new_links;

    struct ts_kept kept;          /* who differs, or was not shown */
    struct ts_person_task *tasks; /* of the batch that runs */
    void (*after_batch)(struct pass *p);

    char *cursor; /* into the links; NULL: the beginning, or the end */
    ts_pass_cb *cb;
    void *arg;
};

static void begin_walk(struct pass *p);
static void step_page(struct pass *p);
static void on_page(const struct ts_error *err, struct ts_page *page, void *arg);
static void step_compare(struct pass *p);
static void on_compared(const struct ts_error *err, const struct ts_difference *differences,
                        size_t count, void *arg);
static void after_page(struct pass *p);
static void judge(struct pass *p);
static void step_batch(struct pass *p, void (*after)(struct pass *p));
static void on_person(const struct ts_person_result *result, const struct ts_person_task *task,
                      void *arg);
static void on_batch(const struct ts_error *err, void *arg);
static void look_for_absent(struct pass *p);
static void step_links(struct pass *p);
static void on_links(const struct ts_error *err, const char *const *directory_ids, size_t count,
                     const char *next_cursor, void *arg);
static void step_compare_absent(struct pass *p);
static void on_compared_absent(const struct ts_error *err, const struct ts_difference *differences,
                               size_t count, void *arg);
static void after_links(struct pass *p);
static void report(struct pass *p, const struct ts_error *err, const struct ts_loss *loss);

static void release(struct pass *p)
{
    ts_flow_leave(&p->flow);
    ts_listing_free(p->listing);
    ts_page_free(p->page);
    ts_seen_free(p->seen);
    ts_kept_done(&p->kept);
    free(p->tasks);
    free(p->cursor);
    free(p);
}

static void cancel(struct ts_op *op)
{
    release((struct pass *)(void *)op);
}

static void enter(struct pass *p, enum step step)
{
    static const char *const names[] = {STEPS(TS_STEP_NAME)};

    ts_flow_enter(&p->flow, names[step]);
}

static struct pass *resume(void *arg)
{
    struct pass *p = arg;

    ts_flow_resume(&p->flow);
    return p;
}

static void fail(struct pass *p, const struct ts_error *err)
{
    report(p, err, NULL);
}

struct ts_op *ts_pass_start(const struct ts_flow_env *env, const struct ts_pass_task *task,
                            struct ts_run *run, ts_pass_cb *cb, void *arg)
{
    struct pass *p = ts_alloc(sizeof(*p));

    p->flow.op.cancel = cancel;
    p->flow.name = "pass";
    p->flow.job_id = task->job->id;
    p->env = env;
    p->task = task;
    p->run = run;
    p->cb = cb;
    p->arg = arg;
    begin_walk(p);
    return &p->flow.op;
}

/* --- walking the listing --- */

static void begin_walk(struct pass *p)
{
    ts_listing_free(p->listing);
    ts_seen_free(p->seen);
    ts_kept_clear(&p->kept);
    p->listing = ts_listing_new(p->env, p->task->connection);
    p->seen = ts_seen_new();
    p->losses = (struct ts_losses){0};
    p->run->users = 0;
    if (!p->is_applying)
        p->new_links = 0;
    step_page(p);
}

static void step_page(struct pass *p)
{
    enter(p, STEP_PAGE);
    ts_flow_await(&p->flow, ts_listing_next(p->listing, on_page, p));
}

/* A page without users is believed at the end only, and only when there were about as many as
 * before (GOOGLE.md §D.4). */
static bool is_plausible(const struct pass *p, const struct ts_page *page)
{
    uint64_t before = p->task->connection->directory_users;

    if (page->has_users && page->count + page->unread_count > 0)
        return true;
    return page->is_last && p->run->users > 0 && p->run->users * 2 >= before;
}

static void on_page(const struct ts_error *err, struct ts_page *page, void *arg)
{
    struct pass *p = resume(arg);

    ts_page_free(p->page);
    p->page = page;
    if (err->cls == TS_REJECTED && p->run->users > 0 && p->restarts < RESTARTS_MAX) {
        p->restarts++;
        begin_walk(p);
    } else if (err->cls != TS_OK) {
        struct ts_error failure = *err;

        if (failure.cls == TS_REJECTED) /* the listing may well be understood next time */
            failure.cls = TS_RETRY;
        fail(p, &failure);
    } else if (!is_plausible(p, page)) {
        struct ts_error failure =
            ts_error_make(TS_RETRY, "the directory listed nobody where there should be somebody");

        fail(p, &failure);
    } else {
        p->run->pages++;
        p->run->users += page->count + page->unread_count;
        step_compare(p);
    }
}

/* Those who can be read, then those who cannot. */
static void step_compare(struct pass *p)
{
    struct ts_roster *roster = p->env->roster;
    const struct ts_connection *connection = p->task->connection;
    const struct ts_page *page = p->page;
    size_t count = page->count + page->unread_count;
    TS_AUTOFREE struct ts_compared *users = ts_alloc(count * sizeof(*users));
    TS_AUTOFREE char *digests = ts_alloc((page->count + 1) * TS_FINGERPRINT_TEXT);

    for (size_t i = 0; i < page->count; i++) {
        const struct ts_directory_user *user = page->users[i];

        users[i] = (struct ts_compared){
            .directory_id = user->id,
            .digest = ts_fingerprint(user, connection, digests + i * TS_FINGERPRINT_TEXT),
            .addresses = ts_directory_user_addresses(user),
            .manager = user->manager_email ? ts_text_fold_email(user->manager_email) : NULL,
        };
        (void)ts_seen_add(p->seen, user->id);
    }
    for (size_t i = 0; i < page->unread_count; i++) {
        const char *id = page->unread[i] ? page->unread[i] : "";

        users[page->count + i] =
            (struct ts_compared){.directory_id = id, .digest = "-", .addresses = ""};
        (void)ts_seen_add(p->seen, id);
    }
    enter(p, STEP_COMPARE);
    ts_flow_await(&p->flow,
                  roster->ops->compare(roster, connection->org,
                                       connection->clear_missing && connection->may_suspend, users,
                                       count, on_compared, p));
    for (size_t i = 0; i < page->count; i++) {
        free((void *)(uintptr_t)users[i].addresses);
        free((void *)(uintptr_t)users[i].manager);
    }
}

static bool is_to_be_looked_at(const struct pass *p, enum ts_comparison comparison,
                               const struct ts_directory_user *user)
{
    return comparison == TS_COMPARED_CHANGED || comparison == TS_COMPARED_NEW ||
           (comparison == TS_COMPARED_NOBODY && p->task->lease &&
            ts_is_newcomer(p->task->connection, user));
}

static void take_differences(struct pass *p, const struct ts_difference *differences)
{
    const struct ts_page *page = p->page;

    for (size_t i = 0; i < page->count + page->unread_count; i++) {
        const struct ts_difference *difference = &differences[i];
        struct ts_directory_user *user = i < page->count ? page->users[i] : NULL;
        const char *id = user ? user->id : page->unread[i - page->count];
        bool is_linked = difference->comparison == TS_COMPARED_SAME ||
                         difference->comparison == TS_COMPARED_CHANGED;

        if (is_linked)
            ts_losses_count(&p->losses, id, user, difference);
        if (!user) {
            p->run->failed += is_linked && !p->is_applying;
        } else if (is_to_be_looked_at(p, difference->comparison, user)) {
            p->new_links += difference->comparison == TS_COMPARED_NEW && !p->is_applying;
            ts_kept_add(&p->kept, user, id, page->observed_us);
        }
    }
}

static void on_compared(const struct ts_error *err, const struct ts_difference *differences,
                        size_t count, void *arg)
{
    struct pass *p = resume(arg);
    struct ts_loss loss;

    if (err->cls == TS_OK && count == p->page->count + p->page->unread_count)
        take_differences(p, differences);

    if (err->cls != TS_OK)
        fail(p, err);
    else if (!p->is_applying)
        after_page(p);
    else if (ts_losses_exceed(&p->losses, p->env->field_loss_percent, p->task->connection, &loss))
        report(p, &ts_no_error, &loss);
    else
        step_batch(p, after_page);
}

static void after_page(struct pass *p)
{
    if (!p->page->is_last)
        step_page(p);
    else if (p->is_applying)
        look_for_absent(p);
    else
        judge(p);
}

/* --- what the survey has shown --- */

static void judge(struct pass *p)
{
    struct ts_loss loss;

    if (ts_losses_exceed(&p->losses, p->env->field_loss_percent, p->task->connection, &loss)) {
        report(p, &ts_no_error, &loss);
    } else if (p->kept.has_overflown) {
        p->is_applying = true;
        begin_walk(p);
    } else {
        step_batch(p, look_for_absent);
    }
}

static void step_batch(struct pass *p, void (*after)(struct pass *p))
{
    struct ts_person_task common = {
        .connection = p->task->connection,
        .job = p->task->job,
        .lease = p->task->lease,
        .confirms_absence = true,
        .is_dry = !p->task->lease,
        .trusts_new_links = p->new_links > PROVEN_LINKS_MAX,
    };

    free(p->tasks);
    p->tasks = ts_kept_tasks(&p->kept, &common);
    p->after_batch = after;
    enter(p, STEP_BATCH);
    ts_flow_await(&p->flow,
                  ts_batch_start(p->env, p->tasks, p->kept.count, on_person, on_batch, p));
}

static void on_person(const struct ts_person_result *result, const struct ts_person_task *task,
                      void *arg)
{
    struct pass *p = arg;

    ts_person_count(result, p->run);
    if (result->end == TS_PERSON_FAILED)
        ts_log(TS_LOG_WARNING, "one user left out of the resync", "org", p->task->connection->org,
               "user", task->key, "error", result->err.text, NULL);
    if (p->task->on_person)
        p->task->on_person(result, task, p->task->arg);
}

static void on_batch(const struct ts_error *err, void *arg)
{
    struct pass *p = resume(arg);

    ts_kept_clear(&p->kept);
    if (err->cls != TS_OK)
        fail(p, err);
    else
        p->after_batch(p);
}

/* --- whom the listing did not show --- */

/* Whoever is no admin does not see everybody, and suspends nobody. */
static void look_for_absent(struct pass *p)
{
    if (p->task->connection->may_suspend)
        step_links(p);
    else
        report(p, &ts_no_error, NULL);
}

static void step_links(struct pass *p)
{
    struct ts_roster *roster = p->env->roster;

    enter(p, STEP_LINKS);
    ts_flow_await(&p->flow,
                  roster->ops->links(roster, p->task->connection->org, p->cursor, on_links, p));
}

static void on_links(const struct ts_error *err, const char *const *directory_ids, size_t count,
                     const char *next_cursor, void *arg)
{
    struct pass *p = resume(arg);

    free(p->cursor);
    p->cursor = ts_strdup(next_cursor);
    for (size_t i = 0; i < count; i++) {
        if (directory_ids[i] && ts_seen_add(p->seen, directory_ids[i]))
            ts_kept_add(&p->kept, NULL, directory_ids[i], 0);
    }

    if (err->cls != TS_OK)
        fail(p, err);
    else if (p->kept.count > 0)
        step_compare_absent(p);
    else
        after_links(p);
}

static void step_compare_absent(struct pass *p)
{
    struct ts_roster *roster = p->env->roster;
    const struct ts_connection *connection = p->task->connection;
    TS_AUTOFREE struct ts_compared *users = ts_alloc(p->kept.count * sizeof(*users));
    char gone[TS_FINGERPRINT_TEXT];

    (void)ts_fingerprint(NULL, connection, gone);
    for (size_t i = 0; i < p->kept.count; i++)
        users[i] = (struct ts_compared){
            .directory_id = p->kept.users[i].id,
            .digest = gone,
            .addresses = "",
        };
    enter(p, STEP_COMPARE_ABSENT);
    ts_flow_await(&p->flow, roster->ops->compare(roster, connection->org, false, users,
                                                 p->kept.count, on_compared_absent, p));
}

/* Who is known to be gone needs no further look. */
static void on_compared_absent(const struct ts_error *err, const struct ts_difference *differences,
                               size_t count, void *arg)
{
    struct pass *p = resume(arg);

    ts_kept_narrow(&p->kept, differences, count);
    if (err->cls != TS_OK) {
        fail(p, err);
    } else {
        p->run->absent += p->kept.count;
        step_batch(p, after_links);
    }
}

static void after_links(struct pass *p)
{
    if (p->cursor)
        step_links(p);
    else
        report(p, &ts_no_error, NULL);
}

static void report(struct pass *p, const struct ts_error *err, const struct ts_loss *loss)
{
    struct ts_error outcome = *err;
    struct ts_losses losses = p->losses; /* `loss` borrows its digest */
    struct ts_loss lost = loss ? *loss : (struct ts_loss){0};
    ts_pass_cb *cb = p->cb;
    void *arg = p->arg;

    lost.digest = losses.digest;
    release(p);
    cb(&outcome, loss ? &lost : NULL, arg);
}
