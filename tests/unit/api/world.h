/* SPDX-License-Identifier: MIT */
/* The API over the real HTTP server, on ports that answer from a small fixed world: org "acme" with
 * member "m_1", connected. What the ports were asked is written down; one of them may be told to
 * fail. */
#ifndef TESTS_UNIT_API_WORLD_H
#define TESTS_UNIT_API_WORLD_H

#include "unit/webhook/loopback.h"

#include "teamsync/api.h"
#include "teamsync/text.h"

struct world {
    struct loopback loopback;
    struct ts_registry registry;
    struct ts_roster roster;
    struct ts_runs runs;
    struct ts_queue queue;
    struct ts_directory directory;
    struct ts_clock clock;
    struct ts_flow_env env;
    struct ts_api *api;
    const char *failing; /* the word of the call that fails */
    struct ts_error failure;
    enum ts_connection_state state;
    const char *directory_id;
    enum ts_member_status status;
    enum ts_invitation_state invitation;
    struct ts_mailer mailer; /* never asked */
    const char *next_cursor;
    unsigned pages;      /* of the history that follow the next one */
    bool breaks_at_last; /* that page is not to be had */
    bool is_no_admin;    /* who connected */
    const char *refused;
    const char *refused_code;
    bool stands_still;  /* time */
    unsigned pauses;    /* that are not over */
    bool has_no_client; /* for consents */
    bool is_consent_taken;
    char *consent_state; /* of the last one begun */
    char *consent_browser;
    char *session_secret; /* of the last one opened */
    struct ts_buf said;   /* "get_org acme;…" */
};

struct call {
    struct world *world;
    const char *word;
    void (*cb)(void);
    void *arg;
    bool is_known;
};

static const struct ts_org acme = {.id = "acme",
                                   .name = "Acme",
                                   .target = "builtin",
                                   .team_from = "department",
                                   .invite_role = "member",
                                   .created_us = 1000000};

static inline struct ts_op *world_call(struct world *world, const char *word, const char *detail,
                                       bool is_known, void (*answer)(void *call), void (*cb)(void),
                                       void *arg)
{
    struct call *call = ts_alloc(sizeof(*call));

    (void)ts_buf_addf(&world->said, "%s%s%s;", word, detail ? " " : "", detail ? detail : "");
    *call = (struct call){.world = world, .word = word, .cb = cb, .arg = arg, .is_known = is_known};
    return late_start(world->loopback.loop, answer, call);
}

static inline struct ts_error world_error(const struct call *call)
{
    if (call->world->failing && strcmp(call->world->failing, call->word) == 0)
        return call->world->failure;
    return call->is_known ? ts_no_error : ts_error_make(TS_NOT_FOUND, "there is no such thing");
}

#define CALLBACK "/oauth/google/callback"

#define WORLD_OF(port, member) TS_CONTAINER_OF(port, struct world, member)
#define CB(cb)                 ((void (*)(void))(cb))

/* --- the registry --- */

static inline void answer_org(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);

    ((ts_org_cb *)call->cb)(&err, err.cls == TS_OK ? &acme : NULL, call->arg);
}

static inline void answer_orgs(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);

    ((ts_orgs_cb *)call->cb)(&err, &acme, err.cls == TS_OK ? 1 : 0, call->world->next_cursor,
                             call->arg);
}

static inline void answer_connection(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    struct ts_connection connection = {
        .org = "acme",
        .provider = "google-workspace",
        .state = call->world->state,
        .credentials = "{\"private_key\":\"SECRET\"}",
        .connected_by = "Grace",
        .subject = "root@acme.example",
        .may_suspend = !call->world->is_no_admin,
        .refused = call->world->refused,
        .refused_code = call->world->refused_code,
        .connected_us = 1000000,
        .last_push_us = 2000000,
    };

    ((ts_connection_cb *)call->cb)(&err, err.cls == TS_OK ? &connection : NULL, call->arg);
}

static inline void answer_channels(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    const struct ts_channel channel = {
        .id = "channel-1", .org = "acme", .resource_id = "r", .expiration_us = 3000000};

    ((ts_channels_cb *)call->cb)(&err, &channel, err.cls == TS_OK ? 1 : 0, call->arg);
}

static inline void answer_done(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);

    ((ts_done_cb *)call->cb)(&err, call->arg);
}

static inline const char *invites(const struct ts_org *org)
{
    return org->invites_since_us ? " auto-invite" : "";
}

static inline struct ts_op *world_create_org(struct ts_registry *port, const struct ts_org *org,
                                             ts_org_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %s %s %s %d%s", org->id, org->name, org->target,
                                         org->team_from, org->clear_missing, invites(org));

    return world_call(WORLD_OF(port, registry), "create_org", detail, true, answer_org, CB(cb),
                      arg);
}

static inline struct ts_op *world_update_org(struct ts_registry *port, const struct ts_org *before,
                                             const struct ts_org *org, ts_org_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %s %s %d%s %s", org->id, org->name, org->team_from,
                                         org->clear_missing, invites(org), org->invite_role);

    assert_string_equal(before->name, "Acme"); /* as it was read */
    return world_call(WORLD_OF(port, registry), "update_org", detail, true, answer_org, CB(cb),
                      arg);
}

static inline struct ts_op *world_get_org(struct ts_registry *port, const char *org, ts_org_cb *cb,
                                          void *arg)
{
    return world_call(WORLD_OF(port, registry), "get_org", org, strcmp(org, "acme") == 0,
                      answer_org, CB(cb), arg);
}

static inline struct ts_op *world_list_orgs(struct ts_registry *port, const char *cursor,
                                            size_t limit, ts_orgs_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %zu", cursor ? cursor : "-", limit);

    return world_call(WORLD_OF(port, registry), "list_orgs", detail, true, answer_orgs, CB(cb),
                      arg);
}

static inline struct ts_op *world_get_connection(struct ts_registry *port, const char *org,
                                                 ts_connection_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, registry), "get_connection", org, strcmp(org, "acme") == 0,
                      answer_connection, CB(cb), arg);
}

static inline struct ts_op *world_put_connection(struct ts_registry *port,
                                                 const struct ts_connection *connection,
                                                 ts_done_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s by %s", connection->org, connection->connected_by);

    return world_call(WORLD_OF(port, registry), "put_connection", detail, true, answer_done, CB(cb),
                      arg);
}

static inline struct ts_op *world_move_connection(struct ts_registry *port, const char *org,
                                                  unsigned from, enum ts_connection_state to,
                                                  ts_done_cb *cb, void *arg)
{
    struct world *world = WORLD_OF(port, registry);

    (void)org;
    (void)from;
    world->state = to;
    return world_call(world, "move_connection", ts_connection_state_name(to), true, answer_done,
                      CB(cb), arg);
}

static inline struct ts_op *world_list_channels(struct ts_registry *port, const char *org,
                                                ts_channels_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, registry), "list_channels", org, true, answer_channels, CB(cb),
                      arg);
}

static inline struct ts_op *world_disconnect(struct ts_registry *port, const char *org,
                                             ts_done_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, registry), "disconnect", org, true, answer_done, CB(cb), arg);
}

static inline struct ts_op *world_remove_channel(struct ts_registry *port, const char *org,
                                                 const char *id, ts_done_cb *cb, void *arg)
{
    (void)org;
    return world_call(WORLD_OF(port, registry), "remove_channel", id, true, answer_done, CB(cb),
                      arg);
}

static inline struct ts_op *world_put_consent(struct ts_registry *port,
                                              const struct ts_consent_proof *proof,
                                              const struct ts_consent *consent, ts_done_cb *cb,
                                              void *arg)
{
    struct world *world = WORLD_OF(port, registry);
    TS_AUTOFREE char *detail = ts_format("%s by %s%s", consent->org, consent->actor,
                                         consent->is_by_admin ? " as admin" : "");

    free(world->consent_state);
    free(world->consent_browser);
    world->consent_state = ts_strdup(proof->state);
    world->consent_browser = ts_strdup(proof->browser);
    return world_call(world, "put_consent", detail, true, answer_done, CB(cb), arg);
}

/* The state "s" is known, and the browser "b" began it. */
static inline void answer_consent(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    const struct ts_consent consent = {.org = "acme", .actor = "Grace <g>", .verifier = "v"};

    ((ts_consent_cb *)call->cb)(&err, err.cls == TS_OK ? &consent : NULL,
                                err.cls == TS_OK && call->world->is_consent_taken, call->arg);
}

static inline struct ts_op *world_take_consent(struct ts_registry *port,
                                               const struct ts_consent_proof *proof,
                                               ts_consent_cb *cb, void *arg)
{
    struct world *world = WORLD_OF(port, registry);
    TS_AUTOFREE char *detail =
        ts_format("%s %s%s", proof->state, proof->browser ? proof->browser : "-",
                  proof->insists ? " insisting" : "");

    world->is_consent_taken = proof->insists || ts_text_equal(proof->browser, "b");
    return world_call(world, "take_consent", detail, strcmp(proof->state, "s") == 0, answer_consent,
                      CB(cb), arg);
}

/* A token's secret says what it may: "<org>/<permissions>", that of a session begins with "s.";
 * anything else is unknown. */
static inline void answer_token(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    TS_AUTOFREE char *secret =
        call->arg ? ts_strdup(strrchr(call->world->said.data, ' ') + 1) : NULL;
    char *slash = secret ? strchr(secret, '/') : NULL;
    struct ts_token token = {.org = secret, .name = "a token"};

    if (ts_text_starts_with(secret, "s."))
        token = (struct ts_token){.org = secret + 2,
                                  .name = "Ada",
                                  .id = "web_1",
                                  .is_session = true,
                                  .expires_us = 3000000};

    if (err.cls == TS_OK && !slash)
        err = ts_error_make(TS_NOT_FOUND, "there is no such token");
    if (slash) {
        *slash = '\0';
        token.permissions = (unsigned)strtoul(slash + 1, NULL, 10);
    }
    ((ts_token_cb *)call->cb)(&err, err.cls == TS_OK ? &token : NULL, call->arg);
}

static inline struct ts_op *world_find_token(struct ts_registry *port, const char *secret,
                                             ts_token_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, registry), "find_token", secret, true, answer_token, CB(cb),
                      arg);
}

static inline struct ts_op *world_create_token(struct ts_registry *port,
                                               const struct ts_token *token, const char *secret,
                                               ts_done_cb *cb, void *arg)
{
    uint64_t lives_us = token->expires_us ? token->expires_us - token->created_us : 0;
    TS_AUTOFREE char *detail =
        ts_format("%s %s %u by %s for %u s", token->name, token->org, token->permissions,
                  token->created_by, (unsigned)(lives_us / 1000000));

    assert_true(ts_text_starts_with(token->id, "t_"));
    assert_true(ts_text_starts_with(secret, "ts_"));
    return world_call(WORLD_OF(port, registry), "create_token", detail,
                      strcmp(token->org, "nowhere") != 0, answer_done, CB(cb), arg);
}

static inline void answer_tokens(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    const struct ts_token tokens[] = {{.id = "t_1",
                                       .org = "acme",
                                       .name = "a token",
                                       .permissions = TS_MEMBERS_READ | TS_INTEGRATIONS_MANAGE,
                                       .created_by = "ops",
                                       .created_us = 1000000,
                                       .expires_us = 3000000,
                                       .last_used_us = 2000000},
                                      {.id = "t_2", .org = "*", .permissions = TS_OPERATE},
                                      {.id = "web_1",
                                       .is_session = true,
                                       .org = "acme",
                                       .name = "Ada",
                                       .permissions = TS_MEMBERS_MANAGE}};

    ((ts_tokens_cb *)call->cb)(&err, tokens, err.cls == TS_OK ? TS_COUNT_OF(tokens) : 0,
                               call->world->next_cursor, call->arg);
}

static inline struct ts_op *world_list_tokens(struct ts_registry *port, const char *org,
                                              const char *cursor, size_t limit, ts_tokens_cb *cb,
                                              void *arg)
{
    TS_AUTOFREE char *detail =
        ts_format("%s %s %zu", org ? org : "-", cursor ? cursor : "-", limit);

    return world_call(WORLD_OF(port, registry), "list_tokens", detail, true, answer_tokens, CB(cb),
                      arg);
}

static inline struct ts_op *world_revoke_token(struct ts_registry *port, const char *id,
                                               ts_done_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, registry), "revoke_token", id,
                      strcmp(id, "t_1") == 0 || strcmp(id, "web_1") == 0, answer_done, CB(cb), arg);
}

static inline struct ts_op *world_put_login(struct ts_registry *port, const struct ts_token *login,
                                            const char *secret, ts_done_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail =
        ts_format("%s %s %u by %s", login->name, login->org, login->permissions, login->created_by);

    assert_int_equal(strlen(secret), 43);
    return world_call(WORLD_OF(port, registry), "put_login", detail,
                      strcmp(login->org, "nowhere") != 0, answer_done, CB(cb), arg);
}

/* Ten hours and a bit: its token ends before twelve are over. */
static inline void answer_session(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    const struct ts_token session = {.id = "web_1",
                                     .is_session = true,
                                     .org = "acme",
                                     .name = "Ada",
                                     .permissions = TS_MEMBERS_READ | TS_MEMBERS_MANAGE,
                                     .expires_us = ts_wall_us() + 36000500000};

    ((ts_token_cb *)call->cb)(&err, err.cls == TS_OK ? &session : NULL, call->arg);
}

/* "good" opens one, be it a token or a link. */
static inline struct ts_op *world_open_session(struct ts_registry *port,
                                               const struct ts_sign_in *sign_in, ts_token_cb *cb,
                                               void *arg)
{
    struct world *world = WORLD_OF(port, registry);
    const char *shown = sign_in->token ? sign_in->token : sign_in->link;
    TS_AUTOFREE char *detail = ts_format("%s %s", sign_in->token ? "token" : "link", shown);

    assert_true(ts_text_starts_with(sign_in->id, "web_"));
    free(world->session_secret);
    world->session_secret = ts_strdup(sign_in->secret);
    return world_call(world, "open_session", detail, strcmp(shown, "good") == 0, answer_session,
                      CB(cb), arg);
}

static inline void answer_key(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);

    ((ts_key_cb *)call->cb)(&err, err.cls == TS_OK ? "mark" : NULL, call->arg);
}

static inline struct ts_op *world_add_key(struct ts_registry *port, ts_key_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, registry), "add_key", NULL, true, answer_key, CB(cb), arg);
}

/* The first time it is asked about, an org's credentials are under the old key. */
static inline void answer_resealed(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    bool is_first = strstr(call->world->said.data, "pause") == NULL;

    ((ts_resealed_cb *)call->cb)(&err, is_first ? TS_RESEALED : TS_RESEALED_BEFORE, call->arg);
}

static inline struct ts_op *world_reseal(struct ts_registry *port, const char *org,
                                         ts_resealed_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, registry), "reseal", org, true, answer_resealed, CB(cb), arg);
}

static inline struct ts_op *world_keep_key(struct ts_registry *port, const char *mark,
                                           ts_done_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, registry), "keep_key", mark, true, answer_done, CB(cb), arg);
}

static const struct ts_registry_ops world_registry_ops = {
    .create_org = world_create_org,
    .update_org = world_update_org,
    .get_org = world_get_org,
    .list_orgs = world_list_orgs,
    .get_connection = world_get_connection,
    .put_connection = world_put_connection,
    .move_connection = world_move_connection,
    .list_channels = world_list_channels,
    .disconnect = world_disconnect,
    .remove_channel = world_remove_channel,
    .put_consent = world_put_consent,
    .take_consent = world_take_consent,
    .find_token = world_find_token,
    .create_token = world_create_token,
    .list_tokens = world_list_tokens,
    .revoke_token = world_revoke_token,
    .put_login = world_put_login,
    .open_session = world_open_session,
    .add_key = world_add_key,
    .reseal = world_reseal,
    .keep_key = world_keep_key,
};

/* --- the roster --- */

static inline struct ts_member world_member(const struct world *world)
{
    return (struct ts_member){.id = "m_1",
                              .email = "ada@acme.example",
                              .role = "member",
                              .status = world->status,
                              .directory_id = world->directory_id,
                              .created_us = 1000000,
                              .updated_us = 1000000};
}

static inline void answer_member(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    struct ts_member member = world_member(call->world);

    ((ts_member_cb *)call->cb)(&err, err.cls == TS_OK ? &member : NULL, call->arg);
}

static inline void answer_members(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    struct ts_member member = world_member(call->world);

    ((ts_members_cb *)call->cb)(&err, &member, err.cls == TS_OK ? 1 : 0, call->world->next_cursor,
                                call->arg);
}

static inline void answer_history(void *arg)
{
    struct call *call = arg;
    struct world *world = call->world;
    struct ts_error away = ts_error_make(TS_RETRY, "redis: no connection");
    struct ts_error err = world->breaks_at_last && world->pages == 0 ? away : world_error(call);
    const char *next_cursor = world->pages > 0 ? "5-0" : world->next_cursor;
    const struct ts_history_entry entry = {.id = "5-0",
                                           .member_id = "m_1",
                                           .email = "ada@acme.example",
                                           .field = "team",
                                           .after = "Engineering",
                                           .cause = "push",
                                           .job = "7-0",
                                           .at_us = 1000000};

    world->pages -= world->pages > 0 ? 1 : 0;
    ((ts_history_cb *)call->cb)(&err, &entry, err.cls == TS_OK ? 1 : 0, next_cursor, call->arg);
}

/* Nothing new: "news acme <behind which entry>". */
static inline void answer_news(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    const struct ts_news news = {
        .newest = "5-0", .state = call->world->state, .has_hold = true, .runs = ""};

    ((ts_news_cb *)call->cb)(&err, err.cls == TS_OK ? &news : NULL, call->arg);
}

static inline struct ts_op *world_news(struct ts_roster *port, const struct ts_news_query *query,
                                       ts_news_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %s", query->org, query->after ? query->after : "-");

    return world_call(WORLD_OF(port, roster), "news", detail, true, answer_news, CB(cb), arg);
}

static inline struct ts_op *world_get(struct ts_roster *port, const char *org,
                                      const char *member_id, ts_member_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %s", org, member_id);

    return world_call(WORLD_OF(port, roster), "get", detail, strcmp(member_id, "m_1") == 0,
                      answer_member, CB(cb), arg);
}

/* "acme - 50", and the filters and the order where there are some: "acme - 50 active - - ada name
 * desc" */
static inline struct ts_op *world_list(struct ts_roster *port, const struct ts_members_query *query,
                                       ts_members_cb *cb, void *arg)
{
    bool is_any = !query->status && !query->sync && !query->team && !query->text;
    TS_AUTOFREE char *filters = ts_format(
        " %s %s %s %s", query->status ? query->status : "-", query->sync ? query->sync : "-",
        query->team ? query->team : "-", query->text ? query->text : "-");
    TS_AUTOFREE char *order = query->order != TS_MEMBERS_AS_MADE || query->is_backward
                                  ? ts_format(" %s%s", ts_members_order_name(query->order),
                                              query->is_backward ? " desc" : "")
                                  : ts_strdup("");
    TS_AUTOFREE char *detail =
        ts_format("%s %s %zu%s%s", query->org, query->cursor ? query->cursor : "-", query->limit,
                  is_any ? "" : filters, order);

    return world_call(WORLD_OF(port, roster), "list", detail, true, answer_members, CB(cb), arg);
}

static inline void answer_teams(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    const struct ts_team team = {.name = "R&D", .members = 12};

    ((ts_teams_cb *)call->cb)(&err, &team, err.cls == TS_OK ? 1 : 0, call->world->next_cursor,
                              call->arg);
}

static inline struct ts_op *world_teams(struct ts_roster *port, const char *org, const char *cursor,
                                        size_t limit, ts_teams_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %s %zu", org, cursor ? cursor : "-", limit);

    return world_call(WORLD_OF(port, roster), "teams", detail, true, answer_teams, CB(cb), arg);
}

static inline void answer_summary(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    const struct ts_summary summary = {.of_status = {1, 2, 3}, .of_sync = {4, 5, 6, 7, 8, 9}};

    ((ts_summary_cb *)call->cb)(&err, err.cls == TS_OK ? &summary : NULL, call->arg);
}

static inline struct ts_op *world_summary(struct ts_roster *port, const char *org,
                                          ts_summary_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, roster), "summary", org, true, answer_summary, CB(cb), arg);
}

static inline void answer_view(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    struct ts_member member = world_member(call->world);
    bool is_asked_for = strstr(call->world->said.data, "view acme ada@acme.example;");
    struct ts_view view = {.by_primary = is_asked_for ? &member : NULL};

    ((ts_view_cb *)call->cb)(&err, err.cls == TS_OK ? &view : NULL, call->arg);
}

static inline struct ts_op *world_view(struct ts_roster *port, const struct ts_view_query *query,
                                       ts_view_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %s", query->org, query->primary_email);

    return world_call(WORLD_OF(port, roster), "view", detail, true, answer_view, CB(cb), arg);
}

static inline struct ts_op *world_create(struct ts_roster *port, const struct ts_new_member *wanted,
                                         ts_member_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format(
        "%s %s %s %s %s %s %d %d", wanted->org, wanted->email, wanted->name ? wanted->name : "-",
        wanted->role ? wanted->role : "-", wanted->team ? wanted->team : "-",
        wanted->manager_id ? wanted->manager_id : "-", wanted->is_active, wanted->is_protected);

    if (wanted->directory_id || wanted->is_mailed) {
        char *longer = ts_format("%s for %s%s", detail, wanted->directory_id,
                                 wanted->is_mailed ? " mailed" : "");

        free(detail);
        detail = longer;
    }

    return world_call(WORLD_OF(port, roster), "create", detail, true, answer_member, CB(cb), arg);
}

static inline struct ts_op *world_history(struct ts_roster *port,
                                          const struct ts_history_query *query, ts_history_cb *cb,
                                          void *arg)
{
    TS_AUTOFREE char *detail =
        ts_format("%s %s %s %zu", query->org, query->member_id ? query->member_id : "-",
                  query->cursor ? query->cursor : "-", query->limit);
    TS_AUTOFREE char *filters =
        ts_format("%s %s %u %u", detail, query->field ? query->field : "-",
                  (unsigned)(query->since_us / 1000000), (unsigned)(query->until_us / 1000000));
    bool is_filtered = query->field || query->since_us || query->until_us;

    return world_call(WORLD_OF(port, roster), "history", is_filtered ? filters : detail, true,
                      answer_history, CB(cb), arg);
}

static inline struct ts_op *world_remember(struct ts_roster *port, const char *org,
                                           const struct ts_history_entry *entry, ts_done_cb *cb,
                                           void *arg)
{
    (void)org;
    return world_call(WORLD_OF(port, roster), "remember", entry->cause, true, answer_done, CB(cb),
                      arg);
}

static inline void answer_decided(void *arg)
{
    static const char *const warnings[] = {"the directory says otherwise"};
    struct call *call = arg;
    struct ts_error err = world_error(call);
    struct ts_member member = world_member(call->world);

    ((ts_decided_cb *)call->cb)(&err, err.cls == TS_OK ? &member : NULL, warnings,
                                err.cls == TS_OK ? 1 : 0, call->arg);
}

static inline struct ts_op *world_decision(struct ts_roster *port, const char *word,
                                           const struct ts_decision *decision, const char *more,
                                           void (*answer)(void *call), void (*cb)(void), void *arg)
{
    TS_AUTOFREE char *detail =
        ts_format("%s %s by %s%s", decision->org, decision->member_id, decision->by, more);

    return world_call(WORLD_OF(port, roster), word, detail, strcmp(decision->member_id, "m_1") == 0,
                      answer, cb, arg);
}

/* "edit acme m_1 by ops name=Ada team=;": what the edit names, and nothing else */
static inline struct ts_op *world_edit(struct ts_roster *port, const struct ts_decision *decision,
                                       const struct ts_member_edit *edit, ts_decided_cb *cb,
                                       void *arg)
{
    const char *flag = edit->is_protected && *edit->is_protected ? "yes" : "no";
    TS_AUTOFREE char *more =
        ts_format("%s%s%s%s%s%s%s%s%s%s", edit->name ? " name=" : "", edit->name ? edit->name : "",
                  edit->role ? " role=" : "", edit->role ? edit->role : "",
                  edit->team ? " team=" : "", edit->team ? edit->team : "",
                  edit->manager_id ? " manager=" : "", edit->manager_id ? edit->manager_id : "",
                  edit->is_protected ? " protected=" : "", edit->is_protected ? flag : "");

    return world_decision(port, "edit", decision, more, answer_decided, CB(cb), arg);
}

static inline struct ts_op *world_suspend(struct ts_roster *port,
                                          const struct ts_decision *decision, ts_decided_cb *cb,
                                          void *arg)
{
    return world_decision(port, "suspend", decision, "", answer_decided, CB(cb), arg);
}

static inline struct ts_op *world_unsuspend(struct ts_roster *port,
                                            const struct ts_decision *decision, ts_decided_cb *cb,
                                            void *arg)
{
    return world_decision(port, "unsuspend", decision, "", answer_decided, CB(cb), arg);
}

static inline struct ts_op *world_remove(struct ts_roster *port, const struct ts_decision *decision,
                                         ts_done_cb *cb, void *arg)
{
    return world_decision(port, "remove", decision, "", answer_done, CB(cb), arg);
}

static inline void answer_begun(void *arg)
{
    struct call *call = arg;
    struct ts_error away = ts_error_make(TS_RETRY, "redis: no connection");

    ((ts_begun_cb *)call->cb)(&away, NULL, call->arg);
}

static inline struct ts_op *world_begin(struct ts_roster *port, const char *org, const char *key,
                                        ts_begun_cb *cb, void *arg)
{
    (void)key;
    return world_call(WORLD_OF(port, roster), "begin", org, true, answer_begun, CB(cb), arg);
}

static inline void answer_hold(void *arg)
{
    static const struct ts_held held[] = {{.member_id = "m_1",
                                           .email = "ada@acme.example",
                                           .reason = TS_REASON_DELETED,
                                           .since_us = 2000000}};
    struct call *call = arg;
    struct ts_error err = world_error(call);
    struct ts_hold hold = {.digest = "d",
                           .opened_us = 1000000,
                           .expires_us = 3000000,
                           .held = held,
                           .held_count = 1,
                           .loss = {.field = "team", .members = 9, .linked = 20},
                           .guard_limit = 5,
                           .guard_used = 5,
                           .linked = 20};

    ((ts_hold_cb *)call->cb)(&err, err.cls == TS_OK ? &hold : NULL, call->arg);
}

static inline struct ts_op *world_get_hold(struct ts_roster *port, const char *org,
                                           const struct ts_guard *guard, ts_hold_cb *cb, void *arg)
{
    (void)guard;
    return world_call(WORLD_OF(port, roster), "get_hold", org, true, answer_hold, CB(cb), arg);
}

static inline void answer_count(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);

    ((ts_count_cb *)call->cb)(&err, err.cls == TS_OK ? 3 : 0, call->arg);
}

static inline struct ts_op *world_decide_hold(struct ts_roster *port, const char *org,
                                              const char *digest, bool approved, const char *by,
                                              ts_count_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail =
        ts_format("%s %s %s by %s", org, approved ? "approve" : "reject", digest, by);

    return world_call(WORLD_OF(port, roster), "decide_hold", detail, true, answer_count, CB(cb),
                      arg);
}

static inline struct ts_op *world_undo_run(struct ts_roster *port, const char *org,
                                           const char *run_id, const char *by, ts_count_cb *cb,
                                           void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %s by %s", org, run_id, by);

    return world_call(WORLD_OF(port, roster), "undo_run", detail, true, answer_count, CB(cb), arg);
}

static inline void answer_unlinked(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);

    ((ts_unlinked_cb *)call->cb)(&err, NULL, call->arg);
}

static inline struct ts_op *world_unlink(struct ts_roster *port, const char *org,
                                         const char *cursor, ts_unlinked_cb *cb, void *arg)
{
    (void)cursor;
    return world_call(WORLD_OF(port, roster), "unlink", org, true, answer_unlinked, CB(cb), arg);
}

/* "t_1" is Ada's invitation. */
static inline void answer_invitation(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    struct ts_invitation invitation = {.state = call->world->invitation,
                                       .org = "acme",
                                       .org_name = "Acme <&> Söhne",
                                       .member_id = "m_1",
                                       .email = "ada@acme.example",
                                       .expires_us = 5000000};

    ((ts_invitation_cb *)call->cb)(&err, err.cls == TS_OK ? &invitation : NULL, call->arg);
}

static inline struct ts_op *world_open_invitation(struct ts_roster *port, const char *org,
                                                  const char *member_id, const char *token,
                                                  ts_invitation_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %s %zu", org, member_id, strlen(token));

    return world_call(WORLD_OF(port, roster), "open_invitation", detail, true, answer_invitation,
                      CB(cb), arg);
}

static inline struct ts_op *world_find_invitation(struct ts_roster *port, const char *token,
                                                  ts_invitation_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, roster), "find_invitation", token, strcmp(token, "t_1") == 0,
                      answer_invitation, CB(cb), arg);
}

static inline struct ts_op *world_accept_invitation(struct ts_roster *port, const char *token,
                                                    ts_invitation_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, roster), "accept_invitation", token, strcmp(token, "t_1") == 0,
                      answer_invitation, CB(cb), arg);
}

/* Ada is the one with the id 107. */
static inline void answer_matched(void *arg)
{
    static const char *const ids[] = {"m_1", NULL};
    struct call *call = arg;
    struct ts_error err = world_error(call);

    ((ts_matched_cb *)call->cb)(&err, ids, err.cls == TS_OK ? 2 : 0, call->arg);
}

static inline struct ts_op *world_match(struct ts_roster *port, const char *org,
                                        const struct ts_compared *users, size_t count,
                                        ts_matched_cb *cb, void *arg)
{
    (void)org;
    assert_int_equal(count, 2);
    return world_call(WORLD_OF(port, roster), "match", users[1].addresses, true, answer_matched,
                      CB(cb), arg);
}

static const struct ts_roster_ops world_roster_ops = {.begin = world_begin,
                                                      .view = world_view,
                                                      .unlink = world_unlink,
                                                      .get_hold = world_get_hold,
                                                      .decide_hold = world_decide_hold,
                                                      .undo_run = world_undo_run,
                                                      .get = world_get,
                                                      .list = world_list,
                                                      .teams = world_teams,
                                                      .summary = world_summary,
                                                      .create = world_create,
                                                      .match = world_match,
                                                      .open_invitation = world_open_invitation,
                                                      .find_invitation = world_find_invitation,
                                                      .accept_invitation = world_accept_invitation,
                                                      .edit = world_edit,
                                                      .suspend = world_suspend,
                                                      .unsuspend = world_unsuspend,
                                                      .remove = world_remove,
                                                      .history = world_history,
                                                      .news = world_news,
                                                      .remember = world_remember};

/* --- the queue and the directory --- */

static inline void answer_enqueued(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);

    ((ts_enqueued_cb *)call->cb)(&err, TS_COALESCED, err.cls == TS_OK ? "9-0" : NULL, call->arg);
}

static inline void answer_stats(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    const struct ts_queue_stats stats = {.depth = 3,
                                         .running = 2,
                                         .delayed = 4,
                                         .dead = 5,
                                         .oldest_ms = 61500,
                                         .max_waiting = 1000000};

    ((ts_queue_stats_cb *)call->cb)(&err, err.cls == TS_OK ? &stats : NULL, call->arg);
}

static inline struct ts_op *world_enqueue(struct ts_queue *port, const struct ts_job *job,
                                          ts_enqueued_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %s %s %s", ts_job_type_name(job->type), job->org,
                                         job->user     ? job->user
                                         : job->member ? job->member
                                                       : "-",
                                         job->cause);

    return world_call(WORLD_OF(port, queue), "enqueue", detail, true, answer_enqueued, CB(cb), arg);
}

static inline struct ts_op *world_stats(struct ts_queue *port, ts_queue_stats_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, queue), "stats", NULL, true, answer_stats, CB(cb), arg);
}

static inline void answer_samples(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    const struct ts_queue_sample samples[] = {
        {.at_us = 60000000, .depth = 3, .delayed = 4, .dead = 5, .oldest_ms = 61500},
        {.at_us = 120000000, .depth = 2, .is_counted = true, .enqueued = 9},
    };

    ((ts_queue_history_cb *)call->cb)(&err, samples, err.cls == TS_OK ? 2 : 0, call->arg);
}

static inline struct ts_op *world_samples(struct ts_queue *port, ts_queue_history_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, queue), "history", NULL, true, answer_samples, CB(cb), arg);
}

/* --- the runs --- */

static inline void answer_runs(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    struct ts_run run = {.id = "run_1",
                         .cause = "api",
                         .by = "ops",
                         .state = TS_RUN_DONE,
                         .started_us = 1000000,
                         .ended_us = 2000000,
                         .users = 7,
                         .suspended = 1};

    ((ts_runs_cb *)call->cb)(&err, &run, err.cls == TS_OK ? 1 : 0, call->arg);
}

static inline struct ts_op *world_list_runs(struct ts_runs *port, const char *org, size_t limit,
                                            ts_runs_cb *cb, void *arg)
{
    (void)limit;
    return world_call(WORLD_OF(port, runs), "list_runs", org, true, answer_runs, CB(cb), arg);
}

static const struct ts_runs_ops world_runs_ops = {.list = world_list_runs};

static inline void answer_letters(void *arg)
{
    const struct call *call = arg;
    static const char *const job[] = {"type", "user",     "org",  "acme",
                                      "user", "\xff\xfe", "\x01", "hidden"};
    const struct ts_dead_letter letter = {
        .id = "5-0",
        .reason = "unknown org",
        .first_error = "it was down",
        .last_error = "unknown org",
        .attempts = 3,
        .queued_us = 1000000,
        .died_us = 2000000,
        .job = job,
        .job_length = TS_COUNT_OF(job),
    };
    struct ts_error err = world_error(call);

    ((ts_dead_letters_cb *)call->cb)(&err, &letter, err.cls == TS_OK ? 1 : 0,
                                     err.cls == TS_OK ? "5-0" : NULL, call->arg);
}

static inline struct ts_op *world_list_dead(struct ts_queue *port, const char *cursor, size_t limit,
                                            ts_dead_letters_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %zu", cursor ? cursor : "-", limit);

    return world_call(WORLD_OF(port, queue), "list_dead", detail, true, answer_letters, CB(cb),
                      arg);
}

static inline struct ts_op *world_revive(struct ts_queue *port, const char *letter_id,
                                         const char *by, ts_enqueued_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s by %s", letter_id, by);

    return world_call(WORLD_OF(port, queue), "revive", detail, true, answer_enqueued, CB(cb), arg);
}

static inline struct ts_op *world_discard(struct ts_queue *port, const char *letter_id,
                                          ts_done_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, queue), "discard", letter_id, true, answer_done, CB(cb), arg);
}

static const struct ts_queue_ops world_queue_ops = {
    .enqueue = world_enqueue,
    .stats = world_stats,
    .history = world_samples,
    .list_dead = world_list_dead,
    .revive = world_revive,
    .discard = world_discard,
};

static inline void answer_probe(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    const struct ts_directory_probe probe = {.is_admin = true, .subject = "root@acme.example"};

    ((ts_directory_probe_cb *)call->cb)(&err, err.cls == TS_OK ? &probe : NULL, call->arg);
}

static inline struct ts_op *world_probe(struct ts_directory *port,
                                        const struct ts_connection *connection,
                                        ts_directory_probe_cb *cb, void *arg)
{
    return world_call(WORLD_OF(port, directory), "probe", connection->credentials, true,
                      answer_probe, CB(cb), arg);
}

static inline struct ts_op *world_stop(struct ts_directory *port,
                                       const struct ts_connection *connection, const char *channel,
                                       const char *resource_id, ts_done_cb *cb, void *arg)
{
    (void)connection;
    (void)resource_id;
    return world_call(WORLD_OF(port, directory), "stop", channel, true, answer_done, CB(cb), arg);
}

static inline char *world_consent_url(struct ts_directory *port,
                                      const struct ts_directory_consent *consent)
{
    struct world *world = WORLD_OF(port, directory);

    if (world->has_no_client)
        return NULL;
    return ts_format("https://google.example/auth?state=%s&to=%s&hint=%s", consent->state,
                     consent->redirect_to, consent->hint ? consent->hint : "-");
}

static inline void answer_redeemed(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);

    ((ts_directory_credentials_cb *)call->cb)(
        &err, err.cls == TS_OK ? "{\"refresh_token\":\"SECRET\"}" : NULL, call->arg);
}

static inline struct ts_op *world_redeem(struct ts_directory *port,
                                         const struct ts_directory_consent *consent,
                                         const char *code, ts_directory_credentials_cb *cb,
                                         void *arg)
{
    TS_AUTOFREE char *detail = ts_format("%s %s %s", code, consent->verifier, consent->redirect_to);

    return world_call(WORLD_OF(port, directory), "redeem", detail, true, answer_redeemed, CB(cb),
                      arg);
}

static inline char *world_mend(struct ts_directory *port, const struct ts_connection *connection,
                               const char *code)
{
    (void)port;
    return strcmp(code, "unknown") == 0
               ? NULL
               : ts_format("mend %s with %zu bytes", code,
                           connection->credentials ? strlen(connection->credentials) : 0);
}

static const struct ts_directory_user world_users[] = {
    {.id = "107", .primary_email = "ada@acme.example", .name = "Ada", .is_suspended = TS_NO},
    {.id = "108",
     .primary_email = "Bob@acme.example",
     .is_suspended = TS_YES,
     .is_archived = TS_NO},
};

static inline void answer_page(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);
    const struct ts_directory_page page = {
        .users = world_users, .count = 2, .has_users = true, .next_token = "next"};

    ((ts_directory_page_cb *)call->cb)(&err, err.cls == TS_OK ? &page : NULL, call->arg);
}

static inline struct ts_op *world_search(struct ts_directory *port,
                                         const struct ts_connection *connection,
                                         const struct ts_directory_search *search,
                                         ts_directory_page_cb *cb, void *arg)
{
    TS_AUTOFREE char *detail =
        ts_format("%s %zu %s", search->text ? search->text : "-", search->limit,
                  search->page_token ? search->page_token : "-");

    (void)connection;
    return world_call(WORLD_OF(port, directory), "search", detail, true, answer_page, CB(cb), arg);
}

static inline void answer_profile(void *arg)
{
    struct call *call = arg;
    struct ts_error err = world_error(call);

    ((ts_directory_user_cb *)call->cb)(&err, err.cls == TS_OK ? &world_users[0] : NULL, call->arg);
}

static inline struct ts_op *world_profile(struct ts_directory *port,
                                          const struct ts_connection *connection, const char *id,
                                          ts_directory_user_cb *cb, void *arg)
{
    (void)connection;
    return world_call(WORLD_OF(port, directory), "profile", id, strcmp(id, "107") == 0,
                      answer_profile, CB(cb), arg);
}

static const struct ts_directory_ops world_directory_ops = {
    .probe = world_probe,
    .stop = world_stop,
    .consent_url = world_consent_url,
    .redeem = world_redeem,
    .mend = world_mend,
    .search_users = world_search,
    .get_profile = world_profile,
};

/* Time passes five thousand times as fast, or not at all. */
struct still {
    struct ts_op op; /* first */
    struct world *world;
};

static inline void cancel_still(struct ts_op *op)
{
    ((struct still *)(void *)op)->world->pauses--;
    free(op);
}

static inline struct ts_op *world_pause(struct ts_clock *port, uint64_t delay_ms, ts_done_cb *cb,
                                        void *arg)
{
    struct world *world = WORLD_OF(port, clock);
    struct still *still;
    struct ts_op *op;

    if (world->stands_still) {
        still = ts_alloc(sizeof(*still));
        *still = (struct still){.op.cancel = cancel_still, .world = world};
        world->pauses++;
        return &still->op;
    }
    op = world_call(world, "pause", NULL, true, answer_done, CB(cb), arg);
    ts_timer_set(((struct late *)(void *)op)->timer, delay_ms / 5000);
    return op;
}

static const struct ts_clock_ops world_clock_ops = {.pause = world_pause};

/* --- its life, and asking it --- */

static inline struct world *world_new(void)
{
    struct world *world = ts_alloc(sizeof(*world));

    loopback_open(&world->loopback);
    ts_buf_init(&world->said, 1 << 20);
    world->state = TS_CONNECTION_CONNECTED;
    world->registry.ops = &world_registry_ops;
    world->roster.ops = &world_roster_ops;
    world->runs.ops = &world_runs_ops;
    world->queue.ops = &world_queue_ops;
    world->directory.ops = &world_directory_ops;
    world->clock.ops = &world_clock_ops;
    world->env = (struct ts_flow_env){.clock = &world->clock,
                                      .queue = &world->queue,
                                      .registry = &world->registry,
                                      .roster = &world->roster,
                                      .runs = &world->runs,
                                      .consent_address = "https://sync.example" CALLBACK,
                                      .directory = &world->directory,
                                      .public_url = "https://sync.example"};
    world->api = ts_api_new(&world->env);
    ts_api_add_routes(world->api, world->loopback.server);
    return world;
}

static inline void world_free(struct world *world)
{
    ts_http_server_free(world->loopback.server);
    ts_api_free(world->api);
    ts_loop_free(world->loopback.loop);
    ts_buf_done(&world->said);
    free(world->consent_state);
    free(world->consent_browser);
    free(world->session_secret);
    free(world);
}

/* `headers` are lines ended by \r\n; `body` NULL for none. The transcript begins anew. */
static inline struct answer *ask_with(struct world *world, bool as_admin, const char *method,
                                      const char *path, const char *headers, const char *body)
{
    TS_AUTOFREE char *request = ts_format(
        "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n%s", method,
        path, headers, body ? strlen(body) : 0, body ? body : "");

    ts_buf_clear(&world->said);
    return ask_bytes(&world->loopback, as_admin, request, strlen(request));
}

/* On the admin socket, with JSON. */
static inline struct answer *ask(struct world *world, const char *method, const char *path,
                                 const char *body)
{
    return ask_with(world, true, method, path, body ? "Content-Type: application/json\r\n" : "",
                    body);
}

#endif
