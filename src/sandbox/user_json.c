/* SPDX-License-Identifier: MIT */
/* People as user resources (§D.2), and what the control API may say about them. */
#include "sandbox/sandbox_internal.h"

#include "teamsync/buf.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <json-c/json_object_iterator.h>

#include <string.h>

/* --- out --- */

static struct json_object *array_of(struct json_object *only)
{
    struct json_object *array = ts_json_new_array();

    ts_json_append(array, only);
    return array;
}

static void add_name(struct json_object *user, const struct person_state *state)
{
    struct json_object *name = ts_json_new_object();
    const char *given = state->given_name ? state->given_name : "";
    const char *family = state->family_name ? state->family_name : "";
    TS_AUTOFREE char *full = ts_format("%s%s%s", given, *given && *family ? " " : "", family);

    ts_json_add_text(name, "givenName", given);
    ts_json_add_text(name, "familyName", family);
    ts_json_add_text(name, "fullName", full);
    ts_json_add(user, "name", name);
}

static void add_work(struct json_object *user, const struct person_state *state)
{
    struct json_object *work;

    if (!state->department && !state->cost_center)
        return;
    work = ts_json_new_object();
    ts_json_add_bool(work, "primary", true);
    ts_json_add_text(work, "customType", "");
    if (state->department)
        ts_json_add_text(work, "department", state->department);
    if (state->cost_center)
        ts_json_add_text(work, "costCenter", state->cost_center);
    ts_json_add(user, "organizations", array_of(work));
}

static void add_manager(struct json_object *user, const struct person_state *state)
{
    struct json_object *relation;

    if (!state->manager)
        return;
    relation = ts_json_new_object();
    ts_json_add_text(relation, "value", state->manager);
    ts_json_add_text(relation, "type", "manager");
    ts_json_add(user, "relations", array_of(relation));
}

static void add_aliases(struct json_object *user, const struct person_state *state)
{
    struct json_object *array;
    TS_AUTOFREE char *list = ts_strdup(state->aliases);
    char *rest = list;
    char *alias;

    if (!list)
        return;
    array = ts_json_new_array();
    while ((alias = strsep(&rest, " ")))
        ts_json_append(array, json_object_new_string(alias));
    ts_json_add(user, "aliases", array);
}

/* What only an admin may see. */
static void add_private(struct json_object *user, const struct ts_sandbox *sandbox,
                        const struct person *person, const struct person_state *state)
{
    bool is_new = sandbox_now_ms() < person->created_ms + sandbox->settings.new_user_incomplete_ms;

    ts_json_add_bool(user, "isAdmin", state->is_admin);
    ts_json_add_bool(user, "isDelegatedAdmin", false);
    if (!is_new) { /* §D.7 */
        ts_json_add_bool(user, "suspended", state->is_suspended);
        ts_json_add_bool(user, "archived", state->is_archived);
    }
    if (state->is_suspended)
        ts_json_add_text(user, "suspensionReason", "ADMIN");
    ts_json_add_text(user, "orgUnitPath", state->org_unit ? state->org_unit : "/");
    ts_json_add_text(user, "customerId", "C00sandbx");
}

struct json_object *user_json(const struct ts_sandbox *sandbox, const struct person *person,
                              const struct person_state *state, bool is_public, bool with_custom)
{
    struct json_object *user = ts_json_new_object();
    char id[PERSON_ID_TEXT];
    TS_AUTOFREE char *etag =
        ts_format("\"sandbox/%llu-%u\"", (unsigned long long)person->number, person->revision);

    ts_json_add_text(user, "kind", "admin#directory#user");
    ts_json_add_text(user, "id", person_id(person, id));
    ts_json_add_text(user, "etag", etag);
    ts_json_add_text(user, "primaryEmail", state->email);
    if (person->deleted_ms) {
        ts_json_add_time(user, "deletionTime", person->deleted_ms * 1000);
        return user;
    }
    add_name(user, state);
    if (!is_public)
        add_private(user, sandbox, person, state);
    ts_json_add_time(user, "creationTime", person->created_ms * 1000);
    add_work(user, state);
    add_manager(user, state);
    add_aliases(user, state);
    if (with_custom && state->custom)
        ts_json_add(user, "customSchemas",
                    ts_json_parse(state->custom, strlen(state->custom), NULL));
    return user;
}

/* --- in --- */

enum { TEXT_MAX_BYTES = 10 << 10 };

static const char *take_text(struct people *people, struct json_object *value, const char **ret)
{
    if (value && !json_object_is_type(value, json_type_string))
        return "a text (or null) is expected";
    if (value && json_object_get_string_len(value) > TEXT_MAX_BYTES)
        return "a text is too long";
    *ret = people_text(people, value ? json_object_get_string(value) : NULL);
    return NULL;
}

static const char *take_flag(struct json_object *value, bool *ret)
{
    if (!json_object_is_type(value, json_type_boolean))
        return "true or false is expected";
    *ret = json_object_get_boolean(value);
    return NULL;
}

static const char *take_aliases(struct people *people, struct json_object *value, const char **ret)
{
    struct ts_buf list;

    if (value && !json_object_is_type(value, json_type_array))
        return "aliases must be an array";
    ts_buf_init(&list, TEXT_MAX_BYTES);
    for (size_t i = 0; value && i < json_object_array_length(value); i++) {
        const char *alias = json_object_get_string(json_object_array_get_idx(value, i));

        (void)ts_buf_addf(&list, "%s%s", i ? " " : "", alias ? alias : "");
    }
    *ret = people_text(people, list.data);
    ts_buf_done(&list);
    return NULL;
}

static const char *take_custom(struct people *people, struct json_object *value, const char **ret)
{
    TS_AUTOFREE char *text = value ? ts_json_print(value) : NULL;

    if (value && !json_object_is_type(value, json_type_object))
        return "custom must be an object";
    *ret = people_text(people, text);
    return NULL;
}

static const char *take(struct people *people, const char *name, struct json_object *value,
                        struct person_state *state)
{
    const struct {
        const char *name;
        const char **text;
    } texts[] = {
        {"primaryEmail", &state->email},     {"givenName", &state->given_name},
        {"familyName", &state->family_name}, {"department", &state->department},
        {"manager", &state->manager},        {"orgUnitPath", &state->org_unit},
        {"costCenter", &state->cost_center},
    };
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {
        {"suspended", &state->is_suspended},
        {"archived", &state->is_archived},
        {"isAdmin", &state->is_admin},
    };

    for (size_t i = 0; i < TS_COUNT_OF(texts); i++) {
        if (strcmp(texts[i].name, name) == 0)
            return take_text(people, value, texts[i].text);
    }
    for (size_t i = 0; i < TS_COUNT_OF(flags); i++) {
        if (strcmp(flags[i].name, name) == 0)
            return take_flag(value, flags[i].flag);
    }
    if (strcmp(name, "aliases") == 0)
        return take_aliases(people, value, &state->aliases);
    if (strcmp(name, "custom") == 0)
        return take_custom(people, value, &state->custom);
    return strcmp(name, "notify") == 0 ? NULL : "a field is not known; see GET /control";
}

const char *user_patch(struct people *people, struct json_object *body, struct person_state *state)
{
    struct json_object_iterator at;
    struct json_object_iterator end;

    if (!json_object_is_type(body, json_type_object))
        return "a JSON object is expected";
    at = json_object_iter_begin(body);
    end = json_object_iter_end(body);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        const char *wrong =
            take(people, json_object_iter_peek_name(&at), json_object_iter_peek_value(&at), state);

        if (wrong)
            return wrong;
    }
    return ts_text_is_email(state->email) ? NULL : "primaryEmail must be an e-mail address";
}
