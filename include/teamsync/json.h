/* SPDX-License-Identifier: MIT */
/* JSON with json-c, strict: valid UTF-8, at most 32 levels, nothing behind the document, no NUL in
 * any text. A document is one root to release with json_object_put(). */
#ifndef TEAMSYNC_JSON_H
#define TEAMSYNC_JSON_H

#include "teamsync/mem.h"

#include <json-c/json_object.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL when `text` is not JSON; then `*ret_reason` (may be NULL) names the cause, a constant. */
struct json_object *ts_json_parse(const char *text, size_t length, const char **ret_reason);
/* Releases a document of which nobody else holds a part, and overwrites its texts before. NULL is
 * fine. */
void ts_json_free_secret(struct json_object *json);
/* One line without blanks; newly allocated. */
char *ts_json_print(struct json_object *json);

/* Members of an object, borrowed. NULL or the fallback when absent, null or of another type. */
const char *ts_json_text(struct json_object *object, const char *key);
struct json_object *ts_json_object(struct json_object *object, const char *key);
struct json_object *ts_json_array(struct json_object *object, const char *key);
bool ts_json_bool(struct json_object *object, const char *key, bool fallback);
/* Accepts a number and a text of digits: Google sends int64 both ways (GOOGLE.md §A.5). */
bool ts_json_u64(struct json_object *object, const char *key, uint64_t *ret_number);

/* New, empty, and never NULL: json-c would go on without what it had no memory for. */
struct json_object *ts_json_new_object(void);
struct json_object *ts_json_new_array(void);

/* Adding; a NULL text becomes null, a time of 0 becomes null. */
void ts_json_add_text(struct json_object *object, const char *key, const char *text);
void ts_json_add_number(struct json_object *object, const char *key, int64_t number);
void ts_json_add_bool(struct json_object *object, const char *key, bool value);
void ts_json_add_time(struct json_object *object, const char *key, uint64_t wall_us);
void ts_json_add(struct json_object *object, const char *key,
                 struct json_object *child);                              /* takes */
void ts_json_append(struct json_object *array, struct json_object *item); /* takes */
void ts_json_append_text(struct json_object *array, const char *text);

static inline void ts_json_freep(struct json_object **json)
{
    json_object_put(*json);
}
#define TS_AUTOJSON TS_CLEANUP(ts_json_freep)

static inline void ts_json_free_secretp(struct json_object **json)
{
    ts_json_free_secret(*json);
}
#define TS_AUTOJSON_SECRET TS_CLEANUP(ts_json_free_secretp)

#endif
