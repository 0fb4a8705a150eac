/* SPDX-License-Identifier: MIT */
/* sd_notify(3) without the library: one datagram. */
#include "app/app.h"

#include "teamsync/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void ts_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = path ? strlen(path) : 0;
    int line;

    if (length < 2 || length >= sizeof(address.sun_path) || (*path != '/' && *path != '@'))
        return;
    memcpy(address.sun_path, path, length);
    if (*path == '@')
        address.sun_path[0] = '\0'; /* the abstract namespace */
    line = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (line < 0)
        return;
    (void)sendto(line, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    (void)close(line);
}

uint64_t ts_notify_watchdog_ms(void)
{
    uint64_t us = 0;

    (void)ts_text_to_u64(getenv("WATCHDOG_USEC"), &us);
    return us / 2000;
}
