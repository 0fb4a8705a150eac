/* SPDX-License-Identifier: MIT */
/* Where the server listens, and that it pauses while it has no room. */
#include "io/http_internal.h"

#include "teamsync/text.h"

#include <event2/listener.h>
#include <utlist.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    BACKLOG = 1024,
    NEWCOMERS = 8, /* at once, one of so many: who has come shall be heard before it has to go */
};

struct ts_http_listener {
    struct ts_http_listener *next;
    struct evconnlistener *listener; /* owned by evhttp */
    char *path;                      /* of a Unix socket, to be removed */
};

/* Out of descriptors: without a pause the loop would spin on what it cannot accept. The sweep
 * goes on. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    (void)arg;
    (void)evconnlistener_disable(listener);
}

static int adopt(struct ts_http_face *face, int descriptor, const char *path)
{
    struct ts_http_listener *own = ts_alloc(sizeof(*own));

    own->listener =
        evconnlistener_new(ts_loop_base(face->server->loop), NULL, NULL,
                           LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, descriptor);
    if (!own->listener || !evhttp_bind_listener(face->http, own->listener)) {
        free(own);
        (void)close(descriptor);
        return -EADDRINUSE;
    }
    evconnlistener_set_error_cb(own->listener, on_accept_error);
    own->path = ts_strdup(path);
    LL_PREPEND(face->listeners, own);
    return 0;
}

/* There is also room where somebody can go. */
static bool has_room(const struct ts_http_server *server)
{
    const struct ts_http_face *face = &server->public_face;
    unsigned max = server->options.max_connections;

    return face->arriving <= max / NEWCOMERS && (face->open < max || face->waiting);
}

void ts_http_listen_if_room(struct ts_http_server *server)
{
    bool is_open = has_room(server);
    struct ts_http_listener *own;

    LL_FOREACH(server->public_face.listeners, own)
    {
        if (is_open)
            (void)evconnlistener_enable(own->listener);
        else
            (void)evconnlistener_disable(own->listener);
    }
    /* The admin socket always has room. */
    LL_FOREACH(server->admin_face.listeners, own)
    (void)evconnlistener_enable(own->listener);
}

void ts_http_listeners_free(struct ts_http_face *face)
{
    while (face->listeners) {
        struct ts_http_listener *own = face->listeners;

        LL_DELETE(face->listeners, own);
        if (own->path)
            (void)unlink(own->path);
        free(own->path);
        free(own);
    }
}

/* --- TCP --- */

static int bind_one(const struct addrinfo *address)
{
    int descriptor =
        socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (descriptor < 0)
        return -errno;
    (void)setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(descriptor, address->ai_addr, address->ai_addrlen) < 0) {
        int failure = -errno;

        (void)close(descriptor);
        return failure;
    }
    return descriptor;
}

/* A name may stand for addresses that this machine does not have, such as ::1. */
static int bind_any(const struct addrinfo *addresses)
{
    int descriptor = -EINVAL;

    for (const struct addrinfo *a = addresses; a && descriptor < 0; a = a->ai_next)
        descriptor = bind_one(a);
    return descriptor;
}

static uint16_t port_of(int descriptor)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    socklen_t length = sizeof(address);

    (void)getsockname(descriptor, &address.any, &length);
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

int ts_http_server_listen_tcp(struct ts_http_server *server, const char *address,
                              uint16_t *ret_port)
{
    TS_AUTOFREE char *host = ts_strdup(address);
    char *colon = strrchr(host, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char *name = host;
    uint64_t port = 0;
    int descriptor;

    if (!colon)
        return -EINVAL;
    *colon = '\0';
    if (*name == '[' && colon[-1] == ']') {
        colon[-1] = '\0';
        name++;
    }
    /* getaddrinfo() takes 65616 for 80. */
    if (!ts_text_to_u64(colon + 1, &port) || port > UINT16_MAX ||
        getaddrinfo(name, colon + 1, &hints, &found) != 0)
        return -EINVAL;
    descriptor = bind_any(found);
    freeaddrinfo(found);
    if (descriptor < 0)
        return descriptor;
    if (ret_port)
        *ret_port = port_of(descriptor);
    return adopt(&server->public_face, descriptor, NULL);
}

/* --- the admin socket --- */

static void make_parent(const char *path)
{
    TS_AUTOFREE char *folder = ts_strdup(path);
    char *slash = strrchr(folder, '/');

    if (slash && slash > folder) {
        *slash = '\0';
        (void)mkdir(folder, 0755); /* if it cannot be made, bind() will say so */
    }
}

/* 0 when the path is free: nothing is there, or a socket that nobody answers on; it is removed. */
static int make_way(const struct sockaddr_un *address)
{
    struct stat found;
    int probe;
    int result;

    if (lstat(address->sun_path, &found) < 0)
        return 0; /* if that is not for absence, bind() will say so */
    if (!S_ISSOCK(found.st_mode))
        return -EEXIST;
    probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    result = connect(probe, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
    (void)close(probe);
    if (result != -ECONNREFUSED)
        return -EADDRINUSE;
    return unlink(address->sun_path) < 0 ? -errno : 0;
}

int ts_http_server_listen_unix(struct ts_http_server *server, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor;
    mode_t mask;
    int result;

    if (*path == '\0' || strlen(path) >= sizeof(address.sun_path))
        return *path ? -ENAMETOOLONG : -EINVAL;
    ts_text_copy(address.sun_path, sizeof(address.sun_path), path);
    make_parent(path);
    result = make_way(&address);
    if (result < 0)
        return result;
    descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    mask = umask(0177); /* nobody else, from the first moment on */
    result = bind(descriptor, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
    (void)umask(mask);
    if (result == 0)
        return adopt(&server->admin_face, descriptor, path);
    (void)close(descriptor);
    return result;
}
