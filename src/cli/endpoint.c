/* SPDX-License-Identifier: MIT */
/* The options, then the environment, then what is usual. */
#include "cli/endpoint.h"

#include "teamsync/text.h"

#include <stdio.h>
#include <string.h>

enum { TOKEN_MAX_BYTES = 200 };

/* The first line of a file; NULL: it cannot be read. */
static char *read_token(const char *name)
{
    FILE *file = fopen(name, "re");
    char line[TOKEN_MAX_BYTES + 2] = "";
    char *token = NULL;

    if (file && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\r\n")] = '\0';
        token = ts_strdup(line);
    }
    if (file)
        (void)fclose(file);
    explicit_bzero(line, sizeof(line));
    return token;
}

/* An environment variable, where it says something. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return ts_text_or_null(value);
}

static void choose_address(const struct ts_cli *cli, struct ts_client_options *options)
{
    options->url = ts_option(cli, "url");
    options->socket = options->url ? NULL : ts_option(cli, "socket");
    if (!options->url && !options->socket)
        options->url = environment("TEAMSYNC_URL");
    if (!options->url && !options->socket)
        options->socket = environment("TEAMSYNC_SOCKET");
    if (!options->url && !options->socket)
        options->socket = "/run/teamsync/admin.sock";
}

struct ts_client *ts_endpoint_open(const struct ts_cli *cli)
{
    const char *token_file = ts_option(cli, "token-file");
    TS_AUTOFREE_SECRET char *token = token_file ? read_token(token_file) : NULL;
    struct ts_client_options options = {0};
    const char *reason = NULL;
    struct ts_client *client;

    if (token_file && !token) {
        ts_complain("the token file %s cannot be read", token_file);
        ts_advise("its first line is the token");
        return NULL;
    }
    choose_address(cli, &options);
    options.token = options.socket ? NULL : token ? token : environment("TEAMSYNC_TOKEN");
    client = ts_client_new(&options, &reason);
    if (!client)
        ts_complain("%s %s", options.url, reason);
    return client;
}
