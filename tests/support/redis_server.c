/* SPDX-License-Identifier: MIT */
/* A redis-server child of the test, on a Unix socket in a folder of its own. */
#include "support/redis_server.h"

#include "support/test.h"

#include "teamsync/buf.h"
#include "teamsync/time.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct test_redis {
    pid_t pid;
    char folder[64];
    char socket_path[96];
    char url[112];
};

static void run_server(const struct test_redis *server)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* the test ends: so does its Redis */
    (void)execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", server->socket_path,
                 "--dir", server->folder, "--save", "", "--appendonly", "no", "--logfile",
                 "redis.log", "--enable-debug-command", "yes", (char *)NULL);
    _exit(127);
}

static int answers(const struct test_redis *server)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int connected;

    memcpy(address.sun_path, server->socket_path, sizeof(server->socket_path));
    connected = connect(descriptor, (struct sockaddr *)&address, sizeof(address)) == 0;
    (void)close(descriptor);
    return connected;
}

void test_redis_restart(struct test_redis *server)
{
    uint64_t deadline = ts_now_ms() + 10000;

    server->pid = fork();
    if (server->pid == 0)
        run_server(server);
    assert_true(server->pid > 0);
    while (!answers(server)) {
        if (ts_now_ms() > deadline)
            fail_msg("redis-server did not start");
        (void)usleep(2000);
    }
}

struct test_redis *test_redis_start(void)
{
    struct test_redis *server = ts_alloc(sizeof(*server));

    (void)snprintf(server->folder, sizeof(server->folder), "/tmp/teamsync-test-XXXXXX");
    assert_non_null(mkdtemp(server->folder));
    (void)snprintf(server->socket_path, sizeof(server->socket_path), "%s/redis.sock",
                   server->folder);
    (void)snprintf(server->url, sizeof(server->url), "unix://%s", server->socket_path);
    test_redis_restart(server);
    return server;
}

const char *test_redis_url(const struct test_redis *server)
{
    return server->url;
}

void test_redis_kill(struct test_redis *server)
{
    if (server->pid > 0) {
        (void)kill(server->pid, SIGKILL);
        (void)waitpid(server->pid, NULL, 0);
    }
    server->pid = 0;
    (void)unlink(server->socket_path);
}

void test_redis_stop(struct test_redis *server)
{
    TS_AUTOFREE char *log = ts_format("%s/redis.log", server->folder);

    test_redis_kill(server);
    (void)unlink(log);
    (void)rmdir(server->folder);
    free(server);
}

char *test_redis_cli(const struct test_redis *server, const char *format, ...)
{
    struct ts_buf out;
    char *words = NULL;
    char chunk[4096];
    size_t got;
    va_list args;
    FILE *pipe;

    va_start(args, format);
    assert_true(vasprintf(&words, format, args) >= 0);
    va_end(args);
    {
        TS_AUTOFREE char *line = ts_format("redis-cli -s %s %s", server->socket_path, words);
        pipe = popen(line, "r");
    }
    free(words);
    assert_non_null(pipe);
    ts_buf_init(&out, 1 << 20);
    while ((got = fread(chunk, 1, sizeof(chunk), pipe)) > 0)
        assert_int_equal(ts_buf_add(&out, chunk, got), 0);
    assert_int_equal(pclose(pipe), 0);
    if (out.len > 0 && out.data[out.len - 1] == '\n')
        out.data[out.len - 1] = '\0';
    return out.data;
}
