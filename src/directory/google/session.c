/* SPDX-License-Identifier: MIT */
/* The sessions by org and revision. A new revision of a connection is another session; the old one
 * goes when its time without use is over. */
#include "directory/google/session.h"

#include "directory/google/env.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <uthash.h>

#include <assert.h>
#include <string.h>

struct kept {
    struct ts_google_session base; /* first */
    UT_hash_handle hh;
    struct ts_google_sessions *sessions;
    char *key;                        /* NULL: shared with nobody */
    struct ts_google_session *shared; /* whose gate it uses; NULL: its own */
    unsigned users;
    struct ts_timer *idle;
};

struct ts_google_sessions {
    const struct ts_google_env *env;
    struct kept *by_key;
};

static void drop(void *arg)
{
    struct kept *session = arg;

    if (session->key)
        HASH_DEL(session->sessions->by_key, session);
    ts_google_tokens_free(session->base.tokens);
    ts_google_credentials_free(session->base.credentials);
    if (session->shared)
        ts_google_session_close(session->shared);
    else
        ts_google_gate_free(session->base.gate);
    ts_timer_free(session->idle);
    free(session->key);
    free(session);
}

static struct kept *create(struct ts_google_sessions *sessions,
                           const struct ts_connection *connection, struct ts_google_session *shared)
{
    struct kept *session = ts_alloc(sizeof(*session));
    struct ts_google_session *base = &session->base;

    session->sessions = sessions;
    session->users = 1;
    session->idle = ts_timer_new(sessions->env->loop, drop, session);
    base->env = sessions->env;
    session->shared = shared;
    base->gate = shared ? shared->gate : ts_google_gate_new(sessions->env);
    base->problem = ts_google_credentials_parse(connection->credentials, &base->credentials);
    if (!base->problem)
        base->tokens = ts_google_tokens_new(sessions->env, base->credentials, base->gate);
    return session;
}

static struct kept *find(struct ts_google_sessions *sessions, const char *key)
{
    struct kept *found = NULL;

    HASH_FIND_STR(sessions->by_key, key, found);
    if (found) {
        found->users++;
        ts_timer_clear(found->idle);
    }
    return found;
}

struct ts_google_session *ts_google_session_open(struct ts_google_sessions *sessions,
                                                 const struct ts_connection *connection)
{
    TS_AUTOFREE char *key = NULL;
    struct kept *session;

    if (ts_text_is_empty(connection->revision))
        return &create(sessions, connection, NULL)->base;
    key = ts_format("%s\n%s", connection->org ? connection->org : "", connection->revision);
    session = find(sessions, key);
    if (!session) {
        session = create(sessions, connection, NULL);
        session->key = TS_STEAL(key);
        HASH_ADD_KEYPTR(hh, sessions->by_key, session->key, strlen(session->key), session);
    }
    return &session->base;
}

struct ts_google_session *ts_google_session_open_alone(struct ts_google_sessions *sessions,
                                                       const struct ts_connection *connection)
{
    bool is_kept = !ts_text_is_empty(connection->revision);
    struct ts_google_session *shared =
        is_kept ? ts_google_session_open(sessions, connection) : NULL;

    return &create(sessions, connection, shared)->base;
}

void ts_google_session_close(struct ts_google_session *session)
{
    struct kept *kept = TS_CONTAINER_OF(session, struct kept, base);

    assert(kept->users > 0);
    if (--kept->users > 0)
        return;
    if (kept->key)
        ts_timer_set(kept->idle, session->env->idle_ms);
    else
        drop(kept);
}

struct ts_google_sessions *ts_google_sessions_new(const struct ts_google_env *env)
{
    struct ts_google_sessions *sessions = ts_alloc(sizeof(*sessions));

    sessions->env = env;
    return sessions;
}

size_t ts_google_sessions_count(const struct ts_google_sessions *sessions)
{
    return HASH_COUNT(sessions->by_key);
}

void ts_google_sessions_free(struct ts_google_sessions *sessions)
{
    struct kept *session;
    struct kept *next;

    HASH_ITER(hh, sessions->by_key, session, next)
    {
        assert(session->users == 0); /* an operation would outlive the directory */
        drop(session);
    }
    free(sessions);
}
