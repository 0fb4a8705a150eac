/* SPDX-License-Identifier: MIT */
/* One question to the API. Where there is no good answer, that is said on stderr, with what to do
 * about it; the caller only ends. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli/cli.h"

/* What was answered, to be released; {} for an answer without a body; NULL: it went wrong. Takes
 * `body`, NULL for none. */
struct json_object *ts_ask(struct ts_cli *cli, const char *method, const char *path,
                           struct json_object *body);
struct json_object *ts_get(struct ts_cli *cli, const char *path);
/* The answer, whatever its status; NULL, without a word, when there is none that is JSON. */
struct json_object *ts_probe(struct ts_cli *cli, const char *path, int *ret_status);
/* A body that is no JSON, newly allocated; NULL: it went wrong. */
char *ts_get_text(struct ts_cli *cli, const char *path);
/* The body as it comes, to `sink`. True when it came to its end. */
bool ts_stream(struct ts_cli *cli, const char *path, ts_sink *sink, void *arg);
/* Whether it is one; else that is said. */
bool ts_is_good(const struct ts_cli *cli, const struct ts_answer *answer);

/* Up to `limit` items of a list: the page as it was answered; NULL: it went wrong. */
struct json_object *ts_page(struct ts_cli *cli, const char *path, const char *cursor, size_t limit);
/* Calls with each item of a list, page by page, as long as true is returned. False: it went wrong.
 */
typedef bool ts_item_fn(struct json_object *item, void *arg);
bool ts_each(struct ts_cli *cli, const char *path, ts_item_fn *fn, void *arg);

/* What stands at "sync.state"; NULL where there is nothing, or null. */
struct json_object *ts_at(struct json_object *json, const char *path);
const char *ts_text_at(struct json_object *json, const char *path); /* NULL when it is no text */
const char *ts_word_at(struct json_object *json, const char *path); /* "-" when it is no text */
int64_t ts_number_at(struct json_object *json, const char *path);   /* 0 when it is no number */
size_t ts_count_at(struct json_object *json, const char *path);     /* of an array; else 0 */

#endif
