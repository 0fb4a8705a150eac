/* SPDX-License-Identifier: MIT */
/* Where the server listens, and when it pauses because too many connections are open. */
#include "io/http_internal.h"

#include "teamsync/text.h"

#include <event2/listener.h>
#include <utlist.h>

#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ACCEPT_PAUSE_MS = 100, BACKLOG = 1024 };

struct ts_http_listener {
    struct ts_http_listener *next;
    struct evconnlistener *listener; /* owned by evhttp */
    char *path;                      /* of a Unix socket, to be removed */
};

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
    own->path = ts_strdup(path);
    LL_PREPEND(face->listeners, own);
    return 0;
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

static int bind_address(const struct addrinfo *address)
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
    int descriptor;

    if (!colon)
        return -EINVAL;
    *colon = '\0';
    if (*name == '[' && colon[-1] == ']') {
        colon[-1] = '\0';
        name++;
    }
    if (getaddrinfo(name, colon + 1, &hints, &found) != 0)
        return -EINVAL;
    descriptor = bind_address(found);
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

static bool is_alive(const struct sockaddr_un *address)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool alive =
        connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN;

    (void)close(probe);
    return alive;
}

int ts_http_server_listen_unix(struct ts_http_server *server, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor;
    mode_t mask;
    int result;

    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    ts_text_copy(address.sun_path, sizeof(address.sun_path), path);
    make_parent(path);
    if (is_alive(&address))
        return -EADDRINUSE;
    (void)unlink(path);
    descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    mask = umask(0177); /* nobody else, from the first moment on */
    result = bind(descriptor, (const struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
    (void)umask(mask);
    if (result == 0)
        return adopt(&server->admin_face, descriptor, path);
    (void)close(descriptor);
    return result;
}

/* --- the limit of connections: evhttp does not tell when one ends, so descriptors are counted ---
 */

static unsigned open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;

    while (folder && readdir(folder))
        count++;
    if (folder)
        (void)closedir(folder);
    return count;
}

static void set_accepting(struct ts_http_server *server, bool on)
{
    struct ts_http_listener *own;

    /* The admin socket always stays open. */
    LL_FOREACH(server->public_face.listeners, own)
    {
        if (on)
            (void)evconnlistener_enable(own->listener);
        else
            (void)evconnlistener_disable(own->listener);
    }
}

void ts_http_accept_again(void *arg)
{
    struct ts_http_server *server = arg;
    unsigned open = open_descriptors();

    server->accepted = open;
    set_accepting(server, open < server->options.max_connections);
    if (open >= server->options.max_connections)
        ts_timer_set(server->accept_timer, ACCEPT_PAUSE_MS);
}

void ts_http_count_connection(struct ts_http_server *server)
{
    if (++server->accepted >= server->options.max_connections)
        ts_http_accept_again(server);
}
