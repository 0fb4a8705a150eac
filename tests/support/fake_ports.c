/* SPDX-License-Identifier: MIT */
/* The held calls, what they write down, and how they are answered. */
#include "support/fake_ports.h"

#include "support/test.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <stdio.h>
#include <string.h>

enum { TRANSCRIPT_MAX = 1 << 20 };

struct fake_call {
    struct ts_op op; /* first */
    struct fake_ports *ports;
    struct fake_call *next;
    const char *word;
    void (*answer)(const struct fake_call *call, const struct ts_error *err);
    size_t number; /* of a page: where it begins; of a take: how many */
    union {
        ts_done_cb *done;
        ts_orgs_cb *orgs;
        ts_connection_cb *connection;
        ts_begun_cb *begun;
        ts_directory_user_cb *user;
        ts_view_cb *view;
        ts_commit_cb *commit;
        ts_enqueued_cb *enqueued;
        ts_taken_cb *taken;
        ts_channels_cb *channels;
        ts_key_cb *key;
        ts_resealed_cb *resealed;
        ts_directory_watch_cb *watching;
        ts_directory_probe_cb *probe;
        ts_directory_page_cb *page;
        ts_compared_cb *compared;
        ts_links_cb *links;
        ts_hold_cb *hold;
        ts_lease_cb *lease;
        ts_member_cb *member;
        ts_unlinked_cb *unlinked;
        ts_consent_cb *consent;
        ts_directory_credentials_cb *credentials;
        ts_matched_cb *matched;
        ts_invitation_cb *invitation;
    } cb;
    void *arg;
};

static const uint32_t reread_after_s[] = {5, 15, 60};

static void unlink_call(struct fake_call *call)
{
    struct fake_call **at = &call->ports->held;

    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
}

static void cancel(struct ts_op *op)
{
    struct fake_call *call = (struct fake_call *)(void *)op;

    unlink_call(call);
    free(call);
}

static struct fake_call *hold(struct fake_ports *ports, const char *word, void *arg,
                              void (*answer)(const struct fake_call *call,
                                             const struct ts_error *err))
{
    struct fake_call *call = ts_alloc(sizeof(*call));
    struct fake_call **at = &ports->held;

    call->op.cancel = cancel;
    call->ports = ports;
    call->word = word;
    call->answer = answer;
    call->arg = arg;
    while (*at)
        at = &(*at)->next;
    *at = call;
    return call;
}

#define SAY(ports, ...) assert_int_equal(ts_buf_addf(&(ports)->transcript, __VA_ARGS__), 0)

#define PORTS_OF(port, member) TS_CONTAINER_OF(port, struct fake_ports, member)

/* The answers. */

static bool is_ok(const struct ts_error *err)
{
    return err->cls == TS_OK;
}

static void answer_done(const struct fake_call *call, const struct ts_error *err)
{
    call->cb.done(err, call->arg);
}

static void answer_connection(const struct fake_call *call, const struct ts_error *err)
{
    struct ts_error sealed = ts_error_make(TS_INTERNAL, "the credentials do not open");

    if (is_ok(err) && call->ports->opens_not)
        call->cb.connection(&sealed, &call->ports->connection, call->arg);
    else
        call->cb.connection(err, is_ok(err) ? &call->ports->connection : NULL, call->arg);
}

static void answer_begun(const struct fake_call *call, const struct ts_error *err)
{
    call->cb.begun(err, is_ok(err) ? &call->ports->begun : NULL, call->arg);
}

static void answer_user(const struct fake_call *call, const struct ts_error *err)
{
    struct ts_error absent = ts_error_make(TS_NOT_FOUND, "no such user");

    if (is_ok(err) && !call->ports->user)
        err = &absent;
    call->cb.user(err, is_ok(err) ? call->ports->user : NULL, call->arg);
}

static void answer_view(const struct fake_call *call, const struct ts_error *err)
{
    call->cb.view(err, is_ok(err) ? &call->ports->view : NULL, call->arg);
}

static void answer_member(const struct fake_call *call, const struct ts_error *err)
{
    const struct ts_member *member = call->ports->member;
    struct ts_error unknown = ts_error_make(TS_NOT_FOUND, "there is no such member");

    if (is_ok(err) && !member)
        err = &unknown;
    call->cb.member(err, is_ok(err) ? member : NULL, call->arg);
}

static void answer_commit(const struct fake_call *call, const struct ts_error *err)
{
    enum ts_committed how = call->ports->committed;

    if (call->ports->overtaken > 0) {
        call->ports->overtaken--;
        how = TS_COMMIT_OVERTAKEN;
    }
    call->cb.commit(err, how, call->arg);
}

/* Pages of `listed`, as many users each as `page_size`. */
static void answer_page(const struct fake_call *call, const struct ts_error *err)
{
    struct fake_ports *ports = call->ports;
    size_t left = ports->listed_count - call->number;
    size_t count = left < ports->page_size ? left : ports->page_size;
    char token[32];
    struct ts_directory_page page = {
        .users = ports->listed + call->number,
        .count = count,
        .unread = ports->unread,
        .unread_count = ports->unread_count,
        .has_users = count > 0,
        .next_token = count < left ? token : NULL,
    };

    (void)snprintf(token, sizeof(token), "%zu", call->number + count);
    call->cb.page(err, is_ok(err) ? &page : NULL, call->arg);
}

static void answer_compared(const struct fake_call *call, const struct ts_error *err)
{
    TS_AUTOFREE struct ts_difference *differences =
        ts_alloc((call->number + 1) * sizeof(*differences));

    for (size_t i = 0; i < call->number; i++)
        differences[i] = call->ports->difference;
    call->cb.compared(err, differences, is_ok(err) ? call->number : 0, call->arg);
}

static void answer_links(const struct fake_call *call, const struct ts_error *err)
{
    const struct fake_ports *ports = call->ports;

    call->cb.links(err, ports->links, is_ok(err) ? ports->link_count : 0, NULL, call->arg);
}

static void answer_hold(const struct fake_call *call, const struct ts_error *err)
{
    struct ts_hold hold = {.guard_limit = 5, .guard_used = 1, .linked = 100};

    call->cb.hold(err, is_ok(err) ? &hold : NULL, call->arg);
}

static void answer_lease(const struct fake_call *call, const struct ts_error *err)
{
    struct ts_lease lease = {.run_id = "run_1", .fence = 7};

    call->cb.lease(err, is_ok(err) ? &lease : NULL, call->arg);
}

static void answer_unlinked(const struct fake_call *call, const struct ts_error *err)
{
    struct fake_ports *ports = call->ports;
    bool has_more = is_ok(err) && ports->unlink_parts > 1;

    ports->unlink_parts -= has_more;
    call->cb.unlinked(err, has_more ? "17" : NULL, call->arg);
}

static void answer_consent(const struct fake_call *call, const struct ts_error *err)
{
    const struct ts_consent consent = {.org = "acme", .actor = "Grace", .verifier = "verifier"};

    call->cb.consent(err, is_ok(err) ? &consent : NULL, is_ok(err) && call->ports->is_taken,
                     call->arg);
}

static void answer_credentials(const struct fake_call *call, const struct ts_error *err)
{
    call->cb.credentials(err, is_ok(err) ? "{\"refresh_token\":\"r\"}" : NULL, call->arg);
}

static void answer_created(const struct fake_call *call, const struct ts_error *err)
{
    struct ts_error taken = ts_error_make(TS_REJECTED, "the address is a member's");

    if (is_ok(err) && !call->ports->created.id)
        err = &taken;
    call->cb.member(err, is_ok(err) ? &call->ports->created : NULL, call->arg);
}

static void answer_matched(const struct fake_call *call, const struct ts_error *err)
{
    call->cb.matched(err, call->ports->matches, is_ok(err) ? call->number : 0, call->arg);
}

static void answer_invitation(const struct fake_call *call, const struct ts_error *err)
{
    call->cb.invitation(err, is_ok(err) ? &call->ports->invitation : NULL, call->arg);
}

static void answer_enqueued(const struct fake_call *call, const struct ts_error *err)
{
    call->cb.enqueued(err, TS_ENQUEUED, is_ok(err) ? "9-0" : NULL, call->arg);
}

static void answer_taken(const struct fake_call *call, const struct ts_error *err)
{
    struct fake_ports *ports = call->ports;
    const struct ts_job *jobs = ports->jobs;
    size_t count = ports->job_count < call->number ? ports->job_count : call->number;

    ports->jobs += count;
    ports->job_count -= count;
    call->cb.taken(err, jobs, count, call->arg);
}

static void answer_channels(const struct fake_call *call, const struct ts_error *err)
{
    const struct fake_ports *ports = call->ports;

    call->cb.channels(err, ports->channels, is_ok(err) ? ports->channel_count : 0, call->arg);
}

static void answer_orgs(const struct fake_call *call, const struct ts_error *err)
{
    const struct fake_ports *ports = call->ports;
    bool has_more = call->number + 1 < ports->org_count;
    const struct ts_org *org = &ports->orgs[call->number];

    call->cb.orgs(err, org, is_ok(err) && call->number < ports->org_count,
                  is_ok(err) && has_more ? org->id : NULL, call->arg);
}

static void answer_key(const struct fake_call *call, const struct ts_error *err)
{
    call->cb.key(err, is_ok(err) ? "mark" : NULL, call->arg);
}

static void answer_resealed(const struct fake_call *call, const struct ts_error *err)
{
    struct fake_ports *ports = call->ports;
    enum ts_resealed how = TS_RESEALED_BEFORE;

    if (is_ok(err) && ports->resealed_count > 0) {
        how = *ports->resealed++;
        ports->resealed_count--;
    }
    call->cb.resealed(err, how, call->arg);
}

static void answer_watching(const struct fake_call *call, const struct ts_error *err)
{
    call->cb.watching(err, is_ok(err) ? &call->ports->watching : NULL, call->arg);
}

static void answer_probe(const struct fake_call *call, const struct ts_error *err)
{
    call->cb.probe(err, is_ok(err) ? &call->ports->probe : NULL, call->arg);
}

/* The queue. */

static void keep_later(struct fake_ports *ports, const struct ts_later *later)
{
    free(ports->later);
    ports->later = later ? ts_job_dup(later->job) : NULL;
    ports->later_ms = later ? later->delay_ms : 0;
    if (later)
        SAY(ports, " then %s%s", later->job->is_timer ? "timer " : "", later->job->cause);
}

static struct ts_op *queue_enqueue(struct ts_queue *queue, const struct ts_job *job,
                                   ts_enqueued_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(queue, queue);
    struct fake_call *call = hold(ports, "enqueue", arg, answer_enqueued);

    SAY(ports, "enqueue %s%s%s %s;", ts_job_type_name(job->type), job->user ? " " : "",
        job->user ? job->user : "", job->cause);
    call->cb.enqueued = cb;
    return &call->op;
}

static struct ts_op *queue_take(struct ts_queue *queue, size_t max, ts_taken_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(queue, queue);
    struct fake_call *call = hold(ports, "take", arg, answer_taken);

    SAY(ports, "take %zu;", max);
    call->number = max;
    call->cb.taken = cb;
    return &call->op;
}

static struct ts_op *hold_done(struct fake_ports *ports, const char *word, ts_done_cb *cb,
                               void *arg)
{
    struct fake_call *call = hold(ports, word, arg, answer_done);

    call->cb.done = cb;
    return &call->op;
}

static struct ts_op *queue_done(struct ts_queue *queue, const struct ts_job *job,
                                const struct ts_later *later, ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(queue, queue);

    (void)job;
    SAY(ports, "done");
    keep_later(ports, later);
    SAY(ports, ";");
    return hold_done(ports, "done", cb, arg);
}

static struct ts_op *queue_retry(struct ts_queue *queue, const struct ts_job *job,
                                 uint64_t delay_ms, const char *error, ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(queue, queue);

    ports->delay_ms = delay_ms;
    ports->is_absent = job->seen_absent;
    free(ports->text);
    ports->text = ts_strdup(error);
    SAY(ports, "retry;");
    return hold_done(ports, "retry", cb, arg);
}

static struct ts_op *queue_bury(struct ts_queue *queue, const struct ts_job *job,
                                const char *reason, ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(queue, queue);

    (void)job;
    SAY(ports, "bury %s;", reason);
    return hold_done(ports, "bury", cb, arg);
}

static struct ts_op *queue_keep_timer(struct ts_queue *queue, const struct ts_later *later,
                                      ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(queue, queue);

    SAY(ports, "keep %s", ts_job_type_name(later->job->type));
    keep_later(ports, later);
    SAY(ports, ";");
    return hold_done(ports, "keep", cb, arg);
}

static struct ts_op *queue_put_back(struct ts_queue *queue, const struct ts_job *job,
                                    uint64_t delay_ms, ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(queue, queue);

    ports->delay_ms = delay_ms;
    SAY(ports, "put back %s;", job->id);
    return hold_done(ports, "put back", cb, arg);
}

static void queue_let_go(struct ts_queue *queue, const char *job_id)
{
    SAY(PORTS_OF(queue, queue), "let go %s;", job_id);
}

static struct ts_op *queue_leave(struct ts_queue *queue, ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(queue, queue);

    SAY(ports, "leave;");
    return hold_done(ports, "leave", cb, arg);
}

static const struct ts_queue_ops queue_ops = {
    .enqueue = queue_enqueue,
    .keep_timer = queue_keep_timer,
    .take = queue_take,
    .done = queue_done,
    .retry = queue_retry,
    .bury = queue_bury,
    .put_back = queue_put_back,
    .let_go = queue_let_go,
    .leave = queue_leave,
};

/* The registry. */

/* One org a page. */
static struct ts_op *registry_list_orgs(struct ts_registry *registry, const char *cursor,
                                        size_t limit, ts_orgs_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);
    struct fake_call *call = hold(ports, "orgs", arg, answer_orgs);

    (void)limit;
    SAY(ports, "orgs%s%s;", cursor ? " after " : "", cursor ? cursor : "");
    while (cursor && call->number < ports->org_count &&
           strcmp(ports->orgs[call->number++].id, cursor) != 0)
        ;
    call->cb.orgs = cb;
    return &call->op;
}

static struct ts_op *registry_get_connection(struct ts_registry *registry, const char *org,
                                             ts_connection_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);
    bool is_stuck = ports->stuck && ts_text_starts_with(org, ports->stuck);
    struct fake_call *call = hold(ports, is_stuck ? "stuck" : "connection", arg, answer_connection);

    SAY(ports, "connection %s;", org);
    call->cb.connection = cb;
    return &call->op;
}

static struct ts_op *registry_put_connection(struct ts_registry *registry,
                                             const struct ts_connection *connection, ts_done_cb *cb,
                                             void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);

    ts_connection_free(ports->stored);
    ports->stored = ts_connection_dup(connection);
    SAY(ports, "store %s;", ts_connection_state_name(connection->state));
    return hold_done(ports, "store", cb, arg);
}

static struct ts_op *registry_move_connection(struct ts_registry *registry, const char *org,
                                              unsigned from, enum ts_connection_state to,
                                              ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);

    (void)org;
    SAY(ports, "move %x %s;", from, ts_connection_state_name(to));
    return hold_done(ports, "move", cb, arg);
}

static struct ts_op *registry_disconnect(struct ts_registry *registry, const char *org,
                                         ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);

    SAY(ports, "disconnect %s;", org);
    return hold_done(ports, "disconnect", cb, arg);
}

static struct ts_op *registry_note_account(struct ts_registry *registry,
                                           const struct ts_connection *connection, ts_done_cb *cb,
                                           void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);

    SAY(ports, "account %s%s;", connection->subject, connection->may_suspend ? " admin" : "");
    return hold_done(ports, "account", cb, arg);
}

static struct ts_op *registry_take_consent(struct ts_registry *registry,
                                           const struct ts_consent_proof *proof, ts_consent_cb *cb,
                                           void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);
    struct fake_call *call = hold(ports, "consent", arg, answer_consent);

    SAY(ports, "take consent %s%s;", proof->state, proof->insists ? " insisting" : "");
    call->cb.consent = cb;
    return &call->op;
}

static struct ts_op *registry_set_trouble(struct ts_registry *registry, const char *org,
                                          enum ts_trouble trouble, const struct ts_failure *why,
                                          ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);

    (void)org;
    SAY(ports, "%s %s;", trouble == TS_TROUBLE_DEAF ? "deaf" : "refused",
        why ? why->text : "no more");
    ports->trouble_code = why ? why->code : NULL;
    return hold_done(ports, "trouble", cb, arg);
}

static struct ts_op *registry_note_channel(struct ts_registry *registry, const char *org,
                                           uint64_t until_us, ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);

    (void)org;
    ports->noted_until_us = until_us;
    SAY(ports, "note;");
    return hold_done(ports, "note", cb, arg);
}

/* A channel of the world by its id, one that the flow made as "new". */
static const char *channel_name(const char *id)
{
    return ts_text_starts_with(id, "channel-") ? "new" : id;
}

static struct ts_op *registry_put_channel(struct ts_registry *registry,
                                          const struct ts_channel *channel, const char *revision,
                                          ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);

    assert_string_equal(revision, ports->connection.revision);
    if (channel->resource_id) {
        SAY(ports, "record %s %s;", channel_name(channel->id), channel->resource_id);
        assert_memory_equal(ports->announced_digest, channel->token_digest, 32);
        assert_string_equal(ports->watched_id, channel->id);
    } else {
        SAY(ports, "announce %s;", channel_name(channel->id));
        memcpy(ports->announced_digest, channel->token_digest, 32);
    }
    ports->recorded_until_us = channel->expiration_us;
    return hold_done(ports, channel->resource_id ? "record" : "announce", cb, arg);
}

static struct ts_op *registry_list_channels(struct ts_registry *registry, const char *org,
                                            ts_channels_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);
    struct fake_call *call = hold(ports, "channels", arg, answer_channels);

    SAY(ports, "channels %s;", org);
    call->cb.channels = cb;
    return &call->op;
}

static struct ts_op *registry_remove_channel(struct ts_registry *registry, const char *org,
                                             const char *id, ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);

    (void)org;
    SAY(ports, "remove %s;", channel_name(id));
    return hold_done(ports, "remove", cb, arg);
}

static struct ts_op *registry_add_key(struct ts_registry *registry, ts_key_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);
    struct fake_call *call = hold(ports, "key", arg, answer_key);

    SAY(ports, "key;");
    call->cb.key = cb;
    return &call->op;
}

static struct ts_op *registry_reseal(struct ts_registry *registry, const char *org,
                                     ts_resealed_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);
    struct fake_call *call = hold(ports, "reseal", arg, answer_resealed);

    SAY(ports, "reseal %s;", org);
    call->cb.resealed = cb;
    return &call->op;
}

static struct ts_op *registry_keep_key(struct ts_registry *registry, const char *mark,
                                       ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(registry, registry);

    SAY(ports, "keep %s;", mark);
    return hold_done(ports, "keep", cb, arg);
}

static const struct ts_registry_ops registry_ops = {
    .list_orgs = registry_list_orgs,
    .get_connection = registry_get_connection,
    .put_connection = registry_put_connection,
    .move_connection = registry_move_connection,
    .disconnect = registry_disconnect,
    .note_account = registry_note_account,
    .take_consent = registry_take_consent,
    .set_trouble = registry_set_trouble,
    .note_channel = registry_note_channel,
    .put_channel = registry_put_channel,
    .list_channels = registry_list_channels,
    .remove_channel = registry_remove_channel,
    .add_key = registry_add_key,
    .reseal = registry_reseal,
    .keep_key = registry_keep_key,
};

/* The roster. */

static struct ts_op *roster_begin(struct ts_roster *roster, const char *org, const char *user_key,
                                  ts_begun_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);
    struct fake_call *call = hold(ports, "begin", arg, answer_begun);

    SAY(ports, "begin %s %s;", org, user_key);
    call->cb.begun = cb;
    return &call->op;
}

static struct ts_op *roster_view(struct ts_roster *roster, const struct ts_view_query *query,
                                 ts_view_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);
    struct fake_call *call = hold(ports, "view", arg, answer_view);

    SAY(ports, "view %s", query->directory_id);
    if (query->primary_email)
        SAY(ports, " %s", query->primary_email);
    for (size_t i = 0; i < query->alias_count; i++)
        SAY(ports, " %s", query->aliases[i]);
    if (query->manager_email)
        SAY(ports, " manager %s", query->manager_email);
    SAY(ports, ";");
    call->cb.view = cb;
    return &call->op;
}

static void say_changed(struct fake_ports *ports, unsigned changed)
{
    static const char *const words[] = {"link", "manager", "team", "status", "state"};
    const char *glue = " ";

    for (size_t i = 0; i < TS_COUNT_OF(words); i++) {
        if (changed & (1u << i)) {
            SAY(ports, "%s%s", glue, words[i]);
            glue = "+";
        }
    }
}

static struct ts_op *roster_commit(struct ts_roster *roster, const struct ts_commit *commit,
                                   ts_commit_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);
    struct fake_call *call = hold(ports, "commit", arg, answer_commit);
    const struct ts_plan *plan = commit->plan;

    ports->commits++;
    ports->suspensions +=
        plan->after.status == TS_MEMBER_SUSPENDED && plan->before->status != TS_MEMBER_SUSPENDED;
    ports->observed_us = commit->observed_us;
    if (!commit->job->id)
        SAY(ports, "%s by %s: ", commit->job->cause, commit->job->by);
    if (commit->lease)
        SAY(ports, "fence %u ", (unsigned)commit->lease->fence);
    free(ports->digest);
    ports->digest = ts_strdup(commit->digest);
    SAY(ports, "commit %s %s", plan->after.id, commit->directory_id);
    say_changed(ports, plan->changed);
    keep_later(ports, commit->later);
    SAY(ports, ";");
    call->cb.commit = cb;
    return &call->op;
}

static struct ts_op *roster_compare(struct ts_roster *roster, const char *org, bool clear_missing,
                                    const struct ts_compared *users, size_t count,
                                    ts_compared_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);
    struct fake_call *call = hold(ports, "compare", arg, answer_compared);

    (void)org;
    (void)clear_missing;
    SAY(ports, "compare");
    for (size_t i = 0; i < count; i++)
        SAY(ports, " %s", users[i].directory_id);
    SAY(ports, ";");
    call->number = count;
    call->cb.compared = cb;
    return &call->op;
}

static struct ts_op *roster_links(struct ts_roster *roster, const char *org, const char *cursor,
                                  ts_links_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);
    struct fake_call *call = hold(ports, "links", arg, answer_links);

    (void)org;
    SAY(ports, "links %s;", cursor ? cursor : "-");
    call->cb.links = cb;
    return &call->op;
}

static struct ts_op *roster_get_hold(struct ts_roster *roster, const char *org,
                                     const struct ts_guard *guard, ts_hold_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);
    struct fake_call *call = hold(ports, "hold", arg, answer_hold);

    (void)org;
    (void)guard;
    SAY(ports, "guard;");
    call->cb.hold = cb;
    return &call->op;
}

static struct ts_op *roster_hold_loss(struct ts_roster *roster, const char *org,
                                      const struct ts_lease *lease, const struct ts_loss *loss,
                                      ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);

    (void)org;
    (void)lease;
    SAY(ports, "hold %s %u of %u;", loss->field, (unsigned)loss->members, (unsigned)loss->linked);
    return hold_done(ports, "hold", cb, arg);
}

static struct ts_op *roster_get(struct ts_roster *roster, const char *org, const char *member_id,
                                ts_member_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);
    struct fake_call *call = hold(ports, "member", arg, answer_member);

    (void)org;
    SAY(ports, "member %s;", member_id);
    call->cb.member = cb;
    return &call->op;
}

static struct ts_op *roster_create(struct ts_roster *roster, const struct ts_new_member *wanted,
                                   ts_member_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);
    struct fake_call *call = hold(ports, "create", arg, answer_created);

    SAY(ports, "create %s %s %s%s%s;", wanted->email, wanted->name ? wanted->name : "-",
        wanted->role, wanted->is_automatic ? " automatic" : "", wanted->is_mailed ? " mailed" : "");
    assert_false(wanted->is_active);
    assert_string_equal(wanted->revision, ports->connection.revision);
    ports->automatic += wanted->is_automatic;
    call->cb.member = cb;
    return &call->op;
}

static struct ts_op *roster_remember(struct ts_roster *roster, const char *org,
                                     const struct ts_history_entry *entry, ts_done_cb *cb,
                                     void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);

    (void)org;
    SAY(ports, "remember %s>%s %s;", entry->before ? entry->before : "-", entry->after,
        entry->cause);
    return hold_done(ports, "remember", cb, arg);
}

static struct ts_op *roster_unlink(struct ts_roster *roster, const char *org, const char *cursor,
                                   ts_unlinked_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);
    struct fake_call *call = hold(ports, "unlink", arg, answer_unlinked);

    SAY(ports, "unlink %s %s;", org, cursor ? cursor : "-");
    call->cb.unlinked = cb;
    return &call->op;
}

static struct ts_op *roster_match(struct ts_roster *roster, const char *org,
                                  const struct ts_compared *users, size_t count, ts_matched_cb *cb,
                                  void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);
    struct fake_call *call = hold(ports, "match", arg, answer_matched);

    (void)org;
    SAY(ports, "match");
    for (size_t i = 0; i < count; i++)
        SAY(ports, " %s", users[i].addresses);
    SAY(ports, ";");
    call->number = count;
    call->cb.matched = cb;
    return &call->op;
}

static struct ts_op *roster_open_invitation(struct ts_roster *roster, const char *org,
                                            const char *member_id, const char *token,
                                            ts_invitation_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(roster, roster);
    struct fake_call *call = hold(ports, "open", arg, answer_invitation);

    SAY(ports, "open %s %s;", org, member_id);
    assert_int_equal(strlen(token), 43); /* 256 bits */
    free(ports->token);
    ports->token = ts_strdup(token);
    call->cb.invitation = cb;
    return &call->op;
}

static const struct ts_roster_ops roster_ops = {
    .create = roster_create,
    .match = roster_match,
    .open_invitation = roster_open_invitation,
    .begin = roster_begin,
    .view = roster_view,
    .commit = roster_commit,
    .compare = roster_compare,
    .links = roster_links,
    .get_hold = roster_get_hold,
    .hold_loss = roster_hold_loss,
    .get = roster_get,
    .remember = roster_remember,
    .unlink = roster_unlink,
};

/* The directory. */

static struct ts_op *directory_get_user(struct ts_directory *directory,
                                        const struct ts_connection *connection, const char *key,
                                        ts_directory_user_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(directory, directory);
    struct fake_call *call = hold(ports, "get", arg, answer_user);

    (void)connection;
    SAY(ports, "get %s;", key);
    call->cb.user = cb;
    return &call->op;
}

static struct ts_op *directory_list_users(struct ts_directory *directory,
                                          const struct ts_connection *connection,
                                          const char *page_token, ts_directory_page_cb *cb,
                                          void *arg)
{
    struct fake_ports *ports = PORTS_OF(directory, directory);
    struct fake_call *call = hold(ports, "page", arg, answer_page);
    uint64_t start = 0;

    (void)connection;
    SAY(ports, "page %s;", page_token ? page_token : "-");
    if (page_token)
        assert_true(ts_text_to_u64(page_token, &start));
    call->number = (size_t)start;
    call->cb.page = cb;
    return &call->op;
}

static struct ts_op *directory_probe(struct ts_directory *directory,
                                     const struct ts_connection *connection,
                                     ts_directory_probe_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(directory, directory);
    struct fake_call *call = hold(ports, "probe", arg, answer_probe);

    SAY(ports, "probe %s;", connection->org);
    call->cb.probe = cb;
    return &call->op;
}

static struct ts_op *directory_watch(struct ts_directory *directory,
                                     const struct ts_connection *connection,
                                     const struct ts_watch *watch, ts_directory_watch_cb *cb,
                                     void *arg)
{
    struct fake_ports *ports = PORTS_OF(directory, directory);
    struct fake_call *call = hold(ports, "watch", arg, answer_watching);

    (void)connection;
    SAY(ports, "watch %s%s%s %s %u;", channel_name(watch->channel_id), watch->event ? " " : "",
        watch->event ? watch->event : "", watch->address, watch->ttl_s);
    free(ports->watched_id);
    free(ports->watched_token);
    ports->watched_id = ts_strdup(watch->channel_id);
    ports->watched_token = ts_strdup(watch->token);
    call->cb.watching = cb;
    return &call->op;
}

static struct ts_op *directory_stop(struct ts_directory *directory,
                                    const struct ts_connection *connection, const char *channel_id,
                                    const char *resource_id, ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(directory, directory);

    (void)connection;
    SAY(ports, "stop %s %s;", channel_name(channel_id), resource_id);
    return hold_done(ports, "stop", cb, arg);
}

static struct ts_op *directory_redeem(struct ts_directory *directory,
                                      const struct ts_directory_consent *consent, const char *code,
                                      ts_directory_credentials_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(directory, directory);
    struct fake_call *call = hold(ports, "redeem", arg, answer_credentials);

    SAY(ports, "redeem %s %s %s;", code, consent->verifier, consent->redirect_to);
    call->cb.credentials = cb;
    return &call->op;
}

static struct ts_op *directory_search_users(struct ts_directory *directory,
                                            const struct ts_connection *connection,
                                            const struct ts_directory_search *search,
                                            ts_directory_page_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(directory, directory);
    struct fake_call *call = hold(ports, "search", arg, answer_page);

    (void)connection;
    SAY(ports, "search %s %zu%s%s;", search->text ? search->text : "-", search->limit,
        search->page_token ? " from " : "", search->page_token ? search->page_token : "");
    call->number = search->page_token ? strtoul(search->page_token, NULL, 10) : 0;
    call->cb.page = cb;
    return &call->op;
}

static struct ts_op *directory_get_profile(struct ts_directory *directory,
                                           const struct ts_connection *connection, const char *id,
                                           ts_directory_user_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(directory, directory);
    struct fake_call *call = hold(ports, "profile", arg, answer_user);

    (void)connection;
    SAY(ports, "profile %s;", id);
    call->cb.user = cb;
    return &call->op;
}

static const struct ts_directory_ops directory_ops = {
    .search_users = directory_search_users,
    .get_profile = directory_get_profile,
    .get_user = directory_get_user,
    .list_users = directory_list_users,
    .probe = directory_probe,
    .watch = directory_watch,
    .stop = directory_stop,
    .redeem = directory_redeem,
};

/* The clock: a beat of a resync is held until it is asked for by name. */

static struct ts_op *clock_pause(struct ts_clock *clock, uint64_t delay_ms, ts_done_cb *cb,
                                 void *arg)
{
    struct fake_ports *ports = PORTS_OF(clock, clock);
    bool is_beat = delay_ms == ports->env.beat_ms;

    if (delay_ms > 0 && !is_beat)
        SAY(ports, "pause;");
    ports->pause_ms = delay_ms;
    return hold_done(ports, is_beat ? "beat" : "pause", cb, arg);
}

static const struct ts_clock_ops clock_ops = {.pause = clock_pause};

/* The mailer. */

static struct ts_op *mailer_send(struct ts_mailer *mailer, const struct ts_mail *mail,
                                 ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(mailer, mailer);

    SAY(ports, "mail %s;", mail->to);
    free(ports->mail);
    ports->mail = ts_format("%s\n%s", mail->subject, mail->text);
    return hold_done(ports, "mail", cb, arg);
}

/* The runs. */

static struct ts_op *runs_begin(struct ts_runs *runs, const struct ts_job *job, ts_lease_cb *cb,
                                void *arg)
{
    struct fake_ports *ports = PORTS_OF(runs, runs);
    struct fake_call *call = hold(ports, "lease", arg, answer_lease);

    SAY(ports, "lease%s;", job->is_preview ? " preview" : "");
    call->cb.lease = cb;
    return &call->op;
}

static struct ts_op *runs_report(struct ts_runs *runs, const struct ts_job *job,
                                 const struct ts_lease *lease, const struct ts_run *run,
                                 ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(runs, runs);

    (void)job;
    (void)lease;
    (void)run;
    SAY(ports, "alive;");
    return hold_done(ports, "alive", cb, arg);
}

static struct ts_op *runs_end(struct ts_runs *runs, const struct ts_job *job,
                              const struct ts_lease *lease, const struct ts_run *run,
                              ts_done_cb *cb, void *arg)
{
    struct fake_ports *ports = PORTS_OF(runs, runs);

    (void)job;
    (void)lease;
    ports->run = *run;
    SAY(ports, "end %s;", ts_run_state_name(run->state));
    return hold_done(ports, "end", cb, arg);
}

static const struct ts_runs_ops runs_ops = {
    .begin = runs_begin, .report = runs_report, .end = runs_end};

/* The test's side. */

struct fake_ports *fake_ports_new(void)
{
    struct fake_ports *ports = ts_alloc(sizeof(*ports));

    ports->queue.ops = &queue_ops;
    ports->registry.ops = &registry_ops;
    ports->roster.ops = &roster_ops;
    ports->directory.ops = &directory_ops;
    ports->clock.ops = &clock_ops;
    ports->runs.ops = &runs_ops;
    ports->mailer.send = mailer_send;
    ports->env = (struct ts_flow_env){
        .queue = &ports->queue,
        .registry = &ports->registry,
        .roster = &ports->roster,
        .directory = &ports->directory,
        .clock = &ports->clock,
        .runs = &ports->runs,
        .public_url = "https://sync.example",
        .beat_ms = 15000,
        .field_loss_percent = 10,
        .notification_address = "https://sync.example/webhooks/google-workspace",
        .consent_address = "https://sync.example/oauth/google/callback",
        .channel_ttl_s = 21600,
        .resync_interval_s = 14400,
        .reread_after_s = reread_after_s,
        .reread_count = TS_COUNT_OF(reread_after_s),
        .give_up_after_s = 259200,
    };
    ports->connection = (struct ts_connection){
        .org = "acme",
        .provider = "google-workspace",
        .state = TS_CONNECTION_ACTIVE,
        .revision = "1",
        .credentials = "{}",
        .subject = "admin@acme.example",
        .may_suspend = true,
        .team_from = "department",
        .invite_role = "member",
        .channel_until_us = ts_wall_us() + 3600000000ull,
    };
    ports->probe.is_admin = true;
    ports->probe.subject = "admin@acme.example";
    ports->difference.comparison = TS_COMPARED_SAME;
    ports->begun.observed_us = 1000;
    ports->page_size = 500;
    ports->watching.resource_id = "res_new";
    ports->watching.expiration_us = ts_wall_us() + 21600000000ull;
    ts_buf_init(&ports->transcript, TRANSCRIPT_MAX);
    return ports;
}

void fake_ports_free(struct fake_ports *ports)
{
    assert_null(ports->held);
    free(ports->text);
    free(ports->later);
    free(ports->watched_id);
    free(ports->watched_token);
    free(ports->digest);
    free(ports->mail);
    free(ports->token);
    ts_connection_free(ports->stored);
    ts_buf_done(&ports->transcript);
    free(ports);
}

const char *fake_transcript(const struct fake_ports *ports)
{
    return ports->transcript.data;
}

size_t fake_held(const struct fake_ports *ports)
{
    size_t count = 0;

    for (const struct fake_call *call = ports->held; call; call = call->next)
        count++;
    return count;
}

static void fire(struct fake_call *held, const struct ts_error *err)
{
    struct fake_call call = *held;

    call.ports->fired++;
    unlink_call(held);
    free(held);
    call.answer(&call, err);
}

static bool waits(const struct fake_ports *ports, const struct fake_call *call)
{
    return (strcmp(call->word, "take") == 0 && ports->job_count == 0) ||
           strcmp(call->word, "beat") == 0 || strcmp(call->word, "stuck") == 0;
}

static struct fake_call *fireable(const struct fake_ports *ports)
{
    struct fake_call *call = ports->held;

    while (call && waits(ports, call))
        call = call->next;
    return call;
}

/* For a step of a test that names no call: also a take that waits. */
static struct fake_call *next_call(const struct fake_ports *ports)
{
    struct fake_call *call = ports->held;

    while (call && strcmp(call->word, "beat") == 0)
        call = call->next;
    return call;
}

const char *fake_next(const struct fake_ports *ports)
{
    const struct fake_call *call = next_call(ports);

    return call ? call->word : NULL;
}

void fake_fire_with(struct fake_ports *ports, const struct ts_error *err)
{
    struct fake_call *call = next_call(ports);

    assert_non_null(call);
    fire(call, err);
}

void fake_fire(struct fake_ports *ports)
{
    fake_fire_with(ports, &ts_no_error);
}

void fake_fire_error(struct fake_ports *ports, enum ts_class cls, const char *text)
{
    struct ts_error err = ts_error_make(cls, "%s", text);

    fake_fire_with(ports, &err);
}

void fake_beat(struct fake_ports *ports)
{
    struct fake_call *call = ports->held;

    while (call && strcmp(call->word, "beat") != 0)
        call = call->next;
    assert_non_null(call);
    fire(call, &ts_no_error);
}

bool fake_run_to(struct fake_ports *ports, const char *word)
{
    struct fake_call *call;

    while ((call = fireable(ports)) && strcmp(call->word, word) != 0)
        fire(call, &ts_no_error);
    return call != NULL;
}

void fake_run(struct fake_ports *ports)
{
    (void)fake_run_to(ports, "");
}
