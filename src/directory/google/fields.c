/* SPDX-License-Identifier: MIT */
/* From the setting `team_from` to projection, customFieldMask, viewType and the `fields` mask. */
#include "directory/google/fields.h"

#include "teamsync/connection.h"
#include "teamsync/http.h"
#include "teamsync/mem.h"
#include "teamsync/text.h"

#include <string.h>

#define WHO        "id,primaryEmail,aliases,nonEditableAliases"
#define ALWAYS     "id,etag,primaryEmail,aliases,nonEditableAliases,relations"
#define ADMIN_ONLY ",suspended,archived,deletionTime" /* not part of a public profile */
#define CREATION   ",creationTime"                    /* nor is that */
#define NAMES      ",name(givenName,familyName,fullName)"

bool ts_google_custom_field(const char *team_from, char **ret_schema, const char **ret_field)
{
    static const char head[] = "custom:";
    const char *schema;
    const char *dot;

    if (!team_from || !ts_text_starts_with(team_from, head))
        return false;
    schema = team_from + strlen(head);
    dot = strchr(schema, '.');
    if (!dot || dot == schema || dot[1] == '\0')
        return false;
    *ret_schema = ts_memdup_text(schema, (size_t)(dot - schema));
    *ret_field = dot + 1;
    return true;
}

static const char *team_fields(const char *team_from, bool is_custom)
{
    if (is_custom)
        return ",customSchemas";
    if (ts_text_equal(team_from, "org_unit"))
        return ",orgUnitPath";
    if (ts_text_equal(team_from, "cost_center"))
        return ",organizations(primary,costCenter)";
    return ",organizations(primary,department)";
}

static const char *view_of(bool is_admin)
{
    return is_admin ? "" : "&viewType=domain_public";
}

/* The mask of one user stands between `before` and `after`. */
static char *query_of(const struct ts_connection *connection, const char *before, const char *after)
{
    bool is_admin = connection->may_suspend;
    TS_AUTOFREE char *schema = NULL;
    const char *field = NULL;
    bool is_custom = ts_google_custom_field(connection->team_from, &schema, &field);
    TS_AUTOFREE char *mask = ts_format("%s" ALWAYS "%s%s%s%s", before, is_admin ? ADMIN_ONLY : "",
                                       is_admin && connection->invites_since_us > 0 ? CREATION : "",
                                       team_fields(connection->team_from, is_custom), after);
    TS_AUTOFREE char *escaped_mask = ts_url_escape(mask);
    TS_AUTOFREE char *escaped_schema = ts_url_escape(is_custom ? schema : "");

    return ts_format("%s%s%s&fields=%s",
                     is_custom ? "projection=custom&customFieldMask=" : "projection=basic",
                     escaped_schema, view_of(is_admin), escaped_mask);
}

char *ts_google_user_query(const struct ts_connection *connection)
{
    return query_of(connection, "", "");
}

/* "&name=" and the text, escaped; nothing for none. Newly allocated. */
static char *parameter(const char *name, const char *text)
{
    TS_AUTOFREE char *escaped = text ? ts_url_escape(text) : NULL;

    return text ? ts_format("&%s=%s", name, escaped) : ts_strdup("");
}

char *ts_google_list_query(const struct ts_connection *connection, const char *page_token)
{
    TS_AUTOFREE char *query = query_of(connection, "nextPageToken,users(", ")");
    TS_AUTOFREE char *token = parameter("pageToken", page_token);

    return ts_format("customer=my_customer&maxResults=500&orderBy=email&%s%s", query, token);
}

static char *profile_query(bool is_admin, const char *before, const char *after)
{
    TS_AUTOFREE char *mask =
        ts_format("%s" WHO NAMES "%s%s", before, is_admin ? ADMIN_ONLY CREATION : "", after);
    TS_AUTOFREE char *escaped = ts_url_escape(mask);

    return ts_format("projection=basic%s&fields=%s", view_of(is_admin), escaped);
}

char *ts_google_profile_query(bool is_admin)
{
    return profile_query(is_admin, "", "");
}

char *ts_google_search_query(bool is_admin, const char *clause, size_t limit,
                             const char *page_token)
{
    TS_AUTOFREE char *query = profile_query(is_admin, "nextPageToken,users(", ")");
    TS_AUTOFREE char *search = parameter("query", clause);
    TS_AUTOFREE char *token = parameter("pageToken", page_token);

    return ts_format("customer=my_customer&maxResults=%zu&orderBy=email&%s%s%s", limit, query,
                     search, token);
}
