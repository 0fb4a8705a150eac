/* SPDX-License-Identifier: MIT */
/* What goes wrong on demand: each fault strikes calls of one method (or notifications), all or
 * those about somebody, always or so many times, with a probability. */
#include "sandbox/sandbox_internal.h"

#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <utlist.h>

#include <string.h>

static const char *const places[] = {"token",       "users.get",     "users.list",
                                     "users.watch", "channels.stop", "notification"};
static const char *const kinds[] = {
    /* calls */
    "status", "html", "text", "hang", "reset", "truncate", "bad_json", "missing_users",
    "missing_suspended", "wrong_id", "other_customer", "expired_token", "invalid_grant",
    "unauthorized_client", "refused", "cycling_page_token", "expired_page_token",
    /* notifications */
    "drop", "duplicate", "delay", "wrong_token", "no_token", "huge_body", "invalid_json",
    "unknown_user"};

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ts_text_equal(word, words[i]))
            return true;
    }
    return false;
}

static void free_fault(struct ts_sandbox *sandbox, struct fault *fault)
{
    DL_DELETE(sandbox->faults, fault);
    free(fault->on);
    free(fault->kind);
    free(fault->match);
    free(fault->reason);
    free(fault->message);
    free(fault);
}

const struct fault *fault_strikes(struct ts_sandbox *sandbox, const char *on, const char *what)
{
    struct fault *fault;

    DL_FOREACH(sandbox->faults, fault)
    {
        bool fits = strcmp(fault->on, on) == 0 && fault->left > 0 &&
                    (!fault->match || (what && strstr(what, fault->match)));

        if (fits && ts_random_below(1000000) < (uint32_t)(fault->probability * 1000000)) {
            fault->left -= fault->left != UINT64_MAX;
            return fault;
        }
    }
    return NULL;
}

bool fault_is(const struct fault *fault, const char *kind)
{
    return fault && strcmp(fault->kind, kind) == 0;
}

const char *fault_add(struct ts_sandbox *sandbox, struct json_object *body, unsigned *ret_id)
{
    const char *on = ts_json_text(body, "on");
    const char *kind = ts_json_text(body, "kind");
    struct json_object *probability = NULL;
    uint64_t status = 500;
    struct fault *fault;

    if (!is_one_of(on, places, TS_COUNT_OF(places)))
        return "on must be a method or notification; see GET /control";
    if (!is_one_of(kind, kinds, TS_COUNT_OF(kinds)))
        return "kind is not known; see GET /control";
    fault = ts_alloc(sizeof(*fault));
    (void)ts_json_u64(body, "status", &status);
    fault->id = ++sandbox->next_fault;
    fault->on = ts_strdup(on);
    fault->kind = ts_strdup(kind);
    fault->match = ts_strdup(ts_json_text(body, "match"));
    fault->reason = ts_strdup(ts_json_text(body, "reason"));
    fault->message = ts_strdup(ts_json_text(body, "message"));
    fault->status = (int)(status > 999 ? 500 : status);
    fault->left = UINT64_MAX;
    fault->probability = 1;
    (void)ts_json_u64(body, "count", &fault->left);
    (void)ts_json_u64(body, "delay_ms", &fault->delay_ms);
    (void)ts_json_u64(body, "retry_after_s", &fault->retry_after_s);
    if (json_object_object_get_ex(body, "probability", &probability))
        fault->probability = json_object_get_double(probability);
    DL_APPEND(sandbox->faults, fault);
    *ret_id = fault->id;
    return NULL;
}

struct json_object *faults_json(const struct ts_sandbox *sandbox)
{
    struct json_object *array = ts_json_new_array();
    const struct fault *fault;

    DL_FOREACH(sandbox->faults, fault)
    {
        struct json_object *json;

        if (fault->left == 0)
            continue;
        json = ts_json_new_object();
        ts_json_add_number(json, "id", fault->id);
        ts_json_add_text(json, "on", fault->on);
        ts_json_add_text(json, "kind", fault->kind);
        ts_json_add_text(json, "match", fault->match);
        if (fault->left != UINT64_MAX)
            ts_json_add_number(json, "left", (int64_t)fault->left);
        ts_json_append(array, json);
    }
    return array;
}

bool fault_remove(struct ts_sandbox *sandbox, const char *id)
{
    struct fault *fault;
    uint64_t number = 0;
    bool removed = id == NULL;

    if (id && !ts_text_to_u64(id, &number))
        return false;
    /* Calls under way may still look at it, so it stays, without strength. */
    DL_FOREACH(sandbox->faults, fault)
    {
        if (!id || fault->id == number) {
            fault->left = 0;
            removed = true;
        }
    }
    return removed;
}

void faults_free(struct ts_sandbox *sandbox)
{
    while (sandbox->faults)
        free_fault(sandbox, sandbox->faults);
}
