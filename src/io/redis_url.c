/* SPDX-License-Identifier: MIT */
/* redis://[[user]:password@]host[:port][/db] and unix:///path[?db=n]. */
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

static const char *parse_unix(const char *rest, struct ts_redis_place *place)
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

/* "host", "host:port", "[v6]:port" */
static const char *parse_host(const char *text, struct ts_redis_place *place)
{
    const char *end = *text == '[' ? strchr(text, ']') : strchr(text, ':');
    const char *port = *text == '[' ? (end ? end + 1 : NULL) : end;
    uint64_t number = 6379;

    if (*text == '[' && !end)
        return "the host has an open bracket";
    if (*text == '[')
        place->host = ts_memdup_text(text + 1, (size_t)(end - text - 1));
    else
        place->host = end ? ts_memdup_text(text, (size_t)(end - text)) : ts_strdup(text);
    if (*place->host == '\0')
        return "the host is missing";
    if (port && *port && (*port != ':' || !ts_text_to_u64(port + 1, &number)))
        return "the port is not a number";
    if (number == 0 || number > 65535)
        return "the port is out of range";
    place->port = (uint16_t)number;
    return NULL;
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

static const char *parse_tcp(const char *rest, struct ts_redis_place *place)
{
    TS_AUTOFREE char *authority = ts_memdup_text(rest, strcspn(rest, "/"));
    const char *database = rest[strlen(authority)] ? rest + strlen(authority) + 1 : NULL;
    char *at = strrchr(authority, '@');
    const char *reason = NULL;

    if (at) {
        *at = '\0';
        reason = parse_credentials(authority, place);
    }
    if (!reason)
        reason = parse_host(at ? at + 1 : authority, place);
    return reason ? reason : parse_database(database, &place->database);
}

const char *ts_redis_place_parse(const char *url, struct ts_redis_place *ret_place)
{
    struct ts_redis_place place = {0};
    const char *reason = "it begins with neither redis:// nor unix://";

    if (ts_text_starts_with(url, "redis+sentinel://"))
        reason = "Sentinel is not supported yet; give the address of one server";
    else if (ts_text_starts_with(url, "unix://"))
        reason = parse_unix(url + strlen("unix://"), &place);
    else if (ts_text_starts_with(url, "redis://"))
        reason = parse_tcp(url + strlen("redis://"), &place);
    if (reason)
        ts_redis_place_done(&place);
    else
        *ret_place = place;
    return reason;
}

void ts_redis_place_done(struct ts_redis_place *place)
{
    free(place->host);
    free(place->path);
    free(place->user);
    ts_free_secret(place->password);
    *place = (struct ts_redis_place){0};
}
