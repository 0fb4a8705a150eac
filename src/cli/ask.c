/* SPDX-License-Identifier: MIT */
/* Asking, and saying why there is no answer. */
#include "cli/ask.h"

#include "cli/path.h"

#include "teamsync/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- what stands where --- */

struct json_object *ts_at(struct json_object *json, const char *path)
{
    while (json && *path) {
        size_t length = strcspn(path, ".");
        TS_AUTOFREE char *key = ts_memdup_text(path, length);
        struct json_object *next = NULL;

        if (!json_object_is_type(json, json_type_object) ||
            !json_object_object_get_ex(json, key, &next))
            return NULL;
        json = next;
        path += length + (path[length] == '.');
    }
    return json;
}

const char *ts_text_at(struct json_object *json, const char *path)
{
    struct json_object *found = ts_at(json, path);

    return json_object_is_type(found, json_type_string) ? json_object_get_string(found) : NULL;
}

const char *ts_word_at(struct json_object *json, const char *path)
{
    const char *text = ts_text_at(json, path);

    return text ? text : "-";
}

int64_t ts_number_at(struct json_object *json, const char *path)
{
    struct json_object *found = ts_at(json, path);

    return json_object_is_type(found, json_type_int) ? json_object_get_int64(found) : 0;
}

size_t ts_count_at(struct json_object *json, const char *path)
{
    struct json_object *found = ts_at(json, path);

    return json_object_is_type(found, json_type_array) ? json_object_array_length(found) : 0;
}

/* --- what went wrong --- */

static void advise_on_reaching(const struct ts_cli *cli, const struct ts_answer *answer)
{
    if (!ts_client_is_local(cli->client))
        ts_advise("is this the daemon's address? --url or $TEAMSYNC_URL names another");
    else if (answer->error_number == EACCES || answer->error_number == EPERM)
        ts_advise("run this as the service's user, e.g. sudo -u teamsync teamsync %s",
                  cli->command->name);
    else
        ts_advise("is teamsyncd running? --socket or $TEAMSYNC_SOCKET names another path (its "
                  "configuration: server.admin_socket)");
}

static void complain_of_trouble(const struct ts_cli *cli, const struct ts_answer *answer)
{
    const char *address = ts_client_address(cli->client);

    if (answer->trouble == TS_TROUBLE_UNREACHABLE) {
        ts_complain("the daemon at %s cannot be reached: %s", address,
                    answer->error_number ? strerror(answer->error_number) : answer->detail);
        advise_on_reaching(cli, answer);
    } else if (answer->trouble == TS_TROUBLE_BROKEN) {
        ts_complain("the answer broke off: %s", answer->detail);
        ts_advise("what there is of it is not the whole; try again");
    }
}

/* There is no such thing: which command tells what there is. */
static void advise_on_names(const struct ts_cli *cli, const char *detail)
{
    static const struct {
        const char *thing;
        const char *list;
        bool takes_org;
    } known[] = {
        {"org", "org list", false},
        {"member", "members", true},
        {"run", "resyncs", true},
        {"token", "token list", false},
        {"dead letter", "dead list", false},
    };

    for (size_t i = 0; i < TS_COUNT_OF(known); i++) {
        TS_AUTOFREE char *absent = ts_format("no such %s", known[i].thing);

        if (strstr(detail, absent))
            ts_advise("teamsync %s%s%s shows what there is", known[i].list,
                      known[i].takes_org && cli->org ? " " : "",
                      known[i].takes_org && cli->org ? cli->org : "");
    }
}

static void advise_on_status(const struct ts_cli *cli, const struct ts_answer *answer,
                             const char *detail)
{
    if (answer->status == 401)
        ts_advise(
            "put a token into $TEAMSYNC_TOKEN or --token-file; teamsync token create makes one");
    else if (answer->status == 403)
        ts_advise("teamsync token list shows what a token may; the admin socket may everything");
    else if (answer->status == 405 || (answer->status == 404 && strstr(detail, "path")))
        ts_advise("this daemon does not know that: is it of an older version?");
    else if (answer->status == 404)
        advise_on_names(cli, detail);
    else if (answer->status == 429 || answer->status == 503)
        ts_advise("try again in %ld s", answer->retry_after_s ? answer->retry_after_s : 5);
    else if (answer->status >= 500)
        ts_advise("the daemon's log says more");
}

/* An answer that is a refusal: its detail, and what would mend it. */
static void complain_of_refusal(const struct ts_cli *cli, const struct ts_answer *answer)
{
    TS_AUTOJSON struct json_object *problem =
        ts_json_parse(answer->body.data, answer->body.len, NULL);
    const char *detail = ts_text_at(problem, "detail");
    const char *mend = ts_text_at(problem, "mend");

    if (detail)
        ts_complain("%s", detail);
    else
        ts_complain("%s answered %d", ts_client_address(cli->client), answer->status);
    if (mend)
        ts_advise("%s", mend);
    else
        advise_on_status(cli, answer, detail ? detail : "");
}

bool ts_is_good(const struct ts_cli *cli, const struct ts_answer *answer)
{
    if (answer->trouble != TS_TROUBLE_NONE)
        complain_of_trouble(cli, answer);
    else if (answer->status >= 300)
        complain_of_refusal(cli, answer);
    else
        return true;
    return false;
}

/* --- asking --- */

static struct json_object *read_json(const struct ts_answer *answer)
{
    struct json_object *json;

    if (answer->body.len == 0)
        return ts_json_new_object();
    json = ts_json_parse(answer->body.data, answer->body.len, NULL);
    if (!json)
        ts_complain("the answer is not JSON: is this a teamsyncd?");
    return json;
}

struct json_object *ts_ask(struct ts_cli *cli, const char *method, const char *path,
                           struct json_object *body)
{
    TS_AUTOFREE_SECRET char *text = body ? ts_json_print(body) : NULL;
    struct json_object *json = NULL;
    struct ts_answer answer;

    ts_client_exchange(cli->client, method, path, text, NULL, NULL, &answer);
    if (ts_is_good(cli, &answer))
        json = read_json(&answer);
    ts_answer_done(&answer);
    json_object_put(body);
    return json;
}

struct json_object *ts_get(struct ts_cli *cli, const char *path)
{
    return ts_ask(cli, "GET", path, NULL);
}

struct json_object *ts_probe(struct ts_cli *cli, const char *path, int *ret_status)
{
    struct json_object *json = NULL;
    struct ts_answer answer;

    ts_client_exchange(cli->client, "GET", path, NULL, NULL, NULL, &answer);
    if (answer.trouble == TS_TROUBLE_NONE)
        json = ts_json_parse(answer.body.data, answer.body.len, NULL);
    *ret_status = answer.status;
    ts_answer_done(&answer);
    return json;
}

char *ts_get_text(struct ts_cli *cli, const char *path)
{
    struct ts_answer answer;
    char *text = NULL;

    ts_client_exchange(cli->client, "GET", path, NULL, NULL, NULL, &answer);
    if (ts_is_good(cli, &answer))
        text = TS_STEAL(answer.body.data);
    ts_answer_done(&answer);
    return text;
}

bool ts_stream(struct ts_cli *cli, const char *path, ts_sink *sink, void *arg)
{
    struct ts_answer answer;
    bool is_whole;

    ts_client_exchange(cli->client, "GET", path, NULL, sink, arg, &answer);
    is_whole = ts_is_good(cli, &answer);
    ts_answer_done(&answer);
    return is_whole;
}

/* --- lists --- */

struct json_object *ts_page(struct ts_cli *cli, const char *path, const char *cursor, size_t limit)
{
    TS_AUTOFREE char *asked = ts_strdup(path);
    struct json_object *page;

    ts_path_add_query(&asked, "limit", TS_NUMBER(limit));
    ts_path_add_query(&asked, "cursor", cursor);
    page = ts_get(cli, asked);
    if (!page)
        return NULL;
    if (!ts_json_array(page, "items"))
        ts_complain("the answer is no list: is this a teamsyncd?");
    else if (cursor && ts_text_equal(ts_text_at(page, "next_cursor"), cursor))
        ts_complain("the list goes round in a circle: is this a teamsyncd?");
    else
        return page;
    json_object_put(page);
    return NULL;
}

static bool each_of(struct json_object *page, ts_item_fn *fn, void *arg)
{
    struct json_object *items = ts_json_array(page, "items");

    for (size_t i = 0; i < json_object_array_length(items); i++) {
        if (!fn(json_object_array_get_idx(items, i), arg))
            return false;
    }
    return true;
}

bool ts_each(struct ts_cli *cli, const char *path, ts_item_fn *fn, void *arg)
{
    enum { PAGE = 500 };
    TS_AUTOFREE char *cursor = NULL;

    for (;;) {
        TS_AUTOJSON struct json_object *page = ts_page(cli, path, cursor, PAGE);

        if (!page)
            return false;
        free(cursor);
        cursor = ts_strdup(ts_text_at(page, "next_cursor"));
        if (!each_of(page, fn, arg) || !cursor)
            return true;
    }
}
