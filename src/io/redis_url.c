/* SPDX-License-Identifier: MIT */
/* redis://[[user]:password@]host[:port][,host2[:port]…][/db], unix:///path[?db=n] and
 * redis+sentinel://[[user]:password@]host[:port][,host2[:port]…]/master[/db]. */
#include "io/redis_internal.h"
#include "io/router.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>
#include <sys/un.h>

static const char *parse_database(const char *text, unsigned *ret_database)
{
    uint64_t number;

    if (ts_text_is_empty(text))
        return NULL;
    if (!ts_text_to_u64(text, &number) || number > 65535)
        return "the database is not a number";
    *ret_database = (unsigned)number;
    return NULL;
}

static const char *parse_unix(char *rest, struct ts_redis_place *place)
{
    const char *query = strchr(rest, '?');

    if (*rest != '/')
        return "a Unix socket needs an absolute path: unix:///path";
    place->path = query ? ts_memdup_text(rest, (size_t)(query - rest)) : ts_strdup(rest);
    if (strlen(place->path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
        return "the path is too long for a Unix socket";
    if (!query)
        return NULL;
    if (!ts_text_starts_with(query, "?db="))
        return "the only parameter of a unix:// URL is db";
    return parse_database(query + 4, &place->database);
}

/* "host", "host:port", "[v6]:port"; `*ret_host` also holds what there is of a wrong one. */
static const char *parse_host(const char *text, uint16_t port, struct ts_redis_host *ret_host)
{
    bool is_bracketed = *text == '[';
    const char *name = is_bracketed ? text + 1 : text;
    size_t length = strcspn(name, is_bracketed ? "]" : ":");
    const char *rest = name + length;
    uint64_t number = port;

    if (is_bracketed && *rest++ != ']')
        return "the host has an open bracket";
    if (length == 0)
        return "the host is missing";
    ret_host->name = ts_memdup_text(name, length);
    if (*rest && (*rest != ':' || !ts_text_to_u64(rest + 1, &number)))
        return "the port is not a number";
    if (number == 0 || number > 65535)
        return "the port is out of range";
    ret_host->port = (uint16_t)number;
    return NULL;
}

static const char *parse_hosts(char *list, uint16_t port, struct ts_redis_place *place)
{
    const char *reason = NULL;
    char *text;

    while (!reason && (text = strsep(&list, ","))) {
        if (place->host_count == TS_REDIS_HOSTS_MAX)
            reason = "there are more than 16 hosts";
        else
            reason = parse_host(text, port, &place->hosts[place->host_count++]);
    }
    return reason;
}

/* "[user]:password", percent-encoded where it has to be. */
static const char *parse_credentials(const char *text, struct ts_redis_place *place)
{
    const char *colon = strchr(text, ':');

    if (!colon)
        return "credentials are written as [user]:password@";
    if (colon > text)
        place->user = ts_percent_decode(text, (size_t)(colon - text), false);
    place->password = ts_percent_decode(colon + 1, strlen(colon + 1), false);
    if ((colon > text && !place->user) || !place->password)
        return "the credentials are not percent-encoded as they should be";
    return NULL;
}

/* "[[user]:password@]host[:port],…"; `authority` is taken apart. */
static const char *parse_authority(char *authority, uint16_t port, struct ts_redis_place *place)
{
    char *at = strrchr(authority, '@');
    const char *reason = NULL;

    if (at) {
        *at = '\0';
        reason = parse_credentials(authority, place);
    }
    return reason ? reason : parse_hosts(at ? at + 1 : authority, port, place);
}

static const char *parse_tcp(char *rest, struct ts_redis_place *place)
{
    char *authority = strsep(&rest, "/");
    const char *reason = parse_authority(authority, 6379, place);

    if (!reason)
        reason = parse_database(rest, &place->database);
    if (!reason && place->host_count > 1 && place->database > 0)
        reason = "several hosts are a cluster, which has the database 0 only";
    return reason;
}

static const char *parse_sentinel(char *rest, struct ts_redis_place *place)
{
    char *authority = strsep(&rest, "/");
    const char *master = strsep(&rest, "/");
    const char *reason = parse_authority(authority, 26379, place);

    if (reason)
        return reason;
    if (ts_text_is_empty(master))
        return "the name of the master is missing: redis+sentinel://host/name";
    place->master = ts_percent_decode(master, strlen(master), false);
    if (!place->master)
        return "the name of the master is not percent-encoded as it should be";
    return parse_database(rest, &place->database);
}

const char *ts_redis_place_parse(const char *url, struct ts_redis_place *ret_place)
{
    static const struct {
        const char *scheme;
        const char *(*parse)(char *rest, struct ts_redis_place *place);
    } schemes[] = {
        {"redis://", parse_tcp},
        {"unix://", parse_unix},
        {"redis+sentinel://", parse_sentinel},
    };
    struct ts_redis_place place = {0};
    const char *reason = "it begins with none of redis://, unix:// and redis+sentinel://";

    for (size_t i = 0; i < TS_COUNT_OF(schemes); i++) {
        if (ts_text_starts_with(url, schemes[i].scheme)) {
            char *rest = ts_strdup(url + strlen(schemes[i].scheme));

            reason = schemes[i].parse(rest, &place);
            ts_free_secret(rest);
        }
    }
    if (reason)
        ts_redis_place_done(&place);
    else
        *ret_place = place;
    return reason;
}

void ts_redis_place_done(struct ts_redis_place *place)
{
    for (size_t i = 0; i < place->host_count; i++)
        free(place->hosts[i].name);
    free(place->path);
    free(place->master);
    free(place->user);
    ts_free_secret(place->password);
    *place = (struct ts_redis_place){0};
}
