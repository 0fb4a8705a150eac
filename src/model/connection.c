/* SPDX-License-Identifier: MIT */
/* Orgs and connections: copies, words, and what is a valid id. */
#include "teamsync/connection.h"

#include "model/words.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

TS_DEFINE_WORDS(ts_connection_state, ts_connection_state, "disconnected", "connected", "active",
                "failing")

#define CONNECTION_TEXTS(X)                                                                        \
    X(org)                                                                                         \
    X(provider)                                                                                    \
    X(revision)                                                                                    \
    X(credentials)                                                                                 \
    X(connected_by)                                                                                \
    X(subject)                                                                                     \
    X(customer)                                                                                    \
    X(team_from)                                                                                   \
    X(invite_role) X(refused) X(refused_code) X(deaf) X(deaf_code) X(approved_loss)

bool ts_org_id_is_valid(const char *id)
{
    size_t length = id ? strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;

    return length >= 1 && length <= 63 && id[length] == '\0';
}

/* One name of a custom schema or of its field; returns where it ends, NULL when it is empty. */
static const char *skip_name(const char *text)
{
    size_t length =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    return length > 0 ? text + length : NULL;
}

bool ts_team_from_is_valid(const char *team_from)
{
    const char *at;

    if (ts_text_equal(team_from, "department") || ts_text_equal(team_from, "org_unit") ||
        ts_text_equal(team_from, "cost_center"))
        return true;
    if (!ts_text_starts_with(team_from, "custom:") || strlen(team_from) > 150)
        return false;
    at = skip_name(team_from + strlen("custom:"));
    at = at && *at == '.' ? skip_name(at + 1) : NULL;
    return at && *at == '\0';
}

bool ts_connection_is_enabled(const struct ts_connection *connection)
{
    return connection->state == TS_CONNECTION_ACTIVE || connection->state == TS_CONNECTION_FAILING;
}

struct ts_failure ts_connection_failure(const struct ts_connection *connection)
{
    if (connection->refused)
        return (struct ts_failure){connection->refused, connection->refused_code};
    return (struct ts_failure){connection->deaf, connection->deaf_code};
}

static const char *domain_of(const char *address)
{
    const char *at = address ? strrchr(address, '@') : NULL;

    return at ? at + 1 : NULL;
}

bool ts_connection_is_same_directory(const struct ts_connection *before,
                                     const struct ts_connection *after)
{
    const char *domain = domain_of(before->subject);

    if (before->customer && after->customer)
        return ts_text_equal(before->customer, after->customer);
    return domain && ts_text_equal_nocase(domain, domain_of(after->subject));
}

struct ts_connection *ts_connection_dup(const struct ts_connection *connection)
{
    size_t bytes = sizeof(*connection);
    struct ts_connection *copy;
    char *tail;

    if (!connection)
        return NULL;
#define ADD_BYTES(text) bytes += ts_packed_bytes(connection->text);
    CONNECTION_TEXTS(ADD_BYTES)
    copy = ts_alloc(bytes);
    tail = (char *)(copy + 1);
    *copy = *connection;
#define PACK(text) copy->text = ts_pack_text(&tail, connection->text);
    CONNECTION_TEXTS(PACK)
    return copy;
}

void ts_connection_free(struct ts_connection *connection)
{
    if (!connection)
        return;
    if (connection->credentials)
        explicit_bzero((char *)(uintptr_t)connection->credentials, strlen(connection->credentials));
    free(connection);
}
