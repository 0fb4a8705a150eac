/* SPDX-License-Identifier: MIT */
/* HTTP with the daemon, one request at a time: over its admin socket, or over TCP with a token. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "teamsync/buf.h"

#include <stdbool.h>

struct ts_client_options {
    const char *socket; /* NULL: over TCP */
    const char *url;    /* "https://sync.example.com"; used where there is no socket */
    const char *token;  /* NULL: none */
};

enum ts_client_trouble {
    TS_TROUBLE_NONE,
    TS_TROUBLE_UNREACHABLE, /* `detail` says why, `error_number` is the system's, or 0 */
    TS_TROUBLE_BROKEN,      /* the answer did not come to its end */
    TS_TROUBLE_UNWRITTEN,   /* the sink did not take it */
};

struct ts_answer {
    enum ts_client_trouble trouble;
    int error_number;
    char detail[300];
    int status;         /* 0: there was none */
    long retry_after_s; /* 0: not said */
    struct ts_buf body; /* of an error also where a sink was given */
};

/* Takes a part of a good answer's body; false: it cannot, and the transfer ends. */
typedef bool ts_sink(const char *bytes, size_t length, void *arg);

struct ts_client;

/* NULL, and `*ret_reason`, when the URL is none to send a token to: plain HTTP beyond loopback. */
struct ts_client *ts_client_new(const struct ts_client_options *options, const char **ret_reason);
void ts_client_free(struct ts_client *client);                 /* NULL is fine */
const char *ts_client_address(const struct ts_client *client); /* the socket's path, or the URL */
bool ts_client_is_local(const struct ts_client *client);       /* over the admin socket */
void ts_client_set_patience(struct ts_client *client, long seconds); /* for a whole request */

/* `json` NULL: no body. `sink` NULL: the body is collected. `answer` is to be released. */
void ts_client_exchange(struct ts_client *client, const char *method, const char *path,
                        const char *json, ts_sink *sink, void *arg, struct ts_answer *answer);
void ts_answer_done(struct ts_answer *answer);

#endif
