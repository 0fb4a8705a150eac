/* SPDX-License-Identifier: MIT */
/* The client on libcurl's easy interface: one handle, so that a list's pages share a connection. */
#include "cli/client.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <curl/curl.h>

#include <arpa/inet.h>
#include <string.h>

enum { BODY_MAX_BYTES = 256 << 20, CONNECT_S = 10 };

struct ts_client {
    CURL *curl;
    char *socket;
    char *url; /* without a slash at its end */
    char *token;
};

/* --- its life --- */

static bool is_loopback(const char *host)
{
    struct in_addr address;

    if (inet_pton(AF_INET, host, &address) == 1)
        return ntohl(address.s_addr) >> 24 == 127;
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

/* A token is for the host that is named, and for nobody on the way there. */
static const char *wrong_with_url(const char *text)
{
    CURLU *url = ts_must(curl_url());
    char *scheme = NULL;
    char *host = NULL;
    char *user = NULL;
    const char *wrong = NULL;

    if (!strstr(text, "://") || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0))
        wrong = "is no URL: https://sync.example.com is one";
    else if (curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK)
        wrong = "names a user; a token is what is needed";
    else if (strcmp(scheme, "http") == 0 && !is_loopback(host))
        wrong = "is plain http: a token can be read on the way; use https";
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    curl_url_cleanup(url);
    return wrong;
}

static const char *wrong_with(const struct ts_client_options *options)
{
    if (options->socket)
        return NULL;
    if (options->token && !ts_text_is_printable(options->token))
        return "is not asked: the token is no text";
    return wrong_with_url(options->url);
}

struct ts_client *ts_client_new(const struct ts_client_options *options, const char **ret_reason)
{
    struct ts_client *client;
    size_t length;

    *ret_reason = wrong_with(options);
    if (*ret_reason)
        return NULL;
    client = ts_alloc(sizeof(*client));
    client->socket = ts_strdup(options->socket);
    client->url = ts_strdup(options->socket ? "http://localhost" : options->url);
    client->token = ts_strdup(options->token);
    for (length = strlen(client->url); length > 0 && client->url[length - 1] == '/'; length--)
        client->url[length - 1] = '\0';
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    client->curl = ts_must(curl_easy_init());
    return client;
}

void ts_client_free(struct ts_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    curl_global_cleanup();
    free(client->socket);
    free(client->url);
    ts_free_secret(client->token);
    free(client);
}

const char *ts_client_address(const struct ts_client *client)
{
    return client->socket ? client->socket : client->url;
}

bool ts_client_is_local(const struct ts_client *client)
{
    return client->socket != NULL;
}

void ts_client_set_patience(struct ts_client *client, long seconds)
{
    (void)curl_easy_setopt(client->curl, CURLOPT_TIMEOUT, seconds);
}

/* --- one exchange --- */

struct exchange {
    CURL *curl;
    struct ts_answer *answer;
    ts_sink *sink;
    void *arg;
    bool is_unwritten;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct exchange *x = arg;
    size_t length = size * count;
    long status = 0;

    (void)curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
    if (x->sink && status < 300) {
        x->is_unwritten = !x->sink(bytes, length, x->arg);
        return x->is_unwritten ? 0 : length;
    }
    return ts_buf_add(&x->answer->body, bytes, length) < 0 ? 0 : length;
}

static void set_up(const struct ts_client *client, const char *method, const char *url,
                   const char *json)
{
    CURL *curl = client->curl;
    bool is_plain = ts_text_starts_with(client->url, "http://");

    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* ".." is an id like any other */
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    (void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, is_plain ? "" : NULL); /* loopback needs none */
    (void)curl_easy_setopt(curl, CURLOPT_USERAGENT, "teamsync/" TS_VERSION);
    if (client->token) {
        (void)curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        (void)curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, client->token);
    }
    (void)curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L); /* no body of an earlier one */
    if (json)
        (void)curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, json);
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
}

static void judge(struct exchange *x, CURLcode code, const char *words)
{
    struct ts_answer *answer = x->answer;
    long number = 0;
    long status = 0;
    curl_off_t retry_after = 0;

    (void)curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(x->curl, CURLINFO_RETRY_AFTER, &retry_after);
    (void)curl_easy_getinfo(x->curl, CURLINFO_OS_ERRNO, &number);
    answer->status = (int)status;
    answer->retry_after_s = (long)retry_after;
    if (code == CURLE_OK)
        return;
    answer->error_number = code == CURLE_COULDNT_CONNECT ? (int)number : 0;
    if (x->is_unwritten)
        answer->trouble = TS_TROUBLE_UNWRITTEN;
    else
        answer->trouble = status ? TS_TROUBLE_BROKEN : TS_TROUBLE_UNREACHABLE;
    ts_text_copy(answer->detail, sizeof(answer->detail), *words ? words : curl_easy_strerror(code));
}

void ts_client_exchange(struct ts_client *client, const char *method, const char *path,
                        const char *json, ts_sink *sink, void *arg, struct ts_answer *answer)
{
    struct exchange x = {.curl = client->curl, .answer = answer, .sink = sink, .arg = arg};
    struct curl_slist *headers = NULL;
    TS_AUTOFREE char *url = ts_format("%s%s", client->url, path);
    char words[CURL_ERROR_SIZE] = "";
    CURLcode code;

    *answer = (struct ts_answer){0};
    ts_buf_init(&answer->body, BODY_MAX_BYTES);
    set_up(client, method, url, json);
    if (json)
        headers = ts_must(curl_slist_append(NULL, "Content-Type: application/json"));
    (void)curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, words);
    (void)curl_easy_setopt(client->curl, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(client->curl, CURLOPT_WRITEDATA, &x);
    code = curl_easy_perform(client->curl);
    judge(&x, code, words);
    (void)curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, NULL);
    (void)curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
}

void ts_answer_done(struct ts_answer *answer)
{
    ts_buf_done(&answer->body);
}
