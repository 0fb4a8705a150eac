/* SPDX-License-Identifier: MIT */
/* The fields of a user resource (GOOGLE.md §D.2). Absent, null and empty are the same, but for the
 * flags; unknown fields are ignored; an entry of another kind (a relation that is no manager) may
 * look as it likes. */
#include "directory/google/google_user_json.h"

#include "directory/google/fields.h"

#include "teamsync/json.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"
#include "teamsync/time.h"

#include <stdint.h>
#include <string.h>

/* Google's own limit for the largest of these fields is 10 KB. */
enum { VALUE_MAX_BYTES = 10 << 10, ID_MAX_BYTES = 128, ALIASES_MAX = 500 };

/* All readers answer false for what cannot be understood, and leave NULL for what is absent. */

static struct json_object *member(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    (void)json_object_object_get_ex(object, key, &value);
    return value;
}

static bool read_text(struct json_object *value, const char **ret)
{
    if (!value)
        return true;
    if (!json_object_is_type(value, json_type_string) ||
        json_object_get_string_len(value) > VALUE_MAX_BYTES)
        return false;
    if (json_object_get_string_len(value) > 0)
        *ret = json_object_get_string(value);
    return true;
}

static bool read_array(struct json_object *value, struct json_object **ret)
{
    if (value && !json_object_is_type(value, json_type_array))
        return false;
    *ret = value;
    return true;
}

static size_t length_of(struct json_object *array)
{
    return array ? json_object_array_length(array) : 0;
}

static bool read_flag(struct json_object *value, enum ts_tri *ret)
{
    if (value && !json_object_is_type(value, json_type_boolean))
        return false;
    if (value)
        *ret = json_object_get_boolean(value) ? TS_YES : TS_NO;
    return true;
}

/* --- who it is --- */

static bool is_id(const char *id)
{
    return id && strlen(id) <= ID_MAX_BYTES && ts_text_is_printable(id) && !strpbrk(id, " @");
}

static bool read_identity(struct json_object *json, struct ts_directory_user *user)
{
    const char *deleted_at = NULL;

    if (!read_text(member(json, "id"), &user->id) || !is_id(user->id) ||
        !read_text(member(json, "etag"), &user->etag) ||
        !read_text(member(json, "deletionTime"), &deleted_at))
        return false;
    user->is_deleted = deleted_at;
    return true;
}

static bool add_aliases(struct json_object *array, struct ts_directory_user *user,
                        const char **aliases)
{
    for (size_t i = 0; i < length_of(array); i++) {
        const char *alias = NULL;

        if (!read_text(json_object_array_get_idx(array, i), &alias))
            return false;
        if (ts_text_is_email(alias))
            aliases[user->alias_count++] = alias;
    }
    return true;
}

static bool read_addresses(struct json_object *json, struct ts_directory_user *user)
{
    struct json_object *own = NULL;
    struct json_object *fixed = NULL;
    const char **aliases;

    if (!read_text(member(json, "primaryEmail"), &user->primary_email) ||
        !ts_text_is_email(user->primary_email) || !read_array(member(json, "aliases"), &own) ||
        !read_array(member(json, "nonEditableAliases"), &fixed) ||
        length_of(own) + length_of(fixed) > ALIASES_MAX)
        return false;
    aliases = ts_alloc((length_of(own) + length_of(fixed) + 1) * sizeof(*aliases));
    user->aliases = aliases;
    return add_aliases(own, user, aliases) && add_aliases(fixed, user, aliases);
}

/* --- may they work --- */

static enum ts_tri either(enum ts_tri a, enum ts_tri b)
{
    if (a == TS_YES || b == TS_YES)
        return TS_YES;
    return a == TS_NO && b == TS_NO ? TS_NO : TS_UNKNOWN;
}

static bool read_flags(struct json_object *json, struct ts_directory_user *user)
{
    enum ts_tri is_super = TS_UNKNOWN;
    enum ts_tri is_delegated = TS_UNKNOWN;

    if (!read_flag(member(json, "suspended"), &user->is_suspended) ||
        !read_flag(member(json, "archived"), &user->is_archived) ||
        !read_flag(member(json, "isAdmin"), &is_super) ||
        !read_flag(member(json, "isDelegatedAdmin"), &is_delegated))
        return false;
    user->is_admin = either(is_super, is_delegated);
    return true;
}

/* --- the synced fields --- */

/* The first manager named. The value is kept as it is, even if it is no address: then the member's
 * manager is pending, which is the truth. */
static bool read_manager(struct json_object *json, struct ts_directory_user *user)
{
    struct json_object *relations = NULL;

    if (!read_array(member(json, "relations"), &relations))
        return false;
    for (size_t i = 0; i < length_of(relations) && !user->manager_email; i++) {
        struct json_object *relation = json_object_array_get_idx(relations, i);

        if (!json_object_is_type(relation, json_type_object))
            return false;
        if (ts_text_equal(ts_json_text(relation, "type"), "manager") &&
            !read_text(member(relation, "value"), &user->manager_email))
            return false;
    }
    return true;
}

/* The primary one, else the first. */
static bool read_organization(struct json_object *json, struct json_object **ret)
{
    struct json_object *organizations = NULL;

    if (!read_array(member(json, "organizations"), &organizations))
        return false;
    for (size_t i = 0; i < length_of(organizations); i++) {
        struct json_object *one = json_object_array_get_idx(organizations, i);
        enum ts_tri is_primary = TS_UNKNOWN;

        if (!json_object_is_type(one, json_type_object) ||
            !read_flag(member(one, "primary"), &is_primary))
            return false;
        if (i == 0 || is_primary == TS_YES)
            *ret = one;
        if (is_primary == TS_YES)
            break;
    }
    return true;
}

/* A text, or the first of a field with many values; numbers and booleans as their text. */
static bool read_custom_value(struct json_object *value, const char **ret)
{
    if (json_object_is_type(value, json_type_array)) {
        struct json_object *first = json_object_array_get_idx(value, 0);

        if (first && !json_object_is_type(first, json_type_object))
            return false;
        return read_text(member(first, "value"), ret);
    }
    if (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double) ||
        json_object_is_type(value, json_type_boolean)) {
        *ret = json_object_get_string(value);
        return true;
    }
    return read_text(value, ret);
}

static bool read_custom_field(struct json_object *json, const char *schema, const char *field,
                              const char **ret)
{
    struct json_object *schemas = member(json, "customSchemas");
    struct json_object *values = member(schemas, schema);

    if ((schemas && !json_object_is_type(schemas, json_type_object)) ||
        (values && !json_object_is_type(values, json_type_object)))
        return false;
    return read_custom_value(member(values, field), ret);
}

static bool read_team(struct json_object *json, const char *team_from,
                      struct ts_directory_user *user)
{
    TS_AUTOFREE char *schema = NULL;
    const char *field = NULL;
    struct json_object *organization = NULL;

    if (ts_google_custom_field(team_from, &schema, &field))
        return read_custom_field(json, schema, field, &user->team);
    if (ts_text_equal(team_from, "org_unit"))
        return read_text(member(json, "orgUnitPath"), &user->team);
    field = ts_text_equal(team_from, "cost_center") ? "costCenter" : "department";
    return read_organization(json, &organization) &&
           read_text(member(organization, field), &user->team);
}

/* --- for invitations --- */

/* A time that makes no sense is none. */
static bool read_profile(struct json_object *json, struct ts_directory_user *user)
{
    struct json_object *name = member(json, "name");
    const char *created_at = NULL;

    if ((name && !json_object_is_type(name, json_type_object)) ||
        !read_text(member(name, "fullName"), &user->name) ||
        !read_text(member(json, "creationTime"), &created_at))
        return false;
    (void)ts_time_parse(created_at, &user->created_us);
    return true;
}

/* --- all of it --- */

static const char *read_user(struct json_object *json, const char *team_from,
                             struct ts_directory_user *user)
{
    if (!read_identity(json, user))
        return "id, etag or deletionTime";
    if (user->is_deleted)
        return NULL;
    if (!read_addresses(json, user))
        return "primaryEmail or aliases";
    if (!read_flags(json, user))
        return "suspended, archived or isAdmin";
    if (!read_manager(json, user))
        return "relations";
    if (!read_profile(json, user))
        return "name or creationTime";
    return read_team(json, team_from, user) ? NULL : "the team's field";
}

struct ts_error ts_google_user_read(struct json_object *json, const char *team_from,
                                    struct ts_directory_user *ret_user)
{
    struct ts_directory_user user = {0};
    const char *unreadable = read_user(json, team_from, &user);

    if (unreadable) {
        ts_google_user_done(&user);
        return ts_error_make(TS_RETRY, "google: a user was not understood: %s", unreadable);
    }
    *ret_user = user;
    return ts_no_error;
}

void ts_google_user_done(struct ts_directory_user *user)
{
    free((void *)(uintptr_t)user->aliases);
    *user = (struct ts_directory_user){0};
}
